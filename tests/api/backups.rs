//! Backups made beside the running server, and a restore that waits for the next start.

use std::{io::Write as _, time::Duration};

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::server::{Answer, Client, Server};

/// Makes a backup and waits until it is whole; its name.
async fn backed_up(admin: &Client) -> String {
    let begun = admin.post("/v1/admin/backups", json!({})).await.expect(202);
    assert_eq!(begun["state"], "running");
    for _ in 0..600 {
        let list = admin.get("/v1/admin/backups").await.expect(200);
        let backup = list["data"].as_array().unwrap().iter().find(|b| b["name"] == begun["name"]).unwrap().clone();
        assert_ne!(backup["state"], "failed", "{backup}");
        if backup["state"] == "done" {
            return begun["name"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the backup does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_listed_sent_and_deleted() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 5).await;
    let job = ada.live.painted("a cup to keep").await;
    let name = backed_up(&ada.session).await;
    let list = ada.session.get("/v1/admin/backups").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    let path = format!("/v1/admin/backups/{name}");
    let file = ada.session.get(&path).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-length"), list["data"][0]["bytes"].to_string());
    assert!(file.header("content-disposition").contains(&name));
    let asset = ada.live.get(&format!("/v1/assets/{}", job["result_asset_id"].as_str().unwrap())).await.expect(200);
    let digest = asset["sha256"].as_str().unwrap();
    assert!(file.body.windows(64).any(|part| part == digest.as_bytes()), "the media are in it");
    for bad in ["../magicpixels.sqlite3", "..%2Fmagicpixels.sqlite3", "magicpixels.sqlite3", "x.tar"] {
        let answer = ada.session.get(&format!("/v1/admin/backups/{bad}")).await;
        assert_eq!(answer.status, 404, "{bad}: {}", answer.text());
    }
    let storage = ada.session.get("/v1/admin/storage").await.expect(200);
    assert_eq!(storage["backups_bytes"], list["data"][0]["bytes"]);
    ada.session.delete(&path).await.expect(204);
    ada.session.delete(&path).await.refused(404, "not_found");
    assert_eq!(ada.session.get("/v1/admin/backups").await.expect(200)["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn media_deleted_while_a_backup_is_made_are_swept_afterwards() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 5).await;
    let job = ada.live.painted("a short-lived cup").await;
    let keeping = server.app().store.keep_all();
    ada.live.delete(&format!("/v1/jobs/{}", job["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(server.files().len(), 1, "a copy that names it can still read it");
    drop(keeping);
    let app = server.app().clone();
    let swept = tokio::task::spawn_blocking(move || app.sweep_files(Duration::ZERO)).await.unwrap().unwrap();
    assert_eq!((swept, server.files().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_checked_staged_and_taken_back() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 5).await;
    ada.live.painted("a cup").await;
    let name = backed_up(&ada.session).await;
    let file = ada.session.get(&format!("/v1/admin/backups/{name}")).await.body;
    let upload = |bytes: Vec<u8>| {
        let form = Form::new().part("file", Part::bytes(bytes).file_name("from-usb.tar"));
        Answer::read(ada.session.request(Method::POST, "/v1/admin/restore").multipart(form))
    };
    let staged = upload(file.clone()).await.expect(200);
    assert_eq!(staged["name"], "from-usb.tar");
    assert_eq!((&staged["accounts"], &staged["jobs"], &staged["media_files"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(ada.session.get("/v1/admin/overview").await.expect(200)["restore_staged"], staged);
    let by_name = ada.session.post("/v1/admin/restore", json!({"name": name})).await.expect(200);
    assert_eq!(by_name["name"], json!(name), "the later one is staged");

    // What is no backup, or a damaged one, is refused and leaves what was staged as it was.
    let flipped = |at: usize| {
        let mut bytes = file.clone();
        bytes[at] ^= 1;
        bytes
    };
    let database = file.windows(15).position(|part| part == b"SQLite format 3").unwrap();
    let picture = file.windows(8).position(|part| part == b"\x89PNG\r\n\x1a\n").unwrap();
    let mut foreign = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(3);
    header.set_cksum();
    foreign.append_data(&mut header.clone(), "etc/passwd", &b"abc"[..]).unwrap();
    let mut linked = tar::Builder::new(Vec::new());
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    linked.append_link(&mut link, "magicpixels.sqlite3", "/etc/passwd").unwrap();
    let cut = file[..file.len() / 2].to_vec();
    let mut text = Vec::new();
    text.write_all(b"not a backup at all").unwrap();
    let flips = [flipped(database + 4000), flipped(database + 60_000), flipped(picture + 40)];
    for bad in flips.into_iter().chain([cut, text, foreign.into_inner().unwrap(), linked.into_inner().unwrap()]) {
        assert_eq!(upload(bad).await.faults()[0].0, "file");
    }
    assert_eq!(ada.session.get("/v1/admin/overview").await.expect(200)["restore_staged"], by_name);
    ada.session.post("/v1/admin/restore", json!({"name": "x.tar"})).await.refused(404, "not_found");
    assert_eq!(ada.session.post("/v1/admin/restore", json!({})).await.faults()[0].0, "name");

    ada.session.delete("/v1/admin/restore").await.expect(204);
    assert_eq!(ada.session.get("/v1/admin/overview").await.expect(200)["restore_staged"], Value::Null);
    ada.session.delete("/v1/admin/restore").await.refused(404, "not_found");
}
