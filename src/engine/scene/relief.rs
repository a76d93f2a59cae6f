//! Reliefs: a picture with a transparent background becomes a solid that stands on the ground, as thick as it is
//! likely to be. That is how flat cut-outs get a shadow, a reflection and light of the scene they are put into.
//!
//! The silhouette is inflated by a Poisson equation (as in Joshi and Carr, "Repoussé: Automatic Inflation of 2D
//! Artwork", SBIM 2008): thick where it is wide, thin at its rim. Owns the solid and its picture; refuses to choose
//! sizes or materials.

use glam::{UVec2, Vec2, Vec3};
use image::{Rgba, RgbaImage, imageops};

use super::trace::{Mesh, Texture};

/// Cells of the grid along the longer side of the silhouette.
const CELLS: usize = 144;
/// Rounds of relaxation; the equation is solved well within a hundredth of the thickness.
const ROUNDS: usize = 420;
/// Coverage from which a pixel belongs to the silhouette.
const INSIDE: u8 = 96;
/// Pixels over which colours are spread outwards, so that filtering draws no dark fringe.
const BLEED: usize = 4;

/// How a picture becomes a solid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thickness {
    /// Its greatest thickness as a share of the silhouette's shorter side.
    pub depth: f32,
    /// How much its normals follow its form: 0 is lit like a flat card, 1 like a balloon.
    pub roundness: f32,
}

/// A solid round the y axis that stands on y = 0 and faces +z.
#[derive(Debug, Clone)]
pub struct Relief {
    /// Front and back; [`Mesh::material`] is 0.
    pub mesh: Mesh,
    /// What it wears: the picture cut to its silhouette and a transparent border, its alpha cuts the mesh out.
    pub texture: Texture,
    /// Width, height and thickness in cm.
    pub size: Vec3,
}

impl Relief {
    /// Inflates what is opaque in `picture` to a solid `height` cm high; `None` where nothing is opaque.
    pub fn inflate(picture: &RgbaImage, height: f32, thickness: Thickness) -> Option<Self> {
        let cut = crop(picture)?;
        let grid = Grid::over(&cut);
        let unit = height / cut.height() as f32;
        let width = cut.width() as f32 * unit;
        let bulge = grid.inflated();
        let depth = thickness.depth * width.min(height);
        let rgba = bled(bordered(&cut));
        let mut mesh = grid.mesh(&bulge, Vec3::new(width, height, depth), thickness.roundness);
        let (inner, outer) = (UVec2::from(cut.dimensions()).as_vec2(), UVec2::from(rgba.dimensions()).as_vec2());
        for uv in &mut mesh.uvs {
            // Into the middle of the border's pixel and no further.
            *uv = ((*uv * inner + 1.0) / outer).clamp(0.5 / outer, 1.0 - 0.5 / outer);
        }
        let texture =
            Texture { width: rgba.width(), height: rgba.height(), rgba: rgba.pixels().map(|p| p.0).collect() };
        Some(Self { mesh, texture, size: Vec3::new(width, height, depth) })
    }
}

/// The picture cut to the box of what is opaque in it.
fn crop(picture: &RgbaImage) -> Option<RgbaImage> {
    let (mut low, mut high) = ((u32::MAX, u32::MAX), (0, 0));
    for (x, y, _) in picture.enumerate_pixels().filter(|(_, _, p)| p.0[3] >= INSIDE) {
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    (low.0 <= high.0 && low.1 <= high.1)
        .then(|| imageops::crop_imm(picture, low.0, low.1, high.0 - low.0 + 1, high.1 - low.1 + 1).to_image())
}

/// The picture with one transparent pixel around it: what is beyond its sides would repeat it otherwise.
fn bordered(picture: &RgbaImage) -> RgbaImage {
    let mut wide = RgbaImage::new(picture.width() + 2, picture.height() + 2);
    imageops::replace(&mut wide, picture, 1, 1);
    wide
}

/// Spreads the colour of covered pixels into uncovered neighbours; their alpha stays.
fn bled(mut picture: RgbaImage) -> RgbaImage {
    let (w, h) = picture.dimensions();
    let mut known: Vec<bool> = picture.pixels().map(|p| p.0[3] > 8).collect();
    for _ in 0..BLEED {
        let (before, old) = (picture.clone(), known.clone());
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            if old[(y * w + x) as usize] {
                continue;
            }
            let (mut sum, mut count) = ([0u32; 3], 0);
            for j in y.saturating_sub(1)..(y + 2).min(h) {
                for i in (x.saturating_sub(1)..(x + 2).min(w)).filter(|i| old[(j * w + i) as usize]) {
                    let Rgba(near) = before.get_pixel(i, j);
                    (0..3).for_each(|c| sum[c] += u32::from(near[c]));
                    count += 1;
                }
            }
            if count > 0 {
                (0..3).for_each(|c| pixel.0[c] = (sum[c] / count) as u8);
                known[(y * w + x) as usize] = true;
            }
        }
    }
    picture
}

