//! Jobs: what they tell, how they are listed, cancelled and deleted, and what is refused before anything is charged.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Server};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_job_tells_everything_a_client_needs() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let body = json!({"mode": "text_to_image", "prompt": "a cup", "seed": 7, "metadata": {"order": "42"}});
    let answer = ada.live.post("/v1/jobs", body).await;
    let job = answer.expect(201);
    let id = job["id"].as_str().unwrap();
    assert!(id.starts_with("job_"));
    assert_eq!(answer.header("location"), format!("/v1/jobs/{id}"));
    assert_eq!(job["credits"], json!({"held": 1, "charged": 0}));
    assert_eq!(job["urls"]["self"], format!("{}/v1/jobs/{id}", server.base));
    assert_eq!(job["urls"]["events"], format!("{}/v1/jobs/{id}/events", server.base));
    assert_eq!(job["urls"]["cancel"], format!("{}/v1/jobs/{id}/cancel", server.base));
    assert_eq!((&job["seed"], &job["metadata"]["order"]), (&json!(7), &json!("42")));
    assert!(job["estimated_seconds"].as_f64().unwrap() > 0.0);
    let done = ada.live.finished(&job).await;
    for field in
        ["result_asset_id", "result_asset_url", "model", "model_digest", "timings", "started_at", "finished_at"]
    {
        assert!(!done[field].is_null(), "{field}: {done}");
    }
    assert_eq!(done["request"]["prompt"], "a cup");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_request_gives_the_same_bytes_again() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let first = ada.live.painted("a cup").await;
    let again = ada.live.job(first["request"].clone()).await;
    let again = ada.live.finished(&again).await;
    assert_eq!(first["seed"], again["seed"]);
    let bytes = |job: &Value| job["result_asset_url"].as_str().unwrap().to_owned();
    let (a, b) = (ada.live.get(&bytes(&first)).await, ada.live.get(&bytes(&again)).await);
    assert_eq!((a.status.as_u16(), &a.body), (200, &b.body));
    let other = ada.live.painted("a different cup").await;
    assert_ne!(ada.live.get(&bytes(&other)).await.body, a.body);
}

