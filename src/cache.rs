//! What can be made again: thumbnails, embeddings, waveform peaks. The only home of `sled`.
//!
//! Deleting the folder loses nothing, so nothing here is an error to the caller: what cannot be read is made again,
//! what cannot be kept is not kept, and both are logged. The oldest entries go when the cache is full. A folder that
//! another process of ours uses (a command beside the running server) is left to it; this one then goes without.

use std::{
    fs::{self, File},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use sled::{Db, Tree};

/// Memory that `sled` may use for its pages.
const PAGES_BYTES: u64 = 16 << 20;

/// A folder of rebuildable bytes; clones share it.
#[derive(Debug, Clone)]
pub struct Cache {
    shelf: Option<Arc<Shelf>>,
}

#[derive(Debug)]
struct Shelf {
    db: Db,
    /// `namespace NUL key` to eight bytes of sequence number and the value.
    entries: Tree,
    /// Sequence number to eight bytes of length and the key of `entries`: the oldest comes first.
    order: Tree,
    bytes_max: u64,
    /// Bytes of all entries, and the last sequence number. Held while entries come and go.
    tally: Mutex<Tally>,
    /// Held for as long as the folder is ours.
    _lock: File,
}

#[derive(Debug, Default)]
struct Tally {
    bytes: u64,
    last: u64,
}

impl Cache {
    /// Opens the folder `dir`, creating it if it is not there and beginning anew if it cannot be read. Values of
    /// `bytes_max` bytes together are kept.
    pub fn open(dir: &Path, bytes_max: u64) -> Self {
        let shelf = match Shelf::open(dir, bytes_max) {
            Ok(shelf) => Some(Arc::new(shelf)),
            Err(error) => {
                tracing::warn!(dir = %dir.display(), %error, "going on without a cache");
                None
            }
        };
        Self { shelf }
    }

    /// A cache that keeps nothing.
    pub const fn disabled() -> Self {
        Self { shelf: None }
    }

    /// The value under `key` in `namespace`, made by `make` when it is not there.
    ///
    /// # Errors
    /// What `make` answers; it is not kept.
    pub fn get_or_insert_with<E>(
        &self,
        namespace: &str,
        key: &[u8],
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        if let Some(value) = self.get(namespace, key) {
            return Ok(value);
        }
        let value = make()?;
        self.insert(namespace, key, &value);
        Ok(value)
    }

    /// The value under `key` in `namespace`, if it is there.
    pub fn get(&self, namespace: &str, key: &[u8]) -> Option<Vec<u8>> {
        let shelf = self.shelf.as_ref()?;
        let found = shelf.entries.get(entry_key(namespace, key)).unwrap_or_else(|error| {
            tracing::warn!(%error, "the cache could not be read");
            None
        })?;
        found.get(8..).map(<[u8]>::to_vec)
    }

    /// Keeps `value` under `key` in `namespace`, in place of the one before; one of more than a quarter of the whole
    /// cache is not kept.
    pub fn insert(&self, namespace: &str, key: &[u8], value: &[u8]) {
        let Some(shelf) = &self.shelf else { return };
        if let Err(error) = shelf.insert(&entry_key(namespace, key), value) {
            tracing::warn!(%error, "the cache could not be written");
        }
    }

    /// Forgets the value under `key` in `namespace`.
    pub fn remove(&self, namespace: &str, key: &[u8]) {
        let Some(shelf) = &self.shelf else { return };
        if let Err(error) = shelf.remove(&entry_key(namespace, key)) {
            tracing::warn!(%error, "the cache could not be written");
        }
    }

    /// Bytes of all values kept.
    pub fn bytes(&self) -> u64 {
        self.shelf.as_ref().map_or(0, |shelf| shelf.tally.lock().unwrap_or_else(PoisonError::into_inner).bytes)
    }
}

impl Shelf {
    fn open(dir: &Path, bytes_max: u64) -> Result<Self, sled::Error> {
        fs::create_dir_all(dir)?;
        // Our own lock, beside the folder that may have to go: sled's tells a lock from damage by its words only.
        let lock = File::create(dir.join("lock"))?;
        lock.try_lock().map_err(std::io::Error::from)?;
        let pages = dir.join("sled");
        let db = match open_pages(&pages) {
            Ok(db) => db,
            Err(error) => {
                tracing::warn!(%error, "the cache cannot be read and begins anew");
                fs::remove_dir_all(&pages).or_else(|_| fs::remove_file(&pages))?;
                open_pages(&pages)?
            }
        };
        let (entries, order) = (db.open_tree("entries")?, db.open_tree("order")?);
        let mut tally = Tally::default();
        for row in &order {
            let (seq, row) = row?;
            tally.bytes += number(&row);
            tally.last = number(&seq);
        }
        Ok(Self { db, entries, order, bytes_max, tally: Mutex::new(tally), _lock: lock })
    }

    fn insert(&self, key: &[u8], value: &[u8]) -> Result<(), sled::Error> {
        let bytes = value.len() as u64;
        if bytes > self.bytes_max / 4 {
            return Ok(());
        }
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        self.take_out(&mut tally, key)?;
        while tally.bytes + bytes > self.bytes_max {
            let Some((_, row)) = self.order.first()? else { break };
            self.take_out(&mut tally, &row[8..])?;
        }
        tally.last += 1;
        let seq = tally.last.to_be_bytes();
        self.order.insert(seq, [&bytes.to_be_bytes(), key].concat())?;
        self.entries.insert(key, [&seq, value].concat())?;
        tally.bytes += bytes;
        Ok(())
    }

    fn remove(&self, key: &[u8]) -> Result<(), sled::Error> {
        self.take_out(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner), key)
    }

    fn take_out(&self, tally: &mut Tally, key: &[u8]) -> Result<(), sled::Error> {
        let Some(old) = self.entries.remove(key)? else { return Ok(()) };
        if let Some(row) = self.order.remove(&old[..8])? {
            tally.bytes = tally.bytes.saturating_sub(number(&row));
        }
        Ok(())
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        if let Err(error) = self.db.flush() {
            tracing::warn!(%error, "the cache was not flushed");
        }
    }
}

