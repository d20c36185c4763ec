//! A guest, who holds the token of an invitation.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use url::Url;

use super::{Answer, Call, Client};

#[derive(Clone)]
pub struct Guest {
    pub client: Client,
    pub token: String,
    /// The `upload_link` of the invitation.
    pub link: String,
}

/// A signed upload.
#[derive(Clone, Debug)]
pub struct Signed {
    pub id: i64,
    pub url: Url,
    /// What the answer says that the client must set.
    pub headers: Vec<(String, String)>,
}

impl Guest {
    pub fn new(client: Client, token: &str, link: &str) -> Guest {
        Guest { client, token: token.to_owned(), link: link.to_owned() }
    }

    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.call(method, path).bearer_auth(&self.token)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.call(Method::GET, path)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path).json(body).answer().await
    }

    /// Asks for a link that signs nothing about the file, as the original's clients do.
    pub async fn sign(&self, filename: &str) -> Signed {
        self.sign_with(&json!({"filename": filename})).await
    }

    pub async fn sign_with(&self, body: &Value) -> Signed {
        signed(&self.policy(body).await.json(200))
    }

    /// Asks for a link that only exactly these bytes fit.
    pub async fn sign_exactly(&self, filename: &str, content_type: &str, bytes: &[u8]) -> Signed {
        self.sign_with(&exactly(filename, content_type, bytes)).await
    }

    pub async fn policy(&self, body: &Value) -> Answer {
        self.post("/api/files/policy/", body).await
    }

    /// PUTs into storage what was signed.
    pub async fn put(&self, signed: &Signed, bytes: &[u8]) -> Answer {
        self.put_with(signed, bytes, &[]).await
    }

    /// ... with more headers, or others than the ones that were signed.
    pub async fn put_with(&self, signed: &Signed, bytes: &[u8], headers: &[(&str, &str)]) -> Answer {
        let given = |name: &str| headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        let mut call = self.client.call(Method::PUT, signed.url.as_str()).body(bytes.to_vec());
        for (name, value) in signed.headers.iter().filter(|(name, _)| !given(name)) {
            call = call.header(name, value);
        }
        headers.iter().fold(call, |call, (name, value)| call.header(*name, *value)).answer().await
    }

    pub async fn complete(&self, id: i64) -> Answer {
        self.complete_with(&json!({"file": id})).await
    }

    pub async fn complete_with(&self, body: &Value) -> Answer {
        self.post("/api/files/complete/", body).await
    }

    /// The whole way: policy, PUT, complete. Answers the image's id.
    pub async fn upload(&self, filename: &str, content_type: &str, bytes: &[u8]) -> i64 {
        let signed = self.sign_exactly(filename, content_type, bytes).await;
        let put = self.put(&signed, bytes).await;
        assert_eq!(put.status, 200, "{}", put.text());
        self.complete(signed.id).await.is(200, &format!(r#"{{"id":{},"saved":true}}"#, signed.id));
        signed.id
    }

    pub async fn upload_jpeg(&self, filename: &str, bytes: &[u8]) -> i64 {
        self.upload(filename, "image/jpeg", bytes).await
    }

    pub async fn images(&self) -> Vec<Value> {
        self.get("/api/images/").answer().await.json(200).as_array().unwrap().clone()
    }

    pub async fn image(&self, id: i64) -> Value {
        self.get(&format!("/api/images/{id}/")).answer().await.json(200)
    }

    /// The image once the server has found out what it is.
    pub async fn settled(&self, id: i64) -> Value {
        let limit = Instant::now() + Duration::from_secs(60);
        loop {
            let image = self.image(id).await;
            if image["state"] == "ready" || image["state"] == "rejected" {
                return image;
            }
            assert!(Instant::now() < limit, "nobody examines it: {image}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn delete(&self, id: i64) -> Answer {
        self.call(Method::DELETE, &format!("/api/images/{id}/")).answer().await
    }

    /// What `image_link` answers.
    pub async fn download(&self, id: i64) -> Bytes {
        let image = self.image(id).await;
        let answer = self.client.get(image["image_link"].as_str().unwrap()).answer().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.body
    }
}

/// A policy's body with all that can be signed about a file.
pub fn exactly(filename: &str, content_type: &str, bytes: &[u8]) -> Value {
    json!({"filename": filename, "size": bytes.len(), "type": content_type, "sha256": sha256(bytes)})
}

/// In hex.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// An item of a policy's answer.
pub fn signed(item: &Value) -> Signed {
    let headers = item["headers"].as_object().into_iter().flatten();
    Signed {
        id: item["file_id"].as_i64().unwrap_or_else(|| panic!("no link: {item}")),
        url: item["url"].as_str().unwrap().parse().unwrap(),
        headers: headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
    }
}
