//! The packs of an instance as models: found again whenever one comes or goes, so that a running server sees what
//! another process installed or removed.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::SystemTime,
};

use super::{
    AvatarModel, CancelToken, EngineError, ImageModel,
    diffusion::{self, DiffusionModel, Identity, Resources},
    lipsync::LipSync,
    packs::{Kind, Pack, PackStore},
    scene::library::Library,
    slot::{ImageSlot, Slot, lock},
};
use crate::config::Device;

/// A pack's name and when its manifest was written.
type Print = (String, Option<SystemTime>);

/// The installed packs.
pub(super) struct Installed {
    store: PackStore,
    resources: Resources,
    known: Mutex<Known>,
}

/// What was there at the last look.
#[derive(Default)]
struct Known {
    prints: Vec<Print>,
    /// A model for each of them that can be used.
    models: Vec<(Print, Model)>,
}

/// A pack's model.
#[derive(Clone)]
enum Model {
    Image(Arc<ImageSlot>),
    Film(Arc<Slot<dyn AvatarModel>>),
    Library(Arc<Library>, Box<Pack>),
}

impl Installed {
    pub(super) fn new(store: PackStore, resources: Resources) -> Self {
        Self { store, resources, known: Mutex::default() }
    }

    /// The picture models among them, by name.
    pub(super) fn images(&self) -> Vec<Arc<ImageSlot>> {
        let of_images = |model| if let Model::Image(slot) = model { Some(slot) } else { None };
        self.models().into_iter().filter_map(of_images).collect()
    }

    /// The film models among them, by name.
    pub(super) fn films(&self) -> Vec<Arc<Slot<dyn AvatarModel>>> {
        let of_films = |model| if let Model::Film(slot) = model { Some(slot) } else { None };
        self.models().into_iter().filter_map(of_films).collect()
    }

    /// What the scene renderer draws from besides, by name.
    pub(super) fn libraries(&self) -> Vec<(Arc<Library>, Pack)> {
        let of_things = |model| if let Model::Library(library, pack) = model { Some((library, *pack)) } else { None };
        self.models().into_iter().filter_map(of_things).collect()
    }

    /// A model for each pack, by name. Costs a look into one folder; what is in memory stays there.
    fn models(&self) -> Vec<Model> {
        let prints = self.store.fingerprint();
        let mut known = lock(&self.known);
        if known.prints != prints {
            let old = std::mem::take(&mut known.models);
            for print in &prints {
                let model = old.iter().find(|(before, _)| before == print).map(|(_, model)| model.clone());
                match model.map_or_else(|| self.open(&print.0), Ok) {
                    Ok(model) => known.models.push((print.clone(), model)),
                    Err(error) => tracing::warn!(pack = print.0, %error, "a pack can't be used"),
                }
            }
            known.prints = prints;
        }
        known.models.iter().map(|(_, model)| model.clone()).collect()
    }

    fn open(&self, name: &str) -> Result<Model, EngineError> {
        let pack = self.store.find(name).map_err(|e| EngineError::Model(e.to_string()))?;
        let (bytes, budget) = (pack.manifest.bytes(), self.resources.budget_bytes.unwrap_or(u64::MAX));
        match pack.manifest.kind {
            Kind::Diffusion => {
                if bytes > budget {
                    tracing::warn!(
                        pack = name,
                        bytes,
                        budget,
                        "larger than work.model_memory_mib: its parts take turns"
                    );
                }
                self.open_diffusion(pack, bytes.min(budget))
            }
            Kind::Lipsync => self.open_lipsync(pack, bytes),
            Kind::SceneLibrary => {
                // Read every byte now: a damaged library leaves the binary's own things to be drawn.
                pack.check(&CancelToken::default())?;
                let library = Arc::new(pack.open_library()?);
                Ok(Model::Library(library, Box::new(pack)))
            }
        }
    }

    fn open_diffusion(&self, pack: Pack, bytes: u64) -> Result<Model, EngineError> {
        let (identity, defaults, resources) = (identity(&pack), pack.manifest.defaults, self.resources);
        let described = diffusion::describe(&pack.folder, &identity, defaults)?;
        let (limits, kept) = (described.limits, pack.clone());
        let verified = Arc::new(Mutex::new(HashSet::new()));
        let make = move |cancel: &CancelToken| -> Result<Box<dyn ImageModel>, EngineError> {
            pack.check(cancel)?;
            let model = DiffusionModel::open(&pack.folder, &identity, defaults, resources)?;
            let (pack, verified) = (pack.clone(), verified.clone());
            Ok(Box::new(
                model.with_check(Box::new(move |folder, cancel| verify_once((&pack, folder), &verified, cancel))),
            ))
        };
        let slot = Slot::new(described.info, described.guess_seconds, Box::new(make));
        let slot = slot.of_pack(kept, bytes, resources.device);
        Ok(Model::Image(Arc::new(ImageSlot::of_pack(slot, limits))))
    }

    fn open_lipsync(&self, pack: Pack, bytes: u64) -> Result<Model, EngineError> {
        let (info, layout, path) = pack.recognise_mouth()?;
        let (described, kept, graphs) = (info.clone(), pack.clone(), self.resources.graphs);
        let make = move |cancel: &CancelToken| -> Result<Box<dyn AvatarModel>, EngineError> {
            pack.check(cancel)?;
            Ok(Box::new(LipSync::load(info.clone(), layout.clone(), &path, graphs, cancel)?))
        };
        let slot: Slot<dyn AvatarModel> = Slot::new(described, 10.0, Box::new(make));
        Ok(Model::Film(Arc::new(slot.of_pack(kept, bytes, Device::Cpu))))
    }
}

/// Reads every byte of a part once a process: disks lose bits, and not every damaged weight breaks a graph.
fn verify_once(
    (pack, folder): (&Pack, &str),
    verified: &Mutex<HashSet<String>>,
    cancel: &CancelToken,
) -> Result<(), EngineError> {
    if !lock(verified).contains(folder) {
        pack.verify_folder(folder, cancel)?;
        lock(verified).insert(folder.to_owned());
    }
    Ok(())
}

fn identity(pack: &Pack) -> Identity {
    Identity {
        id: pack.manifest.name.clone(),
        licence: pack.manifest.licence.clone(),
        source: pack.manifest.source.clone(),
        digest: pack.manifest.digest(),
    }
}
