//! The whole instance as one tar file, made beside a running server: the database as one consistent copy, then the
//! media that the copy names, then the settings file. One implementation for the command and for the page.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{App, AppError, DATABASE, admin::Operator};
use crate::{
    config,
    db::{Db, assets},
    domain::{clock::Timestamp, digest::Digest},
    store::StoreError,
};

/// The end of the name of a backup.
const SUFFIX: &str = ".tar";
/// The end of the name of one that is being written.
const PARTIAL: &str = ".partial";
/// Times that a copy is begun anew because a file went while it was made.
const TRIES: usize = 3;

/// The last entry of a backup: what the others must be. Media files are named by their digests and need no line.
pub(super) const MANIFEST: &str = "backup.json";

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The version of the program that wrote it.
    pub(super) version: String,
    /// Hex SHA-256 by the name of an entry.
    pub(super) files: BTreeMap<String, String>,
}

/// What became of a backup.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// It is being written; 0 to 1.
    Running(f64),
    /// It is whole.
    Done,
    /// It was given up, for this reason.
    Failed(String),
}

/// A backup in the data folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Backup {
    /// Its file's name.
    pub name: String,
    /// Bytes, so far for one that is being written.
    pub bytes: u64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// What became of it.
    pub state: State,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Media files in it.
    pub media_files: usize,
    /// Its bytes.
    pub bytes: u64,
}

/// The backup that this process makes or last gave up.
#[derive(Default)]
pub(super) struct Desk {
    latest: Mutex<Option<Backup>>,
}

impl Desk {
    fn latest(&self) -> MutexGuard<'_, Option<Backup>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, change: impl FnOnce(&mut Backup)) {
        if let Some(backup) = self.latest().as_mut() {
            change(backup);
        }
    }
}

/// The folder of the backups that the page makes.
pub fn folder(data: &Path) -> PathBuf {
    data.join("backups")
}

/// An error of the file system while `what` was handled.
pub(super) fn failed(what: &Path) -> impl Fn(io::Error) -> AppError + '_ {
    move |error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => AppError::StorageFull,
        _ => AppError::Internal(format!("{}: {error}", what.display())),
    }
}

impl App {
    /// Writes a backup into a new file at `target`; `progress` hears 0 to 1 as it goes on. A file that is there is not
    /// written over, and nothing half-written is left.
    pub fn write_backup(&self, target: &Path, progress: &dyn Fn(f64)) -> Result<Written, AppError> {
        if target.exists() {
            return Err(AppError::Conflict(format!("{} exists already", target.display())));
        }
        let mut name = target.as_os_str().to_owned();
        name.push(PARTIAL);
        let partial = PathBuf::from(name);
        let mut tries = 0;
        let written = loop {
            tries += 1;
            match self.write_archive(&partial, progress) {
                // Another process is the server and lets files go; a new copy of the database doesn't name them.
                Err(AppError::NotFound("media file")) if tries < TRIES => {}
                other => break other,
            }
        };
        let kept = written.and_then(|written| {
            fs::rename(&partial, target).map_err(failed(target))?;
            sync_parent(target)?;
            Ok(written)
        });
        if kept.is_err() {
            let _ = fs::remove_file(&partial);
        }
        kept
    }

