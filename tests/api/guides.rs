//! The guides' code runs as it stands: every block of a language, in order, as one program against a real server.

use std::{fs, path::Path, process::Stdio, time::Duration};

use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::server::{Person, Server, png};

/// The languages that are run, each with what runs it and the file it is written to.
const LANGUAGES: [(&str, &str, &str); 3] =
    [("sh", "bash", "guide.sh"), ("python", "python3", "guide.py"), ("javascript", "node", "guide.mjs")];

fn guide(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/guides/{name}.md"));
    fs::read_to_string(path).unwrap()
}

/// All code of one language in the guide.
fn code(name: &str, language: &str) -> String {
    let (text, fence) = (guide(name), format!("```{language}\n"));
    let blocks = text.split(&fence).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Whether the program is there. Where everything must run it is never missed in silence.
fn has(program: &str) -> bool {
    let found = std::process::Command::new(program).arg("--version").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "{program} is missing");
    found
}

/// The program with the reader's own address and keys in it, ready to start in `folder`.
fn program(
    name: &str,
    (language, runner, file): (&str, &str, &str),
    server: &Server,
    ada: &Person,
    folder: &Path,
) -> Command {
    let (live, test) = (ada.live.token.clone().unwrap(), ada.test.token.clone().unwrap());
    let text = code(name, language)
        .replace("http://127.0.0.1:8420", &server.base)
        .replace("mp_live_xxx.yyy", &live)
        .replace("mp_test_xxx.yyy", &test);
    assert!(!text.is_empty(), "{name} has no {language}");
    fs::write(folder.join(file), text).unwrap();
    fs::write(folder.join("portrait.jpg"), png(64, 48)).unwrap();
    let mut command = Command::new(runner);
    if runner == "bash" {
        command.arg("-eu");
    }
    command.arg(file).current_dir(folder).env("KEY", live).env("TEST_KEY", test).env_remove("http_proxy");
    command.env("NO_PROXY", "127.0.0.1").kill_on_drop(true);
    command
}

/// Runs a guide in every language that is there; `check` looks at what each printed and left behind.
async fn run(name: &str, server: &Server, ada: &Person, check: impl Fn(&str, &str, &Path)) {
    for language in LANGUAGES.into_iter().filter(|(_, runner, _)| has(runner)) {
        let folder = tempfile::tempdir().unwrap();
        let done = program(name, language, server, ada, folder.path()).output().await.unwrap();
        let (told, faults) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{name} in {}: {told}\n{faults}", language.0);
        check(language.0, &told, folder.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_calls_make_what_they_say() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 2000).await;
    run("five-calls", &server, &ada, |language, told, folder| {
        assert!(fs::read(folder.join("cup.png")).unwrap().starts_with(b"\x89PNG"), "{language}");
        assert!(told.contains("free"), "{language}: {told}");
        if language != "sh" {
            assert_eq!(&fs::read(folder.join("launch.mp4")).unwrap()[4..8], b"ftyp", "{language}");
        }
    })
    .await;
    let jobs = ada.live.get("/v1/jobs").await.expect(200);
    let modes: Vec<&str> = jobs["data"].as_array().unwrap().iter().map(|job| job["mode"].as_str().unwrap()).collect();
    assert!(modes.iter().all(|mode| *mode == "text_to_image"), "the films were deleted: {modes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_twice_makes_one_job() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 100).await;
    run("idempotency", &server, &ada, |language, told, _| {
        if language == "sh" {
            assert_eq!(told.matches("201 Created").count(), 2, "{told}");
            assert_eq!(told.matches("idempotency-replayed: true").count(), 1, "{told}");
        }
    })
    .await;
    let jobs = ada.live.get("/v1/jobs").await.expect(200)["data"].as_array().unwrap().len();
    let languages = LANGUAGES.into_iter().filter(|(_, runner, _)| has(runner)).count();
    assert_eq!(jobs, languages, "one a language");
}

#[tokio::test(flavor = "multi_thread")]
async fn test_keys_bring_failures_about() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    run("test-keys", &server, &ada, |language, told, _| {
        assert!(language != "sh" || told.contains("insufficient_credits"), "{told}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_take_what_is_signed_and_refuse_what_is_not() {
    for language in LANGUAGES.into_iter().filter(|(language, runner, _)| *language != "sh" && has(runner)) {
        // A port that is free now; the receiver has it a moment later.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let origin = format!("http://127.0.0.1:{port}");
        let server = Server::with(&format!("[webhooks]\nallow = [\"{origin}\"]\nallow_private = true\n")).await;
        let ada = server.person("ada@example.com", 0).await;
        let secret = ada.session.get("/v1/webhooks/secret").await.expect(200)["secret"].as_str().unwrap().to_owned();
        let folder = tempfile::tempdir().unwrap();
        let mut receiver = program("webhooks", language, &server, &ada, folder.path())
            .env("PORT", port.to_string())
            .env("WEBHOOK_SECRET", secret)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let forged = json!({"type": "job.completed", "data": {}});
        let headers = [("webhook-id", "evt_1"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA")];
        let mut answer = None;
        for _ in 0..200 {
            let mut request = server.stranger().request(Method::POST, &origin).json(&forged);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            answer = request.send().await.ok();
            if answer.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(answer.expect("it listens").status(), 400, "{}: a forgery", language.0);
        let sent = ada.session.post("/v1/webhooks/test", json!({"url": format!("{origin}/hook")})).await.expect(202);
        let mut lines = BufReader::new(receiver.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await.unwrap().unwrap().unwrap();
        assert_eq!(line, format!("webhook.test {}", sent["id"].as_str().unwrap()), "{}", language.0);
        receiver.kill().await.unwrap();
    }
}

#[test]
fn settings_in_the_guides_are_settings() {
    for name in ["webhooks", "air-gap"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("magicpixels.toml"), code(name, "toml")).unwrap();
        let overrides = magicpixels::config::Overrides::default();
        magicpixels::config::Config::load(folder.path(), overrides).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}
