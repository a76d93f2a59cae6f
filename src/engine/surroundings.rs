//! Surroundings: the door to whoever can put a cut-out object where a prompt says, and the model `scene` behind it.
//!
//! Restyling changes how a picture looks; a new place for what is in it is another model's work. Owns the contract, which
//! packs and which denoiser the scene renderer has, and that both of its uses share the one in memory.

use std::sync::Arc;

use image::RgbaImage;
use sha2::{Digest as _, Sha256};

use super::{
    EngineError, ImageResult, ImageTask, RunContext, bundle,
    memory::Pool,
    restyle,
    scene::{SceneRenderer, denoiser::OpenImageDenoise, library::Library},
    session::GraphOptions,
    slot::ImageSlot,
};

/// Makes a picture of an object somewhere else.
pub trait Surroundings: Send {
    /// Whether the prompt says where the object is to be (`put this on a marble counter`), not only how the picture is
    /// to look.
    fn are_named(&mut self, prompt: &str, ctx: &RunContext<'_>) -> Result<bool, EngineError>;

    /// A picture of `object` (its alpha is its silhouette) in the surroundings that the task's prompt describes, of
    /// the task's size; `task.input` is not looked at.
    fn put(&mut self, object: &RgbaImage, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError>;
}

/// The digest of what the renderer depicts: that of the binary's own packs, or of them and the libraries.
pub(super) fn digest(libraries: &[Arc<Library>]) -> String {
    with_libraries(bundle::digest(&["scene", "cards"]), libraries)
}

/// A model's digest where it draws from libraries besides.
pub(super) fn with_libraries(own: String, libraries: &[Arc<Library>]) -> String {
    if libraries.is_empty() {
        return own;
    }
    let all: Vec<&str> = std::iter::once(own.as_str()).chain(libraries.iter().map(|l| l.digest.as_str())).collect();
    format!("{:x}", Sha256::digest(all.join("\n")))
}

/// Opens the renderer; its denoiser will run as `options` say.
pub(super) fn open(options: GraphOptions, libraries: &[Arc<Library>]) -> Result<SceneRenderer, EngineError> {
    let packs = [bundle::bytes("scene/scene.pack")?, bundle::bytes("cards/cards.pack")?];
    SceneRenderer::open(&packs, libraries, digest(libraries), Box::new(OpenImageDenoise::new(options)))
}

/// The model `scene` as surroundings of what `restyle` cuts out: loaded, run and put away as for its own jobs.
#[derive(Clone)]
pub(super) struct SceneSurroundings {
    scene: Arc<ImageSlot>,
    memory: Arc<Pool>,
}

impl SceneSurroundings {
    pub(super) const fn new(scene: Arc<ImageSlot>, memory: Arc<Pool>) -> Self {
        Self { scene, memory }
    }

    fn ask<T>(
        &self,
        ctx: &RunContext<'_>,
        question: impl FnOnce(&mut dyn Surroundings) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        self.scene.slot.lend(&self.memory, Some(restyle::MODEL), ctx.cancel_token(), |model| {
            let missing = || EngineError::Model("the scene renderer has no surroundings".into());
            question(model.surroundings().ok_or_else(missing)?)
        })
    }
}

impl Surroundings for SceneSurroundings {
    fn are_named(&mut self, prompt: &str, ctx: &RunContext<'_>) -> Result<bool, EngineError> {
        self.ask(ctx, |scene| scene.are_named(prompt, ctx))
    }

    fn put(&mut self, object: &RgbaImage, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError> {
        self.ask(ctx, |scene| scene.put(object, task, ctx))
    }
}

impl Surroundings for SceneRenderer {
    fn are_named(&mut self, prompt: &str, _: &RunContext<'_>) -> Result<bool, EngineError> {
        self.names_surroundings(prompt)
    }

    fn put(&mut self, object: &RgbaImage, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError> {
        self.surround(object, task, ctx)
    }
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;
    use crate::engine::{
        CancelToken, ImageModel, built_in,
        slot::{Slot, lock},
    };

    /// A green bottle on a grey wall.
    fn photograph() -> RgbaImage {
        RgbaImage::from_fn(120, 160, |x, y| {
            let half = if y < 60 { 10 } else { 28 };
            if (20..150).contains(&y) && x.abs_diff(60) < half {
                Rgba([20, 130, 40, 255])
            } else {
                Rgba([200, 200, 205, 255])
            }
        })
    }

    fn task(prompt: &str) -> ImageTask {
        ImageTask {
            width: Some(256),
            height: Some(256),
            steps: Some(2),
            seed: 3,
            input: Some(photograph()),
            ..ImageTask::new(prompt)
        }
    }

    #[test]
    fn an_uploaded_object_stands_in_the_scene_that_the_prompt_describes() {
        let memory = Arc::default();
        let [scene, restyle] = &built_in::images(GraphOptions::default(), &[], &memory)[..] else { unreachable!() };
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let make = || {
            let task = task("put this on a red table next to a cup");
            restyle.slot.with(&memory, ctx.cancel_token(), |model| model.generate(&task, &ctx)).unwrap()
        };
        let weights = |slot: &Slot<dyn ImageModel>| -> u64 {
            let packs = built_in::weights(&slot.info.id).iter().filter_map(|name| bundle::pack(name));
            packs.flat_map(bundle::Pack::parts).map(|part| part.bytes).sum()
        };
        let guess = *lock(&scene.slot.run_seconds);
        let result = make();
        assert_eq!(result.image.dimensions(), (256, 256));
        let plan = result.plan.unwrap();
        assert_eq!(plan["subjects"][0]["entry"], "given");
        assert_eq!(plan["subjects"][1]["entry"], "shape:cup");
        let is_green = |p: &Rgba<u8>| p[1] > p[0].saturating_add(30) && p[1] > p[2].saturating_add(30);
        let green = result.image.pixels().filter(|p| is_green(p)).count();
        assert!((1500..30_000).contains(&green), "{green} pixels are of the bottle");
        assert!(scene.slot.is_loaded(), "the model of jobs for pictures stands around the object");
        assert_eq!(memory.bytes().0, weights(&scene.slot) + weights(&restyle.slot), "each is counted once");
        assert!((*lock(&scene.slot.run_seconds) - guess).abs() < 1e-9, "it was no run of the scene's own");
        assert_eq!(scene.slot.unload(), Some(true));
        assert_eq!(memory.bytes().0, weights(&restyle.slot));
        let again = make();
        assert!(result.image == again.image, "the same task gives the same bytes");
    }

    #[test]
    fn only_a_place_moves_the_object() {
        let mut surroundings = open(GraphOptions::default(), &[]).unwrap();
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        for prompt in [
            "put this on a marble counter at sunset",
            "the product on a wooden table",
            "on the beach",
            "place it behind a vase",
        ] {
            assert!(surroundings.are_named(prompt, &ctx).unwrap(), "{prompt}");
        }
        for prompt in ["oil painting", "make it warmer", "in the style of Van Gogh", "a portrait with more contrast"] {
            assert!(!surroundings.are_named(prompt, &ctx).unwrap(), "{prompt}");
        }
    }
}
