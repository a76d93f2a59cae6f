//! Latent consistency sampling (Luo et al. 2023): each call gives a clean sample, which is noised again for the next.

use super::{Options, Prediction, Scheduler, betas, ddim::mix};
use crate::engine::{EngineError, diffusion::noise::TorchGenerator};

/// The spread of the training pictures, from the paper.
const SIGMA_DATA: f64 = 0.5;

/// One run's schedule.
pub(super) struct Lcm {
    timesteps: Vec<f32>,
    steps: usize,
    signal: Vec<f32>,
    prediction: Prediction,
    clip: Option<f32>,
    scaling: f64,
}

impl Lcm {
    pub(super) fn new(options: &Options, steps: usize, strength: f64) -> Result<Self, EngineError> {
        let signal = betas::signal(options, betas::LATENT, None)?;
        let original = options.original_inference_steps.unwrap_or(50).clamp(1, options.num_train_timesteps);
        let stride = options.num_train_timesteps / original;
        let count = (original as f64 * strength) as usize;
        if count < steps {
            let least = steps as f64 / original as f64;
            let message = format!("{steps} steps need a strength of at least {least:.2} with this model.");
            return Err(EngineError::Input(message));
        }
        // The distillation's own timesteps, from the top down, evenly thinned.
        let spacing = count as f64 / steps as f64;
        let place = |i: usize| count - (i as f64 * spacing) as usize;
        let timesteps: Vec<f32> = (0..steps).map(|i| (place(i) * stride - 1) as f32).collect();
        Ok(Self {
            timesteps,
            steps,
            signal,
            prediction: options.prediction_type,
            clip: (options.clip_sample == Some(true)).then(|| options.clip_sample_range.unwrap_or(1.0)),
            scaling: options.timestep_scaling.unwrap_or(10.0),
        })
    }
}

impl Scheduler for Lcm {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn add_noise(&self, index: usize, original: &[f32], noise: &[f32]) -> Vec<f32> {
        mix(self.signal[self.timesteps[index] as usize], original, noise)
    }

    fn step(&mut self, index: usize, output: &[f32], sample: &mut Vec<f32>, generator: &mut TorchGenerator) {
        let time = self.timesteps[index];
        let signal = self.signal[time as usize];
        let (a, b) = (signal.sqrt(), (1.0 - signal).sqrt());
        // The boundary condition: at time 0 the sample itself is the answer.
        let scaled = f64::from(time) * self.scaling;
        let whole = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
        let (skip, gain) = ((SIGMA_DATA * SIGMA_DATA / whole) as f32, (scaled / whole.sqrt()) as f32);
        for (x, out) in sample.iter_mut().zip(output) {
            let mut clean = match self.prediction {
                Prediction::Epsilon => (*x - b * out) / a,
                Prediction::Velocity => a * *x - b * out,
                Prediction::Sample => *out,
            };
            if let Some(range) = self.clip {
                clean = clean.clamp(-range, range);
            }
            *x = gain * clean + skip * *x;
        }
        if index + 1 != self.steps {
            let next = self.signal[self.timesteps[index + 1] as usize];
            let noise = generator.normal(sample.len());
            *sample = mix(next, sample, &noise);
        }
    }
}
