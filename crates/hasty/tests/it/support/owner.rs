//! The owner, who signs every request with the owner key.

use http::Method;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{Answer, Call, Client, Guest};

pub struct Owner {
    pub client: Client,
    key: &'static str,
}

impl Owner {
    pub fn new(client: Client, key: &'static str) -> Owner {
        Owner { client, key }
    }

    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.call(method, path).bearer_auth(self.key)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.call(Method::POST, path)
    }

    /// Makes or extends an invitation and answers its guest.
    pub async fn invite(&self, email: &str) -> Guest {
        let invitation = self.invite_with(&json!({"email": email})).await.json(201);
        self.guest_of(&invitation)
    }

    pub async fn invite_with(&self, body: &Value) -> Answer {
        self.post("/api/invitation/").json(body).answer().await
    }

    /// The holder of this invitation's token.
    pub fn guest_of(&self, invitation: &Value) -> Guest {
        Guest::new(
            self.client.clone(),
            invitation["token"].as_str().unwrap(),
            invitation["upload_link"].as_str().unwrap(),
        )
    }

    pub async fn invitations(&self) -> Vec<Value> {
        let list = self.get("/api/invitation/").answer().await.json(200);
        list.as_array().unwrap().clone()
    }

    /// The invitation's public id, by the token of its guest.
    pub async fn invitation_id(&self, guest: &Guest) -> String {
        let invitations = self.invitations().await;
        let own = invitations.iter().find(|invitation| invitation["token"] == guest.token.as_str()).unwrap();
        own["id"].as_str().unwrap().to_owned()
    }

    pub async fn revoke(&self, guest: &Guest) {
        let path = format!("/api/invitation/{}/", self.invitation_id(guest).await);
        self.call(Method::DELETE, &path).answer().await.is(204, "");
    }

    pub async fn stats(&self) -> Value {
        self.get("/api/stats/").answer().await.json(200)
    }

    /// Of one invitation.
    pub async fn stats_of(&self, guest: &Guest) -> Value {
        let path = format!("/api/stats/?invitation={}", self.invitation_id(guest).await);
        self.get(&path).answer().await.json(200)
    }

    pub async fn images(&self) -> Vec<Value> {
        self.get("/api/images/").answer().await.json(200).as_array().unwrap().clone()
    }
}
