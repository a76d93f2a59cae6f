//! Models that make films from a picture and a sound. One module a way to move.

pub mod camera;
pub(super) mod layers;
mod path;
