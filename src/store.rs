//! Media files, named by the SHA-256 of their bytes: `DIR/media/ab/cd/<sha256>`.
//!
//! Owns how bytes get to the disk whole or not at all: they are staged in the same file system, synced, renamed, and
//! the folder is synced; a crash leaves a stale staged file or an orphan for [`Store::sweep`], never half a file
//! under a real name. The same bytes are kept once. Refuses to know who owns them (see `db::assets`).
//!
//! # A file removed while the same bytes arrive
//! A commit *pins* its digest, under the lock, before it looks whether the file is there, and the [`Stored`] it
//! answers holds the pin. [`Store::remove`] unlinks under the same lock, and only what is not pinned and what its
//! caller's second look at the database finds without owner. So the rules are: keep the [`Stored`] until the
//! transaction that names its digest has committed; remove only after the transaction that dropped the last owner.
//! One process at a time owns a data folder's media.

use std::{
    collections::HashMap,
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::domain::digest::Digest;

#[cfg(test)]
mod tests;

/// The folder of files that are still being written, inside the media folder.
const STAGING: &str = "staging";

/// Why the store refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// More bytes than the caller allows.
    #[error("more than {bytes_max} bytes")]
    TooLarge {
        /// The limit that was given.
        bytes_max: u64,
    },
    /// No room on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// There is no such file.
    #[error("there is no media file {0}")]
    NotFound(Digest),
    /// Anything else the file system said.
    #[error("a media file could not be used: {0}")]
    Io(io::Error),
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io(error),
        }
    }
}

/// A folder of media files; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    media: PathBuf,
    /// What may not go. Held while a name comes to be or goes.
    pins: Mutex<Pins>,
}

#[derive(Debug, Default)]
struct Pins {
    /// How often each digest is pinned.
    files: HashMap<Digest, usize>,
    /// How many [`Keeping`]s live.
    keeping: usize,
}

/// What is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Files without an owner.
    pub orphans: Usage,
    /// Files that were never finished.
    pub staged: Usage,
}

