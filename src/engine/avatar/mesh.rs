//! The canonical head: 468 vertices in centimetres (X to the picture's right, Y up, Z to the camera), 898 triangles, the
//! contours that matter, and the affine camera that fits it to landmarks.
//!
//! The mesh is the canonical face model of `models/face`.

use std::sync::OnceLock;

use glam::{DMat4, DVec4, Vec2, Vec3};

use super::face::Pose;
use crate::engine::{EngineError, bundle};

/// Vertices of the mesh.
pub(super) const VERTICES: usize = 468;
const TRIANGLES: usize = 898;

/// The inner contour of the upper lip from the picture's left corner to its right, and of the lower lip beside it.
pub(super) const INNER_UPPER: [usize; 11] = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308];
/// See [`INNER_UPPER`].
pub(super) const INNER_LOWER: [usize; 11] = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308];
/// Rows of the upper lip from the inner contour outwards, each from left to right without the corners.
pub(super) const UPPER_ROWS: [[usize; 9]; 4] = [
    [191, 80, 81, 82, 13, 312, 311, 310, 415],
    [183, 42, 41, 38, 12, 268, 271, 272, 407],
    [184, 74, 73, 72, 11, 302, 303, 304, 408],
    [185, 40, 39, 37, 0, 267, 269, 270, 409],
];
/// Rows of the lower lip from the inner contour outwards.
pub(super) const LOWER_ROWS: [[usize; 9]; 4] = [
    [95, 88, 178, 87, 14, 317, 402, 318, 324],
    [96, 89, 179, 86, 15, 316, 403, 319, 325],
    [77, 90, 180, 85, 16, 315, 404, 320, 307],
    [146, 91, 181, 84, 17, 314, 405, 321, 375],
];
/// The corners of the mouth, all rows.
pub(super) const MOUTH_CORNERS: [usize; 8] = [61, 76, 62, 78, 291, 306, 292, 308];
/// The outer contour of the lower lip, from left to right.
pub(super) const OUTER_LOWER: [usize; 11] = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291];
/// Edges of the upper lids, from one corner to the other: the picture's left eye, then its right one.
pub(super) const LID_UPPER: [[usize; 9]; 2] =
    [[33, 246, 161, 160, 159, 158, 157, 173, 133], [362, 398, 384, 385, 386, 387, 388, 466, 263]];
/// Edges of the lower lids, paired with [`LID_UPPER`].
pub(super) const LID_LOWER: [[usize; 9]; 2] =
    [[33, 7, 163, 144, 145, 153, 154, 155, 133], [362, 382, 381, 380, 374, 373, 390, 249, 263]];
/// Rows of the upper lid above its edge.
pub(super) const LID_ROWS: [[[usize; 7]; 2]; 2] = [
    [[247, 30, 29, 27, 28, 56, 190], [113, 225, 224, 223, 222, 221, 189]],
    [[414, 286, 258, 257, 259, 260, 467], [413, 441, 442, 443, 444, 445, 342]],
];
/// The outline of the face, clockwise from the forehead.
pub(super) const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/// The mesh.
pub(super) struct Mesh {
    pub(super) vertices: Vec<Vec3>,
    pub(super) triangles: Vec<[u16; 3]>,
}

/// The mesh of the pack `face`, read once.
pub(super) fn canonical() -> Result<&'static Mesh, EngineError> {
    static MESH: OnceLock<Mesh> = OnceLock::new();
    if let Some(mesh) = MESH.get() {
        return Ok(mesh);
    }
    let bytes = bundle::bytes("face/canonical.mesh")?;
    let mesh = Mesh::read(bytes).ok_or_else(|| EngineError::Model("face/canonical.mesh is damaged".into()))?;
    Ok(MESH.get_or_init(|| mesh))
}

impl Mesh {
    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != VERTICES * 12 + TRIANGLES * 6 {
            return None;
        }
        let (positions, indices) = bytes.split_at(VERTICES * 12);
        let float = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        let vertices =
            positions.chunks_exact(12).map(|v| Vec3::new(float(v), float(&v[4..]), float(&v[8..]))).collect();
        let index = |b: &[u8]| u16::from_le_bytes([b[0], b[1]]);
        let triangles: Vec<[u16; 3]> =
            indices.chunks_exact(6).map(|t| [index(t), index(&t[2..]), index(&t[4..])]).collect();
        let whole = triangles.iter().flatten().all(|&i| usize::from(i) < VERTICES);
        whole.then_some(Self { vertices, triangles })
    }

    /// Triangles of skin: all but those inside the mouth and inside the eyes.
    pub(super) fn skin(&self) -> Vec<[u16; 3]> {
        let holes: [Vec<usize>; 3] = [
            [INNER_UPPER, INNER_LOWER].concat(),
            [LID_UPPER[0], LID_LOWER[0]].concat(),
            [LID_UPPER[1], LID_LOWER[1]].concat(),
        ];
        let inside = |t: &[u16; 3]| holes.iter().any(|hole| t.iter().all(|&i| hole.contains(&usize::from(i))));
        self.triangles.iter().filter(|t| !inside(t)).copied().collect()
    }
}

