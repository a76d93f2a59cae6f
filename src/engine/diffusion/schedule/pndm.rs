//! PNDM (Liu et al. 2022) without its Runge-Kutta start: linear multistep of up to fourth order, the second timestep
//! visited twice.

use super::{Options, Prediction, Scheduler, Spacing, betas, ddim::mix, ddim::within, sigmas};
use crate::engine::{EngineError, diffusion::noise::TorchGenerator};

/// One run's schedule.
pub(super) struct Pndm {
    timesteps: Vec<f32>,
    signal: Vec<f32>,
    last: f32,
    stride: i64,
    prediction: Prediction,
    /// Calls so far: a run that starts late still warms up.
    calls: usize,
    /// The sample of the first call, to which the second goes back.
    first: Option<Vec<f32>>,
    /// The outputs of the latest calls, the oldest first, at most four.
    outputs: Vec<Vec<f32>>,
}

impl Pndm {
    pub(super) fn new(options: &Options, steps: usize) -> Result<Self, EngineError> {
        if options.prediction_type == Prediction::Sample {
            let message = "scheduler_config.json: PNDM with `prediction_type` = sample is not supported";
            return Err(EngineError::Model(message.into()));
        }
        let signal = betas::signal(options, betas::DDPM, None)?;
        let mut times = sigmas::timesteps(options, Spacing::Leading, steps, true);
        if times.len() > 1 {
            times.insert(1, times[1]);
        }
        Ok(Self {
            timesteps: within(&times, signal.len())?,
            last: if options.set_alpha_to_one.unwrap_or(false) { 1.0 } else { signal[0] },
            stride: (options.num_train_timesteps / steps) as i64,
            prediction: options.prediction_type,
            signal,
            calls: 0,
            first: None,
            outputs: Vec::new(),
        })
    }

    /// Equation 11 of the paper.
    fn move_on(&self, sample: &mut [f32], output: &[f32], time: i64, next: i64) {
        let a = self.signal[(time.max(0) as usize).min(self.signal.len() - 1)];
        let next = usize::try_from(next).map_or(self.last, |time| self.signal[time]);
        let b = 1.0 - a;
        let scale = (next / a).sqrt();
        let divisor = a * (1.0 - next).sqrt() + (a * b * next).sqrt();
        for (x, out) in sample.iter_mut().zip(output) {
            let out = match self.prediction {
                Prediction::Velocity => a.sqrt() * out + b.sqrt() * *x,
                Prediction::Epsilon | Prediction::Sample => *out,
            };
            *x = scale * *x - (next - a) * out / divisor;
        }
    }
}

impl Scheduler for Pndm {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn add_noise(&self, index: usize, original: &[f32], noise: &[f32]) -> Vec<f32> {
        mix(self.signal[self.timesteps[index] as usize], original, noise)
    }

    fn step(&mut self, index: usize, output: &[f32], sample: &mut Vec<f32>, _: &mut TorchGenerator) {
        let time = self.timesteps[index] as i64;
        let (mut from, mut to) = (time, time - self.stride);
        if self.calls == 1 {
            (from, to) = (time + self.stride, time);
        } else {
            if self.outputs.len() == 4 {
                self.outputs.remove(0);
            }
            self.outputs.push(output.to_vec());
        }
        let weighted = |weights: &[f32], divisor: f32| -> Vec<f32> {
            let newest = self.outputs.len() - 1;
            (0..output.len())
                .map(|i| {
                    weights.iter().enumerate().map(|(k, w)| w * self.outputs[newest - k][i]).sum::<f32>() / divisor
                })
                .collect()
        };
        let blended = match (self.outputs.len(), self.calls) {
            (1, 0) => {
                self.first = Some(sample.clone());
                output.to_vec()
            }
            (1, 1) => {
                if let Some(first) = self.first.take() {
                    *sample = first;
                }
                output.iter().zip(&self.outputs[0]).map(|(now, then)| (now + then) / 2.0).collect()
            }
            (2, _) => weighted(&[3.0, -1.0], 2.0),
            (3, _) => weighted(&[23.0, -16.0, 5.0], 12.0),
            _ => weighted(&[55.0, -59.0, 37.0, -9.0], 24.0),
        };
        self.move_on(sample, &blended, from, to);
        self.calls += 1;
    }
}
