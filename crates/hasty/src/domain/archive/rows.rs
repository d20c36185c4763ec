//! Rows in a file: a line of JSON each, the name of its table and its columns.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use metadata::FileType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::Wanted;
use crate::clock::Micros;
use crate::db::rows::{self, Mark, TABLES};
use crate::db::{Db, DbError, Tx, Value};
use crate::error::Error;
use crate::storage::key::{Shape, preview_keys};

/// Every row of a database, as of one moment.
pub struct RowsFile(PathBuf);

/// What was written down.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Of the tables.
    pub version: i64,
    /// Of the database, at that moment.
    pub mark: Mark,
    pub seal: Seal,
}

/// What tells whether a file of rows is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    pub rows: u64,
    /// Hex, of the whole file.
    #[serde(rename = "rows_sha256")]
    pub sha256: String,
}

struct Line {
    table: &'static str,
    columns: Vec<String>,
    values: Vec<Value>,
}

impl RowsFile {
    pub fn at(path: impl Into<PathBuf>) -> RowsFile {
        RowsFile(path.into())
    }

    /// The file is there once it is whole, also after a power cut.
    pub async fn write(path: PathBuf, db: &Db) -> Result<(RowsFile, Contents), Error> {
        let target = path.clone();
        let contents = db.read(move |tx| write(tx, &target)).await?;
        Ok((RowsFile(path), contents))
    }

    /// As the file is now. Reads all of it; blocks.
    pub fn seal(&self) -> io::Result<Seal> {
        let (mut file, mut hash, mut rows) = (BufReader::new(File::open(&self.0)?), Sha256::new(), 0);
        loop {
            let chunk = file.fill_buf()?;
            if chunk.is_empty() {
                return Ok(Seal { rows, sha256: hex::encode(hash.finalize()) });
            }
            hash.update(chunk);
            rows += chunk.iter().filter(|byte| **byte == b'\n').count() as u64;
            let len = chunk.len();
            file.consume(len);
        }
    }

    /// What the database that was written down agreed upon under this name.
    pub fn agreement(&self, name: &str) -> Result<Option<String>, Error> {
        for line in self.lines()? {
            let line = line?;
            if line.table == "agreements" && line.text("name") == Some(name) {
                return Ok(line.text("value").map(str::to_owned));
            }
        }
        Ok(None)
    }

    /// The objects that the rows name, as they come.
    pub fn wanted(&self) -> Result<impl Iterator<Item = Result<Wanted, Error>> + use<>, Error> {
        let lines = self.lines()?;
        Ok(lines.flat_map(|line| match line.and_then(|line| line.wanted()) {
            Ok(wanted) => wanted.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        }))
    }

    /// All rows at once, into tables that hold none. False: there are invitations already.
    pub async fn load(&self, db: &Db, now: Micros) -> Result<bool, Error> {
        let lines = self.lines()?;
        db.write(move |tx| {
            if !rows::is_empty(tx)? {
                return Ok(false);
            }
            rows::clear(tx)?;
            for line in lines {
                let line = line?;
                rows::load(tx, line.table, &line.columns, &line.values)?;
            }
            rows::settle(tx, now)?;
            Ok(true)
        })
        .await
    }

    fn lines(&self) -> Result<impl Iterator<Item = Result<Line, Error>> + Send + use<>, Error> {
        let lines = BufReader::new(File::open(&self.0)?).lines();
        Ok(lines.map(|line| Line::parse(&line?)))
    }
}

fn write(tx: &mut Tx, path: &Path) -> Result<Contents, Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut out = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
    let (mut count, mut hash) = (0, Sha256::new());
    let mut failed = Ok(());
    let mut take = |table: &'static str, columns: &[String], values: Vec<Value>| {
        count += 1;
        let row: Map<String, Json> = columns.iter().cloned().zip(values.into_iter().map(json)).collect();
        let line = format!("{}\n", Json::Object(Map::from_iter([(table.to_owned(), Json::Object(row))])));
        hash.update(&line);
        failed = out.write_all(line.as_bytes());
        // It ends the reading; the disk's own words go on.
        if failed.is_ok() { Ok(()) } else { Err(DbError::Failed("the rows cannot be written".into())) }
    };
    let dumped = rows::dump(tx, &mut take);
    failed?;
    let version = dumped?;
    let mark = rows::mark(tx)?;
    let part = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    part.as_file().sync_all()?;
    part.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()?;
    Ok(Contents { version, mark, seal: Seal { rows: count, sha256: hex::encode(hash.finalize()) } })
}

fn json(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Int(int) => int.into(),
        Value::Text(text) => text.into(),
    }
}

impl Line {
    fn parse(line: &str) -> Result<Line, Error> {
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "the file of rows is damaged");
        let parsed: Map<String, Json> = serde_json::from_str(line).map_err(|_| broken())?;
        let (name, row) = parsed.into_iter().next().ok_or_else(broken)?;
        let table = TABLES.into_iter().find(|table| *table == name).ok_or_else(broken)?;
        let Json::Object(row) = row else { return Err(broken().into()) };
        let (columns, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
        let is_name = |column: &String| {
            column.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
        };
        if !columns.iter().all(is_name) {
            return Err(broken().into());
        }
        let value = |value| match value {
            Json::Null => Ok(Value::Null),
            Json::String(text) => Ok(Value::Text(text)),
            other => other.as_i64().map(Value::Int).ok_or_else(broken),
        };
        let values = values.into_iter().map(value).collect::<Result<_, _>>()?;
        Ok(Line { table, columns, values })
    }

    fn get(&self, column: &str) -> Option<&Value> {
        self.columns.iter().position(|name| name == column).and_then(|place| self.values.get(place))
    }

    fn text(&self, column: &str) -> Option<&str> {
        match self.get(column) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn int(&self, column: &str) -> i64 {
        match self.get(column) {
            Some(Value::Int(int)) => *int,
            _ => 0,
        }
    }

    /// Fails over a key that nothing here makes: a name in a folder can lead out of it.
    fn wanted(&self) -> Result<Vec<Wanted>, Error> {
        let Some(key) = self.text("photo_key") else { return Ok(Vec::new()) };
        let photo = |is_shown| Wanted {
            key: key.to_owned(),
            content_type: photo_type(key),
            sha256: self.text("sha256").map(str::to_owned),
            is_shown,
        };
        let wanted = match self.table {
            // Once examined, what an image shows is its content's.
            "images" if self.text("state") == Some("uploaded") => vec![photo(true)],
            "contents" if self.int("doomed") == 0 => {
                let is_shown = self.int("refs") > 0;
                let previews = self.text("previews").map(|content_type| {
                    let preview = |key| Wanted { key, content_type: content_type.to_owned(), sha256: None, is_shown };
                    preview_keys(key).into_iter().flatten().map(preview)
                });
                [photo(is_shown)].into_iter().chain(previews.into_iter().flatten()).collect()
            }
            _ => Vec::new(),
        };
        if wanted.is_empty() || key.starts_with("photos/") && Shape::of(key).is_some() {
            return Ok(wanted);
        }
        let words = format!("the rows name an object that no server makes: {}", key.escape_debug());
        Err(io::Error::new(io::ErrorKind::InvalidData, words).into())
    }
}

fn photo_type(key: &str) -> String {
    let extension = key.rsplit_once('.').and_then(|(_, extension)| FileType::from_extension(extension));
    extension.map_or("application/octet-stream", FileType::mime).to_owned()
}
