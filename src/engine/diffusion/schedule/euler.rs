//! Euler's method (algorithm 2 of Karras et al. 2022 without churn).

use super::{Options, Prediction, Scheduler, Spacing, betas, sigmas};
use crate::engine::{EngineError, diffusion::noise::TorchGenerator};

/// One run's schedule.
pub(super) struct Euler {
    timesteps: Vec<f32>,
    sigmas: Vec<f32>,
    init: f32,
    prediction: Prediction,
}

impl Euler {
    pub(super) fn new(options: &Options, steps: usize) -> Result<Self, EngineError> {
        let all = sigmas::all(&betas::signal(options, betas::DDPM, Some(betas::FLOOR))?);
        let mut times = sigmas::timesteps(options, Spacing::Linspace, steps, false);
        let mut levels: Vec<f64> = times.iter().map(|t| sigmas::at(&all, f64::from(*t as f32))).collect();
        if options.use_karras_sigmas == Some(true) {
            levels = sigmas::karras(options, levels[0], levels[levels.len() - 1], steps);
            times = levels.iter().map(|sigma| sigmas::to_timestep(*sigma, &all)).collect();
        }
        let levels = levels.into_iter().map(|s| s as f32).chain([sigmas::last(options, &all)]).collect();
        Ok(Self::with(options, times, levels))
    }

    fn with(options: &Options, times: Vec<f64>, sigmas: Vec<f32>) -> Self {
        Self {
            timesteps: times.into_iter().map(|t| t as f32).collect(),
            init: init_noise_sigma(options, &sigmas),
            sigmas,
            prediction: options.prediction_type,
        }
    }
}

/// The spread of pure noise: one more where the first step is not the training's last.
pub(super) fn init_noise_sigma(options: &Options, sigmas: &[f32]) -> f32 {
    let max = sigmas.iter().copied().fold(0.0, f32::max);
    match options.timestep_spacing.unwrap_or(Spacing::Linspace) {
        Spacing::Leading => sigmas::input_scale(max),
        Spacing::Linspace | Spacing::Trailing => max,
    }
}

/// The clean sample that the model's output stands for.
pub(super) fn clean(prediction: Prediction, sigma: f32, x: f32, out: f32) -> f32 {
    match prediction {
        Prediction::Epsilon => x - sigma * out,
        Prediction::Velocity => {
            let one = sigma * sigma + 1.0;
            out * (-sigma / one.sqrt()) + x / one
        }
        Prediction::Sample => out,
    }
}

impl Scheduler for Euler {
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

    fn step(&mut self, index: usize, output: &[f32], sample: &mut Vec<f32>, _: &mut TorchGenerator) {
        let (sigma, next) = (self.sigmas[index], self.sigmas[index + 1]);
        for (x, out) in sample.iter_mut().zip(output) {
            let slope = (*x - clean(self.prediction, sigma, *x, *out)) / sigma;
            *x += slope * (next - sigma);
        }
    }
}
