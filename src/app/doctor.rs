//! Whether this machine and this instance are fit. One set of findings for the command and for the page.

use std::{
    net::IpAddr,
    path::Path,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{App, AppError};
use crate::{
    config::{Config, SignUp},
    db::{assets, jobs, ledger},
    engine::{bundle, device, runtime},
    machine,
};

/// Memory that the largest models need, in MiB.
const MEMORY_NEEDED_MIB: u64 = 2048;
/// With less room on the disk than this, jobs soon fail.
const DISK_NEEDED_MIB: u64 = 2048;
/// An instance that was not backed up for so long is told of.
const BACKUP_AGE_MAX: Duration = Duration::from_hours(24 * 30);

/// How a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Warning,
    /// It does not work.
    Fault,
}

impl Health {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What, in a word.
    pub name: &'static str,
    /// How it is.
    pub state: Health,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

impl Finding {
    /// A finding that all is well.
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, state: Health::Ok, message: message.into(), hint: None }
    }

    /// A finding that something is not as it should be.
    pub fn warning(name: &'static str, message: impl Into<String>, hint: &'static str) -> Self {
        Self { name, state: Health::Warning, message: message.into(), hint: Some(hint) }
    }

    /// A finding that something does not work.
    pub fn fault(name: &'static str, message: impl Into<String>, hint: &'static str) -> Self {
        Self { name, state: Health::Fault, message: message.into(), hint: Some(hint) }
    }
}

/// What can be told without an instance: the settings, the runtime, the models, memory and disk.
pub fn examine_machine(config: &Config) -> Vec<Finding> {
    vec![settings(config), runtime(), device(config), models(), memory(), disk(&config.data)]
}

fn settings(config: &Config) -> Finding {
    let listens = format!("listens on {}", config.listen);
    let is_private = match config.listen.ip() {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_loopback(),
    };
    let is_https = config.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    if !is_private && !is_https {
        let hint = "Put a TLS proxy in front and set public_url to its https address: passwords and keys travel in the \
                    clear otherwise.";
        return Finding::warning("settings", format!("{listens}, which other machines reach, without TLS"), hint);
    }
    if !is_private && config.file.sign_up == SignUp::Open {
        let hint = "Set sign_up to \"closed\" unless strangers are welcome.";
        return Finding::warning("settings", format!("{listens} and anyone who reaches it may sign up"), hint);
    }
    Finding::ok("settings", listens)
}

fn runtime() -> Finding {
    match runtime::load_now() {
        Ok(text) => Finding::ok("runtime", text),
        Err(error) => {
            let hint =
                "Unset ORT_DYLIB_PATH to use the runtime in the binary, or name a library that this machine can load.";
            Finding::fault("runtime", error.to_string(), hint)
        }
    }
}

fn device(config: &Config) -> Finding {
    let placement = device::place(config.device);
    match placement.note {
        None => Finding::ok("device", format!("packs run on `{}`", placement.device)),
        Some(note) => {
            let hint = "Name an ONNX Runtime that has the device in ORT_DYLIB_PATH, with its driver installed, or set \
                        work.device = \"cpu\".";
            Finding::warning("device", note, hint)
        }
    }
}

fn models() -> Finding {
    let broken: Vec<String> =
        bundle::packs().iter().filter_map(|pack| pack.verify().err()).map(|error| error.to_string()).collect();
    if broken.is_empty() {
        return Finding::ok("models", format!("{} packs are intact", bundle::packs().len()));
    }
    Finding::fault("models", broken.join("; "), "Copy the binary anew: its bytes are not those that were built.")
}

fn memory() -> Finding {
    let Some(mib) = machine::available_bytes().map(|bytes| bytes >> 20) else {
        return Finding::warning("memory", "what is free can't be read", "Look at /proc/meminfo.");
    };
    if mib < MEMORY_NEEDED_MIB {
        let hint =
            "Close other programs, lower work.workers, or let idle models leave earlier (work.model_idle_seconds).";
        let message = format!("{mib} MiB are free, the models need {MEMORY_NEEDED_MIB}");
        return Finding::warning("memory", message, hint);
    }
    Finding::ok("memory", format!("{mib} MiB are free"))
}

