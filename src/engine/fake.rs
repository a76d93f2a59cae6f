//! Models that run nothing: instant, deterministic, small. They answer test keys and carry the API's own tests.
//!
//! Their media are plainly test patterns (colour bars from the prompt's hash, a tone a word), never passed off as
//! anything else.

use image::{Rgb, RgbImage, RgbaImage};
use sha2::{Digest, Sha256};

use super::{
    AvatarModel, EngineError, FilmReport, FilmTask, FrameSink, ImageModel, ImageResult, ImageTask, ModelInfo, Motion,
    RunContext, Speech, SpeechModel, SpeechTask, Voice,
};
use crate::{
    domain::{field::FieldError, job::Mode},
    media::audio::Pcm,
};

/// The id of the fake model of every mode.
pub const MODEL: &str = "test";

const RATE: u32 = 24_000;
const SECONDS_PER_CHAR: f64 = 0.06;

/// What the fake says it is: it honours every field, so that any request can be tried.
pub fn info() -> ModelInfo {
    let fields = [
        "negative_prompt",
        "width",
        "height",
        "steps",
        "guidance",
        "strength",
        "style_image_asset_id",
        "voice_id",
        "speed",
        "fps",
        "face",
        "seed",
    ];
    ModelInfo {
        id: MODEL.into(),
        description: "Test patterns, instantly: no model runs.".into(),
        modes: Mode::ALL.to_vec(),
        licence: "MIT OR Apache-2.0".into(),
        source: "this binary".into(),
        digest: format!("{:x}", Sha256::digest(b"magicpixels test patterns 1")),
        fields: fields.map(str::to_owned).to_vec(),
    }
}

/// The hosted voice ids, all of them the same tone.
pub fn voices() -> Vec<Voice> {
    ["casual_male", "casual_female", "cheerful_female", "neutral_male", "neutral_female"]
        .into_iter()
        .map(|id| Voice {
            id: id.into(),
            model: MODEL.into(),
            native_id: "tone".into(),
            language: "en-US".into(),
            gender: id.rsplit('_').next().unwrap_or_default().into(),
            licence: "MIT OR Apache-2.0".into(),
        })
        .collect()
}

/// How long the fake speaks a text, in seconds; exact.
pub fn speech_seconds(text: &str, speed: f32) -> f64 {
    let seconds = (text.chars().count() as f64 * SECONDS_PER_CHAR / f64::from(speed)).max(0.2);
    (seconds * f64::from(RATE)).round() / f64::from(RATE)
}

/// Test patterns for every mode.
pub struct Fake {
    info: ModelInfo,
}

impl Default for Fake {
    fn default() -> Self {
        Self { info: info() }
    }
}

impl ImageModel for Fake {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn check(&self, _task: &ImageTask) -> Vec<FieldError> {
        Vec::new()
    }

    fn generate(&mut self, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError> {
        let (width, height) = match &task.input {
            Some(input) => (task.width.unwrap_or(input.width()), task.height.unwrap_or(input.height())),
            None => (task.width.unwrap_or(256), task.height.unwrap_or(256)),
        };
        let ctx = ctx.part("painting", 0.0, 1.0);
        ctx.step(0, 1)?;
        let image = bars(&task.prompt, task.seed, (width, height), 0.0);
        ctx.step(1, 1)?;
        let image = RgbaImage::from_fn(width, height, |x, y| {
            let Rgb([r, g, b]) = *image.get_pixel(x, y);
            image::Rgba([r, g, b, 255])
        });
        Ok(ImageResult { image, warnings: Vec::new(), plan: None })
    }
}

impl SpeechModel for Fake {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn speak(&mut self, task: &SpeechTask, ctx: &RunContext<'_>) -> Result<Speech, EngineError> {
        let ctx = ctx.part("speaking", 0.0, 1.0);
        ctx.step(0, 1)?;
        let count = (speech_seconds(&task.text, task.speed) * f64::from(RATE)).round() as usize;
        let pitch = 180.0 + f64::from(digest(&task.text, task.seed)[0]);
        let sample = |i: usize| {
            let seconds = i as f64 / f64::from(RATE);
            let syllable = (seconds * 4.0 * std::f64::consts::TAU).sin().max(0.0);
            (0.2 * syllable * (seconds * pitch * std::f64::consts::TAU).sin()) as f32
        };
        let audio = Pcm { samples: (0..count).map(sample).collect(), rate: RATE };
        ctx.step(1, 1)?;
        Ok(Speech { audio, phonemes: Vec::new(), warnings: Vec::new() })
    }
}

impl AvatarModel for Fake {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn frame_size(&self, task: &FilmTask) -> (u32, u32) {
        let even = |side: u32| (side / 2 * 2).clamp(64, 256);
        (even(task.width.unwrap_or(128)), even(task.height.unwrap_or(128)))
    }

    fn animate(
        &mut self,
        task: &FilmTask,
        frames: &mut FrameSink<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<FilmReport, EngineError> {
        let ctx = ctx.part("filming", 0.0, 1.0);
        let total = super::frame_count(task);
        for frame in 0..total {
            ctx.step(frame, total)?;
            frames(&bars(&task.prompt, task.seed, self.frame_size(task), frame as f32 / total as f32))?;
        }
        Ok(FilmReport { motion: Motion::Camera, warnings: Vec::new(), plan: None })
    }
}

fn digest(text: &str, seed: u32) -> [u8; 32] {
    Sha256::new_with_prefix(text).chain_update(seed.to_le_bytes()).finalize().into()
}

/// Eight bars whose colours come from the text and the seed, moved by `phase` of the width.
fn bars(text: &str, seed: u32, (width, height): (u32, u32), phase: f32) -> RgbImage {
    let digest = digest(text, seed);
    RgbImage::from_fn(width, height, |x, y| {
        let bar = ((x as f32 / width as f32 + phase) * 8.0) as usize % 8;
        let shade = 255 - (y * 96 / height.max(1)) as u16;
        let channel = |i: usize| (u16::from(digest[bar * 3 + i]) * shade / 255) as u8;
        Rgb([channel(0), channel(1), channel(2)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::CancelToken;

    #[test]
    fn the_same_task_gives_the_same_pattern_and_another_seed_another() {
        let mut task = ImageTask { width: Some(64), height: Some(32), seed: 1, ..ImageTask::new("a cup") };
        let make = |task: &ImageTask| {
            Fake::default().generate(task, &RunContext::new(CancelToken::default(), &|_| {})).unwrap().image
        };
        let first = make(&task);
        assert_eq!(first.dimensions(), (64, 32));
        assert_eq!(first, make(&task));
        task.seed = 2;
        assert_ne!(first, make(&task));
    }

    #[test]
    fn speech_lasts_exactly_as_long_as_foretold() {
        let task = SpeechTask { text: "Hello there".into(), voice: "casual_male".into(), speed: 1.5, seed: 0 };
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let speech = Fake::default().speak(&task, &ctx).unwrap();
        assert!((speech.audio.duration_seconds() - speech_seconds("Hello there", 1.5)).abs() < 1e-9);
    }
}
