//! The finish of a picture that is to be no colour photograph: painted by the style network, or without its colours.
//!
//! Owns which look a [`Medium`] has; the networks are those of `restyle`.

use image::RgbImage;

use super::lexicon::Medium;
use crate::engine::{
    EngineError, RunContext,
    restyle::{
        catalogue::STYLES,
        colour,
        style::{Painter, StyleWeights},
        upscale::Upscaler,
    },
};

/// How much of a painting's light is the network's, and how much of its colour; the rest is the rendered picture's.
const PAINT: f32 = 0.75;
const PIGMENT: f32 = 0.35;

/// The networks, each loaded when it is first needed.
#[derive(Default)]
pub(super) struct Painting {
    painter: Painter,
    upscaler: Option<Upscaler>,
}

impl Painting {
    /// The picture in a medium, at its own size.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`], [`EngineError::Model`].
    pub(super) fn paint(
        &mut self,
        mut picture: RgbImage,
        medium: Medium,
        ctx: &RunContext<'_>,
    ) -> Result<RgbImage, EngineError> {
        let Some(name) = medium.painted_style() else {
            match medium {
                Medium::Sepia => colour::sepia(&mut picture),
                _ => colour::black_and_white(&mut picture),
            }
            return Ok(picture);
        };
        let style = STYLES.iter().find(|style| style.name == name);
        let weights = style.and_then(|style| StyleWeights::new(&[(style.index, 1.0)]));
        let weights = weights.ok_or_else(|| EngineError::Model(format!("there is no painted style \"{name}\"")))?;
        let mut painted = self.painter.paint(&picture, &weights, &mut self.upscaler, ctx)?;
        if matches!(medium, Medium::PencilSketch | Medium::Charcoal) {
            // The network's inks are ochre.
            colour::black_and_white(&mut painted);
            return Ok(painted);
        }
        // The prompt's colours are to be seen, and what is smaller than a stroke is not to be lost.
        Ok(colour::blend(&picture, &painted, PAINT, PIGMENT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::CancelToken;

    #[test]
    fn a_medium_changes_the_picture_and_not_its_size() {
        let plain = RgbImage::from_fn(96, 64, |x, y| image::Rgb([(x * 2) as u8, (y * 3) as u8, 90]));
        let mut painting = Painting::default();
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let mut paint = |medium| painting.paint(plain.clone(), medium, &ctx).unwrap();
        let grey = paint(Medium::BlackAndWhite);
        assert!(grey.pixels().all(|p| p[0].abs_diff(p[1]) <= 1 && p[1].abs_diff(p[2]) <= 1));
        let sepia = paint(Medium::Sepia);
        assert!(sepia.pixels().filter(|p| p[0] > p[2]).count() > 3000);
        let painted = paint(Medium::Watercolour);
        assert_eq!(painted.dimensions(), plain.dimensions());
        let sketch = paint(Medium::PencilSketch);
        assert!(sketch.pixels().all(|p| p[0].abs_diff(p[2]) <= 1));
        assert!(painted != plain && painted == paint(Medium::Watercolour) && painted != sketch);
    }
}
