//! Packs that an operator brings: installed beside a running server, listed with what they can do, used by a job's
//! `model`, refused by name for what they lack, gone when removed.

use magicpixels::{
    app::App,
    domain::clock::Clock,
    engine::{CancelToken, RunContext, packs::Install, registry::Engine},
};
use serde_json::{Value, json};

use crate::server::Server;

/// The tiny packs that the engine's own tests use.
fn unpack(folder: &std::path::Path) {
    let packed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/diffusion/packs.tar.zst");
    let mut decoder = zstd::Decoder::new(std::fs::File::open(packed).unwrap()).unwrap();
    decoder.window_log_max(27).unwrap();
    tar::Archive::new(decoder).unpack(folder).unwrap();
}

/// What `magicpixels models install` does, from another process' point of view.
async fn beside<T: Send + 'static>(server: &Server, act: impl FnOnce(&App) -> T + Send + 'static) -> T {
    let config = server.app().config.clone();
    let run = move || act(&App::open_beside(config, Engine::fake(), Clock::System).unwrap());
    tokio::task::spawn_blocking(run).await.unwrap()
}

async fn model(server: &Server, id: &str) -> Option<Value> {
    let ada = server.person("reader@example.com", 0).await;
    let body = ada.live.get("/v1/models").await.expect(200);
    body["data"].as_array().unwrap().iter().find(|model| model["id"] == id).cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_comes_works_and_goes_while_the_server_runs() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 20).await;
    let brought = tempfile::tempdir().unwrap();
    unpack(brought.path());
    let install = |name: &str| {
        let order = Install { path: brought.path().join(name), licence: Some("MIT".into()), ..Install::default() };
        beside(&server, move |app| {
            let ctx = RunContext::new(CancelToken::default(), &|_| {});
            app.install_pack(&order, &ctx).map(|pack| pack.manifest.digest()).map_err(|e| e.to_string())
        })
    };
    let job = json!({"mode": "text_to_image", "prompt": "a cup", "model": "sd15", "width": 64, "height": 64, "steps": 2,
        "guidance": 4.5, "negative_prompt": "a dog", "seed": 5});
    let refused = ada.live.post("/v1/jobs", job.clone()).await.expect(422);
    assert_eq!(refused["error"]["details"]["fields"][0]["field"], "model", "{refused}");

    let digest = install("sd15").await.unwrap();
    install("turbo").await.unwrap();
    assert!(install("sd15").await.unwrap_err().contains("installed already"));
    let listed = model(&server, "sd15").await.unwrap();
    assert_eq!((&listed["digest"], &listed["licence"]), (&json!(digest), &json!("MIT")));
    assert_eq!(listed["modes"], json!(["text_to_image", "image_to_image"]));
    let limit =
        |field: &str| listed["limits"].as_array().unwrap().iter().find(|l| l["field"] == field).cloned().unwrap();
    assert_eq!((&limit("steps")["default"], &limit("width")["multiple_of"]), (&json!(25.0), &json!(8)));

    let first = ada.live.finished(&ada.live.job(job.clone()).await).await;
    assert_eq!((&first["status"], &first["model_digest"]), (&json!("completed"), &json!(digest)), "{first}");
    assert_eq!(first["plan"]["steps"], 2, "{first}");
    let again = ada.live.finished(&ada.live.job(first["request"].clone()).await).await;
    let bytes = |job: &Value| job["result_asset_url"].as_str().unwrap().to_owned();
    let (one, two) = (ada.live.get(&bytes(&first)).await, ada.live.get(&bytes(&again)).await);
    assert_eq!(one.body, two.body, "the same request, the same bytes");
    assert_eq!(image::load_from_memory(&one.body).unwrap().width(), 64);
    let picture = ada.live.picture().await;
    let started = json!({"mode": "image_to_image", "prompt": "a cup", "model": "turbo", "input_image_asset_id": picture,
        "steps": 2, "strength": 0.5, "seed": 1});
    let started = ada.live.finished(&ada.live.job(started).await).await;
    assert_eq!(started["status"], "completed", "{started}");

    for (change, field) in [
        (json!({"model": "turbo"}), "guidance"),
        (json!({"width": 100}), "width"),
        (json!({"steps": 150, "model": "sd16"}), "model"),
    ] {
        let mut wrong = job.clone();
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = ada.live.post("/v1/jobs", wrong).await.expect(422);
        let fields = refused["error"]["details"]["fields"].as_array().unwrap();
        assert!(fields.iter().any(|fault| fault["field"] == field), "{change}: {refused}");
    }
    beside(&server, |app| app.remove_pack("sd15").unwrap()).await;
    let refused = ada.live.post("/v1/jobs", job).await.expect(422);
    assert_eq!(refused["error"]["details"]["fields"][0]["field"], "model", "{refused}");
}
