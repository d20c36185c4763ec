//! Links for readers: a presigned GET each. A list signs hundreds of them, so what their signatures share is made once.
//!
//! AWS Signature Version 4 in the query, as "Authenticating Requests: Using Query Parameters" of Amazon S3's API
//! Reference has it.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use url::Url;

use super::Storage;

/// All but RFC 3986's unreserved letters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Signs links to objects of one bucket, for one moment.
pub struct Links {
    /// `https://host:port`
    origin: String,
    /// `/bucket/`
    folder: String,
    /// All of the query but the signature.
    query: String,
    /// What a canonical request says behind its query.
    rest: String,
    /// What stands before the hash of the canonical request.
    preface: String,
    key: Hmac<Sha256>,
}

impl Storage {
    /// `page` is the origin that the browser sees the server at.
    pub fn links(&self, page: &Url, ttl: Duration) -> Links {
        let now = self.clock.timestamp();
        let (day, moment) = (now.strftime("%Y%m%d").to_string(), now.strftime("%Y%m%dT%H%M%SZ").to_string());
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let credential = format!("{}/{scope}", self.access_key_id);
        let origin = self.browser_endpoint(page).origin().ascii_serialization();
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        Links {
            folder: format!("/{}/", self.bucket),
            query: format!(
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={moment}&X-Amz-Expires={}&X-Amz-SignedHeaders=host",
                utf8_percent_encode(&credential, ESCAPED),
                ttl.as_secs()
            ),
            rest: format!("\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"),
            preface: format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n"),
            key: keyed(&self.signing_key(&day)),
            origin,
        }
    }

    fn signing_key(&self, day: &str) -> [u8; 32] {
        let secret = format!("AWS4{}", self.secret_access_key);
        let next = |key: &[u8], text: &str| keyed(key).chain_update(text).finalize().into_bytes();
        let day_key = next(secret.as_bytes(), day);
        next(&next(&next(&day_key, &self.region), "s3"), "aws4_request").into()
    }
}

impl Links {
    /// A link to the object under `key`: letters, digits, `/`, `-` and `.` only, as all of our keys.
    pub fn get(&self, key: &str) -> String {
        let Links { origin, folder, query, rest, preface, .. } = self;
        let request = Sha256::new()
            .chain_update("GET\n")
            .chain_update(folder)
            .chain_update(key)
            .chain_update("\n")
            .chain_update(query)
            .chain_update(rest)
            .finalize();
        let mut digits = [0; 64];
        let signature = self.key.clone().chain_update(preface).chain_update(in_hex(&request, &mut digits));
        let signature = signature.finalize().into_bytes();
        [origin, folder, key, "?", query, "&X-Amz-Signature=", in_hex(&signature, &mut digits)].concat()
    }
}

fn in_hex<'a>(digest: &[u8], digits: &'a mut [u8; 64]) -> &'a str {
    hex::encode_to_slice(digest, digits).expect("a digest has 32 bytes");
    std::str::from_utf8(digits).expect("digits are ASCII")
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::super::Server;
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn a_link_is_signed_as_every_other_request() {
        let (key, ttl) = ("photos/00ff.jpg", Duration::from_secs(86_400));
        for page in ["http://127.0.0.1:8000", "https://photos.example.com", "https://[2001:db8::1]:8443/"] {
            let page = Url::parse(page).unwrap();
            let storage = storage(page.clone());
            let one = storage.presign(http::Method::GET, storage.object_url(&page, key), &[], &[], ttl);
            assert_eq!(storage.links(&page, ttl).get(key), one.as_str());
        }
    }

    fn storage(endpoint: Url) -> Storage {
        let (client, public_endpoint) = (reqwest::Client::new(), endpoint.clone());
        Storage {
            server: Server::External { client, endpoint, public_endpoint },
            bucket: "hasty-media".into(),
            region: "eu-central-1".into(),
            access_key_id: "key+id/with=signs~.-_".into(),
            secret_access_key: "secret".into(),
            clock: Clock::new(|| "2026-01-02T03:04:05.6Z".parse().unwrap()),
        }
    }
}
