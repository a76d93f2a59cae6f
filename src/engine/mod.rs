//! The whole contract between the appliance and its models: a task in, media out, a context to report to.
//!
//! One trait a modality; a family of models is one module that implements it and one line in [`registry`].
//! Everything here is synchronous: a worker thread calls it, progress and cancellation go through [`RunContext`].

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use image::{RgbImage, RgbaImage};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{field::FieldError, job::Mode},
    media::audio::Pcm,
};

pub mod avatar;
mod built_in;
pub mod bundle;
mod chance;
pub mod device;
pub mod diffusion;
mod ease;
pub mod fake;
pub mod film;
mod installed;
mod kernels;
pub mod lipsync;
mod memory;
pub mod onnx;
pub mod packs;
pub mod registry;
pub mod restyle;
pub mod runtime;
pub mod scene;
pub mod session;
mod slot;
pub mod speech;
pub mod surroundings;
pub mod text;

use surroundings::Surroundings;

/// Why a run gave no result.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The owner cancelled the job.
    #[error("cancelled")]
    Cancelled,
    /// The input cannot be used; the message is for the owner.
    #[error("{0}")]
    Input(String),
    /// The model, the runtime or the machine failed; the message is for the operator.
    #[error("{0}")]
    Model(String),
}

/// What stops a run that is under way, for example `ort`'s run termination.
type Interrupt = Box<dyn Fn() + Send + Sync>;

/// A handle by which another thread cancels one run. Cheap to clone; all clones are one token.
#[derive(Clone, Default)]
pub struct CancelToken {
    shared: Arc<CancelState>,
}

#[derive(Default)]
struct CancelState {
    cancelled: AtomicBool,
    next_id: AtomicU64,
    interrupts: Mutex<Vec<(u64, Interrupt)>>,
}

impl CancelToken {
    /// Cancels the run: [`RunContext::step`] fails from now on, and what runs inside a model call is interrupted.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::SeqCst);
        for (_, interrupt) in self.interrupts().iter() {
            interrupt();
        }
    }

    /// Whether [`CancelToken::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::SeqCst)
    }

    /// Runs `call` while `interrupt` stands ready to stop it.
    pub fn while_interruptible<T>(&self, interrupt: Interrupt, call: impl FnOnce() -> T) -> T {
        let id = self.shared.next_id.fetch_add(1, Ordering::SeqCst);
        self.interrupts().push((id, interrupt));
        if self.is_cancelled() {
            // Cancelled between the caller's last look and the registration: nobody else will call it.
            for (_, interrupt) in self.interrupts().iter().filter(|(i, _)| *i == id) {
                interrupt();
            }
        }
        let value = call();
        self.interrupts().retain(|(i, _)| *i != id);
        value
    }

    fn interrupts(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Interrupt)>> {
        self.shared.interrupts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// How far a run is: what it does now, and the fraction of the whole that is done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// What the run does now, in a word or two: `loading`, `speaking`, `rendering`, `upscaling`, `encoding`.
    pub stage: &'static str,
    /// 0 to 1 over the whole run.
    pub fraction: f32,
}

/// What a model reports to and is stopped by while it runs.
pub struct RunContext<'a> {
    report: &'a (dyn Fn(Progress) + Sync),
    cancel: CancelToken,
    stage: &'static str,
    start: f32,
    span: f32,
}

impl<'a> RunContext<'a> {
    /// A context that covers a whole run.
    pub fn new(cancel: CancelToken, report: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { report, cancel, stage: "starting", start: 0.0, span: 1.0 }
    }

    /// A context for one part of this run, from `start` to `end` (fractions of this context's own share).
    #[must_use]
    pub fn part(&self, stage: &'static str, start: f32, end: f32) -> RunContext<'a> {
        let part = RunContext {
            report: self.report,
            cancel: self.cancel.clone(),
            stage,
            start: self.start + self.span * start,
            span: self.span * (end - start),
        };
        (part.report)(Progress { stage, fraction: part.start });
        part
    }

    /// Reports that `done` of `total` steps are done; fails once the run is cancelled.
    pub fn step(&self, done: usize, total: usize) -> Result<(), EngineError> {
        if self.cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let fraction = self.start + self.span * (done as f32 / total.max(1) as f32).min(1.0);
        (self.report)(Progress { stage: self.stage, fraction });
        Ok(())
    }

    /// The token that cancels this run.
    pub fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }
}

