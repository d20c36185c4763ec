//! A client of a store on a port.

use std::net::SocketAddr;

use http::Method;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::request::{Answer, Request, TestBody};
use super::{BUCKET, path_of};

pub struct S3Client {
    pub addr: SocketAddr,
    pub http: Client<HttpConnector, TestBody>,
}

impl S3Client {
    /// Keeps so many connections open between requests.
    pub fn new(addr: SocketAddr, max_idle: usize) -> S3Client {
        S3Client { addr, http: Client::builder(TokioExecutor::new()).pool_max_idle_per_host(max_idle).build_http() }
    }

    /// A request that will be signed, to a path that is not percent-encoded yet.
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        Request::new(self, method, path)
    }

    pub async fn put(&self, key: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.request(Method::PUT, &path_of(key)).body(body).send().await
    }

    pub async fn get(&self, key: &str) -> Answer {
        self.request(Method::GET, &path_of(key)).send().await
    }

    pub async fn head(&self, key: &str) -> Answer {
        self.request(Method::HEAD, &path_of(key)).send().await
    }

    pub async fn delete(&self, key: &str) -> Answer {
        self.request(Method::DELETE, &path_of(key)).send().await
    }

    /// All keys of the bucket, as ListObjectsV2 names them on its first page.
    pub async fn keys(&self) -> Vec<String> {
        let answer = self.request(Method::GET, &format!("/{BUCKET}")).query("list-type", "2").send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.all("Key")
    }
}
