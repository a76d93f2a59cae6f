//! Faces in a picture: found, measured by 478 landmarks, and judged for whether they can be made to speak.
//!
//! Owns the networks of the pack `face` and which faces are usable. Knows nothing of motion or films.

mod detector;
mod judge;
mod landmarks;

use glam::Vec2;
use image::RgbImage;

pub(super) use self::judge::{Fitness, Pose, Unfit};
use self::{detector::Detector, landmarks::Landmarker};
use super::mesh::Affine;
use crate::engine::{EngineError, RunContext};

/// Landmarks of one face: 468 of the mesh, then two irises of 5.
const LANDMARKS: usize = 478;
/// Below this the landmark network sees no face.
const FLAG_MIN: f32 = 0.5;

/// One measured face.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Face {
    /// Pixels of the picture, continuous: a pixel's centre is at a half.
    pub(super) points: Vec<Vec2>,
    /// How sure the detector is, 0 to 1.
    pub(super) score: f32,
    /// How sure the landmark network is that this is a face, 0 to 1.
    pub(super) flag: f32,
}

impl Face {
    /// The corners of the box round the 468 mesh landmarks.
    pub(in crate::engine) fn bounds(&self) -> (Vec2, Vec2) {
        self.points
            .iter()
            .take(468)
            .fold((Vec2::INFINITY, Vec2::NEG_INFINITY), |(low, high), p| (low.min(*p), high.max(*p)))
    }

    /// The longer side of [`Face::bounds`].
    pub(super) fn size(&self) -> f32 {
        let (low, high) = self.bounds();
        (high - low).max_element()
    }

    /// Whether it can be made to speak, and how freely.
    pub(super) fn judge(&self, picture: &RgbImage) -> Result<Fitness, Unfit> {
        judge::judge(self, picture)
    }

    /// The camera's view of the canonical head that fits the landmarks best.
    pub(super) fn fit(&self) -> Affine {
        Affine::fit(&self.points)
    }

    /// The same face in a picture `scale` times as large.
    pub(super) fn scaled(&self, scale: f32) -> Self {
        Self { points: self.points.iter().map(|p| *p * scale).collect(), ..*self }
    }
}

/// The loaded networks.
pub(in crate::engine) struct FaceFinder {
    detector: Detector,
    landmarker: Landmarker,
}

impl FaceFinder {
    /// Loads the networks.
    pub(in crate::engine) fn load() -> Result<Self, EngineError> {
        Ok(Self { detector: Detector::load()?, landmarker: Landmarker::load()? })
    }

    /// Every face of the picture, the largest first.
    pub(in crate::engine) fn find(
        &mut self,
        picture: &RgbImage,
        ctx: &RunContext<'_>,
    ) -> Result<Vec<Face>, EngineError> {
        let mut faces: Vec<Face> = Vec::new();
        for detection in self.detector.find(picture, ctx)? {
            let face = self.landmarker.measure(picture, &detection.region(), ctx)?;
            // Once more with the region that the landmarks themselves give: the detector's box is rough.
            let mut face = self.landmarker.measure(picture, &landmarks::Region::round(&face), ctx)?;
            face.score = detection.score;
            let seen = faces.iter().any(|other| overlap(other, &face) > 0.4);
            if face.flag >= FLAG_MIN && !seen {
                faces.push(face);
            }
        }
        faces.sort_by(|a, b| b.size().total_cmp(&a.size()));
        Ok(faces)
    }

    /// Measures a face near a known one, as in the next frame of a film.
    pub(super) fn follow(
        &mut self,
        picture: &RgbImage,
        near: &Face,
        ctx: &RunContext<'_>,
    ) -> Result<Face, EngineError> {
        self.landmarker.measure(picture, &landmarks::Region::round(near), ctx)
    }
}

/// Intersection over union of two faces' boxes.
fn overlap(a: &Face, b: &Face) -> f32 {
    let ((a0, a1), (b0, b1)) = (a.bounds(), b.bounds());
    let area = |low: Vec2, high: Vec2| (high - low).max(Vec2::ZERO).element_product();
    let both = area(a0.max(b0), a1.min(b1));
    both / (area(a0, a1) + area(b0, b1) - both).max(1e-6)
}

#[cfg(test)]
pub(in crate::engine::avatar) mod tests;
