//! A browser that talks JSON as the studio's scripts do: with the session's cookie, the CSRF token and its own origin.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Client, PASSWORD, Server};

/// What a browser of this machine says it is.
pub const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

pub struct Browser {
    client: Client,
    pub cookie: String,
    pub csrf_token: String,
}

impl Browser {
    pub fn new(server: &Server) -> Self {
        Self { client: server.stranger(), cookie: String::new(), csrf_token: String::new() }
    }

    /// A browser in which this person has signed in.
    pub async fn signed_in(server: &Server, email: &str) -> Self {
        let mut browser = Self::new(server);
        let body = json!({"email": email, "password": PASSWORD, "cookie": true});
        browser.send(Method::POST, "/v1/sessions", Some(body)).await.expect(201);
        browser
    }

    pub async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, path).header("user-agent", USER_AGENT);
        request = request.header("sec-fetch-site", "same-origin").header("cookie", &self.cookie);
        if !self.csrf_token.is_empty() {
            request = request.header("x-csrf-token", &self.csrf_token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = Answer::read(request).await;
        if let Some(cookie) = answer.headers.get("set-cookie") {
            let text = cookie.to_str().unwrap();
            assert!(text.contains("HttpOnly") && text.contains("SameSite=Lax") && text.contains("Path=/"), "{text}");
            text.split(';').next().unwrap().clone_into(&mut self.cookie);
        }
        if let Some(token) = serde_json::from_slice::<Value>(&answer.body).ok().and_then(|body| {
            let token = body.get("csrf_token")?.as_str()?;
            Some(token.to_owned())
        }) {
            self.csrf_token = token;
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }
}
