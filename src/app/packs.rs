//! The packs that the operator brings: installed, listed, verified, removed, each act noted. One installation at a time
//! may go on in the server itself; how far it is, or why it failed, is kept until the next one.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::json;

use super::{App, AppError, admin::Operator, backup::failed, secrets};
use crate::{
    config::Config,
    domain::{clock::Timestamp, field::FieldError},
    engine::{
        CancelToken, Progress, RunContext,
        diffusion::Resources,
        packs::{Install, Pack, PackError, PackStore, Signer},
        session::GraphOptions,
    },
    machine,
};

/// The folder of packs in the instance's folder.
const FOLDER: &str = "packs";

/// The packs of an instance.
pub(super) fn store(config: &Config) -> PackStore {
    PackStore::new(config.data.join(FOLDER))
}

/// How packs run on this instance.
pub(super) fn resources(config: &Config) -> Resources {
    let work = &config.file.work;
    let budget_bytes = match u64::from(work.model_memory_mib) << 20 {
        // The other half is for what runs need beside their weights, and for everything else.
        0 => machine::memory_bytes().map(|bytes| bytes / 2),
        bytes => Some(bytes),
    };
    Resources { graphs: GraphOptions { threads: work.threads }, device: config.device, budget_bytes }
}

/// What became of an installation.
#[derive(Debug, Clone, PartialEq)]
pub enum InstallState {
    /// It goes on: what it does now, and 0 to 1.
    Running(&'static str, f32),
    /// The pack is there.
    Done,
    /// Nothing was kept, for this reason.
    Failed(String),
}

/// An installation that the server itself makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Installation {
    /// The name that the pack will have or has.
    pub name: String,
    /// When it was begun.
    pub started_at: Timestamp,
    /// What became of it.
    pub state: InstallState,
}

/// The latest installation of this process.
#[derive(Default)]
pub(super) struct Desk {
    latest: Mutex<Option<Installation>>,
}

impl Desk {
    fn latest(&self) -> MutexGuard<'_, Option<Installation>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, state: InstallState) {
        if let Some(installation) = self.latest().as_mut() {
            installation.state = state;
        }
    }
}

/// A pack's file on its way in; dropping it removes it.
pub struct PackUpload {
    folder: tempfile::TempDir,
    path: PathBuf,
    file: File,
}

impl PackUpload {
    /// Takes the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), AppError> {
        self.file.write_all(bytes).map_err(failed(Path::new("an uploaded pack")))
    }
}

impl App {
    /// Every installed pack, by name.
    pub fn packs(&self) -> Vec<Pack> {
        store(&self.config).list()
    }

    /// Installs a pack, checked and tried out; a running server has it at its next look.
    pub fn install_pack(&self, operator: &Operator, order: &Install, ctx: &RunContext<'_>) -> Result<Pack, PackError> {
        let taken: Vec<String> = self.engine.models().into_iter().map(|model| model.info.id).collect();
        let mut order = order.clone();
        order.trusted.extend(&self.config.trusted_signers);
        // What this instance exported, it may have back.
        order.trusted.extend(self.pack_signer().ok().map(|signer| signer.fingerprint()));
        let pack = store(&self.config).install(&order, &taken, resources(&self.config), ctx)?;
        let manifest = &pack.manifest;
        let detail = json!({
            "family": manifest.family, "digest": manifest.digest(), "source": manifest.source,
            "signed_by": manifest.signed_by,
        });
        self.note_pack(operator, "model.install", &manifest.name, detail);
        Ok(pack)
    }

    /// Takes a pack away. A run that has it in memory finishes; queued jobs that name it will be aborted.
    pub fn remove_pack(&self, operator: &Operator, name: &str) -> Result<(), PackError> {
        store(&self.config).remove(name)?;
        self.note_pack(operator, "model.remove", name, json!({}));
        Ok(())
    }

    /// Who signs the packs that this instance exports.
    pub fn pack_signer(&self) -> Result<Signer, AppError> {
        Ok(Signer::from_seed(&secrets::pack_seed(&self.db)?))
    }

    /// Writes a pack as one file, signed by this instance; answers its bytes.
    pub fn export_pack(
        &self,
        operator: &Operator,
        (name, target): (&str, &Path),
        ctx: &RunContext<'_>,
    ) -> Result<u64, AppError> {
        let pack = store(&self.config).find(name)?;
        let bytes = pack.export(target, &self.pack_signer()?, ctx)?;
        self.note_pack(operator, "model.export", name, json!({"digest": pack.manifest.digest()}));
        Ok(bytes)
    }

