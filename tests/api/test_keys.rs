//! Test keys: every outcome on demand, no credit spent, nothing of it within reach of a live key.

use serde_json::json;

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn every_outcome_can_be_had_and_costs_nothing() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let body = |word: &str| json!({"mode": "text_to_image", "prompt": word});
    let ok = ada.test.job(body("a cup")).await;
    assert_eq!((&ok["livemode"], &ok["credits"]["held"]), (&json!(false), &json!(0)));
    assert_eq!(ada.test.finished(&ok).await["status"], "completed");
    for (word, code) in
        [("test:abort", "model_failed"), ("test:abort_input", "input_unusable"), ("test:abort_timeout", "timeout")]
    {
        let job = ada.test.job(body(word)).await;
        let job = ada.test.finished(&job).await;
        assert_eq!((&job["status"], &job["error"]["code"]), (&json!("aborted"), &json!(code)), "{word}");
    }
    ada.test.post("/v1/jobs", body("test:insufficient_credits")).await.refused(402, "insufficient_credits");
    ada.test.post("/v1/jobs", body("test:storage_full")).await.refused(507, "storage_full");
    for (word, code) in [("test:rate_limited", "rate_limited"), ("test:queue_full", "queue_full")] {
        let answer = ada.test.post("/v1/jobs", body(word)).await;
        answer.refused(429, code);
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    }
    assert_eq!(ada.test.credits().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn magic_words_mean_nothing_to_a_live_key() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    for word in ["test:abort", "test:insufficient_credits", "test:rate_limited", "test:queue_full"] {
        let job = ada.live.painted(word).await;
        assert_eq!(job["credits"]["charged"], 1, "{word} is a prompt like any other");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_test_request_gives_the_same_bytes() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let mut bytes = Vec::new();
    for _ in 0..2 {
        let job = ada.test.job(json!({"mode": "audio", "voice_text": "Hello.", "seed": 3})).await;
        let job = ada.test.finished(&job).await;
        bytes.push(ada.test.get(job["result_asset_url"].as_str().unwrap()).await.body);
    }
    assert_eq!(bytes[0], bytes[1]);
}
