//! Installing: copy, check, try out, name. What fails on the way leaves nothing behind; what was cut off goes on.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{
    FILE_NAME, FileEntry, Kind, Manifest, Pack, PackError, PackStore, digest_of, io_error,
    manifest::{Said, is_inside, is_name},
    seal,
    source::Source,
};
use crate::{
    domain::digest::Digest,
    engine::{
        EngineError, ModelInfo, RunContext,
        diffusion::{self, Defaults, DiffusionModel, Identity, Resources},
        lipsync::{self, LipSync},
        scene::library::{Library, is_scene_pack},
    },
};

/// `sha256sum`'s own list; a pack that brings one is held to it.
const SUMS: &str = "SHA256SUMS";
/// What a diffusion pack needs beside the graphs that lie in no folder; a safety checker or a second format of the weights is not copied.
const FOLDERS: [&str; 9] = [
    "scheduler",
    "tokenizer",
    "tokenizer_2",
    "text_encoder",
    "text_encoder_2",
    "unet",
    "vae_encoder",
    "vae_decoder",
    "tiny_decoder",
];

/// The licence of a pack that nobody told one of.
const UNKNOWN: &str = "unknown";

/// An order to install a pack.
#[derive(Debug, Clone, Default)]
pub struct Install {
    /// A folder, a tar, tar.zst or zip file, or the first of its parts.
    pub path: PathBuf,
    /// The name that jobs will use; the folder's own otherwise.
    pub name: Option<String>,
    /// The licence, where the operator knows it.
    pub licence: Option<String>,
    /// Where it is from, where the operator knows it.
    pub source: Option<String>,
    /// What a job gets that leaves it open.
    pub defaults: Defaults,
    /// Whose signature on an exported file is good, by their fingerprints.
    pub trusted: Vec<Digest>,
    /// Whether only a signed file will do.
    pub must_be_signed: bool,
}

impl Install {
    /// The name that the pack will have: an exported file keeps the one that it had.
    pub fn resolved_name(&self) -> String {
        let exported = || Source::open(&self.path).ok()?.leading_manifest().map(|manifest| manifest.name);
        self.name.clone().or_else(exported).unwrap_or_else(|| Source::name(&self.path))
    }

    /// Who signed the source, if anybody did; refuses whom the operator does not trust.
    fn check_signer(&self, source: &Source, ctx: &RunContext<'_>) -> Result<Option<Digest>, PackError> {
        let mut step = |done: u64, total: u64| {
            ctx.step((done as f64 / total.max(1) as f64 * 10_000.0) as usize, 10_000).map_err(PackError::from)
        };
        let signer = source.signable()?.map(|file| seal::check(file, &mut step)).transpose()?.flatten();
        match signer {
            Some(signer) if !self.trusted.contains(&signer) => Err(PackError::Untrusted(signer)),
            None if self.must_be_signed => {
                let message = format!("{} is not signed; `models install` takes such packs", self.path.display());
                Err(PackError::Refused(message))
            }
            signer => Ok(signer),
        }
    }
}

impl PackStore {
    /// Installs a pack: copies it beside the others, checks every file, makes a small picture with it, and only then
    /// gives it its name. `taken` are names that other models have.
    pub fn install(
        &self,
        order: &Install,
        taken: &[String],
        resources: Resources,
        ctx: &RunContext<'_>,
    ) -> Result<Pack, PackError> {
        let name = order.resolved_name();
        if !is_name(&name) {
            let message = format!("`{name}` is no name for a pack: letters, digits, `-`, `_` and `.`, at most 64");
            return Err(PackError::Refused(message));
        }
        let target = self.root.join(&name);
        if target.exists() || taken.contains(&name) {
            return Err(PackError::Exists(name));
        }
        let source = Source::open(&order.path)?;
        let signed_by = order.check_signer(&source, &ctx.part("verifying", 0.0, 0.1))?;
        fs::create_dir_all(&self.root).map_err(io_error(&self.root))?;
        let stage = self.root.join(format!(".installing-{name}"));
        let result = self.stage(&source, &stage, &ctx.part("copying", 0.1, 0.8)).and_then(|files| {
            let mut manifest = judge(&stage, order, files, resources, &ctx.part("trying out", 0.8, 1.0))?;
            manifest.signed_by = signed_by;
            write_synced(&stage.join(FILE_NAME), manifest.to_text()?.as_bytes())?;
            fs::rename(&stage, &target).map_err(io_error(&target))?;
            sync_folder(&self.root)?;
            Ok(Pack { folder: target, manifest })
        });
        if result.is_err() {
            let _ = fs::remove_dir_all(&stage);
        }
        result
    }

