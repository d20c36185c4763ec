//! A multipart upload, as a client makes one.

use http::Method;

use super::request::Answer;
use super::{TestStore, path_of};

/// One upload under the key `big`.
pub struct Upload<'a> {
    pub store: &'a TestStore,
    pub id: String,
}

impl<'a> Upload<'a> {
    pub async fn create(store: &'a TestStore, headers: &[(&str, &str)]) -> Upload<'a> {
        let mut create = store.request(Method::POST, &path_of("big")).query("uploads", "");
        for (name, value) in headers {
            create = create.header(name, value);
        }
        let created = create.send().await;
        assert_eq!(created.status, 200, "{}", created.text());
        Upload { store, id: created.first("UploadId") }
    }

    pub async fn put(&self, number: usize, body: &[u8]) -> Answer {
        let part = self.store.request(Method::PUT, &path_of("big")).query("partNumber", &number.to_string());
        part.query("uploadId", &self.id).body(body).send().await
    }

    pub async fn complete(&self, parts: &[(usize, &str)]) -> Answer {
        let parts: String = parts
            .iter()
            .map(|(number, etag)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"))
            .collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        self.store.request(Method::POST, &path_of("big")).query("uploadId", &self.id).body(body).send().await
    }

    pub async fn list(&self, query: &[(&str, &str)]) -> Answer {
        let mut list = self.store.request(Method::GET, &path_of("big")).query("uploadId", &self.id);
        for (name, value) in query {
            list = list.query(name, value);
        }
        list.send().await
    }
}
