//! One portrait's face on the rig: where its vertices rest, and where an [`Expression`] takes them.
//!
//! Owns the fit, the soft rings round the face, and that lips meet without crossing. Draws nothing.

use glam::{Vec2, Vec3};
use image::RgbImage;

use super::{
    expression::Expression,
    face::Face,
    mesh::{
        self, Affine, INNER_LOWER, INNER_UPPER, LID_LOWER, LID_ROWS, LID_UPPER, LOWER_ROWS, OVAL, UPPER_ROWS, VERTICES,
    },
    rig::{Rig, Shape},
};
use crate::engine::{EngineError, ease::smoothstep};

/// Triangles of the rings, which come first.
pub(super) const RING_TRIANGLES: usize = RINGS.len() * OVAL.len() * 2;
/// Rings round the outline: how large, and how much of the outline's movement they take.
const RINGS: [(f32, f32); 3] = [(1.10, 0.62), (1.24, 0.22), (1.42, 0.0)];
/// A rest opening above this (cm) shows teeth: they are the portrait's own. Below, the lips count as closed.
const OPEN_MIN: f32 = 0.22;
/// Rows of lips and lids that follow what their edge does, from the edge outwards. Above a lid's fold nothing moves:
/// the rim of glasses may be there.
const LIP_FOLLOW: [f32; 4] = [1.0, 0.7, 0.35, 0.12];
const LID_FOLLOW: [f32; 2] = [0.5, 0.0];

/// A moved face.
pub(super) struct Posed {
    /// Pixels of the working picture: the mesh, then the rings.
    pub(super) places: Vec<Vec2>,
    /// Which places of the still picture they show.
    pub(super) sources: Vec<Vec2>,
    /// The mesh in space, centimetres.
    pub(super) head: Vec<Vec3>,
}

/// A face ready to be moved. All places are pixels of the working picture.
pub(super) struct Likeness {
    rig: &'static Rig,
    pub(super) head: &'static [Vec3],
    pub(super) fit: Affine,
    /// Pixels a centimetre.
    pub(super) scale: f32,
    /// Unit vectors of the face in the picture.
    pub(super) right: Vec2,
    pub(super) down: Vec2,
    /// The middle of the outline and half its width and height.
    pub(super) centre: Vec2,
    pub(super) half: Vec2,
    /// Where vertices rest: the mesh, then the rings.
    pub(super) rest: Vec<Vec2>,
    pub(super) triangles: Vec<[u16; 3]>,
    /// Centres and radii of the irises.
    pub(super) irises: [(Vec2, f32); 2],
    /// Whether the portrait shows teeth.
    pub(super) is_open: bool,
    rest_gap: [f32; 11],
    /// How far what is between the lips reaches over the landmarks of the inner lips: upper, then lower.
    overlap: [[Vec2; 9]; 2],
}

impl Likeness {
    /// The face of a portrait.
    pub(super) fn new(face: &Face) -> Result<Self, EngineError> {
        let mesh = mesh::canonical()?;
        let fit = face.fit();
        let mut rest: Vec<Vec2> = face.points[..VERTICES].to_vec();
        let scale = fit.scale();
        let down = -fit.y.normalize_or(Vec2::NEG_Y);
        let right = fit.x.normalize_or(Vec2::X);
        let gap = |rest: &[Vec2], i: usize| (rest[INNER_LOWER[i]] - rest[INNER_UPPER[i]]).dot(down).max(0.0);
        let is_open = gap(&rest, 5) > OPEN_MIN * scale;
        if !is_open {
            // The landmarks of closed lips are a pixel apart; between them would be a slit without skin.
            for (&u, &l) in INNER_UPPER.iter().zip(&INNER_LOWER) {
                let middle = (rest[u] + rest[l]) / 2.0;
                (rest[u], rest[l]) = (middle, middle);
            }
        }
        let rest_gap = std::array::from_fn(|i| gap(&rest, i));
        let centre = OVAL.iter().map(|&i| rest[i]).sum::<Vec2>() / OVAL.len() as f32;
        let (low, high) = OVAL.iter().fold((Vec2::INFINITY, Vec2::NEG_INFINITY), |(low, high), &i| {
            let p = Vec2::new((rest[i] - centre).dot(right), (rest[i] - centre).dot(down));
            (low.min(p), high.max(p))
        });
        let triangles = with_rings(&mut rest, centre, mesh.skin());
        let iris = |i: usize| {
            let c = face.points[i];
            (c, (1..5).map(|k| c.distance(face.points[i + k])).sum::<f32>() / 4.0)
        };
        Ok(Self {
            rig: Rig::get()?,
            head: &mesh.vertices,
            fit,
            scale,
            right,
            down,
            centre,
            half: (high - low) / 2.0,
            rest,
            triangles,
            irises: [iris(468), iris(473)],
            is_open,
            rest_gap,
            overlap: [[Vec2::ZERO; 9]; 2],
        })
    }

