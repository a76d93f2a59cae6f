//! What the appliance says of itself: models, voices, readiness, figures.

use super::{App, AppError};
use crate::{
    db::jobs,
    engine::{CancelToken, RunContext, SpeechTask, Voice, registry::ModelStatus},
    media,
};

/// What every voice says in its sample.
const SAMPLE_TEXT: &str = "Hello! This is how I sound when I speak for you.";

/// Figures of the moment, for `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Jobs that wait.
    pub jobs_queued: u64,
    /// Jobs that run.
    pub jobs_running: u64,
    /// Models in memory.
    pub models_loaded: usize,
    /// Bytes of their weights.
    pub model_bytes: u64,
    /// The most that these may be.
    pub model_bytes_max: Option<u64>,
}

impl App {
    /// The models that serve live credentials.
    pub fn models(&self) -> Vec<ModelStatus> {
        self.engine.models()
    }

    /// The voices that serve live credentials, the default one first.
    pub fn voices(&self) -> &[Voice] {
        self.engine.voices()
    }

    /// A WAV in which the voice introduces itself. Made on first request, then kept in the cache.
    pub fn voice_sample(&self, id: &str) -> Result<Vec<u8>, AppError> {
        let voice = self.engine.voice(id).ok_or(AppError::NotFound("voice"))?;
        let key = format!("{}/{}", voice.model, voice.native_id);
        self.cache.get_or_insert_with("voice_sample", key.as_bytes(), || {
            let task = SpeechTask { text: SAMPLE_TEXT.into(), voice: voice.id.clone(), speed: 1.0, seed: 0 };
            let ctx = RunContext::new(CancelToken::default(), &|_| {});
            let spoken = self.engine.speak(&task, &ctx).map_err(|e| AppError::Internal(e.to_string()))?;
            Ok(media::audio::encode_wav(&spoken.audio, &[])?)
        })
    }

    /// Whether the appliance can serve: the database answers.
    pub fn is_ready(&self) -> Result<(), AppError> {
        self.db.read(|conn| jobs::count_unfinished(conn).map(drop).map_err(AppError::from))
    }

    /// Figures of the moment.
    pub fn figures(&self) -> Result<Figures, AppError> {
        let (jobs_queued, jobs_running) = self.db.read(|conn| jobs::count_unfinished(conn).map_err(AppError::from))?;
        let models_loaded = self.models().iter().filter(|model| model.loaded).count();
        let (model_bytes, model_bytes_max) = self.engine.memory_bytes();
        Ok(Figures { jobs_queued, jobs_running, models_loaded, model_bytes, model_bytes_max })
    }
}
