//! A guest who sends a large file in parts.

use std::ops::Range;

use http::Method;
use serde_json::{Value, json};

use super::{Answer, Call, Guest, exactly, photo, sha256, signed};

/// Of the parts of small files.
pub const PART_BYTES: usize = 8 << 20;

/// A file that storage takes in parts.
#[derive(Clone)]
pub struct Large {
    pub id: i64,
    pub bytes: Vec<u8>,
    part_size: usize,
}

impl Large {
    pub fn parts(&self) -> u64 {
        self.bytes.len().div_ceil(self.part_size) as u64
    }

    /// The bytes of one part.
    pub fn part(&self, number: u64) -> &[u8] {
        let start = (number as usize - 1) * self.part_size;
        &self.bytes[Range { start, end: self.bytes.len().min(start + self.part_size) }]
    }
}

impl Guest {
    /// Asks to send these bytes in parts.
    pub async fn sign_large(&self, filename: &str, bytes: Vec<u8>) -> Large {
        let mut body = exactly(filename, "image/jpeg", &bytes);
        body["multipart"] = json!(true);
        let answer = self.policy(&body).await.json(200);
        assert_eq!(answer["url"], Value::Null, "{answer}");
        let part_size = answer["multipart"]["part_size"].as_u64().unwrap() as usize;
        let large = Large { id: answer["file_id"].as_i64().unwrap(), bytes, part_size };
        assert_eq!(answer["multipart"]["parts"], large.parts());
        large
    }

    pub async fn sign_parts(&self, id: i64, parts: &Value) -> Answer {
        self.post("/api/files/parts/", &json!({"file": id, "parts": parts})).await
    }

    /// Signs one part over its hash, and PUTs it into storage.
    pub async fn put_part(&self, large: &Large, number: u64) {
        let hash = sha256(large.part(number));
        let answer = self.put_part_as(large.id, number, &hash, large.part(number)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Signs one part over this hash, and PUTs whatever bytes.
    pub async fn put_part_as(&self, id: i64, number: u64, hash: &str, bytes: &[u8]) -> Answer {
        let answer = self.sign_parts(id, &json!([{"number": number, "sha256": hash}])).await.json(200);
        let part = &answer["parts"][0];
        assert_eq!((&part["number"], &part["method"]), (&json!(number), &json!("PUT")));
        let mut item = part.clone();
        item["file_id"] = json!(id);
        self.put(&signed(&item), bytes).await
    }

    pub async fn put_parts(&self, large: &Large) {
        for number in 1..=large.parts() {
            self.put_part(large, number).await;
        }
    }

    pub async fn parts(&self, id: i64) -> Answer {
        self.get(&format!("/api/files/{id}/parts/")).answer().await
    }

    /// The numbers of the parts that are stored.
    pub async fn stored_parts(&self, id: i64) -> Vec<u64> {
        let answer = self.parts(id).await.json(200);
        answer["stored"].as_array().unwrap().iter().map(|part| part["number"].as_u64().unwrap()).collect()
    }

    pub async fn abort_parts(&self, id: i64) -> Answer {
        self.call(Method::DELETE, &format!("/api/files/{id}/parts/")).answer().await
    }
}

/// A photo with something behind it: three parts, the last one small. Another number gives other bytes.
pub fn film(number: u64) -> Vec<u8> {
    let photo = photo(number);
    photo.repeat(2 * PART_BYTES / photo.len() + 2)
}
