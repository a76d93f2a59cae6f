//! Uploads: what is taken, what is refused, and that a refusal leaves nothing behind.

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;

use crate::server::{Answer, Server, png, wav};

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_believed_and_names_are_not() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let part = Part::bytes(png(30, 20)).file_name("../../etc/evil.exe").mime_str("text/html").unwrap();
    let form = Form::new().text("kind", "image").part("file", part);
    let asset = Answer::read(ada.live.request(Method::POST, "/v1/assets").multipart(form)).await.expect(201);
    assert_eq!(asset["content_type"], "image/png");
    assert_eq!(asset["file_name"], "evil.exe");
    assert_eq!((&asset["width"], &asset["height"], &asset["duration_seconds"]), (&json!(30), &json!(20), &json!(null)));
    let sound = ada.live.upload("audio", "x.wav", wav(2.0)).await.expect(201);
    assert!((sound["duration_seconds"].as_f64().unwrap() - 2.0).abs() < 0.01, "{sound}");
    for field in ["id", "content_url", "bytes", "sha256", "created_at", "expires_at"] {
        assert!(sound.get(field).is_some(), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_uploads_leave_no_file_and_no_asset() {
    let server = Server::with("[limits]\nupload_bytes = 200000\nimage_pixels = 1000000\n").await;
    let ada = server.person("ada@example.com", 0).await;
    let empty = server.files();
    let mut truncated = png(300, 300);
    truncated.truncate(truncated.len() / 2);
    let hostile = {
        // A header that promises 60000 x 60000 pixels with nothing behind it.
        let mut bytes = png(8, 8);
        bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        bytes
    };
    for (what, kind, bytes, statuses) in [
        ("a script", "image", b"<script>alert(1)</script>".to_vec(), &[415][..]),
        ("an svg", "image", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), &[415]),
        ("an executable", "video", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(), &[415]),
        ("nothing", "image", Vec::new(), &[415, 422]),
        ("a picture as a sound", "audio", png(8, 8), &[415]),
        ("a sound as a picture", "image", wav(0.2), &[415]),
        ("half a picture", "image", truncated, &[422]),
        ("a bomb", "image", hostile, &[413, 422]),
        ("more bytes than allowed", "audio", wav(10.0), &[413]),
        ("a lone magic number", "image", b"\x89PNG\r\n\x1a\n".to_vec(), &[422]),
    ] {
        let answer = ada.live.upload(kind, "file", bytes).await;
        assert!(statuses.contains(&answer.status.as_u16()), "{what}: {} {}", answer.status, answer.text());
        let code = answer.json()["error"]["code"].as_str().unwrap().to_owned();
        answer.refused(answer.status.as_u16(), &code);
        assert_eq!(server.files(), empty, "{what} left a file");
    }
    assert_eq!(ada.live.get("/v1/assets").await.expect(200)["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_an_upload_are_checked_by_name() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let empty = server.files();
    let file = || Part::bytes(png(8, 8)).file_name("a.png");
    let fault = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    let cases = [
        (Form::new().part("file", file()), vec![fault("kind", "missing")]),
        (Form::new().text("kind", "image"), vec![fault("file", "missing")]),
        (Form::new().text("kind", "picture").part("file", file()), vec![fault("kind", "invalid")]),
        (Form::new().text("kind", "image").text("kind", "image").part("file", file()), vec![fault("kind", "conflict")]),
        (
            Form::new().text("knd", "image").part("file", file()),
            vec![fault("knd", "unknown"), fault("kind", "missing")],
        ),
        (Form::new().text("kind", "image").part("a", file()).part("b", file()), vec![fault("b", "conflict")]),
    ];
    for (form, expected) in cases {
        let answer = Answer::read(ada.live.request(Method::POST, "/v1/assets").multipart(form)).await;
        assert_eq!(answer.faults(), expected);
        assert_eq!(server.files(), empty);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_leaves_nothing() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let empty = server.files();
    let head = "--b\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\nimage\r\n\
                --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n";
    let mut whole = head.as_bytes().to_vec();
    whole.extend(png(200, 200));
    for length in [10, head.len(), head.len() + 50, whole.len()] {
        // The closing boundary never comes.
        let request = ada
            .live
            .request(Method::POST, "/v1/assets")
            .header("content-type", "multipart/form-data; boundary=b")
            .body(whole[..length].to_vec());
        Answer::read(request).await.refused(400, "malformed");
        assert_eq!(server.files(), empty, "{length}");
    }
    let plain = ada.live.request(Method::POST, "/v1/assets").header("content-type", "image/png").body(png(8, 8));
    Answer::read(plain).await.refused(415, "unsupported_media_type");
    let unbounded = ada.live.request(Method::POST, "/v1/assets").header("content-type", "multipart/form-data");
    Answer::read(unbounded.body("x")).await.refused(400, "malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_listed_by_kind_and_in_pieces() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let mut ids = Vec::new();
    for side in [8, 9, 10] {
        ids.push(ada.live.upload("image", "a.png", png(side, side)).await.expect(201)["id"].clone());
    }
    let sound = ada.live.upload("audio", "a.wav", wav(0.2)).await.expect(201)["id"].clone();
    let first = ada.live.get("/v1/assets?limit=2&kind=image").await.expect(200);
    let listed = |list: &serde_json::Value| -> Vec<serde_json::Value> {
        list["data"].as_array().unwrap().iter().map(|asset| asset["id"].clone()).collect()
    };
    assert_eq!((listed(&first), &first["has_more"]), (vec![ids[2].clone(), ids[1].clone()], &json!(true)));
    let after = ids[1].as_str().unwrap();
    let second = ada.live.get(&format!("/v1/assets?limit=2&kind=image&after={after}")).await.expect(200);
    assert_eq!((listed(&second), &second["has_more"]), (vec![ids[0].clone()], &json!(false)));
    assert_eq!(listed(&ada.live.get("/v1/assets?kind=audio").await.expect(200)), [sound]);
    let faults = ada.live.get("/v1/assets?limit=0&knd=image&after=x").await.faults();
    let names: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(names, ["limit", "after", "knd"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_waits_for_jobs_and_takes_the_last_copy() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let image = ada.test.picture().await;
    let body = json!({"mode": "image_to_image", "prompt": "test:slow", "input_image_asset_id": image});
    let job = ada.test.job(body).await;
    let path = format!("/v1/assets/{image}");
    ada.test.delete(&path).await.refused(409, "asset_in_use");
    ada.test.post(&format!("/v1/jobs/{}/cancel", job["id"].as_str().unwrap()), json!({})).await.expect(200);
    ada.test.delete(&path).await.expect(204);
    ada.test.get(&path).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_has_a_thumbnail() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 100).await;
    let image = ada.live.picture().await;
    let sound = ada.live.upload("audio", "a.wav", wav(0.5)).await.expect(201)["id"].as_str().unwrap().to_owned();
    let job = ada.live.job(json!({"mode": "image_to_video", "input_image_asset_id": image, "voice_text": "Hi"})).await;
    let film = ada.live.finished(&job).await["result_asset_id"].as_str().unwrap().to_owned();
    for id in [image, sound, film] {
        let small = ada.live.get(&format!("/v1/assets/{id}/thumbnail")).await;
        assert_eq!((small.status.as_u16(), small.header("content-type")), (200, "image/webp"), "{}", small.text());
        let picture = image::load_from_memory(&small.body).unwrap();
        assert!(picture.width() <= 320 && picture.height() <= 320);
    }
}
