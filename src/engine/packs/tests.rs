//! Installing from every kind of source, and everything that is refused.

use std::io::Write as _;

use super::*;
use crate::engine::{
    CancelToken, RunContext,
    diffusion::{self, Resources},
    session::GraphOptions,
};

fn resources() -> Resources {
    Resources { graphs: GraphOptions { threads: 1 }, ..Resources::default() }
}

struct Place {
    dir: tempfile::TempDir,
    store: PackStore,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = PackStore::new(dir.path().join("packs"));
        Self { dir, store }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A copy of the tiny Stable Diffusion 1.x pack to spoil.
    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.path(name);
        diffusion::tests::copy(&diffusion::tests::packs().join("sd15"), &folder);
        folder
    }

    fn install(&self, path: &Path) -> Result<Pack, PackError> {
        let order = Install { path: path.to_path_buf(), ..Install::default() };
        self.store.install(&order, &["scene".into()], resources(), &RunContext::new(CancelToken::default(), &|_| {}))
    }

    /// Refused with that word in the reason, and nothing left behind.
    fn refused(&self, path: &Path, word: &str) {
        let message = self.install(path).unwrap_err().to_string();
        assert!(message.contains(word), "{word}: {message}");
        let left: Vec<_> = fs::read_dir(self.path("packs")).into_iter().flatten().flatten().collect();
        assert!(left.is_empty(), "{word}: {left:?} is left");
    }
}

fn tar(folder: &Path, target: &Path) {
    let mut builder = tar::Builder::new(fs::File::create(target).unwrap());
    builder.append_dir_all("download/", folder).unwrap();
    builder.finish().unwrap();
}

fn zip(folder: &Path, target: &Path) {
    let mut writer = zip::ZipWriter::new(fs::File::create(target).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    let mut waiting = vec![(folder.to_path_buf(), String::new())];
    while let Some((dir, prefix)) = waiting.pop() {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                waiting.push((entry.path(), format!("{name}/")));
            } else {
                writer.start_file(name, options).unwrap();
                writer.write_all(&fs::read(entry.path()).unwrap()).unwrap();
            }
        }
    }
    writer.finish().unwrap();
}

fn split(file: &Path) -> PathBuf {
    let bytes = fs::read(file).unwrap();
    for (at, part) in bytes.chunks(bytes.len().div_ceil(3)).enumerate() {
        fs::write(file.with_extension(format!("tar.{:03}", at + 1)), part).unwrap();
    }
    fs::remove_file(file).unwrap();
    file.with_extension("tar.001")
}

#[test]
fn every_kind_of_source_gives_the_same_pack() {
    let place = Place::new();
    let folder = place.folder("tiny");
    fs::create_dir(folder.join("safety_checker")).unwrap();
    fs::write(folder.join("safety_checker/model.onnx"), "not needed").unwrap();
    fs::write(folder.join("README.md"), "---\nlicense: openrail\n---\n# Tiny\n").unwrap();
    let first = place.install(&folder).unwrap();
    assert_eq!((first.manifest.name.as_str(), first.manifest.family.as_str()), ("tiny", "stable-diffusion"));
    assert_eq!(first.manifest.licence, "openrail");
    assert!(!first.folder.join("safety_checker").exists());
    assert!(first.verify().is_empty());
    tar(&folder, &place.path("a.tar"));
    zip(&folder, &place.path("b.zip"));
    let packed = zstd::encode_all(&*fs::read(place.path("a.tar")).unwrap(), 1).unwrap();
    fs::write(place.path("c.tar.zst"), packed).unwrap();
    fs::copy(place.path("a.tar"), place.path("d.tar")).unwrap();
    let parts = split(&place.path("d.tar"));
    for (source, name) in
        [(place.path("a.tar"), "a"), (place.path("b.zip"), "b"), (place.path("c.tar.zst"), "c"), (parts, "d")]
    {
        let pack = place.install(&source).unwrap_or_else(|e| panic!("{}: {e}", source.display()));
        assert_eq!((pack.manifest.name.as_str(), pack.manifest.digest()), (name, first.manifest.digest()));
    }
    let names: Vec<String> = place.store.list().into_iter().map(|pack| pack.manifest.name).collect();
    assert_eq!(names, ["a", "b", "c", "d", "tiny"]);
    // An installed pack is a source itself, held to the digests that it carries.
    let order = Install { path: first.folder, name: Some("again".into()), ..Install::default() };
    let quiet = RunContext::new(CancelToken::default(), &|_| {});
    assert_eq!(place.store.install(&order, &[], resources(), &quiet).unwrap().manifest.licence, "openrail");
    place.store.remove("tiny").unwrap();
    assert!(matches!(place.store.remove("tiny"), Err(PackError::Unknown(_))));
    assert!(matches!(place.store.find("../d"), Err(PackError::Unknown(_))));
    assert!(matches!(place.install(&place.path("a.tar")), Err(PackError::Exists(_))));
}

