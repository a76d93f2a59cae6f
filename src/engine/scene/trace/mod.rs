//! The path tracer behind the built-in text to image: a [`World`] in, a linear [`Film`] and a picture out.
//!
//! It knows triangles, materials, lights and a camera. It refuses to know prompts, models on disk or styles.
//! Units: centimetres, Y up, right-handed; colours and radiance are linear Rec. 709; angles are degrees where a
//! name says so, else radians.

mod bsdf;
mod bvh;
mod emitter;
mod environment;
mod fibre;
mod geometry;
pub mod light;
mod microfacet;
mod mineral;
mod motif;
mod noise;
mod path;
mod pattern;
mod render;
mod sampler;
pub mod shape;
pub mod surface;
#[cfg(test)]
mod tests;
pub mod tonemap;
pub mod world;

pub use light::{Lighting, LightingPreset, Subject};
pub use render::{Film, render, render_pixels};
pub use surface::Surface;
pub use tonemap::{ToneSettings, tonemap};
pub use world::{Camera, Environment, Glow, Light, Material, Mesh, Panel, Pattern, RenderSettings, Texture, World};
