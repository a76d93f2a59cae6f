//! The models that travel in the binary, one line a family, the preferred one of a mode first.

use super::{
    AvatarModel, ImageModel, SpeechModel,
    film::camera::{self, CameraMove},
    registry::Slot,
    restyle::{self, Restyler},
    session::GraphOptions,
    speech::{HibariModel, KokoroModel},
};

/// The picture models.
pub(super) fn images() -> Vec<Slot<dyn ImageModel>> {
    vec![Slot::new(restyle::info(), 4.0, Box::new(|| Ok(Box::new(Restyler::new()))))]
}

/// The voice models.
pub(super) fn speech(options: GraphOptions) -> Vec<Slot<dyn SpeechModel>> {
    vec![
        Slot::new(KokoroModel::describe(), 5.0, Box::new(move || Ok(Box::new(KokoroModel::load(options)?)))),
        Slot::new(HibariModel::describe(), 1.0, Box::new(move || Ok(Box::new(HibariModel::load(options)?)))),
    ]
}

/// The film models.
pub(super) fn films() -> Vec<Slot<dyn AvatarModel>> {
    vec![Slot::new(camera::info(), 5.0, Box::new(|| Ok(Box::new(CameraMove::new()))))]
}