#[test]
fn a_flipped_byte_is_found_before_and_after() {
    let place = Place::new();
    let folder = place.folder("tiny");
    let file = "unet/model.onnx";
    let sum = digest_of(&folder.join(file), &mut || Ok(())).unwrap();
    fs::write(folder.join("SHA256SUMS"), format!("{sum}  ./{file}\n")).unwrap();
    let pack = place.install(&folder).unwrap();
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let at = bytes.len() - 100;
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    flip(&pack.folder.join(file));
    let going = CancelToken::default();
    assert!(pack.check(&going).is_ok(), "the length is the same");
    assert!(pack.verify_folder("unet", &going).unwrap_err().to_string().contains("unet/model.onnx is damaged"));
    assert!(pack.verify_folder("vae_decoder", &going).is_ok());
    let cancelled = CancelToken::default();
    cancelled.cancel();
    assert!(matches!(pack.verify_folder("unet", &cancelled), Err(EngineError::Cancelled)), "no word of damage");
    assert!(pack.verify()[0].contains("unet/model.onnx is damaged"), "{:?}", pack.verify());
    flip(&pack.folder.join("tokenizer/merges.txt"));
    assert!(pack.check(&going).unwrap_err().to_string().contains("tokenizer/merges.txt is damaged"));
    place.store.remove("tiny").unwrap();
    flip(&folder.join(file));
    place.refused(&folder, "unet/model.onnx is damaged");
    fs::remove_file(folder.join("SHA256SUMS")).unwrap();
    zip(&folder, &place.path("z.zip"));
    flip(&folder.join(file));
    let mut bytes = fs::read(place.path("z.zip")).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 0x40;
    fs::write(place.path("z.zip"), bytes).unwrap();
    assert!(place.install(&place.path("z.zip")).is_err());
    assert!(place.store.list().is_empty());
}

