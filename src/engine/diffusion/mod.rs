//! Text to image and image to image by latent diffusion: packs of Stable Diffusion 1.x, 2.x, Turbo, LCM, SDXL and
//! SDXL-Turbo as Optimum exports them to ONNX.
//!
//! Owns what a pack can do, its defaults and limits. The numbers are diffusers' own: the same pack, request and seed
//! give the picture that Python gives.

mod config;
#[cfg(test)]
mod golden;
mod layout;
mod loader;
mod noise;
mod parts;
mod prompt;
mod run;
mod schedule;
#[cfg(test)]
pub(in crate::engine) mod tests;
mod tokenizer;
mod vae;

use std::path::Path;

use image::{RgbImage, imageops};
use serde_json::json;

use self::{
    layout::{Family, Layout, Part},
    parts::Parts,
    run::{Pipeline, Plan},
};
use super::{EngineError, ImageModel, ImageResult, ImageTask, Limit, ModelInfo, RunContext, session::GraphOptions};
use crate::{
    config::Device,
    domain::{field::FieldError, job::Mode},
    media::image::flatten,
};

pub use layout::INDEX;
pub use parts::PartCheck;

/// The smallest side in pixels.
const SIDE_MIN: u32 = 64;
/// How far from the input where a job does not say.
const STRENGTH: f32 = 0.8;

/// What a pack is called and where it comes from.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The name that a job's `model` takes.
    pub id: String,
    /// SPDX expression, or what the operator said.
    pub licence: String,
    /// Where it comes from.
    pub source: String,
    /// Hex SHA-256 over its files.
    pub digest: String,
}

/// What a pack does where a job leaves it open; `None` takes what its family was made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Defaults {
    /// Denoising steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Classifier-free guidance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<f32>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// How a pack's graphs run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Resources {
    /// Of each graph.
    pub graphs: GraphOptions,
    /// What the graphs are asked to run on.
    pub device: Device,
    /// Bytes of weights that may be in memory at once; `None` keeps all.
    pub budget_bytes: Option<u64>,
}

/// A pack's description, from its small files alone.
pub struct Described {
    /// What it is and can do.
    pub info: ModelInfo,
    /// The range of each number that a job may set.
    pub limits: Vec<Limit>,
    /// `stable-diffusion`, `sdxl-turbo` and so on.
    pub family: &'static str,
    /// A guess of the seconds that a run takes, until one has run.
    pub guess_seconds: f64,
}

/// Reads what a pack is; fails by name on what it lacks and on what is not supported.
pub fn describe(folder: &Path, identity: &Identity, defaults: Defaults) -> Result<Described, EngineError> {
    let layout = Layout::read(folder)?;
    let settled = Settled::new(&layout, defaults);
    let has_encoder = layout.has(Part::VaeEncoder);
    let mut fields = vec!["width", "height", "steps"];
    if settled.takes_guidance {
        fields.push("guidance");
    }
    if settled.takes_negative {
        fields.push("negative_prompt");
    }
    let mut modes = vec![Mode::TextToImage];
    if has_encoder {
        modes.push(Mode::ImageToImage);
        fields.push("strength");
    }
    let what = layout.family_name();
    let info = ModelInfo {
        id: identity.id.clone(),
        description: format!(
            "A {what} pack: {} x {} pixels, {} steps of {} unless a job says otherwise. It draws sides in multiples of \
             {} and cuts what is over from others.",
            settled.width,
            settled.height,
            settled.steps,
            layout.scheduler.class(),
            layout.multiple
        ),
        modes,
        licence: identity.licence.clone(),
        source: identity.source.clone(),
        digest: identity.digest.clone(),
        fields: fields.into_iter().map(str::to_owned).collect(),
    };
    let area = f64::from(settled.width) * f64::from(settled.height);
    let guess_seconds = 5.0 + f64::from(settled.steps) * 28.0 * area / (512.0 * 512.0);
    Ok(Described { limits: settled.limits(has_encoder), info, family: what, guess_seconds })
}

/// A family's defaults and limits for one pack.
#[derive(Debug, Clone, Copy)]
struct Settled {
    width: u32,
    height: u32,
    steps: u32,
    steps_max: u32,
    guidance: f32,
    takes_guidance: bool,
    takes_negative: bool,
    side_max: u32,
    area_max: u64,
}

