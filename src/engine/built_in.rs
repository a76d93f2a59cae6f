//! The models that travel in the binary, one line a family, the preferred one of a mode first.

use std::sync::Arc;

use super::{
    AvatarModel, CancelToken, EngineError, ImageModel, SpeechModel,
    avatar::{self, Avatar},
    film::camera::{self, CameraMove},
    memory::Pool,
    restyle::{self, Restyler},
    scene::{SceneRenderer, library::Library},
    session::GraphOptions,
    slot::{ImageSlot, Slot},
    speech::{HibariModel, KokoroModel},
    surroundings::{self, SceneSurroundings},
};

/// The picture models, which draw from `libraries` too and share `memory`.
pub(super) fn images(options: GraphOptions, libraries: &[Arc<Library>], memory: &Arc<Pool>) -> Vec<Arc<ImageSlot>> {
    let described = SceneRenderer::describe(surroundings::digest(libraries), libraries);
    let mut restyling = restyle::info();
    restyling.digest = surroundings::with_libraries(restyling.digest, libraries);
    let libraries = libraries.to_vec();
    let scene = move |_: &CancelToken| -> Result<Box<dyn ImageModel>, EngineError> {
        Ok(Box::new(surroundings::open(options, &libraries)?))
    };
    let scene = Arc::new(ImageSlot::built_in(Slot::new(described, 8.0, Box::new(scene))));
    let lent = SceneSurroundings::new(scene.clone(), memory.clone());
    let restyle = move |_: &CancelToken| -> Result<Box<dyn ImageModel>, EngineError> {
        Ok(Box::new(Restyler::new().with_surroundings(Box::new(lent.clone()))))
    };
    vec![scene, Arc::new(ImageSlot::built_in(Slot::new(restyling, 4.0, Box::new(restyle))))]
}

/// The voice models.
pub(super) fn speech(options: GraphOptions) -> Vec<Slot<dyn SpeechModel>> {
    vec![
        Slot::new(KokoroModel::describe(), 5.0, Box::new(move |_| Ok(Box::new(KokoroModel::load(options)?)))),
        Slot::new(HibariModel::describe(), 1.0, Box::new(move |_| Ok(Box::new(HibariModel::load(options)?)))),
    ]
}

/// The film models.
pub(super) fn films(options: GraphOptions) -> Vec<Slot<dyn AvatarModel>> {
    vec![
        Slot::new(avatar::info(), 5.0, Box::new(move |_| Ok(Box::new(Avatar::new(options))))),
        Slot::new(camera::info(), 5.0, Box::new(|_| Ok(Box::new(CameraMove::new())))),
    ]
}

/// The packs that a model is made of, by its id.
pub(super) fn packs(model: &str) -> &'static [&'static str] {
    match model {
        "scene" => &["scene", "cards", "minilm", "wordnet", "styletransfer", "realesrgan", "oidn"],
        "restyle" => &["styletransfer", "realesrgan", "u2netp", "scene", "cards", "minilm", "wordnet", "oidn"],
        "kokoro" => &["kokoro"],
        "hibari" => &["hibari"],
        "avatar" => &["face", "minilm", "u2netp"],
        "camera" => &["u2netp"],
        _ => &[],
    }
}

/// Those of them whose weights the model itself holds in memory: what another lends it, that one counts.
pub(super) fn weights(model: &str) -> &'static [&'static str] {
    match model {
        restyle::MODEL => &["styletransfer", "realesrgan", "u2netp"],
        other => packs(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        bundle,
        registry::{Engine, EngineOptions},
    };

    /// A new model must say what it is made of, or the operator can't verify it.
    #[test]
    fn every_model_names_packs_that_are_there() {
        for model in Engine::built_in(EngineOptions::default()).details() {
            let named = super::packs(&model.info.id);
            assert!(!named.is_empty(), "{} names no pack", model.info.id);
            assert_eq!(model.packs.len(), named.len(), "{}", model.info.id);
            assert!(named.iter().all(|name| bundle::pack(name).is_some()), "{}", model.info.id);
        }
    }
}