impl Store {
    /// Opens the media folder of the data folder `dir`, creating it if it is not there.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let media = dir.join("media");
        create_folder(&media.join(STAGING))?;
        Ok(Self { inner: Arc::new(Inner { media, pins: Mutex::default() }) })
    }

    /// Begins a file of at most `bytes_max` bytes.
    pub fn stage(&self, bytes_max: u64) -> Result<Staged, StoreError> {
        let file = tempfile::Builder::new().prefix("staged-").tempfile_in(self.inner.media.join(STAGING))?;
        Ok(Staged { store: self.clone(), file, sha256: Sha256::new(), bytes: 0, bytes_max })
    }

    /// A file without a name for what waits to be put in order; it goes with its last handle, whatever happens.
    pub fn spool(&self) -> Result<File, StoreError> {
        Ok(tempfile::tempfile_in(self.inner.media.join(STAGING))?)
    }

    /// Stores `bytes`.
    pub fn put(&self, bytes: &[u8]) -> Result<Stored, StoreError> {
        let mut staged = self.stage(bytes.len() as u64)?;
        staged.append(bytes)?;
        staged.commit()
    }

    /// Opens the file with this digest; answers it with its length in bytes.
    pub fn read(&self, digest: &Digest) -> Result<(File, u64), StoreError> {
        let file = File::open(self.path(digest)).map_err(|error| absent(error, digest))?;
        let bytes = file.metadata()?.len();
        Ok((file, bytes))
    }

    /// Reads the whole file with this digest.
    pub fn read_all(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        fs::read(self.path(digest)).map_err(|error| absent(error, digest))
    }

    /// Whether the file with this digest still holds the bytes that it is named by.
    pub fn is_intact(&self, digest: &Digest) -> Result<bool, StoreError> {
        let (mut file, _) = self.read(digest)?;
        let (mut sha256, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(Digest::from_bytes(sha256.finalize().into()) == *digest),
                n => sha256.update(&buffer[..n]),
            }
        }
    }

    /// Removes the file with this digest, unless it is pinned or `is_live` finds an owner for it now. Answers whether
    /// it is gone.
    ///
    /// `is_live` runs while no file can come or go: it may read the database, and must not call the store.
    pub fn remove<E: From<StoreError>>(
        &self,
        digest: &Digest,
        is_live: impl FnOnce() -> Result<bool, E>,
    ) -> Result<bool, E> {
        let pins = self.pins();
        if pins.keeping > 0 || pins.files.contains_key(digest) || is_live()? {
            return Ok(false);
        }
        match fs::remove_file(self.path(digest)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::from(error).into()),
            _ => Ok(true),
        }
    }

    /// Removes files older than `age_min` for which `is_live` finds no owner, and staged files as old that nobody
    /// finished. Files with names that are not ours are left alone.
    pub fn sweep<E: From<StoreError>>(
        &self,
        age_min: Duration,
        mut is_live: impl FnMut(&Digest) -> Result<bool, E>,
    ) -> Result<Swept, E> {
        let mut swept = Swept::default();
        let now = SystemTime::now();
        let is_old = |modified: SystemTime| now.duration_since(modified).is_ok_and(|age| age >= age_min);
        self.walk(|digest, metadata| {
            let is_old = metadata.modified().is_ok_and(is_old);
            if is_old && !is_live(&digest)? && self.remove(&digest, || is_live(&digest))? {
                swept.orphans.add(metadata.len());
            }
            Ok::<_, E>(())
        })?;
        for entry in entries(&self.inner.media.join(STAGING))? {
            let Ok(metadata) = entry.metadata() else { continue };
            let is_ours = entry.file_name().as_encoded_bytes().starts_with(b"staged-");
            if is_ours && metadata.modified().is_ok_and(is_old) && fs::remove_file(entry.path()).is_ok() {
                swept.staged.add(metadata.len());
            }
        }
        Ok(swept)
    }

    /// Lets no file go while the answer lives: for a copy of all of them. What loses its last owner meanwhile stays for
    /// the next sweep.
    pub fn keep_all(&self) -> Keeping {
        self.pins().keeping += 1;
        Keeping { store: self.clone() }
    }

    /// What a [`Store::sweep`] with the same arguments would find without owner; nothing is removed.
    pub fn orphans<E: From<StoreError>>(
        &self,
        age_min: Duration,
        mut is_live: impl FnMut(&Digest) -> Result<bool, E>,
    ) -> Result<Usage, E> {
        let mut orphans = Usage::default();
        let now = SystemTime::now();
        self.walk(|digest, metadata| {
            let is_old = metadata.modified().is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age >= age_min));
            if is_old && !is_live(&digest)? {
                orphans.add(metadata.len());
            }
            Ok::<_, E>(())
        })?;
        Ok(orphans)
    }

    /// Takes over the files of another store in the same file system, by their names. What is there already is left as
    /// it is. Interrupted, it can be done again. Returns how many files the other store named.
    pub fn adopt(&self, other: &Self) -> Result<u64, StoreError> {
        let mut adopted = 0;
        other.walk(|digest, metadata| {
            let path = self.path(&digest);
            let folder = path.parent().unwrap_or(&self.inner.media);
            create_folder(folder)?;
            let is_there = fs::metadata(&path).is_ok_and(|known| known.len() == metadata.len());
            if !is_there {
                // A link first, so that the other store stays whole until all of it is here.
                let _ = fs::remove_file(&path);
                fs::hard_link(other.path(&digest), &path)?;
                File::open(folder)?.sync_all()?;
            }
            adopted += 1;
            Ok::<_, StoreError>(())
        })?;
        Ok(adopted)
    }

    /// How many files there are and how many bytes they take, by looking at each.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let mut usage = Usage::default();
        self.walk(|_, metadata| {
            usage.add(metadata.len());
            Ok::<_, StoreError>(())
        })?;
        Ok(usage)
    }

    /// Visits every file whose name and place are those of a digest. What goes meanwhile is passed over.
    fn walk<E: From<StoreError>>(&self, mut visit: impl FnMut(Digest, fs::Metadata) -> Result<(), E>) -> Result<(), E> {
        for outer in entries(&self.inner.media)? {
            if outer.file_name().len() != 2 {
                continue;
            }
            for inner in entries(&outer.path())? {
                for file in entries(&inner.path())? {
                    let digest = file.file_name().to_str().and_then(|name| name.parse::<Digest>().ok());
                    let Some(digest) = digest.filter(|digest| self.path(digest) == file.path()) else { continue };
                    if let Some(metadata) = file.metadata().ok().filter(fs::Metadata::is_file) {
                        visit(digest, metadata)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        let mut path = self.inner.media.join(&name[..2]);
        path.push(&name[2..4]);
        path.push(name);
        path
    }

    fn pins(&self) -> MutexGuard<'_, Pins> {
        self.inner.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Usage {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// A file being written. Dropping it removes it.
#[derive(Debug)]
pub struct Staged {
    store: Store,
    file: NamedTempFile,
    sha256: Sha256,
    bytes: u64,
    bytes_max: u64,
}

impl Staged {
    /// Writes more bytes behind those written before.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] beyond the limit, [`StoreError::DiskFull`]; drop the file then.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let sum = self.bytes.saturating_add(bytes.len() as u64);
        if sum > self.bytes_max {
            return Err(StoreError::TooLarge { bytes_max: self.bytes_max });
        }
        self.file.as_file_mut().write_all(bytes)?;
        self.sha256.update(bytes);
        self.bytes = sum;
        Ok(())
    }

    /// Bytes written so far.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The SHA-256 of what was written so far.
    pub fn digest(&self) -> Digest {
        Digest::from_bytes(self.sha256.clone().finalize().into())
    }

    /// Opens what was written so far for reading, from its beginning: to look at an upload before it is kept.
    pub fn reopen(&self) -> Result<File, StoreError> {
        Ok(self.file.reopen()?)
    }

    /// Where the file lies for now.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Makes the file last, under the name of its bytes. It survives a power cut once this returns.
    pub fn commit(self) -> Result<Stored, StoreError> {
        self.file.as_file().sync_all()?;
        let digest = Digest::from_bytes(self.sha256.finalize().into());
        let path = self.store.path(&digest);
        let folder = path.parent().unwrap_or(&self.store.inner.media);
        create_folder(folder)?;
        let pin = {
            let mut pins = self.store.pins();
            *pins.files.entry(digest).or_default() += 1;
            let pin = Pin { store: self.store.clone(), digest };
            // A file of another length is one that the disk damaged: the good bytes take its place.
            let is_there = fs::metadata(&path).is_ok_and(|known| known.len() == self.bytes);
            let renamed = if is_there { Ok(()) } else { self.file.persist(&path).map(drop) };
            // Before the error is passed on: dropping the pin takes the lock.
            drop(pins);
            renamed.map_err(|error| StoreError::from(error.error))?;
            pin
        };
        // Even when the file was there: whoever wrote it may not have come to this line yet.
        File::open(folder)?.sync_all()?;
        Ok(Stored { pin, bytes: self.bytes })
    }
}

impl Write for Staged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.append(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(StoreError::Io(error)) => Err(error),
            Err(StoreError::DiskFull) => Err(io::ErrorKind::StorageFull.into()),
            Err(error) => Err(io::Error::other(error.to_string())),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

/// Bytes that are on the disk, and that nobody removes while this lives: keep it until the database names them.
#[derive(Debug)]
pub struct Stored {
    pin: Pin,
    bytes: u64,
}

impl Stored {
    /// The SHA-256 of the bytes.
    pub const fn digest(&self) -> Digest {
        self.pin.digest
    }

    /// How many they are.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[derive(Debug)]
struct Pin {
    store: Store,
    digest: Digest,
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pins = self.store.pins();
        if let Some(count) = pins.files.get_mut(&self.digest) {
            *count -= 1;
            if *count == 0 {
                pins.files.remove(&self.digest);
            }
        }
    }
}

/// While it lives, no file goes.
#[derive(Debug)]
pub struct Keeping {
    store: Store,
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.store.pins().keeping -= 1;
    }
}

/// Makes a folder that only its owner may look into, with those above it, and syncs the names it made.
fn create_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_folder(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    if let Some(parent) = parent {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// What is in a folder; nothing when it is no folder, or gone.
fn entries(path: &Path) -> Result<Vec<fs::DirEntry>, StoreError> {
    match fs::read_dir(path) {
        Ok(entries) => Ok(entries.collect::<Result<_, _>>()?),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(vec![]),
        Err(error) => Err(error.into()),
    }
}

fn absent(error: io::Error, digest: &Digest) -> StoreError {
    if error.kind() == io::ErrorKind::NotFound { StoreError::NotFound(*digest) } else { error.into() }
}
