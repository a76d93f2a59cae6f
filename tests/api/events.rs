//! Server-sent events of a job.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Client, Server};

/// The whole stream: names and snapshots, as they came.
async fn follow(client: &Client, id: &str) -> Vec<(String, Value)> {
    let answer = Answer::read(client.request(Method::GET, &format!("/v1/jobs/{id}/events"))).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/event-stream"));
    let text = answer.text();
    let events = text.split("\n\n").filter(|event| event.contains("data:"));
    events
        .map(|event| {
            let line = |name: &str| {
                let found = event.lines().find_map(|line| line.strip_prefix(name));
                found.map(|text| text.trim_start().to_owned()).unwrap_or_default()
            };
            (line("event:"), serde_json::from_str(&line("data:")).unwrap_or(Value::String(line("data:"))))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_come_as_the_job_goes_on_and_end_with_it() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let job = ada.test.job(json!({"mode": "text_to_image", "prompt": "test:slow"})).await;
    let id = job["id"].as_str().unwrap();
    let started = Instant::now();
    let events = follow(&ada.test, id).await;
    assert!(events.iter().all(|(name, _)| name == "job"));
    let (_, last) = events.last().unwrap();
    assert_eq!(*last, ada.test.get(&format!("/v1/jobs/{id}")).await.expect(200), "polling tells the same");
    assert_eq!(last["status"], "completed");
    let fractions: Vec<f64> = events.iter().filter_map(|(_, job)| job["progress"]["fraction"].as_f64()).collect();
    assert!(fractions.len() >= 2 && fractions.is_sorted(), "{fractions:?}");
    let most = started.elapsed().as_secs_f64() / 0.25 + 3.0;
    assert!((events.len() as f64) < most, "{} events are more than a few a second", events.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_job_is_told_once_and_a_deleted_one_ends_the_stream() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 1).await;
    let job = ada.live.painted("a cup").await;
    let events = follow(&ada.live, job["id"].as_str().unwrap()).await;
    assert_eq!(events, [("job".to_owned(), job)]);

    let first = ada.test.job(json!({"mode": "text_to_image", "prompt": "test:slow"})).await;
    ada.test.running(&first).await;
    let queued = ada.test.job(json!({"mode": "text_to_image", "prompt": "test:slow"})).await;
    let id = queued["id"].as_str().unwrap().to_owned();
    let (client, path) = (ada.test.clone(), format!("/v1/jobs/{id}"));
    let watching = tokio::spawn(async move { follow(&client, &id).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    ada.test.delete(&path).await.expect(204);
    let events = watching.await.unwrap();
    assert_eq!(events.last().unwrap().0, "deleted", "{events:?}");
}