    /// Copies the files that a pack needs; those that an earlier try left whole are not copied again.
    fn stage(&self, source: &Source, stage: &Path, ctx: &RunContext<'_>) -> Result<Vec<FileEntry>, PackError> {
        let total = source.bytes()?;
        let free = free_bytes(&self.root)?;
        let there = folder_bytes(stage);
        if total.saturating_sub(there) > free.saturating_sub(self.spare_bytes) {
            return Err(PackError::DiskFull { needed: total, free });
        }
        fs::create_dir_all(stage).map_err(io_error(stage))?;
        let prefix = prefix_of(source)?;
        let mut files: BTreeMap<String, FileEntry> = BTreeMap::new();
        let mut done = 0;
        source.read(&mut |name, bytes, reader| {
            let wanted = name.strip_prefix(&prefix).filter(|name| is_needed(name));
            if let Some(name) = wanted {
                let mut step = |count: u64| {
                    let share = (done + count) as f64 / total.max(1) as f64;
                    ctx.step((share * 10_000.0) as usize, 10_000).map_err(PackError::from)
                };
                let sha256 = copy(&stage.join(name), bytes, reader, &mut step)
                    .map_err(|error| explain_full(error, total, &self.root))?;
                files.insert(name.to_owned(), FileEntry { name: name.to_owned(), bytes, sha256 });
            }
            done += bytes;
            Ok(())
        })?;
        check_sums(stage, &files)?;
        Ok(files.into_values().filter(|file| file.name != FILE_NAME && file.name != SUMS).collect())
    }
}

/// Recognises the staged folder and lets it make a picture.
fn judge(
    stage: &Path,
    order: &Install,
    files: Vec<FileEntry>,
    resources: Resources,
    ctx: &RunContext<'_>,
) -> Result<Manifest, PackError> {
    let name = order.resolved_name();
    let said = Said::read(stage)?;
    let kind = if stage.join(diffusion::INDEX).is_file() {
        Kind::Diffusion
    } else if files.iter().any(|file| is_scene_pack(&file.name)) {
        Kind::SceneLibrary
    } else {
        Kind::Lipsync
    };
    let text = |ordered: &Option<String>, said: &Option<String>| ordered.clone().or_else(|| said.clone());
    let licence = text(&order.licence, &said.licence).or_else(|| licence_of(stage));
    let from = order.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let defaults = if order.defaults == Defaults::default() { said.defaults } else { order.defaults };
    let mut manifest = Manifest {
        name: name.clone(),
        kind,
        family: String::new(),
        description: said.description.clone(),
        licence: licence.unwrap_or_else(|| UNKNOWN.into()),
        source: text(&order.source, &said.source).unwrap_or(from),
        signed_by: None,
        defaults,
        files,
    };
    let tried = match kind {
        Kind::Diffusion => {
            let identity = Identity {
                id: name,
                licence: manifest.licence.clone(),
                source: manifest.source.clone(),
                digest: manifest.digest(),
            };
            diffusion::describe(stage, &identity, defaults)?.family.clone_into(&mut manifest.family);
            said.check(&manifest)?;
            DiffusionModel::open(stage, &identity, defaults, resources)?.try_out(ctx)
        }
        Kind::Lipsync => {
            "wav2lip".clone_into(&mut manifest.family);
            let pack = Pack { folder: stage.to_path_buf(), manifest: manifest.clone() };
            let (info, layout, path) = pack.recognise_mouth()?;
            said.check(&manifest)?;
            LipSync::load(info, layout, &path, resources.graphs, ctx.cancel_token())?.try_out(ctx)
        }
        Kind::SceneLibrary => {
            "scene-library".clone_into(&mut manifest.family);
            said.check(&manifest)?;
            let pack = Pack { folder: stage.to_path_buf(), manifest: manifest.clone() };
            let library = pack.open_library()?;
            if manifest.licence == UNKNOWN {
                manifest.licence = library.licence();
            }
            library.try_out(ctx)
        }
    };
    tried.map_err(|error| match error {
        EngineError::Cancelled => PackError::Cancelled,
        other if kind == Kind::SceneLibrary => PackError::Refused(other.to_string()),
        other => PackError::Refused(format!("the trial picture failed: {other}")),
    })?;
    Ok(manifest)
}

