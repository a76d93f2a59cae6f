//! Models that make films from a picture and a sound. One module a way to move.

pub mod camera;
mod layers;
mod path;
