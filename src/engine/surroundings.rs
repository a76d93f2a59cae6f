//! The scene renderer of this binary, and its use as the surroundings of uploaded objects.
//!
//! Owns which packs and which denoiser the renderer has; the one place where restyling and scenes meet.

use std::sync::Arc;

use image::RgbaImage;
use sha2::{Digest as _, Sha256};

use super::{
    EngineError, ImageResult, ImageTask, RunContext, bundle,
    restyle::surroundings::Surroundings,
    scene::{SceneRenderer, denoiser::OpenImageDenoise, library::Library},
    session::GraphOptions,
};

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

/// The renderer as surroundings, opened on first use.
pub(super) struct SceneSurroundings {
    options: GraphOptions,
    libraries: Vec<Arc<Library>>,
    renderer: Option<SceneRenderer>,
}

impl SceneSurroundings {
    pub(super) const fn new(options: GraphOptions, libraries: Vec<Arc<Library>>) -> Self {
        Self { options, libraries, renderer: None }
    }

    fn renderer(&mut self) -> Result<&mut SceneRenderer, EngineError> {
        let renderer = match self.renderer.take() {
            Some(renderer) => renderer,
            None => open(self.options, &self.libraries)?,
        };
        Ok(self.renderer.insert(renderer))
    }
}

impl Surroundings for SceneSurroundings {
    fn are_named(&mut self, prompt: &str) -> Result<bool, EngineError> {
        self.renderer()?.names_surroundings(prompt)
    }

    fn put(&mut self, object: &RgbaImage, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError> {
        self.renderer()?.surround(object, task, ctx)
    }
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;
    use crate::engine::{CancelToken, ImageModel as _, restyle::Restyler};

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
            prompt: prompt.into(),
            negative_prompt: None,
            width: Some(256),
            height: Some(256),
            steps: Some(2),
            guidance: None,
            seed: 3,
            strength: None,
            input: Some(photograph()),
            style: None,
        }
    }

    #[test]
    fn an_uploaded_object_stands_in_the_scene_that_the_prompt_describes() {
        let mut model =
            Restyler::new().with_surroundings(Box::new(SceneSurroundings::new(GraphOptions::default(), Vec::new())));
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let result = model.generate(&task("put this on a red table next to a cup"), &ctx).unwrap();
        assert_eq!(result.image.dimensions(), (256, 256));
        let plan = result.plan.unwrap();
        assert_eq!(plan["subjects"][0]["entry"], "given");
        assert_eq!(plan["subjects"][1]["entry"], "shape:cup");
        let is_green = |p: &Rgba<u8>| p[1] > p[0].saturating_add(30) && p[1] > p[2].saturating_add(30);
        let green = result.image.pixels().filter(|p| is_green(p)).count();
        assert!((1500..30_000).contains(&green), "{green} pixels are of the bottle");
        let again = model.generate(&task("put this on a red table next to a cup"), &ctx).unwrap();
        assert!(result.image == again.image, "the same task gives the same bytes");
    }

    #[test]
    fn only_a_place_moves_the_object() {
        let mut surroundings = SceneSurroundings::new(GraphOptions::default(), Vec::new());
        for prompt in [
            "put this on a marble counter at sunset",
            "the product on a wooden table",
            "on the beach",
            "place it behind a vase",
        ] {
            assert!(surroundings.are_named(prompt).unwrap(), "{prompt}");
        }
        for prompt in ["oil painting", "make it warmer", "in the style of Van Gogh", "a portrait with more contrast"] {
            assert!(!surroundings.are_named(prompt).unwrap(), "{prompt}");
        }
    }
}
