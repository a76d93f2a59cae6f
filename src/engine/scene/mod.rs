//! The built-in text to image: a scene renderer. It reads a prompt into a plan, stages 3D models and shapes on a
//! surface in a light, and renders them with a path tracer. It is no diffusion model and never called one.
//!
//! `plan` (with `grammar`, `lexicon`, `nouns`, `catalogue`) reads words, `stage` (with `framing`, `set`, `looks`,
//! `shapes`, `form`, `pack`, `library`) builds the world, `trace` renders it and `denoiser` cleans it.

use std::sync::Arc;

use image::{DynamicImage, RgbImage, RgbaImage};

use self::{
    catalogue::Catalogue,
    denoiser::Denoiser,
    lexicon::Weather,
    library::Library,
    nearness::Nearness,
    painting::Painting,
    plan::{ScenePlan, Wording},
    trace::{RenderSettings, ToneSettings},
};
use super::{EngineError, ImageModel, ImageResult, ImageTask, ModelInfo, RunContext, surroundings::Surroundings};
use crate::domain::{field::FieldError, job::Mode};

#[rustfmt::skip] // profiles are tables
mod accessories;
mod card;
pub mod catalogue;
mod copies;
pub mod denoiser;
#[rustfmt::skip] // a table
mod emoji;
mod footing;
pub mod form;
pub mod framing;
#[rustfmt::skip] // profiles are tables
mod furnishings;
mod given;
mod grammar;
mod layout;
pub mod lexicon;
pub mod library;
pub mod looks;
pub mod meaning;
pub mod nearness;
#[rustfmt::skip] // tables
mod nouns;
pub mod pack;
mod painting;
pub mod plan;
mod posture;
#[rustfmt::skip] // tables
mod protected;
mod prop;
mod rain;
pub mod relief;
mod scenery;
pub mod set;
#[rustfmt::skip] // profiles are tables
pub mod shapes;
mod snow;
pub mod stage;
mod surround;
mod terrain;
mod tokens;
pub mod trace;
mod treatment;

/// How well a picture is traced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Samples of a whole picture, where a job doesn't say how many each pixel gets: small pictures get more a pixel.
    pub samples: u32,
    /// See [`RenderSettings::noise_target`].
    pub noise_target: f32,
}

impl Default for Quality {
    fn default() -> Self {
        Self { samples: 2 << 20, noise_target: 0.004 }
    }
}

/// The model `scene`.
pub struct SceneRenderer {
    info: ModelInfo,
    catalogue: Arc<Catalogue<'static>>,
    denoiser: Box<dyn Denoiser>,
    nearness: Nearness,
    painting: Painting,
    quality: Quality,
}

impl SceneRenderer {
    /// The id that a job's `model` takes.
    pub const ID: &'static str = "scene";
    /// The side of a picture whose size the job leaves open, in pixels.
    pub const DEFAULT_SIDE: u32 = 1024;
    const SIDES: std::ops::RangeInclusive<u32> = 256..=1536;
    /// Samples a pixel that a job may ask for as `steps`.
    const STEPS: std::ops::RangeInclusive<u32> = 1..=256;

    /// What it is, with the `digest` of its packs and of the libraries that it draws from besides.
    pub fn describe(digest: String, libraries: &[Arc<Library>]) -> ModelInfo {
        let mut licences = vec!["CC0-1.0".to_owned(), "MIT".into()];
        let mut sources = vec![
            "Debian package sweethome3d-furniture 1.8-1, BlendSwap-CC-0.sh3f".to_owned(),
            "npm @lobehub/fluent-emoji-3d 1.1.0 (Microsoft Corporation)".into(),
        ];
        for library in libraries {
            let licence = library.licence();
            licences.extend(licence.split(" AND ").map(str::to_owned));
            sources.push(format!("pack {}", library.name));
        }
        let mut seen = std::collections::BTreeSet::new();
        licences.retain(|licence| seen.insert(licence.clone()));
        ModelInfo {
            id: Self::ID.into(),
            description: "Scene renderer: stages 3D models of everyday things on a surface in a light and path-traces \
                          them. Not a diffusion model; it depicts what its catalogue has."
                .into(),
            modes: vec![Mode::TextToImage],
            licence: licences.join(" AND "),
            source: sources.join("; "),
            digest,
            fields: ["negative_prompt", "width", "height", "steps", "seed"].map(String::from).to_vec(),
        }
    }

