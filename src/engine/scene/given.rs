//! The uploaded object as a prop: its cut-out inflated and stood on the ground as it was photographed.
//!
//! A photograph from above shows the front of the object's foot lower than its sides. From that curve comes how steeply
//! the photographer looked down; the relief is bent so that its whole lower edge touches the ground, and leans so that
//! a camera at that height sees the photograph again. Owns its size and its look; refuses to place it.

use glam::Vec3;
use image::RgbaImage;

use super::{
    card,
    catalogue::Catalogue,
    lexicon::Angle,
    plan::Subject,
    prop::Prop,
    relief::{Relief, Thickness},
    trace::{Material, World},
};
use crate::engine::EngineError;

/// A photograph shows its own light and form; a deep or round relief would contradict it.
const THICKNESS: Thickness = Thickness { depth: 0.22, roundness: 0.2 };
/// What is of no known kind is taken for something that stands on a table.
const HEIGHT_CM: f32 = 22.0;
/// How much of the object's height its foot's curve may take.
const FOOT: f32 = 0.3;
/// From how high photographs are taken, in degrees.
const ELEVATIONS: (f32, f32) = (7.0, 50.0);
/// A photograph has been through one tone curve already: its contrast is taken back before the scene's own is put on.
const FLATTENING: f64 = 0.82;

/// `object` as it stands for `subject`; its material and texture go into `world`.
pub(super) fn prop(
    object: &RgbaImage,
    (subject, angle): (&Subject, Angle),
    catalogue: &Catalogue<'_>,
    world: &mut World,
) -> Result<Prop, EngineError> {
    let scale = subject.size.factor();
    let relief = Relief::inflate(object, height_cm(subject, catalogue), THICKNESS);
    let empty = || EngineError::Input("The picture shows no object that could be put into a scene.".into());
    let mut relief = relief.ok_or_else(empty)?;
    let seen_from = if angle == Angle::TopDown {
        card::lay(&mut relief);
        None
    } else {
        let foot = Foot::of(&relief);
        foot.settle(&mut relief);
        Some(foot.elevation.to_degrees())
    };
    let table: Vec<u8> = (0..=255u8).map(flattened).collect();
    for texel in &mut relief.texture.rgba {
        (0..3).for_each(|c| texel[c] = table[usize::from(texel[c])]);
    }
    let mut mesh = relief.mesh;
    mesh.material = world.materials.len();
    world.materials.push(Material {
        base_color: Vec3::ONE,
        base_texture: Some(world.textures.len()),
        roughness: 0.6,
        specular: 0.2,
        ..Material::default()
    });
    world.textures.push(relief.texture);
    let size = relief.size * scale;
    Ok(Prop { meshes: vec![mesh], size, scale, rest: None, room: None, hollow: false, turn: 0.0, seen_from })
}

/// How high the object is: as the prompt says, or as things of the name that it gives it are.
fn height_cm(subject: &Subject, catalogue: &Catalogue<'_>) -> f32 {
    let named = || catalogue.lookup(&subject.noun).map(|found| catalogue.size_cm(found.entry)[1].clamp(2.0, 400.0));
    subject.height_cm.map(|height| height as f32).or_else(named).unwrap_or(HEIGHT_CM)
}

