//! `pack.toml`: what a pack is, where it is from, and the digest of each of its files.

use std::{collections::HashSet, fs, path::Path};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::{PackError, io_error};
use crate::{domain::digest::Digest, engine::diffusion::Defaults};

/// The manifest's file in a pack's folder.
pub const FILE_NAME: &str = "pack.toml";
/// No manifest is longer.
const BYTES_MAX: u64 = 4 << 20;

/// What kind of model reads a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A diffusers folder.
    Diffusion,
    /// One network of Wav2Lip's layout.
    Lipsync,
    /// 3D models for the scene renderer.
    #[serde(rename = "scene-library")]
    SceneLibrary,
}

impl Kind {
    /// Its name in a manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Diffusion => "diffusion",
            Self::Lipsync => "lipsync",
            Self::SceneLibrary => "scene-library",
        }
    }
}

/// A pack's manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name that a job's `model` takes.
    pub name: String,
    /// What kind of model reads it.
    pub kind: Kind,
    /// Which of that kind: `stable-diffusion`, `sdxl-turbo`, `wav2lip` and so on.
    pub family: String,
    /// One sentence for a person, where the pack brings one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// SPDX expression, or what the operator said.
    pub licence: String,
    /// Where it comes from.
    pub source: String,
    /// The fingerprint of who signed the file that it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<Digest>,
    /// What a job gets that leaves it open.
    #[serde(default)]
    pub defaults: Defaults,
    /// Every file.
    #[serde(rename = "file")]
    pub files: Vec<FileEntry>,
}

/// One file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path within the pack.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its digest.
    pub sha256: Digest,
}

impl Manifest {
    /// Reads the manifest of a pack's folder.
    pub fn read(folder: &Path) -> Result<Self, PackError> {
        read(folder, |manifest: &Self| &manifest.files)
    }

    /// The text of the file.
    pub fn to_text(&self) -> Result<String, PackError> {
        toml::to_string(self).map_err(|e| PackError::Refused(format!("the manifest can't be written: {e}")))
    }

    /// Hex SHA-256 over names and digests of all files: changes when any byte of any file does.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for file in &self.files {
            hasher.update(&file.name);
            hasher.update([0]);
            hasher.update(file.sha256.to_string());
        }
        Digest::from_bytes(hasher.finalize().into()).to_string()
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// What a source's `pack.toml` says: the whole manifest of a pack that was installed before, or the few lines that
/// somebody wrote beside a network. Any line may be left out; what stands there must be known and true.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Said {
    /// What it was called; the order, the folder or the exported file decides.
    #[serde(rename = "name")]
    _name: Option<String>,
    pub(super) kind: Option<Kind>,
    pub(super) family: Option<String>,
    pub(super) description: Option<String>,
    pub(super) licence: Option<String>,
    pub(super) source: Option<String>,
    /// Who signed the file that it came in then; this time the seal itself tells.
    #[serde(rename = "signed_by")]
    _signed_by: Option<Digest>,
    pub(super) defaults: Defaults,
    #[serde(rename = "file")]
    pub(super) files: Vec<FileEntry>,
}

impl Said {
    /// Reads it; nothing is said where there is no such file.
    pub(super) fn read(folder: &Path) -> Result<Self, PackError> {
        if folder.join(FILE_NAME).is_file() { read(folder, |said: &Self| &said.files) } else { Ok(Self::default()) }
    }

    /// Refuses what the files themselves tell otherwise.
    pub(super) fn check(&self, found: &Manifest) -> Result<(), PackError> {
        let refuse = |name: &str, said: &str, found: &str| {
            let message = format!("{FILE_NAME}: `{name}` says `{said}`, but the files are of `{found}`");
            Err(PackError::Refused(message))
        };
        match (self.kind, &self.family) {
            (Some(said), _) if said != found.kind => refuse("kind", said.as_str(), found.kind.as_str()),
            (_, Some(said)) if *said != found.family => refuse("family", said, &found.family),
            _ => Ok(()),
        }
    }
}

/// Reads a folder's `pack.toml`, whose files are named once each and lie within.
fn read<T: DeserializeOwned>(folder: &Path, files: impl Fn(&T) -> &[FileEntry]) -> Result<T, PackError> {
    let path = folder.join(FILE_NAME);
    let refuse = |what: String| PackError::Refused(format!("{}: {what}", path.display()));
    if fs::metadata(&path).map_err(io_error(&path))?.len() > BYTES_MAX {
        return Err(refuse("it is too long for a manifest".into()));
    }
    let text = fs::read_to_string(&path).map_err(io_error(&path))?;
    let said: T = toml::from_str(&text).map_err(|e| refuse(e.to_string()))?;
    let mut names = HashSet::new();
    if files(&said).iter().any(|file| !is_inside(&file.name) || !names.insert(&file.name)) {
        return Err(refuse("a file is named twice or lies outside the pack".into()));
    }
    Ok(said)
}

/// Whether a pack may be called so: letters, digits, `-`, `_` and `.`, not beginning with a dot.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=64).contains(&name.len()) && !name.starts_with('.') && name.chars().all(plain)
}

/// Whether a file's name leads to somewhere inside the pack.
pub(super) fn is_inside(name: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    !name.contains('\\') && !name.contains('\0') && name.split('/').all(plain)
}
