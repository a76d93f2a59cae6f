//! Loads ONNX Runtime out of the binary. Owns the one process-wide environment, how the process takes memory for it, and
//! the only `unsafe` blocks.
//!
//! The library is unpacked into a sealed memory file and opened from there, so that nothing is written to disk; where
//! that is refused, into a file that only its owner may read. `ORT_DYLIB_PATH` names another library.

use std::{
    fs::File,
    io::{self, Write as _},
    os::{fd::AsRawFd as _, unix::fs::OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use ort::environment::Environment;
use rustix::fs::{MemfdFlags, SealFlags};

use super::{EngineError, bundle};

const LIBRARY: &str = "onnxruntime/libonnxruntime.so";

/// Keeps any ONNX Runtime from reporting to anyone. Call it first thing in `main`.
///
/// The bundled 1.28.0 has no uploader, but `ORT_DYLIB_PATH` may name a later build that has.
pub fn forbid_telemetry() {
    #[expect(unsafe_code, reason = "no thread has been started yet, so nobody reads the environment meanwhile")]
    unsafe {
        std::env::set_var("ORT_DISABLE_TELEMETRY", "1");
    }
}

/// Blocks from this size on are mapped alone and go back to the system when they are freed, in bytes.
#[cfg(target_env = "gnu")]
const MAPPED_BYTES_MIN: i32 = 1 << 20;

/// Lets the memory of a model that was put away leave the process. Call it first thing in `main`.
///
/// glibc maps large blocks alone too, but raises its threshold to the size of each one that is freed, up to 32 MiB: from
/// then on most weights lie in heaps, between small things that stay. Setting the threshold keeps it.
pub fn keep_no_freed_blocks() {
    #[cfg(target_env = "gnu")]
    #[expect(unsafe_code, reason = "a setting of the allocator, which takes a number and no pointer")]
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
    }
}

/// The process-wide environment, loaded on first use.
pub(super) fn environment() -> Result<&'static Environment, EngineError> {
    static ENVIRONMENT: OnceLock<Result<Environment, String>> = OnceLock::new();
    ENVIRONMENT.get_or_init(load).as_ref().map_err(|message| EngineError::Model(message.clone()))
}

/// Whether the operator brings a library of their own, which may have other providers than the CPU's.
pub fn is_brought() -> bool {
    brought().is_some()
}

fn brought() -> Option<PathBuf> {
    std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Loads the runtime now and tells which library it is.
pub fn load_now() -> Result<String, EngineError> {
    environment()?;
    Ok(ort::info().to_owned())
}

fn say(e: impl std::fmt::Display) -> String {
    format!("ONNX Runtime does not load: {e}")
}

fn load() -> Result<Environment, String> {
    if let Some(path) = brought() {
        return ort::init_from(path).map_err(say)?.with_telemetry(false).build().map_err(say);
    }
    let library = bundle::unpack(LIBRARY).map_err(|e| e.to_string())?;
    let builder = match memory_file(&library) {
        Ok(file) => {
            let path = format!("/proc/self/fd/{}", file.as_raw_fd());
            let opened = ort::init_from(&path);
            // The dynamic loader knows the library by this path: a reused number would give the old library back.
            std::mem::forget(file);
            opened.map_err(say)
        }
        Err(e) => Err(format!("no memory file: {e}")),
    };
    let builder = builder.or_else(|refusal| {
        tracing::warn!(refusal, "the runtime is unpacked to a file");
        let path = owned_file(&std::env::temp_dir(), &library).map_err(|e| format!("ONNX Runtime: {e}"))?;
        let opened = ort::init_from(&path).map_err(say);
        let _ = std::fs::remove_file(&path); // the mapping keeps it alive
        opened
    })?;
    builder.with_telemetry(false).build().map_err(say)
}

/// A sealed, executable file that exists in memory only.
fn memory_file(content: &[u8]) -> io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let descriptor = match rustix::fs::memfd_create(c"libonnxruntime.so.1", flags | MemfdFlags::EXEC) {
        // Kernels before 6.3 don't know the flag and make every memory file executable.
        Err(rustix::io::Errno::INVAL) => rustix::fs::memfd_create(c"libonnxruntime.so.1", flags)?,
        other => other?,
    };
    let mut file = File::from(descriptor);
    file.write_all(content)?;
    rustix::fs::fcntl_add_seals(&file, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?;
    Ok(file)
}

/// A file of a fresh name that nobody else may read or write.
fn owned_file(dir: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let path = dir.join(format!("libonnxruntime-{}.so", uuid::Uuid::new_v4().simple()));
    let mut file = File::options().write(true).create_new(true).mode(0o500).open(&path)?;
    file.write_all(content)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_file_holds_the_bytes_and_takes_no_more() {
        let mut file = memory_file(b"library").unwrap();
        assert_eq!(std::fs::read(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap(), b"library");
        assert!(file.write_all(b"!").is_err());
    }

    #[test]
    fn the_bundled_runtime_is_the_pinned_one() {
        if std::env::var_os("ORT_DYLIB_PATH").is_none() {
            let info = load_now().unwrap();
            assert!(info.contains("git-commit-id=45de2a8b06"), "not the commit of release 1.28.0: {info}");
        }
    }
}
