//! Draws frames: the warped picture, on it the face's skin, and through its openings eyes and mouth.
//!
//! Skin is drawn by triangles, four samples a pixel, in linear light. Rows are shared out to all cores in bands; each
//! pixel depends on the moment alone, so the number of threads changes nothing.

use glam::{DMat4, DVec4, Vec2, Vec3, Vec4};
use image::RgbImage;
use rayon::prelude::*;

use super::{
    backdrop::Backdrop,
    colours::Colours,
    expression::Expression,
    eyes::Eyes,
    interior::Interior,
    likeness::{Likeness, Posed, RING_TRIANGLES},
    mesh::{self, LID_LOWER, LID_UPPER, LOWER_ROWS, UPPER_ROWS, VERTICES},
    scenery::{Held, Scenery, View},
    texture::{Light, Texture, ToBytes, lit},
};
use crate::engine::EngineError;

/// Rows of the frame that one task draws.
const BAND: usize = 16;
/// Frame pixels between the nodes of the background's field.
const NODE: usize = 8;
/// Samples a pixel, along each side.
const SUB: usize = 2;
/// How far shading may change the skin.
const SHADE: (f32, f32) = (0.80, 1.15);

/// A portrait ready to be drawn.
pub(super) struct Painter {
    texture: Texture,
    face: Likeness,
    scenery: Scenery,
    colours: Colours,
    bytes: ToBytes,
    shading: Shading,
    backdrop: Option<Backdrop>,
}

impl Painter {
    /// A painter of the face in the working picture, before a background of its own where there is one.
    pub(super) fn new(picture: &RgbImage, face: Likeness, backdrop: Option<Backdrop>) -> Result<Self, EngineError> {
        let texture = Texture::new(picture);
        let shading = Shading::read(&texture, &face)?;
        Ok(Self {
            scenery: Scenery::new(&face, backdrop.is_some()),
            colours: Colours::read(picture, &face),
            bytes: ToBytes::new(),
            texture,
            face,
            shading,
            backdrop,
        })
    }

    /// The face that is drawn.
    pub(super) fn face(&self) -> &Likeness {
        &self.face
    }

    /// Draws one moment.
    pub(super) fn draw(&self, e: &Expression, view: &View, frame: &mut RgbImage) {
        let posed = self.face.pose(e);
        let held = self.scenery.hold(e);
        let shades = self.shading.shades(&posed);
        let corners: Vec<Vec2> = posed.places.iter().map(|p| view.show(self.scenery.forward(*p, &held))).collect();
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let field = Field::new(&self.scenery, &held, view, (width, height));
        let skin = Skin::new(&corners, &posed.sources, &self.face, &shades, (width, height));
        let moment = Moment {
            painter: self,
            held,
            view: *view,
            field,
            interior: Interior::new(&self.face, &posed, e, &self.texture, &self.colours),
            eyes: Eyes::new(&self.face, &posed, e, &self.texture),
        };
        let rows = frame.as_flat_samples_mut().samples;
        rows.par_chunks_mut(3 * width * BAND).enumerate().for_each_init(Vec::new, |cover, (band, rows)| {
            let top = band * BAND;
            skin.cover(top, rows.len() / (3 * width), cover);
            for (row, pixels) in rows.chunks_mut(3 * width).enumerate() {
                moment.draw_row((top + row, row), &skin, cover, pixels);
            }
        });
    }
}

/// All that one frame's pixels need.
struct Moment<'a> {
    painter: &'a Painter,
    held: Held,
    view: View,
    field: Field,
    interior: Interior<'a>,
    eyes: Eyes<'a>,
}

impl Moment<'_> {
    /// Draws row `y` of the frame, which is row `row` of its band.
    fn draw_row(&self, (y, row): (usize, usize), skin: &Skin<'_>, cover: &[Cover], pixels: &mut [u8]) {
        let painted = skin.rows.contains(&y);
        for (x, pixel) in pixels.chunks_mut(3).enumerate() {
            let light = if painted && skin.columns.contains(&x) {
                let mut sum = [0.0f32; 3];
                for i in 0..SUB * SUB {
                    let (sx, sy) = (SUB * (x - skin.columns.start) + i % SUB, SUB * row + i / SUB);
                    let sample = self.sample(cover[sy * skin.stride() + sx], x, y, i);
                    sum = std::array::from_fn(|c| sum[c] + sample[c]);
                }
                lit(sum, 1.0 / (SUB * SUB) as f32)
            } else {
                let at = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
                self.still(self.field.find(at), at)
            };
            for (slot, value) in pixel.iter_mut().zip(light) {
                *slot = self.painter.bytes.convert(value);
            }
        }
    }

    fn sample(&self, cover: Cover, x: usize, y: usize, i: usize) -> Light {
        let inside = |i: usize| (i as f32 + 0.5) / SUB as f32;
        let at = Vec2::new(x as f32 + inside(i % SUB), y as f32 + inside(i / SUB));
        if cover.shade > 0.0 {
            return if cover.rim {
                self.still(cover.at, at)
            } else {
                lit(self.painter.texture.sample(cover.at), cover.shade)
            };
        }
        let still = self.painter.scenery.backward_on_face(self.view.find(at), &self.held);
        let hole = self.interior.sample(still).or_else(|| self.eyes.sample(still));
        hole.unwrap_or_else(|| self.still(self.field.find(at), at))
    }

    /// What of the picture, moved from `from`, is at a place of the frame: the person, or the background behind.
    fn still(&self, from: Vec2, at: Vec2) -> Light {
        match &self.painter.backdrop {
            Some(backdrop) => backdrop.show(&self.painter.texture, from, self.view.find(at)),
            None => self.painter.texture.sample(from),
        }
    }
}

