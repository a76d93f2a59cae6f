//! Timesteps and noise levels of a run, as numpy computes them in diffusers.

use super::{Options, Spacing};

/// The timesteps of a run, descending. `rounded` is for classes that keep them whole numbers.
pub(super) fn timesteps(options: &Options, default: Spacing, steps: usize, rounded: bool) -> Vec<f64> {
    let train = options.num_train_timesteps;
    match options.timestep_spacing.unwrap_or(default) {
        Spacing::Linspace => {
            let mut times = linspace(0.0, (train - 1) as f64, steps);
            if rounded {
                for time in &mut times {
                    *time = time.round_ties_even();
                }
            }
            times.reverse();
            times
        }
        Spacing::Leading => leading(train / steps, steps, options.steps_offset),
        Spacing::Trailing => trailing(train, train, steps),
    }
}

/// Whole multiples of `ratio` from the top down, all moved by `offset`.
pub(super) fn leading(ratio: usize, steps: usize, offset: i64) -> Vec<f64> {
    (0..steps).rev().map(|i| ((i * ratio) as i64 + offset) as f64).collect()
}

/// `np.arange(last, 0, -train / steps).round() - 1`.
pub(super) fn trailing(last: usize, train: usize, steps: usize) -> Vec<f64> {
    let ratio = train as f64 / steps as f64;
    let last = last as f64;
    // numpy's own way to count and to step, rounding included.
    let count = (last / ratio).ceil() as usize;
    let delta = (last - ratio) - last;
    (0..count).map(|i| (last + i as f64 * delta).round_ties_even() - 1.0).collect()
}

/// `np.linspace`.
pub(super) fn linspace(start: f64, stop: f64, count: usize) -> Vec<f64> {
    let step = (stop - start) / (count.max(2) - 1) as f64;
    let mut values: Vec<f64> = (0..count).map(|i| i as f64 * step + start).collect();
    if let (true, Some(last)) = (count > 1, values.last_mut()) {
        *last = stop;
    }
    values
}

/// The noise level of each timestep of the training.
pub(super) fn all(signal: &[f32]) -> Vec<f32> {
    signal.iter().map(|alpha| ((1.0 - alpha) / alpha).sqrt()).collect()
}

/// `np.interp(x, 0..len, values)`.
pub(super) fn at(values: &[f32], x: f64) -> f64 {
    let last = values.len() - 1;
    if x <= 0.0 {
        return f64::from(values[0]);
    }
    let low = x.floor() as usize;
    if low >= last {
        return f64::from(values[last]);
    }
    let (below, above) = (f64::from(values[low]), f64::from(values[low + 1]));
    (above - below) * (x - low as f64) + below
}

/// The noise levels of Karras et al. 2022, equation 5, with rho 7.
pub(super) fn karras(options: &Options, max: f64, min: f64, steps: usize) -> Vec<f64> {
    let (min, max) = (options.sigma_min.unwrap_or(min), options.sigma_max.unwrap_or(max));
    let (low, high) = (min.powf(1.0 / 7.0), max.powf(1.0 / 7.0));
    linspace(0.0, 1.0, steps).into_iter().map(|ramp| (high + ramp * (low - high)).powf(7.0)).collect()
}

/// The timestep whose noise level is `sigma`, between two where it falls between two.
pub(super) fn to_timestep(sigma: f64, all: &[f32]) -> f64 {
    let log = sigma.max(1e-10).ln();
    let logs: Vec<f64> = all.iter().map(|s| f64::from(s.ln())).collect();
    let low = logs.iter().rposition(|l| log >= *l).unwrap_or(0).min(logs.len() - 2);
    let share = ((logs[low] - log) / (logs[low] - logs[low + 1])).clamp(0.0, 1.0);
    (1.0 - share) * low as f64 + share * (low + 1) as f64
}

/// What the last step ends at.
pub(super) fn last(options: &Options, all: &[f32]) -> f32 {
    if options.final_sigmas_type.as_deref() == Some("sigma_min") { all[0] } else { 0.0 }
}

/// Noise levels that a sigma-scaled method divides its input by, and starts from.
pub(super) fn input_scale(sigma: f32) -> f32 {
    (sigma * sigma + 1.0).sqrt()
}
