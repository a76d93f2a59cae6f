//! Euler's method with ancestral sampling: each step takes more noise away than it should and adds fresh noise.

use super::{
    Options, Prediction, Scheduler, Spacing, betas,
    euler::{clean, init_noise_sigma},
    sigmas,
};
use crate::engine::{EngineError, diffusion::noise::TorchGenerator};

/// One run's schedule.
pub(super) struct EulerAncestral {
    timesteps: Vec<f32>,
    sigmas: Vec<f32>,
    init: f32,
    prediction: Prediction,
}

impl EulerAncestral {
    pub(super) fn new(options: &Options, steps: usize) -> Result<Self, EngineError> {
        if options.prediction_type == Prediction::Sample {
            let message = "scheduler_config.json: Euler ancestral with `prediction_type` = sample is not supported";
            return Err(EngineError::Model(message.into()));
        }
        let all = sigmas::all(&betas::signal(options, betas::DDPM, Some(betas::FLOOR))?);
        let timesteps: Vec<f32> =
            sigmas::timesteps(options, Spacing::Linspace, steps, false).into_iter().map(|t| t as f32).collect();
        let sigmas: Vec<f32> = timesteps.iter().map(|t| sigmas::at(&all, f64::from(*t)) as f32).chain([0.0]).collect();
        let init = init_noise_sigma(options, &sigmas);
        Ok(Self { timesteps, sigmas, init, prediction: options.prediction_type })
    }
}

impl Scheduler for EulerAncestral {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn init_noise_sigma(&self) -> f32 {
        self.init
    }

    fn scale_input(&self, index: usize, sample: &mut [f32]) {
        let scale = sigmas::input_scale(self.sigmas[index]);
        for value in sample {
            *value /= scale;
        }
    }

    fn add_noise(&self, index: usize, original: &[f32], noise: &[f32]) -> Vec<f32> {
        original.iter().zip(noise).map(|(x, n)| x + n * self.sigmas[index]).collect()
    }

    fn step(&mut self, index: usize, output: &[f32], sample: &mut Vec<f32>, generator: &mut TorchGenerator) {
        let (from, to) = (self.sigmas[index], self.sigmas[index + 1]);
        let up = (to * to * (from * from - to * to) / (from * from)).sqrt();
        let down = (to * to - up * up).max(0.0).sqrt();
        // Drawn after the last step too, where it has no weight: the generator must go on as torch's does.
        let noise = generator.normal(sample.len());
        for ((x, out), fresh) in sample.iter_mut().zip(output).zip(noise) {
            let slope = (*x - clean(self.prediction, from, *x, *out)) / from;
            *x = *x + slope * (down - from) + fresh * up;
        }
    }
}
