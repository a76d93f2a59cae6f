//! Float pictures and the filters on them that more than one step of a restyling needs.
//!
//! Owns conversion to and from bytes, resampling, box and guided filters. Knows no networks and no prompts.

use image::{ImageBuffer, Luma, Rgb, RgbImage, imageops};
use rayon::prelude::*;

/// One channel, row-major, usually 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` values.
    pub values: Vec<f32>,
}

impl Plane {
    /// A plane made by `value(x, y)`.
    pub fn from_fn(width: usize, height: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let values = (0..width * height).map(|i| value(i % width, i / width)).collect();
        Self { width, height, values }
    }

    /// Rec. 601 luma of a picture in sRGB, 0 to 1.
    pub fn luma(image: &RgbImage) -> Self {
        let values = image.pixels().map(|p| luma(p.0.map(|v| f32::from(v) / 255.0))).collect();
        Self { width: image.width() as usize, height: image.height() as usize, values }
    }

    /// The plane at another size, bilinear (area-true when it shrinks).
    #[must_use]
    pub fn resized(&self, width: usize, height: usize) -> Self {
        if (self.width, self.height) == (width, height) {
            return self.clone();
        }
        let buffer: ImageBuffer<Luma<f32>, Vec<f32>> =
            ImageBuffer::from_raw(self.width as u32, self.height as u32, self.values.clone())
                .unwrap_or_else(|| ImageBuffer::new(self.width as u32, self.height as u32));
        let values = imageops::resize(&buffer, width as u32, height as u32, imageops::FilterType::Triangle).into_raw();
        Self { width, height, values }
    }

    /// The value of each pixel mapped by `f`.
    #[must_use]
    pub fn map(&self, f: impl Fn(f32) -> f32 + Sync) -> Self {
        Self { values: self.values.par_iter().map(|&v| f(v)).collect(), ..*self }
    }

    /// The values of two planes of one size combined by `f`.
    #[must_use]
    pub fn zip(&self, other: &Self, f: impl Fn(f32, f32) -> f32 + Sync) -> Self {
        let values = self.values.par_iter().zip(&other.values).map(|(&a, &b)| f(a, b)).collect();
        Self { values, ..*self }
    }

    /// The mean over the square of `2 radius + 1` pixels around each pixel, cut off at the border.
    #[must_use]
    pub fn box_mean(&self, radius: usize) -> Self {
        self.row_means(radius).transposed().row_means(radius).transposed()
    }

    /// Three box means: close to a Gaussian of the given standard deviation in pixels.
    #[must_use]
    pub fn blurred(&self, sigma: f32) -> Self {
        // Three boxes of half width r have the variance r (r + 1).
        let radius = (((1.0 + 4.0 * sigma * sigma).sqrt() - 1.0) / 2.0).round() as usize;
        if radius == 0 {
            return self.clone();
        }
        self.box_mean(radius).box_mean(radius).box_mean(radius)
    }

    fn row_means(&self, radius: usize) -> Self {
        let mut values = vec![0.0; self.values.len()];
        let width = self.width.max(1);
        values.par_chunks_mut(width).zip(self.values.par_chunks(width)).for_each(|(out, row)| {
            let mut sum: f64 = row.iter().take(radius).map(|&v| f64::from(v)).sum();
            for (x, slot) in out.iter_mut().enumerate() {
                if let Some(&entering) = row.get(x + radius) {
                    sum += f64::from(entering);
                }
                if x > radius {
                    sum -= f64::from(row[x - radius - 1]);
                }
                let count = (x + radius + 1).min(width) - x.saturating_sub(radius);
                *slot = (sum / count as f64) as f32;
            }
        });
        Self { values, ..*self }
    }

    fn transposed(&self) -> Self {
        let (width, height) = (self.width.max(1), self.height.max(1));
        let mut values = vec![0.0; self.values.len()];
        values.par_chunks_mut(height).enumerate().for_each(|(x, column)| {
            for (y, slot) in column.iter_mut().enumerate() {
                *slot = self.values[y * width + x];
            }
        });
        Self { width: self.height, height: self.width, values }
    }
}

/// Rec. 601 luma of an sRGB colour.
pub fn luma([r, g, b]: [f32; 3]) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}

/// Smooths `input` but keeps the edges of `guide` (He, Sun and Tang, "Guided Image Filtering", PAMI 2013).
///
/// `radius` in pixels; `epsilon` is the variance of the guide below which a window counts as flat.
pub fn guided_filter(guide: &Plane, input: &Plane, radius: usize, epsilon: f32) -> Plane {
    let product = |a: &Plane, b: &Plane| a.zip(b, |x, y| x * y).box_mean(radius);
    let (mean_guide, mean_input) = (guide.box_mean(radius), input.box_mean(radius));
    let variance = product(guide, guide).zip(&mean_guide, |square, mean| (square - mean * mean).max(0.0));
    let means = mean_guide.zip(&mean_input, |a, b| a * b);
    let covariance = product(guide, input).zip(&means, |both, means| both - means);
    let slope = covariance.zip(&variance, |c, v| c / (v + epsilon));
    let offset = mean_input.zip(&slope.zip(&mean_guide, |a, m| a * m), |mean, part| mean - part);
    slope.box_mean(radius).zip(guide, |a, i| a * i).zip(&offset.box_mean(radius), |part, b| part + b)
}

/// The three channels of a picture, 0 to 1.
pub fn planes(image: &RgbImage) -> [Plane; 3] {
    std::array::from_fn(|c| channel(image, c))
}

/// One channel of a picture, 0 to 1.
pub fn channel(image: &RgbImage, index: usize) -> Plane {
    let values = image.pixels().map(|p| f32::from(p.0[index.min(2)]) / 255.0).collect();
    Plane { width: image.width() as usize, height: image.height() as usize, values }
}