    fn write_archive(&self, target: &Path, progress: &dyn Fn(f64)) -> Result<Written, AppError> {
        let _keeping = self.store.keep_all();
        let scratch = tempfile::tempdir_in(&self.config.data).map_err(failed(&self.config.data))?;
        let copy = scratch.path().join(DATABASE);
        self.db.backup(&copy)?;
        let blobs = Db::open(&copy)?.read(assets::list_blobs)?;
        let database_bytes = fs::metadata(&copy).map_err(failed(&copy))?.len();
        let all = (database_bytes + blobs.iter().map(|(_, bytes)| bytes).sum::<u64>()).max(1);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(target);
        let mut archive = tar::Builder::new(io::BufWriter::new(file.map_err(failed(target))?));
        let told = failed(target);
        let mut files = BTreeMap::new();
        for (name, path) in [(DATABASE, copy), (config::FILE_NAME, self.config.data.join(config::FILE_NAME))] {
            if path.is_file() {
                archive.append_path_with_name(&path, name).map_err(&told)?;
                files.insert(name.to_owned(), digest_of(&path)?.to_string());
            }
        }
        let mut done = database_bytes;
        for (digest, bytes) in &blobs {
            progress(done as f64 / all as f64);
            let (mut file, _) = self.store.read(digest).map_err(|error| match error {
                StoreError::NotFound(_) => AppError::NotFound("media file"),
                other => other.into(),
            })?;
            archive.append_file(format!("media/{digest}"), &mut file).map_err(&told)?;
            done += bytes;
        }
        let manifest = Manifest { version: env!("CARGO_PKG_VERSION").into(), files };
        let manifest = serde_json::to_vec_pretty(&manifest).map_err(|e| AppError::Internal(e.to_string()))?;
        let mut header = tar::Header::new_gnu();
        header.set_size(manifest.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, MANIFEST, &*manifest).map_err(&told)?;
        let file = archive.into_inner().map_err(&told)?.into_inner().map_err(|e| told(e.into_error()))?;
        file.sync_all().map_err(&told)?;
        let bytes = file.metadata().map_err(&told)?.len();
        Ok(Written { media_files: blobs.len(), bytes })
    }

    /// Begins a backup in the data folder, beside everything else. Its progress is in [`App::backups`].
    ///
    /// # Errors
    /// [`AppError::Conflict`] while one is being made.
    pub fn begin_backup(self: &Arc<Self>, operator: &Operator) -> Result<Backup, AppError> {
        let folder = folder(&self.config.data);
        make_private_folder(&folder)?;
        let now = self.clock.now();
        let mut latest = self.backups.latest();
        if latest.as_ref().is_some_and(|backup| matches!(backup.state, State::Running(_))) {
            return Err(AppError::Conflict("a backup is being made; wait for it".into()));
        }
        let stamp = now.to_utc();
        let stamp = format!("{}T{:02}-{:02}-{:02}Z", stamp.date(), stamp.hour(), stamp.minute(), stamp.second());
        let names = std::iter::once(String::new()).chain((2..).map(|n| format!("-{n}")));
        let name = names
            .map(|number| format!("magicpixels-{stamp}{number}{SUFFIX}"))
            .find(|name| !folder.join(name).exists())
            .ok_or_else(|| AppError::Internal("no free name".into()))?;
        let backup = Backup { name: name.clone(), bytes: 0, created_at: now, state: State::Running(0.0) };
        *latest = Some(backup.clone());
        drop(latest);
        let (app, operator, target) = (self.clone(), operator.clone(), folder.join(&name));
        let thread = std::thread::Builder::new().name("backup".into()).spawn(move || app.make(&operator, &target));
        if let Err(error) = thread {
            self.backups.update(|backup| backup.state = State::Failed(error.to_string()));
            return Err(AppError::Internal(format!("a backup does not start: {error}")));
        }
        Ok(backup)
    }

    fn make(&self, operator: &Operator, target: &Path) {
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let progress = |fraction: f64| self.backups.update(|backup| backup.state = State::Running(fraction));
        let written = self.write_backup(target, &progress).and_then(|written| {
            self.note_act(operator, "backup.make", &name, json!({ "bytes": written.bytes }))?;
            Ok(written)
        });
        let state = match written {
            Ok(written) => {
                tracing::info!(name, bytes = written.bytes, "a backup was made");
                State::Done
            }
            Err(error) => {
                tracing::error!(name, %error, "a backup failed");
                let message = match error {
                    AppError::StorageFull => "The disk is full.",
                    _ => "It could not be written; the log has the details.",
                };
                State::Failed(message.into())
            }
        };
        self.backups.update(|backup| backup.state = state);
    }

