//! Packs of one ONNX file that the operator lays down by hand: folders under `packs/` in the data folder, looked at once,
//! on start. Those that were installed are [`packs`]'.
//!
//! Owns finding them and what they say of themselves; which family a pack is of, each family decides. A pack that
//! cannot be used is named in the log and left out: it never keeps the appliance from starting.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::engine::{EngineError, diffusion, packs};

/// The folder's name inside the data folder.
pub const FOLDER: &str = "packs";
/// What a pack may say of itself.
const MANIFEST: &str = "pack.toml";

/// One folder.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name, which is the model's.
    pub id: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
}

/// `pack.toml`, every line of which may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manifest {
    /// One sentence for a person.
    pub description: Option<String>,
    /// SPDX expression of the weights.
    pub licence: Option<String>,
    /// Where the weights come from.
    pub source: Option<String>,
}

/// Every pack in `folder`, by name; an error tells of one that can't be read. No folder means no packs.
pub fn scan(folder: &Path) -> Vec<Result<Pack, String>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    // What is being installed has a hidden name; what was installed has a whole manifest (see `engine::packs`).
    let is_ours = |path: &PathBuf| {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let installed = path.join(diffusion::INDEX).is_file() || packs::Manifest::read(path).is_ok();
        path.is_dir() && !hidden && !installed
    };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_ours).collect();
    folders.sort();
    folders.into_iter().map(read).collect()
}

fn read(folder: PathBuf) -> Result<Pack, String> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) || name.starts_with('.') {
        return Err(format!("{}: a pack's name is 1 to 64 of a-z, 0-9, - and _", folder.display()));
    }
    let id = name.to_owned();
    let path = folder.join(MANIFEST);
    let manifest = match fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).map_err(|e| format!("{}: {}", path.display(), e.message()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Manifest::default(),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    Ok(Pack { id, folder, manifest })
}

impl Pack {
    /// The pack's ONNX files, by name.
    pub fn graphs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "onnx"))
            .collect();
        files.sort();
        files
    }
}

/// Hex SHA-256 of a file's bytes, read piece by piece.
///
/// # Errors
/// [`EngineError::Model`] where the file can't be read.
pub fn digest_file(path: &Path) -> Result<String, EngineError> {
    let say = |error: std::io::Error| EngineError::Model(format!("{}: {error}", path.display()));
    let mut file = fs::File::open(path).map_err(say)?;
    let mut sha256 = Sha256::new();
    std::io::copy(&mut file, &mut sha256).map_err(say)?;
    Ok(format!("{:x}", sha256.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_become_packs_and_faults_are_named() {
        let dir = tempfile::tempdir().unwrap();
        assert!(scan(&dir.path().join("none")).is_empty());
        let make = |name: &str, manifest: Option<&str>| {
            let folder = dir.path().join(name);
            fs::create_dir(&folder).unwrap();
            if let Some(text) = manifest {
                fs::write(folder.join(MANIFEST), text).unwrap();
            }
            fs::write(folder.join("b.onnx"), b"b").unwrap();
            fs::write(folder.join("a.onnx"), b"a").unwrap();
        };
        make("bare", None);
        make("good", Some("licence = \"MIT\"\nsource = \"a friend\""));
        make("Wrong Name", None);
        make("odd", Some("lisence = \"MIT\""));
        fs::write(dir.path().join("a file"), b"").unwrap();
        let found = scan(dir.path());
        let told: Vec<String> = found
            .iter()
            .map(|pack| match pack {
                Ok(pack) => pack.id.clone(),
                Err(message) => message.rsplit('/').next().unwrap().to_owned(),
            })
            .collect();
        assert_eq!(told.len(), 4);
        assert!(told[0].starts_with("Wrong Name: ") && told[3].contains("lisence"), "{told:?}");
        assert_eq!(told[1..3], ["bare", "good"]);
        let good = found[2].as_ref().unwrap();
        assert_eq!(good.manifest.licence.as_deref(), Some("MIT"));
        let names: Vec<_> = good.graphs().iter().map(|p| p.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["a.onnx", "b.onnx"]);
        let digest = digest_file(&good.graphs()[0]).unwrap();
        assert_eq!(digest, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    }
}
