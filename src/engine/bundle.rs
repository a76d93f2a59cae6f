//! The parts that travel inside the binary: runtime, weights, voices, scenes. Owns where their bytes are.
//!
//! `build.rs` brings and checks them. A release binary has them in its read-only data, which the system maps and pages
//! in on first touch; a development build reads them from disk once.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use sha2::{Digest, Sha256};

use super::EngineError;

include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

/// One folder under `models/`.
pub struct Pack {
    /// The folder's name.
    pub name: &'static str,
    /// One sentence for a person.
    pub description: &'static str,
    /// SPDX expression.
    pub licence: &'static str,
    /// The packages it comes from.
    pub source: &'static str,
    files: &'static [File],
}

struct File {
    name: &'static str,
    sha256: &'static str,
    content: Content,
}

/// A build has the one or the other, never both.
#[allow(dead_code, reason = "which variants exist depends on the profile")]
enum Content {
    Raw(&'static [u8]),
    Zstd(&'static [u8]),
    OnDisk(&'static str),
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name, `pack/file`.
    pub name: String,
    /// The digest it was pinned to.
    pub sha256: String,
    /// Bytes that it takes: in the binary, compressed where it is; else on the disk.
    pub bytes: u64,
}

impl Pack {
    /// Its files.
    pub fn parts(&self) -> Vec<Part> {
        let bytes = |content: &Content| match content {
            Content::Raw(bytes) | Content::Zstd(bytes) => bytes.len() as u64,
            Content::OnDisk(path) => std::fs::metadata(path).map_or(0, |found| found.len()),
        };
        self.files
            .iter()
            .map(|file| Part { name: file.name.into(), sha256: file.sha256.into(), bytes: bytes(&file.content) })
            .collect()
    }

    /// Compares every file with the digest it was pinned to; the first that differs is named.
    pub fn verify(&self) -> Result<(), EngineError> {
        self.files.iter().try_for_each(|file| unpack(file.name).map(drop))
    }

    /// Hex SHA-256 over the names and digests of the pack's files: changes when any byte of any file does.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for file in self.files {
            hasher.update(file.name);
            hasher.update([0]);
            hasher.update(file.sha256);
        }
        hex(&hasher.finalize())
    }
}

/// Every pack in the binary.
pub fn packs() -> &'static [Pack] {
    PACKS
}

/// The pack of that name.
pub fn pack(name: &str) -> Option<&'static Pack> {
    PACKS.iter().find(|pack| pack.name == name)
}

/// Hex SHA-256 over the digests of several packs, for a model that is made of them.
pub fn digest(names: &[&str]) -> String {
    let digests = names.iter().map(|name| pack(name).map(Pack::digest).unwrap_or_default());
    hex(&Sha256::digest(digests.collect::<Vec<_>>().join("\n")))
}

/// The bytes of `pack/file`, for example `kokoro/model.onnx`. A compressed file is unpacked anew at each call.
pub fn bytes(name: &str) -> Result<&'static [u8], EngineError> {
    static READ: OnceLock<Mutex<HashMap<&'static str, &'static [u8]>>> = OnceLock::new();
    let file = find(name)?;
    match file.content {
        Content::Raw(bytes) => Ok(bytes),
        Content::Zstd(_) => Err(EngineError::Model(format!("{name} is stored compressed"))),
        Content::OnDisk(path) => {
            let mut read = READ.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(bytes) = read.get(file.name) {
                return Ok(bytes);
            }
            let bytes = std::fs::read(path).map_err(|e| EngineError::Model(format!("{path}: {e}")))?;
            let bytes: &'static [u8] = Box::leak(bytes.into_boxed_slice());
            read.insert(file.name, bytes);
            Ok(bytes)
        }
    }
}

/// The bytes of a file that release builds store compressed, unpacked and checked.
pub(super) fn unpack(name: &str) -> Result<Vec<u8>, EngineError> {
    let file = find(name)?;
    let bytes = match file.content {
        Content::Raw(bytes) => bytes.to_vec(),
        Content::Zstd(packed) => {
            zstd::decode_all(packed).map_err(|e| EngineError::Model(format!("{name} is damaged: {e}")))?
        }
        Content::OnDisk(path) => std::fs::read(path).map_err(|e| EngineError::Model(format!("{path}: {e}")))?,
    };
    if hex(&Sha256::digest(&bytes)) != file.sha256 {
        return Err(EngineError::Model(format!("{name} is damaged: its SHA-256 is not {}", file.sha256)));
    }
    Ok(bytes)
}

fn find(name: &str) -> Result<&'static File, EngineError> {
    PACKS
        .iter()
        .flat_map(|pack| pack.files)
        .find(|file| file.name == name)
        .ok_or_else(|| EngineError::Model(format!("{name} is not part of this build")))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_says_where_it_is_from_and_every_file_is_what_was_pinned() {
        for pack in packs() {
            assert!(!pack.licence.is_empty() && !pack.source.is_empty(), "{}", pack.name);
            for file in pack.files {
                assert!(file.name.starts_with(&format!("{}/", pack.name)));
                unpack(file.name).unwrap_or_else(|e| panic!("{e}"));
            }
        }
    }

    #[test]
    fn an_unknown_part_is_named() {
        let message = bytes("kokoro/none").unwrap_err().to_string();
        assert!(message.contains("kokoro/none"), "{message}");
    }
}
