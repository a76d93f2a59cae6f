//! The packs that the operator brings: installed, listed, verified, removed, each act noted.

use super::{App, AppError, note};
use crate::{
    config::Config,
    engine::{
        RunContext,
        diffusion::Resources,
        packs::{Install, Pack, PackError, PackStore},
        session::GraphOptions,
    },
};

/// The folder of packs in the instance's folder.
const FOLDER: &str = "packs";
/// Who acts on the command line.
const OPERATOR: &str = "operator";

/// The packs of an instance.
pub(super) fn store(config: &Config) -> PackStore {
    PackStore::new(config.data.join(FOLDER))
}

/// How packs run on this instance.
pub(super) fn resources(config: &Config) -> Resources {
    let work = &config.file.work;
    let budget = u64::from(work.pack_memory_mib) << 20;
    Resources { graphs: GraphOptions { threads: work.threads }, budget_bytes: (budget > 0).then_some(budget) }
}

impl App {
    /// Every installed pack, by name.
    pub fn packs(&self) -> Vec<Pack> {
        store(&self.config).list()
    }

    /// Installs a pack, checked and tried out; a running server has it at its next look.
    pub fn install_pack(&self, order: &Install, ctx: &RunContext<'_>) -> Result<Pack, PackError> {
        let taken: Vec<String> = self.engine.models().into_iter().map(|model| model.info.id).collect();
        let pack = store(&self.config).install(order, &taken, resources(&self.config), ctx)?;
        self.note_pack("pack.install", &pack.manifest.name);
        Ok(pack)
    }

    /// Takes a pack away. A run that has it in memory finishes; queued jobs that name it will be aborted.
    pub fn remove_pack(&self, name: &str) -> Result<(), PackError> {
        store(&self.config).remove(name)?;
        self.note_pack("pack.remove", name);
        Ok(())
    }

    /// The files are what counts: an act that could not be noted is done all the same.
    fn note_pack(&self, action: &'static str, name: &str) {
        let (now, name) = (self.clock.now(), name.to_owned());
        let noted = self.db.write(move |tx| note(tx, now, (OPERATOR, action, &name)).map_err(AppError::from));
        if let Err(error) = noted {
            tracing::error!(action, %error, "not noted in the audit log");
        }
    }
}
