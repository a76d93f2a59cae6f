//! The rig: how far each vertex of the canonical head goes when one thing moves by one centimetre.
//!
//! Owns the shapes only. They are constants of the mesh, built once; faces and films come later.

use std::sync::OnceLock;

use glam::Vec3;

use super::mesh::{self, INNER_LOWER, INNER_UPPER, MOUTH_CORNERS, OVAL, VERTICES};
use crate::engine::{EngineError, ease::smoothstep};

/// What can move. Amounts are centimetres of the canonical head unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// The mandible turns about the hinge before the ears; the lower lip drops by this much.
    Jaw,
    /// The upper lip rises.
    UpperLip,
    /// The lower lip drops on its own.
    LowerLip,
    /// The corners go apart.
    Wide,
    /// The corners come together, the lips forward.
    Pucker,
    /// The lips thin, as a fraction of their height.
    Press,
    /// The corners rise and the cheeks with them.
    Smile,
    /// The brows rise.
    Brow,
}

impl Shape {
    pub(super) const ALL: [Self; 8] =
        [Self::Jaw, Self::UpperLip, Self::LowerLip, Self::Wide, Self::Pucker, Self::Press, Self::Smile, Self::Brow];
}

/// The displacements of every shape at one.
pub(super) struct Rig {
    shapes: Vec<Vec<Vec3>>,
    /// How much of a whole mouth each vertex's column has, 1 in the middle, 0 at the corners.
    pub(super) profile: Vec<f32>,
    /// The depth of the face's outline, about which the head's turning is drawn.
    pub(super) outline_z: f32,
}

impl Rig {
    /// The rig, built once.
    pub(super) fn get() -> Result<&'static Self, EngineError> {
        static RIG: OnceLock<Rig> = OnceLock::new();
        if let Some(rig) = RIG.get() {
            return Ok(rig);
        }
        let rig = Self::build(&mesh::canonical()?.vertices);
        Ok(RIG.get_or_init(|| rig))
    }

    /// The displacements of one shape, a vertex each.
    pub(super) fn shape(&self, shape: Shape) -> &[Vec3] {
        &self.shapes[shape as usize]
    }

    fn build(head: &[Vec3]) -> Self {
        let mouth = Mouth::measure(head);
        let shapes = Shape::ALL
            .iter()
            .map(|shape| (0..VERTICES).map(|i| mouth.displacement(*shape, i, head)).collect())
            .collect();
        let profile = head.iter().map(|v| mouth.profile(v.x)).collect();
        let outline_z = OVAL.iter().map(|&i| head[i].z).sum::<f32>() / OVAL.len() as f32;
        Self { shapes, profile, outline_z }
    }
}

/// Measures of the canonical mouth that the shapes share.
struct Mouth {
    half_width: f32,
    line: f32,
    upper: Vec<bool>,
    lower: Vec<bool>,
    corner: Vec<bool>,
    hinge: Vec3,
}

fn gauss(x: f32, width: f32) -> f32 {
    (-(x / width).powi(2)).exp()
}

impl Mouth {
    fn measure(head: &[Vec3]) -> Self {
        let flags = |rows: &[[usize; 9]]| {
            let mut flags = vec![false; VERTICES];
            rows.iter().flatten().for_each(|&i| flags[i] = true);
            flags
        };
        let mut corner = vec![false; VERTICES];
        for i in MOUTH_CORNERS {
            corner[i] = true;
        }
        // Just before the ears.
        let hinge = (head[234] + head[454]) / 2.0 - Vec3::new(0.0, 0.5, 0.0);
        Self {
            half_width: head[INNER_UPPER[10]].x.abs(),
            line: head[INNER_UPPER[5]].y.midpoint(head[INNER_LOWER[5]].y),
            upper: flags(&mesh::UPPER_ROWS),
            lower: flags(&mesh::LOWER_ROWS),
            corner,
            hinge: Vec3::new(0.0, hinge.y, hinge.z),
        }
    }

