//! An instance driven as an operator drives it: the real binary, its commands and its server, as other processes.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

pub const EMAIL: &str = "ada@example.com";

/// A data folder with one account.
pub struct Instance {
    dir: tempfile::TempDir,
}

impl Instance {
    /// A folder with nothing in it.
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// An account with the sign-up credit and this many more.
    pub fn with_credits(credits: u32) -> Self {
        let instance = Self::empty();
        instance.create_account();
        instance.ok(&["credits", "grant", EMAIL, &credits.to_string(), "--reason", "test"]);
        instance
    }

    pub fn create_account(&self) -> String {
        let mut child =
            self.command(&["account", "create", EMAIL, "--password-file", "-"]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_magicpixels"));
        command.arg("--data").arg(self.data()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that must succeed; its standard output.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(args)).unwrap()
    }

    pub fn key(&self) -> String {
        self.ok(&["key", "create", "--account", EMAIL])
    }

    /// Starts the server on a port of the system's choice, dying at `fail_at` if given.
    pub fn serve(&self, fail_at: Option<&str>) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
        if let Some(point) = fail_at {
            command.env("MAGICPIXELS_FAIL_AT", point);
        }
        let mut child = command.stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the server says where it listens").unwrap();
        let url = first.split_whitespace().find(|word| word.starts_with("http://")).expect(&first).to_owned();
        Server { child, url, rest: Some(Box::new(lines.map_while(Result::ok))) }
    }

    /// Starts a server that dies at `point` by itself, maybe before it says anything.
    pub fn serve_until_death(&self, point: &str) {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
        let status = command.env("MAGICPIXELS_FAIL_AT", point).stdout(Stdio::null()).status().unwrap();
        assert!(!status.success(), "the server stopped in order at {point}");
    }

    pub fn media_files(&self) -> usize {
        count_files(&self.data().join("media"))
    }
}

fn count_files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| if entry.path().is_dir() { count_files(&entry.path()) } else { 1 }).sum()
}

/// A running server process.
pub struct Server {
    pub child: Child,
    pub url: String,
    /// What it prints after its first line.
    pub rest: Option<Box<dyn Iterator<Item = String>>>,
}

impl Server {
    /// Waits for the process to end by itself.
    pub fn wait_for_death(&mut self) {
        let until = Instant::now() + Duration::from_mins(2);
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "the server did not die at its fail point");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client of the HTTP API.
pub struct Client {
    pub url: String,
    pub key: String,
}

impl Client {
    pub async fn send(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let client = reqwest::Client::new();
        let mut request = client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(reqwest::Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Polls the job to its end.
    pub async fn finish(&self, id: &str) -> Value {
        let until = Instant::now() + Duration::from_mins(2);
        loop {
            let job = self.get(&format!("/v1/jobs/{id}")).await;
            if ["completed", "aborted"].contains(&job["status"].as_str().unwrap()) {
                return job;
            }
            assert!(Instant::now() < until, "the job does not end: {job}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}