impl Settled {
    fn new(layout: &Layout, defaults: Defaults) -> Self {
        let side = layout.side as u32;
        let (steps, guidance) = match (layout.family, layout.is_turbo()) {
            (Family::LatentConsistency, _) => (4, 8.5),
            (_, true) => (1, 0.0),
            (Family::Xl, false) => (30, 5.0),
            (Family::StableDiffusion, false) => (25, 7.5),
        };
        let is_turbo = layout.is_turbo();
        Self {
            width: defaults.width.unwrap_or(side),
            height: defaults.height.unwrap_or(side),
            steps: defaults.steps.unwrap_or(steps),
            steps_max: layout.scheduler.steps_max().min(150) as u32,
            guidance: defaults.guidance.unwrap_or(guidance),
            takes_guidance: !is_turbo,
            takes_negative: !is_turbo && layout.guidance_dim.is_none(),
            side_max: (2 * side).clamp(SIDE_MIN, 2048),
            // Attention grows with the square of the area: beyond this it takes tens of gigabytes.
            area_max: u64::from(side) * u64::from(side) * 9 / 4,
        }
    }

    fn limits(&self, has_encoder: bool) -> Vec<Limit> {
        let limit = |field, min, max, multiple_of, default| Limit { field, min, max, multiple_of, default };
        let side = |field, default: u32| {
            limit(field, f64::from(SIDE_MIN), f64::from(self.side_max), Some(8), Some(f64::from(default)))
        };
        let mut limits = vec![
            side("width", self.width),
            side("height", self.height),
            limit("steps", 1.0, f64::from(self.steps_max), None, Some(f64::from(self.steps))),
        ];
        if self.takes_guidance {
            limits.push(limit("guidance", 0.0, 30.0, None, Some(f64::from(self.guidance))));
        }
        if has_encoder {
            limits.push(limit("strength", 0.0, 1.0, None, Some(exactly(STRENGTH))));
        }
        limits
    }

    /// What is wrong with the numbers of a task, by field.
    fn faults(&self, id: &str, task: &ImageTask) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, message: String| faults.push(FieldError::new(field, "out_of_range", message));
        for (field, side) in [("width", task.width), ("height", task.height)] {
            if side.is_some_and(|side| !(SIDE_MIN..=self.side_max).contains(&side) || !side.is_multiple_of(8)) {
                let max = self.side_max;
                fault(field, format!("`{field}` must be a multiple of 8 from {SIDE_MIN} to {max} for `{id}`."));
            }
        }
        let (width, height) = (task.width.unwrap_or(self.width), task.height.unwrap_or(self.height));
        if u64::from(width) * u64::from(height) > self.area_max {
            let max = self.area_max;
            fault("width", format!("`{id}` makes at most {max} pixels; {width} x {height} are more."));
        }
        let steps = task.steps.unwrap_or(self.steps);
        if !(1..=self.steps_max).contains(&steps) {
            fault("steps", format!("`steps` must be 1 to {} for `{id}`.", self.steps_max));
        }
        if let Some(strength) = task.strength
            && f64::from(steps) * exactly(strength) < 1.0
        {
            let least = 1.0 / f64::from(steps.max(1));
            fault("strength", format!("With {steps} steps `strength` must be at least {least:.3}."));
        }
        faults
    }
}

