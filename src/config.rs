//! Settings: raw (a TOML file, the environment, the command line) to checked. The only reader of the environment.
//!
//! Precedence: command line, then `MAGICPIXELS_*` variables (clap reads both), then `magicpixels.toml` in the data
//! folder, then the defaults below. A file with an unknown key is refused by name.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::domain::{credits::Credits, digest::Digest, plan::Plan, pricing::PriceTable, webhook::AllowList};

mod device;
mod network;
mod source;

pub use device::Device;
pub use network::Network;
pub use source::{Setting, Source};

use source::Sources;

/// The name of the settings file in the data folder.
pub const FILE_NAME: &str = "magicpixels.toml";

/// The instance's folder where nobody names another.
pub const DATA_DEFAULT: &str = "data";

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {message}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        message: String,
    },
    /// A value makes no sense.
    #[error("setting `{name}`: {message}")]
    Value {
        /// The setting.
        name: &'static str,
        /// What is wrong with it.
        message: String,
    },
}

/// Limits on what clients send and on what runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest upload, in bytes.
    pub upload_bytes: u64,
    /// Most pixels of an uploaded picture.
    pub image_pixels: u64,
    /// Longest uploaded sound or film, in seconds.
    pub media_seconds: f64,
    /// Longest film that is made, in seconds.
    pub film_seconds: f64,
    /// Most queued jobs of one account.
    pub queued_jobs_per_account: u32,
    /// Most queued jobs in all.
    pub queued_jobs: u32,
    /// Requests a minute of one credential.
    pub requests_per_minute: u32,
    /// Tries to sign in a minute from one address.
    pub sign_ins_per_minute: u32,
    /// Unknown, revoked or expired credentials a minute from one address that are answered 401; more are 429.
    pub bad_credentials_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            upload_bytes: 200 << 20,
            image_pixels: 64_000_000,
            media_seconds: 600.0,
            film_seconds: 180.0,
            queued_jobs_per_account: 100,
            queued_jobs: 1000,
            requests_per_minute: 1200,
            sign_ins_per_minute: 10,
            bad_credentials_per_minute: 60,
        }
    }
}

/// How jobs run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Work {
    /// Jobs that run at once.
    pub workers: usize,
    /// Threads of one model run; 0 takes one a core.
    pub threads: usize,
    /// Times a job may begin before it is given up, should the appliance stop during it.
    pub attempts_max: u32,
    /// Longest run, in seconds.
    pub run_timeout_seconds: u64,
    /// Unused models leave memory after this many seconds.
    pub model_idle_seconds: u64,
    /// MiB of weights of all models that may be in memory at once; 0 takes half of the machine's memory.
    pub model_memory_mib: u32,
    /// What packs run on, by name: see [`Device`].
    pub device: String,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            workers: 1,
            threads: 0,
            attempts_max: 3,
            run_timeout_seconds: 1800,
            model_idle_seconds: 600,
            model_memory_mib: 0,
            device: Device::default().as_str().into(),
        }
    }
}

/// For how long media are kept. Counted from when an asset is made; what was made before a change keeps its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days that uploads are kept; 0 keeps them for ever.
    pub uploads_days: u32,
    /// Days that results of jobs are kept; 0 keeps them for ever.
    pub results_days: u32,
}

impl Retention {
    /// How long an asset is kept, an upload or a result; `None` keeps it for ever.
    pub fn length(self, is_upload: bool) -> Option<Duration> {
        let days = if is_upload { self.uploads_days } else { self.results_days };
        (days > 0).then(|| Duration::from_secs(u64::from(days) * 24 * 3600))
    }
}

/// Where webhooks may go. None may go anywhere unless the operator names origins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Permitted origins, such as `https://hooks.example.com`; `*` permits any public https host.
    pub allow: Vec<String>,
    /// Whether permitted hosts may lie in private networks or on this machine.
    pub allow_private: bool,
    /// A PEM file of the roots to trust in place of Mozilla's, for networks with their own authority.
    pub ca_file: String,
}

