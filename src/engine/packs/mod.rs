//! Packs that the operator brings: model folders in the instance's `packs` folder, each whole or not there at all.
//!
//! Owns where they lie, what their manifests say, and that every file is what was installed. A pack arrives in a folder
//! of its own beside the others, is checked and tried out there, and gets its name by one rename; removing it takes
//! the name away first. So another process may install or remove while a server runs.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{CancelToken, EngineError, diffusion::INDEX};
use crate::domain::digest::Digest;

mod export;
mod install;
#[cfg(test)]
mod library_tests;
mod manifest;
mod seal;
mod source;
#[cfg(test)]
mod tests;

pub use install::Install;
pub use manifest::{FILE_NAME, FileEntry, Kind, Manifest};
pub use seal::Signer;

/// Why a pack was refused, or the folder of packs can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The pack is not usable; nothing of it was kept.
    #[error("{0}")]
    Refused(String),
    /// A pack of that name is there.
    #[error("a pack `{0}` is installed already; remove it first or give another name")]
    Exists(String),
    /// There is no pack of that name.
    #[error("there is no pack `{0}`")]
    Unknown(String),
    /// No room on the disk.
    #[error("the disk is full: the pack needs {needed} bytes, {free} are free")]
    DiskFull {
        /// Bytes that the pack takes.
        needed: u64,
        /// Bytes that were free.
        free: u64,
    },
    /// It is whole and signed by somebody whom nobody named.
    #[error(
        "the pack is signed by {0}, whom this instance does not trust; if that is the fingerprint you were told, give it \
         with --trust or in packs.trusted_signers"
    )]
    Untrusted(Digest),
    /// Somebody stopped it.
    #[error("cancelled")]
    Cancelled,
    /// Anything else the file system said.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl From<EngineError> for PackError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Cancelled => Self::Cancelled,
            other => Self::Refused(other.to_string()),
        }
    }
}

/// So that the instance itself can go on when a pack has filled the disk.
const SPARE_BYTES: u64 = 64 << 20;

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> PackError {
    let path = path.to_path_buf();
    move |source| PackError::Io { path, source }
}

/// A pack that is installed.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its folder.
    pub folder: PathBuf,
    /// What it is.
    pub manifest: Manifest,
}

impl Pack {
    /// Compares every file with the digest that was noted when it was installed. Returns what is wrong.
    pub fn verify(&self) -> Vec<String> {
        self.verify_files(|_| true, &CancelToken::default()).unwrap_or_else(|error| vec![error.to_string()])
    }

    /// The same for the files in one folder of the pack.
    pub fn verify_folder(&self, folder: &str, cancel: &CancelToken) -> Result<(), EngineError> {
        let is_there = |name: &str| name.split_once('/').is_some_and(|(first, _)| first == folder);
        self.refuse_faults(&self.verify_files(is_there, cancel)?)
    }

    /// Looks whether every file is there and as long as it should be, and compares those with their digests that no
    /// graph's folder holds: quick enough to do before every load. A graph's folder is verified before it first loads.
    pub fn check(&self, cancel: &CancelToken) -> Result<(), EngineError> {
        self.check_sizes()?;
        let graphs = self.manifest.files.iter().filter_map(|file| file.name.strip_suffix("/model.onnx"));
        let graphs: Vec<&str> = graphs.collect();
        let is_small = |name: &str| name.split_once('/').is_none_or(|(folder, _)| !graphs.contains(&folder));
        self.refuse_faults(&self.verify_files(is_small, cancel)?)
    }

    fn refuse_faults(&self, faults: &[String]) -> Result<(), EngineError> {
        if faults.is_empty() {
            return Ok(());
        }
        Err(EngineError::Model(format!("the pack `{}` is damaged: {}", self.manifest.name, faults.join("; "))))
    }

