//! How a face moves through a film: the mouth from phonemes or from the sound, the head from chance and the voice.
//!
//! Owns the tracks, 200 values a second, and their sampling by frames. The same sound, phonemes, manner and seed give
//! the same tracks.

mod head;
mod loudness;
mod sound;
mod speech;
mod track;
mod viseme;

use self::{head::Head, loudness::Loudness, track::Track};
use super::{
    expression::{Expression, MOUTH_TRACKS, Mouth},
    manner::Manner,
};
use crate::{engine::TimedPhoneme, media::audio::Pcm};

/// Values a second of every track.
pub(super) const RATE: f32 = 200.0;

/// The mouth's tracks, in the order of [`Mouth::to_array`].
type MouthTracks = [Track; MOUTH_TRACKS];

/// A whole film's motion.
pub(super) struct Motion {
    mouth: MouthTracks,
    head: Head,
    /// The middles of the moments where p, b or m shut the lips, in seconds.
    pub(super) closures_seconds: Vec<f32>,
    loudness: Track,
}

/// What decides a film's motion.
pub(super) struct Score<'a> {
    pub(super) audio: &'a Pcm,
    pub(super) phonemes: &'a [TimedPhoneme],
    pub(super) manner: &'a Manner,
    pub(super) seed: u32,
    /// 0 to 1: how much movement the face bears.
    pub(super) freedom: f32,
    /// Without lids: drawings don't blink.
    pub(super) blinks: bool,
}

impl Motion {
    /// The motion for one sound.
    pub(super) fn new(score: &Score<'_>) -> Self {
        let loudness = Loudness::of(score.audio);
        let (mouth, closures_seconds) = if score.phonemes.is_empty() {
            (sound::follow(score.audio, &loudness), Vec::new())
        } else {
            speech::follow(score.phonemes, &loudness)
        };
        Self { mouth, head: Head::new(&loudness, score), closures_seconds, loudness: loudness.relative }
    }

    /// How loud the sound is at a time, beside its own usual level.
    pub(super) fn loudness_at(&self, seconds: f32) -> f32 {
        self.loudness.at(seconds)
    }

    /// What the face does at a time.
    pub(super) fn at(&self, seconds: f32) -> Expression {
        let values = std::array::from_fn(|i| self.mouth[i].at(seconds));
        Expression { mouth: Mouth::from_array(values), ..self.head.at(seconds) }
    }
}

/// Every mouth shape and its name.
pub(super) fn shapes() -> Vec<(&'static str, Mouth)> {
    viseme::NAMES
        .iter()
        .map(|(name, viseme)| {
            let seal = f32::from(*name == "p b m");
            (*name, Mouth { seal, ..viseme.mouth() })
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests;