/// Opens `sled`, whose answer to some damaged files is a panic.
fn open_pages(dir: &Path) -> Result<Db, sled::Error> {
    let config = sled::Config::new().path(dir).cache_capacity(PAGES_BYTES).mode(sled::Mode::LowSpace);
    catch_unwind(AssertUnwindSafe(|| config.open()))
        .unwrap_or_else(|_| Err(sled::Error::ReportableBug("sled panicked while opening".into())))
}

fn entry_key(namespace: &str, key: &[u8]) -> Vec<u8> {
    [namespace.as_bytes(), b"\0", key].concat()
}

/// The first eight bytes as a number; zero when there are fewer.
fn number(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(value: &[u8]) -> impl FnOnce() -> Result<Vec<u8>, ()> {
        let value = value.to_vec();
        move || Ok(value)
    }

    fn must_not() -> Result<Vec<u8>, ()> {
        panic!("it was there already")
    }

    #[test]
    fn makes_a_value_once_and_keeps_it_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path(), 1 << 20);
        assert_eq!(cache.get_or_insert_with("thumbnail", b"k", made(b"one")), Ok(b"one".to_vec()));
        assert_eq!(cache.get_or_insert_with("thumbnail", b"k", must_not), Ok(b"one".to_vec()));
        assert_eq!(cache.get("peaks", b"k"), None);
        assert_eq!(cache.get_or_insert_with("peaks", b"x", || Err("no")), Err("no"));
        assert_eq!(cache.get("peaks", b"x"), None);
        drop(cache);
        let cache = Cache::open(dir.path(), 1 << 20);
        assert_eq!((cache.get("thumbnail", b"k"), cache.bytes()), (Some(b"one".to_vec()), 3));
        cache.remove("thumbnail", b"k");
        assert_eq!((cache.get("thumbnail", b"k"), cache.bytes()), (None, 0));
    }

    #[test]
    fn stays_within_its_bounds_and_lets_the_oldest_go() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path(), 100);
        for i in 0..30_u8 {
            cache.insert("n", &[i], &[i; 10]);
            assert!(cache.bytes() <= 100);
        }
        let kept: Vec<u8> = (0..30).filter(|i| cache.get("n", &[*i]).is_some()).collect();
        assert_eq!(kept, (20..30).collect::<Vec<_>>());
        cache.insert("n", &[25], &[0; 10]);
        cache.insert("n", &[99], &[0; 26]);
        assert_eq!((cache.bytes(), cache.get("n", &[99])), (100, None));
        drop(cache);
        assert_eq!(Cache::open(dir.path(), 100).bytes(), 100);
    }

    #[test]
    fn a_damaged_folder_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        Cache::open(dir.path(), 1000).insert("n", b"k", b"value");
        for (name, what) in [("sled/conf", &b"garbage"[..]), ("sled/db", &[7; 4096]), ("sled", b"a file")] {
            let path = dir.path().join(name);
            let _ = fs::remove_dir_all(&path);
            fs::write(&path, what).unwrap();
            let cache = Cache::open(dir.path(), 1000);
            cache.insert("n", b"k", b"again");
            assert_eq!(cache.get("n", b"k"), Some(b"again".to_vec()), "{name}");
        }
        fs::remove_dir_all(dir.path()).unwrap();
        assert_eq!(Cache::open(dir.path(), 1000).get("n", b"k"), None);
    }

    #[test]
    fn a_second_process_goes_without() {
        let dir = tempfile::tempdir().unwrap();
        let first = Cache::open(dir.path(), 1000);
        let second = Cache::open(dir.path(), 1000);
        second.insert("n", b"k", b"value");
        assert_eq!(second.get_or_insert_with("n", b"k", made(b"made")), Ok(b"made".to_vec()));
        assert_eq!(first.get("n", b"k"), None);
        first.insert("n", b"k", b"value");
        assert_eq!(first.get("n", b"k"), Some(b"value".to_vec()));
    }
}