/// An affine camera: picture = `x` X + `y` Y + `z` Z + `origin`, pixels for centimetres.
#[derive(Debug, Clone, Copy)]
pub(super) struct Affine {
    pub(super) x: Vec2,
    pub(super) y: Vec2,
    pub(super) z: Vec2,
    pub(super) origin: Vec2,
}

impl Affine {
    /// Least squares over all vertices of the canonical mesh.
    pub(super) fn fit(points: &[Vec2]) -> Self {
        let Ok(mesh) = canonical() else {
            return Self { x: Vec2::X, y: Vec2::NEG_Y, z: Vec2::ZERO, origin: Vec2::ZERO };
        };
        let mut normal = DMat4::ZERO;
        let (mut right_x, mut right_y) = (DVec4::ZERO, DVec4::ZERO);
        for (v, p) in mesh.vertices.iter().zip(points) {
            let row = DVec4::new(f64::from(v.x), f64::from(v.y), f64::from(v.z), 1.0);
            normal += DMat4::from_cols(row * row.x, row * row.y, row * row.z, row);
            right_x += row * f64::from(p.x);
            right_y += row * f64::from(p.y);
        }
        let inverse = normal.inverse();
        let (cx, cy) = (inverse * right_x, inverse * right_y);
        let column = |i: usize| Vec2::new(cx[i] as f32, cy[i] as f32);
        Self { x: column(0), y: column(1), z: column(2), origin: column(3) }
    }

    /// Where a point of the head lies in the picture.
    pub(super) fn place(&self, v: Vec3) -> Vec2 {
        self.turn(v) + self.origin
    }

    /// A displacement of the head as a displacement in the picture.
    pub(super) fn turn(&self, d: Vec3) -> Vec2 {
        self.x * d.x + self.y * d.y + self.z * d.z
    }

    /// Pixels a centimetre, from all that the camera shows of X and Y and Z.
    pub(super) fn scale(&self) -> f32 {
        let row = |v: [f32; 3]| v.iter().map(|c| c * c).sum::<f32>().sqrt();
        row([self.x.x, self.y.x, self.z.x]).midpoint(row([self.x.y, self.y.y, self.z.y]))
    }

    /// Root mean square distance in pixels between the fitted mesh and the landmarks.
    pub(super) fn error(&self, points: &[Vec2]) -> f32 {
        let Ok(mesh) = canonical() else { return f32::INFINITY };
        let sum: f32 = mesh.vertices.iter().zip(points).map(|(v, p)| self.place(*v).distance_squared(*p)).sum();
        (sum / VERTICES as f32).sqrt()
    }

    /// How the head is turned.
    pub(super) fn pose(&self) -> Pose {
        let roll = self.x.y.atan2(self.x.x);
        let level = Vec2::from_angle(-roll);
        let z = level.rotate(self.z) / self.scale();
        Pose {
            yaw: z.x.clamp(-1.0, 1.0).asin().to_degrees(),
            pitch: (-z.y).clamp(-1.0, 1.0).asin().to_degrees(),
            roll: roll.to_degrees(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mesh_is_whole_and_symmetric() {
        let mesh = canonical().unwrap();
        assert_eq!((mesh.vertices.len(), mesh.triangles.len()), (VERTICES, TRIANGLES));
        let (left, right) = (mesh.vertices[78], mesh.vertices[308]);
        assert!((left.x + right.x).abs() < 0.01 && left.x < 0.0 && (left.y - right.y).abs() < 0.01);
        assert!(mesh.vertices[10].y > mesh.vertices[152].y, "the forehead is above the chin");
        // Twenty triangles cover a mouth of 20 corners less two, sixteen corners an eye less two.
        assert_eq!(mesh.triangles.len() - mesh.skin().len(), 18 + 2 * 14);
    }

    #[test]
    fn the_camera_is_found_again() {
        let mesh = canonical().unwrap();
        for (yaw, pitch, roll) in [(0.0f32, 0.0f32, 0.0f32), (25.0, -10.0, 8.0), (-15.0, 12.0, -30.0)] {
            let turn = glam::Mat3::from_rotation_z(-roll.to_radians())
                * glam::Mat3::from_rotation_x(-pitch.to_radians())
                * glam::Mat3::from_rotation_y(yaw.to_radians());
            let view = |v: Vec3| {
                let v = turn * v * 20.0;
                Vec2::new(v.x + 300.0, 200.0 - v.y)
            };
            let points: Vec<Vec2> = mesh.vertices.iter().map(|v| view(*v)).collect();
            let fit = Affine::fit(&points);
            assert!(fit.error(&points) < 0.01, "{}", fit.error(&points));
            assert!((fit.scale() - 20.0).abs() < 0.01);
            let pose = fit.pose();
            assert!((pose.yaw - yaw).abs() < 2.0, "{pose:?} for {yaw}");
            assert!((pose.pitch - pitch).abs() < 2.0, "{pose:?} for {pitch}");
            assert!((pose.roll - roll).abs() < 6.0, "{pose:?} for {roll}");
        }
    }
}