fn disk(data: &Path) -> Finding {
    // A folder that is not there yet lies on its parent's disk.
    let nearest = data.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let Some(disk) = machine::disk(nearest) else {
        return Finding::warning("disk", format!("{} can't be looked at", data.display()), "Check the data folder.");
    };
    let mib = disk.free_bytes >> 20;
    let message = format!("{mib} MiB of {} MiB are free", disk.total_bytes >> 20);
    if mib < DISK_NEEDED_MIB {
        let hint = "Make room, sweep the storage or set [retention]: a full disk makes jobs fail.";
        return Finding::warning("disk", message, hint);
    }
    Finding::ok("disk", message)
}

impl App {
    /// Looks whether the machine and the instance are fit. Media are read whole as long as `media_time` lasts (without
    /// one, all of them); the others are looked at for being there and as long as they should be.
    pub fn examine(&self, media_time: Option<Duration>) -> Vec<Finding> {
        let mut findings = examine_machine(&self.config);
        findings.extend(self.examine_instance(media_time));
        findings
    }

    /// Like [`App::examine`], without the machine.
    pub fn examine_instance(&self, media_time: Option<Duration>) -> Vec<Finding> {
        let answer = |name, found: Result<Finding, AppError>| {
            let hint = "The log has the details.";
            found.unwrap_or_else(|error| Finding::fault(name, error.to_string(), hint))
        };
        vec![
            answer("database", self.examine_database()),
            answer("ledger", self.examine_ledger()),
            answer("media", self.examine_media(media_time)),
            answer("queue", self.examine_queue()),
            answer("backup", self.examine_backups()),
        ]
    }

    fn examine_database(&self) -> Result<Finding, AppError> {
        let faults = self.db.check_integrity()?;
        if faults.is_empty() {
            return Ok(Finding::ok("database", "the database is intact"));
        }
        Ok(Finding::fault("database", faults.join("; "), "Restore the latest backup; the disk may be failing."))
    }

    fn examine_ledger(&self) -> Result<Finding, AppError> {
        let report = self.db.read(ledger::verify)?;
        if report.is_sound() {
            return Ok(Finding::ok("ledger", format!("{} transfers are sound", report.transfers)));
        }
        let message = format!("{} findings", report.findings.len());
        Ok(Finding::fault("ledger", message, "Run `magicpixels ledger verify`, which names them."))
    }

    fn examine_media(&self, time: Option<Duration>) -> Result<Finding, AppError> {
        let begun = Instant::now();
        let blobs = self.db.read(assets::list_blobs)?;
        let (mut wrong, mut read) = (Vec::new(), 0);
        for (digest, bytes) in &blobs {
            let is_whole = time.is_none_or(|time| begun.elapsed() < time);
            let is_good = if is_whole {
                read += 1;
                self.store.is_intact(digest)
            } else {
                self.store.read(digest).map(|(_, length)| length == *bytes)
            };
            // What was deleted since the list was made is no fault.
            let is_live = || self.db.read(|conn| assets::is_blob_live(conn, digest).map_err(AppError::from));
            if !is_good.unwrap_or(false) && is_live()? {
                wrong.push(digest.to_string());
            }
        }
        if let Some(first) = wrong.first() {
            let message = format!("{} media files are damaged or missing, first {first}", wrong.len());
            return Ok(Finding::fault("media", message, "Restore the latest backup; the disk may be failing."));
        }
        let all = blobs.len();
        let how = if read == all { "intact".into() } else { format!("there; {read} of them were read whole") };
        Ok(Finding::ok("media", format!("{all} media files are {how}")))
    }

    fn examine_queue(&self) -> Result<Finding, AppError> {
        let (pause, (queued, running)) =
            self.db.read(|conn| -> Result<_, AppError> { Ok((jobs::paused(conn)?, jobs::count_unfinished(conn)?)) })?;
        let message = format!("{queued} jobs wait, {running} run");
        if pause.is_some() {
            let hint = "Resume the queue when whatever it was paused for is done.";
            return Ok(Finding::warning("queue", format!("the queue is paused; {message}"), hint));
        }
        Ok(Finding::ok("queue", message))
    }

    fn examine_backups(&self) -> Result<Finding, AppError> {
        let now = self.clock.now();
        let made = self.backups()?.into_iter().find(|backup| backup.state == super::backup::State::Done);
        let hint = "Make one, and keep a copy on another disk.";
        Ok(match made {
            None => Finding::warning("backup", "there is no backup in the data folder", hint),
            Some(backup) if now.since(backup.created_at) > BACKUP_AGE_MAX => {
                Finding::warning("backup", format!("the latest backup is of {}", backup.created_at), hint)
            }
            Some(backup) => Finding::ok("backup", format!("the latest backup is of {}", backup.created_at)),
        })
    }
}
