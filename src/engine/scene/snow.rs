//! Falling snow: flakes over a developed picture, near and far, as a lens focused on the subject shows them.
//!
//! Owns the flakes: far ones are fine and behind things, those in focus small and crisp, near ones discs of a lens's
//! blur. That the ground is white and the light overcast is the plan's matter.

use glam::{Vec2, Vec3};
use image::RgbImage;

use crate::engine::{chance::Chance, ease::smoothstep};

/// Flakes of one distance.
struct Layer {
    /// How far away they are, as a multiple of the sharp distance.
    distance: f32,
    /// How many fall in a square picture.
    count: f32,
    /// Radius as a share of the picture's shorter side.
    radius: f32,
    /// The part of the radius over which the disc's edge fades: a flake in focus is all edge, a blurred one a plate.
    edge: f32,
    /// How much of what is behind is hidden.
    cover: f32,
}

#[rustfmt::skip]
const LAYERS: [Layer; 4] = [
    Layer { distance: 3.0, count: 900.0, radius: 0.0018, edge: 1.0, cover: 0.55 },
    Layer { distance: 1.3, count: 260.0, radius: 0.0034, edge: 0.9, cover: 0.80 },
    Layer { distance: 0.7, count: 70.0, radius: 0.0080, edge: 0.5, cover: 0.42 },
    Layer { distance: 0.35, count: 16.0, radius: 0.0230, edge: 0.28, cover: 0.20 },
];

/// Lets it snow over a picture; the same `seed` gives the same flakes. `depth` is how far each pixel's surface is, 0 for
/// none, `focus` the distance that is sharp.
pub(super) fn fall(picture: &mut RgbImage, (depth, focus): (&[f32], f32), seed: u32) {
    let (width, height) = picture.dimensions();
    let size = Vec2::new(width as f32, height as f32);
    let short = size.min_element();
    let crowd = size.x * size.y / (short * short);
    let white = brightest(picture);
    let mut chance = Chance::new(u64::from(seed) ^ 0x5_0300_0000_0000);
    for layer in &LAYERS {
        for _ in 0..(layer.count * crowd) as u32 {
            let flake = Flake {
                at: Vec2::new(chance.between(-0.03, 1.03), chance.between(-0.03, 1.03)) * size,
                radius: (layer.radius * short * chance.between(0.6, 1.4)).max(0.7),
                edge: layer.edge,
                cover: layer.cover * chance.between(0.5, 1.0),
                distance: layer.distance * focus,
            };
            flake.draw(picture, depth, white);
        }
    }
}

/// The colour of snow in this light: that of the picture's brightest things, sRGB.
fn brightest(picture: &RgbImage) -> Vec3 {
    let mut light: Vec<Vec3> = picture.pixels().step_by(17).map(|p| Vec3::from(p.0.map(f32::from))).collect();
    if light.is_empty() {
        return Vec3::splat(255.0);
    }
    let place = (light.len() - 1) * 97 / 100;
    light.select_nth_unstable_by(place, |a, b| a.element_sum().total_cmp(&b.element_sum()));
    // Snow is no more coloured than the sky, and seen even in the dark.
    let bright = light[place];
    bright.lerp(Vec3::splat(bright.max_element()), 0.6).clamp(Vec3::splat(96.0), Vec3::splat(250.0))
}

/// One flake; pixels and cm.
struct Flake {
    at: Vec2,
    radius: f32,
    edge: f32,
    cover: f32,
    distance: f32,
}

impl Flake {
    fn draw(&self, picture: &mut RgbImage, depth: &[f32], white: Vec3) {
        let (width, height) = picture.dimensions();
        let reach = |middle: f32, side: u32| {
            let low = (middle - self.radius - 1.0).max(0.0) as u32;
            low..((middle + self.radius + 2.0).max(0.0) as u32).min(side)
        };
        for y in reach(self.at.y, height) {
            for x in reach(self.at.x, width) {
                let behind = depth.get((y * width + x) as usize).copied().unwrap_or(0.0);
                if behind > 0.0 && behind < self.distance {
                    continue;
                }
                let off = Vec2::new(x as f32 + 0.5, y as f32 + 0.5).distance(self.at) / self.radius;
                // At least a pixel of edge, so that small flakes are round too.
                let share = self.cover * smoothstep(1.0, 1.0 - self.edge.max(1.0 / self.radius).min(1.0), off);
                for (channel, snow) in picture.get_pixel_mut(x, y).0.iter_mut().zip(white.to_array()) {
                    *channel = (f32::from(*channel) + (snow - f32::from(*channel)).max(0.0) * share).round() as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snow_falls_behind_what_is_near_and_the_same_each_time() {
        let mut scene = RgbImage::from_pixel(300, 200, image::Rgb([60, 66, 80]));
        // Snow is as white as what is brightest.
        for x in 0..300 {
            for y in 180..200 {
                scene.put_pixel(x, y, image::Rgb([220, 224, 230]));
            }
        }
        let snowed = |depth: f32, seed| {
            let mut picture = scene.clone();
            fall(&mut picture, (&vec![depth; 300 * 200], 100.0), seed);
            picture
        };
        let lighter =
            |picture: &RgbImage| picture.pixels().zip(scene.pixels()).filter(|(a, b)| a[0] > b[0] + 8).count();
        let (open, wall) = (snowed(0.0, 1), snowed(50.0, 1));
        assert!((1_500..30_000).contains(&lighter(&open)), "{}", lighter(&open));
        assert!(lighter(&wall) > 0 && lighter(&wall) < lighter(&open), "only what is nearer is before a wall");
        assert!(open.pixels().all(|p| p[0] <= 230));
        assert!(open == snowed(0.0, 1) && open != snowed(0.0, 2));
        fall(&mut RgbImage::new(1, 1), (&[], 1.0), 3);
    }
}
