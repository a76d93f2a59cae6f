//! A backup comes back: unpacked and checked whole beside the instance, then staged; it takes the instance's place at
//! the next start, before anything is opened.
//!
//! # What lies where in the data folder
//! `restore.partial/` is being unpacked or thrown away; `restore/` is staged, whole and checked; `previous/` is the
//! instance that was replaced, until the first good start of the new one. [`swap`] tells how they change places.

mod swap;
mod unpack;

pub use swap::{Applied, apply, refuse_half_done, roll_back, settle};

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tempfile::NamedTempFile;

use super::{
    App, AppError, DATABASE,
    admin::Operator,
    backup::{failed, make_private_folder, sync_parent},
    note,
};
use crate::{config, domain::field::FieldError, failpoint};

/// The folder of what is staged.
const STAGED: &str = "restore";
/// The folder of what is being unpacked, or thrown away.
const PARTIAL: &str = "restore.partial";
/// The folder of what was replaced.
const PREVIOUS: &str = "previous";
/// What a staged folder says of itself. It is written last: a folder without it is not whole.
const MANIFEST: &str = "manifest.json";
/// What the settings file of a restored backup is called: the machine's own settings stay.
const RESTORED_SETTINGS: &str = "magicpixels.restored.toml";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Accounts.
    pub accounts: u64,
    /// Jobs.
    pub jobs: u64,
    /// Media files.
    pub media_files: u64,
}

/// A backup that takes the instance's place at the next start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// What it was made from: a backup's name, or the name of an uploaded file.
    pub source: String,
    /// When it was staged, in milliseconds since the Unix epoch.
    pub staged_at: i64,
    /// What it holds.
    pub contents: Contents,
}

/// An uploaded backup; dropping it leaves nothing behind.
pub struct BackupUpload {
    file: NamedTempFile,
}

impl BackupUpload {
    /// Takes the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), AppError> {
        self.file.write_all(bytes).map_err(failed(Path::new("an uploaded backup")))
    }
}

/// A fault of the backup itself.
fn unusable(message: impl std::fmt::Display) -> AppError {
    AppError::Invalid(vec![FieldError::new("file", "unusable", format!("The backup can't be restored: {message}."))])
}

/// What is staged in a data folder.
fn read_manifest(data: &Path) -> Option<Staged> {
    let text = fs::read_to_string(data.join(STAGED).join(MANIFEST)).ok()?;
    serde_json::from_str(&text).ok()
}

/// Throws away a folder: under another name first, so that it is never half of itself under its own.
fn throw_away(data: &Path, name: &str) -> Result<(), AppError> {
    let (folder, partial) = (data.join(name), data.join(PARTIAL));
    remove_folder(&partial)?;
    match fs::rename(&folder, &partial) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed(&folder))?,
    }
    sync_parent(&folder)?;
    remove_folder(&partial)
}

fn remove_folder(path: &Path) -> Result<(), AppError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

/// Unpacks and checks the backup in `file` and stages it in the data folder, in place of what was staged before.
fn stage(data: &Path, file: &Path, source: &str, staged_at: i64) -> Result<Staged, AppError> {
    if data.join(PREVIOUS).exists() {
        let message = "the instance was just restored and has not had its first good start; start the server first";
        return Err(AppError::Conflict(message.into()));
    }
    let partial = data.join(PARTIAL);
    remove_folder(&partial)?;
    make_private_folder(&partial)?;
    let unpacked = unpack::unpack(file, &partial).and_then(|contents| {
        let staged = Staged { source: source.to_owned(), staged_at, contents };
        write_manifest(&partial, &staged)?;
        Ok(staged)
    });
    let staged = match unpacked {
        Ok(staged) => staged,
        Err(error) => {
            remove_folder(&partial)?;
            return Err(error);
        }
    };
    failpoint::reach("restore_unpacked");
    let folder = data.join(STAGED);
    if folder.exists() {
        // What was staged before goes; a crash in between leaves nothing staged, and the instance as it is.
        let stale = data.join(format!("{PARTIAL}.stale"));
        remove_folder(&stale)?;
        fs::rename(&folder, &stale).map_err(failed(&folder))?;
        fs::rename(&partial, &folder).map_err(failed(&folder))?;
        remove_folder(&stale)?;
    } else {
        fs::rename(&partial, &folder).map_err(failed(&folder))?;
    }
    sync_parent(&folder)?;
    Ok(staged)
}