/// The operator's packs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Packs {
    /// Whose exported packs may be imported, by the fingerprints that `magicpixels models signer` tells.
    pub trusted_signers: Vec<String>,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUp {
    /// Anyone who reaches the page.
    Open,
    /// Who has an invitation of the operator.
    Invitation,
    /// Only the operator, by page or command line.
    #[default]
    Closed,
}

/// Everything in the settings file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// Where the API listens.
    pub listen: String,
    /// The address under which clients reach the appliance, for absolute URLs; empty takes each request's Host.
    pub public_url: String,
    /// Proxies whose `X-Forwarded-For` is believed, as addresses or networks.
    pub trusted_proxies: Vec<String>,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// Credits that a new account gets.
    pub signup_credits: Credits,
    /// Whether PNGs tell in their metadata what made them, where a job doesn't say.
    pub embed_parameters: bool,
    /// How long a browser session lasts, in hours.
    pub session_hours: u64,
    /// What jobs cost.
    pub prices: PriceTable,
    /// Limits on what clients send and on what runs.
    pub limits: Limits,
    /// How jobs run.
    pub work: Work,
    /// For how long media are kept.
    pub retention: Retention,
    /// Where webhooks may go.
    pub webhooks: Webhooks,
    /// The operator's packs.
    pub packs: Packs,
    /// The plans that people may take; one of them must be `free`.
    #[serde(rename = "plan")]
    pub plans: Vec<Plan>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8420".into(),
            public_url: String::new(),
            trusted_proxies: Vec::new(),
            sign_up: SignUp::default(),
            signup_credits: Credits::new(1),
            embed_parameters: true,
            session_hours: 24 * 14,
            prices: PriceTable::default(),
            limits: Limits::default(),
            work: Work::default(),
            retention: Retention::default(),
            webhooks: Webhooks::default(),
            packs: Packs::default(),
            plans: Plan::defaults(),
        }
    }
}

/// Checked settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The instance's folder.
    pub data: PathBuf,
    /// Where the API listens.
    pub listen: SocketAddr,
    /// The base of absolute URLs, without a trailing slash; `None` takes each request's Host.
    pub public_url: Option<String>,
    /// Where webhooks may go.
    pub webhooks: AllowList,
    /// What packs run on.
    pub device: Device,
    /// Whose exported packs may be imported.
    pub trusted_signers: Vec<Digest>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The rest, as the file gives it.
    pub file: File,
    /// Who set what.
    sources: Sources,
}

/// What the command line and the environment may set.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Where the API listens.
    pub listen: Option<String>,
    /// The base of absolute URLs.
    pub public_url: Option<String>,
}

impl Config {
    /// Reads the settings of the instance in `data`.
    pub fn load(data: &Path, overrides: Overrides) -> Result<Self, ConfigError> {
        let path = data.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
        let file = toml::from_str(&text).map_err(|e| ConfigError::Parse { path, message: e.to_string() })?;
        let mut sources = Sources { file: Sources::of_file(&text), ..Sources::default() };
        for (name, value) in [("listen", &overrides.listen), ("public_url", &overrides.public_url)] {
            sources.overrides.extend(value.as_ref().map(|_| (name, Source::CommandLine)));
        }
        Self::check(data, file, overrides, sources)
    }

