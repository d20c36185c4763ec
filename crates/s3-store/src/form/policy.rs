//! What a form may send: its policy, a list of conditions that the owner of the key has signed.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use s3s::dto::{Timestamp, TimestampFormat};
use s3s::{S3Error, S3Result, s3_error};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fields::Fields;
use crate::clock::{Micros, timestamp};

/// A parsed policy.
pub(super) struct Policy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
    /// How long the file may be, in bytes, where the policy says so.
    pub(super) size_range: Option<RangeInclusive<u64>>,
}

/// What one field must be.
struct Condition {
    operator: Operator,
    /// In lower case, without the `$`.
    field: String,
    value: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Operator {
    Equal,
    StartsWith,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    expiration: String,
    conditions: Vec<Value>,
}

impl Policy {
    /// Reads the value of the field `policy`, which was bounded with the other fields.
    pub(super) fn parse(base64: &str) -> S3Result<Policy> {
        let bytes = BASE64_STANDARD.decode(base64).map_err(|_| invalid("it is no base64"))?;
        let Document { expiration, conditions } =
            serde_json::from_slice(&bytes).map_err(|error| invalid(&error.to_string()))?;
        let expiration = Timestamp::parse(TimestampFormat::DateTime, &expiration);
        let expiration = expiration.map_err(|_| invalid("its expiration is no ISO 8601 time in UTC"))?;
        let mut policy = Policy { expiration, conditions: Vec::new(), size_range: None };
        conditions.iter().try_for_each(|condition| policy.add(condition))?;
        Ok(policy)
    }

    fn add(&mut self, condition: &Value) -> S3Result<()> {
        let odd = || invalid(&format!("the condition {condition} is none that S3 knows"));
        match condition {
            Value::Object(pair) if pair.len() == 1 => {
                let (name, value) = pair.iter().next().ok_or_else(odd)?;
                let value = value.as_str().ok_or_else(odd)?;
                self.conditions.push(Condition::new(Operator::Equal, name, value));
            }
            Value::Array(parts) => match &parts[..] {
                [Value::String(operator), min, max] if operator.eq_ignore_ascii_case("content-length-range") => {
                    let (min, max) = (number(min).ok_or_else(odd)?, number(max).ok_or_else(odd)?);
                    // Of several ranges, all must hold.
                    let (floor, ceiling) = self.size_range.clone().map_or((0, u64::MAX), RangeInclusive::into_inner);
                    self.size_range = Some(min.max(floor)..=max.min(ceiling));
                }
                [Value::String(operator), Value::String(name), Value::String(value)] => {
                    let operator = Operator::parse(operator).ok_or_else(odd)?;
                    let name = name.strip_prefix('$').ok_or_else(odd)?;
                    self.conditions.push(Condition::new(operator, name, value));
                }
                _ => return Err(odd()),
            },
            _ => return Err(odd()),
        }
        Ok(())
    }

    /// Whether the fields are what the policy wants, and nothing else.
    pub(super) fn check(&self, fields: &Fields, now: Micros) -> S3Result<()> {
        if self.expiration <= timestamp(now) {
            return Err(refused("Policy expired."));
        }
        if let Some(broken) = self.conditions.iter().find(|condition| !condition.holds(fields)) {
            return Err(refused(&format!("Policy Condition failed: {}", broken.text())));
        }
        let is_named = |name: &str| self.conditions.iter().any(|condition| condition.field == name);
        let is_free = |name: &str| matches!(name, "policy" | "x-amz-signature") || name.starts_with("x-ignore-");
        match fields.keys().find(|name| !is_free(name) && !is_named(name)) {
            Some(extra) => Err(refused(&format!("Extra input fields: {extra}"))),
            None => Ok(()),
        }
    }
}

impl Operator {
    fn parse(name: &str) -> Option<Operator> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("eq") {
            Some(Operator::Equal)
        } else if is("starts-with") {
            Some(Operator::StartsWith)
        } else {
            None
        }
    }
}

impl Condition {
    fn new(operator: Operator, name: &str, value: &str) -> Condition {
        Condition { operator, field: name.to_ascii_lowercase(), value: value.to_owned() }
    }

    fn holds(&self, fields: &Fields) -> bool {
        let Some(value) = fields.get(&self.field) else { return false };
        match self.operator {
            Operator::Equal => *value == self.value,
            // Several types in one field: each of them must be among those that are meant.
            Operator::StartsWith if self.field == "content-type" => {
                value.split(',').all(|one| one.trim_start().starts_with(&self.value))
            }
            Operator::StartsWith => value.starts_with(&self.value),
        }
    }

    /// As the policy's author wrote it, or could have.
    fn text(&self) -> String {
        let operator = if self.operator == Operator::Equal { "eq" } else { "starts-with" };
        json!([operator, format!("${}", self.field), self.value]).to_string()
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn invalid(why: &str) -> S3Error {
    s3_error!(InvalidPolicyDocument, "Invalid Policy: {why}.")
}

fn refused(why: &str) -> S3Error {
    s3_error!(AccessDenied, "Invalid according to Policy: {why}")
}
