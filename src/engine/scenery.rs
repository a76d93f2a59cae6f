//! The scene renderer of this binary, and its use as the surroundings of uploaded objects.
//!
//! Owns which packs and which denoiser the renderer has; the one place where restyling and scenes meet.

use image::RgbaImage;

use super::{
    EngineError, ImageResult, ImageTask, RunContext, bundle,
    restyle::surroundings::Surroundings,
    scene::{SceneRenderer, denoiser::OpenImageDenoise},
    session::GraphOptions,
};

/// The digest of what the renderer depicts.
pub(super) fn digest() -> String {
    bundle::digest(&["scene", "cards"])
}

/// Opens the renderer; its denoiser will run as `options` say.
pub(super) fn open(options: GraphOptions) -> Result<SceneRenderer, EngineError> {
    let packs = [bundle::bytes("scene/scene.pack")?, bundle::bytes("cards/cards.pack")?];
    SceneRenderer::open(&packs, digest(), Box::new(OpenImageDenoise::new(options)))
}

/// The renderer as surroundings, opened on first use.
pub(super) struct Scenery {
    options: GraphOptions,
    renderer: Option<SceneRenderer>,
}

impl Scenery {
    pub(super) const fn new(options: GraphOptions) -> Self {
        Self { options, renderer: None }
    }

    fn renderer(&mut self) -> Result<&mut SceneRenderer, EngineError> {
        let renderer = match self.renderer.take() {
            Some(renderer) => renderer,
            None => open(self.options)?,
        };
        Ok(self.renderer.insert(renderer))
    }
}

impl Surroundings for Scenery {
    fn are_named(&mut self, prompt: &str) -> Result<bool, EngineError> {
        self.renderer()?.names_surroundings(prompt)
    }

    fn put(&mut self, object: &RgbaImage, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError> {
        self.renderer()?.surround(object, task, ctx)
    }
}