impl Pack {
    /// Opens a pack of 3D models.
    pub fn open_library(&self) -> Result<Library, EngineError> {
        let names = self.manifest.files.iter().map(|file| file.name.as_str());
        Library::open((&self.manifest.name, self.manifest.digest()), &self.folder, names)
    }

    /// What a pack of one network is; refuses what is of no kind that is known.
    pub fn recognise_mouth(&self) -> Result<(ModelInfo, lipsync::Layout, PathBuf), EngineError> {
        let said = lipsync::pack::Manifest {
            description: self.manifest.description.clone(),
            licence: Some(self.manifest.licence.clone()),
            source: Some(self.manifest.source.clone()),
        };
        let pack = lipsync::pack::Pack { id: self.manifest.name.clone(), folder: self.folder.clone(), manifest: said };
        let (mut info, layout, path) = lipsync::recognise(&pack)?.ok_or_else(|| {
            EngineError::Model(format!(
                "no {} was found, no scene library and no single ONNX file of Wav2Lip's layout: this is no diffusers or \
                 Optimum folder",
                diffusion::INDEX
            ))
        })?;
        info.digest = self.manifest.digest();
        Ok((info, layout, path))
    }
}

/// Archives often hold one folder that holds the pack.
fn prefix_of(source: &Source) -> Result<String, PackError> {
    if matches!(source, Source::Folder(_)) {
        return Ok(String::new());
    }
    let (mut prefix, mut beside) = (None, None);
    source.read(&mut |name, _, _| {
        if let Some(before) = name.strip_suffix(diffusion::INDEX)
            && before.matches('/').count() <= 1
        {
            prefix = Some(before.to_owned());
        }
        let (folder, file) = name.split_at(name.rfind('/').map_or(0, |at| at + 1));
        let is_graph = Path::new(file).extension().is_some_and(|extension| extension == "onnx");
        if (is_graph || is_scene_pack(file)) && folder.matches('/').count() <= 1 {
            beside = Some(folder.to_owned());
        }
        Ok(())
    })?;
    Ok(prefix.or(beside).unwrap_or_default())
}

fn is_needed(name: &str) -> bool {
    let Some((folder, file)) = name.split_once('/') else {
        let is_graph = [".onnx", ".onnx_data", ".onnx.data"].iter().any(|ending| name.ends_with(ending));
        return is_graph
            || is_scene_pack(name)
            || name == diffusion::INDEX
            || name == FILE_NAME
            || name == SUMS
            || is_reading(name);
    };
    let other_weights = [".safetensors", ".bin", ".ckpt", ".pt", ".pth", ".msgpack", ".h5"];
    FOLDERS.contains(&folder) && is_inside(file) && !other_weights.iter().any(|ending| file.ends_with(ending))
}

fn is_reading(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ["README", "LICENSE", "LICENCE", "NOTICE"].iter().any(|start| upper.starts_with(start))
}

