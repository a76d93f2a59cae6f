//! The models: what they are made of, whether their bytes are the pinned ones, what they take; taking one out of memory.

use serde_json::json;

use super::Operator;
use crate::{
    app::{App, AppError},
    domain::clock::Timestamp,
    engine::{
        ModelInfo,
        bundle::{Pack, Part},
        device::Placement,
        packs,
        registry::{ModelDetail, Unloaded},
    },
};

/// A model and what is known of it.
#[derive(Debug, Clone)]
pub struct ModelReport {
    /// What it is and can do.
    pub info: ModelInfo,
    /// Its files.
    pub parts: Vec<Part>,
    /// Whether it travels in the binary; the others are the operator's own packs.
    pub is_built_in: bool,
    /// Whether it is in memory.
    pub is_loaded: bool,
    /// Where its graphs run, or will.
    pub placement: Placement,
    /// What it takes there, estimated.
    pub memory_bytes: Option<u64>,
    /// When it was last used since the process began.
    pub last_used_at: Option<Timestamp>,
    /// Seconds that a run takes, on average.
    pub run_seconds: f64,
}

/// Whether a model's bytes are the pinned ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong, a sentence each; nothing where all is well.
    pub findings: Vec<String>,
}

/// The files of a model, whether they travel in the binary or were brought.
fn parts(model: &ModelDetail) -> Vec<Part> {
    let brought = model.installed.iter().flat_map(|pack| &pack.manifest.files);
    let brought =
        brought.map(|file| Part { name: file.name.clone(), sha256: file.sha256.to_string(), bytes: file.bytes });
    model.packs.iter().copied().flat_map(Pack::parts).chain(brought).collect()
}

impl App {
    /// Every model, in the order in which they are preferred.
    pub fn model_reports(&self) -> Vec<ModelReport> {
        let now = self.clock.now();
        let report = |model: ModelDetail| ModelReport {
            parts: parts(&model),
            last_used_at: model.idle.map(|idle| {
                Timestamp::from_millis(now.millis().saturating_sub(i64::try_from(idle.as_millis()).unwrap_or(i64::MAX)))
            }),
            is_built_in: model.is_built_in,
            info: model.info,
            is_loaded: model.is_loaded,
            placement: model.placement,
            memory_bytes: model.memory_bytes,
            run_seconds: model.run_seconds,
        };
        self.engine.details().into_iter().map(report).collect()
    }

    /// Compares every byte of a model's packs with the digests they were pinned to.
    ///
    /// # Errors
    /// [`AppError::Conflict`] for a pack of the operator's own, for which nothing was pinned.
    pub fn verify_model(&self, operator: &Operator, id: &str) -> Result<Verdict, AppError> {
        let model = self.engine.details().into_iter().find(|model| model.info.id == id);
        let model = model.ok_or(AppError::NotFound("model"))?;
        if !model.is_built_in && model.installed.is_none() {
            let message = "the model is a pack of your own; there are no pinned digests to compare it with";
            return Err(AppError::Conflict(message.into()));
        }
        let built_in = model.packs.iter().filter_map(|pack| pack.verify().err()).map(|error| error.to_string());
        let installed = model.installed.iter().flat_map(packs::Pack::verify);
        let findings: Vec<String> = built_in.chain(installed).collect();
        let detail = json!({ "ok": findings.is_empty(), "findings": findings });
        self.note_act(operator, "model.verify", id, detail)?;
        Ok(Verdict { findings })
    }

    /// Takes a model out of memory; it loads again when it is next needed.
    ///
    /// # Errors
    /// [`AppError::Conflict`] while it runs.
    pub fn unload_model(&self, operator: &Operator, id: &str) -> Result<(), AppError> {
        match self.engine.unload(id) {
            Unloaded::Unknown => Err(AppError::NotFound("model")),
            Unloaded::Busy => Err(AppError::Conflict("the model runs now; unload it when it has finished".into())),
            Unloaded::Gone => self.note_act(operator, "model.unload", id, json!({})),
        }
    }

    /// Notes an act that changed nothing in the database.
    pub(in crate::app) fn note_act(
        &self,
        operator: &Operator,
        action: &'static str,
        subject: &str,
        detail: serde_json::Value,
    ) -> Result<(), AppError> {
        let (now, operator, subject) = (self.clock.now(), operator.clone(), subject.to_owned());
        self.db.write(move |tx| operator.note(tx, now, (action, &subject), &detail))
    }
}
