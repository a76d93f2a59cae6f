//! Every sentence of the seed (the hosted service's API page), and the requests it prints, word for word.

use magicpixels::domain::clock::{Clock, Timestamp};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;

use crate::server::{Answer, PASSWORD, Server, png, wav};

/// "Programs can upload assets, create generation jobs, poll status, and download protected results with the same
/// bearer credential."
#[tokio::test(flavor = "multi_thread")]
async fn one_credential_uploads_creates_polls_and_downloads() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let image = ada.live.picture().await;
    let job =
        ada.live.job(json!({"mode": "image_to_image", "prompt": "oil painting", "input_image_asset_id": image})).await;
    let job = ada.live.finished(&job).await;
    assert_eq!(job["status"], "completed", "{job}");
    let result = ada.live.get(job["result_asset_url"].as_str().unwrap()).await;
    assert_eq!(result.status, 200);
    assert_eq!(result.header("content-type"), "image/png");
    assert!(image::load_from_memory(&result.body).is_ok());
}

/// "A human user creates the account, subscription, and API key first."
#[tokio::test(flavor = "multi_thread")]
async fn a_person_makes_account_subscription_and_key_and_a_key_can_make_none_of_them() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let account = ada.session.post("/v1/account/plan", json!({"plan": "studio"})).await.expect(200);
    assert_eq!((account["billing_tier"].as_str(), account["premium"].as_bool()), (Some("studio"), Some(true)));
    let key = ada.session.post("/v1/keys", json!({"name": "build server"})).await.expect(201);
    let token = key["token"].as_str().unwrap();
    assert!(token.starts_with("mp_live_") && token.contains('.'), "{token}");
    server.client(token).get("/v1/account").await.expect(200);
    ada.live.post("/v1/keys", json!({"name": "another"})).await.refused(403, "forbidden");
    ada.live.post("/v1/account/plan", json!({"plan": "pro"})).await.refused(403, "forbidden");
}

/// "Use a MagicPixels browser session token or an API key created from the studio."
#[tokio::test(flavor = "multi_thread")]
async fn a_session_token_and_a_key_both_authenticate() {
    let server = Server::start().await;
    server.person("ada@example.com", 0).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let session = server.stranger().post("/v1/sessions", body).await.expect(201);
    let token = session["token"].as_str().unwrap();
    assert!(token.starts_with("mp_session_"), "{token}");
    let session = server.client(token);
    session.get("/v1/account").await.expect(200);
    let key = session.post("/v1/keys", json!({"name": "k"})).await.expect(201);
    server.client(key["token"].as_str().unwrap()).get("/v1/account").await.expect(200);
}

/// "Authorization: Bearer `mp_live_xxx.yyy`"
#[tokio::test(flavor = "multi_thread")]
async fn the_bearer_header_is_what_authenticates() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let token = ada.live.token.clone().unwrap();
    for (header, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("Bearer {token}x"), 401),
        (format!("Basic {token}"), 401),
        (token.replace("mp_live_", "Bearer mp_test_"), 401),
        ("Bearer mp_live_xxx.yyy".to_owned(), 401),
    ] {
        let request = server.stranger().request(Method::GET, "/v1/account").header("authorization", &header);
        let answer = Answer::read(request).await;
        assert_eq!(answer.status, status, "{header}");
        if status == 401 {
            answer.refused(401, "unauthorized");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
    }
    server.stranger().get("/v1/account").await.refused(401, "unauthorized");
}

/// "All text prompts and generated voice text are capped at 500 characters."
#[tokio::test(flavor = "multi_thread")]
async fn texts_are_capped_at_500_characters_and_nothing_is_charged_for_more() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 1000).await;
    let image = ada.live.picture().await;
    let before = ada.live.credits().await;
    // é and 😀 are one character each, however many bytes they take.
    for text in ["x".repeat(501), "é".repeat(501), "😀".repeat(501)] {
        for body in [
            json!({"mode": "text_to_image", "prompt": text}),
            json!({"mode": "image_to_image", "prompt": text, "input_image_asset_id": image}),
            json!({"mode": "audio", "voice_text": text}),
            json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": text}),
            json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": "Hi", "prompt": text}),
        ] {
            let answer = ada.live.post("/v1/jobs", body).await;
            let error = answer.refused(422, "invalid_fields");
            assert_eq!(answer.faults()[0].1, "too_long");
            assert!(error["message"].as_str().unwrap().contains("501"), "{error}");
        }
    }
    assert_eq!(ada.live.credits().await, before);
    ada.live.job(json!({"mode": "text_to_image", "prompt": "😀".repeat(500)})).await;
}