/// What of the still picture is behind each place of a frame, beside the face.
struct Field {
    columns: usize,
    nodes: Vec<Vec2>,
}

impl Field {
    fn new(scenery: &Scenery, held: &Held, view: &View, (width, height): (usize, usize)) -> Self {
        let (columns, rows) = (width / NODE + 2, height / NODE + 2);
        let node = |i: usize| {
            let at = Vec2::new((i % columns * NODE) as f32, (i / columns * NODE) as f32);
            scenery.backward(view.find(at), held)
        };
        Self { columns, nodes: (0..columns * rows).into_par_iter().map(node).collect() }
    }

    fn find(&self, at: Vec2) -> Vec2 {
        let p = at / NODE as f32;
        let (x, y) = (p.x as usize, p.y as usize);
        let (fx, fy) = (p.x - x as f32, p.y - y as f32);
        let i = y * self.columns + x;
        let upper = self.nodes[i].lerp(self.nodes[i + 1], fx);
        let lower = self.nodes[i + self.columns].lerp(self.nodes[i + self.columns + 1], fx);
        upper.lerp(lower, fy)
    }
}

/// What covers one sample: a place of the texture and its shade; no skin where the shade is 0.
#[derive(Clone, Copy, Default)]
struct Cover {
    at: Vec2,
    shade: f32,
    /// On the rings round the face, where the background may be.
    rim: bool,
}

/// The triangles of one frame.
struct Skin<'a> {
    corners: &'a [Vec2],
    sources: &'a [Vec2],
    face: &'a Likeness,
    shades: &'a [f32],
    columns: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
}

impl<'a> Skin<'a> {
    fn new(
        corners: &'a [Vec2],
        sources: &'a [Vec2],
        face: &'a Likeness,
        shades: &'a [f32],
        (width, height): (usize, usize),
    ) -> Self {
        let (low, high) =
            corners.iter().fold((Vec2::INFINITY, Vec2::NEG_INFINITY), |(low, high), p| (low.min(*p), high.max(*p)));
        let clip = |v: f32, most: usize| (v.max(0.0) as usize).min(most);
        Self {
            corners,
            sources,
            face,
            shades,
            columns: clip(low.x.floor(), width)..clip(high.x.ceil() + 1.0, width),
            rows: clip(low.y.floor(), height)..clip(high.y.ceil() + 1.0, height),
        }
    }

    /// Samples a row of [`Skin::cover`]'s result.
    fn stride(&self) -> usize {
        self.columns.len() * SUB
    }

    /// Finds what covers each sample of `rows` rows from `top`, over this skin's columns.
    fn cover(&self, top: usize, rows: usize, cover: &mut Vec<Cover>) {
        let stride = self.stride();
        cover.clear();
        cover.resize(stride * rows * SUB, Cover::default());
        if top >= self.rows.end || top + rows <= self.rows.start {
            return;
        }
        // From frame pixels to sample indices.
        let origin = Vec2::new(self.columns.start as f32, top as f32);
        let place = |i: u16| (self.corners[usize::from(i)] - origin) * SUB as f32 - 0.5;
        for (index, triangle) in self.face.triangles.iter().enumerate() {
            let rim = index < RING_TRIANGLES;
            let [a, b, c] = triangle.map(place);
            let (low, high) = (a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y));
            let (first, last) = ((low.ceil().max(0.0)) as usize, high.floor().min((rows * SUB) as f32 - 1.0));
            let area = (b - a).perp_dot(c - a);
            if last < 0.0 || area.abs() < 1e-6 {
                continue;
            }
            let plane = Plane::new([a, b, c], area, triangle.map(|i| self.value(i)));
            for y in first..=last as usize {
                let Some((from, to)) = plane.span(y as f32, stride) else { continue };
                let step = plane.along;
                let mut value = plane.start + step * from as f32 + plane.down * y as f32;
                for slot in &mut cover[y * stride + from..=y * stride + to] {
                    *slot = Cover { at: Vec2::new(value.x, value.y), shade: value.z, rim };
                    value += step;
                }
            }
        }
    }

    /// A corner's place in the texture, and its shade.
    fn value(&self, i: u16) -> Vec3 {
        self.sources[usize::from(i)].extend(self.shades.get(usize::from(i)).copied().unwrap_or(1.0))
    }
}

