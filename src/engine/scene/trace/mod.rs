//! The path tracer behind the built-in text to image: a [`World`] in, a linear film out.
//!
//! It knows triangles, materials, lights and a camera. It refuses to know prompts, models on disk or styles.
//! Units: centimetres, Y up, right-handed; colours and radiance are linear Rec. 709; angles are degrees where a
//! name says so, else radians.

pub mod world;

pub use world::{Camera, Environment, Glow, Light, Material, Mesh, Panel, Pattern, RenderSettings, Texture, World};