/// "New accounts receive 1 free credit. Text-to-image and image-to-image cost 1 credit."
#[tokio::test(flavor = "multi_thread")]
async fn the_free_credit_buys_one_picture_and_no_second() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let account = ada.live.get("/v1/account").await.expect(200);
    assert_eq!((&account["credits_remaining"], &account["free_signup_credits_remaining"]), (&json!(1), &json!(1)));
    let job = ada.live.painted("a ceramic cup").await;
    assert_eq!(job["credits"], json!({"held": 0, "charged": 1}));
    let account = ada.live.get("/v1/account").await.expect(200);
    assert_eq!((&account["credits_remaining"], &account["free_signup_credits_remaining"]), (&json!(0), &json!(0)));
    let refusal = ada.live.post("/v1/jobs", json!({"mode": "text_to_image", "prompt": "another"})).await;
    let error = refusal.refused(402, "insufficient_credits");
    assert_eq!(error["details"], json!({"required": 1, "available": 0}));
    let image = ada.live.picture().await;
    let body = json!({"mode": "image_to_image", "prompt": "oil", "input_image_asset_id": image});
    assert_eq!(ada.live.post("/v1/quote", body).await.expect(200)["credits"], 1);
}

/// "Generated voice costs 1 credit per 10 seconds." The test voice takes 0.06 s a character.
#[tokio::test(flavor = "multi_thread")]
async fn voice_costs_a_credit_for_each_ten_seconds_begun() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 100).await;
    for (chars, credits) in [(10, 1), (166, 1), (200, 2), (500, 3)] {
        let body = json!({"mode": "audio", "voice_text": "a".repeat(chars), "voice_id": "casual_male"});
        assert_eq!(ada.live.post("/v1/quote", body.clone()).await.expect(200)["credits"], credits, "{chars}");
        let before = ada.live.credits().await;
        let job = ada.live.job(body).await;
        let job = ada.live.finished(&job).await;
        assert_eq!(job["credits"]["charged"], credits, "{job}");
        assert_eq!(ada.live.credits().await, before - credits);
    }
}

/// "Video costs 22 credits per second."
#[tokio::test(flavor = "multi_thread")]
async fn video_costs_22_credits_for_each_second_begun() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 1000).await;
    let image = ada.live.picture().await;
    let sound = ada.live.upload("audio", "voice.wav", wav(1.5)).await.expect(201);
    let before = ada.live.credits().await;
    let body = json!({"mode": "image_to_video", "input_image_asset_id": image, "audio_asset_id": sound["id"]});
    let job = ada.live.job(body).await;
    assert_eq!(job["credits"]["held"], 44);
    assert_eq!(ada.live.credits().await, before - 44, "what is held can't be spent");
    let job = ada.live.finished(&job).await;
    assert_eq!((&job["status"], &job["credits"]["charged"]), (&json!("completed"), &json!(44)), "{job}");
}

/// `curl -X POST …/v1/assets -F "kind=image" -F "file=@portrait.jpg"` (the seed's copy of the line is garbled: any
/// name of the one file part is taken)
#[tokio::test(flavor = "multi_thread")]
async fn uploads_as_the_seed_does_whatever_the_file_part_is_called() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    for name in ["file", "email protected", "image", "upload", ""] {
        for bytes_first in [false, true] {
            let part = Part::bytes(png(20, 10)).file_name("portrait.jpg");
            let form = if bytes_first {
                Form::new().part(name, part).text("kind", "image")
            } else {
                Form::new().text("kind", "image").part(name, part)
            };
            let answer = Answer::read(ada.live.request(Method::POST, "/v1/assets").multipart(form)).await;
            let asset = answer.expect(201);
            assert_eq!((&asset["kind"], &asset["width"], &asset["height"]), (&json!("image"), &json!(20), &json!(10)));
        }
    }
}

