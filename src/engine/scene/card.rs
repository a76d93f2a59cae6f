//! Cards: things that are only there as a cut-out picture, inflated into a figure and coloured as the prompt says.
//!
//! Owns what a card looks like on the stage; refuses to place it.

use image::{Rgba, RgbaImage};

use super::{
    lexicon::Substance,
    looks,
    relief::{Relief, Thickness},
    trace::Material,
};
use crate::engine::ease::smoothstep;

/// How thick a figure is, as a share of its shorter side.
pub(super) const DEPTH: f32 = 0.4;
/// The pictures are shaded already; more of the form's own shading would contradict that.
const ROUNDNESS: f32 = 0.35;

/// A card as a figure `height` cm high, and its material but for the index of its texture.
pub(super) fn figure(
    picture: &RgbaImage,
    height: f32,
    (substance, color): (Option<Substance>, Option<[u8; 3]>),
) -> Option<(Relief, Material)> {
    let thickness = |roundness| Thickness { depth: DEPTH, roundness };
    if let Some(substance) = substance {
        // A statue: the silhouette in one material, with all the roundness it can get.
        let white = RgbaImage::from_fn(picture.width(), picture.height(), |x, y| {
            Rgba([255, 255, 255, picture.get_pixel(x, y).0[3]])
        });
        return Some((Relief::inflate(&white, height, thickness(1.0))?, looks::body(substance, color)));
    }
    let material = Material {
        base_color: glam::Vec3::ONE,
        roughness: 0.5,
        specular: 0.35,
        clearcoat: 0.12,
        ..Material::default()
    };
    let relief = match color {
        Some(color) => Relief::inflate(&recolored(picture, color), height, thickness(ROUNDNESS)),
        None => Relief::inflate(picture, height, thickness(ROUNDNESS)),
    };
    Some((relief?, material))
}

/// Turns a figure in the plane of its picture, in degrees against the clock, and stands it on the ground again.
pub(super) fn turn(relief: &mut Relief, degrees: f32) {
    drop_unused(relief);
    let turn = glam::Mat3::from_rotation_z(degrees.to_radians());
    let mesh = &mut relief.mesh;
    mesh.positions.iter_mut().for_each(|p| *p = turn * *p);
    mesh.normals.iter_mut().for_each(|n| *n = turn * *n);
    // The rim, which the picture's alpha cuts away, has no thickness.
    let solid = mesh.positions.iter().filter(|p| p.z != 0.0);
    let (low, high) = solid.fold((glam::Vec3::MAX, glam::Vec3::MIN), |(l, h), p| (l.min(*p), h.max(*p)));
    let foot = glam::Vec3::new((low.x + high.x) * 0.5, low.y, 0.0);
    mesh.positions.iter_mut().for_each(|p| *p -= foot);
    relief.size = high - low;
}

/// Drops the vertices that no triangle has: those of the corners of the picture's box.
fn drop_unused(relief: &mut Relief) {
    let mesh = &mut relief.mesh;
    let mut place = vec![None; mesh.positions.len()];
    let mut kept = Vec::new();
    for index in mesh.triangles.iter_mut().flatten() {
        let new = *place[*index as usize].get_or_insert_with(|| {
            kept.push(*index as usize);
            kept.len() as u32 - 1
        });
        *index = new;
    }
    mesh.positions = kept.iter().map(|i| mesh.positions[*i]).collect();
    mesh.normals = kept.iter().map(|i| mesh.normals[*i]).collect();
    mesh.uvs = kept.iter().map(|i| mesh.uvs[*i]).collect();
}

/// Lays a figure on its back: what is seen from above lies.
pub(super) fn lay(relief: &mut Relief) {
    let (half, thick) = (relief.size.y * 0.5, relief.size.z * 0.5);
    for p in &mut relief.mesh.positions {
        *p = glam::Vec3::new(p.x, p.z + thick, half - p.y);
    }
    for n in &mut relief.mesh.normals {
        *n = glam::Vec3::new(n.x, n.z, -n.y);
    }
    relief.size = glam::Vec3::new(relief.size.x, relief.size.z, relief.size.y);
}

/// A texture as one colour of its parts: what the eye takes for the thing's colour becomes `color`, the rest stays.
fn recolored(picture: &RgbaImage, color: [u8; 3]) -> RgbaImage {
    let main = MainColor::of(picture);
    let target = color.map(f32::from);
    let mut out = picture.clone();
    for pixel in out.pixels_mut() {
        let share = main.share(*pixel);
        if share > 0.0 {
            let light = (value(*pixel) / main.value).clamp(0.2, 1.7);
            for (channel, wanted) in pixel.0.iter_mut().zip(target) {
                // A black thing has highlights too.
                let new = (wanted * light + (light - 1.0).max(0.0) * 40.0).min(255.0);
                *channel = (f32::from(*channel) + (new - f32::from(*channel)) * share).round() as u8;
            }
        }
    }
    out
}

/// The colour that most of a picture has.
struct MainColor {
    /// Its hue in degrees; `None` where it is a grey.
    hue: Option<f32>,
    /// How bright it is on average, above 0.
    value: f32,
}

