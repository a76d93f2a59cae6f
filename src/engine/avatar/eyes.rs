//! What is behind the lids: the portrait's own eyes, held in the head and turned a little by the gaze.

use glam::Vec2;

use super::{
    expression::Expression,
    likeness::{Likeness, Posed},
    mesh::{LID_LOWER, LID_UPPER},
    texture::{Light, Texture},
};
use crate::engine::ease::smoothstep;

/// Both eyes at one moment.
pub(super) struct Eyes<'a> {
    texture: &'a Texture,
    eyes: [Eye; 2],
}

struct Eye {
    /// Box in pixels that holds the opening.
    low: Vec2,
    high: Vec2,
    /// How far the eyeball goes with the head.
    shift: Vec2,
    iris: Vec2,
    radius: f32,
    gaze: Vec2,
}

impl<'a> Eyes<'a> {
    /// The eyes of `face` as `posed`.
    pub(super) fn new(face: &Likeness, posed: &Posed, e: &Expression, texture: &'a Texture) -> Self {
        let eyes = [0, 1].map(|i| {
            let ends = [LID_UPPER[i][0], LID_UPPER[i][8]];
            let shift = ends.iter().map(|&v| posed.places[v] - face.rest[v]).sum::<Vec2>() / 2.0;
            let all = LID_UPPER[i].iter().chain(&LID_LOWER[i]);
            let (low, high) = all.fold((Vec2::INFINITY, Vec2::NEG_INFINITY), |(low, high), &v| {
                let (a, b) = (posed.places[v], face.rest[v] + shift);
                (low.min(a).min(b), high.max(a).max(b))
            });
            let (iris, radius) = face.irises[i];
            let gaze = (face.right * e.gaze.x - face.down * e.gaze.y) * face.scale;
            Eye { low: low - 2.0, high: high + 2.0, shift, iris, radius: radius.max(1.0), gaze }
        });
        Self { texture, eyes }
    }

    /// The light at a place of the working picture that no skin covers; `None` away from the eyes.
    pub(super) fn sample(&self, at: Vec2) -> Option<Light> {
        let eye = self.eyes.iter().find(|eye| at.cmpge(eye.low).all() && at.cmple(eye.high).all())?;
        let still = at - eye.shift;
        // The iris goes whole; the white gives way around it.
        let far = still.distance(eye.iris + eye.gaze) / eye.radius;
        Some(self.texture.sample(still - eye.gaze * (1.0 - smoothstep(1.0, 2.4, far))))
    }
}