/// Vertices over the picture, `columns` by `rows`, with a ring of empty ones around.
struct Grid {
    columns: usize,
    rows: usize,
    inside: Vec<bool>,
}

impl Grid {
    fn over(picture: &RgbaImage) -> Self {
        let (w, h) = picture.dimensions();
        let longest = w.max(h) as f32;
        let cells = |side: u32| ((side as f32 / longest * CELLS as f32).round() as usize).clamp(2, CELLS);
        let (columns, rows) = (cells(w) + 3, cells(h) + 3);
        let mut inside = vec![false; columns * rows];
        for (i, slot) in inside.iter_mut().enumerate() {
            let (u, v) = (at(i % columns, columns), at(i / columns, rows));
            if (0.0..=1.0).contains(&u) && (0.0..=1.0).contains(&v) {
                let x = ((u * w as f32) as u32).min(w - 1);
                let y = ((v * h as f32) as u32).min(h - 1);
                *slot = picture.get_pixel(x, y).0[3] >= INSIDE;
            }
        }
        Self { columns, rows, inside }
    }

    /// Half the thickness at every vertex, 0 outside to 1 at the thickest.
    fn inflated(&self) -> Vec<f32> {
        let n = self.columns;
        let mut height = vec![0.0f32; self.inside.len()];
        // Gauss-Seidel with over-relaxation; the outermost ring is never inside, so neighbours always exist.
        let over = 2.0 / (1.0 + std::f32::consts::PI / n.max(self.rows) as f32);
        for _ in 0..ROUNDS {
            for i in (0..height.len()).filter(|i| self.inside[*i]) {
                let around = height[i - 1] + height[i + 1] + height[i - n] + height[i + n];
                height[i] += over * ((around + 1.0) * 0.25 - height[i]);
            }
        }
        let highest = height.iter().copied().fold(0.0f32, f32::max).max(1e-6);
        height.iter().map(|h| (h.max(0.0) / highest).sqrt()).collect()
    }

    /// Front and back sheets that meet at the rim; a foot that stands on the ground is flat there.
    fn mesh(&self, bulge: &[f32], size: Vec3, roundness: f32) -> Mesh {
        let mut mesh = Mesh::default();
        let slope = self.slopes(bulge, size);
        for side in [1.0f32, -1.0] {
            for (i, b) in bulge.iter().enumerate() {
                let (u, v) = (at(i % self.columns, self.columns), at(i / self.columns, self.rows));
                mesh.positions.push(Vec3::new((u - 0.5) * size.x, (1.0 - v) * size.y, side * b * size.z * 0.5));
                let tilt = slope[i] * roundness;
                mesh.normals.push(Vec3::new(tilt.x, tilt.y, side).normalize());
                mesh.uvs.push(Vec2::new(u, 1.0 - v));
            }
        }
        let back = bulge.len() as u32;
        for row in 0..self.rows - 1 {
            for column in 0..self.columns - 1 {
                let a = row * self.columns + column;
                let corners = [a, a + 1, a + self.columns, a + self.columns + 1];
                // Cells at the rim and next to it are kept whole: the picture's alpha cuts them.
                if !corners.iter().any(|c| self.touches(*c)) {
                    continue;
                }
                let [a, b, c, d] = corners.map(|c| c as u32);
                mesh.triangles.extend([[a, c, b], [b, c, d]]);
                mesh.triangles.extend([[a, b, c], [b, d, c]].map(|t| t.map(|i| i + back)));
            }
        }
        mesh
    }