/// A picture from three channels of one size; values beyond 0 to 1 are clipped.
pub fn picture(planes: &[Plane; 3]) -> RgbImage {
    let [r, g, b] = planes;
    let bytes = r.values.iter().zip(&g.values).zip(&b.values).flat_map(|((&r, &g), &b)| [byte(r), byte(g), byte(b)]);
    ImageBuffer::from_raw(r.width as u32, r.height as u32, bytes.collect()).unwrap_or_else(|| RgbImage::new(1, 1))
}

/// 0 to 1 as 0 to 255, rounded, clipped; a value that is no number is 0.
pub fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// Each pixel of a picture mapped, as floats 0 to 1.
pub fn map_pixels(image: &mut RgbImage, f: impl Fn([f32; 3]) -> [f32; 3] + Sync) {
    image.as_flat_samples_mut().samples.par_chunks_mut(3).with_min_len(4096).for_each(|pixel| {
        let mapped = f([0, 1, 2].map(|c| f32::from(pixel[c]) / 255.0));
        for (slot, value) in pixel.iter_mut().zip(mapped) {
            *slot = byte(value);
        }
    });
}

/// A picture at another size: Lanczos with three lobes, widened when it shrinks.
pub fn resize(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    if image.dimensions() == (width, height) {
        return image.clone();
    }
    imageops::resize(image, width.max(1), height.max(1), imageops::FilterType::Lanczos3)
}

/// The size with the aspect of `(width, height)` whose long side is at most `long`.
pub fn fit_within((width, height): (u32, u32), long: u32) -> (u32, u32) {
    let scale = f64::from(long) / f64::from(width.max(height).max(1));
    if scale >= 1.0 {
        return (width.max(1), height.max(1));
    }
    let side = |v: u32| ((f64::from(v) * scale).round() as u32).max(1);
    (side(width), side(height))
}

/// Planar floats (C, H, W), 0 to 1, of a picture padded on the right and below to `(width, height)` by reflection.
pub fn to_chw(image: &RgbImage, width: usize, height: usize) -> Vec<f32> {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let mut values = Vec::with_capacity(3 * width * height);
    for channel in 0..3 {
        for y in 0..height {
            let row = reflect(y, h) as u32;
            values.extend((0..width).map(|x| f32::from(image.get_pixel(reflect(x, w) as u32, row).0[channel]) / 255.0));
        }
    }
    values
}

/// The top left `(width, height)` of planar floats whose rows have `stride` values.
pub fn from_chw(values: &[f32], stride: usize, (width, height): (u32, u32)) -> RgbImage {
    let plane = values.len() / 3;
    RgbImage::from_fn(width, height, |x, y| {
        let at = y as usize * stride + x as usize;
        Rgb([0, 1, 2].map(|c| values.get(c * plane + at).map_or(0, |&v| byte(v))))
    })
}

/// The index inside `0..n` that mirrors `i` at the borders without repeating them.
pub fn reflect(i: usize, n: usize) -> usize {
    if n <= 1 {
        return 0;
    }
    let period = 2 * (n - 1);
    let i = i % period;
    i.min(period - i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn box_means_are_means() {
        let plane = Plane::from_fn(7, 5, |x, y| (x * 3 + y * y) as f32);
        let mean = plane.box_mean(2);
        for (x, y) in [(0, 0), (3, 2), (6, 4), (5, 0)] {
            let (mut sum, mut count) = (0.0, 0.0);
            for v in y.max(2) - 2..(y + 3).min(5) {
                for u in x.max(2) - 2..(x + 3).min(7) {
                    sum += plane.values[v * 7 + u];
                    count += 1.0;
                }
            }
            assert!((mean.values[y * 7 + x] - sum / count).abs() < 1e-4, "{x} {y}");
        }
        assert_eq!(plane.box_mean(100).values.len(), 35);
    }

    #[test]
    fn the_guided_filter_keeps_the_guides_edge_and_removes_noise() {
        let guide = Plane::from_fn(40, 20, |x, _| if x < 20 { 0.1 } else { 0.9 });
        // A mask whose edge is soft and two pixels off.
        let mask = Plane::from_fn(40, 20, |x, _| ((x as f32 - 14.0) / 8.0).clamp(0.0, 1.0));
        let refined = guided_filter(&guide, &mask, 6, 1e-4);
        let step = |p: &Plane| p.values[10 * 40 + 20] - p.values[10 * 40 + 19];
        assert!(step(&refined) > 3.0 * step(&mask), "{} {}", step(&refined), step(&mask));
        let flat = Plane::from_fn(40, 20, |_, _| 0.5);
        let noisy = Plane::from_fn(40, 20, |x, y| ((x + y) % 2) as f32);
        let smooth = guided_filter(&flat, &noisy, 4, 1e-4);
        assert!((smooth.values[10 * 40 + 20] - 0.5).abs() < 0.02);
    }

    #[test]
    fn reflection_stays_inside() {
        assert_eq!((0..8).map(|i| reflect(i, 4)).collect::<Vec<_>>(), [0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!(reflect(9, 1), 0);
        assert_eq!(byte(f32::NAN), 0);
    }

    #[test]
    fn planar_floats_round_trip() {
        let image = RgbImage::from_fn(5, 3, |x, y| Rgb([x as u8 * 9, y as u8 * 7, 200]));
        assert_eq!(from_chw(&to_chw(&image, 8, 4), 8, (5, 3)), image);
        assert_eq!(picture(&planes(&image)), image);
        assert_eq!(fit_within((4000, 1000), 2048), (2048, 512));
        assert_eq!(fit_within((30, 20), 2048), (30, 20));
    }
}
