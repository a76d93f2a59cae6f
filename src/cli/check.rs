//! What only looks: `ledger verify`, `job verify`, `doctor`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Instance, Outcome, explain};
use crate::{
    app::{
        App,
        doctor::{self, Finding, Health},
    },
    config::Overrides,
    db::ledger,
    domain::{clock::Clock, ids::JobId},
    engine::registry::Engine,
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

impl Doctor {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let Self {} = self;
        let findings = examine(instance);
        let line = |finding: &Finding| {
            let word = match finding.state {
                Health::Ok => "ok   ",
                Health::Warning => "warn ",
                Health::Fault => "WRONG",
            };
            let hint = finding.hint.map_or(String::new(), |hint| format!("\n                 {hint}"));
            format!("{word} {:<10} {}{hint}", finding.name, finding.message)
        };
        let lines: Vec<String> = findings.iter().map(line).collect();
        instance.print(&serde_json::to_value(&findings)?, &lines.join("\n"))?;
        let is_wrong = findings.iter().any(|finding| finding.state == Health::Fault);
        Ok(if is_wrong { Outcome::Found } else { Outcome::Done })
    }
}

/// Settings that can't be read are a finding too; so is an instance that doesn't open.
fn examine(instance: &Instance) -> Vec<Finding> {
    let config = match instance.config(Overrides::default()) {
        Ok(config) => config,
        Err(error) => return vec![Finding::fault("settings", format!("{error:#}"), "Correct the settings file.")],
    };
    let mut findings = doctor::examine_machine(&config);
    if !instance.data.join("magicpixels.sqlite3").is_file() {
        findings.push(Finding::ok("instance", format!("{} has none yet", instance.data.display())));
        return findings;
    }
    match App::open_beside(config, Engine::fake(), Clock::System) {
        Ok(app) => findings.extend(app.examine_instance(None)),
        Err(error) => {
            let hint = "Restore the latest backup, or use the version of the program that wrote it.";
            findings.push(Finding::fault("instance", format!("{:#}", explain(error)), hint));
        }
    }
    findings
}
