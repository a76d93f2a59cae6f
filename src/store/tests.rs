use std::{
    io::Seek,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::*;

const NEVER: fn() -> Result<bool, StoreError> = || Ok(false);

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    (dir, store)
}

fn staged_files(dir: &tempfile::TempDir) -> usize {
    fs::read_dir(dir.path().join("media/staging")).unwrap().count()
}

#[test]
fn keeps_the_same_bytes_once_under_their_own_name() {
    let (dir, store) = store();
    let mut staged = store.stage(100).unwrap();
    staged.append(b"a").unwrap();
    staged.append(b"bc").unwrap();
    let mut early = staged.reopen().unwrap();
    let mut text = String::new();
    early.read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), staged.bytes()), ("abc", 3));
    let first = staged.commit().unwrap();
    let second = store.put(b"abc").unwrap();
    assert_eq!((first.digest(), second.bytes()), (Digest::of(b"abc"), 3));
    let name = Digest::of(b"abc").to_string();
    assert_eq!(fs::read(dir.path().join(format!("media/ba/78/{name}"))).unwrap(), b"abc");
    assert_eq!(store.usage().unwrap(), Usage { files: 1, bytes: 3 });
    assert_eq!(staged_files(&dir), 0);
    let (mut file, bytes) = store.read(&first.digest()).unwrap();
    assert_eq!(bytes, file.seek(io::SeekFrom::End(0)).unwrap());
    assert_eq!(store.read_all(&first.digest()).unwrap(), b"abc");
    assert!(matches!(store.read(&Digest::ZERO), Err(StoreError::NotFound(Digest::ZERO))));
}

#[test]
fn refuses_what_is_too_large_and_leaves_nothing() {
    let (dir, store) = store();
    let mut staged = store.stage(4).unwrap();
    staged.append(b"1234").unwrap();
    assert!(matches!(staged.append(b"5"), Err(StoreError::TooLarge { bytes_max: 4 })));
    assert_eq!(staged_files(&dir), 1);
    drop(staged);
    assert_eq!(staged_files(&dir), 0);
    assert_eq!(store.usage().unwrap(), Usage::default());
}

#[test]
fn a_full_disk_has_its_own_name() {
    assert!(matches!(io::Error::from(io::ErrorKind::StorageFull).into(), StoreError::DiskFull));
    assert!(matches!(io::Error::from(io::ErrorKind::QuotaExceeded).into(), StoreError::DiskFull));
    assert!(matches!(io::Error::from(io::ErrorKind::PermissionDenied).into(), StoreError::Io(_)));
    // The kernel's own full device, where there is one.
    if let Ok(mut full) = File::options().write(true).open("/dev/full") {
        assert!(matches!(full.write_all(b"x").map_err(StoreError::from), Err(StoreError::DiskFull)));
    }
}

#[test]
fn removes_only_what_is_neither_pinned_nor_owned() {
    let (_dir, store) = store();
    let stored = store.put(b"abc").unwrap();
    let digest = stored.digest();
    let again = store.put(b"abc").unwrap();
    drop(stored);
    assert!(!store.remove(&digest, NEVER).unwrap());
    drop(again);
    assert!(!store.remove(&digest, || Ok::<_, StoreError>(true)).unwrap());
    assert!(matches!(store.remove(&digest, || Err(StoreError::DiskFull)), Err(StoreError::DiskFull)));
    assert!(store.read(&digest).is_ok());
    assert!(store.remove(&digest, NEVER).unwrap());
    assert!(store.read(&digest).is_err());
    assert!(store.remove(&digest, NEVER).unwrap());
}

#[test]
fn sweeps_orphans_and_stale_files_of_its_own_only() {
    let (dir, store) = store();
    let (kept, orphan) = (store.put(b"kept").unwrap().digest(), store.put(b"orphan").unwrap().digest());
    let media = dir.path().join("media");
    let stranger = store.path(&orphan).with_file_name("notes.txt");
    fs::write(&stranger, "mine").unwrap();
    fs::write(media.join("staging/staged-dead"), "half").unwrap();
    fs::write(media.join("staging/other"), "?").unwrap();
    let is_live = |digest: &Digest| Ok::<_, StoreError>(*digest == kept);
    assert_eq!(store.sweep(Duration::from_hours(1), is_live).unwrap(), Swept::default());
    let pinned = store.put(b"pinned").unwrap();
    let swept = store.sweep(Duration::ZERO, is_live).unwrap();
    assert_eq!(swept, Swept { orphans: Usage { files: 1, bytes: 6 }, staged: Usage { files: 1, bytes: 4 } });
    assert!(store.read(&kept).is_ok() && store.read(&pinned.digest()).is_ok() && store.read(&orphan).is_err());
    assert!(stranger.exists() && media.join("staging/other").exists());
}

#[test]
fn damage_is_seen_and_a_wrong_length_is_healed() {
    let (_dir, store) = store();
    let digest = store.put(b"abc").unwrap().digest();
    assert!(store.is_intact(&digest).unwrap());
    fs::write(store.path(&digest), b"abx").unwrap();
    assert!(!store.is_intact(&digest).unwrap());
    fs::write(store.path(&digest), b"a").unwrap();
    store.put(b"abc").unwrap();
    assert!(store.is_intact(&digest).unwrap());
}

/// Uploads and deletions of the same bytes at the same time: whoever has committed an owner finds the file.
#[test]
fn an_owner_always_finds_the_file() {
    let (_dir, store) = store();
    let owners = Mutex::new(0_u32);
    let is_over = AtomicBool::new(false);
    let digest = Digest::of(b"shared");
    thread::scope(|scope| {
        let removers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    while !is_over.load(Ordering::SeqCst) {
                        store.remove(&digest, || Ok::<_, StoreError>(*owners.lock().unwrap() > 0)).unwrap();
                        thread::yield_now();
                    }
                })
            })
            .collect();
        let uploaders: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let stored = store.put(b"shared").unwrap();
                        *owners.lock().unwrap() += 1;
                        drop(stored);
                        assert_eq!(store.read_all(&digest).unwrap(), b"shared");
                        *owners.lock().unwrap() -= 1;
                    }
                })
            })
            .collect();
        let results: Vec<_> = uploaders.into_iter().map(thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::SeqCst);
        assert!(removers.into_iter().all(|remover| remover.join().is_ok()));
        assert!(results.iter().all(Result::is_ok), "an owner did not find its file");
    });
}
