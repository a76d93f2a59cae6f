//! Scene libraries: brought, found by the renderer, damaged, refused, taken away.

use crate::engine::{
    CancelToken, ImageTask, RunContext,
    diffusion::Resources,
    packs::{Install, Kind, Pack, PackError, PackStore, Signer},
    registry::{Engine, EngineOptions},
    scene::pack::sample::{self, Thing},
    session::GraphOptions,
};
use std::{fs, path::PathBuf};

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn store(&self) -> PackStore {
        PackStore::new(self.dir.path().join("packs"))
    }

    /// A folder that holds these things.
    fn folder(&self, name: &str, things: &[Thing]) -> PathBuf {
        let folder = self.dir.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("things.pack"), sample::pack(things)).unwrap();
        fs::write(folder.join("README.md"), "# Curios\n").unwrap();
        folder
    }

    fn install(&self, order: &Install) -> Result<Pack, PackError> {
        let resources = Resources { graphs: GraphOptions { threads: 1 }, ..Resources::default() };
        self.store().install(order, &[], resources, &RunContext::new(CancelToken::default(), &|_| {}))
    }

    /// Refused with that word in the reason, and nothing left behind.
    fn refused(&self, things: &[Thing], word: &str) {
        let path = self.folder("unfit", things);
        let message = self.install(&Install { path, ..Install::default() }).unwrap_err().to_string();
        assert!(message.contains(word), "{word}: {message}");
        assert!(self.store().list().is_empty());
        assert!(fs::read_dir(self.dir.path().join("packs")).unwrap().next().is_none(), "{word}: something is left");
    }

    fn engine(&self) -> Engine {
        let resources = Resources { graphs: GraphOptions { threads: 1 }, ..Resources::default() };
        Engine::built_in(EngineOptions::default()).with_installed(self.store(), resources)
    }
}

const CURIOS: [Thing; 4] = [
    Thing { color: [0.7, 0.02, 0.02], ..Thing::new("astrolabe", &["planisphere"]) },
    // A built-in shape, a built-in model, and a cut-out have these names.
    Thing::new("cup", &[]),
    Thing::new("bookcase", &["umbrella"]),
    Thing::new("dog", &[]),
];

/// The entries that a prompt finds, and whose they are.
fn entries(engine: &Engine, prompt: &str) -> (Vec<String>, Vec<String>) {
    let task = ImageTask { width: Some(256), height: Some(256), steps: Some(1), seed: 3, ..ImageTask::new(prompt) };
    let plan = engine.paint("scene", &task, &RunContext::new(CancelToken::default(), &|_| {})).unwrap().plan.unwrap();
    let each = |list: &str| {
        let list = plan[list].as_array().cloned().unwrap_or_default();
        list.iter().map(|one| one["entry"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    (each("subjects"), each("credits"))
}

fn digest(engine: &Engine) -> String {
    engine.models().into_iter().find(|model| model.info.id == "scene").unwrap().info.digest
}

#[test]
fn a_librarys_things_are_found_after_the_binarys_own_until_it_goes() {
    let place = Place::new();
    let engine = place.engine();
    let own = digest(&engine);
    let pack = place.install(&Install { path: place.folder("curios", &CURIOS), ..Install::default() }).unwrap();
    assert_eq!((pack.manifest.kind, pack.manifest.licence.as_str()), (Kind::SceneLibrary, "CC-BY-3.0"));
    assert_ne!(digest(&engine), own, "other things, other pictures");
    let (found, credited) = entries(&engine, "an astrolabe, a dog and a cup beside a bookcase");
    assert_eq!(found, ["curios/astrolabe", "curios/dog", "shape:cup", "bookcase"]);
    assert_eq!(credited, ["curios/astrolabe", "curios/dog"]);
    assert_eq!(entries(&engine, "two planispheres").0, ["curios/astrolabe"]);
    assert_eq!(entries(&engine, "an umbrella").0, ["umbrella"], "a model's own name before a library's synonym");
    place.store().remove("curios").unwrap();
    assert_eq!(digest(&engine), own);
    let (found, credited) = entries(&engine, "a dog");
    assert_eq!((found, credited), (vec!["card:dog".to_owned()], vec![]));
}

#[test]
fn a_damaged_library_is_refused_and_one_that_is_damaged_later_left_out() {
    let place = Place::new();
    let folder = place.folder("curios", &CURIOS);
    let pack = place.install(&Install { path: folder, ..Install::default() }).unwrap();
    let quiet = RunContext::new(CancelToken::default(), &|_| {});
    // Exported and signed as any other pack; a byte that flips on the way is found by the seal.
    let (file, signer) = (place.dir.path().join("curios.pack"), Signer::from_seed(&[7; 32]));
    pack.export(&file, &signer, &quiet).unwrap();
    let flip = |path: &std::path::Path| {
        let mut bytes = fs::read(path).unwrap();
        let at = bytes.len() - 40;
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let signed =
        Install { path: file.clone(), trusted: vec![signer.fingerprint()], must_be_signed: true, ..Install::default() };
    place.store().remove("curios").unwrap();
    assert_eq!(place.install(&signed).unwrap().manifest.digest(), pack.manifest.digest());
    // An installed folder is a source, held to the digests that it carries.
    let copy = place.dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for name in ["pack.toml", "things.pack", "README.md"] {
        fs::copy(pack.folder.join(name), copy.join(name)).unwrap();
    }
    flip(&copy.join("things.pack"));
    let message = place.install(&Install { path: copy, ..Install::default() }).unwrap_err().to_string();
    assert!(message.contains("things.pack is damaged"), "{message}");
    flip(&pack.folder.join("things.pack"));
    assert!(pack.verify()[0].contains("things.pack is damaged"));
    assert_eq!(entries(&place.engine(), "a dog").0, ["card:dog"], "the binary's own are drawn all the same");
    place.store().remove("curios").unwrap();
    flip(&file);
    assert!(place.install(&signed).is_err());
    assert!(place.store().list().is_empty());
}

#[test]
fn what_can_not_be_credited_found_or_drawn_is_refused_by_name() {
    let place = Place::new();
    let thing = Thing::new("astrolabe", &[]);
    place.refused(&[Thing { author: " ", ..thing.clone() }], "things.pack: astrolabe: its author");
    place.refused(&[Thing { licence: "", ..thing.clone() }], "astrolabe: it has no licence");
    place.refused(&[Thing { name: "Großes", ..thing.clone() }], "is no id");
    place.refused(&[thing.clone(), thing.clone()], "astrolabe is there twice");
    place.refused(&[Thing { color: [f32::MAX; 3], ..thing.clone() }], "a material is out of range");
    place.refused(&[Thing { size_cm: [0.0; 3], ..thing.clone() }], "impossible size");
    place.refused(&[], "has a 3D model");
    let folder = place.folder("cut", &[thing]);
    let whole = fs::read(folder.join("things.pack")).unwrap();
    fs::write(folder.join("things.pack"), &whole[..whole.len() - 8]).unwrap();
    let message = place.install(&Install { path: folder, ..Install::default() }).unwrap_err().to_string();
    assert!(message.contains("things.pack") && message.contains("cut off"), "{message}");
}