    /// Looks at the picture where its lips begin. Landmarks of drawings and of wide smiles may lie on the teeth; shut
    /// lips would show them.
    pub(super) fn look_at_lips(&mut self, picture: &RgbImage) {
        if !self.is_open {
            return;
        }
        for (side, rows) in [&UPPER_ROWS, &LOWER_ROWS].into_iter().enumerate() {
            for i in 0..9 {
                let (edge, outer) = (self.rest[rows[0][i]], self.rest[rows[3][i]]);
                let middle = self.rest[UPPER_ROWS[0][i]].midpoint(self.rest[LOWER_ROWS[0][i]]);
                self.overlap[side][i] = (outer - edge) * overlap(picture, middle, edge, outer);
            }
        }
    }

    /// How far apart the inner lips are in the portrait itself, in centimetres.
    pub(super) fn rest_opening(&self) -> f32 {
        self.rest_gap[5] / self.scale
    }

    /// Where the vertices go, before the head as a whole moves.
    pub(super) fn pose(&self, e: &Expression) -> Posed {
        let m = &e.mouth;
        let rest_open = if self.is_open { self.rest_gap[5] / self.scale } else { 0.0 };
        let closing = rest_open * m.close.max(m.seal);
        let amounts = [
            // An opening of the portrait's own is closed mostly by the jaw, chin and all.
            (Shape::Jaw, m.jaw - 0.5 * closing),
            (Shape::UpperLip, m.upper_lip - 0.25 * closing),
            (Shape::LowerLip, m.lower_lip),
            (Shape::Wide, m.wide),
            (Shape::Pucker, m.pucker),
            (Shape::Press, m.press),
            (Shape::Smile, e.smile),
            (Shape::Brow, e.brow),
        ];
        let mut moved = vec![Vec3::ZERO; VERTICES];
        for (shape, amount) in amounts.into_iter().filter(|(_, amount)| amount.abs() > 1e-5) {
            for (sum, d) in moved.iter_mut().zip(self.rig.shape(shape)) {
                *sum += *d * amount;
            }
        }
        let mut places = self.rest.clone();
        for ((place, d), v) in places.iter_mut().zip(&mut moved).zip(self.head) {
            *d += self.turned(*v + *d, e);
            *place += self.fit.turn(*d);
            *d += *v;
        }
        self.settle_lips(&mut places, e);
        self.shut_lids(&mut places, e.blink);
        let outline: Vec<Vec2> = OVAL.iter().map(|&i| places[i] - self.rest[i]).collect();
        for (ring, (_, share)) in RINGS.iter().enumerate() {
            for (i, d) in outline.iter().enumerate() {
                places[VERTICES + ring * OVAL.len() + i] += *d * *share;
            }
        }
        Posed { places, sources: self.sources(e.mouth.close.max(e.mouth.seal)), head: moved }
    }

    /// What of the picture each vertex shows: its own place, but for lips that close over teeth.
    fn sources(&self, closing: f32) -> Vec<Vec2> {
        let mut sources = self.rest.clone();
        for (rows, overlap) in [&UPPER_ROWS, &LOWER_ROWS].into_iter().zip(&self.overlap) {
            for (row, follow) in rows.iter().zip(LIP_FOLLOW) {
                for (&vertex, &overlap) in row.iter().zip(overlap) {
                    sources[vertex] += overlap * (closing * follow);
                }
            }
        }
        sources
    }

    /// How far the head's own turning takes a point. It turns about its outline, so that the outline itself hardly
    /// moves against hair and neck.
    fn turned(&self, v: Vec3, e: &Expression) -> Vec3 {
        let depth = v.z - self.rig.outline_z;
        Vec3::new(e.yaw * depth, e.pitch * depth, -e.yaw * v.x - e.pitch * v.y)
    }

    /// How far the upper teeth go, in pixels: with the skull and with nothing else.
    pub(super) fn skull_shift(&self, e: &Expression) -> Vec2 {
        // Teeth are behind the lips.
        let teeth = self.head[INNER_UPPER[5]] - Vec3::new(0.0, 0.0, 0.6);
        self.fit.turn(self.turned(teeth, e))
    }

    /// How far the lower teeth go, in pixels: with the jaw.
    pub(super) fn jaw_shift(&self, e: &Expression) -> Vec2 {
        let rest_open = if self.is_open { self.rest_opening() } else { 0.0 };
        let jaw = e.mouth.jaw - 0.5 * rest_open * e.mouth.close.max(e.mouth.seal);
        self.skull_shift(e) + self.fit.turn(self.rig.shape(Shape::Jaw)[INNER_LOWER[5]] * jaw)
    }

