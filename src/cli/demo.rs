//! `magicpixels demo`: everything once, through the same HTTP API that every client uses.
//!
//! Starts an instance, makes an account and a key, grants credits, sends the seed's own requests (upload, four jobs,
//! account, delete), writes the results and prints the curl lines that repeat them.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{Outcome, explain, load_engine, say, serve};
use crate::{
    app::{App, keys::KeySpec},
    config::{Config, Overrides},
    domain::{clock::Clock, credits::Credits},
    engine::bundle,
    startup,
};

const EMAIL: &str = "demo@localhost";
const PREFERRED: &str = "127.0.0.1:8420";
/// Enough for the four jobs and a few more.
const GRANT: Credits = Credits::new(1000);

/// Show everything once: four jobs through the HTTP API, results in a folder.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Stop when everything is made, instead of serving on.
    #[arg(long)]
    exit: bool,
    /// Where the results go; the instance itself goes to `instance/` in it.
    #[arg(long, default_value = "demo", value_name = "DIR")]
    out: PathBuf,
}

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        serve::start_log("warn", false)?;
        fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let data = self.out.join("instance");
        let listen = if std::net::TcpListener::bind(PREFERRED).is_ok() { PREFERRED } else { "127.0.0.1:0" };
        let config = Config::load(&data, Overrides { listen: Some(listen.into()), public_url: None })?;
        let engine = load_engine(&config);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let running = runtime.block_on(startup::start(config, engine, Clock::System))?;
        let (password, key) = prepare(&running.app)?;
        let tour = Tour { api: Api { addr: running.addr, key: key.clone() }, out: self.out.clone() };
        let toured = tour.run();
        if toured.is_ok() && !self.exit {
            say(format_args!("\nServing on http://{} until Ctrl-C.", running.addr));
            say(format_args!("Sign in as {EMAIL} with the password {password}"));
            runtime.block_on(serve::stop_signal())?;
        }
        runtime.block_on(running.stop());
        toured.map(|()| Outcome::Done)
    }
}

/// The demo's own person: made at the first run, given a fresh password, key and credits at each.
fn prepare(app: &App) -> anyhow::Result<(String, String)> {
    let password = uuid::Uuid::new_v4().simple().to_string();
    if app.account_by_email(EMAIL).is_ok() {
        app.reset_password(EMAIL, &password).map_err(explain)?;
    } else {
        app.create_account(EMAIL, &password).map_err(explain)?;
    }
    let account = app.account_by_email(EMAIL).map_err(explain)?;
    let key = app.create_key_for(account.id, &KeySpec::unlimited("demo", false)).map_err(explain)?.token;
    app.grant_credits(EMAIL, GRANT, "demo").map_err(explain)?;
    Ok((password, key))
}

/// The HTTP API as a client sees it.
struct Api {
    addr: SocketAddr,
    key: String,
}

