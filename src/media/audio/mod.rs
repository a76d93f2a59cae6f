//! Sound: decoding uploads to mono, resampling, WAV, loudness, pictures of the waveform.

mod decode;
mod loudness;
mod opus;
mod resample;
mod wav;
mod waveform;

pub use decode::{Survey, decode, survey};
pub use loudness::{Loudness, measure, normalise};
pub use resample::resample;
pub use wav::{decode_wav, encode_wav};
pub use waveform::{peaks, waveform_picture};

/// Mono sound: samples in -1..1 at `rate` Hz.
#[derive(Debug, Clone, PartialEq)]
pub struct Pcm {
    /// Samples, nominally in -1..1.
    pub samples: Vec<f32>,
    /// Samples a second.
    pub rate: u32,
}

impl Pcm {
    /// Length in seconds.
    pub fn duration_seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate.max(1))
    }
}
