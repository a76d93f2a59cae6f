//! A restore over an instance: it takes effect at the next start, and `kill -9` at every named point of it leaves either
//! the old instance or the new one, whole.

use serde_json::json;

use crate::instance::{Client, EMAIL, Instance};

/// What tells the two instances apart.
const OLD: u64 = 101;
const NEW: u64 = 8;

/// An instance with a job and its sound, a backup of it, and what happened to the instance since.
async fn changed_since_backup() -> (Instance, String, tempfile::TempDir) {
    let instance = Instance::with_credits(7);
    let key = instance.key();
    let server = instance.serve(None);
    let client = Client { url: server.url.clone(), key: key.clone() };
    let body = json!({"mode": "audio", "voice_text": "Keep me.", "voice_id": "hibari", "seed": 7});
    let (_, job) = client.send(reqwest::Method::POST, "/v1/jobs", Some(&body)).await;
    let id = job["id"].as_str().unwrap().to_owned();
    assert_eq!(client.finish(&id).await["status"], "completed");
    // One credit each: what the sound cost comes back, so that the sums are round.
    instance.ok(&["credits", "grant", EMAIL, "1", "--reason", "test"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.tar").display().to_string();
    instance.ok(&["backup", &file]);
    // Since then the job was deleted with its sound, and credits came.
    assert_eq!(client.send(reqwest::Method::DELETE, &format!("/v1/jobs/{id}"), None).await.0, 204);
    instance.ok(&["credits", "grant", EMAIL, "93", "--reason", "test"]);
    drop(server);
    assert_eq!(instance.media_files(), 0);
    (instance, file, folder)
}

/// Starts the server and tells which instance it serves; both must be whole.
async fn serves(instance: &Instance, key: &str) -> u64 {
    let server = instance.serve(None);
    let client = Client { url: server.url.clone(), key: key.to_owned() };
    let credits = client.get("/v1/account").await["credits_remaining"].as_u64().unwrap();
    let jobs = client.get("/v1/jobs").await["data"].as_array().unwrap().len();
    assert_eq!((credits, jobs), if credits == NEW { (NEW, 1) } else { (OLD, 0) });
    drop(server);
    let doctor = instance.run(&["doctor"]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
    credits
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_point_of_a_restore_leaves_one_whole_instance() {
    let (instance, file, folder) = changed_since_backup().await;
    let key = instance.key();
    assert_eq!(serves(&instance, &key).await, OLD);
    // The key was made after the backup; the restored instance doesn't know it.
    let key = {
        instance.ok(&["restore", "--replace", &file]);
        let server = instance.serve(None);
        drop(server);
        instance.key()
    };
    assert_eq!(serves(&instance, &key).await, NEW, "the restore took effect");
    let leftovers = ["restore", "restore.partial", "previous"];
    assert!(leftovers.iter().all(|name| !instance.data().join(name).exists()), "nothing is left of it");

    // Back and forth, dying at each point.
    let newer = folder.path().join("newer.tar").display().to_string();
    instance.ok(&["backup", &newer]);
    for point in magicpixels::failpoint::RESTORE_POINTS {
        if point == "restore_unpacked" {
            let mut command = instance.command(&["restore", "--replace", &newer]);
            assert!(!command.env("MAGICPIXELS_FAIL_AT", point).status().unwrap().success());
            assert_eq!(serves(&instance, &key).await, NEW, "nothing was staged");
            continue;
        }
        instance.ok(&["credits", "grant", EMAIL, "93", "--reason", "test"]);
        let client = Client { url: String::new(), key: key.clone() };
        let server = instance.serve(None);
        let client = Client { url: server.url.clone(), ..client };
        let jobs = client.get("/v1/jobs").await;
        let id = jobs["data"][0]["id"].as_str().unwrap();
        assert_eq!(client.send(reqwest::Method::DELETE, &format!("/v1/jobs/{id}"), None).await.0, 204);
        drop(server);
        assert_eq!(serves(&instance, &key).await, OLD, "{point}: the instance went on");
        instance.ok(&["restore", "--replace", &newer]);
        instance.serve_until_death(point);
        // A command that comes in between sees one whole instance or is told to wait.
        let verify = instance.run(&["ledger", "verify"]);
        assert!(
            verify.status.success() || String::from_utf8_lossy(&verify.stderr).contains("half-way"),
            "{point}: {}",
            String::from_utf8_lossy(&verify.stderr)
        );
        assert_eq!(serves(&instance, &key).await, NEW, "{point}: the next start finished it");
        assert!(leftovers.iter().all(|name| !instance.data().join(name).exists()), "{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_instance_that_does_not_open_gives_way_to_the_old_one() {
    let (instance, file, _folder) = changed_since_backup().await;
    let key = instance.key();
    instance.ok(&["restore", "--replace", &file]);
    // Damaged after it was checked: only the start can find it.
    let staged = instance.data().join("restore/magicpixels.sqlite3");
    std::fs::write(&staged, vec![7; 8192]).unwrap();
    assert_eq!(serves(&instance, &key).await, OLD, "the old instance is back");
    assert!(!instance.data().join("previous").exists());
}