    /// How far open an open mouth is at this distance from its middle, 1 in the middle.
    fn profile(&self, x: f32) -> f32 {
        (1.0 - (x / self.half_width).abs().powf(2.2)).max(0.0).powf(0.75)
    }

    fn displacement(&self, shape: Shape, i: usize, head: &[Vec3]) -> Vec3 {
        let v = head[i];
        match shape {
            Shape::Jaw => self.jaw(i, v, head),
            Shape::UpperLip => Vec3::Y * self.upper_lip(i, v, head),
            Shape::LowerLip => Vec3::NEG_Y * self.lower_lip(i, v, head),
            Shape::Wide => self.wide(v),
            Shape::Pucker => self.pucker(i, v),
            Shape::Press => {
                let lips = if self.upper[i] || self.lower[i] { self.profile(v.x) } else { 0.0 };
                Vec3::NEG_Y * (v.y - self.line) * lips
            }
            Shape::Smile => self.smile(v, head),
            Shape::Brow => {
                let brow = head[105].y.midpoint(head[334].y);
                let lid = head[159].y.midpoint(head[386].y);
                let above = smoothstep(-0.4, 0.6, v.y - lid);
                Vec3::Y * gauss(v.y - brow, 1.5) * above * smoothstep(0.2, 1.2, v.x.abs())
            }
        }
    }

    /// Rotation about the hinge, by the angle that drops the lower lip one centimetre; chin and lip as one.
    fn jaw(&self, i: usize, v: Vec3, head: &[Vec3]) -> Vec3 {
        // The mask grows slower at the side, where cheek hangs on both jaws.
        let length = 0.55 + (2.2 - 0.55) * smoothstep(0.3 * self.half_width, 1.7 * self.half_width, v.x.abs());
        let mut mask = smoothstep(0.0, 1.0, (self.line - v.y) / length);
        if self.upper[i] {
            mask = 0.0;
        }
        if self.lower[i] {
            mask = mask.max(self.profile(v.x));
        }
        if self.corner[i] {
            mask *= 0.5;
        }
        let angle = 1.0 / (head[14].z - self.hinge.z);
        let arm = v - self.hinge;
        Vec3::new(0.0, -angle * arm.z, angle * arm.y) * mask
    }

    fn upper_lip(&self, i: usize, v: Vec3, head: &[Vec3]) -> f32 {
        let (nose, top) = (head[2].y, head[0].y);
        if self.lower[i] || v.y < self.line - 0.05 {
            return 0.0;
        }
        let fading = if v.y > self.line - 0.05 && v.y < nose + 0.2 {
            smoothstep(0.0, 1.0, (nose - v.y) / (nose - top))
        } else {
            0.0
        };
        let along = if self.upper[i] || self.corner[i] { self.profile(v.x) } else { self.profile(v.x).max(0.35) };
        (if self.upper[i] { 1.0 } else { fading }) * (-(v.x / (1.25 * self.half_width)).powi(4)).exp() * along
    }

    fn lower_lip(&self, i: usize, v: Vec3, head: &[Vec3]) -> f32 {
        if self.upper[i] || v.y > self.line + 0.3 {
            return 0.0;
        }
        let chin = head[17].y - 1.3;
        let fading = if v.y < self.line { smoothstep(0.0, 1.0, (v.y - chin) / 1.3) } else { 0.0 };
        (if self.lower[i] { 1.0 } else { fading }) * self.profile(v.x)
    }

    fn wide(&self, v: Vec3) -> Vec3 {
        let (dx, dy) = (v.x.abs() - self.half_width, v.y - self.line);
        let around = (-(dx / 1.7).powi(2) - (dy / 1.5).powi(2)).exp();
        let unit = (v.x / self.half_width).abs();
        let outward = if unit < 1.0 { unit * gauss(dy, 1.5) } else { around };
        Vec3::new(v.x.signum() * outward, 0.15 * around, -0.35 * around)
    }