impl Api {
    fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("http://{}{path}", self.addr) }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.key)
    }

    fn get(&self, path: &str) -> anyhow::Result<ureq::http::Response<ureq::Body>> {
        answer(agent().get(self.url(path)).header("authorization", self.bearer()).call()?)
    }

    fn get_json(&self, path: &str) -> anyhow::Result<Value> {
        Ok(self.get(path)?.body_mut().read_json()?)
    }

    fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = agent().post(self.url(path)).header("authorization", self.bearer());
        Ok(answer(request.send_json(body)?)?.body_mut().read_json()?)
    }

    fn delete(&self, path: &str) -> anyhow::Result<()> {
        answer(agent().delete(self.url(path)).header("authorization", self.bearer()).call()?).map(drop)
    }

    /// `POST /v1/assets` as multipart/form-data (RFC 7578).
    fn upload(&self, kind: &str, name: &str, bytes: &[u8]) -> anyhow::Result<Value> {
        let boundary = uuid::Uuid::new_v4().simple().to_string();
        let mut body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let request = agent()
            .post(self.url("/v1/assets"))
            .header("authorization", self.bearer())
            .header("content-type", format!("multipart/form-data; boundary={boundary}"));
        Ok(answer(request.send(&body[..])?)?.body_mut().read_json()?)
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

/// The answer, or the API's own words for why there is none.
fn answer(mut response: ureq::http::Response<ureq::Body>) -> anyhow::Result<ureq::http::Response<ureq::Body>> {
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let text = response.body_mut().read_to_string().unwrap_or_default();
    bail!("the API answered {status}: {text}")
}

/// The seed's requests, one after the other.
struct Tour {
    api: Api,
    out: PathBuf,
}

impl Tour {
    fn run(&self) -> anyhow::Result<()> {
        say(format_args!("MagicPixels appliance {} on http://{}\n", env!("CARGO_PKG_VERSION"), self.api.addr));
        let portrait = self.upload("portrait.jpg")?;
        let product = self.upload("product.jpg")?;
        let picture = self.job(
            "1-text-to-image",
            &json!({
                "mode": "text_to_image",
                "prompt": "Editorial product photo of a ceramic cup on brushed steel"
            }),
        )?;
        self.job(
            "2-image-to-image",
            &json!({
                "mode": "image_to_image",
                "prompt": "As an oil painting",
                "input_image_asset_id": product
            }),
        )?;
        self.job(
            "3-audio",
            &json!({
                "mode": "audio",
                "voice_text": "Here is a quick launch update from the studio.",
                "voice_id": "casual_female"
            }),
        )?;
        self.job(
            "4-image-to-video",
            &json!({
                "mode": "image_to_video",
                "input_image_asset_id": portrait,
                "voice_text": "Here is a quick launch update from the studio.",
                "voice_id": "casual_male",
                "prompt": "Natural talking-avatar movement"
            }),
        )?;
        let account = self.api.get_json("/v1/account")?;
        say(format_args!(
            "Account: {} credits remain of plan {}",
            account["credits_remaining"], account["billing_tier"]
        ));
        self.delete_one_more()?;
        self.print_curl(&portrait, &picture);
        Ok(())
    }

    fn upload(&self, name: &str) -> anyhow::Result<String> {
        let asset = self.api.upload("image", name, bundle::bytes(&format!("demo/{name}"))?)?;
        let id = asset["id"].as_str().context("the upload has no id")?;
        say(format_args!("Uploaded {name}: {id} ({} x {})", asset["width"], asset["height"]));
        Ok(id.to_owned())
    }

    /// Creates the job, watches it and writes its result as `name` with the right extension. Returns the job's id.
    fn job(&self, name: &str, request: &Value) -> anyhow::Result<String> {
        let begun = Instant::now();
        let mut job = self.api.post("/v1/jobs", request)?;
        let id = job["id"].as_str().context("the job has no id")?.to_owned();
        let style = ProgressStyle::with_template("{prefix:<17} {bar:32} {pos:>3} % {msg}")?.progress_chars("━╸ ");
        let bar = ProgressBar::new(100).with_style(style).with_prefix(name[2..].to_owned());
        while !matches!(job["status"].as_str(), Some("completed" | "aborted")) {
            bar.set_position((job["progress"]["fraction"].as_f64().unwrap_or(0.0) * 100.0) as u64);
            bar.set_message(job["progress"]["stage"].as_str().unwrap_or("queued").to_owned());
            std::thread::sleep(Duration::from_millis(150));
            job = self.api.get_json(&format!("/v1/jobs/{id}"))?;
        }
        bar.finish_and_clear();
        if job["status"] == "aborted" {
            bail!("{name} was aborted: {}", job["error"]["message"]);
        }
        let path = self.save(name, job["result_asset_url"].as_str().context("the job has no result")?)?;
        say(format_args!(
            "{:<17} {:>5.1} s, {} credits -> {}",
            &name[2..],
            begun.elapsed().as_secs_f64(),
            job["credits"]["charged"],
            path.display()
        ));
        for warning in job["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            say(format_args!("{:<17} note: {warning}", ""));
        }
        Ok(id)
    }

    fn save(&self, name: &str, url: &str) -> anyhow::Result<PathBuf> {
        let mut response = self.api.get(url)?;
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let extension = match kind {
            "image/png" => "png",
            "audio/wav" => "wav",
            "video/mp4" => "mp4",
            other => bail!("the result has the unexpected type {other}"),
        };
        let path = self.out.join(name).with_extension(extension);
        let bytes = response.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        write(&path, &bytes)?;
        Ok(path)
    }

    /// A job that is made only to be deleted, as the seed's last call does.
    fn delete_one_more(&self) -> anyhow::Result<()> {
        let request = json!({"mode": "audio", "voice_text": "Short-lived.", "model": "hibari", "voice_id": "hibari"});
        let job = self.api.post("/v1/jobs", &request)?;
        let path = format!("/v1/jobs/{}", job["id"].as_str().context("the job has no id")?);
        while !matches!(self.api.get_json(&path)?["status"].as_str(), Some("completed" | "aborted")) {
            std::thread::sleep(Duration::from_millis(50));
        }
        self.api.delete(&path)?;
        say("Deleted a job and its sound.");
        Ok(())
    }

    fn print_curl(&self, portrait: &str, job: &str) {
        let (base, key) = (self.api.url(""), &self.api.key);
        say(format_args!(
            r#"
Repeat it with curl:
  curl -X POST {base}/v1/assets -H "Authorization: Bearer {key}" -F "kind=image" -F "file=@portrait.jpg"
  curl -X POST {base}/v1/jobs -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \
    -d '{{"mode": "text_to_image", "prompt": "Editorial product photo of a ceramic cup on brushed steel"}}'
  curl -X POST {base}/v1/jobs -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \
    -d '{{"mode": "image_to_video", "input_image_asset_id": "{portrait}", "voice_text": "Here is a quick launch update from the studio.", "voice_id": "casual_male", "prompt": "Natural talking-avatar movement"}}'
  curl {base}/v1/account -H "Authorization: Bearer {key}"
  curl -X DELETE {base}/v1/jobs/{job} -H "Authorization: Bearer {key}""#
        ));
    }
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| path.display().to_string())
}
