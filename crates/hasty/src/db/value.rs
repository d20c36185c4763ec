//! The few types that both engines store, and how a row is read back, column by column.

use super::DbError;
use crate::clock::Micros;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
}

/// A row of a result: its columns are taken from left to right.
pub struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub fn new(values: Vec<Value>) -> Row {
        Row(values.into_iter())
    }

    /// The next column.
    pub fn take<T: FromValue>(&mut self) -> Result<T, DbError> {
        let value = self.0.next().ok_or_else(|| DbError::Failed("a row has too few columns".into()))?;
        T::from_value(value)
    }
}

/// A Rust type that a column can be read into.
pub trait FromValue: Sized {
    fn from_value(value: Value) -> Result<Self, DbError>;
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Result<i64, DbError> {
        match value {
            Value::Int(int) => Ok(int),
            other => Err(DbError::Failed(format!("a column holds {other:?} where an integer belongs"))),
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<String, DbError> {
        match value {
            Value::Text(text) => Ok(text),
            _ => Err(DbError::Failed("a column holds no text where text belongs".into())),
        }
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Result<bool, DbError> {
        i64::from_value(value).map(|int| int != 0)
    }
}

impl FromValue for Micros {
    fn from_value(value: Value) -> Result<Micros, DbError> {
        i64::from_value(value).map(Micros)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Option<T>, DbError> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Value {
        Value::Int(int)
    }
}

impl From<Micros> for Value {
    fn from(moment: Micros) -> Value {
        Value::Int(moment.0)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(option: Option<T>) -> Value {
        option.map_or(Value::Null, Into::into)
    }
}