    /// Whether a vertex or one beside it is inside.
    fn touches(&self, vertex: usize) -> bool {
        let beside =
            [vertex.checked_sub(1), Some(vertex + 1), vertex.checked_sub(self.columns), Some(vertex + self.columns)];
        let is_inside = |v: usize| self.inside.get(v).copied().unwrap_or_default();
        is_inside(vertex) || beside.into_iter().flatten().any(is_inside)
    }

    /// How steeply the front falls away, in cm a cm, to the right and upwards; no steeper than 1.7 (60 degrees).
    fn slopes(&self, bulge: &[f32], size: Vec3) -> Vec<Vec2> {
        let step = Vec2::new(size.x / (self.columns - 3) as f32, size.y / (self.rows - 3) as f32);
        let n = self.columns;
        let slope = |i: usize| {
            if !self.inside[i] {
                return Vec2::ZERO;
            }
            let d = Vec2::new(bulge[i + 1] - bulge[i - 1], bulge[i - n] - bulge[i + n]) * size.z * 0.25 / step;
            (-d).clamp_length_max(1.7)
        };
        (0..bulge.len()).map(slope).collect()
    }
}

/// Where vertex `index` of `count` lies on the picture's side: 0 to 1, the ring beyond.
fn at(index: usize, count: usize) -> f32 {
    (index as f32 - 1.0) / (count - 3) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const THICK: Thickness = Thickness { depth: 1.0, roundness: 1.0 };

    fn disc(side: u32) -> RgbaImage {
        let middle = side as f32 / 2.0;
        RgbaImage::from_fn(side + 20, side + 10, |x, y| {
            let far = Vec2::new(x as f32 + 0.5 - 10.0, y as f32 + 0.5 - 5.0).distance(Vec2::splat(middle));
            Rgba([200, 40, 30, if far < middle { 255 } else { 0 }])
        })
    }

    #[test]
    fn a_disc_becomes_a_ball() {
        let relief = Relief::inflate(&disc(120), 10.0, THICK).unwrap();
        assert!((relief.size - Vec3::splat(10.0)).abs().max_element() < 0.1, "{}", relief.size);
        // Poisson's answer for a disc is a paraboloid, its root a half ellipse: exactly a sphere.
        let front = relief.mesh.positions.iter().zip(&relief.mesh.normals).filter(|(p, n)| n.z > 0.0 && p.z > 1.0);
        for (p, _) in front {
            let far = (*p - Vec3::Y * 5.0).length();
            assert!((far - 5.0).abs() < 0.25, "{p} is {far} from the middle");
        }
    }

    #[test]
    fn it_stands_on_the_ground_and_faces_the_camera() {
        let relief = Relief::inflate(&disc(64), 20.0, Thickness { depth: 0.4, roundness: 0.0 }).unwrap();
        let used = relief.mesh.triangles.iter().flatten().map(|i| relief.mesh.positions[*i as usize]);
        let low = used.map(|p| p.y).fold(f32::MAX, f32::min);
        assert!(low.abs() < 0.5, "{low}");
        assert!(relief.mesh.normals.iter().all(|n| n.z.abs() > 0.999));
        for t in &relief.mesh.triangles {
            let [a, b, c] = t.map(|i| relief.mesh.positions[i as usize]);
            let facing = relief.mesh.normals[t[0] as usize].z;
            assert!((b - a).cross(c - a).z * facing >= -1e-6);
        }
    }

    #[test]
    fn nothing_opaque_gives_nothing_and_a_speck_gives_a_speck() {
        assert!(Relief::inflate(&RgbaImage::new(8, 8), 10.0, THICK).is_none());
        assert!(Relief::inflate(&RgbaImage::new(0, 0), 10.0, THICK).is_none());
        let mut speck = RgbaImage::new(9, 9);
        speck.put_pixel(4, 4, Rgba([9, 9, 9, 255]));
        let relief = Relief::inflate(&speck, 10.0, THICK).unwrap();
        assert!(relief.mesh.positions.iter().all(|p| p.is_finite()));
    }

    #[test]
    fn the_rim_has_no_dark_fringe() {
        let relief = Relief::inflate(&disc(40), 10.0, THICK).unwrap();
        // (0, 0) of the texture is far outside the disc, but its neighbours at the rim have the disc's colour.
        let rim = relief.texture.rgba.iter().filter(|p| p[3] == 0 && p[0] == 200).count();
        assert!(rim > 40, "{rim}");
    }
}
