//! How loud a voice is over time, beside its own usual level.

use super::{RATE, track::Track};
use crate::media::audio::Pcm;

/// The loudness of one sound.
pub(super) struct Loudness {
    /// Root mean square of the samples.
    pub(super) level: Track,
    /// Square root of the level beside the usual one of speech: about 1 where it is spoken.
    pub(super) relative: Track,
    /// The level of speech that is neither soft nor loud; 0 in silence.
    pub(super) usual: f32,
}

/// Root mean squares below this are silence whatever else there is.
const SILENCE: f32 = 1e-4;

impl Loudness {
    /// Measures a sound; the tracks go a fifth of a second beyond its end.
    pub(super) fn of(audio: &Pcm) -> Self {
        let length = (audio.duration_seconds() * f64::from(RATE)) as usize + RATE as usize / 5;
        let hop = audio.rate.max(1) as f32 / RATE;
        let level = Track::from_fn(length, |i| {
            let (start, end) = ((i as f32 * hop) as usize, ((i + 2) as f32 * hop) as usize);
            let window = audio.samples.get(start..end.min(audio.samples.len())).unwrap_or_default();
            let sum: f32 = window.iter().map(|s| if s.is_finite() { s * s } else { 0.0 }).sum();
            (sum / (end - start).max(1) as f32).sqrt()
        })
        .smoothed(20.0);
        let peak = level.values.iter().copied().fold(0.0, f32::max);
        let spoken = Track { values: level.values.iter().copied().filter(|v| *v > 0.15 * peak).collect() };
        let usual = if peak > SILENCE { spoken.percentile(0.7) } else { 0.0 };
        let relative = level.map(|v| if usual > 0.0 { (v / usual).sqrt().min(1.25) } else { 0.0 });
        Self { level, relative, usual }
    }

    /// Whether a stretch of time is silent for an ear in this sound.
    pub(super) fn is_silent(&self, start_seconds: f32, end_seconds: f32) -> bool {
        let (start, end) = ((start_seconds * RATE) as usize, (end_seconds * RATE).ceil() as usize);
        let part = self.level.values.get(start..end.min(self.level.values.len())).unwrap_or_default();
        let mean = part.iter().sum::<f32>() / part.len().max(1) as f32;
        mean < 0.12 * self.usual || self.usual <= 0.0
    }

    pub(super) fn len(&self) -> usize {
        self.level.values.len()
    }
}
