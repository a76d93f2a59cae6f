//! `magicpixels models`: what travels in the binary, and the packs that the operator brings.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{Instance, Outcome, explain};
use crate::{
    app::admin::Operator,
    domain::digest::Digest,
    engine::{CancelToken, Progress, RunContext, bundle, diffusion::Defaults, packs},
};

/// The models: those in this binary, and packs that were brought.
#[derive(Debug, Subcommand)]
pub(super) enum Models {
    /// Name them, with licence and source.
    List,
    /// Compare the bytes of every part with the digest it was pinned to or installed with.
    Verify,
    /// Bring a pack: a diffusers folder as Optimum exports it to ONNX, or one with a single ONNX file of Wav2Lip's layout;
    /// or a tar, tar.zst or zip file of one.
    ///
    /// It is copied, checked and tried out before it gets its name. Works beside a running server, which has it at once.
    /// A file that an instance exported is held to its signature first.
    Install(Install),
    /// Write an installed pack as one file that this instance signs, for a machine without a network.
    Export {
        /// Its name.
        name: String,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Bring a pack that an instance exported: refused unless every byte is what a trusted signer signed.
    Import {
        /// The file; of one in parts, any part.
        path: PathBuf,
        /// What a job's `model` will say; otherwise the name that it was exported under.
        #[arg(long)]
        name: Option<String>,
        /// Trust the signer of this fingerprint, this once; `packs.trusted_signers` trusts for good.
        #[arg(long, value_name = "FINGERPRINT")]
        trust: Vec<Digest>,
    },
    /// Print the fingerprint by which others know the packs that this instance exports.
    Signer,
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
    /// Trust the signer of this fingerprint, should the file be signed.
    #[arg(long, value_name = "FINGERPRINT")]
    trust: Vec<Digest>,
}

impl Models {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        match self {
            Self::List => list(instance),
            Self::Verify => verify(instance),
            Self::Install(order) => install(instance, &order.into()),
            Self::Export { name, to } => export(instance, &name, &to),
            Self::Import { path, name, trust } => {
                let order = packs::Install { path, name, trusted: trust, must_be_signed: true, ..Default::default() };
                install(instance, &order)
            }
            Self::Signer => {
                let fingerprint = instance.open()?.pack_signer()?.fingerprint();
                instance.print(&json!({"fingerprint": fingerprint}), &fingerprint.to_string())?;
                Ok(Outcome::Done)
            }
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

/// Runs `work` with a bar on standard error that follows it.
fn with_bar<T>(instance: &Instance, work: impl FnOnce(&RunContext<'_>) -> T) -> anyhow::Result<T> {
    let bar = if instance.json { ProgressBar::hidden() } else { ProgressBar::new(1000) };
    bar.set_style(ProgressStyle::with_template("{msg:<12} {wide_bar} {percent:>3} %")?);
    let report = |progress: Progress| {
        bar.set_message(progress.stage);
        bar.set_position((progress.fraction * 1000.0) as u64);
    };
    let done = work(&RunContext::new(CancelToken::default(), &report));
    bar.finish_and_clear();
    Ok(done)
}

fn export(instance: &Instance, name: &str, to: &std::path::Path) -> anyhow::Result<Outcome> {
    let app = instance.open()?;
    let exported = with_bar(instance, |ctx| {
        app.export_pack(&Operator::command_line(), (name, to), &ctx.part("writing", 0.0, 1.0))
    })?;
    let bytes = exported.map_err(explain)?;
    let signer = app.pack_signer()?.fingerprint();
    let (file, mb) = (to.display().to_string(), bytes.div_ceil(1_000_000));
    let text = format!("{file}: {name}, {mb} MB, signed by {signer}");
    instance.print(&json!({"name": name, "file": file, "bytes": bytes, "signed_by": signer}), &text)?;
    Ok(Outcome::Done)
}

fn install(instance: &Instance, order: &packs::Install) -> anyhow::Result<Outcome> {
    let app = instance.open()?;
    let pack = with_bar(instance, |ctx| app.install_pack(&Operator::command_line(), order, ctx))?;
    let manifest = pack?.manifest;
    let signed = manifest.signed_by.map_or(String::new(), |signer| format!(", signed by {signer}"));
    let text = format!(
        "{} is installed: {}, {} files, {} MB, licence {}{signed}",
        manifest.name,
        manifest.family,
        manifest.files.len(),
        manifest.bytes().div_ceil(1_000_000),
        manifest.licence
    );
    let value = json!({
        "name": manifest.name, "family": manifest.family, "digest": manifest.digest(), "bytes": manifest.bytes(),
        "licence": manifest.licence, "source": manifest.source, "signed_by": manifest.signed_by,
    });
    instance.print(&value, &text)?;
    Ok(Outcome::Done)
}

impl From<Install> for packs::Install {
    fn from(order: Install) -> Self {
        let Install { path, name, licence, source, steps, guidance, width, height, trust } = order;
        let defaults = Defaults { steps, guidance, width, height };
        Self { path, name, licence, source, defaults, trusted: trust, must_be_signed: false }
    }
}
