//! The packs of an instance as models: found again whenever one comes or goes, so that a running server sees what
//! another process installed or removed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use super::{
    EngineError, ImageModel,
    diffusion::{self, DiffusionModel, Identity, Resources},
    packs::{Pack, PackStore},
    slot::{ImageSlot, Slot},
};

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
    slots: Vec<(Print, Arc<ImageSlot>)>,
}

impl Installed {
    pub(super) fn new(store: PackStore, resources: Resources) -> Self {
        Self { store, resources, known: Mutex::default() }
    }

    /// A model for each pack, by name. Costs a look into one folder; what is in memory stays there.
    pub(super) fn slots(&self) -> Vec<Arc<ImageSlot>> {
        let prints = self.store.fingerprint();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.prints != prints {
            let old = std::mem::take(&mut known.slots);
            for print in &prints {
                let slot = old.iter().find(|(before, _)| before == print).map(|(_, slot)| slot.clone());
                match slot.map_or_else(|| self.open(&print.0), Ok) {
                    Ok(slot) => known.slots.push((print.clone(), slot)),
                    Err(error) => tracing::warn!(pack = print.0, %error, "a pack can't be used"),
                }
            }
            known.prints = prints;
        }
        known.slots.iter().map(|(_, slot)| slot.clone()).collect()
    }

    fn open(&self, name: &str) -> Result<Arc<ImageSlot>, EngineError> {
        let pack = self.store.find(name).map_err(|e| EngineError::Model(e.to_string()))?;
        let (identity, defaults, resources) = (identity(&pack), pack.manifest.defaults, self.resources);
        let described = diffusion::describe(&pack.folder, &identity, defaults)?;
        let (limits, kept) = (described.limits, pack.clone());
        let make = move || -> Result<Box<dyn ImageModel>, EngineError> {
            pack.check_sizes()?;
            Ok(Box::new(DiffusionModel::open(&pack.folder, &identity, defaults, resources)?))
        };
        let budget = resources.budget_bytes.unwrap_or(u64::MAX);
        let bytes = kept.manifest.bytes();
        if bytes > budget {
            tracing::warn!(pack = name, bytes, budget, "larger than work.model_memory_mib: its parts take turns");
        }
        let slot = Slot::new(described.info, described.guess_seconds, Box::new(make));
        let slot = slot.of_pack(bytes.min(budget), resources.device);
        Ok(Arc::new(ImageSlot::of_pack(slot, limits, kept)))
    }
}

fn identity(pack: &Pack) -> Identity {
    Identity {
        id: pack.manifest.name.clone(),
        licence: pack.manifest.licence.clone(),
        source: pack.manifest.source.clone(),
        digest: pack.manifest.digest(),
    }
}
