//! Signature Version 4, written after its specification and not after the code under test.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};

const REGION: &str = "eu-central-1";

/// What is signed.
pub struct Signing<'a> {
    pub method: &'a str,
    /// Percent-encoded.
    pub path: &'a str,
    /// Not encoded, without the signature's own parameters.
    pub query: Vec<(String, String)>,
    /// With `host`; lower-case names.
    pub headers: Vec<(String, String)>,
    pub time: Timestamp,
}

/// The signature of a header-signed request: the seed of its chunks' signatures too.
pub struct HeaderSignature {
    pub authorization: String,
    pub signature: String,
}

impl Signing<'_> {
    /// The query string of a presigned request.
    pub fn presign(mut self, expires_secs: u64) -> String {
        self.headers.sort();
        let own = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("X-Amz-Credential", format!("{ACCESS_KEY_ID}/{}", scope(self.time))),
            ("X-Amz-Date", amz_date(self.time)),
            ("X-Amz-Expires", expires_secs.to_string()),
            ("X-Amz-SignedHeaders", self.signed_headers()),
        ];
        self.query.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let query = canonical_query(&self.query);
        let signature = self.signature(&query, "UNSIGNED-PAYLOAD");
        format!("{query}&X-Amz-Signature={signature}")
    }

    /// The Authorization header; `x-amz-date` and `x-amz-content-sha256` must be among the headers.
    pub fn authorize(mut self) -> HeaderSignature {
        self.headers.sort();
        let payload = self.headers.iter().find(|(name, _)| name == "x-amz-content-sha256").expect("a payload hash");
        let signature = self.signature(&canonical_query(&self.query), &payload.1);
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/{}, SignedHeaders={}, Signature={signature}",
            scope(self.time),
            self.signed_headers()
        );
        HeaderSignature { authorization, signature }
    }

    fn signed_headers(&self) -> String {
        self.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
    }

    fn signature(&self, query: &str, payload: &str) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let (method, path, names) = (self.method, self.path, self.signed_headers());
        let canonical = format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{payload}");
        sign("AWS4-HMAC-SHA256", self.time, &hex::encode(Sha256::digest(canonical)))
    }
}

/// The signature of one chunk of an aws-chunked body.
pub fn sign_chunk(time: Timestamp, previous: &str, chunk: &[u8]) -> String {
    let empty = hex::encode(Sha256::digest(b""));
    let rest = format!("{previous}\n{empty}\n{}", hex::encode(Sha256::digest(chunk)));
    sign("AWS4-HMAC-SHA256-PAYLOAD", time, &rest)
}

/// The signature of the trailer after the last chunk; `trailer` is `name:value\n`.
pub fn sign_trailer(time: Timestamp, previous: &str, trailer: &str) -> String {
    let rest = format!("{previous}\n{}", hex::encode(Sha256::digest(trailer)));
    sign("AWS4-HMAC-SHA256-TRAILER", time, &rest)
}

pub fn amz_date(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Percent-encodes all but unreserved characters; in a path the slash stays.
pub fn encode(text: &str, keep: &str) -> String {
    let is_kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || keep.as_bytes().contains(&byte);
    text.bytes().map(|byte| if is_kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

pub fn canonical_query(query: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = query.iter().map(|(name, value)| (encode(name, ""), encode(value, ""))).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn scope(time: Timestamp) -> String {
    format!("{}/{REGION}/s3/aws4_request", time.strftime("%Y%m%d"))
}

pub fn credential(time: Timestamp) -> String {
    format!("{ACCESS_KEY_ID}/{}", scope(time))
}

fn sign(algorithm: &str, time: Timestamp, rest: &str) -> String {
    sign_text(time, &format!("{algorithm}\n{}\n{}\n{rest}", amz_date(time), scope(time)))
}

/// The signature of a form's policy, which is signed as it stands.
pub fn sign_policy(time: Timestamp, base64: &str) -> String {
    sign_text(time, base64)
}

fn sign_text(time: Timestamp, text: &str) -> String {
    let day = time.strftime("%Y%m%d").to_string();
    let mut key = format!("AWS4{SECRET_ACCESS_KEY}").into_bytes();
    for part in [day.as_str(), REGION, "s3", "aws4_request"] {
        key = hmac(&key, part.as_bytes());
    }
    hex::encode(hmac(&key, text.as_bytes()))
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}
