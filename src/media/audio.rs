//! Sound: decoding uploads, resampling, WAV.

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