/// The seed's own two job requests, with its fields and no others.
#[tokio::test(flavor = "multi_thread")]
async fn the_seeds_own_jobs_run() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 1000).await;
    let job = ada
        .live
        .job(json!({
            "mode": "text_to_image",
            "prompt": "Editorial product photo of a ceramic cup on brushed steel"
        }))
        .await;
    assert_eq!(ada.live.finished(&job).await["status"], "completed");
    let image = ada.live.picture().await;
    let job = ada
        .live
        .job(json!({
            "mode": "image_to_video",
            "input_image_asset_id": image,
            "voice_text": "Here is a quick launch update from the studio.",
            "voice_id": "casual_male",
            "prompt": "Natural talking-avatar movement"
        }))
        .await;
    let job = ada.live.finished(&job).await;
    assert_eq!(job["status"], "completed", "{job}");
    let film = ada.live.get(job["result_asset_url"].as_str().unwrap()).await;
    assert_eq!(film.header("content-type"), "video/mp4");
    assert_eq!(&film.body[4..8], b"ftyp");
}

/// "POST /v1/assets. Upload an image, audio, or video. Returns an asset id and owner-authorized content URL."
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_answers_an_id_and_a_content_url_for_its_owner_only() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 1000).await;
    let image = ada.live.picture().await;
    let job = ada.live.job(json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": "Hi"})).await;
    let job = ada.live.finished(&job).await;
    let film = ada.live.get(job["result_asset_url"].as_str().unwrap()).await.body;
    for (kind, name, bytes) in [("image", "a.png", png(8, 8)), ("audio", "a.wav", wav(0.5)), ("video", "a.mp4", film)] {
        let asset = ada.live.upload(kind, name, bytes).await.expect(201);
        assert!(asset["id"].as_str().unwrap().starts_with("ast_"));
        assert_eq!(asset["kind"], kind);
        let url = asset["content_url"].as_str().unwrap();
        assert!(url.starts_with(&server.base), "{url} is absolute");
        assert_eq!(ada.live.get(url).await.status, 200);
        server.stranger().get(url).await.refused(401, "unauthorized");
        let eve = server.client("mp_live_xxx.yyy");
        eve.get(url).await.refused(401, "unauthorized");
    }
}

/// "Create `text_to_image`, `image_to_image`, `audio`, or `image_to_video` jobs. Image-to-video accepts either
/// `voice_text` for automatic voice generation or `audio_asset_id` for a prebuilt audio asset."
#[tokio::test(flavor = "multi_thread")]
async fn all_four_modes_are_made_and_a_film_takes_one_sound() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 1000).await;
    let image = ada.live.picture().await;
    let sound = ada.live.upload("audio", "v.wav", wav(0.5)).await.expect(201)["id"].clone();
    for (body, kind) in [
        (json!({"mode": "text_to_image", "prompt": "a cup"}), "image"),
        (json!({"mode": "image_to_image", "prompt": "oil", "input_image_asset_id": image}), "image"),
        (json!({"mode": "audio", "voice_text": "Hello."}), "audio"),
        (json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": "Hi"}), "video"),
        (json!({"mode": "image_to_video", "input_image_asset_id": image, "audio_asset_id": sound}), "video"),
    ] {
        let job = ada.live.job(body.clone()).await;
        let job = ada.live.finished(&job).await;
        assert_eq!(job["status"], "completed", "{job}");
        let asset = format!("/v1/assets/{}", job["result_asset_id"].as_str().unwrap());
        assert_eq!(ada.live.get(&asset).await.expect(200)["kind"], kind, "{body}");
    }
    let both =
        json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": "Hi", "audio_asset_id": sound});
    assert_eq!(ada.live.post("/v1/jobs", both).await.faults(), [("audio_asset_id".into(), "conflict".into())]);
    let none = json!({"mode": "image_to_video", "input_image_asset_id": image});
    assert_eq!(ada.live.post("/v1/jobs", none).await.faults(), [("voice_text".into(), "missing".into())]);
}

