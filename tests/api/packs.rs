//! Packs that an operator brings: installed beside a running server, listed with what they can do, used by a job's
//! `model`, refused by name for what they lack, gone when removed.

use magicpixels::{
    app::{App, admin::Operator},
    domain::clock::Clock,
    engine::{
        CancelToken, RunContext,
        packs::Install,
        registry::{Engine, EngineOptions},
    },
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    sample::{self, Thing},
    server::{Answer, Client, Server, unpack_tiny_packs},
};

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
    unpack_tiny_packs(brought.path());
    let install = |name: &str| {
        let order = Install { path: brought.path().join(name), licence: Some("MIT".into()), ..Install::default() };
        beside(&server, move |app| {
            let ctx = RunContext::new(CancelToken::default(), &|_| {});
            app.install_pack(&Operator::command_line(), &order, &ctx)
                .map(|pack| pack.manifest.digest())
                .map_err(|e| e.to_string())
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
    let told = parameters(&one.body).unwrap();
    assert_eq!((&told["model_digest"], &told["seed"], &told["plan"]), (&json!(digest), &json!(5), &first["plan"]));
    let resolved = ["scheduler", "device", "width", "height", "steps", "guidance", "negative_prompt"];
    assert!(resolved.iter().all(|name| !told["plan"][name].is_null()), "{told}");
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
    beside(&server, |app| app.remove_pack(&Operator::command_line(), "sd15").unwrap()).await;
    let refused = ada.live.post("/v1/jobs", job).await.expect(422);
    assert_eq!(refused["error"]["details"]["fields"][0]["field"], "model", "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_that_flips_in_the_store_fails_the_job_and_nothing_else() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 20).await;
    let brought = tempfile::tempdir().unwrap();
    unpack_tiny_packs(brought.path());
    let order = Install { path: brought.path().join("sd15"), ..Install::default() };
    beside(&server, move |app| {
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        app.install_pack(&Operator::command_line(), &order, &ctx).map_err(|e| e.to_string()).unwrap();
    })
    .await;
    // In the middle of the weights: the graph would load and run, and paint something else.
    let weights = server.app().config.data.join("packs/sd15/unet/model.onnx");
    let mut bytes = std::fs::read(&weights).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&weights, bytes).unwrap();
    let credits = ada.live.get("/v1/account").await.expect(200)["credits_remaining"].clone();
    let job =
        json!({"mode": "text_to_image", "prompt": "a cup", "model": "sd15", "width": 64, "height": 64, "steps": 1});
    let ended = ada.live.finished(&ada.live.job(job).await).await;
    assert_eq!((&ended["status"], &ended["error"]["code"]), (&json!("aborted"), &json!("model_failed")), "{ended}");
    assert_eq!(ada.live.get("/v1/account").await.expect(200)["credits_remaining"], credits, "nothing was charged");
    let verdict = ada.session.post("/v1/admin/models/sd15/verify", json!({})).await.expect(200);
    assert!(!verdict["ok"].as_bool().unwrap(), "{verdict}");
    let other = json!({"mode": "text_to_image", "prompt": "a cup", "model": "test", "width": 64, "height": 64});
    assert_eq!(ada.live.finished(&ada.live.job(other).await).await["status"], "completed", "the server keeps serving");
}

/// What a PNG tells under a keyword.
fn text(png: &[u8], keyword: &str) -> Option<String> {
    let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let info = reader.info();
    let plain = info.uncompressed_latin1_text.iter().find(|text| text.keyword == keyword).map(|t| t.text.clone());
    let unicode = info.utf8_text.iter().find(|text| text.keyword == keyword).map(|t| t.get_text().unwrap());
    plain.or(unicode)
}

/// What a PNG tells of how it was made.
fn parameters(png: &[u8]) -> Option<Value> {
    text(png, "parameters").map(|text| serde_json::from_str(&text).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_a_librarys_thing_says_whose_it_is() {
    let engine = Engine::built_in(EngineOptions::default());
    let server = Server::with_engine("", Clock::System, engine).await;
    let ada = server.person("ada@example.com", 20).await;
    let brought = tempfile::tempdir().unwrap();
    let things = [Thing::new("astrolabe", &[]), Thing::new("zarf", &[])];
    std::fs::write(brought.path().join("things.pack"), sample::pack(&things)).unwrap();
    let order = Install { path: brought.path().into(), name: Some("curios".into()), ..Install::default() };
    beside(&server, move |app| {
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        app.install_pack(&Operator::command_line(), &order, &ctx).map_err(|e| e.to_string()).unwrap();
    })
    .await;
    let listed = ada.session.get("/v1/admin/models").await.expect(200);
    let find = |id: &str| listed["data"].as_array().unwrap().iter().find(|model| model["id"] == id).cloned();
    let library = find("curios").unwrap();
    assert_eq!((&library["licence"], &library["modes"]), (&json!("CC-BY-3.0"), &json!([])), "{library}");
    assert!(find("scene").unwrap()["licence"].as_str().unwrap().ends_with("MIT AND CC-BY-3.0"));
    let verdict = ada.session.post("/v1/admin/models/curios/verify", json!({})).await.expect(200);
    assert_eq!(verdict["ok"], true, "{verdict}");

    let job = json!({"mode": "text_to_image", "prompt": "two astrolabes beside a zarf on oak", "width": 256,
        "height": 256, "steps": 1, "seed": 1, "embed_parameters": false});
    let made = ada.live.finished(&ada.live.job(job.clone()).await).await;
    assert_eq!(made["status"], "completed", "{made}");
    assert_eq!((&made["model_digest"], &made["warnings"]), (&find("scene").unwrap()["digest"], &json!([])), "{made}");
    let credits = made["plan"]["credits"].as_array().unwrap();
    let told = |key: &str| credits.iter().map(|credit| credit[key].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(told("entry"), ["curios/astrolabe", "curios/zarf"]);
    assert_eq!((told("author")[0], told("licence")[0]), ("A. Maker", "CC-BY-3.0"));
    assert_eq!(told("text")[0], "\"astrolabe\" by A. Maker (https://models.example/1), CC-BY-3.0, adapted");
    let png = ada.live.get(made["result_asset_url"].as_str().unwrap()).await.body;
    assert_eq!(text(&png, "Copyright").unwrap(), told("text").join("\n"), "wanted or not");
    assert!(parameters(&png).is_none());
    let refused = json!({"mode": "text_to_image", "prompt": "a cup", "model": "curios"});
    ada.live.post("/v1/jobs", refused).await.expect(422);

    beside(&server, |app| app.remove_pack(&Operator::command_line(), "curios").unwrap()).await;
    let made = ada.live.finished(&ada.live.job(job).await).await;
    assert!(made["plan"]["credits"].is_null() && !made["warnings"].as_array().unwrap().is_empty(), "{made}");
    let png = ada.live.get(made["result_asset_url"].as_str().unwrap()).await.body;
    assert!(text(&png, "Copyright").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_png_tells_what_made_it_where_the_job_or_the_operator_says_so() {
    let told = async |server: &Server, wanted: Option<bool>| {
        let email = match wanted {
            None => "a@example.com",
            Some(true) => "b@example.com",
            Some(false) => "c@example.com",
        };
        let ada = server.person(email, 5).await;
        let mut job = json!({"mode": "text_to_image", "prompt": "a café", "width": 64, "height": 64, "seed": 9});
        if let Some(wanted) = wanted {
            job["embed_parameters"] = wanted.into();
        }
        let done = ada.live.finished(&ada.live.job(job).await).await;
        let id = done["id"].as_str().unwrap().parse().unwrap();
        let app = server.app().clone();
        let (then, now) = tokio::task::spawn_blocking(move || app.reproduce(id).unwrap()).await.unwrap();
        assert_eq!(then, now, "made again with the same metadata");
        parameters(&ada.live.get(done["result_asset_url"].as_str().unwrap()).await.body)
    };
    let open = Server::start().await;
    let all = told(&open, None).await.unwrap();
    assert_eq!((&all["prompt"], &all["seed"], &all["model"]), (&json!("a café"), &json!(9), &json!("test")));
    assert!(told(&open, Some(true)).await.is_some() && told(&open, Some(false)).await.is_none());
    let silent = Server::with("embed_parameters = false\n").await;
    assert!(told(&silent, None).await.is_none() && told(&silent, Some(false)).await.is_none());
    assert!(told(&silent, Some(true)).await.is_some(), "a job may say otherwise");
}

/// Waits until an installation is over; answers what became of it.
async fn installed(admin: &Client) -> Value {
    for _ in 0..600 {
        let installation = admin.get("/v1/admin/models/installation").await.expect(200);
        if installation["state"] != "running" {
            return installation;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the installation does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_installs_by_path_and_by_upload() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 20).await;
    let brought = tempfile::tempdir().unwrap();
    unpack_tiny_packs(brought.path());
    assert_eq!(ada.session.get("/v1/admin/models/installation").await.expect(200), Value::Null);
    let by_path = json!({"path": brought.path().join("lcm"), "name": "quick", "licence": "MIT"});
    let begun = ada.session.post("/v1/admin/models", by_path).await.expect(202);
    assert_eq!(begun["name"], "quick");
    let done = installed(&ada.session).await;
    assert_eq!((&done["state"], &done["error"]), (&json!("done"), &Value::Null), "{done}");
    let models = ada.session.get("/v1/admin/models").await.expect(200);
    let quick = models["data"].as_array().unwrap().iter().find(|model| model["id"] == "quick").unwrap();
    assert_eq!((&quick["built_in"], &quick["licence"]), (&json!(false), &json!("MIT")));
    assert!(quick["files"].as_array().unwrap().iter().any(|file| file["name"] == "unet/model.onnx"));
    let verdict = ada.session.post("/v1/admin/models/quick/verify", json!({})).await.expect(200);
    assert_eq!(verdict["ok"], true);

    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all(".", brought.path().join("turbo")).unwrap();
    let file = Part::bytes(archive.into_inner().unwrap()).file_name("speedy.tar");
    let form = Form::new().text("licence", "Apache-2.0").part("file", file);
    let request = ada.session.request(Method::POST, "/v1/admin/models").multipart(form);
    Answer::read(request).await.expect(202);
    assert_eq!(installed(&ada.session).await["state"], "done");
    assert!(model(&server, "speedy").await.is_some());

    let answer = ada.session.get("/v1/admin/models/speedy/export").await;
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"speedy.tar.zst\"");
    let form = |file: Vec<u8>, trust: &str| {
        Form::new().text("name", "again").text("trust", trust.to_owned()).part("file", Part::bytes(file).file_name("x"))
    };
    let mut damaged = answer.body.clone();
    damaged[5000] ^= 1;
    let unknown = "0".repeat(64);
    for (file, word) in [(damaged, "damaged"), (answer.body.clone(), "")] {
        let request = ada.session.request(Method::POST, "/v1/admin/models").multipart(form(file, &unknown));
        Answer::read(request).await.expect(202);
        let ended = installed(&ada.session).await;
        assert_eq!(ended["state"] == "failed", !word.is_empty(), "what it exported itself, it trusts: {ended}");
        assert!(ended["error"].as_str().unwrap_or_default().contains(word), "{ended}");
    }
    Answer::read(ada.session.request(Method::DELETE, "/v1/admin/models/again")).await.expect(204);
    assert_eq!(ada.session.get("/v1/admin/models/scene/export").await.status, 404);

    let wrong = json!({"path": brought.path().join("taesd")});
    ada.session.post("/v1/admin/models", wrong).await.expect(202);
    let failed = installed(&ada.session).await;
    assert!(failed["error"].as_str().unwrap().contains("model_index.json"), "{failed}");
    Answer::read(ada.session.request(Method::DELETE, "/v1/admin/models/quick")).await.expect(204);
    Answer::read(ada.session.request(Method::DELETE, "/v1/admin/models/scene")).await.expect(404);
    let left = std::fs::read_dir(server.app().config.data.join("packs")).unwrap().count();
    assert_eq!(left, 1, "the upload and what failed are gone");
    let audit = ada.session.get("/v1/admin/audit?q=model.install").await.expect(200);
    assert_eq!(audit["data"].as_array().unwrap().len(), 3, "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn packs_make_room_for_each_other_and_say_what_they_run_on() {
    // The tiny packs have a little under a MiB each: one fits, two don't.
    let server = Server::with("[work]\nmodel_memory_mib = 1\ndevice = \"cuda\"\n").await;
    let ada = server.person("ada@example.com", 20).await;
    let brought = tempfile::tempdir().unwrap();
    unpack_tiny_packs(brought.path());
    for name in ["sd15", "turbo"] {
        let order = Install { path: brought.path().join(name), ..Install::default() };
        beside(&server, move |app| {
            let ctx = RunContext::new(CancelToken::default(), &|_| {});
            app.install_pack(&Operator::command_line(), &order, &ctx).map_err(|e| e.to_string()).unwrap();
        })
        .await;
    }
    let loaded = async |id: &str| {
        ada.live.get("/v1/models").await.expect(200)["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|model| model["id"] == id)
            .unwrap()["loaded"]
            .clone()
    };
    for (runs, rests) in [("sd15", "turbo"), ("turbo", "sd15"), ("sd15", "turbo")] {
        let job =
            json!({"mode": "text_to_image", "prompt": "a cup", "model": runs, "width": 64, "height": 64, "steps": 1});
        let done = ada.live.finished(&ada.live.job(job).await).await;
        assert_eq!((&done["status"], &done["plan"]["device"]), (&json!("completed"), &json!("cpu")), "{done}");
        assert_eq!((loaded(runs).await, loaded(rests).await), (json!(true), json!(false)), "{runs}");
    }
    let memory = ada.session.get("/v1/admin/overview").await.expect(200)["memory"].clone();
    let bytes = memory["model_bytes"].as_u64().unwrap();
    assert!(bytes > 0 && bytes <= 1 << 20, "{memory}");
    assert_eq!(memory["model_bytes_max"], 1 << 20);
    let figures = ada.session.get("/metrics").await;
    let figures = String::from_utf8(figures.body).unwrap();
    assert!(figures.contains("magicpixels_model_bytes_max 1048576"), "{figures}");
    let listed = ada.live.get("/v1/models").await.expect(200)["data"].clone();
    let listed = listed.as_array().unwrap();
    let pack = listed.iter().find(|model| model["id"] == "sd15").unwrap();
    let note = pack["device_note"].as_str().unwrap();
    assert!(pack["device"] == "cpu" && note.contains("`cuda` was asked for"), "{pack}");
    assert!(listed.iter().filter(|model| model["id"] == "test").all(|model| model["device_note"].is_null()));
}