#[test]
fn what_is_no_usable_pack_leaves_nothing_behind() {
    let place = Place::new();
    let missing = place.folder("missing");
    fs::remove_file(missing.join("vae_decoder/model.onnx")).unwrap();
    place.refused(&missing, "vae_decoder/model.onnx");
    let shape = place.folder("shape");
    fs::copy(diffusion::tests::packs().join("sdxl/unet/model.onnx"), shape.join("unet/model.onnx")).unwrap();
    place.refused(&shape, "trial picture failed");
    let class = place.folder("class");
    fs::write(class.join("model_index.json"), r#"{"_class_name": "StableCascadeCombinedPipeline"}"#).unwrap();
    place.refused(&class, "StableCascadeCombinedPipeline");
    let graph = place.folder("graph");
    fs::write(graph.join("text_encoder/model.onnx"), "no graph").unwrap();
    place.refused(&graph, "text_encoder");
    fs::create_dir(place.path("empty")).unwrap();
    place.refused(&place.path("empty"), "model_index.json");
    fs::write(place.path("text.txt"), "text").unwrap();
    place.refused(&place.path("text.txt"), "neither a folder nor");
    place.refused(&place.path("nowhere"), "no such file");
    tar(&place.folder("parts"), &place.path("parts.tar"));
    let first = split(&place.path("parts.tar"));
    fs::remove_file(place.path("parts.tar.002")).unwrap();
    place.refused(&first, "a part of it is missing");
    let full = Place { store: PackStore { spare_bytes: u64::MAX, ..place.store.clone() }, ..place };
    full.refused(&full.path("parts"), "the disk is full");
}

/// The kernel's own answer to a write on a full disk comes from a device that is always full.
#[test]
fn a_disk_that_fills_up_while_copying_leaves_nothing_behind() {
    let place = Place::new();
    let folder = place.folder("tiny");
    let stage = place.path("packs/.installing-tiny/unet");
    fs::create_dir_all(&stage).unwrap();
    std::os::unix::fs::symlink("/dev/full", stage.join("model.onnx.partial")).unwrap();
    place.refused(&folder, "the disk is full");
    assert!(place.install(&folder).is_ok(), "with room again");
}

#[test]
fn a_name_that_leads_outside_is_refused() {
    let place = Place::new();
    let mut builder = tar::Builder::new(fs::File::create(place.path("evil.tar")).unwrap());
    let mut header = tar::Header::new_ustar();
    header.set_size(4);
    header.as_mut_bytes()[..11].copy_from_slice(b"../evil.txt");
    header.set_cksum();
    builder.append(&header, &b"evil"[..]).unwrap();
    builder.finish().unwrap();
    place.refused(&place.path("evil.tar"), "lies outside the pack");
    assert!(!place.path("evil.txt").exists());
    let order = Install { path: place.folder("tiny"), name: Some("../up".into()), ..Install::default() };
    let quiet = RunContext::new(CancelToken::default(), &|_| {});
    assert!(matches!(place.store.install(&order, &[], resources(), &quiet), Err(PackError::Refused(_))));
    let order = Install { name: Some("scene".into()), ..order };
    assert!(matches!(place.store.install(&order, &["scene".into()], resources(), &quiet), Err(PackError::Exists(_))));
}

#[test]
fn what_was_cut_off_goes_on() {
    let place = Place::new();
    let folder = place.folder("tiny");
    let stage = place.path("packs/.installing-tiny/unet");
    fs::create_dir_all(&stage).unwrap();
    fs::copy(folder.join("unet/model.onnx"), stage.join("model.onnx")).unwrap();
    let before = fs::metadata(stage.join("model.onnx")).unwrap().modified().unwrap();
    let pack = place.install(&folder).unwrap();
    let after = fs::metadata(pack.folder.join("unet/model.onnx")).unwrap().modified().unwrap();
    assert_eq!(before, after, "the file was not copied again");
    let token = CancelToken::default();
    token.cancel();
    let order = Install { path: folder, name: Some("stopped".into()), ..Install::default() };
    let stopped = place.store.install(&order, &[], resources(), &RunContext::new(token, &|_| {}));
    assert!(matches!(stopped, Err(PackError::Cancelled)));
    assert!(!place.path("packs/.installing-stopped").exists());
}

#[test]
fn a_mouth_is_a_pack_like_any_other() {
    let place = Place::new();
    let folder = place.path("mouths");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("network.onnx"), include_bytes!("../lipsync/fixtures/random.onnx")).unwrap();
    fs::write(folder.join("README.md"), "---\nlicense: mit\n---\n").unwrap();
    let pack = place.install(&folder).unwrap();
    let manifest = &pack.manifest;
    assert_eq!((manifest.kind, manifest.family.as_str(), manifest.licence.as_str()), (Kind::Lipsync, "wav2lip", "mit"));
    assert!(pack.verify().is_empty() && manifest.files.iter().any(|file| file.name == "network.onnx"));
    let by_hand = crate::engine::lipsync::pack::scan(&place.path("packs"));
    assert!(by_hand.is_empty(), "an installed one is not found a second time");
    let engine = crate::engine::registry::Engine::fake().with_installed(place.store.clone(), resources());
    let listed = engine.models().into_iter().find(|model| model.info.id == "mouths").unwrap();
    assert_eq!((&listed.info.digest, &listed.info.licence), (&manifest.digest(), &manifest.licence));
    let (stick, signer) = (place.path("stick.pack"), Signer::from_seed(&[7; 32]));
    pack.export(&stick, &signer, &RunContext::new(CancelToken::default(), &|_| {})).unwrap();
    tar(&folder, &place.path("again.tar"));
    place.store.remove("mouths").unwrap();
    assert!(!engine.models().iter().any(|model| model.info.id == "mouths"));
    assert_eq!(place.import(&stick, &[&signer]).unwrap().manifest.digest(), listed.info.digest);
    assert_eq!(place.install(&place.path("again.tar")).unwrap().manifest.digest(), listed.info.digest);
    fs::write(folder.join("network.onnx"), "no network").unwrap();
    let order = Install { path: folder, name: Some("broken".into()), ..Install::default() };
    let quiet = RunContext::new(CancelToken::default(), &|_| {});
    let refused = place.store.install(&order, &[], resources(), &quiet).unwrap_err().to_string();
    assert!(refused.contains("Wav2Lip's layout"), "{refused}");
    assert!(!place.path("packs/broken").exists() && !place.path("packs/.installing-broken").exists());
}

