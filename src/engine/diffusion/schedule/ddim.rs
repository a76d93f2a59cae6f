//! DDIM (Song et al. 2020) without added noise.

use super::{Options, Prediction, Scheduler, Spacing, betas, sigmas};
use crate::engine::{EngineError, diffusion::noise::TorchGenerator};

/// One run's schedule.
pub(super) struct Ddim {
    timesteps: Vec<f32>,
    signal: Vec<f32>,
    /// The signal after the last step.
    last: f32,
    /// Training timesteps between two steps.
    stride: i64,
    prediction: Prediction,
    clip: Option<f32>,
}

impl Ddim {
    pub(super) fn new(options: &Options, steps: usize) -> Result<Self, EngineError> {
        let signal = betas::signal(options, betas::DDPM, None)?;
        let times = sigmas::timesteps(options, Spacing::Leading, steps, true);
        Ok(Self {
            timesteps: within(&times, signal.len())?,
            last: if options.set_alpha_to_one.unwrap_or(true) { 1.0 } else { signal[0] },
            stride: (options.num_train_timesteps / steps) as i64,
            prediction: options.prediction_type,
            clip: options.clip_sample.unwrap_or(true).then(|| options.clip_sample_range.unwrap_or(1.0)),
            signal,
        })
    }
}

/// Timesteps that a table of `count` entries has; an offset may lead beyond it.
pub(super) fn within(times: &[f64], count: usize) -> Result<Vec<f32>, EngineError> {
    if times.iter().all(|t| (0.0..count as f64).contains(t)) {
        return Ok(times.iter().map(|t| *t as f32).collect());
    }
    Err(EngineError::Input("This model can't make that many steps: its schedule leaves its table.".into()))
}

impl Scheduler for Ddim {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn add_noise(&self, index: usize, original: &[f32], noise: &[f32]) -> Vec<f32> {
        mix(self.signal[self.timesteps[index] as usize], original, noise)
    }

    fn step(&mut self, index: usize, output: &[f32], sample: &mut Vec<f32>, _: &mut TorchGenerator) {
        let time = self.timesteps[index] as i64;
        let signal = self.signal[time as usize];
        let next = usize::try_from(time - self.stride).map_or(self.last, |time| self.signal[time]);
        let (a, b) = (signal.sqrt(), (1.0 - signal).sqrt());
        let (next_a, next_b) = (next.sqrt(), (1.0 - next).sqrt());
        for (x, out) in sample.iter_mut().zip(output) {
            let (mut clean, noise) = match self.prediction {
                Prediction::Epsilon => ((*x - b * out) / a, *out),
                Prediction::Velocity => (a * *x - b * out, a * out + b * *x),
                Prediction::Sample => (*out, (*x - a * out) / b),
            };
            if let Some(range) = self.clip {
                clean = clean.clamp(-range, range);
            }
            *x = next_a * clean + next_b * noise;
        }
    }
}

/// A variance-preserving mixture of picture and noise.
pub(super) fn mix(signal: f32, original: &[f32], noise: &[f32]) -> Vec<f32> {
    let (a, b) = (signal.sqrt(), (1.0 - signal).sqrt());
    original.iter().zip(noise).map(|(x, n)| a * x + b * n).collect()
}
