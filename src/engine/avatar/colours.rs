//! The colours of what a portrait may not show: teeth, tongue and the dark of the mouth, tinted by its skin and light.

use glam::Vec2;
use image::RgbImage;

use super::{
    likeness::Likeness,
    mesh::{INNER_LOWER, OUTER_LOWER, OVAL},
    texture::{Light, light},
};
use crate::engine::ease::smoothstep;

/// Colours in linear light.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colours {
    pub(super) dark: Light,
    pub(super) flesh: Light,
    pub(super) tongue: Light,
    pub(super) teeth: Light,
    /// Between lips that just touch.
    pub(super) seam: Light,
}

impl Colours {
    /// Reads skin and lips off the picture.
    pub(super) fn read(picture: &RgbImage, face: &Likeness) -> Self {
        let outline: Vec<Vec2> = OVAL.iter().map(|&i| face.rest[i]).collect();
        let lip: Vec<Vec2> = OUTER_LOWER.iter().chain(INNER_LOWER.iter().rev()).map(|&i| face.rest[i]).collect();
        let skin = median(picture, &outline).unwrap_or([165.0, 130.0, 115.0]);
        let lip = median(picture, &lip).unwrap_or([150.0, 80.0, 80.0]);
        let mean = |c: [f32; 3]| ((c[0] + c[1] + c[2]) / 3.0).max(1.0);
        // How bright the scene is, and which colour its light has beside an ordinary skin's own.
        let bright = (mean(skin) / 165.0).clamp(0.35, 1.1);
        let usual = [196.0 / 158.7, 152.0 / 158.7, 128.0 / 158.7];
        // A drawing in grey has a grey mouth.
        let chroma = (skin[0].max(skin[1]).max(skin[2]) - skin[0].min(skin[1]).min(skin[2])) / mean(skin);
        let coloured = smoothstep(0.02, 0.22, chroma);
        let tint: [f32; 3] = std::array::from_fn(|i| {
            let tint = (skin[i] / mean(skin) / usual[i]).clamp(0.7, 1.35).powf(0.7);
            1.0 + (tint - 1.0) * coloured
        });
        let tinted = |c: [f32; 3], by: f32| {
            light(std::array::from_fn(|i| (mean(c) + (c[i] - mean(c)) * coloured) * tint[i] * by))
        };
        // Darker skin has no darker teeth: their brightness follows the light, not the skin alone.
        let teeth_level = (mean(skin) * 0.74 + 82.0).clamp(84.0, 226.0);
        let ivory = [236.0, 224.0, 202.0];
        Self {
            dark: tinted([34.0, 11.0, 12.0], 0.9 * bright),
            flesh: tinted([112.0, 44.0, 42.0], 0.85 * bright),
            tongue: tinted([172.0, 84.0, 82.0], 0.8 * bright),
            teeth: tinted(ivory, teeth_level / mean(ivory)),
            seam: light(lip.map(|v| v * 0.42)),
        }
    }
}

/// The median colour of the pixels in a polygon; `None` where there are none.
fn median(picture: &RgbImage, polygon: &[Vec2]) -> Option<[f32; 3]> {
    let (low, high) =
        polygon.iter().fold((Vec2::INFINITY, Vec2::NEG_INFINITY), |(low, high), p| (low.min(*p), high.max(*p)));
    let clip = |v: f32, most: u32| (v.max(0.0) as u32).min(most.saturating_sub(1));
    let mut values: [Vec<u8>; 3] = Default::default();
    for y in clip(low.y, picture.height())..=clip(high.y, picture.height()) {
        for x in clip(low.x, picture.width())..=clip(high.x, picture.width()) {
            if contains(polygon, Vec2::new(x as f32 + 0.5, y as f32 + 0.5)) {
                for (values, &v) in values.iter_mut().zip(&picture.get_pixel(x, y).0) {
                    values.push(v);
                }
            }
        }
    }
    if values[0].is_empty() {
        return None;
    }
    Some(std::array::from_fn(|c| {
        let middle = values[c].len() / 2;
        f32::from(*values[c].select_nth_unstable(middle).1)
    }))
}

/// Even-odd rule.
pub(super) fn contains(polygon: &[Vec2], p: Vec2) -> bool {
    let mut inside = false;
    for (i, a) in polygon.iter().enumerate() {
        let b = polygon[(i + 1) % polygon.len()];
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::avatar::face::tests::{find, portrait};

    #[test]
    fn a_grey_portrait_has_a_grey_mouth_and_a_dark_one_has_dimmer_teeth() {
        let portrait = portrait();
        let likeness = Likeness::new(&find(&portrait)[0]).unwrap();
        let mapped =
            |f: fn([u8; 3]) -> [u8; 3]| RgbImage::from_fn(640, 640, |x, y| image::Rgb(f(portrait.get_pixel(x, y).0)));
        let grey = mapped(|[r, g, b]| [((u16::from(r) + u16::from(g) + u16::from(b)) / 3) as u8; 3]);
        for colour in [Colours::read(&grey, &likeness).teeth, Colours::read(&grey, &likeness).tongue] {
            assert!((colour[0] - colour[2]).abs() < 0.01, "{colour:?}");
        }
        let usual = Colours::read(&portrait, &likeness);
        assert!(usual.tongue[0] > 1.5 * usual.tongue[2] && usual.teeth[0] > usual.dark[0] * 5.0);
        let dark = Colours::read(&mapped(|p| p.map(|v| v / 3)), &likeness);
        assert!(dark.teeth[1] < 0.6 * usual.teeth[1] && dark.teeth[1] > 0.1, "{dark:?}");
    }

    #[test]
    fn polygons_hold_what_is_inside() {
        let square = [Vec2::ZERO, Vec2::X * 4.0, Vec2::splat(4.0), Vec2::Y * 4.0];
        assert!(contains(&square, Vec2::splat(2.0)) && !contains(&square, Vec2::new(5.0, 2.0)));
        assert!(median(&RgbImage::new(2, 2), &[Vec2::splat(9.0); 3]).is_none());
    }
}