impl MainColor {
    const BINS: usize = 36;

    fn of(picture: &RgbaImage) -> Self {
        let mut bins = [0.0f32; Self::BINS];
        let (mut vivid, mut all) = (0.0f32, 0.0f32);
        for pixel in picture.pixels().filter(|p| p.0[3] > 128) {
            let (hue, saturation) = hue_saturation(*pixel);
            all += 1.0;
            if saturation > 0.25 {
                bins[(hue / 10.0) as usize % Self::BINS] += saturation;
                vivid += 1.0;
            }
        }
        let around = |i: usize| bins[i] + bins[(i + 1) % Self::BINS] + bins[(i + Self::BINS - 1) % Self::BINS];
        let peak = (0..Self::BINS).max_by(|a, b| around(*a).total_cmp(&around(*b))).unwrap_or(0);
        let mut main = Self { hue: (vivid > 0.2 * all).then_some(peak as f32 * 10.0 + 5.0), value: 1.0 };
        let (mut sum, mut weight) = (0.0f32, 1e-3f32);
        for pixel in picture.pixels().filter(|p| p.0[3] > 128) {
            let share = main.share(*pixel);
            sum += value(*pixel) * share;
            weight += share;
        }
        main.value = (sum / weight).max(0.05);
        main
    }

    /// How much a pixel is of this colour, 0 to 1.
    fn share(&self, pixel: Rgba<u8>) -> f32 {
        let (hue, saturation) = hue_saturation(pixel);
        match self.hue {
            Some(main) => {
                let far = (hue - main).rem_euclid(360.0).min((main - hue).rem_euclid(360.0));
                smoothstep(45.0, 28.0, far) * smoothstep(0.12, 0.3, saturation)
            }
            None => smoothstep(0.4, 0.2, saturation) * smoothstep(0.12, 0.3, value(pixel)),
        }
    }
}

/// Luma of the sRGB bytes, 0 to 1.
fn value(Rgba([r, g, b, _]): Rgba<u8>) -> f32 {
    (0.30 * f32::from(r) + 0.59 * f32::from(g) + 0.11 * f32::from(b)) / 255.0
}

/// Hue in degrees and saturation (of HSV).
fn hue_saturation(Rgba([r, g, b, _]): Rgba<u8>) -> (f32, f32) {
    let (r, g, b) = (f32::from(r), f32::from(g), f32::from(b));
    let (high, low) = (r.max(g).max(b), r.min(g).min(b));
    let span = high - low;
    if span < 1.0 {
        return (0.0, 0.0);
    }
    let sector = if high <= r {
        (g - b) / span
    } else if high <= g {
        2.0 + (b - r) / span
    } else {
        4.0 + (r - g) / span
    };
    ((sector * 60.0).rem_euclid(360.0), span / high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn car() -> RgbaImage {
        RgbaImage::from_fn(40, 20, |x, y| match (x, y) {
            (_, 0..3) => Rgba([0, 0, 0, 0]),
            (10..20, 5..10) => Rgba([120, 190, 230, 255]),
            (_, 17..) => Rgba([40, 40, 44, 255]),
            (x, _) => Rgba([150 + x as u8 * 2, 30, 40, 255]),
        })
    }

    #[test]
    fn the_body_takes_the_colour_and_windows_and_wheels_keep_theirs() {
        let blue = recolored(&car(), [30, 60, 200]);
        let (body, window, wheel) = (blue.get_pixel(30, 14), blue.get_pixel(14, 7), blue.get_pixel(5, 18));
        assert!(body[2] > body[0] + 80, "{body:?}");
        assert_eq!(*window, Rgba([120, 190, 230, 255]));
        assert_eq!(*wheel, Rgba([40, 40, 44, 255]));
        assert!(blue.get_pixel(38, 14)[2] > blue.get_pixel(2, 14)[2], "shading stays");
        assert_eq!(blue.get_pixel(5, 1)[3], 0);
    }

    #[test]
    fn a_grey_thing_can_be_coloured_and_a_colour_made_white() {
        let grey = RgbaImage::from_pixel(8, 8, Rgba([180, 182, 184, 255]));
        let red = recolored(&grey, [200, 30, 30]);
        assert!(red.get_pixel(4, 4)[0] > 180 && red.get_pixel(4, 4)[1] < 60);
        let white = recolored(&car(), [244, 243, 240]);
        assert!(white.get_pixel(30, 14).0.iter().all(|c| *c > 180), "{:?}", white.get_pixel(30, 14));
    }

    #[test]
    fn a_statue_is_of_its_material_alone_and_lying_is_flat() {
        let (mut relief, material) = figure(&car(), 10.0, (Some(Substance::Gold), None)).unwrap();
        assert!(material.metallic > 0.9);
        assert!(relief.texture.rgba.iter().all(|p| p[0] == 255));
        let tall = relief.size;
        lay(&mut relief);
        assert!((relief.size.z - tall.y).abs() < 1e-4 && relief.size.y < tall.y);
        assert!(relief.mesh.positions.iter().all(|p| p.y > -1e-3));
    }
}