#[test]
fn what_somebody_wrote_beside_a_network_is_taken_when_it_is_right() {
    let place = Place::new();
    let folder = place.path("mouths");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("network.onnx"), include_bytes!("../lipsync/fixtures/random.onnx")).unwrap();
    let sum = digest_of(&folder.join("network.onnx"), &mut || Ok(())).unwrap();
    let other = Digest::of(b"another file").to_string();
    let bytes = fs::metadata(folder.join("network.onnx")).unwrap().len();
    let file = |sum: &str| format!("[[file]]\nname = 'network.onnx'\nbytes = {bytes}\nsha256 = '{sum}'\n");
    let sum = sum.to_string();
    for (text, word) in [
        ("lisence = 'MIT'".to_owned(), "lisence"),
        ("licence = 1".into(), "licence = 1"),
        ("kind = 'diffusion'".into(), "`kind` says `diffusion`, but the files are of `lipsync`"),
        ("kind = 'voice'".into(), "voice"),
        ("family = 'sdxl'".into(), "`family` says `sdxl`, but the files are of `wav2lip`"),
        (file(&other), "network.onnx is damaged"),
        ("[[file]]\nname = 'gone.onnx'\nbytes = 1\nsha256 = '".to_owned() + &sum + "'", "gone.onnx is missing"),
        ("[[file]]\nname = '../network.onnx'\nbytes = 1\nsha256 = '".to_owned() + &sum + "'", "outside"),
    ] {
        fs::write(folder.join(FILE_NAME), text).unwrap();
        place.refused(&folder, word);
    }
    let said = "licence = 'MIT'\nsource = 'a friend'\ndescription = 'Ours.'\n".to_owned();
    for text in [String::new(), said.clone(), format!("kind = 'lipsync'\nfamily = 'wav2lip'\n{said}{}", file(&sum))] {
        fs::write(folder.join(FILE_NAME), &text).unwrap();
        let manifest = place.install(&folder).unwrap().manifest;
        let told = (manifest.licence.as_str(), manifest.source.as_str(), manifest.description.as_deref());
        let wanted = if text.is_empty() { ("unknown", "mouths", None) } else { ("MIT", "a friend", Some("Ours.")) };
        assert_eq!((told, manifest.files.len()), (wanted, 1));
        place.store.remove("mouths").unwrap();
    }
}

/// The tiny pack exported by somebody, and who it was.
fn exported(place: &Place, name: &str) -> (PathBuf, Signer) {
    let signer = Signer::from_seed(&[7; 32]);
    let pack = place.install(&place.folder(name)).unwrap();
    let target = place.path("stick.pack");
    pack.export(&target, &signer, &RunContext::new(CancelToken::default(), &|_| {})).unwrap();
    place.store.remove(name).unwrap();
    (target, signer)
}

