//! Media are kept for as long as the operator says, and not longer.

use std::time::Duration;

use magicpixels::domain::clock::{Clock, Timestamp};
use serde_json::{Value, json};

use crate::server::{Server, png};

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_taken_away_and_answers_410() {
    let clock = Clock::standing_at(Timestamp::parse("2026-11-22T12:00:00Z").unwrap());
    let server = Server::with_clock("[retention]\nuploads_days = 1\nresults_days = 3\n", clock.clone()).await;
    let ada = server.person("ada@example.com", 20).await;
    let bob = server.person("bob@example.com", 0).await;
    let upload = ada.live.upload("image", "a.png", png(20, 20)).await.expect(201);
    assert_eq!(upload["expires_at"], "2026-11-23T12:00:00Z");
    let needed = ada.live.upload("image", "b.png", png(30, 20)).await.expect(201);
    let job = ada.live.painted("a cup").await;
    let result = job["result_asset_id"].as_str().unwrap().to_owned();
    let path = |asset: &Value| format!("/v1/assets/{}", asset["id"].as_str().unwrap());
    let link = ada.live.post(&format!("{}/links", path(&upload)), json!({})).await.expect(201);

    ada.session.post("/v1/admin/queue/pause", json!({})).await.expect(200);
    let body = json!({"mode": "image_to_image", "prompt": "oil", "input_image_asset_id": needed["id"]});
    let waiting = ada.live.job(body).await;
    clock.advance(Duration::from_hours(24));
    let swept = ada.session.post("/v1/admin/storage/sweep", json!({})).await.expect(200);
    assert_eq!((&swept["expired"], &swept["bytes"]), (&json!(1), &upload["bytes"]));
    for end in ["", "/content", "/thumbnail"] {
        ada.live.get(&format!("{}{end}", path(&upload))).await.refused(410, "expired");
    }
    bob.live.get(&path(&upload)).await.refused(404, "not_found");
    let _ = link;
    let content = |asset: &Value| format!("{}/content", path(asset));
    assert_eq!(ada.live.get(&content(&needed)).await.status, 200, "a queued job needs it");
    assert_eq!(ada.live.get(&format!("/v1/assets/{result}")).await.expect(200)["expires_at"], "2026-11-25T12:00:00Z");
    assert_eq!(ada.live.get("/v1/assets/timeline").await.expect(200)["total"], 2);

    ada.session.post("/v1/admin/queue/resume", json!({})).await.expect(200);
    assert_eq!(ada.live.finished(&waiting).await["status"], "completed");
    let app = server.app().clone();
    tokio::task::spawn_blocking(move || app.keep_house()).await.unwrap();
    ada.live.get(&content(&needed)).await.refused(410, "expired");
    clock.advance(Duration::from_hours(24 * 3));
    let app = server.app().clone();
    tokio::task::spawn_blocking(move || app.keep_house()).await.unwrap();
    ada.live.get(&format!("/v1/assets/{result}")).await.refused(410, "expired");
    let job = ada.live.get(&format!("/v1/jobs/{}", job["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&job["status"], &job["result_asset_id"]), (&json!("completed"), &json!(result)), "the job stays");
    assert_eq!(server.files(), Vec::<std::path::PathBuf>::new(), "no file is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_setting_media_are_kept_for_ever() {
    let clock = Clock::standing_at(Timestamp::parse("2026-11-22T12:00:00Z").unwrap());
    let server = Server::with_clock("", clock.clone()).await;
    let ada = server.person("ada@example.com", 5).await;
    let upload = ada.live.upload("image", "a.png", png(20, 20)).await.expect(201);
    assert_eq!(upload["expires_at"], Value::Null);
    clock.advance(Duration::from_hours(24 * 3650));
    let app = server.app().clone();
    tokio::task::spawn_blocking(move || app.keep_house()).await.unwrap();
    ada.live.get(&format!("/v1/assets/{}", upload["id"].as_str().unwrap())).await.expect(200);
}