    fn pucker(&self, i: usize, v: Vec3) -> Vec3 {
        let dy = v.y - self.line;
        let unit = v.x / self.half_width;
        let along = if unit.abs() < 1.0 { unit } else { v.x.signum() * gauss(v.x.abs() - self.half_width, 1.6) };
        let inward = along * gauss(dy, 1.7);
        let forward = (-(v.x / (1.3 * self.half_width)).powi(2) - (dy / 1.2).powi(2)).exp();
        let up = if self.upper[i] || dy > 0.0 { 0.22 } else { -0.28 };
        Vec3::new(-inward, up * forward * smoothstep(0.0, 0.7, dy.abs()), 0.7 * forward)
    }

    /// Corners up and out; the cheeks above them up a little, which narrows the eyes.
    fn smile(&self, v: Vec3, head: &[Vec3]) -> Vec3 {
        let (dx, dy) = (v.x.abs() - self.half_width, v.y - self.line);
        let corner = (-(dx / 1.3).powi(2) - (dy / 1.3).powi(2)).exp();
        let cheek_y = head[50].y.midpoint(head[280].y);
        let cheek = (-((v.x.abs() - head[280].x.abs()) / 1.6).powi(2) - ((v.y - cheek_y) / 1.4).powi(2)).exp();
        let middle = smoothstep(0.0, 1.0, (v.x / self.half_width).abs());
        Vec3::new(v.x.signum() * 0.75 * corner * middle, corner * middle + 0.35 * cheek, -0.3 * corner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rig() -> (&'static Rig, &'static [Vec3]) {
        (Rig::get().unwrap(), &mesh::canonical().unwrap().vertices)
    }

    #[test]
    fn the_jaw_takes_lip_and_chin_and_leaves_the_skull() {
        let (rig, head) = rig();
        let jaw = rig.shape(Shape::Jaw);
        assert!((jaw[14].y + 1.0).abs() < 0.02, "the lower lip drops a centimetre: {}", jaw[14]);
        assert!(jaw[152].y < -0.8 && jaw[152].z < -0.2, "the chin goes down and back: {}", jaw[152]);
        for &i in mesh::UPPER_ROWS.iter().flatten().chain(&[1, 4, 33, 263, 10]) {
            assert_eq!(jaw[i], Vec3::ZERO, "vertex {i} at {}", head[i]);
        }
    }

    #[test]
    fn every_shape_is_symmetric_and_smooth() {
        let (rig, head) = rig();
        let mirror: Vec<usize> = (0..VERTICES)
            .map(|i| {
                let m = head[i] * Vec3::new(-1.0, 1.0, 1.0);
                (0..VERTICES).min_by(|a, b| head[*a].distance(m).total_cmp(&head[*b].distance(m))).unwrap()
            })
            .collect();
        for shape in Shape::ALL {
            let moved = rig.shape(shape);
            for i in 0..VERTICES {
                let m = moved[mirror[i]] * Vec3::new(-1.0, 1.0, 1.0);
                assert!(moved[i].distance(m) < 0.12, "{shape:?} at {i}: {} {m}", moved[i]);
                assert!(moved[i].is_finite() && moved[i].length() < 1.6, "{shape:?} at {i}: {}", moved[i]);
            }
            assert!(moved.iter().any(|d| d.length() > 0.2), "{shape:?} moves nothing");
        }
    }

    #[test]
    fn lips_open_most_in_the_middle_and_not_at_the_corners() {
        let (rig, _) = rig();
        assert!((rig.profile[13] - 1.0).abs() < 0.05 && rig.profile[308] < 0.01);
        let lower = rig.shape(Shape::LowerLip);
        assert!(lower[14].y < -0.95 && lower[308].y.abs() < 0.01);
        let (wide, pucker) = (rig.shape(Shape::Wide), rig.shape(Shape::Pucker));
        assert!(wide[308].x > 0.8 && wide[78].x < -0.8 && pucker[308].x < -0.8 && pucker[78].x > 0.8);
    }
}
