//! Webhooks across `kill -9` and restarts: told at least once, under one id, and never of what did not happen.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;

use crate::{
    instance::{Client, Instance},
    receiver::Receiver,
};

/// An instance that may send to the receiver.
fn instance(receiver: &Receiver) -> Instance {
    let instance = Instance::with_credits(9);
    std::fs::write(instance.data().join("magicpixels.toml"), receiver.settings()).unwrap();
    instance
}

async fn submit(client: &Client, receiver: &Receiver) -> String {
    let body = json!({"mode": "audio", "voice_text": "Tell me.", "voice_id": "hibari", "webhook_url": receiver.url()});
    let (status, job) = client.send(reqwest::Method::POST, "/v1/jobs", Some(&body)).await;
    assert_eq!(status, 201, "{job}");
    job["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_loses_no_webhook_and_changes_no_id() {
    for (point, expected) in [("before_settle_commit", 1), ("after_settle", 1), ("before_webhook_record", 2)] {
        let receiver = Receiver::start().await;
        let instance = instance(&receiver);
        let key = instance.key();
        let mut server = instance.serve(Some(point));
        let id = submit(&Client { url: server.url.clone(), key: key.clone() }, &receiver).await;
        server.wait_for_death();

        let server = instance.serve(None);
        let client = Client { url: server.url.clone(), key };
        assert_eq!(client.finish(&id).await["status"], "completed", "{point}");
        receiver.wait_for(expected).await;
        let logged = loop {
            let logged = client.get("/v1/webhooks/deliveries").await["data"].clone();
            if logged[0]["status"] == "delivered" {
                break logged;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        };
        assert_eq!(logged.as_array().unwrap().len(), 1, "{point}: one end, one event");
        tokio::time::sleep(Duration::from_millis(500)).await;
        let received = receiver.received();
        let ids: BTreeSet<&str> = received.iter().map(|told| told.header("webhook-id")).collect();
        assert_eq!(ids, BTreeSet::from([logged[0]["id"].as_str().unwrap()]), "{point}");
        // After a crash in the worker the sender may have been quick enough to be repeated; after its own it was.
        assert!((expected..=2).contains(&received.len()), "{point}: {} requests", received.len());
        assert_eq!(received[0].json()["data"]["id"], json!(id));
    }
}
