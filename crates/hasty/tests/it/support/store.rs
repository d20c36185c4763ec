//! Whoever holds the store's key pair: an operator's S3 tool, or an attacker's wish.

use hasty::Clock;
use http::Method;
use rusty_s3::signing::sign;
use url::Url;

use super::{Answer, Call, Client};

const TTL_SECS: u64 = 60;

pub struct StoreClient {
    client: Client,
    endpoint: Url,
    key_pair: (&'static str, &'static str),
}

impl StoreClient {
    pub fn new(client: Client, endpoint: Url, key_pair: (&'static str, &'static str)) -> StoreClient {
        StoreClient { client, endpoint, key_pair }
    }

    /// The keys in the bucket.
    pub async fn keys(&self) -> Vec<String> {
        let url = self.sign(rusty_s3::Method::Get, "/hasty-media", &[("list-type", "2")]);
        let answer = self.client.get(url.as_str()).answer().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        keys(answer.text())
    }

    /// Uploads in parts that are neither complete nor aborted: the keys that they are for.
    pub async fn open_uploads(&self) -> Vec<String> {
        let url = self.sign(rusty_s3::Method::Get, "/hasty-media", &[("uploads", "")]);
        let answer = self.client.get(url.as_str()).answer().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        keys(answer.text())
    }

    /// Aborts uploads in parts, as a bucket's lifecycle rule does. Answers how many there were.
    pub async fn abort_uploads(&self) -> usize {
        let url = self.sign(rusty_s3::Method::Get, "/hasty-media", &[("uploads", "")]);
        let list = self.client.get(url.as_str()).answer().await;
        let between = |text: &str, tag: &str| {
            let start = text.split_once(&format!("<{tag}>")).unwrap().1;
            start.split_once(&format!("</{tag}>")).unwrap().0.to_owned()
        };
        let uploads: Vec<&str> = list.text().split("<Upload>").skip(1).collect();
        for upload in &uploads {
            let path = format!("/hasty-media/{}", between(upload, "Key"));
            let url = self.sign(rusty_s3::Method::Delete, &path, &[("uploadId", &between(upload, "UploadId"))]);
            assert_eq!(self.client.delete(url.as_str()).answer().await.status, 204, "{path}");
        }
        uploads.len()
    }

    pub async fn get(&self, key: &str) -> Answer {
        let url = self.sign(rusty_s3::Method::Get, &format!("/hasty-media/{key}"), &[]);
        self.client.get(url.as_str()).answer().await
    }

    pub async fn put(&self, key: &str, bytes: &[u8]) -> Answer {
        let url = self.sign(rusty_s3::Method::Put, &format!("/hasty-media/{key}"), &[]);
        self.client.call(Method::PUT, url.as_str()).body(bytes.to_vec()).answer().await
    }

    pub async fn delete(&self, key: &str) {
        let url = self.sign(rusty_s3::Method::Delete, &format!("/hasty-media/{key}"), &[]);
        assert_eq!(self.client.delete(url.as_str()).answer().await.status, 204, "{key}");
    }

    /// Replaces the bucket's CORS rules.
    pub async fn set_cors(&self, bucket: &str, rules: &'static str) {
        let url = self.sign(rusty_s3::Method::Put, &format!("/{bucket}"), &[("cors", "")]);
        let answer = self.client.call(Method::PUT, url.as_str()).body(rules).answer().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// The list of buckets.
    pub async fn buckets(&self) -> Answer {
        self.client.get(self.sign(rusty_s3::Method::Get, "/", &[]).as_str()).answer().await
    }

    fn sign(&self, method: rusty_s3::Method, path: &str, query: &[(&str, &str)]) -> Url {
        let (id, secret) = self.key_pair;
        let url = self.endpoint.join(path).unwrap();
        let query = query.iter().copied();
        sign(&Clock::system().timestamp(), method, url, id, secret, None, "us-east-1", TTL_SECS, query, [].into_iter())
    }
}

fn keys(list: &str) -> Vec<String> {
    let after_each_tag = list.split("<Key>").skip(1);
    after_each_tag.map(|text| text.split("</Key>").next().unwrap().to_owned()).collect()
}
