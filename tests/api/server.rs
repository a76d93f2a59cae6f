//! A server in this process, people with keys, and answers that tell what they were when an assertion fails.

use std::{path::PathBuf, sync::Arc, time::Duration};

use image::{ImageFormat, Rgb, RgbImage};
use magicpixels::{
    app::{App, keys::KeySpec},
    config::{Config, Overrides},
    domain::{clock::Clock, credits::Credits},
    engine::registry::Engine,
    startup::{self, Running},
};
use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::HeaderMap,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

pub const PASSWORD: &str = "correct horse";

/// A running appliance in a folder of its own.
pub struct Server {
    pub base: String,
    running: Option<Running>,
    pub dir: tempfile::TempDir,
}

impl Server {
    pub async fn start() -> Self {
        Self::with("").await
    }

    /// Starts with this settings file.
    pub async fn with(settings: &str) -> Self {
        Self::with_clock(settings, Clock::System).await
    }

    pub async fn with_clock(settings: &str, clock: Clock) -> Self {
        Self::with_engine(settings, clock, Engine::fake()).await
    }

    /// Starts with models of the test's choice for live keys.
    pub async fn with_engine(settings: &str, clock: Clock, engine: Engine) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("magicpixels.toml"), settings).unwrap();
        let overrides = Overrides { listen: Some("127.0.0.1:0".into()), public_url: None };
        let config = Config::load(dir.path(), overrides).unwrap();
        let running = startup::start(config, engine, clock).await.unwrap();
        Self { base: format!("http://{}", running.addr), running: Some(running), dir }
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub fn app(&self) -> &Arc<App> {
        &self.running().app
    }

    /// A client without a credential.
    pub fn stranger(&self) -> Client {
        Client { http: http(), base: self.base.clone(), token: None }
    }

    /// A client with this credential.
    pub fn client(&self, token: &str) -> Client {
        Client { token: Some(token.into()), ..self.stranger() }
    }

    /// A person with an account, these many credits beyond the free one, and a session.
    pub async fn person(&self, email: &'static str, credits: u32) -> Person {
        let app = self.app().clone();
        let (session, live, test) = tokio::task::spawn_blocking(move || {
            let id = app.create_account(email, PASSWORD).unwrap();
            if credits > 0 {
                app.grant_credits(email, Credits::new(credits), "test").unwrap();
            }
            let session = app.sign_in(email, PASSWORD, "test").unwrap().token;
            let live = app.create_key_for(id, &KeySpec::unlimited("live", false)).unwrap().token;
            let test = app.create_key_for(id, &KeySpec::unlimited("test", true)).unwrap().token;
            (session, live, test)
        })
        .await
        .unwrap();
        Person { session: self.client(&session), live: self.client(&live), test: self.client(&test) }
    }

    /// Every media file on the disk, staged ones included.
    pub fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &std::path::Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { walk(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        walk(&self.dir.path().join("media"), &mut found);
        found
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The tasks end with the test's runtime; what must not outlive it are the workers' threads.
        if let Some(running) = self.running.take() {
            let stopping = running.stop();
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(stopping);
                });
            });
        }
    }
}

/// The tiny packs that the engine's own tests use.
pub fn unpack_tiny_packs(folder: &std::path::Path) {
    let packed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/diffusion/packs.tar.zst");
    let mut decoder = zstd::Decoder::new(std::fs::File::open(packed).unwrap()).unwrap();
    decoder.window_log_max(27).unwrap();
    tar::Archive::new(decoder).unpack(folder).unwrap();
}

/// One account and its three credentials.
pub struct Person {
    pub session: Client,
    pub live: Client,
    pub test: Client,
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

/// Who sends requests.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub base: String,
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn read(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// Checks the refusal's whole shape; answers its error object.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        let body = self.json();
        let error = &body["error"];
        assert_eq!(error["code"], code, "{body}");
        assert!(error["message"].as_str().unwrap().len() > 5, "{body}");
        assert_eq!(error["request_id"], self.header("x-request-id"), "{body}");
        assert_eq!(error["doc"], format!("/docs/errors#{code}"), "{body}");
        assert!(self.header("content-type").starts_with("application/json"));
        error.clone()
    }

    /// The faulty fields with their codes.
    #[track_caller]
    pub fn faults(&self) -> Vec<(String, String)> {
        let error = self.refused(422, "invalid_fields");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        error["details"]["fields"].as_array().unwrap().iter().map(|f| (text(&f["field"]), text(&f["code"]))).collect()
    }
}

impl Client {
    /// A request to a path, or to an absolute URL.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let request = self.http.request(method, url).timeout(Duration::from_secs(30));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::read(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::read(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::read(self.request(Method::DELETE, path)).await
    }

    pub async fn upload(&self, kind: &str, name: &str, bytes: Vec<u8>) -> Answer {
        let form =
            Form::new().text("kind", kind.to_owned()).part("file", Part::bytes(bytes).file_name(name.to_owned()));
        Answer::read(self.request(Method::POST, "/v1/assets").multipart(form)).await
    }

    /// Uploads a small picture; its id.
    pub async fn picture(&self) -> String {
        let asset = self.upload("image", "portrait.png", png(64, 48)).await.expect(201);
        asset["id"].as_str().unwrap().to_owned()
    }

    /// Creates a job; its body.
    pub async fn job(&self, body: Value) -> Value {
        self.post("/v1/jobs", body).await.expect(201)
    }

    /// Polls the job until it has ended.
    pub async fn finished(&self, job: &Value) -> Value {
        let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
        for _ in 0..600 {
            let job = self.get(&path).await.expect(200);
            if job["status"] == "completed" || job["status"] == "aborted" {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{path} does not end");
    }

    /// Polls the job until it runs.
    pub async fn running(&self, job: &Value) -> Value {
        let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
        for _ in 0..600 {
            let job = self.get(&path).await.expect(200);
            if job["status"] != "queued" {
                assert_eq!(job["status"], "running");
                return job;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{path} does not begin");
    }

    pub async fn credits(&self) -> u64 {
        self.get("/v1/account").await.expect(200)["credits_remaining"].as_u64().unwrap()
    }

    /// Makes one picture from this prompt; its finished job.
    pub async fn painted(&self, prompt: &str) -> Value {
        let job = self.job(json!({"mode": "text_to_image", "prompt": prompt})).await;
        let job = self.finished(&job).await;
        assert_eq!(job["status"], "completed", "{job}");
        job
    }
}

/// A PNG of these many pixels.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x * 3) as u8, (y * 5) as u8, 90]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A WAV of these many seconds.
pub fn wav(seconds: f32) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for i in 0..(seconds * 16_000.0) as u32 {
        writer.write_sample(((f64::from(i) * 0.05).sin() * 8000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}
