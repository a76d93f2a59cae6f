//! Where a pack comes from: a folder, a tar or zip file, or the parts that one was split into for a stick.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{FILE_NAME, Manifest, PackError, io_error, manifest::is_inside};

/// Files and folders that one pack may have.
const ENTRIES_MAX: usize = 5000;

/// What takes the files of a source one by one: name within the source, length, bytes.
pub(super) type Sink<'a> = dyn FnMut(&str, u64, &mut dyn Read) -> Result<(), PackError> + 'a;

/// A pack before it is installed.
#[derive(Debug)]
pub(super) enum Source {
    Folder(PathBuf),
    /// The files that follow one another make the archive.
    Tar(Vec<PathBuf>),
    TarZstd(Vec<PathBuf>),
    Zip(Vec<PathBuf>),
}

impl Source {
    /// Recognises what lies at `path` by its bytes.
    pub(super) fn open(path: &Path) -> Result<Self, PackError> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_path_buf()));
        }
        let parts = parts_of(path)?;
        let mut head = vec![0; 512];
        let count = Joined::open(&parts)?.read(&mut head).map_err(io_error(path))?;
        head.truncate(count);
        if head.starts_with(b"PK\x03\x04") {
            Ok(Self::Zip(parts))
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Ok(Self::TarZstd(parts))
        } else if head.get(257..262) == Some(b"ustar") {
            Ok(Self::Tar(parts))
        } else {
            let what = "is neither a folder nor a tar, tar.zst or zip file";
            Err(PackError::Refused(format!("{} {what}", path.display())))
        }
    }

    /// The archive's own bytes; `None` for what can't be signed.
    pub(super) fn signable(&self) -> Result<Option<Joined>, PackError> {
        match self {
            Self::TarZstd(parts) => Joined::open(parts).map(Some),
            _ => Ok(None),
        }
    }

    /// The manifest that the first entry of an archive is, where it is one.
    pub(super) fn leading_manifest(&self) -> Option<Manifest> {
        let Self::TarZstd(parts) = self else { return None };
        let mut archive = tar::Archive::new(zstd::Decoder::new(Joined::open(parts).ok()?).ok()?);
        let entry = archive.entries().ok()?.next()?.ok()?;
        let mut text = String::new();
        let is_manifest = entry.path().is_ok_and(|path| path.as_os_str() == FILE_NAME);
        entry.take(4 << 20).read_to_string(&mut text).ok().filter(|_| is_manifest)?;
        toml::from_str(&text).ok()
    }

    /// What the pack is called unless somebody says otherwise: the folder's or the file's name without its endings.
    pub(super) fn name(path: &Path) -> String {
        let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if absolute.is_dir() {
            return name;
        }
        let mut name = name.as_str();
        while let Some((stem, ending)) = name.rsplit_once('.') {
            let known = ["tar", "zip", "zst", "pack"].contains(&ending) || is_part(ending);
            if !known || stem.is_empty() {
                break;
            }
            name = stem;
        }
        name.to_owned()
    }

    /// Bytes that the files take, at least: a compressed archive takes more than it shows.
    pub(super) fn bytes(&self) -> Result<u64, PackError> {
        match self {
            Self::Folder(folder) => Ok(list(folder)?.iter().map(|(_, _, bytes)| bytes).sum()),
            Self::Tar(parts) | Self::TarZstd(parts) => {
                parts.iter().map(|part| fs::metadata(part).map(|found| found.len()).map_err(io_error(part))).sum()
            }
            Self::Zip(parts) => {
                let mut archive = open_zip(parts)?;
                (0..archive.len()).map(|at| archive.by_index_raw(at).map(|file| file.size()).map_err(damaged)).sum()
            }
        }
    }

    /// Gives every plain file to `sink`. Links and names that lead outside are refused.
    pub(super) fn read(&self, sink: &mut Sink<'_>) -> Result<(), PackError> {
        match self {
            Self::Folder(folder) => {
                for (name, path, bytes) in list(folder)? {
                    sink(&name, bytes, &mut File::open(&path).map_err(io_error(&path))?)?;
                }
                Ok(())
            }
            Self::Tar(parts) => read_tar(Joined::open(parts)?, sink),
            Self::TarZstd(parts) => {
                let mut decoder = zstd::Decoder::new(Joined::open(parts)?).map_err(damaged)?;
                decoder.window_log_max(30).map_err(damaged)?;
                read_tar(&mut decoder, sink)?;
                // The checksum stands behind the last entry.
                io::copy(&mut decoder, &mut io::sink()).map(drop).map_err(damaged)
            }
            Self::Zip(parts) => {
                let mut archive = open_zip(parts)?;
                check_count(archive.len())?;
                for at in 0..archive.len() {
                    let mut file = archive.by_index(at).map_err(damaged)?;
                    if file.is_dir() {
                        continue;
                    }
                    let (name, bytes) = (file.name().map_err(damaged)?.into_owned(), file.size());
                    if file.is_symlink() || !is_inside(&name) {
                        return Err(odd(&name));
                    }
                    sink(&name, bytes, &mut file)?;
                }
                Ok(())
            }
        }
    }
}

