//! DPM-Solver++ (Lu et al. 2022), first and second order, multistep; with the noise levels of Karras where wanted.

use super::{Options, Prediction, Scheduler, Spacing, betas, sigmas};
use crate::engine::{EngineError, diffusion::noise::TorchGenerator};

/// Below this many steps the last one is of first order.
const FEW_STEPS: usize = 15;

/// One run's schedule.
pub(super) struct Dpmpp2m {
    timesteps: Vec<f32>,
    sigmas: Vec<f32>,
    prediction: Prediction,
    order: usize,
    heun: bool,
    first_order_at_the_end: bool,
    /// The clean sample that the call before this one predicted.
    before: Option<Vec<f32>>,
}

/// A point of the schedule: signal, noise and half the logarithm of their ratio.
#[derive(Clone, Copy)]
struct Point {
    alpha: f32,
    sigma: f32,
    lambda: f32,
}

impl Dpmpp2m {
    pub(super) fn new(options: &Options, steps: usize) -> Result<Self, EngineError> {
        let all = sigmas::all(&betas::signal(options, betas::DDPM, Some(betas::FLOOR))?);
        let train = options.num_train_timesteps;
        let mut times = match options.timestep_spacing.unwrap_or(Spacing::Linspace) {
            Spacing::Linspace => {
                let mut times = sigmas::linspace(0.0, (train - 1) as f64, steps + 1);
                for time in &mut times {
                    *time = time.round_ties_even();
                }
                times.reverse();
                times.pop();
                times
            }
            Spacing::Leading => {
                let mut times = sigmas::leading(train / (steps + 1), steps + 1, options.steps_offset);
                times.pop();
                times
            }
            Spacing::Trailing => sigmas::trailing(train, train, steps),
        };
        let levels: Vec<f64> = if options.use_karras_sigmas == Some(true) {
            let (max, min) = (f64::from(all[all.len() - 1]), f64::from(all[0]));
            let levels = sigmas::karras(options, max, min, steps);
            let whole = options.beta_schedule.as_deref() != Some("squaredcos_cap_v2");
            let round = |t: f64| if whole { t.round_ties_even() } else { t.trunc() };
            times = levels.iter().map(|sigma| round(sigmas::to_timestep(*sigma, &all))).collect();
            levels
        } else {
            times.iter().map(|t| sigmas::at(&all, *t)).collect()
        };
        let ends_at_zero = options.final_sigmas_type.as_deref().unwrap_or("zero") == "zero";
        let few = options.lower_order_final.unwrap_or(true) && steps < FEW_STEPS;
        Ok(Self {
            timesteps: times.into_iter().map(|t| t as f32).collect(),
            sigmas: levels.into_iter().map(|s| s as f32).chain([sigmas::last(options, &all)]).collect(),
            prediction: options.prediction_type,
            order: options.solver_order.unwrap_or(2),
            heun: options.solver_type.as_deref() == Some("heun"),
            first_order_at_the_end: options.euler_at_final == Some(true) || few || ends_at_zero,
            before: None,
        })
    }

    fn point(&self, index: usize) -> Point {
        let sigma = self.sigmas[index];
        let alpha = 1.0 / sigmas::input_scale(sigma);
        Point { alpha, sigma: sigma * alpha, lambda: alpha.ln() - (sigma * alpha).ln() }
    }
}

impl Scheduler for Dpmpp2m {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn add_noise(&self, index: usize, original: &[f32], noise: &[f32]) -> Vec<f32> {
        let point = self.point(index);
        original.iter().zip(noise).map(|(x, n)| point.alpha * x + point.sigma * n).collect()
    }

    fn step(&mut self, index: usize, output: &[f32], sample: &mut Vec<f32>, _: &mut TorchGenerator) {
        let (from, to) = (self.point(index), self.point(index + 1));
        let clean: Vec<f32> = sample
            .iter()
            .zip(output)
            .map(|(x, out)| match self.prediction {
                Prediction::Epsilon => (x - from.sigma * out) / from.alpha,
                Prediction::Velocity => from.alpha * x - from.sigma * out,
                Prediction::Sample => *out,
            })
            .collect();
        let h = to.lambda - from.lambda;
        let keep = to.sigma / from.sigma;
        let gain = to.alpha * ((-h).exp() - 1.0);
        let is_last = index + 1 == self.timesteps.len();
        match self.before.as_ref().filter(|_| self.order > 1 && !(is_last && self.first_order_at_the_end)) {
            None => {
                for (x, m0) in sample.iter_mut().zip(&clean) {
                    *x = keep * *x - gain * m0;
                }
            }
            Some(before) => {
                let ratio = (from.lambda - self.point(index - 1).lambda) / h;
                let slope_gain = if self.heun { -(to.alpha * (((-h).exp() - 1.0) / h + 1.0)) } else { 0.5 * gain };
                for ((x, m0), m1) in sample.iter_mut().zip(&clean).zip(before) {
                    let slope = (1.0 / ratio) * (m0 - m1);
                    *x = keep * *x - gain * m0 - slope_gain * slope;
                }
            }
        }
        self.before = Some(clean);
    }
}