    /// The backups in the data folder, the newest first; the one that is being made, or was given up, among them.
    pub fn backups(&self) -> Result<Vec<Backup>, AppError> {
        let folder = folder(&self.config.data);
        let latest = self.backups.latest().clone();
        let mut found: Vec<Backup> = Vec::new();
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Some(metadata) = entry.metadata().ok().filter(|file| file.is_file() && name.ends_with(SUFFIX)) else {
                continue;
            };
            let made = metadata.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
            let made = made.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
            found.push(Backup {
                bytes: metadata.len(),
                created_at: stamp_of(&name).unwrap_or(Timestamp::from_millis(made)),
                name,
                state: State::Done,
            });
        }
        let is_other =
            |latest: &Backup| latest.state != State::Done && found.iter().all(|backup| backup.name != latest.name);
        if let Some(latest) = latest.filter(is_other) {
            let partial = folder.join(format!("{}{PARTIAL}", latest.name));
            let bytes = fs::metadata(partial).map_or(0, |file| file.len());
            found.push(Backup { bytes, ..latest });
        }
        found.sort_by(|a, b| (b.created_at, &b.name).cmp(&(a.created_at, &a.name)));
        Ok(found)
    }

    /// Opens a whole backup for reading; answers its length as well.
    pub fn open_backup(&self, operator: &Operator, name: &str) -> Result<(File, u64), AppError> {
        let path = self.backup_path(name)?;
        let file = File::open(&path).map_err(failed(&path))?;
        let bytes = file.metadata().map_err(failed(&path))?.len();
        self.note_act(operator, "backup.download", name, json!({}))?;
        Ok((file, bytes))
    }

    /// Deletes a backup.
    pub fn delete_backup(&self, operator: &Operator, name: &str) -> Result<(), AppError> {
        let failed_one = {
            let mut latest = self.backups.latest();
            let is_failed = latest.as_ref().is_some_and(|it| it.name == name && matches!(it.state, State::Failed(_)));
            if is_failed { latest.take() } else { None }
        };
        if failed_one.is_none() {
            let path = self.backup_path(name)?;
            fs::remove_file(&path).map_err(failed(&path))?;
        }
        self.note_act(operator, "backup.delete", name, json!({}))
    }

    /// The path of a whole backup in the folder. A name comes from a client: only one that the folder lists is taken.
    pub(super) fn backup_path(&self, name: &str) -> Result<PathBuf, AppError> {
        let known = self.backups()?.into_iter().find(|backup| backup.name == name && backup.state == State::Done);
        let known = known.ok_or(AppError::NotFound("backup"))?;
        Ok(folder(&self.config.data).join(known.name))
    }

    /// Removes what a stop left half-written.
    pub(super) fn clear_partial_backups(&self) {
        for entry in fs::read_dir(folder(&self.config.data)).into_iter().flatten().flatten() {
            if entry.file_name().as_encoded_bytes().ends_with(PARTIAL.as_bytes()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The digest of a file's bytes, which are read in pieces.
pub(super) fn digest_of(path: &Path) -> Result<Digest, AppError> {
    let mut file = File::open(path).map_err(failed(path))?;
    let (mut sha256, mut piece) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut piece).map_err(failed(path))? {
            0 => return Ok(Digest::from_bytes(sha256.finalize().into())),
            length => sha256.update(&piece[..length]),
        }
    }
}

/// The moment that a backup's name tells.
fn stamp_of(name: &str) -> Option<Timestamp> {
    let stamp = name.strip_prefix("magicpixels-")?.get(..20)?;
    let (date, time) = stamp.split_once('T')?;
    Timestamp::parse(&format!("{date}T{}", time.replace('-', ":")))
}

/// Makes a folder that only its owner may look into.
pub(super) fn make_private_folder(path: &Path) -> Result<(), AppError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed(path))
}

/// Makes the names in a file's folder last.
pub(super) fn sync_parent(path: &Path) -> Result<(), AppError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(failed(parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_when_it_was_begun() {
        let moment = Timestamp::parse("2026-11-24T08:15:00Z");
        assert_eq!(stamp_of("magicpixels-2026-11-24T08-15-00Z.tar"), moment);
        assert_eq!(stamp_of("magicpixels-2026-11-24T08-15-00Z-2.tar"), moment);
        assert_eq!(stamp_of("mine.tar"), None);
        assert_eq!(stamp_of("magicpixels-é.tar"), None);
    }
}
