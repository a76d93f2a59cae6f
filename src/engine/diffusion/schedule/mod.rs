//! Noise schedules: how a sample goes from noise to picture, one file a scheduler behind one small trait.
//!
//! Each is its namesake in diffusers 0.39, number for number: 32-bit floats where torch has them, 64-bit where numpy
//! has. What a configuration asks for that is not done here is refused by name, never approximated.

use serde::Deserialize;
use serde_json::Value;

use super::noise::TorchGenerator;
use crate::engine::EngineError;

mod betas;
mod ddim;
mod dpmpp_2m;
mod euler;
mod euler_ancestral;
mod lcm;
mod pndm;
mod sigmas;
#[cfg(test)]
mod tests;

/// One run's schedule. `index` counts the calls of the denoising model, from 0.
pub(super) trait Scheduler: Send {
    /// The time that the model is told at each call, descending.
    fn timesteps(&self) -> &[f32];

    /// What pure noise is multiplied by before the first call.
    fn init_noise_sigma(&self) -> f32 {
        1.0
    }

    /// Brings the sample to the scale that the model was trained on.
    fn scale_input(&self, _index: usize, _sample: &mut [f32]) {}

    /// A known sample with as much noise as call `index` expects.
    fn add_noise(&self, index: usize, original: &[f32], noise: &[f32]) -> Vec<f32>;

    /// From the model's output at call `index` to the next, less noisy sample.
    fn step(&mut self, index: usize, output: &[f32], sample: &mut Vec<f32>, generator: &mut TorchGenerator);
}

/// Which scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ddim,
    Euler,
    EulerAncestral,
    Dpmpp2m,
    Pndm,
    Lcm,
}

impl Kind {
    const ALL: [(&'static str, Self); 6] = [
        ("DDIMScheduler", Self::Ddim),
        ("EulerDiscreteScheduler", Self::Euler),
        ("EulerAncestralDiscreteScheduler", Self::EulerAncestral),
        ("DPMSolverMultistepScheduler", Self::Dpmpp2m),
        ("PNDMScheduler", Self::Pndm),
        ("LCMScheduler", Self::Lcm),
    ];
}

/// What the model's output stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Prediction {
    /// The noise in the sample.
    Epsilon,
    /// The velocity of Salimans and Ho 2022.
    #[serde(rename = "v_prediction")]
    Velocity,
    /// The clean sample.
    Sample,
}

/// How a run's timesteps are spread over those of the training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spacing {
    Linspace,
    Leading,
    Trailing,
}

/// `scheduler_config.json`: only what an option of ours depends on. What it leaves out has its class's own default.
#[derive(Debug, Clone, Deserialize)]
struct Options {
    #[serde(default = "train_steps")]
    num_train_timesteps: usize,
    beta_start: Option<f64>,
    beta_end: Option<f64>,
    beta_schedule: Option<String>,
    trained_betas: Option<Vec<f32>>,
    #[serde(default = "epsilon")]
    prediction_type: Prediction,
    timestep_spacing: Option<Spacing>,
    #[serde(default)]
    steps_offset: i64,
    set_alpha_to_one: Option<bool>,
    clip_sample: Option<bool>,
    clip_sample_range: Option<f32>,
    rescale_betas_zero_snr: Option<bool>,
    use_karras_sigmas: Option<bool>,
    sigma_min: Option<f64>,
    sigma_max: Option<f64>,
    final_sigmas_type: Option<String>,
    solver_order: Option<usize>,
    solver_type: Option<String>,
    lower_order_final: Option<bool>,
    euler_at_final: Option<bool>,
    original_inference_steps: Option<usize>,
    timestep_scaling: Option<f64>,
}

const fn train_steps() -> usize {
    1000
}

const fn epsilon() -> Prediction {
    Prediction::Epsilon
}

