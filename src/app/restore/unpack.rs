//! A backup's file to a folder with a database, a media store and perhaps settings, every byte of it checked.
//!
//! The file may come from anywhere: only names that a backup has are taken, only plain files, and no byte is believed
//! before its digest, the database's own checks and the ledger's chain agree.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::{Contents, DATABASE, unusable};
use crate::{
    app::{
        AppError,
        backup::{MANIFEST, Manifest, digest_of, failed},
    },
    config,
    db::{Db, accounts, assets, figures, ledger},
    domain::digest::Digest,
    store::Store,
};

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// A settings file or a manifest is never larger.
const SMALL_BYTES_MAX: u64 = 1 << 20;

/// Unpacks the backup in `file` into `folder` and checks all of it.
pub(super) fn unpack(file: &Path, folder: &Path) -> Result<Contents, AppError> {
    let store = Store::open(folder)?;
    // Held until the end: nothing is swept from this store.
    let kept = read_entries(file, folder, &store)?;
    let path = folder.join(DATABASE);
    if !path.is_file() {
        return Err(unusable("it holds no database"));
    }
    compare(folder)?;
    let contents = check(&path, &kept)?;
    for name in ["-wal", "-shm"].map(|end| folder.join(format!("{DATABASE}{end}"))) {
        if name.exists() {
            return Err(AppError::Internal(format!("{} stayed open", name.display())));
        }
    }
    File::open(&path).and_then(|file| file.sync_all()).map_err(failed(&path))?;
    Ok(contents)
}

fn read_entries(file: &Path, folder: &Path, store: &Store) -> Result<Vec<Digest>, AppError> {
    let broken = |error: io::Error| unusable(format_args!("it is damaged or no backup ({error})"));
    let mut archive = tar::Archive::new(io::BufReader::new(File::open(file).map_err(failed(file))?));
    let mut kept = Vec::new();
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = entry.path().map_err(broken)?.to_str().map(str::to_owned);
        let name = name.ok_or_else(|| unusable("a name in it is not text"))?;
        if !entry.header().entry_type().is_file() {
            return Err(unusable(format_args!("{name} is no plain file")));
        }
        let is_small = [config::FILE_NAME, MANIFEST].contains(&&*name) && entry.size() <= SMALL_BYTES_MAX;
        if name == DATABASE || is_small {
            let path = folder.join(&name);
            let mut target = File::create_new(&path).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => unusable(format_args!("{name} is in it twice")),
                _ => failed(&path)(error),
            })?;
            io::copy(&mut entry, &mut target).map_err(|error| write_or_read(error, &path))?;
            target.sync_all().map_err(failed(&path))?;
        } else if let Some(digest) = name.strip_prefix("media/").and_then(|text| text.parse::<Digest>().ok()) {
            let size = entry.size();
            let mut staged = store.stage(size)?;
            let mut chunk = vec![0; CHUNK_BYTES];
            loop {
                match entry.read(&mut chunk).map_err(broken)? {
                    0 => break,
                    length => staged.append(&chunk[..length])?,
                }
            }
            if staged.bytes() != size {
                return Err(unusable("it ends in the middle of a file"));
            }
            let stored = staged.commit()?;
            if stored.digest() != digest {
                return Err(unusable(format_args!("the media file {digest} is damaged")));
            }
            kept.push(digest);
        } else {
            return Err(unusable(format_args!("{name} does not belong into a backup")));
        }
    }
    Ok(kept)
}

/// Compares the database and the settings with the digests that the backup gives them: SQLite's own checks look at what
/// it uses, not at every byte. A backup without a manifest is of a time before there was one.
fn compare(folder: &Path) -> Result<(), AppError> {
    let path = folder.join(MANIFEST);
    if !path.is_file() {
        return Ok(());
    }
    let text = std::fs::read(&path).map_err(failed(&path))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| unusable("its manifest is damaged"))?;
    for (name, digest) in &manifest.files {
        let is_known = [DATABASE, config::FILE_NAME].contains(&name.as_str());
        if !is_known || !folder.join(name).is_file() || digest_of(&folder.join(name))?.to_string() != *digest {
            return Err(unusable(format_args!("{name} is not as it was written")));
        }
    }
    std::fs::remove_file(&path).map_err(failed(&path))
}

/// An error while an entry was copied: the disk's, or the backup's own.
fn write_or_read(error: io::Error, path: &Path) -> AppError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => failed(path)(error),
        _ => unusable(format_args!("it is damaged or no backup ({error})")),
    }
}

fn check(path: &Path, kept: &[Digest]) -> Result<Contents, AppError> {
    // Opening brings it to this version's schema, and refuses what is not ours or of a later version.
    let db = Db::open(path).map_err(unusable)?;
    let faults = db.check_integrity().map_err(unusable)?;
    if !faults.is_empty() {
        return Err(unusable(format_args!("its database is damaged: {}", faults.join("; "))));
    }
    db.read(|conn| {
        let report = ledger::verify(conn).map_err(unusable)?;
        if !report.is_sound() {
            return Err(unusable("its ledger is not sound"));
        }
        let kept: std::collections::HashSet<&Digest> = kept.iter().collect();
        let named = assets::list_blobs(conn).map_err(unusable)?;
        if let Some((missing, _)) = named.iter().find(|(digest, _)| !kept.contains(digest)) {
            return Err(unusable(format_args!("the media file {missing} is missing")));
        }
        Ok(Contents {
            accounts: accounts::count(conn).map_err(unusable)?,
            jobs: figures::jobs(conn).map_err(unusable)?,
            media_files: kept.len() as u64,
        })
    })
}
