//! How a staged instance takes the place of the present one, so that a kill at any moment leaves either the old or the
//! new one whole.
//!
//! The one step that counts is a rename of the database file over the old one. Before it:
//! 1. the old database's log is folded into it, and a hard link keeps it in `previous/`;
//! 2. the new media are linked into the media folder, where they disturb nobody: files are named by their bytes.
//!
//! After it, the staged folder goes. Media of the old instance stay until the first sweep, which comes after the first
//! good start; until then [`roll_back`] can return to it. Every step can be done again: [`apply`] looks what is there and
//! goes on. Whoever finds the folder half-way and may not go on is refused by [`refuse_half_done`].

use std::{fs, io, path::Path};

use super::{
    DATABASE, MANIFEST, PARTIAL, PREVIOUS, RESTORED_SETTINGS, STAGED, Staged, read_manifest, remove_folder, throw_away,
};
use crate::{
    app::{
        AppError,
        backup::{failed, make_private_folder, sync_parent},
    },
    config,
    db::Db,
    failpoint,
    store::Store,
};

/// The log beside the database, and its index.
const LOG: &str = "magicpixels.sqlite3-wal";
const LOG_INDEX: &str = "magicpixels.sqlite3-shm";

/// What a start found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// The instance is the one it was.
    Nothing,
    /// The instance was just restored and has not had a good start.
    Restored(Option<Staged>),
}

/// Fails while a restore stands half-way: only the server's start may go on with it.
pub fn refuse_half_done(data: &Path) -> Result<(), AppError> {
    if data.join(PREVIOUS).exists() && data.join(STAGED).exists() {
        return Err(AppError::Unavailable("a restore stands half-way; start the server, which finishes it".into()));
    }
    Ok(())
}

/// Puts what is staged in the instance's place, or finishes what a kill interrupted. Nobody else may have the instance
/// open; call it before anything is opened.
pub fn apply(data: &Path) -> Result<Applied, AppError> {
    finish_roll_back(data)?;
    let staged = data.join(STAGED);
    let manifest = read_manifest(data);
    if manifest.is_some() && staged.join(DATABASE).is_file() {
        keep_old(data)?;
        failpoint::reach("restore_kept");
        place(&staged, data)?;
        failpoint::reach("restore_placed");
    }
    if staged.exists() {
        // Placed, or never whole: either way nothing of it is needed any more.
        let settings = staged.join(config::FILE_NAME);
        if manifest.is_some() && settings.is_file() {
            fs::rename(&settings, data.join(RESTORED_SETTINGS)).map_err(failed(&settings))?;
        }
        throw_away(data, STAGED)?;
    }
    Ok(if data.join(PREVIOUS).exists() { Applied::Restored(manifest) } else { Applied::Nothing })
}

/// Keeps the present database aside. The folder gets its name last, so that it is whole whenever it is there.
fn keep_old(data: &Path) -> Result<(), AppError> {
    let (database, previous) = (data.join(DATABASE), data.join(PREVIOUS));
    if previous.exists() {
        return Ok(());
    }
    let partial = data.join(PARTIAL);
    remove_folder(&partial)?;
    make_private_folder(&partial)?;
    if database.exists() {
        // A database too damaged to be opened is kept as it is, log and all: it may be why it is being replaced.
        if let Err(error) = Db::fold_log(&database) {
            tracing::warn!(%error, "the old database's log can't be folded into it and is kept beside it");
        }
        for name in [DATABASE, LOG] {
            match fs::hard_link(data.join(name), partial.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&partial)(error)),
                _ => {}
            }
        }
    }
    sync_parent(&partial.join(MANIFEST))?;
    fs::rename(&partial, &previous).map_err(failed(&previous))?;
    sync_parent(&previous)
}

/// Links the media of the instance in `from` into `data` and moves its database there, in one step for whoever looks.
pub(super) fn place(from: &Path, data: &Path) -> Result<(), AppError> {
    Store::open(data)?.adopt(&Store::open(from)?)?;
    failpoint::reach("restore_media");
    // Kept in `previous/` where it held anything; beside another database it would be poison.
    for name in [LOG, LOG_INDEX] {
        remove_file(&data.join(name))?;
    }
    let target = data.join(DATABASE);
    fs::rename(from.join(DATABASE), &target).map_err(failed(&target))?;
    sync_parent(&target)
}

/// Forgets the replaced instance: the new one has started well.
pub fn settle(data: &Path) -> Result<(), AppError> {
    throw_away(data, PREVIOUS)
}

/// Returns to the replaced instance, because the new one doesn't start. `false` where there is none.
pub fn roll_back(data: &Path) -> Result<bool, AppError> {
    let previous = data.join(PREVIOUS);
    if !previous.join(DATABASE).exists() {
        return Ok(false);
    }
    for name in [LOG, LOG_INDEX] {
        remove_file(&data.join(name))?;
    }
    let target = data.join(DATABASE);
    fs::rename(previous.join(DATABASE), &target).map_err(failed(&target))?;
    sync_parent(&target)?;
    finish_roll_back(data)?;
    Ok(true)
}

/// The rest of [`roll_back`] once the old database is back: its log, if it had one, and the folder.
fn finish_roll_back(data: &Path) -> Result<(), AppError> {
    let previous = data.join(PREVIOUS);
    if !previous.exists() || previous.join(DATABASE).exists() || data.join(STAGED).exists() {
        return Ok(());
    }
    let log = previous.join(LOG);
    if log.exists() {
        fs::rename(&log, data.join(LOG)).map_err(failed(&log))?;
    }
    throw_away(data, PREVIOUS)
}

fn remove_file(path: &Path) -> Result<(), AppError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}
