//! `Idempotency-Key`: sent twice, done once.

use std::time::Duration;

use magicpixels::domain::clock::{Clock, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Client, Server};

async fn submit(client: &Client, key: &str, body: &Value) -> Answer {
    Answer::read(client.request(Method::POST, "/v1/jobs").header("idempotency-key", key).json(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_answered_again_and_charged_once() {
    let clock = Clock::standing_at(Timestamp::parse("2026-11-22T10:00:00Z").unwrap());
    let server = Server::with_clock("", clock.clone()).await;
    let ada = server.person("ada@example.com", 10).await;
    let bob = server.person("bob@example.com", 10).await;
    let body = json!({"mode": "text_to_image", "prompt": "a cup"});
    let first = submit(&ada.live, "k1", &body).await;
    let job = first.expect(201);
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = submit(&ada.live, "k1", &body).await;
    assert_eq!((again.expect(201), again.header("idempotency-replayed")), (job.clone(), "true"));
    ada.live.finished(&job).await;
    assert_eq!(ada.live.credits().await, 10, "one of eleven was charged");

    let other = json!({"mode": "text_to_image", "prompt": "a jug"});
    submit(&ada.live, "k1", &other).await.refused(422, "idempotency_mismatch");
    assert_ne!(submit(&ada.live, "k2", &body).await.expect(201)["id"], job["id"]);
    assert_ne!(submit(&bob.live, "k1", &body).await.expect(201)["id"], job["id"], "a key is its account's own");
    clock.advance(Duration::from_hours(25));
    assert_ne!(submit(&ada.live, "k1", &body).await.expect(201)["id"], job["id"], "forgotten after a day");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_may_be_corrected_under_its_key() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    submit(&ada.live, "k", &json!({"mode": "text_to_image"})).await.refused(422, "invalid_fields");
    submit(&ada.live, "k", &json!({"mode": "text_to_image", "prompt": "a cup"})).await.expect(201);
    let long = "k".repeat(256);
    submit(&ada.live, &long, &json!({"mode": "text_to_image", "prompt": "a cup"})).await.refused(400, "malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_make_one_job() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 50).await;
    let body = json!({"mode": "text_to_image", "prompt": "a cup"});
    let sent = (0..16).map(|_| {
        let (client, body) = (ada.live.clone(), body.clone());
        tokio::spawn(async move { submit(&client, "once", &body).await })
    });
    let mut ids = std::collections::BTreeSet::new();
    for answer in sent.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        match answer.status.as_u16() {
            201 => drop(ids.insert(answer.json()["id"].as_str().unwrap().to_owned())),
            _ => drop(answer.refused(409, "idempotency_in_flight")),
        }
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(ada.live.get("/v1/jobs").await.expect(200)["data"].as_array().unwrap().len(), 1);
}