fn read_tar(reader: impl Read, sink: &mut Sink<'_>) -> Result<(), PackError> {
    let mut archive = tar::Archive::new(reader);
    for (count, entry) in archive.entries().map_err(damaged)?.enumerate() {
        check_count(count)?;
        let mut entry = entry.map_err(damaged)?;
        let name = entry.path().map_err(damaged)?.to_string_lossy().trim_start_matches("./").to_owned();
        match entry.header().entry_type() {
            tar::EntryType::Directory | tar::EntryType::XGlobalHeader => {}
            tar::EntryType::Regular | tar::EntryType::Continuous if is_inside(&name) => {
                let bytes = entry.size();
                sink(&name, bytes, &mut entry)?;
            }
            _ => return Err(odd(&name)),
        }
    }
    Ok(())
}

pub(super) fn damaged(error: impl std::fmt::Display) -> PackError {
    PackError::Refused(format!("the archive is damaged: {error}"))
}

fn odd(name: &str) -> PackError {
    PackError::Refused(format!("`{name}` is a link or lies outside the pack"))
}

fn check_count(count: usize) -> Result<(), PackError> {
    if count > ENTRIES_MAX {
        return Err(PackError::Refused(format!("more than {ENTRIES_MAX} files are no pack")));
    }
    Ok(())
}

fn open_zip(parts: &[PathBuf]) -> Result<zip::ZipArchive<io::BufReader<Joined>>, PackError> {
    zip::ZipArchive::new(io::BufReader::new(Joined::open(parts)?)).map_err(damaged)
}

/// Every file below a folder with its name, hidden ones left out, in order. Links are followed: caches of downloads
/// keep the files elsewhere.
fn list(folder: &Path) -> Result<Vec<(String, PathBuf, u64)>, PackError> {
    let mut found = Vec::new();
    let mut waiting = vec![(folder.to_path_buf(), String::new(), 0)];
    while let Some((dir, prefix, depth)) = waiting.pop() {
        for entry in fs::read_dir(&dir).map_err(io_error(&dir))? {
            let entry = entry.map_err(io_error(&dir))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') {
                continue;
            }
            let (path, name) = (entry.path(), format!("{prefix}{name}"));
            let what = fs::metadata(&path).map_err(io_error(&path))?;
            if what.is_dir() && depth < 4 {
                waiting.push((path, format!("{name}/"), depth + 1));
            } else if what.is_file() {
                found.push((name, path, what.len()));
            }
            check_count(found.len())?;
        }
    }
    found.sort();
    Ok(found)
}

/// `001`, `part2`, `part-03`, as tools that split files number them.
fn is_part(ending: &str) -> bool {
    let digits = ending.strip_prefix("part").map_or(ending, |rest| rest.trim_start_matches(['-', '_']));
    !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The files that make up the one at `path`: itself, or all its parts in order, none missing.
fn parts_of(path: &Path) -> Result<Vec<PathBuf>, PackError> {
    let refuse = |what: &str| Err(PackError::Refused(format!("{}: {what}", path.display())));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Some((stem, ending)) = name.rsplit_once('.').filter(|(_, ending)| is_part(ending)) else {
        return if path.is_file() { Ok(vec![path.to_path_buf()]) } else { refuse("there is no such file or folder") };
    };
    let number = |ending: &str| ending.trim_start_matches(|c: char| !c.is_ascii_digit()).parse::<usize>().ok();
    let plain = ending.trim_end_matches(|c: char| c.is_ascii_digit());
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut parts: Vec<(usize, PathBuf)> = Vec::new();
    for entry in fs::read_dir(dir).map_err(io_error(dir))?.flatten() {
        let Ok(other) = entry.file_name().into_string() else { continue };
        let same = other.rsplit_once('.').filter(|(s, e)| *s == stem && is_part(e) && e.starts_with(plain));
        parts.extend(same.and_then(|(_, ending)| Some((number(ending)?, entry.path()))));
    }
    parts.sort();
    let first = parts.first().map_or(0, |(number, _)| *number);
    if parts.is_empty() || first > 1 || parts.iter().enumerate().any(|(at, (number, _))| *number != first + at) {
        return refuse("a part of it is missing");
    }
    Ok(parts.into_iter().map(|(_, path)| path).collect())
}

/// Files that follow one another, read as one.
pub(super) struct Joined {
    files: Vec<(File, u64)>,
    at: u64,
}

impl Joined {
    /// Bytes of all files together.
    pub(super) fn len(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }

    /// The next byte that is read is the one at `at`.
    pub(super) const fn seek_to(&mut self, at: u64) {
        self.at = at;
    }

    fn open(paths: &[PathBuf]) -> Result<Self, PackError> {
        let open = |path: &PathBuf| -> io::Result<(File, u64)> {
            let file = File::open(path)?;
            let bytes = file.metadata()?.len();
            Ok((file, bytes))
        };
        let files = paths.iter().map(|path| open(path).map_err(io_error(path))).collect::<Result<_, _>>()?;
        Ok(Self { files, at: 0 })
    }
}

impl Read for Joined {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut start = 0;
        for (file, bytes) in &mut self.files {
            if self.at < start + *bytes {
                file.seek(SeekFrom::Start(self.at - start))?;
                let room = usize::try_from(start + *bytes - self.at).unwrap_or(usize::MAX).min(buffer.len());
                let count = file.read(&mut buffer[..room])?;
                self.at += count as u64;
                return Ok(count);
            }
            start += *bytes;
        }
        Ok(0)
    }
}

impl Seek for Joined {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = self.len();
        let target = match to {
            SeekFrom::Start(at) => i128::from(at),
            SeekFrom::End(by) => i128::from(length) + i128::from(by),
            SeekFrom::Current(by) => i128::from(self.at) + i128::from(by),
        };
        self.at = u64::try_from(target).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