    /// Opens the packs in `data`, the preferred one first, and `libraries` after them. `digest` is that of all.
    ///
    /// # Errors
    /// [`EngineError::Model`] when a pack is damaged.
    pub fn open(
        data: &[&'static [u8]],
        libraries: &[Arc<Library>],
        digest: String,
        denoiser: Box<dyn Denoiser>,
    ) -> Result<Self, EngineError> {
        let catalogue = Arc::new(Catalogue::open(data)?.with_libraries(libraries));
        let info = Self::describe(digest, libraries);
        Ok(Self {
            info,
            catalogue,
            denoiser,
            nearness: Nearness::default(),
            painting: Painting::default(),
            quality: Quality::default(),
        })
    }

    /// The same renderer at another quality.
    #[must_use]
    pub fn with_quality(self, quality: Quality) -> Self {
        Self { quality, ..self }
    }

    /// What it can depict.
    pub fn catalogue(&self) -> &Catalogue<'static> {
        &self.catalogue
    }

    fn size(task: &ImageTask) -> (u32, u32) {
        (task.width.unwrap_or(Self::DEFAULT_SIDE), task.height.unwrap_or(Self::DEFAULT_SIDE))
    }

    /// Samples a pixel: what the job's `steps` says, or as many as the budget has for this size.
    fn samples(&self, task: &ImageTask, (width, height): (u32, u32)) -> u32 {
        task.steps.unwrap_or_else(|| (self.quality.samples / (width * height)).clamp(2, 64))
    }

    fn read(&mut self, wording: &Wording<'_>, ctx: &RunContext<'_>) -> Result<ScenePlan, EngineError> {
        ctx.part("staging", 0.0, 0.02).step(0, 1)?;
        ScenePlan::read_with(wording, &self.catalogue, &mut self.nearness.guesses(ctx.cancel_token()))
    }

    /// Stages, renders and develops a plan. `given` is the cut-out that [`ScenePlan::GIVEN`] stands for.
    fn picture(
        &mut self,
        plan: &ScenePlan,
        given: Option<&RgbaImage>,
        (size, task): ((u32, u32), &ImageTask),
        ctx: &RunContext<'_>,
    ) -> Result<RgbImage, EngineError> {
        let aspect = size.0 as f32 / size.1 as f32;
        let staged = stage::stage(plan, &self.catalogue, given, task.seed, aspect)?;
        let settings = RenderSettings {
            width: size.0,
            height: size.1,
            samples: self.samples(task, size),
            noise_target: self.quality.noise_target,
            seed: task.seed,
            ..RenderSettings::default()
        };
        let film = trace::render(&staged.world, &settings, &ctx.part("rendering", 0.02, 0.75))?;
        let color = self.denoiser.denoise(&film, &ctx.part("denoising", 0.75, 0.98))?;
        let tone = ToneSettings { exposure_bias: staged.exposure_bias, ..ToneSettings::default() };
        let mut picture = trace::tonemap(&color, &film, &tone);
        if matches!(plan.weather, Some(Weather::Rain | Weather::Storm)) {
            rain::fall(&mut picture, task.seed);
        }
        if plan.weather == Some(Weather::Snow) {
            let camera = &staged.world.camera;
            snow::fall(&mut picture, (&film.depth, camera.position.distance(camera.target)), task.seed);
        }
        match plan.medium {
            Some(medium) => self.painting.paint(picture, medium, &ctx.part("painting", 0.98, 1.0)),
            None => Ok(picture),
        }
    }
}

impl ImageModel for SceneRenderer {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn check(&self, task: &ImageTask) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for (field, side) in [("width", task.width), ("height", task.height)] {
            let Some(side) = side else { continue };
            if !Self::SIDES.contains(&side) || side % 8 != 0 {
                let (low, high) = (Self::SIDES.start(), Self::SIDES.end());
                let message = format!("must be a multiple of 8 from {low} to {high} for this model");
                faults.push(FieldError::new(field, "out_of_range", message));
            }
        }
        if task.steps.is_some_and(|steps| !Self::STEPS.contains(&steps)) {
            let (low, high) = (Self::STEPS.start(), Self::STEPS.end());
            let message = format!("must be {low} to {high} samples a pixel for this model");
            faults.push(FieldError::new("steps", "out_of_range", message));
        }
        if !ScenePlan::is_legible(&task.prompt) {
            faults.push(FieldError::new(
                "prompt",
                "unsupported",
                "this model reads English; the prompt has no word that names or describes anything",
            ));
        }
        if task.input.is_some() {
            faults.push(FieldError::new(
                "input_image_asset_id",
                "unsupported",
                "this model makes pictures from words only",
            ));
        }
        faults
    }

    fn surroundings(&mut self) -> Option<&mut dyn Surroundings> {
        Some(self)
    }

    fn generate(&mut self, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError> {
        if let Some(fault) = self.check(task).first() {
            return Err(EngineError::Input(format!("{}: {}", fault.field, fault.message)));
        }
        let size = Self::size(task);
        let negative = task.negative_prompt.as_deref().unwrap_or_default();
        let plan = self.read(&Wording { prompt: &task.prompt, negative, around: false }, ctx)?;
        let picture = self.picture(&plan, None, (size, task), ctx)?;
        let plan_json = serde_json::to_value(&plan).map_err(|e| EngineError::Model(e.to_string()))?;
        Ok(ImageResult {
            image: DynamicImage::ImageRgb8(picture).into_rgba8(),
            warnings: plan.warnings.clone(),
            plan: Some(plan_json),
        })
    }
}

