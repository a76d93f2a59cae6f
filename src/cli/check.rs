//! What only looks: `ledger verify`, `models`, `job verify`, `doctor`.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Instance, Outcome, explain};
use crate::{
    config::Overrides,
    db::{assets, ledger},
    domain::{clock::Clock, ids::JobId},
    engine::{bundle, registry::Engine, runtime},
};

/// The ledger of all credits.
#[derive(Debug, Subcommand)]
pub(super) enum Ledger {
    /// Walk the chain of hashes and compare every balance with the sum of its transfers.
    Verify,
}

impl Ledger {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let Self::Verify = self;
        let app = instance.open()?;
        let report = app.db.read(ledger::verify)?;
        let mut lines: Vec<String> = report.findings.iter().map(|finding| format!("WRONG: {finding}")).collect();
        lines.push(format!(
            "{} transfers, {} credits issued, {} charged, head {}: {}",
            report.transfers,
            report.issued,
            report.revenue,
            report.head,
            if report.is_sound() { "sound" } else { "NOT SOUND" }
        ));
        instance.print(&serde_json::to_value(&report)?, &lines.join("\n"))?;
        Ok(if report.is_sound() { Outcome::Done } else { Outcome::Found })
    }
}

/// The models in this binary.
#[derive(Debug, Subcommand)]
pub(super) enum Models {
    /// Name them, with licence and source.
    List,
    /// Compare the bytes of every part with the digest it was pinned to.
    Verify,
}

impl Models {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        match self {
            Self::List => {
                let models = instance.open()?.models();
                let lines: Vec<String> = models
                    .iter()
                    .map(|model| {
                        let modes: Vec<&str> = model.info.modes.iter().map(|mode| mode.as_str()).collect();
                        let info = &model.info;
                        format!("{:<10} {:<16} {:<14} {}", info.id, modes.join(","), info.licence, info.description)
                    })
                    .collect();
                instance.print(&serde_json::to_value(&models)?, &lines.join("\n"))?;
                Ok(Outcome::Done)
            }
            Self::Verify => {
                let checked: Vec<(&str, Result<(), String>)> =
                    bundle::packs().iter().map(|p| (p.name, p.verify().map_err(|e| e.to_string()))).collect();
                let lines: Vec<String> = checked
                    .iter()
                    .map(|(name, result)| format!("{name:<14} {}", result.as_ref().err().map_or("intact", |e| e)))
                    .collect();
                let value: Value = checked
                    .iter()
                    .map(|(name, result)| json!({"pack": name, "intact": result.is_ok(), "error": result.as_ref().err()}))
                    .collect();
                instance.print(&value, &lines.join("\n"))?;
                let sound = checked.iter().all(|(_, result)| result.is_ok());
                Ok(if sound { Outcome::Done } else { Outcome::Found })
            }
        }
    }
}

/// Jobs that ran.
#[derive(Debug, Subcommand)]
pub(super) enum Job {
    /// Run a completed job again, charging nothing, and compare the bytes.
    Verify {
        /// The job's id.
        id: JobId,
    },
}

impl Job {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let Self::Verify { id } = self;
        let (then, now) = instance.open()?.reproduce(id).map_err(explain)?;
        let same = then == now;
        let verdict = if same { "the same bytes" } else { "OTHER BYTES" };
        let text = format!("{id}: {verdict}\n  then {then}\n  now  {now}");
        instance.print(&json!({"id": id, "same": same, "then": then, "now": now}), &text)?;
        Ok(if same { Outcome::Done } else { Outcome::Found })
    }
}

/// Look whether this machine and this instance are fit.
#[derive(Debug, Args)]
pub(super) struct Doctor {}

/// One thing that was looked at.
type Finding = (&'static str, anyhow::Result<String>);

impl Doctor {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let Self {} = self;
        let mut findings: Vec<Finding> = vec![
            ("settings", instance.config(Overrides::default()).map(|config| format!("listens on {}", config.listen))),
            ("runtime", runtime::load_now().map_err(Into::into)),
            ("models", models()),
            ("memory", memory()),
        ];
        if instance.data.join("magicpixels.sqlite3").is_file() {
            findings.extend(instance_findings(instance));
        } else {
            findings.push(("instance", Ok(format!("{} has none yet", instance.data.display()))));
        }
        let lines: Vec<String> = findings
            .iter()
            .map(|(what, result)| match result {
                Ok(text) => format!("ok    {what:<10} {text}"),
                Err(error) => format!("WRONG {what:<10} {error:#}"),
            })
            .collect();
        let value: Value = findings
            .iter()
            .map(|(what, result)| match result {
                Ok(text) => json!({"check": what, "ok": true, "found": text}),
                Err(error) => json!({"check": what, "ok": false, "found": format!("{error:#}")}),
            })
            .collect();
        instance.print(&value, &lines.join("\n"))?;
        Ok(if findings.iter().all(|(_, result)| result.is_ok()) { Outcome::Done } else { Outcome::Found })
    }
}

fn models() -> anyhow::Result<String> {
    for pack in bundle::packs() {
        pack.verify()?;
    }
    Ok(format!("{} packs are intact", bundle::packs().len()))
}

fn memory() -> anyhow::Result<String> {
    const NEEDED_MIB: u64 = 2048;
    let text = std::fs::read_to_string("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:")).context("no MemAvailable")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    let mib = kib / 1024;
    anyhow::ensure!(mib >= NEEDED_MIB, "{mib} MiB are free, the models need {NEEDED_MIB}");
    Ok(format!("{mib} MiB are free"))
}

fn instance_findings(instance: &Instance) -> Vec<Finding> {
    let app = match instance
        .config(Overrides::default())
        .and_then(|config| crate::app::App::open_beside(config, Engine::fake(), Clock::System).map_err(explain))
    {
        Ok(app) => app,
        Err(error) => return vec![("instance", Err(error))],
    };
    let database = || -> anyhow::Result<String> {
        let faults = app.db.check_integrity()?;
        anyhow::ensure!(faults.is_empty(), "{}", faults.join("; "));
        Ok("the database is intact".into())
    };
    let money = || -> anyhow::Result<String> {
        let report = app.db.read(ledger::verify)?;
        anyhow::ensure!(report.is_sound(), "{} findings; run `ledger verify`", report.findings.len());
        Ok(format!("{} transfers are sound", report.transfers))
    };
    let media = || -> anyhow::Result<String> {
        let blobs = app.db.read(assets::list_blobs)?;
        for (digest, _) in &blobs {
            anyhow::ensure!(app.store.is_intact(digest)?, "the media file {digest} is damaged");
        }
        Ok(format!("{} media files are intact", blobs.len()))
    };
    vec![("database", database()), ("ledger", money()), ("media", media())]
}
