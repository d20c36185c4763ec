//! Contents: the sequences of blobs that objects show and uploads fill. Copies share one by counting references.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use uuid::Uuid;

use super::row_sum::{check_sum, row_sum};
use crate::blobs::BlobId;
use crate::checksum::Sums;
use crate::clock::Micros;
use crate::error::Error;

/// The most pieces of a content, and the highest number of one: S3 allows 10,000 parts.
pub(crate) const MAX_PIECES: usize = 10_000;

/// The row id of a content.
pub(crate) type ContentId = i64;

/// One blob of a content.
#[derive(Clone)]
pub(crate) struct Piece {
    /// The part number; 1 for a PUT.
    pub(crate) number: i32,
    pub(crate) blob_id: BlobId,
    pub(crate) size_bytes: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) sums: Sums,
    pub(crate) stored_at: Micros,
    /// The CRC64NVME of each block of the blob.
    pub(crate) block_sums: Vec<u64>,
}

/// Inserts an empty content with one reference.
pub(crate) fn insert(tx: &Connection) -> Result<ContentId, Error> {
    tx.prepare_cached("INSERT INTO contents (refs) VALUES (1)")?.execute([])?;
    Ok(tx.last_insert_rowid())
}

/// Adds a piece, in the place of one with the same number.
pub(crate) fn put_piece(tx: &Connection, content: ContentId, piece: &Piece) -> Result<(), Error> {
    discard_piece(tx, content, piece.number)?;
    let sql =
        "INSERT INTO pieces (content_id, number, blob_id, size_bytes, md5, checksums, stored_at, block_sums, row_sum)
               VALUES (:content, :number, :blob, :size, :md5, :checksums, :stored, :blocks, :sum)";
    let checksums = serde_json::to_string(&piece.sums)?;
    let block_sums: Vec<u8> = piece.block_sums.iter().flat_map(|sum| sum.to_be_bytes()).collect();
    tx.prepare_cached(sql)?.execute(named_params! {
        ":content": content,
        ":number": piece.number,
        ":blob": piece.blob_id.as_bytes(),
        ":size": to_sql(piece.size_bytes),
        ":md5": piece.md5,
        ":checksums": checksums,
        ":stored": piece.stored_at,
        ":blocks": block_sums,
        ":sum": sum_of(content, piece, &checksums, &block_sums),
    })?;
    Ok(())
}

/// Takes a piece out; its file becomes trash.
pub(crate) fn discard_piece(tx: &Connection, content: ContentId, number: i32) -> Result<(), Error> {
    discard_pieces(tx, content, i64::from(number)..=i64::from(number))
}

/// Takes out the pieces with these numbers; their files become trash. What a damaged row names stays, since it may be
/// another object's file: the next start sets aside what nothing shows.
fn discard_pieces(tx: &Connection, content: ContentId, numbers: RangeInclusive<i64>) -> Result<(), Error> {
    let sql = "DELETE FROM pieces WHERE content_id = ?1 AND number BETWEEN ?2 AND ?3
               RETURNING number, blob_id, size_bytes, md5, checksums, stored_at, block_sums, row_sum";
    let mut delete = tx.prepare_cached(sql)?;
    let mut insert = tx.prepare_cached("INSERT INTO trash (blob_id, content_id) VALUES (?1, ?2)")?;
    let mut rows = delete.query(params![content, numbers.start(), numbers.end()])?;
    while let Some(row) = rows.next()? {
        if let Ok(piece) = parse(row, content) {
            insert.execute(params![piece.blob_id.as_bytes(), content])?;
        }
    }
    Ok(())
}

/// The pieces in the order of their numbers, after `after_number`, at most `limit`.
pub(crate) fn list_pieces(
    tx: &Connection,
    content: ContentId,
    after_number: i32,
    limit: usize,
) -> Result<Vec<Piece>, Error> {
    let sql = "SELECT number, blob_id, size_bytes, md5, checksums, stored_at, block_sums, row_sum FROM pieces
               WHERE content_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query(params![content, after_number, to_sql(limit as u64)])?;
    let mut pieces = Vec::new();
    while let Some(row) = rows.next()? {
        let piece = parse(row, content).map_err(|_| {
            let number = row.get::<_, i64>(0).unwrap_or_default();
            Error::Damaged(format!("the row of its part {number} is not what was stored"))
        })?;
        pieces.push(piece);
    }
    Ok(pieces)
}

