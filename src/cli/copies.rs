//! `magicpixels backup` and `restore`: the whole instance as one tar file, and back.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Instance, Outcome, explain};
use crate::{
    app::{App, restore},
    config::Overrides,
    domain::clock::Clock,
    engine::registry::Engine,
};

/// Copy the whole instance into one file; works beside a running server.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write; it must not exist.
    file: PathBuf,
}

impl Backup {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let written = open(instance)?.write_backup(&self.file, &|_| {}).map_err(explain)?;
        let text = format!("{}: the database and {} media files", self.file.display(), written.media_files);
        instance
            .print(&json!({"file": self.file, "media_files": written.media_files, "bytes": written.bytes}), &text)?;
        Ok(Outcome::Done)
    }
}

/// Make an instance from such a file, in a folder that has none.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The file that `backup` wrote.
    file: PathBuf,
    /// Where the folder has an instance: check the file now and put it in the instance's place at the next start.
    #[arg(long)]
    replace: bool,
}

impl Restore {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let data = &instance.data;
        if self.replace {
            let staged = restore::stage_for_next_start(&open(instance)?, &self.file).map_err(explain)?;
            let contents = &staged.contents;
            let text = format!(
                "{}: {} accounts, {} jobs and {} media files, all verified; the next start of the server puts them in \
                 place",
                data.display(),
                contents.accounts,
                contents.jobs,
                contents.media_files
            );
            instance.print(&serde_json::to_value(&staged)?, &text)?;
            return Ok(Outcome::Done);
        }
        let contents = restore::restore_into_empty(data, &self.file).map_err(explain)?;
        let text = format!("{}: the database and {} media files, all verified", data.display(), contents.media_files);
        instance.print(&json!({"data": data, "media_files": contents.media_files}), &text)?;
        Ok(Outcome::Done)
    }
}

/// The instance, for what runs no model.
fn open(instance: &Instance) -> anyhow::Result<App> {
    let config = instance.config(Overrides::default())?;
    App::open_beside(config, Engine::fake(), Clock::System).map_err(explain)
}
