//! The command line, as an operator types it.

use std::io::Write as _;

use crate::instance::{Client, EMAIL, Instance};
use serde_json::json;

#[test]
fn accounts_keys_and_credits_from_the_command_line() {
    let instance = Instance::empty();
    let id = instance.create_account();
    assert!(id.starts_with("acc_"), "{id}");
    let again = instance.run(&["account", "create", EMAIL, "--password-file", "/dev/null"]);
    assert_eq!(again.status.code(), Some(1));
    let key = instance.key();
    assert!(key.starts_with("mp_live_") && key.contains('.') && !key.contains(char::is_whitespace), "{key}");
    assert!(instance.ok(&["key", "create", "--account", EMAIL, "--test"]).starts_with("mp_test_"));
    let limited =
        instance.json(&["--json", "key", "create", "--account", EMAIL, "--scope", "jobs:read", "--expires-in", "30d"]);
    assert!(limited["key"].as_str().unwrap().starts_with("mp_live_"));
    let unknown = instance.run(&["key", "create", "--account", EMAIL, "--scope", "job:read"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("`jobs:read`"));
    assert_eq!(instance.run(&["key", "create", "--account", EMAIL, "--expires-in", "30"]).status.code(), Some(2));
    let closed = instance.run(&["account", "invite"]);
    assert!(String::from_utf8_lossy(&closed.stderr).contains("sign-up is closed"));
    std::fs::write(instance.data().join("magicpixels.toml"), "sign_up = \"invitation\"").unwrap();
    assert!(instance.ok(&["account", "invite", "--note", "Bob"]).contains("/sign-up?invitation="));
    let granted = instance.json(&["--json", "credits", "grant", EMAIL, "41", "--reason", "hello"]);
    assert_eq!(granted["credits_remaining"], 42, "one free credit and the grant");
    let stranger = instance.run(&["credits", "grant", "nobody@example.com", "1", "--reason", "x"]);
    assert_eq!(stranger.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("no such account"));
    assert_eq!(instance.run(&["no-such-command"]).status.code(), Some(2));
}

#[test]
fn the_ledger_is_verified_and_a_forger_is_found() {
    let instance = Instance::with_credits(5);
    let report = instance.json(&["--json", "ledger", "verify"]);
    assert_eq!((&report["issued"], &report["findings"]), (&json!(6), &json!([])));
    let forger = rusqlite::Connection::open(instance.data().join("magicpixels.sqlite3")).unwrap();
    let triggers: Vec<String> = forger
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'transfers'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(forger.execute("UPDATE transfers SET amount = 500", []).is_err(), "the triggers refuse it");
    for trigger in triggers {
        forger.execute(&format!("DROP TRIGGER {trigger}"), []).unwrap();
    }
    forger.execute("UPDATE transfers SET amount = 500 WHERE kind = 'operator_grant'", []).unwrap();
    drop(forger);
    let output = instance.run(&["ledger", "verify"]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("not as it was written"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_a_running_server_is_a_whole_instance() {
    let instance = Instance::with_credits(5);
    let key = instance.key();
    let server = instance.serve(None);
    let client = Client { url: server.url.clone(), key };
    let body = json!({"mode": "audio", "voice_text": "Keep me.", "voice_id": "hibari", "seed": 7});
    let (_, job) = client.send(reqwest::Method::POST, "/v1/jobs", Some(&body)).await;
    let id = job["id"].as_str().unwrap().to_owned();
    assert_eq!(client.finish(&id).await["status"], "completed");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.tar").display().to_string();
    instance.ok(&["backup", &file]);
    assert_eq!(instance.run(&["backup", &file]).status.code(), Some(1), "a backup is never written over");
    assert_eq!(instance.run(&["restore", &file]).status.code(), Some(1), "an instance is never written over");
    drop(server);

    let copy = Instance::empty();
    copy.ok(&["restore", &file]);
    assert_eq!(copy.media_files(), instance.media_files());
    assert!(copy.run(&["doctor"]).status.success());
    let verified = copy.json(&["--json", "job", "verify", &id]);
    assert_eq!(verified["same"], true, "the same request gives the same bytes again");

    let mut damaged = std::fs::read(&file).unwrap();
    let middle = damaged.len() - 20_000;
    damaged[middle] ^= 1;
    let path = folder.path().join("damaged.tar");
    std::fs::File::create(&path).unwrap().write_all(&damaged).unwrap();
    let output = Instance::empty().run(&["restore", &path.display().to_string()]);
    assert_eq!(output.status.code(), Some(1), "a flipped bit is found");
}

#[test]
fn the_first_start_prints_a_set_up_address_and_the_folder_has_one_server() {
    let instance = Instance::empty();
    let mut server = instance.serve(None);
    let address = server.rest.as_mut().unwrap().find(|line| line.contains("/setup?token=")).unwrap();
    assert!(address.trim().starts_with(&server.url), "{address}");
    let second = instance.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another"));
}

#[test]
fn models_are_listed_with_their_licences() {
    let instance = Instance::empty();
    let models = instance.json(&["--json", "models", "list"]);
    let models = models.as_array().unwrap();
    for mode in ["text_to_image", "image_to_image", "audio", "image_to_video"] {
        let serves = |model: &&serde_json::Value| model["modes"].as_array().unwrap().contains(&json!(mode));
        let model = models.iter().find(serves).unwrap_or_else(|| panic!("no model serves {mode}"));
        assert!(!model["licence"].as_str().unwrap().is_empty() && model["id"] != "test", "{model}");
    }
}
