//! `magicpixels backup` and `restore`: the whole instance as one tar file.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::{Instance, Outcome, explain};
use crate::{
    app::App,
    config::{self, Overrides},
    db::{Db, assets, ledger},
    domain::clock::Clock,
    engine::registry::Engine,
    store::Store,
};

const DATABASE: &str = "magicpixels.sqlite3";

/// Copy the whole instance into one file; works beside a running server.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write; it must not exist.
    file: PathBuf,
}

impl Backup {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let app = App::open_beside(instance.config(Overrides::default())?, Engine::fake(), Clock::System);
        let app = app.map_err(explain)?;
        anyhow::ensure!(!self.file.exists(), "{} exists already", self.file.display());
        let partial = self.file.with_extension("partial");
        let written = write(&app, instance, &partial).and_then(|files| {
            std::fs::rename(&partial, &self.file)?;
            Ok(files)
        });
        if written.is_err() {
            let _ = std::fs::remove_file(&partial);
        }
        let files = written?;
        let text = format!("{}: the database and {files} media files", self.file.display());
        instance.print(&json!({"file": self.file, "media_files": files}), &text)?;
        Ok(Outcome::Done)
    }
}

/// The database first, as one consistent copy; then the media that the copy names.
fn write(app: &App, instance: &Instance, target: &Path) -> anyhow::Result<usize> {
    let scratch = tempfile::tempdir_in(&instance.data)?;
    let copy = scratch.path().join(DATABASE);
    app.db.backup(&copy)?;
    let blobs = Db::open(&copy)?.read(assets::list_blobs)?;
    let mut archive = tar::Builder::new(File::create(target)?);
    archive.append_path_with_name(&copy, DATABASE)?;
    let settings = instance.data.join(config::FILE_NAME);
    if settings.is_file() {
        archive.append_path_with_name(&settings, config::FILE_NAME)?;
    }
    for (digest, _) in &blobs {
        let (mut file, _) = app.store.read(digest).with_context(|| format!("media file {digest}"))?;
        archive.append_file(format!("media/{digest}"), &mut file)?;
    }
    archive.into_inner()?.sync_all()?;
    Ok(blobs.len())
}

/// Make an instance from such a file, in a folder that has none.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The file that `backup` wrote.
    file: PathBuf,
}

impl Restore {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let data = &instance.data;
        anyhow::ensure!(!data.join(DATABASE).exists(), "{} has an instance already", data.display());
        std::fs::create_dir_all(data)?;
        let scratch = tempfile::tempdir_in(data)?;
        let files = unpack(&self.file, scratch.path(), data)?;
        for name in [config::FILE_NAME, DATABASE] {
            let from = scratch.path().join(name);
            if from.is_file() {
                std::fs::rename(from, data.join(name))?;
            }
        }
        let text = format!("{}: the database and {files} media files, all verified", data.display());
        instance.print(&json!({"data": data, "media_files": files}), &text)?;
        Ok(Outcome::Done)
    }
}

/// Unpacks and verifies; the database comes to its place only when everything is sound.
fn unpack(file: &Path, scratch: &Path, data: &Path) -> anyhow::Result<usize> {
    let mut archive = tar::Archive::new(File::open(file).with_context(|| file.display().to_string())?);
    let store = Store::open(data)?;
    let mut kept = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let name = path.to_str().context("a name in the file is not text")?.to_owned();
        if name == DATABASE || name == config::FILE_NAME {
            entry.unpack(scratch.join(&name))?;
        } else if let Some(digest) = name.strip_prefix("media/") {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut bytes)?;
            let stored = store.put(&bytes)?;
            anyhow::ensure!(stored.digest().to_string() == digest, "the media file {digest} is damaged");
            kept.push(stored);
        } else {
            anyhow::bail!("{name} does not belong into a backup");
        }
    }
    anyhow::ensure!(scratch.join(DATABASE).is_file(), "{} holds no database", file.display());
    let db = Db::open(&scratch.join(DATABASE))?;
    let faults = db.check_integrity()?;
    anyhow::ensure!(faults.is_empty(), "the database is damaged: {}", faults.join("; "));
    let report = db.read(ledger::verify)?;
    anyhow::ensure!(report.is_sound(), "the ledger is not sound; nothing was restored");
    let named = db.read(assets::list_blobs)?;
    let missing = named.iter().find(|(digest, _)| !kept.iter().any(|stored| stored.digest() == *digest));
    if let Some((digest, _)) = missing {
        anyhow::bail!("the media file {digest} is missing");
    }
    Ok(kept.len())
}
