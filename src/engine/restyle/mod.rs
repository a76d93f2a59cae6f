//! The built-in image-to-image model: paints, cuts out, adjusts and enlarges a picture as its prompt says.
//!
//! Owns the order of the changes, sizes, and which network is in memory. It changes how a picture looks; what is in the
//! picture it cannot change, and its warnings say so; where a prompt names a new place for it, `surroundings` does that.
//! No randomness of its own: the seed acts in surroundings alone.

pub mod catalogue;
pub mod colour;
pub mod cutout;
pub mod plan;
pub mod raster;
pub mod style;
pub mod upscale;
mod words;

use image::{Rgb, RgbImage, Rgba, RgbaImage};
use sha2::{Digest, Sha256};

use self::{
    cutout::Cutout,
    plan::{Backdrop, Operation},
    raster::Plane,
    style::{Painter, StyleWeights},
    upscale::Upscaler,
};
use super::{
    EngineError, ImageModel, ImageResult, ImageTask, ModelInfo, RunContext, bundle, surroundings::Surroundings,
};
use crate::domain::{field::FieldError, job::Mode};

/// The id of the model.
pub const MODEL: &str = "restyle";
/// The longest side in pixels of what goes in and of what comes out.
pub const LONG_SIDE_MAX: u32 = 2048;
/// The shortest wanted side.
const WANTED_SIDE_MIN: u32 = 16;
/// A mask that covers less than this has found nothing.
const OBJECT_SHARE_MIN: f32 = 0.004;
/// How much of an enlargement the upscaler draws; the plain rest keeps skin and fabric from looking painted.
const UPSCALER_SHARE: f32 = 0.65;
const PACKS: [&str; 8] = ["styletransfer", "u2netp", "realesrgan", "scene", "cards", "minilm", "wordnet", "oidn"];

/// What the model says it is.
pub fn info() -> ModelInfo {
    let packs = || PACKS.iter().filter_map(|name| bundle::pack(name));
    let mut hasher = Sha256::new();
    packs().for_each(|pack| hasher.update(pack.digest()));
    ModelInfo {
        id: MODEL.into(),
        description: "Paints a picture in 25 styles and their blends, or in the style of a second picture; cuts out, \
                      blurs the background, adjusts light and colour, enlarges; puts the object into a described scene."
            .into(),
        modes: vec![Mode::ImageToImage],
        licence: "MIT AND Apache-2.0 AND BSD-3-Clause".into(),
        source: packs().map(|pack| pack.source).collect::<Vec<_>>().join("; "),
        digest: format!("{:x}", hasher.finalize()),
        fields: ["width", "height", "strength", "seed", "style_image_asset_id"].map(str::to_owned).to_vec(),
    }
}

/// The model. Its networks load when a plan first needs them.
pub struct Restyler {
    info: ModelInfo,
    painter: Painter,
    upscaler: Option<Upscaler>,
    cutout: Option<Cutout>,
    surroundings: Option<Box<dyn Surroundings>>,
}

impl Default for Restyler {
    fn default() -> Self {
        Self::new()
    }
}

impl Restyler {
    /// A model with no network in memory yet.
    pub fn new() -> Self {
        Self { info: info(), painter: Painter::default(), upscaler: None, cutout: None, surroundings: None }
    }

    /// The same model, which asks `surroundings` where a prompt names a place for what is in the picture.
    #[must_use]
    pub fn with_surroundings(self, surroundings: Box<dyn Surroundings>) -> Self {
        Self { surroundings: Some(surroundings), ..self }
    }
}