/// "GET /v1/jobs/:id. Poll until `status` is `completed` or `aborted`. Completed jobs include a result asset URL that
/// requires the owner bearer token."
#[tokio::test(flavor = "multi_thread")]
async fn a_completed_job_has_a_result_url_for_its_owner_only_and_an_aborted_one_has_none() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let bob = server.person("bob@example.com", 10).await;
    let job = ada.live.painted("a cup").await;
    let url = job["result_asset_url"].as_str().unwrap();
    assert_eq!(ada.live.get(url).await.status, 200);
    assert_eq!(ada.session.get(url).await.status, 200, "the owner's session is the owner too");
    server.stranger().get(url).await.refused(401, "unauthorized");
    bob.live.get(url).await.refused(404, "not_found");
    let job = ada.test.job(json!({"mode": "text_to_image", "prompt": "test:abort"})).await;
    let job = ada.test.finished(&job).await;
    assert_eq!((&job["status"], &job["result_asset_url"]), (&json!("aborted"), &json!(null)));
    assert_eq!(job["error"]["code"], "model_failed");
}

/// "DELETE /v1/jobs/:id. Delete a queued or finished job and any unshared media files. Credits charged for the job
/// are not refunded."
#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_job_takes_its_unshared_media_and_refunds_nothing() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 10).await;
    let empty = server.files();
    let job = ada.live.painted("a cup").await;
    assert_eq!(server.files().len(), empty.len() + 1);
    let before = ada.live.credits().await;
    let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    ada.live.delete(&path).await.expect(204);
    ada.live.get(&path).await.refused(404, "not_found");
    ada.live.get(job["result_asset_url"].as_str().unwrap()).await.refused(404, "not_found");
    ada.live.delete(&path).await.refused(404, "not_found");
    assert_eq!(server.files(), empty, "the result's file is gone");
    assert_eq!(ada.live.credits().await, before);

    // The same bytes, owned by an upload too, stay.
    let job = ada.live.painted("another cup").await;
    let bytes = ada.live.get(job["result_asset_url"].as_str().unwrap()).await.body;
    let digest = ada.live.get(&format!("/v1/assets/{}", job["result_asset_id"].as_str().unwrap())).await.expect(200);
    let upload = ada.live.upload("image", "mine.png", bytes).await.expect(201);
    ada.live.delete(&format!("/v1/jobs/{}", job["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(ada.live.get(upload["content_url"].as_str().unwrap()).await.status, 200);
    assert!(digest["sha256"].as_str().unwrap().len() == 64);
}

/// "GET /v1/account. Fetch premium status, billing tier, remaining credits, monthly credit grant, and any free signup
/// credits still available."
#[tokio::test(flavor = "multi_thread")]
async fn the_account_tells_all_five_things_and_the_grant_comes_each_month() {
    let clock = Clock::standing_at(Timestamp::parse("2026-01-31T10:00:00Z").unwrap());
    let server = Server::with_clock("session_hours = 10000", clock.clone()).await;
    let ada = server.person("ada@example.com", 0).await;
    let account = ada.live.get("/v1/account").await.expect(200);
    for (field, value) in [
        ("premium", json!(false)),
        ("billing_tier", json!("free")),
        ("credits_remaining", json!(1)),
        ("monthly_credit_grant", json!(0)),
        ("free_signup_credits_remaining", json!(1)),
        ("next_grant_at", json!(null)),
    ] {
        assert_eq!(account[field], value, "{field}");
    }
    let account = ada.session.post("/v1/account/plan", json!({"plan": "studio"})).await.expect(200);
    assert_eq!((&account["premium"], &account["credits_remaining"]), (&json!(true), &json!(1001)));
    assert_eq!(account["next_grant_at"], "2026-02-28T10:00:00Z");
    let again = ada.session.post("/v1/account/plan", json!({"plan": "studio"})).await.expect(200);
    assert_eq!(again["credits_remaining"], 1001, "taking the plan again grants nothing");
    clock.advance(std::time::Duration::from_hours(24 * 28));
    let app = server.app().clone();
    tokio::task::spawn_blocking(move || app.give_due_grants().unwrap()).await.unwrap();
    assert_eq!(ada.live.credits().await, 2001);
}