/// Options whose other values are not done here: name, and the values that are.
const FIXED: [(&str, &[&str]); 10] = [
    ("thresholding", &["false"]),
    ("use_exponential_sigmas", &["false"]),
    ("use_beta_sigmas", &["false"]),
    ("use_lu_lambdas", &["false"]),
    ("use_flow_sigmas", &["false"]),
    ("interpolation_type", &["linear"]),
    ("timestep_type", &["discrete"]),
    ("algorithm_type", &["dpmsolver++"]),
    ("solver_type", &["midpoint", "heun"]),
    ("variance_type", &[]),
];

/// A pack's scheduler: makes one schedule a run.
#[derive(Debug, Clone)]
pub(super) struct SchedulerConfig {
    kind: Kind,
    options: Options,
}

impl SchedulerConfig {
    /// Reads a `scheduler_config.json`; what is not done here is refused by name.
    pub(super) fn read(json: &Value) -> Result<Self, EngineError> {
        let refuse = |what: String| Err(EngineError::Model(format!("scheduler_config.json: {what}")));
        let class = json["_class_name"].as_str().unwrap_or_default();
        let Some((_, kind)) = Kind::ALL.iter().find(|(name, _)| *name == class) else {
            let known = Kind::ALL.map(|(name, _)| name).join(", ");
            return refuse(format!("the scheduler `{class}` is not supported; these are: {known}"));
        };
        for (name, supported) in FIXED {
            let value = match &json[name] {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            if !supported.contains(&value.as_str()) {
                return refuse(format!("`{name}` = {value} is not supported"));
            }
        }
        if *kind == Kind::Pndm && json["skip_prk_steps"] != Value::Bool(true) {
            return refuse("PNDM with Runge-Kutta steps (`skip_prk_steps` = false) is not supported".into());
        }
        let options: Options = match serde_json::from_value(json.clone()) {
            Ok(options) => options,
            Err(e) => return refuse(e.to_string()),
        };
        let config = Self { kind: *kind, options };
        if config.options.num_train_timesteps == 0 || config.options.solver_order.is_some_and(|n| n == 0 || n > 2) {
            return refuse("`num_train_timesteps` must be above 0 and `solver_order` 1 or 2".into());
        }
        // A schedule that cannot be made is found now, not by the first job.
        config.schedule(2, 1.0)?;
        Ok(config)
    }

    /// Which scheduler it is.
    #[cfg(test)]
    const fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of its class in diffusers.
    pub(super) fn class(&self) -> &'static str {
        Kind::ALL.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(name, _)| name)
    }

    /// Whether runs start from pure noise at the very last timestep, as one-step models want it.
    pub(super) fn is_trailing(&self) -> bool {
        self.options.timestep_spacing == Some(Spacing::Trailing)
    }

    /// The most steps that a run may have.
    pub(super) fn steps_max(&self) -> usize {
        match self.kind {
            Kind::Lcm => self.options.original_inference_steps.unwrap_or(50),
            _ => self.options.num_train_timesteps,
        }
    }

    /// A run's schedule. `strength` below 1 matters to LCM alone, which spreads all its steps over the part of the
    /// noise that is added; the others leave their first steps out.
    pub(super) fn schedule(&self, steps: usize, strength: f64) -> Result<Box<dyn Scheduler>, EngineError> {
        if steps == 0 || steps > self.steps_max() {
            return Err(EngineError::Input(format!("`steps` must be 1 to {} for this model.", self.steps_max())));
        }
        let options = &self.options;
        Ok(match self.kind {
            Kind::Ddim => Box::new(ddim::Ddim::new(options, steps)?),
            Kind::Euler => Box::new(euler::Euler::new(options, steps)?),
            Kind::EulerAncestral => Box::new(euler_ancestral::EulerAncestral::new(options, steps)?),
            Kind::Dpmpp2m => Box::new(dpmpp_2m::Dpmpp2m::new(options, steps)?),
            Kind::Pndm => Box::new(pndm::Pndm::new(options, steps)?),
            Kind::Lcm => Box::new(lcm::Lcm::new(options, steps, strength)?),
        })
    }
}
