//! How much noise each timestep of the training had: betas and the running products of their complements.

use super::Options;
use crate::engine::EngineError;

/// `torch.linspace` in 32-bit floats: from both ends to the middle.
fn linspace(start: f32, end: f32, count: usize) -> Vec<f32> {
    let step = (end - start) / (count.max(2) - 1) as f32;
    let at = |i: usize| {
        if i < count / 2 { step.mul_add(i as f32, start) } else { end - step * (count - 1 - i) as f32 }
    };
    (0..count).map(at).collect()
}

/// The betas of `options`; `default` are the class's own start, end and schedule.
fn betas(options: &Options, default: (f64, f64, &str)) -> Result<Vec<f32>, EngineError> {
    if let Some(trained) = &options.trained_betas {
        return Ok(trained.clone());
    }
    let (start, end) = (options.beta_start.unwrap_or(default.0), options.beta_end.unwrap_or(default.1));
    let count = options.num_train_timesteps;
    match options.beta_schedule.as_deref().unwrap_or(default.2) {
        "linear" => Ok(linspace(start as f32, end as f32, count)),
        "scaled_linear" => {
            Ok(linspace(start.sqrt() as f32, end.sqrt() as f32, count).into_iter().map(|b| b * b).collect())
        }
        // The cosine schedule of Nichol and Dhariwal 2021.
        "squaredcos_cap_v2" => {
            let bar = |t: f64| ((t + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2).cos().powi(2);
            let at = |i: usize| i as f64 / count as f64;
            Ok((0..count).map(|i| (1.0 - bar(at(i + 1)) / bar(at(i))).min(0.999) as f32).collect())
        }
        other => Err(EngineError::Model(format!("scheduler_config.json: `beta_schedule` = {other} is not supported"))),
    }
}

/// `torch.cumprod`, which accumulates in 64 bits.
fn running_products(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut product = 1.0_f64;
    values
        .map(|value| {
            product *= f64::from(value);
            product as f32
        })
        .collect()
}

/// Shifts a schedule so that its last step is pure noise (Lin et al. 2023, algorithm 1). Returns the betas.
fn without_signal_at_the_end(betas: &[f32]) -> Vec<f32> {
    let mut roots: Vec<f32> = running_products(betas.iter().map(|b| 1.0 - b)).into_iter().map(f32::sqrt).collect();
    let (first, last) = (roots[0], roots[roots.len() - 1]);
    let scale = first / (first - last);
    for root in &mut roots {
        *root = (*root - last) * scale;
    }
    let bars: Vec<f32> = roots.iter().map(|root| root * root).collect();
    let ratios = bars.windows(2).map(|pair| pair[1] / pair[0]);
    std::iter::once(bars[0]).chain(ratios).map(|alpha| 1.0 - alpha).collect()
}

/// `alphas_cumprod`: how much of the picture is left at each timestep of the training.
///
/// `floor` replaces the last one where the schedule ends in pure noise and the method divides by it.
pub(super) fn signal(
    options: &Options,
    default: (f64, f64, &str),
    floor: Option<f32>,
) -> Result<Vec<f32>, EngineError> {
    let mut betas = betas(options, default)?;
    if betas.len() != options.num_train_timesteps {
        let message = "scheduler_config.json: `trained_betas` has not `num_train_timesteps` values";
        return Err(EngineError::Model(message.into()));
    }
    let zero = options.rescale_betas_zero_snr == Some(true);
    if zero {
        betas = without_signal_at_the_end(&betas);
    }
    let mut signal = running_products(betas.iter().map(|b| 1.0 - b));
    if let (true, Some(floor), Some(last)) = (zero, floor, signal.last_mut()) {
        *last = floor;
    }
    Ok(signal)
}

/// What most classes of diffusers default to.
pub(super) const DDPM: (f64, f64, &str) = (0.0001, 0.02, "linear");
/// What latent diffusion models were trained with.
pub(super) const LATENT: (f64, f64, &str) = (0.00085, 0.012, "scaled_linear");
/// 2^-24, the smallest signal that still has a finite sigma in diffusers.
pub(super) const FLOOR: f32 = 1.0 / 16_777_216.0;
