//! An HTTP client that follows no redirect and hides nothing.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Method, Uri};
use reqwest::RequestBuilder;
use serde_json::Value;
use url::Url;

use super::{Answer, BodyType};

const TIMEOUT: Duration = Duration::from_secs(40);

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Client {
    pub fn new(base: Url) -> Client {
        let redirect = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().timeout(TIMEOUT).redirect(redirect).build().unwrap();
        Client { http, base }
    }

    /// A path of the server with its query, or a whole URL.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.base.join(path).unwrap())
    }

    /// Of the server.
    pub fn url(&self) -> Url {
        self.base.clone()
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.call(Method::POST, path)
    }

    pub fn delete(&self, path: &str) -> RequestBuilder {
        self.call(Method::DELETE, path)
    }
}

/// What a request can be given, and how it is sent.
pub trait Call: Sized {
    fn json(self, body: &Value) -> Self;
    fn fields(self, body_type: BodyType, fields: &[(&str, &str)]) -> Self;
    async fn answer(self) -> Answer;
}

impl Call for RequestBuilder {
    fn json(self, body: &Value) -> RequestBuilder {
        self.header(CONTENT_TYPE, "application/json").body(body.to_string())
    }

    fn fields(self, body_type: BodyType, fields: &[(&str, &str)]) -> RequestBuilder {
        let (content_type, body) = body_type.write(fields);
        self.header(CONTENT_TYPE, content_type).body(body)
    }

    async fn answer(self) -> Answer {
        let response = self.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap() }
    }
}

/// The path and query of a link.
pub fn path_and_query(link: &str) -> String {
    link.parse::<Uri>().unwrap().path_and_query().unwrap().to_string()
}
