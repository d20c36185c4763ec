//! GetObjectAttributes: what HEAD says, and the parts that a multipart object was made of.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html>

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::listing::page_size;
use super::{Answer, buckets, size};
use crate::checksum::set_checksums;
use crate::clock::timestamp;
use crate::index;
use crate::index::contents::Piece;
use crate::index::objects::{self, Object};
use crate::inner::Inner;

pub(super) async fn get_object_attributes(
    inner: &Arc<Inner>,
    request: S3Request<GetObjectAttributesInput>,
) -> Answer<GetObjectAttributesOutput> {
    let input = request.input;
    buckets::existing(inner, &input.bucket)?;
    let wants =
        |name: &str| input.object_attributes.iter().any(|list| list.as_str().split(',').any(|one| one.trim() == name));
    let max_parts = page_size(input.max_parts)?;
    let marker = input.part_number_marker.unwrap_or_default();
    let (bucket, key) = (input.bucket, input.key);
    let find = move |tx: &rusqlite::Connection| {
        let object = objects::find(tx, &bucket, &key)?.ok_or(S3ErrorCode::NoSuchKey)?;
        let pieces = objects::list_pieces(tx, &object)?;
        Ok((object, pieces))
    };
    let (object, pieces) = index::read(&inner.index, find).await?;
    let is_multipart = object.etag.contains('-');
    let parts = (is_multipart && wants(ObjectAttributes::OBJECT_PARTS)).then(|| parts(&pieces, marker, max_parts));
    Ok(S3Response::new(GetObjectAttributesOutput {
        e_tag: wants(ObjectAttributes::ETAG).then(|| super::etag(&object.etag)),
        checksum: wants(ObjectAttributes::CHECKSUM).then(|| checksum(&object)),
        object_size: wants(ObjectAttributes::OBJECT_SIZE).then(|| size(object.size_bytes)),
        object_parts: parts,
        storage_class: wants(ObjectAttributes::STORAGE_CLASS)
            .then(|| StorageClass::from_static(StorageClass::STANDARD)),
        last_modified: Some(timestamp(object.modified_at)),
        ..GetObjectAttributesOutput::default()
    }))
}

fn checksum(object: &Object) -> Checksum {
    let mut checksum = Checksum { checksum_type: Some(object.checksums.checksum_type()), ..Checksum::default() };
    set_checksums!(checksum, &object.checksums.sums);
    checksum
}

/// Numbered from 1 in the order of the object's bytes, as GET's `partNumber` counts them.
fn parts(pieces: &[Piece], marker: i32, max_parts: i32) -> GetObjectAttributesParts {
    let numbered = (1..).zip(pieces).skip_while(|(number, _)| *number <= marker);
    let limit = usize::try_from(max_parts).unwrap_or_default();
    let parts: Vec<ObjectPart> = numbered
        .take(limit)
        .map(|(number, piece)| {
            let mut part =
                ObjectPart { part_number: Some(number), size: Some(size(piece.size_bytes)), ..ObjectPart::default() };
            set_checksums!(part, &piece.sums);
            part
        })
        .collect();
    let total = i32::try_from(pieces.len()).unwrap_or(i32::MAX);
    let last = parts.last().and_then(|part| part.part_number).unwrap_or(marker);
    GetObjectAttributesParts {
        // A page of nothing has no end to go on from.
        is_truncated: Some(limit > 0 && last < total),
        max_parts: Some(max_parts),
        next_part_number_marker: Some(last),
        part_number_marker: Some(marker),
        parts: Some(parts),
        total_parts_count: Some(total),
    }
}
