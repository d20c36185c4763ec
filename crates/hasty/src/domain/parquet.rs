//! A table of all photos in Apache Parquet's format, for DuckDB, Spark and their like.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use serde_json::{Value, json};

use crate::db::Db;
use crate::db::exports::{self, Exported};
use crate::domain::claim;
use crate::error::Error;

/// Rows in memory at a time, each some hundred bytes.
const GROUP: usize = 10_000;
/// What these weigh before there are no more of them: where a guest fills every field, a row has 80 kB of JSON.
const GROUP_BYTES: usize = 16 << 20;
/// Rows that are read at a time.
const PAGE: i64 = 200;

#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// A list, as JSON writes it.
    Json,
    Int,
    Real,
    /// Microseconds since 1970, UTC.
    Moment,
}

/// Columns, each of which may be null; those that are no row's own are fields of its metadata.
const COLUMNS: [(&str, Kind); 32] = [
    ("id", Kind::Int),
    ("invitation", Kind::Text),
    ("name", Kind::Text),
    ("file_type", Kind::Text),
    ("size_bytes", Kind::Int),
    ("sha256", Kind::Text),
    ("key", Kind::Text),
    ("arrived_at", Kind::Moment),
    ("width", Kind::Int),
    ("height", Kind::Int),
    ("orientation", Kind::Int),
    ("taken_at", Kind::Text),
    ("make", Kind::Text),
    ("model", Kind::Text),
    ("software", Kind::Text),
    ("lens_make", Kind::Text),
    ("lens", Kind::Text),
    ("iso", Kind::Int),
    ("exposure_time", Kind::Text),
    ("aperture_value", Kind::Text),
    ("focal_length", Kind::Text),
    ("flash", Kind::Text),
    ("latitude", Kind::Real),
    ("longitude", Kind::Real),
    ("altitude", Kind::Real),
    ("title", Kind::Text),
    ("caption", Kind::Text),
    ("creator", Kind::Text),
    ("keywords", Kind::Json),
    ("rating", Kind::Real),
    ("perceptual_hash", Kind::Int),
    ("warnings", Kind::Text),
];

/// What a row has in each of [`COLUMNS`].
type Cells = Vec<Value>;

/// Writes all photos that are ready, by their ids, and answers how many. Those that come meanwhile may be among them. The
/// file is there once it is whole.
pub async fn export(db: &Db, path: &Path, on_progress: &mut (dyn FnMut(u64) + Send)) -> Result<u64> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let part =
        tempfile::NamedTempFile::new_in(folder).with_context(|| format!("cannot write in {}", folder.display()))?;
    let schema = Arc::new(parse_message_type(&schema())?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(part.reopen()?, schema, Arc::new(properties))?;
    let (mut after, mut count, mut is_last) = (0, 0, false);
    while !is_last {
        let (mut group, mut bytes): (Vec<Cells>, usize) = (Vec::new(), 0);
        while group.len() < GROUP && bytes < GROUP_BYTES && !is_last {
            let page: Vec<Exported> = db.read(move |tx| exports::list(tx, after, PAGE).map_err(Error::from)).await?;
            is_last = page.len() < PAGE as usize;
            after = page.last().map_or(after, |last| last.id);
            bytes += page.iter().map(|photo| photo.metadata.len()).sum::<usize>();
            group.extend(page.into_iter().map(row));
            on_progress(count + group.len() as u64);
        }
        write_group(&mut writer, &group)?;
        count += group.len() as u64;
    }
    writer.close()?;
    part.as_file().sync_all()?;
    part.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    File::open(folder)?.sync_all()?;
    Ok(count)
}

fn schema() -> String {
    let column = |(name, kind): &(&str, Kind)| match kind {
        Kind::Text => format!("optional binary {name} (STRING);"),
        Kind::Json => format!("optional binary {name} (JSON);"),
        Kind::Int => format!("optional int64 {name};"),
        Kind::Real => format!("optional double {name};"),
        Kind::Moment => format!("optional int64 {name} (TIMESTAMP(MICROS,true));"),
    };
    format!("message image {{ {} }}", COLUMNS.iter().map(column).collect::<String>())
}

fn row(photo: Exported) -> Cells {
    let mut row = claim::stored(&photo.metadata);
    let Exported { id, invitation, name, file_type, size_bytes, sha256, key, arrived_at, warnings, .. } = photo;
    let own = json!({
        "id": id, "invitation": invitation, "name": name, "file_type": file_type, "size_bytes": size_bytes,
        "sha256": sha256, "key": key, "arrived_at": arrived_at, "warnings": warnings,
        "perceptual_hash": photo.perceptual_hash,
    });
    row.extend(own.as_object().cloned().unwrap_or_default());
    COLUMNS.iter().map(|(name, _)| row.remove(*name).unwrap_or_default()).collect()
}

fn write_group(writer: &mut SerializedFileWriter<File>, rows: &[Cells]) -> Result<()> {
    let mut group = writer.next_row_group()?;
    for (place, (_, kind)) in COLUMNS.into_iter().enumerate() {
        let mut column = group.next_column()?.context("the schema has fewer columns")?;
        write_column(&mut column, kind, rows.iter().map(|row| &row[place]))?;
        column.close()?;
    }
    group.close()?;
    Ok(())
}

fn write_column<'a>(
    column: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    values: impl Iterator<Item = &'a Value>,
) -> Result<()> {
    // A definition level of 1 is a value, 0 is none.
    fn split<'a, T>(
        values: impl Iterator<Item = &'a Value>,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> (Vec<T>, Vec<i16>) {
        let (mut found, mut levels) = (Vec::new(), Vec::new());
        for value in values {
            let value = read(value);
            levels.push(i16::from(value.is_some()));
            found.extend(value);
        }
        (found, levels)
    }
    match kind {
        Kind::Text => {
            let (texts, levels) = split(values, |value| value.as_str().map(ByteArray::from));
            column.typed::<ByteArrayType>().write_batch(&texts, Some(&levels), None)?;
        }
        Kind::Json => {
            let json = |value: &Value| (!value.is_null()).then(|| ByteArray::from(value.to_string().as_str()));
            let (texts, levels) = split(values, json);
            column.typed::<ByteArrayType>().write_batch(&texts, Some(&levels), None)?;
        }
        Kind::Int | Kind::Moment => {
            let (ints, levels) = split(values, Value::as_i64);
            column.typed::<Int64Type>().write_batch(&ints, Some(&levels), None)?;
        }
        Kind::Real => {
            let (reals, levels) = split(values, Value::as_f64);
            column.typed::<DoubleType>().write_batch(&reals, Some(&levels), None)?;
        }
    }
    Ok(())
}