/// What one model is and can do, as `GET /v1/models` lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelInfo {
    /// The name that a job's `model` takes.
    pub id: String,
    /// One sentence for a person.
    pub description: String,
    /// The modes it serves.
    pub modes: Vec<Mode>,
    /// The licence of its weights or data, as an SPDX expression.
    pub licence: String,
    /// Where its weights or data come from.
    pub source: String,
    /// Hex SHA-256 over the digests of all of its files.
    pub digest: String,
    /// The optional request fields it honours; a job that sets another is refused by name.
    pub fields: Vec<String>,
}

/// The range of a number that a job may set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limit {
    /// The request's field.
    pub field: &'static str,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// What the value must be a multiple of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiple_of: Option<u32>,
    /// What a job gets that sets none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<f64>,
}

/// What a picture model is asked for. Sizes are in pixels.
#[derive(Debug, Clone)]
pub struct ImageTask {
    /// What to make, at most 500 characters.
    pub prompt: String,
    /// What to avoid.
    pub negative_prompt: Option<String>,
    /// The wanted width; `None` leaves it to the model.
    pub width: Option<u32>,
    /// The wanted height; `None` leaves it to the model.
    pub height: Option<u32>,
    /// Denoising steps, where the model has them.
    pub steps: Option<u32>,
    /// Classifier-free guidance scale, where the model has it.
    pub guidance: Option<f32>,
    /// The only source of chance: the same task gives the same bytes.
    pub seed: u32,
    /// How far from the input, 0 to 1 (`image_to_image`).
    pub strength: Option<f32>,
    /// The picture to start from (`image_to_image`).
    pub input: Option<RgbaImage>,
    /// A second picture whose style is wanted.
    pub style: Option<RgbImage>,
}

impl ImageTask {
    /// A picture of `prompt` with everything else left open.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self {
            prompt: prompt.into(),
            negative_prompt: None,
            width: None,
            height: None,
            steps: None,
            guidance: None,
            seed: 0,
            strength: None,
            input: None,
            style: None,
        }
    }
}

/// A picture and how it came about.
#[derive(Debug, Clone)]
pub struct ImageResult {
    /// The picture; alpha is 255 everywhere unless the job cut something out.
    pub image: RgbaImage,
    /// What the owner should know: words that could not be honoured, replaced nouns.
    pub warnings: Vec<String>,
    /// How the prompt was read, for the job's `plan`.
    pub plan: Option<serde_json::Value>,
}

/// A model that makes pictures.
pub trait ImageModel: Send {
    /// What it is; fixed for the life of the value.
    fn info(&self) -> &ModelInfo;
    /// What it cannot do of `task`, by field; checked before anything is charged, so it must be quick.
    fn check(&self, task: &ImageTask) -> Vec<FieldError>;
    /// Makes the picture. May take minutes.
    fn generate(&mut self, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError>;
    /// What it lends to models that set objects into described surroundings, where it can.
    fn surroundings(&mut self) -> Option<&mut dyn Surroundings> {
        None
    }
}

/// What a voice model is asked for.
#[derive(Debug, Clone)]
pub struct SpeechTask {
    /// What to say, at most 500 characters.
    pub text: String,
    /// A voice id that the model lists.
    pub voice: String,
    /// 0.5 to 2, 1 is natural.
    pub speed: f32,
    /// The only source of chance.
    pub seed: u32,
}

/// One phoneme and when it sounds, in seconds from the start of the sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimedPhoneme {
    /// IPA as misaki writes it: one symbol, a stress mark, a space or a punctuation mark.
    pub symbol: char,
    /// When it begins.
    pub start_seconds: f32,
    /// When it ends.
    pub end_seconds: f32,
}

/// Spoken text.
#[derive(Debug, Clone)]
pub struct Speech {
    /// The sound, 24 kHz mono.
    pub audio: Pcm,
    /// What sounds when; empty where a model can't tell.
    pub phonemes: Vec<TimedPhoneme>,
    /// What the owner should know.
    pub warnings: Vec<String>,
}

/// One voice, as `GET /v1/voices` lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Voice {
    /// The name that a job's `voice_id` takes.
    pub id: String,
    /// The model that speaks it.
    pub model: String,
    /// The name of the model's own voice behind it.
    pub native_id: String,
    /// BCP 47 language tag.
    pub language: String,
    /// `female`, `male`.
    pub gender: String,
    /// The licence of the voice.
    pub licence: String,
}