    fn check(data: &Path, file: File, overrides: Overrides, sources: Sources) -> Result<Self, ConfigError> {
        let listen = overrides.listen.as_deref().unwrap_or(&file.listen);
        let listen = listen.parse().map_err(|_| ConfigError::Value {
            name: "listen",
            message: format!("`{listen}` is not an address such as 127.0.0.1:8420"),
        })?;
        let public_url = overrides.public_url.unwrap_or_else(|| file.public_url.clone());
        let public_url = Some(public_url.trim_end_matches('/').to_owned()).filter(|url| !url.is_empty());
        if public_url.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            let message = "must begin with http:// or https://".into();
            return Err(ConfigError::Value { name: "public_url", message });
        }
        let mut ids: Vec<&str> = file.plans.iter().map(|plan| plan.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() != file.plans.len() || !ids.contains(&Plan::FREE) {
            let message = format!("plan ids must differ and one must be `{}`", Plan::FREE);
            return Err(ConfigError::Value { name: "plan", message });
        }
        if file.work.workers == 0 || file.work.workers > 16 {
            return Err(ConfigError::Value { name: "work.workers", message: "must be 1 to 16".into() });
        }
        let webhooks = AllowList::parse(&file.webhooks.allow)
            .map_err(|message| ConfigError::Value { name: "webhooks.allow", message })?;
        let device =
            Device::parse(&file.work.device).map_err(|message| ConfigError::Value { name: "work.device", message })?;
        let signer = |text: &String| {
            let message = || format!("`{text}` is not the fingerprint of a signer: 64 digits of 0-9 and a-f");
            text.parse().map_err(|_| ConfigError::Value { name: "packs.trusted_signers", message: message() })
        };
        let trusted_signers = file.packs.trusted_signers.iter().map(signer).collect::<Result<_, _>>()?;
        let proxies: Result<_, String> = file.trusted_proxies.iter().map(|text| text.parse()).collect();
        let trusted_proxies = proxies.map_err(|message| ConfigError::Value { name: "trusted_proxies", message })?;
        let data = data.to_path_buf();
        Ok(Self { data, listen, public_url, webhooks, device, trusted_signers, trusted_proxies, file, sources })
    }

    /// The plan of that id, or the free plan where the operator has since removed it.
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.file.plans.iter().find(|plan| plan.id == id)
    }

    /// How long a browser session lasts.
    pub fn session_length(&self) -> Duration {
        Duration::from_secs(self.file.session_hours.saturating_mul(3600))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE_NAME), text).unwrap();
        Config::load(dir.path(), Overrides::default())
    }

    #[test]
    fn the_defaults_are_the_seeds_prices() {
        let config = load("").unwrap();
        assert_eq!(config.file.signup_credits.get(), 1);
        assert_eq!(config.file.prices, PriceTable::default());
        assert_eq!(config.plan("free").unwrap().monthly_credit_grant.get(), 0);
        assert!(config.listen.ip().is_loopback());
    }

    #[test]
    fn the_file_changes_one_thing_and_the_command_line_wins() {
        let config = load("listen = '0.0.0.0:80'\n[prices]\nimage = 3\n").unwrap();
        assert_eq!((config.file.prices.image.get(), config.file.prices.video_per_second.get()), (3, 22));
        let dir = tempfile::tempdir().unwrap();
        let overrides = Overrides { listen: Some("127.0.0.1:0".into()), public_url: Some("https://a.example/".into()) };
        let config = Config::load(dir.path(), overrides).unwrap();
        assert_eq!((config.listen.port(), config.public_url.as_deref()), (0, Some("https://a.example")));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, expected) in [
            ("listne = 'x'", "listne"),
            ("listen = 'everywhere'", "listen"),
            ("public_url = 'ftp://x'", "public_url"),
            ("[work]\nworkers = 0", "work.workers"),
            ("[work]\ndevice = 'gpu'", "setting `work.device`: `gpu` is no device; there is auto, cpu, cuda"),
            ("[packs]\ntrusted_signers = ['AB12']", "setting `packs.trusted_signers`: `AB12`"),
            ("[prices]\nimage = -1", "image = -1"),
            ("[webhooks]\nallow = ['https://a.example/path']", "webhooks.allow"),
            ("[webhooks]\nallow = ['everywhere']", "everywhere"),
            ("trusted_proxies = ['proxy.lan']", "proxy.lan"),
            ("[[plan]]\nid = 'pro'\nname = 'Pro'\nmonthly_credit_grant = 5", "plan"),
        ] {
            let message = load(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