fn parse(row: &Row<'_>, content: ContentId) -> Result<Piece, Error> {
    let checksums = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
    let block_sums = row.get_ref(6)?.as_blob().map_err(rusqlite::Error::from)?;
    let piece = Piece {
        number: row.get(0)?,
        blob_id: Uuid::from_bytes(row.get(1)?),
        size_bytes: from_sql(row.get(2)?),
        md5: row.get(3)?,
        sums: serde_json::from_str(checksums)?,
        stored_at: row.get(5)?,
        block_sums: block_sums.as_chunks().0.iter().map(|sum| u64::from_be_bytes(*sum)).collect(),
    };
    check_sum(row.get(7)?, sum_of(content, &piece, checksums, block_sums))?;
    Ok(piece)
}

/// The row's checksum; `checksums` and `block_sums` are what the row holds of them.
fn sum_of(content: ContentId, piece: &Piece, checksums: &str, block_sums: &[u8]) -> i64 {
    row_sum(&[
        &content.to_be_bytes(),
        &piece.number.to_be_bytes(),
        piece.blob_id.as_bytes(),
        &piece.size_bytes.to_be_bytes(),
        &piece.md5,
        checksums.as_bytes(),
        &piece.stored_at.to_be_bytes(),
        block_sums,
    ])
}

/// Whether copies share the content.
pub(crate) fn is_shared(tx: &Connection, content: ContentId) -> Result<bool, Error> {
    let sql = "SELECT refs FROM contents WHERE id = ?1";
    let refs: Option<i64> = tx.prepare_cached(sql)?.query_row([content], |row| row.get(0)).optional()?;
    Ok(refs.is_some_and(|refs| refs > 1))
}

/// Counts one more reference.
pub(crate) fn retain(tx: &Connection, content: ContentId) -> Result<(), Error> {
    tx.prepare_cached("UPDATE contents SET refs = refs + 1 WHERE id = ?1")?.execute([content])?;
    Ok(())
}

/// Counts one reference less; after the last one, the pieces are trash.
pub(crate) fn release(tx: &Connection, content: ContentId) -> Result<(), Error> {
    let sql = "UPDATE contents SET refs = refs - 1 WHERE id = ?1 RETURNING refs";
    let refs: Option<i64> = tx.prepare_cached(sql)?.query_row([content], |row| row.get(0)).optional()?;
    // Without its row (it is damaged), nobody knows who else shows it: its files stay.
    if refs != Some(0) {
        return Ok(());
    }
    discard_pieces(tx, content, i64::MIN..=i64::MAX)?;
    tx.prepare_cached("DELETE FROM contents WHERE id = ?1")?.execute([content])?;
    Ok(())
}

/// Whether any blob is named.
pub(crate) fn has_blobs(tx: &Connection) -> Result<bool, Error> {
    Ok(tx.prepare_cached("SELECT 1 FROM pieces LIMIT 1")?.exists([])?)
}

/// Content, number and blob of each piece after this one, at most `limit`.
pub(crate) fn list_blobs(
    tx: &Connection,
    after: (ContentId, i32),
    limit: usize,
) -> Result<Vec<(ContentId, i32, BlobId)>, Error> {
    let sql = "SELECT content_id, number, blob_id FROM pieces
               WHERE (content_id, number) > (?1, ?2) ORDER BY content_id, number LIMIT ?3";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map(params![after.0, after.1, to_sql(limit as u64)], |row| {
        Ok((row.get(0)?, row.get(1)?, Uuid::from_bytes(row.get(2)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Trash whose file may still be there, with the content that it was part of; at most `limit`.
pub(crate) fn list_trash(tx: &Connection, after: BlobId, limit: usize) -> Result<Vec<(BlobId, ContentId)>, Error> {
    let sql = "SELECT blob_id, content_id FROM trash WHERE blob_id > ?1 ORDER BY blob_id LIMIT ?2";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map(params![after.as_bytes(), to_sql(limit as u64)], |row| {
        Ok((Uuid::from_bytes(row.get(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets trash whose file is gone.
pub(crate) fn delete_trash(tx: &Connection, blobs: &[BlobId]) -> Result<(), Error> {
    let mut statement = tx.prepare_cached("DELETE FROM trash WHERE blob_id = ?1")?;
    for blob in blobs {
        statement.execute([blob.as_bytes()])?;
    }
    Ok(())
}

/// SQLite's integers are signed; no size here comes near their end.
pub(crate) fn to_sql(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

pub(crate) fn from_sql(size: i64) -> u64 {
    u64::try_from(size).unwrap_or_default()
}
