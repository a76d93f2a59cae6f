//! Falling rain: streaks over a developed picture, as a shutter of a sixtieth of a second sees drops at several
//! distances (Garg and Nayar, "Vision and Rain", IJCV 2007: a streak lightens what is behind it).
//!
//! Owns the streaks; that the ground is wet and the light overcast is `set`'s.

use glam::Vec2;
use image::RgbImage;

use crate::engine::chance::Chance;

/// What streaks are lightened to: the sky that a drop shows, in sRGB.
const SKY: [f32; 3] = [206.0, 212.0, 220.0];
/// A layer of drops: how many fall in a square picture, how long and wide they are as shares of its shorter side, and
/// how much they lighten.
const LAYERS: [(u32, f32, f32, f32); 3] =
    [(700, 0.028, 0.0011, 0.16), (260, 0.06, 0.0017, 0.22), (60, 0.13, 0.0032, 0.17)];
/// How far the wind slants the rain at most, as a slope.
const WIND: f32 = 0.16;

/// Lets it rain over a picture; the same `seed` gives the same drops.
pub(super) fn fall(picture: &mut RgbImage, seed: u32) {
    let (width, height) = picture.dimensions();
    let short = width.min(height) as f32;
    let crowd = f64::from(width) * f64::from(height) / (f64::from(short) * f64::from(short));
    let mut chance = Chance::new(u64::from(seed) ^ 0x7a1_0000_0000);
    let wind = WIND * chance.signed();
    for (count, length, breadth, light) in LAYERS {
        for _ in 0..(f64::from(count) * crowd) as u32 {
            let from =
                Vec2::new(chance.between(-0.1, 1.1) * width as f32, chance.between(-length, 1.0) * height as f32);
            let drop = Streak {
                from,
                length: length * short * chance.between(0.6, 1.2),
                slope: wind + 0.015 * chance.signed(),
                radius: (0.5 * breadth * short).max(0.45),
                light: light * chance.between(0.4, 1.0),
            };
            drop.draw(picture);
        }
    }
}

/// One drop's way while the shutter is open; pixels.
struct Streak {
    from: Vec2,
    length: f32,
    slope: f32,
    radius: f32,
    light: f32,
}

impl Streak {
    fn draw(&self, picture: &mut RgbImage) {
        let (width, height) = picture.dimensions();
        let first = self.from.y.max(0.0) as u32;
        let last = (self.from.y + self.length).clamp(0.0, height as f32) as u32;
        for y in first..last {
            let along = (y as f32 + 0.5 - self.from.y) / self.length;
            // Thin at both ends.
            let body = (along * (1.0 - along) * 4.0).clamp(0.0, 1.0);
            let middle = self.from.x + self.slope * (y as f32 - self.from.y);
            let reach = self.radius * 2.0;
            let columns = (middle - reach).max(0.0) as u32..((middle + reach + 1.0).max(0.0) as u32).min(width);
            for x in columns {
                let off = (x as f32 + 0.5 - middle) / self.radius;
                let share = self.light * body * (-off * off).exp();
                let pixel = picture.get_pixel_mut(x, y);
                for (channel, sky) in pixel.0.iter_mut().zip(SKY) {
                    *channel = (f32::from(*channel) + (sky - f32::from(*channel)) * share).round() as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rain_lightens_some_of_the_picture_the_same_each_time() {
        let dark = RgbImage::from_pixel(300, 200, image::Rgb([30, 32, 40]));
        let rained = |seed| {
            let mut picture = dark.clone();
            fall(&mut picture, seed);
            picture
        };
        let wet = rained(1);
        let lighter = wet.pixels().filter(|p| p[0] > 34).count();
        assert!((2_000..40_000).contains(&lighter), "{lighter}");
        assert!(wet.pixels().all(|p| p[0] >= 30 && p[0] < 120));
        assert!(wet == rained(1) && wet != rained(2));
        fall(&mut RgbImage::new(1, 1), 3);
    }
}