/// An sRGB byte with less contrast round the middle grey of a photograph.
fn flattened(byte: u8) -> u8 {
    const GREY: f64 = 0.46;
    let v = f64::from(byte) / 255.0;
    let bent = GREY * (v / GREY).powf(FLATTENING);
    // White stays nearly white: a white product is to be one.
    let kept = bent + (v - bent) * v;
    (kept.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// Where an object touches the ground, as its photograph shows it.
struct Foot {
    /// How far each column of the picture stands back from the foremost point, in cm.
    depth: Vec<f32>,
    /// From how high it was photographed, in radians.
    elevation: f32,
}

impl Foot {
    fn of(relief: &Relief) -> Self {
        let low = contour(relief);
        let limit = relief.size.y * FOOT;
        let step = relief.size.x / low.len() as f32;
        // The run of columns round the lowest point whose edge is near the ground.
        let lowest = (0..low.len()).min_by(|a, b| low[*a].total_cmp(&low[*b])).unwrap_or(0);
        let first = (0..=lowest).rev().take_while(|i| low[*i] <= limit).last().unwrap_or(lowest);
        let last = (lowest..low.len()).take_while(|i| low[*i] <= limit).last().unwrap_or(lowest);
        let radius = ((last - first + 1) as f32 * step * 0.5).max(step);
        let middle = (first + last) as f32 * 0.5;
        // A round foot's edge recedes by r - sqrt(r^2 - u^2); least squares over its inner part give the sine.
        let (mut above, mut below) = (0.0f32, 1e-6f32);
        for (i, height) in low.iter().enumerate().take(last + 1).skip(first) {
            let u = (i as f32 - middle) * step;
            if u.abs() < 0.85 * radius {
                let back = radius - (radius * radius - u * u).sqrt();
                above += height * back;
                below += back * back;
            }
        }
        let (least, most) = (ELEVATIONS.0.to_radians().sin(), ELEVATIONS.1.to_radians().sin());
        let sine = (above / below).clamp(least, most);
        let depth: Vec<f32> = low.iter().map(|h| (h / sine).min(radius)).collect();
        Self { depth: smoothed(&depth, low.len() / 24), elevation: sine.asin() }
    }

    /// Bends a relief so that it stands on its foot and leans back as the photographer looked down.
    fn settle(&self, relief: &mut Relief) {
        let (sin, cos) = self.elevation.sin_cos();
        let width = relief.size.x;
        let last = self.depth.len() - 1;
        let (mut low, mut high) = (Vec3::MAX, Vec3::MIN);
        for p in &mut relief.mesh.positions {
            let column = ((p.x / width + 0.5).clamp(0.0, 1.0) * last as f32).round() as usize;
            let back = self.depth[column];
            let along = (p.y - back * sin).max(0.0);
            *p = Vec3::new(p.x, (along * cos + p.z * sin).max(0.0), p.z * cos - back - along * sin);
            (low, high) = (low.min(*p), high.max(*p));
        }
        for n in &mut relief.mesh.normals {
            *n = Vec3::new(n.x, n.y * cos + n.z * sin, n.z * cos - n.y * sin);
        }
        let middle = (low.z + high.z) * 0.5;
        relief.mesh.positions.iter_mut().for_each(|p| p.z -= middle);
        relief.size = Vec3::new(width, high.y, high.z - low.z);
    }
}

/// How high above the object's lowest point the lower edge of each column of its picture is, in cm; a column without an
/// opaque pixel is as high as the picture.
fn contour(relief: &Relief) -> Vec<f32> {
    let (w, h) = (relief.texture.width as usize, relief.texture.height as usize);
    // Without the border of one pixel.
    let unit = relief.size.y / (h - 2) as f32;
    let edge = |x: usize| (1..h - 1).rev().find(|y| relief.texture.rgba[y * w + x][3] >= 128);
    (1..w - 1).map(|x| edge(x).map_or(relief.size.y, |y| (h - 2 - y) as f32 * unit)).collect()
}

fn smoothed(values: &[f32], radius: usize) -> Vec<f32> {
    let mean = |i: usize| {
        let near = &values[i.saturating_sub(radius)..(i + radius + 1).min(values.len())];
        near.iter().sum::<f32>() / near.len() as f32
    };
    (0..values.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use glam::Vec2;
    use image::Rgba;

    use super::*;

    /// A cylinder as wide as it is high, photographed from `degrees` above.
    fn photograph(degrees: f32) -> RgbaImage {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let radius = 100.0f32;
        let ellipse = |u: f32| (radius * radius - u * u).max(0.0).sqrt() * sin;
        RgbaImage::from_fn(200, 400, |x, y| {
            let u = x as f32 + 0.5 - radius;
            let v = 399.5 - y as f32 - radius * sin;
            let opaque = v >= -ellipse(u) && v <= 2.0 * radius * cos + ellipse(u);
            Rgba([90, 90, 90, if opaque { 255 } else { 0 }])
        })
    }

    #[test]
    fn the_foots_curve_tells_from_how_high_it_was_photographed() {
        for degrees in [12.0, 25.0, 40.0] {
            let relief = Relief::inflate(&photograph(degrees), 20.0, THICKNESS).unwrap();
            let found = Foot::of(&relief).elevation.to_degrees();
            assert!((found - degrees).abs() < 5.0, "{degrees} was taken for {found}");
        }
    }

    #[test]
    fn a_flat_foot_is_seen_from_the_side() {
        let relief = Relief::inflate(&RgbaImage::from_pixel(60, 90, Rgba([9, 9, 9, 255])), 20.0, THICKNESS).unwrap();
        assert!(Foot::of(&relief).elevation.to_degrees() < ELEVATIONS.0 + 0.1);
    }

    #[test]
    fn the_camera_sees_the_photograph_again() {
        let mut relief = Relief::inflate(&photograph(30.0), 20.0, Thickness { depth: 0.0, roundness: 0.0 }).unwrap();
        let before = relief.mesh.positions.clone();
        let foot = Foot::of(&relief);
        foot.settle(&mut relief);
        let (sin, cos) = foot.elevation.sin_cos();
        let shown = |p: &Vec3| Vec2::new(p.x, p.y * cos - p.z * sin);
        let used: std::collections::HashSet<u32> = relief.mesh.triangles.iter().flatten().copied().collect();
        let moved: Vec<Vec2> =
            used.iter().map(|i| shown(&relief.mesh.positions[*i as usize]) - before[*i as usize].truncate()).collect();
        let shift = moved[0];
        assert!(moved.iter().all(|m| (*m - shift).length() < 1.2), "the picture is not bent");
        let lowest = relief.mesh.positions.iter().map(|p| p.y).fold(f32::MAX, f32::min);
        assert!((0.0..0.3).contains(&lowest), "{lowest}");
    }

    #[test]
    fn flattening_keeps_black_and_white() {
        assert_eq!((flattened(0), flattened(255)), (0, 255));
        assert!(flattened(40) > 45 && flattened(200) > 190);
    }
}