impl ImageModel for Restyler {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn check(&self, task: &ImageTask) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for (field, side) in [("width", task.width), ("height", task.height)] {
            if side.is_some_and(|side| !(WANTED_SIDE_MIN..=LONG_SIDE_MAX).contains(&side)) {
                let message = format!("`{field}` must be {WANTED_SIDE_MIN} to {LONG_SIDE_MAX} pixels for `{MODEL}`.");
                faults.push(FieldError::new(field, "out_of_range", message));
            }
        }
        if task.strength.is_some_and(|strength| !(0.0..=1.0).contains(&strength)) {
            faults.push(FieldError::new("strength", "out_of_range", "`strength` must be 0 to 1."));
        }
        faults
    }

    fn generate(&mut self, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError> {
        let input = task.input.as_ref().ok_or_else(|| EngineError::Input("An input picture is needed.".into()))?;
        if input.width() == 0 || input.height() == 0 {
            return Err(EngineError::Input("The input picture is empty.".into()));
        }
        ctx.step(0, 1)?;
        let second = task.style.as_ref().filter(|style| style.width() > 0 && style.height() > 0);
        let (plan, mut warnings) = plan::read(&task.prompt, task.strength, second.is_some());
        let moves =
            second.is_none() && !plan.operations.iter().any(Operation::needs_mask) && plan::leaves_words(&task.prompt);
        if let Some(moved) = if moves { self.surround(input, task, ctx)? } else { None } {
            return Ok(moved);
        }
        let mut work = Work::new(input, &mut warnings);
        let count = plan.operations.len().max(1);
        if plan.operations.iter().any(Operation::needs_mask) {
            work.find_object(loaded(&mut self.cutout, Cutout::load)?, &ctx.part("cutting out", 0.0, 0.1))?;
        }
        for (index, operation) in plan.operations.iter().enumerate() {
            let share = |i: usize| 0.1 + 0.8 * i as f32 / count as f32;
            let part = ctx.part(stage(operation), share(index), share(index + 1));
            self.apply(operation, &mut work, second, &part)?;
            part.step(1, 1)?;
        }
        self.fit(&mut work, task, &ctx.part("resizing", 0.9, 1.0))?;
        warnings.append(&mut work.warnings);
        let plan = serde_json::to_value(&plan).map_err(|e| EngineError::Model(e.to_string()))?;
        Ok(ImageResult { image: work.finish(), warnings, plan: Some(plan) })
    }
}

impl Restyler {
    /// Puts the main object where the prompt wants it; `None` where it names no place or there is no object.
    fn surround(
        &mut self,
        input: &RgbaImage,
        task: &ImageTask,
        ctx: &RunContext<'_>,
    ) -> Result<Option<ImageResult>, EngineError> {
        let Some(surroundings) = self.surroundings.as_mut() else { return Ok(None) };
        if !surroundings.are_named(&task.prompt, ctx)? {
            return Ok(None);
        }
        let mut warnings = Vec::new();
        let mut work = Work::new(input, &mut warnings);
        work.find_object(loaded(&mut self.cutout, Cutout::load)?, &ctx.part("cutting out", 0.0, 0.1))?;
        work.stand_on(&Backdrop::Transparent);
        if work.object.is_none() {
            return Ok(None);
        }
        if work.leaves_below() {
            warnings.push("The object leaves the picture below, so it stands cut off in the scene.".into());
        }
        let mut result = surroundings.put(&work.finish(), task, &ctx.part("staging", 0.1, 1.0))?;
        warnings.append(&mut result.warnings);
        Ok(Some(ImageResult { warnings, ..result }))
    }

    /// Makes one change.
    fn apply(
        &mut self,
        operation: &Operation,
        work: &mut Work,
        second: Option<&RgbImage>,
        ctx: &RunContext<'_>,
    ) -> Result<(), EngineError> {
        let image = &mut work.image;
        match operation {
            Operation::BlurBackground => work.blur_background(),
            Operation::CutOut { backdrop } => work.stand_on(backdrop),
            Operation::Style { blend, strength, keep_colours } => {
                let shares: Vec<_> = blend.iter().map(|share| (share.style, share.weight)).collect();
                let weights = StyleWeights::new(&shares)
                    .ok_or_else(|| EngineError::Model("the plan blends styles that do not exist".into()))?;
                let painted = self.painter.paint(image, &weights, &mut self.upscaler, ctx)?;
                *image = put_on(image, &painted, *strength, *keep_colours);
            }
            Operation::StyleOfPicture { strength, keep_colours } => {
                let missing = || EngineError::Model("the plan wants a second picture".into());
                let style = second.ok_or_else(missing)?;
                let painted = self.painter.paint_like(image, style, ctx)?;
                *image = put_on(image, &painted, *strength, *keep_colours);
            }
            Operation::BlackAndWhite => colour::black_and_white(image),
            Operation::Sepia => colour::sepia(image),
            Operation::Warmth { amount } => colour::warm(image, *amount),
            Operation::Exposure { stops } => colour::expose(image, *stops),
            Operation::Contrast { amount } => colour::contrast(image, *amount),
            Operation::Saturation { amount } => colour::saturate(image, *amount),
            Operation::Sharpen { amount } => *image = sharpened(image, *amount),
            Operation::Upscale { factor } => {
                let (width, height) = image.dimensions();
                let wanted = (width.saturating_mul(*factor), height.saturating_mul(*factor));
                let size = raster::fit_within(wanted, LONG_SIDE_MAX);
                if size != wanted {
                    work.warnings.push(format!("The result was kept to {LONG_SIDE_MAX} pixels on its long side."));
                }
                work.resize(size, &mut self.upscaler, ctx)?;
            }
        }
        Ok(())
    }