    /// What is wrong with the files of those names; fails only when it is cancelled.
    fn verify_files(&self, wanted: impl Fn(&str) -> bool, cancel: &CancelToken) -> Result<Vec<String>, EngineError> {
        let mut go_on = || if cancel.is_cancelled() { Err(PackError::Cancelled) } else { Ok(()) };
        let mut faults = Vec::new();
        for entry in self.manifest.files.iter().filter(|entry| wanted(&entry.name)) {
            let path = self.folder.join(&entry.name);
            faults.extend(match fs::metadata(&path) {
                Err(_) => Some(format!("{} is missing", entry.name)),
                Ok(found) if found.len() != entry.bytes => {
                    Some(format!("{} has {} bytes, not {}", entry.name, found.len(), entry.bytes))
                }
                Ok(_) => match digest_of(&path, &mut go_on) {
                    Ok(digest) if digest == entry.sha256 => None,
                    Ok(_) => Some(format!("{} is damaged: its SHA-256 is not {}", entry.name, entry.sha256)),
                    Err(PackError::Cancelled) => return Err(EngineError::Cancelled),
                    Err(error) => Some(error.to_string()),
                },
            });
        }
        Ok(faults)
    }

    /// What is missing or has another size.
    fn check_sizes(&self) -> Result<(), EngineError> {
        for entry in &self.manifest.files {
            let path = self.folder.join(&entry.name);
            if fs::metadata(&path).map_or(true, |found| found.len() != entry.bytes) {
                let (name, file) = (&self.manifest.name, &entry.name);
                let message = format!("the pack `{name}` is damaged: {file} is not what was installed");
                return Err(EngineError::Model(message));
            }
        }
        Ok(())
    }
}

/// The folder of an instance's packs.
#[derive(Debug, Clone)]
pub struct PackStore {
    root: PathBuf,
    /// Bytes of the disk that an installation leaves free.
    spare_bytes: u64,
}

impl PackStore {
    /// The packs in `root`, which is made when the first one is installed.
    pub const fn new(root: PathBuf) -> Self {
        Self { root, spare_bytes: SPARE_BYTES }
    }

    /// Every installed pack, by name. A folder without a sound manifest is skipped with a word in the log.
    pub fn list(&self) -> Vec<Pack> {
        self.names()
            .into_iter()
            .filter_map(|name| {
                self.find(&name).inspect_err(|error| tracing::warn!(name, %error, "a pack can't be used")).ok()
            })
            .collect()
    }

    /// The pack of that name.
    pub fn find(&self, name: &str) -> Result<Pack, PackError> {
        let folder = self.root.join(name);
        if !manifest::is_name(name) || !self.is_pack(name) {
            return Err(PackError::Unknown(name.to_owned()));
        }
        Ok(Pack { manifest: Manifest::read(&folder)?, folder })
    }

    /// Takes a pack away: first its name, then its files.
    pub fn remove(&self, name: &str) -> Result<(), PackError> {
        let folder = self.root.join(name);
        if !manifest::is_name(name) || !folder.is_dir() {
            return Err(PackError::Unknown(name.to_owned()));
        }
        // Half of a later try to install it goes too.
        let _ = fs::remove_dir_all(self.root.join(format!(".installing-{name}")));
        let gone = self.root.join(format!(".removed-{}", uuid::Uuid::new_v4().simple()));
        fs::rename(&folder, &gone).map_err(io_error(&folder))?;
        fs::remove_dir_all(&gone).map_err(io_error(&gone))
    }

    /// Changes whenever a pack comes or goes.
    pub fn fingerprint(&self) -> Vec<(String, Option<std::time::SystemTime>)> {
        let changed =
            |name: &String| fs::metadata(self.root.join(name).join(FILE_NAME)).and_then(|m| m.modified()).ok();
        self.names()
            .into_iter()
            .map(|name| {
                let at = changed(&name);
                (name, at)
            })
            .collect()
    }

    /// Folders that somebody laid down by hand have no whole manifest; those without any are not looked into.
    fn is_pack(&self, name: &str) -> bool {
        let folder = self.root.join(name);
        folder.join(FILE_NAME).is_file() && (folder.join(INDEX).is_file() || Manifest::read(&folder).is_ok())
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| manifest::is_name(name) && self.is_pack(name))
            .collect();
        names.sort();
        names
    }
}

/// The SHA-256 of a file; `go_on` is asked after every piece.
fn digest_of(path: &Path, go_on: &mut dyn FnMut() -> Result<(), PackError>) -> Result<Digest, PackError> {
    let mut file = fs::File::open(path).map_err(io_error(path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer).map_err(io_error(path))?;
        if count == 0 {
            return Ok(Digest::from_bytes(hasher.finalize().into()));
        }
        hasher.update(&buffer[..count]);
        go_on()?;
    }
}