/// A model that speaks.
pub trait SpeechModel: Send {
    /// What it is; fixed for the life of the value.
    fn info(&self) -> &ModelInfo;
    /// Speaks the text.
    fn speak(&mut self, task: &SpeechTask, ctx: &RunContext<'_>) -> Result<Speech, EngineError>;
}

/// What a film model is asked for.
#[derive(Debug, Clone)]
pub struct FilmTask {
    /// The portrait or picture, upright.
    pub picture: RgbImage,
    /// The soundtrack.
    pub audio: Pcm,
    /// What is said when, where our own voice said it.
    pub phonemes: Vec<TimedPhoneme>,
    /// How to move.
    pub prompt: String,
    /// The wanted width in pixels; `None` leaves it to the model.
    pub width: Option<u32>,
    /// The wanted height in pixels; `None` leaves it to the model.
    pub height: Option<u32>,
    /// Frames a second: 24, 25 or 30.
    pub fps: u32,
    /// Which face speaks, the largest being 0; `None` takes the largest.
    pub face: Option<u32>,
    /// The only source of chance.
    pub seed: u32,
}

impl FilmTask {
    /// A silent film of `picture` with everything else left open.
    pub fn still(picture: RgbImage) -> Self {
        Self {
            picture,
            audio: Pcm { samples: Vec::new(), rate: 24_000 },
            phonemes: Vec::new(),
            prompt: String::new(),
            width: None,
            height: None,
            fps: 25,
            face: None,
            seed: 0,
        }
    }
}

/// How a film moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// A camera moves over the picture.
    Camera,
    /// A face talks.
    Face,
}

/// What was filmed, beside the frames themselves.
#[derive(Debug, Clone)]
pub struct FilmReport {
    /// How it moves.
    pub motion: Motion,
    /// What the owner should know.
    pub warnings: Vec<String>,
    /// How picture and prompt were read, for the job's `plan`.
    pub plan: Option<serde_json::Value>,
}

/// Where a film model puts its frames, in order; all are of the size that [`AvatarModel::frame_size`] gave.
pub type FrameSink<'a> = dyn FnMut(&RgbImage) -> Result<(), EngineError> + 'a;

/// How many frames cover the sound of `task`: at least one.
pub fn frame_count(task: &FilmTask) -> usize {
    // A sample or two past a frame's end don't make a frame of their own.
    let frames = task.audio.duration_seconds() * f64::from(task.fps);
    (frames - 1e-3).ceil().max(1.0) as usize
}

/// A model that makes a film from a picture and a sound.
pub trait AvatarModel: Send {
    /// What it is; fixed for the life of the value.
    fn info(&self) -> &ModelInfo;
    /// The width and height in pixels, both even, of the frames it would make for `task`.
    fn frame_size(&self, task: &FilmTask) -> (u32, u32);
    /// Makes [`frame_count`] frames.
    fn animate(
        &mut self,
        task: &FilmTask,
        frames: &mut FrameSink<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<FilmReport, EngineError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelling_interrupts_what_runs_and_fails_the_next_step() {
        let token = CancelToken::default();
        let ctx = RunContext::new(token.clone(), &|_| {});
        assert!(ctx.step(1, 2).is_ok());
        let stopped = Arc::new(AtomicBool::new(false));
        let seen = stopped.clone();
        token.while_interruptible(Box::new(move || seen.store(true, Ordering::SeqCst)), || token.cancel());
        assert!(stopped.load(Ordering::SeqCst));
        assert!(matches!(ctx.step(2, 2), Err(EngineError::Cancelled)));
        let late = Arc::new(AtomicBool::new(false));
        let seen = late.clone();
        token.while_interruptible(Box::new(move || seen.store(true, Ordering::SeqCst)), || {});
        assert!(late.load(Ordering::SeqCst), "an interrupt registered after the cancellation runs at once");
    }

    #[test]
    fn parts_map_to_their_share_of_the_whole() {
        let seen = Mutex::new(Vec::new());
        let report = |p: Progress| seen.lock().unwrap().push((p.stage, (p.fraction * 100.0).round() as i32));
        let ctx = RunContext::new(CancelToken::default(), &report);
        let half = ctx.part("speaking", 0.0, 0.5);
        half.step(1, 2).unwrap();
        ctx.part("filming", 0.5, 1.0).step(1, 1).unwrap();
        assert_eq!(*seen.lock().unwrap(), [("speaking", 0), ("speaking", 25), ("filming", 50), ("filming", 100)]);
    }
}
