//! The door to whoever can put a cut-out object into surroundings that a prompt describes.
//!
//! Restyling changes how a picture looks; a new place for what is in it is another model's work. Owns the contract only.

use image::RgbaImage;

use crate::engine::{EngineError, ImageResult, ImageTask, RunContext};

/// Makes a picture of an object somewhere else.
pub trait Surroundings: Send {
    /// Whether the prompt says where the object is to be (`put this on a marble counter`), not only how the picture is
    /// to look.
    fn are_named(&mut self, prompt: &str) -> Result<bool, EngineError>;

    /// A picture of `object` (its alpha is its silhouette) in the surroundings that the task's prompt describes, of
    /// the task's size; `task.input` is not looked at.
    fn put(&mut self, object: &RgbaImage, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError>;
}