fn write_manifest(folder: &Path, staged: &Staged) -> Result<(), AppError> {
    let path = folder.join(MANIFEST);
    let text = serde_json::to_vec_pretty(staged).map_err(|e| AppError::Internal(e.to_string()))?;
    let write = || {
        let mut file = fs::File::create(&path)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(failed(&path))
}

/// Makes an instance from a backup in a data folder that has none: at once, settings included.
pub fn restore_into_empty(data: &Path, file: &Path) -> Result<Contents, AppError> {
    if data.join(DATABASE).exists() {
        return Err(AppError::Conflict(format!("{} has an instance already", data.display())));
    }
    make_private_folder(data)?;
    let partial = data.join(PARTIAL);
    remove_folder(&partial)?;
    make_private_folder(&partial)?;
    let placed = unpack::unpack(file, &partial).and_then(|contents| {
        let settings = partial.join(config::FILE_NAME);
        if settings.is_file() {
            fs::rename(&settings, data.join(config::FILE_NAME)).map_err(failed(&settings))?;
        }
        swap::place(&partial, data)?;
        Ok(contents)
    });
    remove_folder(&partial)?;
    placed
}

/// Stages a backup for the next start of the instance in `data`, for the command line.
pub fn stage_for_next_start(app: &App, file: &Path) -> Result<Staged, AppError> {
    let source = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    app.stage_file(&Operator::command_line(), file, &source)
}

impl App {
    /// Begins to take an uploaded backup.
    pub fn begin_backup_upload(&self) -> Result<BackupUpload, AppError> {
        let data = &self.config.data;
        Ok(BackupUpload { file: NamedTempFile::with_prefix_in("restore-upload-", data).map_err(failed(data))? })
    }

    /// Checks an uploaded backup and stages it: it takes the instance's place at the next start.
    pub fn stage_upload(&self, operator: &Operator, upload: BackupUpload, name: &str) -> Result<Staged, AppError> {
        let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
        let BackupUpload { file } = upload;
        self.stage_file(operator, file.path(), &name)
    }

    /// Checks a backup of the data folder and stages it: it takes the instance's place at the next start.
    pub fn stage_backup(&self, operator: &Operator, name: &str) -> Result<Staged, AppError> {
        let path = self.backup_path(name)?;
        self.stage_file(operator, &path, name)
    }

    fn stage_file(&self, operator: &Operator, file: &Path, source: &str) -> Result<Staged, AppError> {
        let _held = self.hold_restore()?;
        let staged = stage(&self.config.data, file, source, self.clock.now().millis())?;
        let detail = json!({ "source": source, "accounts": staged.contents.accounts, "jobs": staged.contents.jobs });
        self.note_act(operator, "restore.stage", source, detail)?;
        Ok(staged)
    }

    /// What takes the instance's place at the next start.
    pub fn staged_restore(&self) -> Option<Staged> {
        read_manifest(&self.config.data)
    }

    /// Takes back what was staged.
    pub fn unstage_restore(&self, operator: &Operator) -> Result<(), AppError> {
        let _held = self.hold_restore()?;
        let staged = self.staged_restore().ok_or(AppError::NotFound("staged restore"))?;
        throw_away(&self.config.data, STAGED)?;
        self.note_act(operator, "restore.take_back", &staged.source, json!({}))
    }

    /// Notes that a restored instance has had its first good start.
    pub fn note_restored(&self, staged: Option<&Staged>) -> Result<(), AppError> {
        let source = staged.map_or_else(|| "backup".to_owned(), |staged| staged.source.clone());
        tracing::warn!(source, "the instance was restored");
        let now = self.clock.now();
        self.db.write(move |tx| Ok(note(tx, now, ("appliance", "restore.apply", &source))?))
    }

    fn hold_restore(&self) -> Result<std::sync::MutexGuard<'_, ()>, AppError> {
        match self.restoring.try_lock() {
            Ok(held) => Ok(held),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => {
                Err(AppError::Conflict("a backup is being checked; wait for it".into()))
            }
        }
    }

    /// Removes what a stop left half-uploaded.
    pub(super) fn clear_partial_restores(&self) {
        let stale = |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b"restore-upload-");
        for entry in fs::read_dir(&self.config.data).into_iter().flatten().flatten().filter(stale) {
            let _ = fs::remove_file(entry.path());
        }
        for name in [PARTIAL.to_owned(), format!("{PARTIAL}.stale")] {
            let path: PathBuf = self.config.data.join(name);
            if let Err(error) = remove_folder(&path) {
                tracing::warn!(%error, "what a stopped restore left stays");
            }
        }
    }
}
