//! A receiver of webhooks as an integrator would write one: it verifies what it is sent, by its own computation.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// How the receiver behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It answers with this status.
    Answer(u16),
    /// It takes the request and never answers.
    Hang,
    /// It sends whoever comes to this path of its own.
    Redirect,
}

/// What arrived, once.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

struct Inner {
    manner: Mutex<Manner>,
    received: Mutex<Vec<Received>>,
}

/// A running receiver.
pub struct Receiver {
    pub origin: String,
    inner: Arc<Inner>,
}

impl Receiver {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner { manner: Mutex::new(Manner::Answer(204)), received: Mutex::default() });
        let router = Router::new().fallback(receive).with_state(inner.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, inner }
    }

    /// Settings under which the appliance sends here.
    pub fn settings(&self) -> String {
        format!("[webhooks]\nallow = [\"{}\"]\nallow_private = true\n", self.origin)
    }

    pub fn url(&self) -> String {
        format!("{}/hook", self.origin)
    }

    pub fn behave(&self, manner: Manner) {
        *self.inner.manner.lock().unwrap() = manner;
    }

    pub fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    /// Waits until so many requests have come.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        for _ in 0..600 {
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} of {count} webhooks came", self.received().len());
    }
}

async fn receive(
    State(inner): State<Arc<Inner>>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    inner.received.lock().unwrap().push(Received { path: uri.path().into(), headers, body: body.to_vec() });
    let manner = *inner.manner.lock().unwrap();
    match manner {
        Manner::Answer(status) => (StatusCode::from_u16(status).unwrap(), HeaderMap::new()),
        Manner::Hang => std::future::pending().await,
        Manner::Redirect => {
            let headers = [("location".parse().unwrap(), "/elsewhere".parse().unwrap())].into_iter().collect();
            (StatusCode::TEMPORARY_REDIRECT, headers)
        }
    }
}

/// HMAC-SHA256 as RFC 2104 writes it, from the hash alone.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let pad = |byte: u8| -> Vec<u8> {
        let mut block = vec![byte; 64];
        block.iter_mut().zip(key).for_each(|(pad, key)| *pad ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether one of the signatures is this secret's.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut message = format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp")).into_bytes();
        message.extend_from_slice(&self.body);
        let expected = format!("v1,{}", STANDARD.encode(hmac_sha256(&key, &message)));
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}