    /// The distance between the inner lips' middles, in centimetres.
    pub(super) fn opening(&self, places: &[Vec2]) -> f32 {
        (places[INNER_LOWER[5]] - places[INNER_UPPER[5]]).dot(self.down) / self.scale
    }

    /// Column by column: what is left open of the rest is closed, lips never cross, and a slit welds shut.
    fn settle_lips(&self, places: &mut [Vec2], e: &Expression) {
        for i in 1..10 {
            let (u, l) = (INNER_UPPER[i], INNER_LOWER[i]);
            let gap = (places[l] - places[u]).dot(self.down) / self.scale;
            // What the shapes have closed of the rest opening already is not closed twice.
            let whole = if self.is_open { self.rest_gap[i] / self.scale } else { 0.0 };
            let profile = self.rig.profile[u];
            let closed = 0.75 * self.rest_opening() * profile;
            let close = e.mouth.close.max(e.mouth.seal);
            let left = if self.is_open { (whole - closed) * close } else { 0.0 };
            let open = (gap - left).max(0.0);
            let target = open * smoothstep(0.0, 0.06, open) * (1.0 - e.mouth.seal);
            let step = self.down * ((gap - target) * self.scale);
            for (row, follow) in LIP_FOLLOW.iter().enumerate() {
                places[UPPER_ROWS[row][i - 1]] += step * (0.4 * follow);
                places[LOWER_ROWS[row][i - 1]] -= step * (0.6 * follow);
            }
        }
    }

    /// The upper lids go down to the lower ones, which rise a little.
    fn shut_lids(&self, places: &mut [Vec2], blink: f32) {
        if blink <= 0.0 {
            return;
        }
        for eye in 0..2 {
            for i in 1..8 {
                let (u, l) = (LID_UPPER[eye][i], LID_LOWER[eye][i]);
                let way = (places[l] - places[u]) * blink;
                let rise = (self.rest[l] - self.rest[u]) * (0.08 * blink);
                places[u] += way * 0.95 - rise;
                places[l] -= rise;
                for (row, follow) in LID_ROWS[eye].iter().zip(LID_FOLLOW) {
                    places[row[i - 1]] += way * follow;
                }
            }
        }
    }
}

/// The most of a lip that can be taken for what is between the lips.
const OVERLAP_MAX: f32 = 0.6;

/// How far from the inner contour `edge` to the outer one the picture still looks like the mouth's `middle`.
fn overlap(picture: &RgbImage, middle: Vec2, edge: Vec2, outer: Vec2) -> f32 {
    const STEPS: usize = 12;
    let colour = |p: Vec2| {
        let clip = |v: f32, most: u32| (v.max(0.0) as u32).min(most.saturating_sub(1));
        Vec3::from(picture.get_pixel(clip(p.x, picture.width()), clip(p.y, picture.height())).0.map(f32::from))
    };
    let (inside, lip) = (colour(middle), (colour(edge.lerp(outer, 0.7)) + colour(edge.lerp(outer, 0.85))) / 2.0);
    let way = inside - lip;
    if way.length_squared() < 30.0 * 30.0 {
        return 0.0;
    }
    let is_lip = |step: usize| {
        let share = OVERLAP_MAX * step as f32 / STEPS as f32;
        (colour(edge.lerp(outer, share)) - lip).dot(way) / way.length_squared() < 0.3
    };
    let first = (0..=STEPS).find(|&step| is_lip(step)).unwrap_or(0);
    OVERLAP_MAX * first as f32 / STEPS as f32
}

/// Adds the rings' vertices to `rest`; their triangles come first, so that the face is drawn over them.
fn with_rings(rest: &mut Vec<Vec2>, centre: Vec2, skin: Vec<[u16; 3]>) -> Vec<[u16; 3]> {
    let mut inner: Vec<u16> = OVAL.iter().map(|&i| i as u16).collect();
    let mut triangles = Vec::new();
    for (size, _) in RINGS {
        let first = rest.len() as u16;
        let ring: Vec<Vec2> = OVAL.iter().map(|&i| centre + (rest[i] - centre) * size).collect();
        rest.extend(ring);
        let outer: Vec<u16> = (first..first + OVAL.len() as u16).collect();
        for i in 0..OVAL.len() {
            let j = (i + 1) % OVAL.len();
            triangles.push([inner[i], inner[j], outer[i]]);
            triangles.push([inner[j], outer[j], outer[i]]);
        }
        inner = outer;
    }
    triangles.extend(skin);
    triangles
}
