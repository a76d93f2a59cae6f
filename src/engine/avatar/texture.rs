//! The picture that is warped: linear light, finer than the frames, sampled between its pixels.

use glam::Vec2;
use image::{ImageBuffer, Rgb, RgbImage, imageops};

use crate::engine::restyle::{
    colour::{to_linear, to_srgb},
    raster,
};

/// A colour in linear light, 0 to 1.
pub(super) type Light = [f32; 3];

/// The most texels kept: a film's memory must not grow with its size.
const TEXELS_MAX: f32 = 6.0e6;

/// The working picture in linear light, twice as fine as it is shown where memory allows.
pub(super) struct Texture {
    width: usize,
    height: usize,
    /// Texels a pixel of the working picture.
    density: f32,
    texels: Vec<Light>,
}

impl Texture {
    /// The texture of a working picture.
    pub(super) fn new(picture: &RgbImage) -> Self {
        let table: Vec<f32> = (0..=255u8).map(|v| to_linear(f32::from(v) / 255.0)).collect();
        let linear: Vec<f32> = picture.iter().map(|&v| table[usize::from(v)]).collect();
        let buffer: ImageBuffer<Rgb<f32>, Vec<f32>> =
            ImageBuffer::from_raw(picture.width(), picture.height(), linear).unwrap_or_else(|| ImageBuffer::new(1, 1));
        let area = (buffer.width() * buffer.height()) as f32;
        let density = (TEXELS_MAX / area).sqrt().clamp(1.0, 2.0);
        let side = |v: u32| ((v as f32 * density).round() as u32).max(1);
        // A cubic with no overshoot to speak of; what is shown holds nothing finer than the working picture.
        let fine =
            imageops::resize(&buffer, side(buffer.width()), side(buffer.height()), imageops::FilterType::CatmullRom);
        let texels = fine.pixels().map(|p| p.0.map(|v| v.clamp(0.0, 1.0))).collect();
        Self { width: fine.width() as usize, height: fine.height() as usize, density, texels }
    }

    /// The light at a place in pixels of the working picture; borders repeat.
    pub(super) fn sample(&self, at: Vec2) -> Light {
        let x = (at.x * self.density - 0.5).clamp(0.0, self.width as f32 - 1.0);
        let y = (at.y * self.density - 0.5).clamp(0.0, self.height as f32 - 1.0);
        let (column, row) = (x as usize, y as usize);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let right = usize::from(column + 1 < self.width);
        let below = if row + 1 < self.height { self.width } else { 0 };
        let base = row * self.width + column;
        let (a, b) = (self.texels[base], self.texels[base + right]);
        let (c, d) = (self.texels[base + below], self.texels[base + below + right]);
        let (wa, wb, wc, wd) = ((1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy);
        std::array::from_fn(|i| a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd)
    }
}

/// Steps of the table from linear light to bytes, by square root: finer than a byte's steps even in the darks.
const STEPS: usize = 1 << 14;

/// Turns linear light into bytes.
pub(super) struct ToBytes {
    table: Vec<u8>,
}

impl ToBytes {
    pub(super) fn new() -> Self {
        Self { table: (0..=STEPS).map(|i| raster::byte(to_srgb((i as f32 / STEPS as f32).powi(2)))).collect() }
    }

    pub(super) fn convert(&self, light: f32) -> u8 {
        let at = light.clamp(0.0, 1.0).sqrt() * STEPS as f32 + 0.5;
        self.table[(at as usize).min(STEPS)]
    }
}

/// `a` and `b` mixed, `share` of `b`.
pub(super) fn mix(a: Light, b: Light, share: f32) -> Light {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}

/// A colour made darker or brighter.
pub(super) fn lit(a: Light, by: f32) -> Light {
    a.map(|v| v * by)
}

/// An sRGB colour of 0 to 255 as light.
pub(super) fn light([r, g, b]: [f32; 3]) -> Light {
    [r, g, b].map(|v| to_linear((v / 255.0).clamp(0.0, 1.0)))
}
