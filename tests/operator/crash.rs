//! `kill -9` at every named fail point, then a restart: nothing is lost, nothing is charged twice.

use crate::instance::{Client, Instance};
use serde_json::json;

async fn submit(client: &Client) -> String {
    let body = json!({"mode": "audio", "voice_text": "Nothing is lost.", "voice_id": "hibari"});
    let (status, job) = client.send(reqwest::Method::POST, "/v1/jobs", Some(&body)).await;
    assert_eq!(status, 201, "{job}");
    job["id"].as_str().unwrap().to_owned()
}

fn assert_sound(instance: &Instance) {
    let output = instance.run(&["ledger", "verify"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_point_charges_once_and_loses_nothing() {
    for point in magicpixels::failpoint::POINTS {
        let instance = Instance::with_credits(9);
        let key = instance.key();
        let mut server = instance.serve(Some(point));
        let id = submit(&Client { url: server.url.clone(), key: key.clone() }).await;
        server.wait_for_death();
        assert_sound(&instance);

        let server = instance.serve(None);
        let client = Client { url: server.url.clone(), key };
        let job = client.finish(&id).await;
        assert_eq!(job["status"], "completed", "{point}: {job}");
        assert_eq!(job["credits"]["charged"], 1, "{point}");
        let account = client.get("/v1/account").await;
        assert_eq!(account["credits_remaining"], 9, "{point}: one of ten credits was spent, once");
        let assets = client.get("/v1/assets").await;
        assert_eq!(assets["data"].as_array().unwrap().len(), 1, "{point}: one result");
        assert_sound(&instance);
        let doctor = instance.run(&["doctor"]);
        assert!(doctor.status.success(), "{point}: {}", String::from_utf8_lossy(&doctor.stdout));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_always_crashes_is_given_up_and_its_credits_come_back() {
    let instance = Instance::with_credits(9);
    let key = instance.key();
    let mut server = instance.serve(Some("after_claim"));
    let id = submit(&Client { url: server.url.clone(), key: key.clone() }).await;
    server.wait_for_death();
    for _ in 0..2 {
        instance.serve_until_death("after_claim");
    }
    let server = instance.serve(None);
    let client = Client { url: server.url.clone(), key };
    let job = client.finish(&id).await;
    assert_eq!((&job["status"], &job["error"]["code"]), (&json!("aborted"), &json!("attempts_exhausted")), "{job}");
    assert_eq!(client.get("/v1/account").await["credits_remaining"], 10);
    assert_sound(&instance);
}