/// Every request here is refused before anything is charged.
#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_refused_by_name_and_charge_nothing() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 100).await;
    let image = ada.live.picture().await;
    let sound = ada.live.upload("audio", "a.wav", crate::server::wav(0.3)).await.expect(201)["id"].clone();
    let before = ada.live.credits().await;
    for (body, field, code) in [
        (json!([]), "", "type"),
        (json!("text"), "", "type"),
        (json!({}), "mode", "missing"),
        (json!({"mode": "text_to_imag", "prompt": "x"}), "mode", "invalid"),
        (json!({"mode": "text_to_image"}), "prompt", "missing"),
        (json!({"mode": "text_to_image", "prompt": ""}), "prompt", "empty"),
        (json!({"mode": "text_to_image", "prompt": " \n\t"}), "prompt", "empty"),
        (json!({"mode": "text_to_image", "prompt": 5}), "prompt", "type"),
        (json!({"mode": "text_to_image", "prompt": "x", "promt": "y"}), "promt", "unknown"),
        (json!({"mode": "text_to_image", "prompt": "x", "webhook_url": "http://x"}), "webhook_url", "unsupported"),
        (json!({"mode": "text_to_image", "prompt": "x", "width": -1}), "width", "out_of_range"),
        (json!({"mode": "text_to_image", "prompt": "x", "width": 1e9}), "width", "out_of_range"),
        (json!({"mode": "text_to_image", "prompt": "x", "seed": 4_294_967_296_u64}), "seed", "out_of_range"),
        (json!({"mode": "text_to_image", "prompt": "x", "format": "exe"}), "format", "invalid"),
        (json!({"mode": "text_to_image", "prompt": "x", "metadata": {"a": 1}}), "metadata", "type"),
        (
            json!({"mode": "text_to_image", "prompt": "x", "input_image_asset_id": image}),
            "input_image_asset_id",
            "unknown",
        ),
        (json!({"mode": "image_to_image", "prompt": "x"}), "input_image_asset_id", "missing"),
        (
            json!({"mode": "image_to_image", "prompt": "x", "input_image_asset_id": "image_asset_id"}),
            "input_image_asset_id",
            "invalid",
        ),
        (
            json!({"mode": "image_to_image", "prompt": "x", "input_image_asset_id": sound}),
            "input_image_asset_id",
            "wrong_kind",
        ),
        (json!({"mode": "audio"}), "voice_text", "missing"),
        (json!({"mode": "audio", "voice_text": "x", "speed": 5}), "speed", "out_of_range"),
        (
            json!({"mode": "image_to_video", "input_image_asset_id": image, "audio_asset_id": image}),
            "audio_asset_id",
            "wrong_kind",
        ),
    ] {
        for path in ["/v1/jobs", "/v1/quote"] {
            let faults = ada.live.post(path, body.clone()).await.faults();
            assert!(faults.contains(&(field.into(), code.into())), "{body}: {faults:?}");
        }
    }
    for (field, name) in [("voice_id", "nobody"), ("model", "none")] {
        let faults = ada.live.post("/v1/jobs", json!({"mode": "audio", "voice_text": "x", field: name})).await.faults();
        assert_eq!(faults[0].0, field);
    }
    let missing = magicpixels::domain::ids::AssetId::new();
    let body = json!({"mode": "image_to_image", "prompt": "x", "input_image_asset_id": missing});
    let answer = ada.live.post("/v1/jobs", body).await;
    assert!([404, 422].contains(&answer.status.as_u16()), "{}", answer.text());
    assert_eq!(ada.live.credits().await, before);
    assert_eq!(ada.live.get("/v1/jobs").await.expect(200)["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_come_at_once() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let body = json!({"mode": "text_to_image", "promt": "a cup", "width": "wide", "seed": -1});
    let answer = ada.live.post("/v1/jobs", body).await;
    let mut names: Vec<String> = answer.faults().into_iter().map(|(field, _)| field).collect();
    names.sort();
    assert_eq!(names, ["prompt", "promt", "seed", "width"]);
    assert!(answer.text().contains("Did you mean `prompt`?"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_cancelled_before_it_is_deleted() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let job = ada.test.job(json!({"mode": "text_to_image", "prompt": "test:slow"})).await;
    let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    ada.test.running(&job).await;
    ada.test.delete(&path).await.refused(409, "job_running");
    let cancelled = ada.test.post(&format!("{path}/cancel"), json!({})).await.expect(200);
    assert_eq!((&cancelled["status"], &cancelled["error"]["code"]), (&json!("aborted"), &json!("cancelled")));
    ada.test.post(&format!("{path}/cancel"), json!({})).await.refused(409, "job_finished");
    ada.test.delete(&path).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_what_the_job_holds_and_charges_nothing() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 1000).await;
    let image = ada.live.picture().await;
    let body = json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": "Hello from the studio."});
    let before = ada.live.credits().await;
    let quote = ada.live.post("/v1/quote", body.clone()).await.expect(200);
    assert_eq!(ada.live.credits().await, before);
    assert!(quote["estimated_seconds"].as_f64().unwrap() > 0.0 && quote["duration_seconds"].as_f64().unwrap() > 0.0);
    let job = ada.live.job(body).await;
    assert_eq!(job["credits"]["held"], quote["credits"]);
    assert!(ada.live.finished(&job).await["credits"]["charged"].as_u64() <= quote["credits"].as_u64());
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_by_status_mode_and_time_and_in_pieces() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let cup = ada.live.painted("a cup").await;
    let jug = ada.live.painted("a jug").await;
    let job = ada.live.job(json!({"mode": "audio", "voice_text": "Hi"})).await;
    let voice = ada.live.finished(&job).await;
    let ids =
        |list: Value| -> Vec<Value> { list["data"].as_array().unwrap().iter().map(|job| job["id"].clone()).collect() };
    let moment = jug["created_at"].as_str().unwrap();
    for (query, expected) in [
        (String::new(), vec![&voice, &jug, &cup]),
        ("?mode=audio".into(), vec![&voice]),
        ("?status=completed&mode=text_to_image".into(), vec![&jug, &cup]),
        ("?status=aborted".into(), vec![]),
        ("?limit=1".into(), vec![&voice]),
        (format!("?after={}", jug["id"].as_str().unwrap()), vec![&cup]),
        (format!("?created_before={moment}"), vec![&cup]),
        (format!("?created_after={moment}"), vec![&voice]),
    ] {
        let listed = ids(ada.live.get(&format!("/v1/jobs{query}")).await.expect(200));
        assert_eq!(listed, expected.into_iter().map(|job| job["id"].clone()).collect::<Vec<_>>(), "{query}");
    }
    assert_eq!(ada.live.get("/v1/jobs?limit=1").await.expect(200)["has_more"], true);
    for bad in ["?status=done", "?mode=x", "?created_after=yesterday", "?limit=101", "?limit=-1", "?page=2"] {
        assert_eq!(ada.live.get(&format!("/v1/jobs{bad}")).await.faults().len(), 1, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_says_when_to_come_back() {
    let server = Server::with("[limits]\nqueued_jobs_per_account = 1\n").await;
    let ada = server.person("ada@example.com", 0).await;
    // The first runs (and goes on for seconds), the second waits, the third finds no room.
    let first = ada.test.job(json!({"mode": "text_to_image", "prompt": "test:slow"})).await;
    ada.test.running(&first).await;
    let second = ada.test.post("/v1/jobs", json!({"mode": "text_to_image", "prompt": "test:slow"})).await;
    let third = ada.test.post("/v1/jobs", json!({"mode": "text_to_image", "prompt": "test:slow"})).await;
    second.expect(201);
    third.refused(429, "queue_full");
    assert!(third.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bodies_are_told_apart() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let send = |kind: &'static str, body: Vec<u8>| {
        let request = ada.live.request(Method::POST, "/v1/jobs").header("content-type", kind).body(body);
        Answer::read(request)
    };
    let good = br#"{"mode": "text_to_image", "prompt": "a cup"}"#.to_vec();
    send("text/plain", good.clone()).await.refused(415, "unsupported_media_type");
    send("application/x-www-form-urlencoded", good.clone()).await.refused(415, "unsupported_media_type");
    send("application/json", b"{\"mode\": ".to_vec()).await.refused(400, "invalid_json");
    send("application/json", b"\xff\xfe".to_vec()).await.refused(400, "invalid_json");
    send("application/json", Vec::new()).await.refused(400, "invalid_json");
    send("application/json", "[".repeat(10_000).into_bytes()).await.refused(400, "invalid_json");
    send("application/json", vec![b' '; 300 << 10]).await.refused(413, "too_large");
    send("application/json; charset=utf-8", good).await.expect(201);
}