    /// The same for whoever takes the bytes as they come: finds the pack now, and answers what writes it.
    pub fn begin_pack_export<W: Write>(
        &self,
        operator: &Operator,
        name: &str,
    ) -> Result<impl FnOnce(W) -> Result<W, PackError> + Send + use<W>, AppError> {
        let (pack, signer) = (store(&self.config).find(name)?, self.pack_signer()?);
        self.note_pack(operator, "model.export", name, json!({"digest": pack.manifest.digest()}));
        Ok(move |target| pack.write_to(target, &signer, &RunContext::new(CancelToken::default(), &|_| {})))
    }

    /// The files are what counts: an act that could not be noted is done all the same.
    fn note_pack(&self, operator: &Operator, action: &'static str, name: &str, detail: serde_json::Value) {
        if let Err(error) = self.note_act(operator, action, name, detail) {
            tracing::error!(action, %error, "not noted in the audit log");
        }
    }

    /// Makes room for an upload of that file name, beside the packs.
    pub fn begin_pack_upload(&self, file_name: &str) -> Result<PackUpload, AppError> {
        let plain: String =
            file_name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
        let plain = plain.trim_start_matches('.');
        let root = self.config.data.join(FOLDER);
        std::fs::create_dir_all(&root).map_err(failed(&root))?;
        let folder = tempfile::Builder::new().prefix(".upload-").tempdir_in(&root).map_err(failed(&root))?;
        let path = folder.path().join(if plain.is_empty() { "pack" } else { plain });
        let file = File::create(&path).map_err(failed(&path))?;
        Ok(PackUpload { folder, path, file })
    }

    /// Begins to install a pack beside everything else, from a path on this machine or from an upload, which is removed
    /// when it is over. [`App::pack_installation`] tells how far it is.
    ///
    /// # Errors
    /// [`AppError::Conflict`] while another installation goes on.
    pub fn begin_pack_install(
        self: &Arc<Self>,
        operator: &Operator,
        mut order: Install,
        upload: Option<PackUpload>,
    ) -> Result<Installation, AppError> {
        if let Some(upload) = &upload {
            order.path.clone_from(&upload.path);
        }
        let mut latest = self.installing.latest();
        if latest.as_ref().is_some_and(|it| matches!(it.state, InstallState::Running(..))) {
            return Err(AppError::Conflict("a pack is being installed; wait for it".into()));
        }
        let installation = Installation {
            name: order.resolved_name(),
            started_at: self.clock.now(),
            state: InstallState::Running("starting", 0.0),
        };
        *latest = Some(installation.clone());
        drop(latest);
        let (app, operator) = (self.clone(), operator.clone());
        let run = move || {
            app.install_here(&operator, &order);
            drop(upload.map(|upload| upload.folder));
        };
        if let Err(error) = std::thread::Builder::new().name("install".into()).spawn(run) {
            self.installing.update(InstallState::Failed(error.to_string()));
            return Err(AppError::Internal(format!("an installation does not start: {error}")));
        }
        Ok(installation)
    }

    fn install_here(&self, operator: &Operator, order: &Install) {
        let report = |progress: Progress| {
            self.installing.update(InstallState::Running(progress.stage, progress.fraction));
        };
        let made = self.install_pack(operator, order, &RunContext::new(CancelToken::default(), &report));
        self.installing.update(match made {
            Ok(_) => InstallState::Done,
            Err(error) => {
                tracing::warn!(%error, "a pack was not installed");
                InstallState::Failed(error.to_string())
            }
        });
    }

    /// The installation that goes on, or the latest one since the server started.
    pub fn pack_installation(&self) -> Option<Installation> {
        self.installing.latest().clone()
    }
}

impl From<PackError> for AppError {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Unknown(_) => Self::NotFound("pack"),
            PackError::Exists(_) => Self::Conflict(error.to_string()),
            PackError::DiskFull { .. } => Self::StorageFull,
            PackError::Refused(message) => Self::Invalid(vec![FieldError::new("path", "unusable", message)]),
            PackError::Untrusted(_) => Self::Invalid(vec![FieldError::new("trust", "untrusted", error.to_string())]),
            PackError::Cancelled | PackError::Io { .. } => Self::Internal(error.to_string()),
        }
    }
}