impl Place {
    fn import(&self, path: &Path, trusted: &[&Signer]) -> Result<Pack, PackError> {
        let trusted = trusted.iter().map(|signer| signer.fingerprint()).collect();
        let order = Install { path: path.to_path_buf(), trusted, must_be_signed: true, ..Install::default() };
        self.store.install(&order, &[], resources(), &RunContext::new(CancelToken::default(), &|_| {}))
    }

    fn is_empty(&self) -> bool {
        fs::read_dir(self.path("packs")).unwrap().next().is_none()
    }
}

#[test]
fn an_exported_pack_comes_back_whole_from_a_trusted_signer_alone() {
    let place = Place::new();
    let (file, signer) = exported(&place, "tiny");
    let stranger = Signer::from_seed(&[8; 32]);
    let refused = place.import(&file, &[&stranger]).unwrap_err();
    assert!(matches!(refused, PackError::Untrusted(who) if who == signer.fingerprint()), "{refused}");
    assert!(matches!(place.install(&file), Err(PackError::Untrusted(_))), "`install` holds it to its seal too");
    assert!(place.is_empty());
    let pack = place.import(&file, &[&signer]).unwrap();
    assert_eq!(pack.manifest.name, "tiny", "the name that it was exported under, not the file's");
    assert_eq!(pack.manifest.signed_by, Some(signer.fingerprint()));
    assert!(pack.verify().is_empty());
    // Any tool opens it; without its seal it is an archive like another, which `import` does not take.
    let bytes = fs::read(&file).unwrap();
    let names: Vec<PathBuf> = tar::Archive::new(zstd::Decoder::new(&*bytes).unwrap())
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().into_owned())
        .collect();
    assert_eq!((names[0].as_path(), names.len()), (Path::new(FILE_NAME), pack.manifest.files.len() + 1));
    let bare = place.path("bare.tar.zst");
    fs::write(&bare, &bytes[..bytes.len() - 112]).unwrap();
    place.store.remove("tiny").unwrap();
    assert!(place.import(&bare, &[&signer]).unwrap_err().to_string().contains("is not signed"));
    assert_eq!(place.install(&bare).unwrap().manifest.signed_by, None);
}

#[test]
fn any_byte_that_changes_in_an_exported_pack_is_found_before_anything_is_installed() {
    let place = Place::new();
    let (file, signer) = exported(&place, "tiny");
    let whole = fs::read(&file).unwrap();
    let seal = whole.len() - 112;
    let positions = (0..32).chain((32..seal).step_by(whole.len() / 150)).chain(seal..whole.len());
    for at in positions {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&file, bytes).unwrap();
        assert!(place.import(&file, &[&signer]).is_err(), "byte {at}: `import`");
        let order = Install { path: file.clone(), trusted: vec![signer.fingerprint()], ..Install::default() };
        let quiet = RunContext::new(CancelToken::default(), &|_| {});
        assert!(place.store.install(&order, &[], resources(), &quiet).is_err(), "byte {at}: `install`");
        assert!(place.is_empty(), "byte {at} leaves something");
    }
    for length in [seal, seal - 1, whole.len() - 1, 100, 0] {
        fs::write(&file, &whole[..length]).unwrap();
        assert!(place.import(&file, &[&signer]).is_err(), "{length} bytes of it");
    }
    assert!(place.is_empty());
    fs::write(&file, &whole).unwrap();
    assert!(place.import(&file, &[&signer]).is_ok(), "the whole one is still good");
}

#[test]
fn a_damaged_pack_is_not_exported() {
    let place = Place::new();
    let pack = place.install(&place.folder("tiny")).unwrap();
    let graph = pack.folder.join("unet/model.onnx");
    let mut bytes = fs::read(&graph).unwrap();
    bytes[1000] ^= 1;
    fs::write(&graph, bytes).unwrap();
    let target = place.path("stick.pack");
    let quiet = RunContext::new(CancelToken::default(), &|_| {});
    let refused = pack.export(&target, &Signer::from_seed(&[7; 32]), &quiet).unwrap_err().to_string();
    assert!(refused.contains("unet/model.onnx is damaged"), "{refused}");
    assert!(!target.exists() && !place.path("stick.pack.partial").exists());
}