/// The number that a person wrote: 0.7, not the 32-bit float nearest to it. Python computes with the former.
fn exactly(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// A pack as a model of the appliance.
pub struct DiffusionModel {
    info: ModelInfo,
    settled: Settled,
    pipeline: Pipeline,
}

impl DiffusionModel {
    /// Opens a pack. Its graphs load when a run first needs them.
    pub fn open(
        folder: &Path,
        identity: &Identity,
        defaults: Defaults,
        resources: Resources,
    ) -> Result<Self, EngineError> {
        let layout = Layout::read(folder)?;
        let info = describe(folder, identity, defaults)?.info;
        let settled = Settled::new(&layout, defaults);
        let parts = Parts::new(resources);
        Ok(Self { info, settled, pipeline: Pipeline::open(layout, parts)? })
    }

    /// Asks `check` of each part's folder before its graph is loaded.
    #[must_use]
    pub fn with_check(mut self, check: PartCheck) -> Self {
        self.pipeline.parts.check = Some(check);
        self
    }

    /// A small picture of a few steps, to see that every part of the pack works.
    pub fn try_out(&mut self, ctx: &RunContext<'_>) -> Result<(), EngineError> {
        let multiple = self.pipeline.layout.multiple;
        let side = SIDE_MIN.next_multiple_of(multiple as u32);
        let start = RgbImage::from_fn(side, side, |x, y| image::Rgb([x as u8, y as u8, 128]));
        let mut plan = Plan {
            prompt: "a cup".into(),
            negative: None,
            width: side as usize,
            height: side as usize,
            steps: 1,
            guidance: self.settled.guidance,
            seed: 0,
            start: None,
        };
        self.pipeline.run(&plan, ctx)?;
        if self.pipeline.layout.has(Part::VaeEncoder) {
            plan.start = Some((start, 1.0));
            self.pipeline.run(&plan, ctx)?;
        }
        Ok(())
    }

    fn plan(&self, task: &ImageTask) -> Plan {
        let settled = &self.settled;
        let (mut width, mut height) = (task.width.unwrap_or(settled.width), task.height.unwrap_or(settled.height));
        let input = task.input.as_ref();
        if let (Some(input), None, None) = (input, task.width, task.height) {
            (width, height) = self.fit(input.width(), input.height());
        }
        let multiple = self.pipeline.layout.multiple as u32;
        let (drawn_width, drawn_height) = (width.next_multiple_of(multiple), height.next_multiple_of(multiple));
        let start = input.map(|input| {
            let flat = flatten(input, [255; 3]);
            let same = flat.dimensions() == (drawn_width, drawn_height);
            let picture = if same { flat } else { cover(&flat, drawn_width, drawn_height) };
            (picture, exactly(task.strength.unwrap_or(STRENGTH)))
        });
        Plan {
            prompt: task.prompt.clone(),
            negative: task.negative_prompt.clone(),
            width: drawn_width as usize,
            height: drawn_height as usize,
            steps: task.steps.unwrap_or(settled.steps) as usize,
            guidance: task.guidance.unwrap_or(settled.guidance),
            seed: task.seed,
            start,
        }
    }

    /// The size for an input of that size: its own aspect, about as many pixels as the pack was made for.
    fn fit(&self, width: u32, height: u32) -> (u32, u32) {
        let settled = &self.settled;
        let area = f64::from(settled.width) * f64::from(settled.height);
        let scale = (area / (f64::from(width.max(1)) * f64::from(height.max(1)))).sqrt().min(1.0);
        let side = |v: u32| {
            let scaled = (f64::from(v) * scale / 8.0).round() as u32 * 8;
            scaled.clamp(SIDE_MIN, settled.side_max / 8 * 8)
        };
        (side(width), side(height))
    }
}

impl ImageModel for DiffusionModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn check(&self, task: &ImageTask) -> Vec<FieldError> {
        self.settled.faults(&self.info.id, task)
    }

    fn generate(&mut self, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError> {
        let plan = self.plan(task);
        let made = self.pipeline.run(&plan, ctx)?;
        let (width, height) = wanted_size(task, &plan, &made.picture);
        let picture = centre(&made.picture, width, height);
        let mut warnings = Vec::new();
        if made.dropped > 0 {
            let (id, dropped) = (&self.info.id, made.dropped);
            warnings.push(format!("`{id}` reads 75 tokens of a prompt; the last {dropped} had no effect."));
        }
        if picture.dimensions() != made.picture.dimensions() {
            let (drawn_width, drawn_height) = made.picture.dimensions();
            warnings.push(format!(
                "`{}` draws sides in multiples of {}: the picture is the middle of one of {drawn_width} x {drawn_height}.",
                self.info.id, self.pipeline.layout.multiple
            ));
        }
        let resolved = json!({
            "kind": "diffusion",
            "family": self.pipeline.layout.family_name(),
            "scheduler": self.pipeline.layout.scheduler.class(),
            "device": made.device.as_str(),
            "width": width, "height": height, "steps": plan.steps, "guidance": exactly(plan.guidance),
            "strength": plan.start.as_ref().map(|(_, strength)| *strength),
            "negative_prompt": plan.negative,
        });
        Ok(ImageResult { image: image::DynamicImage::ImageRgb8(picture).to_rgba8(), warnings, plan: Some(resolved) })
    }
}

/// The size that the owner gets: what was asked for, which may be less than what was drawn.
fn wanted_size(task: &ImageTask, plan: &Plan, drawn: &RgbImage) -> (u32, u32) {
    let side = |wanted: Option<u32>, plan: usize, drawn: u32| wanted.unwrap_or(plan as u32).min(drawn);
    (side(task.width, plan.width, drawn.width()), side(task.height, plan.height, drawn.height()))
}

/// The middle of a picture.
fn centre(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (left, top) = ((picture.width() - width) / 2, (picture.height() - height) / 2);
    imageops::crop_imm(picture, left, top, width, height).to_image()
}

/// The picture scaled until it covers the size, its edges cut off evenly.
fn cover(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let scale = (f64::from(width) / f64::from(picture.width().max(1)))
        .max(f64::from(height) / f64::from(picture.height().max(1)));
    let side = |v: u32, least: u32| ((f64::from(v) * scale).round() as u32).max(least);
    let (w, h) = (side(picture.width(), width), side(picture.height(), height));
    centre(&imageops::resize(picture, w, h, imageops::FilterType::Lanczos3), width, height)
}
