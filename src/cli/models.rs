//! `magicpixels models`: what travels in the binary, and the packs that the operator brings.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{Instance, Outcome};
use crate::{
    app::admin::Operator,
    engine::{CancelToken, Progress, RunContext, bundle, diffusion::Defaults, packs},
};

/// The models: those in this binary, and packs that were brought.
#[derive(Debug, Subcommand)]
pub(super) enum Models {
    /// Name them, with licence and source.
    List,
    /// Compare the bytes of every part with the digest it was pinned to or installed with.
    Verify,
    /// Bring a pack: a diffusers folder as Optimum exports it to ONNX, or a tar, tar.zst or zip file of one.
    ///
    /// It is copied, checked and tried out before it gets its name. Works beside a running server, which has it at once.
    Install(Install),
    /// Take a pack away.
    Remove {
        /// Its name.
        name: String,
    },
}

/// Which pack, and what is known of it.
#[derive(Debug, Args)]
pub(super) struct Install {
    /// The folder or file; of a file in parts, any part.
    path: PathBuf,
    /// What a job's `model` will say; otherwise the name of the folder or file.
    #[arg(long)]
    name: Option<String>,
    /// Its licence; otherwise what its README says.
    #[arg(long)]
    licence: Option<String>,
    /// Where it is from; otherwise the name of the folder or file.
    #[arg(long)]
    source: Option<String>,
    /// Steps of a job that sets none.
    #[arg(long)]
    steps: Option<u32>,
    /// Guidance of a job that sets none.
    #[arg(long)]
    guidance: Option<f32>,
    /// Width in pixels of a job that sets none.
    #[arg(long)]
    width: Option<u32>,
    /// Height in pixels of a job that sets none.
    #[arg(long)]
    height: Option<u32>,
}

impl Models {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        match self {
            Self::List => list(instance),
            Self::Verify => verify(instance),
            Self::Install(order) => order.run(instance),
            Self::Remove { name } => {
                instance.open()?.remove_pack(&Operator::command_line(), &name)?;
                instance.print(&json!({"name": name, "removed": true}), &format!("{name} is gone"))?;
                Ok(Outcome::Done)
            }
        }
    }
}

fn list(instance: &Instance) -> anyhow::Result<Outcome> {
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

fn verify(instance: &Instance) -> anyhow::Result<Outcome> {
    let built_in = bundle::packs().iter().map(|p| (p.name.to_owned(), p.verify().err().map(|e| e.to_string())));
    let installed = instance.open()?.packs();
    let installed = installed.iter().map(|pack| {
        let faults = pack.verify();
        (pack.manifest.name.clone(), (!faults.is_empty()).then(|| faults.join("; ")))
    });
    let checked: Vec<(String, Option<String>)> = built_in.chain(installed).collect();
    let lines: Vec<String> =
        checked.iter().map(|(name, fault)| format!("{name:<14} {}", fault.as_deref().unwrap_or("intact"))).collect();
    let value: Value =
        checked.iter().map(|(name, fault)| json!({"pack": name, "intact": fault.is_none(), "error": fault})).collect();
    instance.print(&value, &lines.join("\n"))?;
    let sound = checked.iter().all(|(_, fault)| fault.is_none());
    Ok(if sound { Outcome::Done } else { Outcome::Found })
}

impl Install {
    fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let defaults = Defaults { steps: self.steps, guidance: self.guidance, width: self.width, height: self.height };
        let order =
            packs::Install { path: self.path, name: self.name, licence: self.licence, source: self.source, defaults };
        let bar = if instance.json { ProgressBar::hidden() } else { ProgressBar::new(1000) };
        bar.set_style(ProgressStyle::with_template("{msg:<12} {wide_bar} {percent:>3} %")?);
        let report = |progress: Progress| {
            bar.set_message(progress.stage);
            bar.set_position((progress.fraction * 1000.0) as u64);
        };
        let ctx = RunContext::new(CancelToken::default(), &report);
        let pack = instance.open()?.install_pack(&Operator::command_line(), &order, &ctx);
        bar.finish_and_clear();
        let manifest = pack?.manifest;
        let text = format!(
            "{} is installed: {}, {} files, {} MB, licence {}",
            manifest.name,
            manifest.family,
            manifest.files.len(),
            manifest.bytes().div_ceil(1_000_000),
            manifest.licence
        );
        let value = json!({
            "name": manifest.name, "family": manifest.family, "digest": manifest.digest(), "bytes": manifest.bytes(),
            "licence": manifest.licence, "source": manifest.source,
        });
        instance.print(&value, &text)?;
        Ok(Outcome::Done)
    }
}
