//! 478 landmarks of one face: Attention Mesh (Grishchenko et al. 2020).
//!
//! Owns the region that the network looks at, and how its groups of outputs become one list of points.

use glam::Vec2;
use image::RgbImage;

use super::{Face, LANDMARKS};
use crate::engine::{
    EngineError, RunContext, bundle,
    session::{Graph, GraphOptions, Value},
};

/// The side of the network's input in pixels.
const SIDE: usize = 192;

/// A square of the picture, turned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    /// Its middle, in pixels of the picture.
    pub(super) centre: Vec2,
    /// Its side, in pixels of the picture.
    pub(super) side: f32,
    /// How far the eye line is turned from level, radians.
    pub(super) angle: f32,
}

impl Region {
    /// Half as much again as the landmarks' own box, the outer corners of the eyes level.
    pub(super) fn round(face: &Face) -> Self {
        let eyes = face.points[263] - face.points[33];
        let angle = eyes.y.atan2(eyes.x);
        let level = Vec2::from_angle(-angle);
        let (low, high) = face.points[..468].iter().fold((Vec2::INFINITY, Vec2::NEG_INFINITY), |(low, high), p| {
            let p = level.rotate(*p);
            (low.min(p), high.max(p))
        });
        let centre = Vec2::from_angle(angle).rotate((low + high) / 2.0);
        Self { centre, side: (high - low).max_element() * 1.5, angle }
    }

    /// A point of the network's input, in its pixels, as a point of the picture.
    fn place(&self, p: Vec2) -> Vec2 {
        let scale = self.side / SIDE as f32;
        self.centre + Vec2::from_angle(self.angle).rotate((p - SIDE as f32 / 2.0) * scale)
    }

    /// The network's input: planar RGB 0..1, black outside the picture.
    fn cut(&self, picture: &RgbImage) -> Vec<f32> {
        // Enough samples a pixel that a large face does not alias.
        let step = (self.side / SIDE as f32).ceil().clamp(1.0, 8.0) as usize;
        let share = 1.0 / (step * step) as f32;
        let mut input = vec![0.0; 3 * SIDE * SIDE];
        for y in 0..SIDE {
            for x in 0..SIDE {
                let mut sum = [0.0f32; 3];
                for i in 0..step * step {
                    let inside = |i: usize| (i as f32 + 0.5) / step as f32;
                    let p = Vec2::new(x as f32 + inside(i % step), y as f32 + inside(i / step));
                    let colour = bilinear(picture, self.place(p) - 0.5);
                    sum = [0, 1, 2].map(|c| sum[c] + colour[c]);
                }
                for c in 0..3 {
                    input[c * SIDE * SIDE + y * SIDE + x] = sum[c] * share / 255.0;
                }
            }
        }
        input
    }
}

/// The colour at a place in pixel indices, black outside.
fn bilinear(picture: &RgbImage, at: Vec2) -> [f32; 3] {
    let (x, y) = (at.x.floor(), at.y.floor());
    let (fx, fy) = (at.x - x, at.y - y);
    let (x, y) = (x as i64, y as i64);
    let pixel = |x: i64, y: i64| match (u32::try_from(x), u32::try_from(y)) {
        (Ok(x), Ok(y)) if x < picture.width() && y < picture.height() => picture.get_pixel(x, y).0.map(f32::from),
        _ => [0.0; 3],
    };
    let (a, b, c, d) = (pixel(x, y), pixel(x + 1, y), pixel(x, y + 1), pixel(x + 1, y + 1));
    [0, 1, 2].map(|i| (a[i] * (1.0 - fx) + b[i] * fx) * (1.0 - fy) + (c[i] * (1.0 - fx) + d[i] * fx) * fy)
}

/// The loaded network.
pub(super) struct Landmarker {
    graph: Graph,
}

impl Landmarker {
    /// Loads the network.
    pub(super) fn load() -> Result<Self, EngineError> {
        let graph = Graph::from_bytes(bundle::bytes("face/landmarks.onnx")?, GraphOptions { threads: 1 })?;
        Ok(Self { graph })
    }

    /// Measures the face in a region, if there is one.
    pub(super) fn measure(
        &mut self,
        picture: &RgbImage,
        region: &Region,
        ctx: &RunContext<'_>,
    ) -> Result<Face, EngineError> {
        let value = Value::F32(vec![1, 3, SIDE, SIDE], region.cut(picture));
        let mut outputs = self.graph.run(vec![("input", value)], ctx.cancel_token())?;
        let mut take = |name: &str, least: usize| -> Result<Vec<f32>, EngineError> {
            let values = outputs.remove(name).map(Value::into_f32).transpose()?.map(|(_, values)| values);
            values
                .filter(|values| values.len() >= least && values.iter().all(|v| v.is_finite()))
                .ok_or_else(|| EngineError::Model(format!("the landmark network gave no usable `{name}`")))
        };
        let mut points = vec![Vec2::ZERO; LANDMARKS];
        for (point, xyz) in points.iter_mut().zip(take("output_mesh_identity", 468 * 3)?.chunks_exact(3)) {
            *point = Vec2::new(xyz[0], xyz[1]);
        }
        let finer: [(&str, &[u16]); 5] = [
            ("output_lips", &LIPS),
            ("output_left_eye", &LEFT_EYE),
            ("output_right_eye", &RIGHT_EYE),
            ("output_left_iris", &[468, 469, 470, 471, 472]),
            ("output_right_iris", &[473, 474, 475, 476, 477]),
        ];
        for (name, indices) in finer {
            for (&index, xy) in indices.iter().zip(take(name, 2 * indices.len())?.chunks_exact(2)) {
                points[usize::from(index)] = Vec2::new(xy[0], xy[1]);
            }
        }
        let flag = 1.0 / (1.0 + (-take("conv_faceflag", 1)?[0]).exp());
        let points = points.into_iter().map(|p| region.place(p)).collect();
        Ok(Face { points, score: 0.0, flag })
    }
}

// Which landmarks the groups refine (MediaPipe, tensors_to_landmarks of face_landmark_with_attention).
const LIPS: [u16; 80] = [
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409, 78, 95, 88, 178, 87, 14,
    317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415, 76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306,
    184, 74, 73, 72, 11, 302, 303, 304, 408, 62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12,
    268, 271, 272, 407,
];
const LEFT_EYE: [u16; 71] = [
    33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25, 110, 24, 23, 22, 26, 112,
    243, 247, 30, 29, 27, 28, 56, 190, 226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189,
    35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245, 156, 70, 63, 105, 66, 107, 55, 193,
];
const RIGHT_EYE: [u16; 71] = [
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255, 339, 254, 253, 252, 256,
    341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442,
    441, 413, 265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336,
    285, 417,
];