    /// Brings the result to the wanted size, its aspect kept.
    fn fit(&mut self, work: &mut Work, task: &ImageTask, ctx: &RunContext<'_>) -> Result<(), EngineError> {
        let (width, height) = work.image.dimensions();
        let scale = |wanted: Option<u32>, side: u32| wanted.map(|w| f64::from(w.max(1)) / f64::from(side.max(1)));
        let scale = match (scale(task.width, width), scale(task.height, height)) {
            (Some(x), Some(y)) => x.min(y),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return ctx.step(1, 1),
        };
        let side = |v: u32| ((f64::from(v) * scale).round().max(1.0) as u32).min(16 * LONG_SIDE_MAX);
        let size = raster::fit_within((side(width), side(height)), LONG_SIDE_MAX);
        if let (Some(w), Some(h)) = (task.width, task.height)
            && size.0.abs_diff(w).max(size.1.abs_diff(h)) > 1
        {
            work.warnings.push(format!("The picture keeps its aspect: {} x {} fits into {w} x {h}.", size.0, size.1));
        }
        work.resize(size, &mut self.upscaler, ctx)
    }
}

/// The network in `slot`, loaded now if it isn't yet.
fn loaded<T>(slot: &mut Option<T>, load: impl FnOnce() -> Result<T, EngineError>) -> Result<&mut T, EngineError> {
    let value = match slot.take() {
        Some(value) => value,
        None => load()?,
    };
    Ok(slot.insert(value))
}

/// A picture between input and result.
struct Work {
    image: RgbImage,
    /// The input's own transparency.
    own_alpha: Option<Plane>,
    /// The main object, if it was looked for and found.
    object: Option<Plane>,
    /// The result's transparency.
    alpha: Option<Plane>,
    warnings: Vec<String>,
}

impl Work {
    fn new(input: &RgbaImage, warnings: &mut Vec<String>) -> Self {
        let has_alpha = input.pixels().any(|p| p.0[3] < 255);
        // Over white, as a page would show it: the networks know no transparency.
        let flat = RgbImage::from_fn(input.width(), input.height(), |x, y| {
            let [r, g, b, a] = input.get_pixel(x, y).0.map(u32::from);
            Rgb([r, g, b].map(|v| ((v * a + 255 * (255 - a) + 127) / 255) as u8))
        });
        let own = has_alpha.then(|| {
            let at = |x: usize, y: usize| f32::from(input.get_pixel(x as u32, y as u32).0[3]) / 255.0;
            Plane::from_fn(input.width() as usize, input.height() as usize, at)
        });
        let (width, height) = raster::fit_within(input.dimensions(), LONG_SIDE_MAX);
        if (width, height) != input.dimensions() {
            let (w, h) = input.dimensions();
            warnings.push(format!("The input was reduced from {w} x {h} to {width} x {height}."));
        }
        let own_alpha = own.map(|plane| plane.resized(width as usize, height as usize));
        let image = raster::resize(&flat, width, height);
        Self { image, alpha: own_alpha.clone(), own_alpha, object: None, warnings: Vec::new() }
    }

    fn find_object(&mut self, cutout: &mut Cutout, ctx: &RunContext<'_>) -> Result<(), EngineError> {
        ctx.step(0, 1)?;
        let mut mask = cutout.alpha(&self.image, ctx)?;
        if let Some(own) = &self.own_alpha {
            mask = mask.zip(own, |found, own| found * own);
        }
        let share = mask.values.iter().sum::<f32>() / mask.values.len().max(1) as f32;
        if share < OBJECT_SHARE_MIN {
            self.warnings.push("No main object was found in the picture, so its background was left as it is.".into());
        } else {
            self.object = Some(mask);
        }
        ctx.step(1, 1)
    }

    /// Whether the object goes on beyond the picture's lower edge.
    fn leaves_below(&self) -> bool {
        let row = |plane: &Plane| plane.values.iter().rev().take(plane.width).filter(|a| **a > 0.5).count();
        self.object.as_ref().is_some_and(|object| row(object) * 8 > object.width)
    }