#[cfg(test)]
mod layout_tests;
#[cfg(test)]
mod plan_tests;

#[cfg(test)]
mod tests {
    use super::{trace::Film, *};
    use crate::engine::CancelToken;

    /// Leaves the noise, which these tests do not look at.
    struct Grainy;

    impl Denoiser for Grainy {
        fn denoise(&mut self, film: &Film, _: &RunContext<'_>) -> Result<Vec<glam::Vec3>, EngineError> {
            Ok(film.color.clone())
        }
    }

    fn renderer() -> SceneRenderer {
        let data: &'static [u8] =
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/scene/scene.pack")).unwrap().leak();
        let quality = Quality { samples: 1, noise_target: 0.0 };
        SceneRenderer::open(&[data], &[], "digest".into(), Box::new(Grainy)).unwrap().with_quality(quality)
    }

    fn task(prompt: &str) -> ImageTask {
        ImageTask { width: Some(264), height: Some(256), seed: 5, ..ImageTask::new(prompt) }
    }

    #[test]
    fn the_same_task_gives_the_same_picture_and_another_seed_another() {
        let mut model = renderer();
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let mut run = |prompt: &str, seed| model.generate(&ImageTask { seed, ..task(prompt) }, &ctx).unwrap();
        let first = run("a red cup on marble", 5);
        assert_eq!(first.image.dimensions(), (264, 256));
        assert!(first.image.pixels().all(|p| p[3] == 255));
        assert_eq!(first.plan.as_ref().unwrap()["subjects"][0]["entry"], "shape:cup");
        assert!(first.image == run("a red cup on marble", 5).image);
        assert!(first.image != run("a red cup on marble", 6).image);
        assert!(first.image != run("a blue cup on marble", 5).image);
    }

    #[test]
    fn a_named_colour_is_in_the_picture() {
        let mut model = renderer();
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let mut middle = |prompt: &str| {
            let image = model.generate(&task(prompt), &ctx).unwrap().image;
            let sum = |channel: usize| -> u32 {
                let at = |i: u32| image.get_pixel(124 + i % 16, 120 + i / 16)[channel];
                (0..256).map(|i| u32::from(at(i))).sum()
            };
            [0, 1, 2].map(|channel| sum(channel) / 256)
        };
        let red = middle("a red ball on white paper");
        assert!(red[0] > red[1] + 40 && red[0] > red[2] + 40, "{red:?}");
        let blue = middle("a blue ball on white paper");
        assert!(blue[2] > blue[0] + 40, "{blue:?}");
    }

    #[test]
    fn what_it_cannot_do_is_refused_by_field() {
        let model = renderer();
        let fields = |task: ImageTask| model.check(&task).into_iter().map(|f| f.field).collect::<Vec<_>>();
        assert!(fields(task("a cup")).is_empty());
        assert!(fields(ImageTask { width: None, height: None, ..task("a cup") }).is_empty());
        assert_eq!(fields(ImageTask { width: Some(255), height: Some(1544), ..task("a cup") }), ["width", "height"]);
        assert_eq!(fields(task("一个杯子")), ["prompt"]);
        assert!(fields(task("☕")).is_empty());
        assert_eq!(fields(task("the of and")), ["prompt"]);
        assert!(fields(ImageTask { negative_prompt: Some("saucer".into()), ..task("a cup") }).is_empty());
    }

    #[test]
    fn a_cancelled_run_stops() {
        let token = CancelToken::default();
        token.cancel();
        let cancelled = renderer().generate(&task("a cup"), &RunContext::new(token, &|_| {}));
        assert!(matches!(cancelled, Err(EngineError::Cancelled)));
    }

    #[test]
    fn small_pictures_get_more_samples_a_pixel_and_a_job_may_say_how_many() {
        let model = renderer().with_quality(Quality::default());
        let samples = |side, steps| model.samples(&ImageTask { steps, ..task("a cup") }, (side, side));
        assert_eq!([samples(1536, None), samples(1024, None), samples(512, None), samples(256, None)], [2, 2, 8, 32]);
        assert_eq!(samples(512, Some(100)), 100);
        assert_eq!(model.check(&ImageTask { steps: Some(257), ..task("a cup") })[0].field, "steps");
    }
}
