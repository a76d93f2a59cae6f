//! Exporting: an installed pack as one signed file, every byte held to its digest on the way out.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{
    FILE_NAME, FileEntry, Manifest, Pack, PackError, io_error,
    seal::{SealingWriter, Signer},
};
use crate::{domain::digest::Digest, engine::RunContext};

/// Weights hardly compress: the fastest level finds what there is.
const LEVEL: i32 = 1;

impl Pack {
    /// Writes the pack as one signed file into a new file at `target`; nothing half-written is left.
    pub fn export(&self, target: &Path, signer: &Signer, ctx: &RunContext<'_>) -> Result<u64, PackError> {
        if target.exists() {
            return Err(PackError::Refused(format!("{} exists already", target.display())));
        }
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        let partial = PathBuf::from(name);
        let write = || {
            let file = File::create(&partial).map_err(io_error(&partial))?;
            let file = self.write_to(file, signer, ctx).map_err(|error| name_target(error, target))?;
            file.sync_all().map_err(io_error(&partial))?;
            fs::rename(&partial, target).map_err(io_error(target))?;
            file.metadata().map(|found| found.len()).map_err(io_error(target))
        };
        let written = write();
        if written.is_err() {
            let _ = fs::remove_file(&partial);
        }
        written
    }

    /// Writes the pack as one signed file: the manifest, then its files in the manifest's order. What goes wrong on the
    /// way leaves a file without a seal.
    pub fn write_to<W: Write>(&self, target: W, signer: &Signer, ctx: &RunContext<'_>) -> Result<W, PackError> {
        let failed = |error: io::Error| io_error(&self.folder)(error);
        let mut encoder = zstd::Encoder::new(SealingWriter::new(target), LEVEL).map_err(failed)?;
        encoder.include_checksum(true).map_err(failed)?;
        let mut archive = tar::Builder::new(encoder);
        // Who signed it before is no matter of who gets it now.
        let manifest = Manifest { signed_by: None, ..self.manifest.clone() }.to_text()?;
        append(&mut archive, (FILE_NAME, manifest.len() as u64), manifest.as_bytes()).map_err(failed)?;
        let (total, mut done) = (self.manifest.bytes(), 0);
        for entry in &self.manifest.files {
            let path = self.folder.join(&entry.name);
            let file = File::open(&path).map_err(io_error(&path))?;
            let mut reader = Checked { file, hasher: Sha256::new(), done, total, ctx, cancelled: false };
            let appended = append(&mut archive, (&entry.name, entry.bytes), &mut reader);
            if reader.cancelled {
                return Err(PackError::Cancelled);
            }
            appended.map_err(failed)?;
            reader.judge(entry)?;
            done += entry.bytes;
        }
        archive.into_inner().and_then(zstd::Encoder::finish).and_then(|writer| writer.finish(signer)).map_err(failed)
    }
}

fn append(
    archive: &mut tar::Builder<impl Write>,
    (name, bytes): (&str, u64),
    reader: impl Read,
) -> Result<(), io::Error> {
    // The same pack gives the same archive: no owners, no times.
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o644);
    archive.append_data(&mut header, name, reader)
}

/// Errors while writing are about the target, not about the pack's folder.
fn name_target(error: PackError, target: &Path) -> PackError {
    match error {
        PackError::Io { source, .. } => PackError::Io { path: target.to_path_buf(), source },
        other => other,
    }
}

/// A file that is hashed while it is read; reading stops when the run is cancelled.
struct Checked<'a> {
    file: File,
    hasher: Sha256,
    done: u64,
    total: u64,
    ctx: &'a RunContext<'a>,
    cancelled: bool,
}

impl Checked<'_> {
    fn judge(mut self, entry: &FileEntry) -> Result<(), PackError> {
        let is_whole = Digest::from_bytes(self.hasher.finalize().into()) == entry.sha256;
        if is_whole && self.file.read(&mut [0]).is_ok_and(|count| count == 0) {
            return Ok(());
        }
        let (name, sum) = (&entry.name, &entry.sha256);
        Err(PackError::Refused(format!("{name} is damaged: its SHA-256 is not {sum}; nothing was exported")))
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let share = self.done as f64 / self.total.max(1) as f64;
        if self.ctx.step((share * 10_000.0) as usize, 10_000).is_err() {
            self.cancelled = true;
            return Err(io::Error::other("cancelled"));
        }
        let count = self.file.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.done += count as u64;
        Ok(count)
    }
}