/// Copies one file under a passing name, then renames it; returns its digest.
fn copy(
    target: &Path,
    bytes: u64,
    reader: &mut dyn Read,
    step: &mut dyn FnMut(u64) -> Result<(), PackError>,
) -> Result<Digest, PackError> {
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(io_error(folder))?;
    }
    let there = fs::metadata(target).is_ok_and(|found| found.len() == bytes);
    let partial = target.with_file_name(format!(
        "{}.partial",
        target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    ));
    let mut file = if there { None } else { Some(File::create(&partial).map_err(io_error(&partial))?) };
    let (mut hasher, mut buffer, mut count) = (Sha256::new(), vec![0; 1 << 20], 0_u64);
    loop {
        let read = reader.read(&mut buffer).map_err(|e| PackError::Refused(format!("{}: {e}", target.display())))?;
        if read == 0 {
            break;
        }
        count += read as u64;
        hasher.update(&buffer[..read]);
        if let Some(file) = &mut file {
            file.write_all(&buffer[..read]).map_err(io_error(&partial))?;
        }
        step(count)?;
    }
    if count != bytes {
        return Err(PackError::Refused(format!("{} has {count} bytes, not {bytes}", target.display())));
    }
    let digest = Digest::from_bytes(hasher.finalize().into());
    if let Some(file) = file {
        file.sync_all().map_err(io_error(&partial))?;
        fs::rename(&partial, target).map_err(io_error(target))?;
    } else if digest_of(target, &mut || step(count))? != digest {
        // What an earlier try left is of another source: once more from the beginning.
        fs::remove_file(target).map_err(io_error(target))?;
        let message = format!("an earlier try left another {}; install again", target.display());
        return Err(PackError::Refused(message));
    }
    Ok(digest)
}

/// Holds the files to the digests that the pack itself brings.
fn check_sums(stage: &Path, files: &BTreeMap<String, FileEntry>) -> Result<(), PackError> {
    let mut sums: Vec<(String, String)> = Vec::new();
    if let Ok(text) = fs::read_to_string(stage.join(SUMS)) {
        let line = |line: &str| {
            line.split_once(' ').map(|(sum, name)| {
                (name.trim_start_matches([' ', '*']).trim_start_matches("./").to_owned(), sum.to_ascii_lowercase())
            })
        };
        sums.extend(text.lines().filter_map(line).filter(|(name, _)| is_needed(name) && name != SUMS));
    }
    sums.extend(Said::read(stage)?.files.into_iter().map(|file| (file.name, file.sha256.to_string())));
    for (name, sum) in sums {
        let Some(file) = files.get(&name) else {
            return Err(PackError::Refused(format!("{name} is missing: the pack's own list names it")));
        };
        if file.sha256.to_string() != sum {
            return Err(PackError::Refused(format!("{name} is damaged: its SHA-256 is not {sum}")));
        }
    }
    Ok(())
}

/// `license:` in the front matter of a model card.
fn licence_of(stage: &Path) -> Option<String> {
    let text = fs::read_to_string(stage.join("README.md")).ok()?;
    let front = text.strip_prefix("---\n")?.split("\n---").next()?;
    let line = front.lines().find_map(|line| line.strip_prefix("license:"))?;
    Some(line.trim().trim_matches(['"', '\'']).to_owned()).filter(|licence| !licence.is_empty())
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), PackError> {
    let write = || -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(io_error(path))
}

fn sync_folder(path: &Path) -> Result<(), PackError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(io_error(path))
}

fn free_bytes(path: &Path) -> Result<u64, PackError> {
    let space = rustix::fs::statvfs(path).map_err(|e| io_error(path)(e.into()))?;
    Ok(space.f_bavail.saturating_mul(space.f_frsize))
}

fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => folder_bytes(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

/// A full disk, whatever file found it.
fn explain_full(error: PackError, needed: u64, root: &Path) -> PackError {
    match error {
        PackError::Io { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) =>
        {
            PackError::DiskFull { needed, free: free_bytes(root).unwrap_or(0) }
        }
        other => other,
    }
}
