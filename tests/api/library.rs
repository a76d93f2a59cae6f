//! The library: search, filters, how many there are of each day, the shape of sounds.

use std::time::Duration;

use magicpixels::domain::clock::{Clock, Timestamp};
use serde_json::{Value, json};

use crate::server::{Server, wav};

#[tokio::test(flavor = "multi_thread")]
async fn jobs_and_assets_are_found_by_words_filters_and_days() {
    let clock = Clock::standing_at(Timestamp::parse("2026-11-22T23:00:00Z").unwrap());
    let server = Server::with_clock("", clock.clone()).await;
    let ada = server.person("ada@example.com", 20).await;
    let bob = server.person("bob@example.com", 20).await;
    let cup = ada.live.painted("A Ceramic CUP on brushed steel").await;
    let sound = ada.live.job(json!({"mode": "audio", "voice_text": "Ünsere Grüße from the cup studio"})).await;
    ada.live.finished(&sound).await;
    clock.advance(Duration::from_hours(2));
    ada.live.upload("audio", "Morning Birds.wav", wav(0.3)).await.expect(201);
    ada.live.painted("a wooden chair").await;
    bob.live.painted("a cup of bob's").await;

    let count = |path: &'static str| {
        let client = ada.live.clone();
        async move { client.get(path).await.expect(200)["data"].as_array().unwrap().len() }
    };
    for (path, expected) in [
        ("/v1/jobs?q=cup", 2),
        ("/v1/jobs?q=CUP%20steel", 1),
        ("/v1/jobs?q=cup%20chair", 0),
        ("/v1/jobs?q=%C3%9CNSERE", 1),
        ("/v1/jobs?q=cup&mode=audio", 1),
        ("/v1/jobs?created_before=2026-11-23T00:00:00Z", 2),
        ("/v1/jobs?created_from=2026-11-23T01:00:00Z", 1),
        ("/v1/jobs?created_after=2026-11-23T01:00:00Z", 0),
        ("/v1/jobs?status=completed", 3),
        ("/v1/jobs?skip=1", 2),
        ("/v1/jobs?skip=9", 0),
        ("/v1/assets?source=job&kind=image&skip=1", 1),
        ("/v1/assets?q=cup", 2),
        ("/v1/assets?q=birds", 1),
        ("/v1/assets?source=upload", 1),
        ("/v1/assets?source=job&kind=image", 2),
        ("/v1/assets?kind=audio", 2),
        ("/v1/assets?created_from=2026-11-23T00:00:00Z", 2),
        ("/v1/assets?created_from=2026-11-22T00:00:00Z&created_before=2026-11-23T00:00:00Z", 2),
        ("/v1/assets?q=%25", 0),
    ] {
        assert_eq!(count(path).await, expected, "{path}");
    }
    let days = |path: &'static str| {
        let client = ada.live.clone();
        async move { client.get(path).await.expect(200) }
    };
    let both = json!([{"day": "2026-11-23", "count": 1}, {"day": "2026-11-22", "count": 2}]);
    assert_eq!(days("/v1/jobs/timeline").await, json!({"data": both, "total": 3}));
    assert_eq!(days("/v1/jobs/timeline?q=cup").await["total"], 2);
    assert_eq!(days("/v1/jobs/timeline?q=bob").await, json!({"data": [], "total": 0}));
    assert_eq!(days("/v1/assets/timeline?source=upload").await["data"], json!([{"day": "2026-11-23", "count": 1}]));
    assert_eq!(ada.test.get("/v1/assets/timeline").await.expect(200)["total"], 0);
    assert_eq!(ada.live.get("/v1/assets?source=elsewhere").await.faults()[0].0, "source");
    assert_eq!(ada.live.get("/v1/jobs/timeline?limit=3").await.faults()[0].0, "limit");
    assert_eq!(ada.live.get("/v1/jobs?skip=-1").await.faults()[0].0, "skip");
    let second = &ada.live.get("/v1/jobs").await.expect(200)["data"][1]["id"];
    assert_eq!(ada.live.get("/v1/jobs?skip=1&limit=1").await.expect(200)["data"][0]["id"], *second);

    // A result is found by its prompt after its job is gone, as long as it is there itself.
    let path = format!("/v1/jobs/{}", cup["id"].as_str().unwrap());
    ada.live.delete(&path).await.expect(204);
    assert_eq!(days("/v1/jobs/timeline?q=cup").await["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sounds_and_films_have_peaks_and_pictures_have_none() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 100).await;
    let id = |asset: &Value| asset["id"].as_str().unwrap().to_owned();
    let sound = id(&ada.live.upload("audio", "a.wav", wav(0.5)).await.expect(201));
    let shape = ada.live.get(&format!("/v1/assets/{sound}/peaks?buckets=50")).await.expect(200);
    let peaks: Vec<f64> = shape["peaks"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect();
    assert_eq!(peaks.len(), 50);
    assert!(peaks.iter().all(|p| (0.0..=1.0).contains(p)) && peaks.iter().any(|p| *p > 0.99), "{peaks:?}");
    assert!((shape["duration_seconds"].as_f64().unwrap() - 0.5).abs() < 0.01);
    let again = ada.live.get(&format!("/v1/assets/{sound}/peaks?buckets=50")).await.expect(200);
    assert_eq!(again, shape, "from the cache");
    let default = ada.live.get(&format!("/v1/assets/{sound}/peaks")).await.expect(200);
    assert_eq!(default["peaks"].as_array().unwrap().len(), 200);
    for bad in ["0", "2001", "many"] {
        assert_eq!(ada.live.get(&format!("/v1/assets/{sound}/peaks?buckets={bad}")).await.faults()[0].0, "buckets");
    }
    let picture = ada.live.picture().await;
    ada.live.get(&format!("/v1/assets/{picture}/peaks")).await.refused(404, "not_found");
    let body = json!({"mode": "image_to_video", "input_image_asset_id": picture, "audio_asset_id": sound});
    let film = ada.live.job(body).await;
    let film = ada.live.finished(&film).await;
    let path = format!("/v1/assets/{}/peaks", film["result_asset_id"].as_str().unwrap());
    let shape = ada.live.get(&path).await.expect(200);
    assert!(shape["duration_seconds"].as_f64().unwrap() > 0.3, "{shape}");
}
