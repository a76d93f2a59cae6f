//! The guides' code runs as it stands: every block of a language, in order, as one program against a real server.

use std::{fs, path::Path};

use tokio::process::Command;

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

#[test]
fn settings_in_the_guides_are_settings() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("magicpixels.toml"), code("air-gap", "toml")).unwrap();
    magicpixels::config::Config::load(folder.path(), magicpixels::config::Overrides::default()).unwrap();
}
