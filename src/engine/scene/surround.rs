//! An uploaded object in a described scene: image to image by staging. The object is the plan's first subject; it
//! stands there as a relief with the light, the shadow and the reflections of the scene.
//!
//! Owns which prompts mean that, and how large the picture is; the object comes cut out.

use image::{DynamicImage, RgbaImage};

use super::{
    SceneRenderer,
    lexicon::{Place, Relation},
    plan::{ScenePlan, Wording},
};
use crate::engine::{EngineError, ImageResult, ImageTask, RunContext};

impl SceneRenderer {
    /// Whether `prompt` says where an object is to be: on what, in which place, or by what else.
    ///
    /// # Errors
    /// [`EngineError::Model`] when the words' model is damaged.
    pub fn names_surroundings(&mut self, prompt: &str) -> Result<bool, EngineError> {
        let plan = ScenePlan::read_around(prompt, &self.catalogue);
        // What merely is in the prompt too stands beside by default; only a place of its own is a wish.
        let placed = plan.placements.iter().any(|p| (p.subject == 0 || p.to == 0) && p.relation != Relation::Beside);
        Ok(plan.surface.is_some() || plan.place != Place::Studio || placed)
    }

    /// A picture of `object` (its alpha is its silhouette) in what the task's prompt describes around it.
    ///
    /// # Errors
    /// [`EngineError::Input`] for an object without an opaque pixel or a size that this model doesn't draw,
    /// [`EngineError::Cancelled`], [`EngineError::Model`].
    pub fn surround(
        &mut self,
        object: &RgbaImage,
        task: &ImageTask,
        ctx: &RunContext<'_>,
    ) -> Result<ImageResult, EngineError> {
        let negative = task.negative_prompt.as_deref().unwrap_or_default();
        let wording = Wording { prompt: &task.prompt, negative, around: true };
        let plan = self.read(&wording, ctx)?;
        let size = fitting(task, object.dimensions());
        let picture = self.picture(&plan, Some(object), (size, task), ctx)?;
        let plan_json = serde_json::to_value(&plan).map_err(|e| EngineError::Model(e.to_string()))?;
        Ok(ImageResult {
            image: DynamicImage::ImageRgb8(picture).into_rgba8(),
            warnings: plan.warnings,
            plan: Some(plan_json),
        })
    }
}

/// The picture's size: what the task says, else square, or upright or wide where the object is; sides that the model
/// draws.
fn fitting(task: &ImageTask, (width, height): (u32, u32)) -> (u32, u32) {
    let aspect = f64::from(width) / f64::from(height.max(1));
    let long = f64::from(SceneRenderer::DEFAULT_SIDE);
    let (w, h) = match aspect {
        a if a > 1.25 => (long, long * 0.75),
        a if a < 0.8 => (long * 0.75, long),
        _ => (long, long),
    };
    // A wish for one side keeps the shape.
    let (w, h) = match (task.width.map(f64::from), task.height.map(f64::from)) {
        (Some(width), Some(height)) => (width, height),
        (Some(width), None) => (width, width * h / w),
        (None, Some(height)) => (height * w / h, height),
        (None, None) => (w, h),
    };
    let side = |s: f64| {
        let (low, high) = (*SceneRenderer::SIDES.start(), *SceneRenderer::SIDES.end());
        ((s / 8.0).round() as u32 * 8).clamp(low, high)
    };
    (side(w), side(h))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(width: Option<u32>, height: Option<u32>) -> ImageTask {
        ImageTask { width, height, seed: 1, ..ImageTask::new("put this on a table") }
    }

    #[test]
    fn the_picture_takes_the_objects_shape_or_the_wanted_one() {
        assert_eq!(fitting(&task(None, None), (300, 310)), (1024, 1024));
        assert_eq!(fitting(&task(None, None), (300, 900)), (768, 1024));
        assert_eq!(fitting(&task(None, None), (900, 300)), (1024, 768));
        assert_eq!(fitting(&task(Some(512), None), (300, 900)), (512, 680));
        assert_eq!(fitting(&task(Some(640), Some(480)), (300, 900)), (640, 480));
        assert_eq!(fitting(&task(Some(16), Some(4000)), (300, 300)), (256, 1536));
        assert_eq!(fitting(&task(None, None), (5, 0)), (1024, 768));
    }
}