/// A triangle: its edges, and its values as a plane over sample indices.
struct Plane {
    edges: [Vec3; 3],
    start: Vec3,
    along: Vec3,
    down: Vec3,
}

impl Plane {
    fn new([a, b, c]: [Vec2; 3], area: f32, values: [Vec3; 3]) -> Self {
        // Barycentric weights as planes: x, y, constant; 0 to 1 inside.
        let edge = |p: Vec2, q: Vec2| {
            let d = (q - p) / area;
            Vec3::new(-d.y, d.x, d.y * p.x - d.x * p.y)
        };
        let edges = [edge(b, c), edge(c, a), edge(a, b)];
        let sum = |part: fn(&Vec3) -> f32| (0..3).map(|i| values[i] * part(&edges[i])).sum::<Vec3>();
        Self { edges, start: sum(|e| e.z), along: sum(|e| e.x), down: sum(|e| e.y) }
    }

    /// The samples of a row inside; a hair more than inside, so that no crack shows.
    fn span(&self, y: f32, stride: usize) -> Option<(usize, usize)> {
        let (mut from, mut to) = (0.0f32, stride as f32 - 1.0);
        for edge in &self.edges {
            let at_zero = edge.y * y + edge.z + 1e-4;
            if edge.x.abs() < 1e-9 {
                if at_zero < 0.0 {
                    return None;
                }
            } else if edge.x > 0.0 {
                from = from.max((-at_zero / edge.x).ceil());
            } else {
                to = to.min((-at_zero / edge.x).floor());
            }
        }
        (from <= to).then_some((from as usize, to as usize))
    }
}

/// How the portrait's light falls on the head: brightness as a plane over normals, fitted to its skin.
struct Shading {
    light: Vec4,
    rest: Vec<f32>,
    faces: Vec<[u16; 3]>,
    takes: Vec<bool>,
}

impl Shading {
    fn read(texture: &Texture, face: &Likeness) -> Result<Self, EngineError> {
        let faces = mesh::canonical()?.triangles.clone();
        let normals = normals(face.head, &faces);
        let mut takes = vec![true; VERTICES];
        for &i in UPPER_ROWS.iter().chain(&LOWER_ROWS).flatten() {
            takes[i] = false;
        }
        for &i in LID_UPPER.iter().chain(&LID_LOWER).flatten() {
            takes[i] = false;
        }
        let mut matrix = DMat4::from_diagonal(DVec4::splat(1e-3));
        let mut right = DVec4::ZERO;
        for (i, n) in normals.iter().enumerate().filter(|(i, _)| takes[*i]) {
            let light = texture.sample(face.rest[i]);
            let luma = f64::from(0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]);
            let row = DVec4::new(f64::from(n.x), f64::from(n.y), f64::from(n.z), 1.0);
            matrix += DMat4::from_cols(row * row.x, row * row.y, row * row.z, row);
            right += row * luma;
        }
        let light = (matrix.inverse() * right).as_vec4();
        let rest = normals.iter().map(|n| light.dot(n.extend(1.0))).collect();
        Ok(Self { light, rest, faces, takes })
    }

    /// The factor by which each vertex of the mesh is lit, beside its rest.
    fn shades(&self, posed: &Posed) -> Vec<f32> {
        normals(&posed.head, &self.faces)
            .iter()
            .zip(&self.rest)
            .zip(&self.takes)
            .map(|((n, rest), takes)| {
                let now = self.light.dot(n.extend(1.0));
                if *takes && *rest > 0.02 { (now / rest).clamp(SHADE.0, SHADE.1) } else { 1.0 }
            })
            .collect()
    }
}

/// Unit normals of a mesh's vertices, towards the camera.
fn normals(head: &[Vec3], faces: &[[u16; 3]]) -> Vec<Vec3> {
    let mut sums = vec![Vec3::ZERO; head.len()];
    for face in faces {
        let [a, b, c] = face.map(|i| head[usize::from(i)]);
        let n = (b - a).cross(c - a);
        let n = if n.z < 0.0 { -n } else { n };
        for i in face {
            sums[usize::from(*i)] += n;
        }
    }
    sums.into_iter().map(|n| n.normalize_or(Vec3::Z)).collect()
}