    /// Blurs what is not the object, in linear light as a lens does, without the object's colours in it.
    fn blur_background(&mut self) {
        let Some(object) = &self.object else { return };
        let sigma = self.image.width().max(self.image.height()) as f32 * 0.014;
        let weight = object.map(|a| (1.0 - a).max(1e-4));
        let blurred_weight = weight.blurred(sigma);
        let front = raster::planes(&cutout::foreground(&self.image, object)).map(|c| c.map(colour::to_linear));
        let back = raster::planes(&self.image).map(|c| {
            let linear = c.map(colour::to_linear);
            linear.zip(&weight, |v, w| v * w).blurred(sigma).zip(&blurred_weight, |v, w| v / w)
        });
        let mixed = [0, 1, 2].map(|c| {
            let share = front[c].zip(object, |v, a| v * a);
            let rest = back[c].zip(object, |v, a| v * (1.0 - a));
            share.zip(&rest, |a, b| colour::to_srgb(a + b))
        });
        self.image = raster::picture(&mixed);
    }

    /// Takes the background away.
    fn stand_on(&mut self, backdrop: &Backdrop) {
        let Some(object) = &self.object else { return };
        let front = cutout::foreground(&self.image, object);
        match backdrop {
            Backdrop::Transparent => {
                self.image = front;
                self.alpha = Some(object.clone());
            }
            Backdrop::Colour { rgb, .. } => {
                let width = self.image.width() as usize;
                self.image = RgbImage::from_fn(front.width(), front.height(), |x, y| {
                    let alpha = object.values[y as usize * width + x as usize];
                    let pixel = front.get_pixel(x, y).0;
                    Rgb([0, 1, 2].map(|c| {
                        let (new, old) = (f32::from(pixel[c]) / 255.0, f32::from(rgb[c]) / 255.0);
                        raster::byte(old + (new - old) * alpha)
                    }))
                });
                self.alpha = None;
            }
        }
    }

    /// Brings picture and masks to a size.
    fn resize(
        &mut self,
        size: (u32, u32),
        upscaler: &mut Option<Upscaler>,
        ctx: &RunContext<'_>,
    ) -> Result<(), EngineError> {
        let plain = raster::resize(&self.image, size.0, size.1);
        let drawn = style::enlarge(&self.image, size, upscaler, ctx)?;
        let share = UPSCALER_SHARE;
        self.image = raster::picture(&std::array::from_fn(|c| {
            raster::channel(&drawn, c).zip(&raster::channel(&plain, c), |new, old| old + (new - old) * share)
        }));
        for plane in [&mut self.own_alpha, &mut self.object, &mut self.alpha].into_iter().flatten() {
            *plane = plane.resized(size.0 as usize, size.1 as usize);
        }
        ctx.step(1, 1)
    }

    fn finish(self) -> RgbaImage {
        let width = self.image.width() as usize;
        RgbaImage::from_fn(self.image.width(), self.image.height(), |x, y| {
            let [r, g, b] = self.image.get_pixel(x, y).0;
            let alpha = |plane: &Plane| raster::byte(plane.values[y as usize * width + x as usize]);
            Rgba([r, g, b, self.alpha.as_ref().map_or(255, alpha)])
        })
    }
}

/// Puts paint on a picture: light and colour apart, because half-strength colour looks washed out sooner than
/// half-strength light does.
fn put_on(image: &RgbImage, painted: &RgbImage, strength: f32, keep_colours: bool) -> RgbImage {
    let chroma = if keep_colours { 0.0 } else { strength.powf(0.8) };
    colour::blend(image, painted, strength, chroma)
}

/// Unsharp mask on luma, a fine and a broad one, softened where the edge is strong already.
fn sharpened(image: &RgbImage, amount: f32) -> RgbImage {
    let luma = Plane::luma(image);
    let long = image.width().max(image.height()) as f32;
    let fine = luma.zip(&luma.box_mean(1), |v, mean| v - mean);
    let broad = luma.zip(&luma.blurred((long / 700.0).max(1.5)), |v, mean| v - mean);
    let added = fine.zip(&broad, |f, b| {
        let edge = f * 1.2 + b * 0.5;
        amount * edge / (1.0 + 6.0 * edge.abs())
    });
    raster::picture(&raster::planes(image).map(|channel| channel.zip(&added, |v, d| v + d)))
}

const fn stage(operation: &Operation) -> &'static str {
    match operation {
        Operation::Style { .. } | Operation::StyleOfPicture { .. } => "painting",
        Operation::Upscale { .. } => "upscaling",
        Operation::CutOut { .. } | Operation::BlurBackground => "cutting out",
        _ => "adjusting",
    }
}

#[cfg(test)]
mod tests;
