//! Resizing as light mixes: in linear light with premultiplied alpha, by a separable Lanczos-3 kernel.

use std::sync::LazyLock;

use image::RgbaImage;
use rayon::prelude::*;

/// sRGB to linear light (IEC 61966-2-1).
static TO_LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let v = i as f32 / 255.0;
        if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    })
});

/// Steps of the way back; fine enough that every one of the 256 values comes back as itself.
const STEPS: usize = 1 << 14;

static TO_SRGB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let encode = |v: f32| if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    (0..=STEPS).map(|i| (encode(i as f32 / STEPS as f32) * 255.0).round() as u8).collect()
});

fn to_srgb(linear: f32) -> u8 {
    TO_SRGB[(linear.clamp(0.0, 1.0) * STEPS as f32).round() as usize]
}

/// The weights of the source cells that make one output cell.
struct Tap {
    start: usize,
    weights: Vec<f32>,
}

/// Lanczos-3, widened where the picture shrinks so that nothing aliases (Turkowski, Graphics Gems I, 1990).
fn taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = from as f32 / to as f32;
    let widen = scale.max(1.0);
    let sinc =
        |x: f32| if x.abs() < 1e-6 { 1.0 } else { (x * std::f32::consts::PI).sin() / (x * std::f32::consts::PI) };
    let kernel = |x: f32| if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 };
    (0..to)
        .map(|i| {
            let centre = (i as f32 + 0.5) * scale - 0.5;
            let start = (centre - 3.0 * widen).ceil().max(0.0) as usize;
            let end = ((centre + 3.0 * widen).floor().max(0.0) as usize).min(from - 1);
            let mut weights: Vec<f32> = (start..=end).map(|j| kernel((j as f32 - centre) / widen)).collect();
            let sum: f32 = weights.iter().sum();
            for weight in &mut weights {
                *weight /= sum;
            }
            Tap { start, weights }
        })
        .collect()
}

/// The picture at most `side_max` pixels a side, by whole steps: each pixel is the mean light of a square of pixels.
/// Takes no more memory than its result, however large the picture is.
pub fn reduce(picture: RgbaImage, side_max: u32) -> RgbaImage {
    let step = picture.width().max(picture.height()).div_ceil(side_max.max(1));
    if step <= 1 {
        return picture;
    }
    // The last row and column may be of fewer pixels.
    let (width, height) = (picture.width().div_ceil(step), picture.height().div_ceil(step));
    let mut out = RgbaImage::new(width, height);
    out.par_chunks_exact_mut(width as usize * 4).enumerate().for_each(|(y, line)| {
        let rows = y as u32 * step..((y as u32 + 1) * step).min(picture.height());
        for (x, pixel) in line.chunks_exact_mut(4).enumerate() {
            let columns = x as u32 * step..((x as u32 + 1) * step).min(picture.width());
            let mut sum = [0f32; 4];
            for cell in rows.clone().flat_map(|v| columns.clone().map(move |u| (u, v))) {
                let [r, g, b, a] = picture.get_pixel(cell.0, cell.1).0;
                let alpha = f32::from(a) / 255.0;
                for (slot, value) in sum.iter_mut().zip([r, g, b]) {
                    *slot += TO_LINEAR[usize::from(value)] * alpha;
                }
                sum[3] += alpha;
            }
            let unmix = if sum[3] > 1e-4 { 1.0 / sum[3] } else { 0.0 };
            for c in 0..3 {
                pixel[c] = to_srgb(sum[c] * unmix);
            }
            pixel[3] = (sum[3] * 255.0 / (rows.len() * columns.len()) as f32).round() as u8;
        }
    });
    out
}

/// Resizes to exactly `width` x `height` pixels (each at least 1).
pub fn resize(picture: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let (width, height) = (width.max(1), height.max(1));
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    let (w, h) = (width as usize, height as usize);
    if picture.width() == 0 || picture.height() == 0 {
        return RgbaImage::new(width, height);
    }
    let across = taps(picture.width() as usize, w);
    let rows: Vec<Vec<[f32; 4]>> =
        picture.par_chunks_exact(picture.width() as usize * 4).map(|row| shrink_row(row, &across)).collect();
    let down = taps(picture.height() as usize, h);
    let mut out = RgbaImage::new(width, height);
    out.par_chunks_exact_mut(w * 4).zip(down.par_iter()).for_each(|(line, tap)| {
        let mut sums = vec![[0f32; 4]; w];
        for (row, &weight) in rows[tap.start..].iter().zip(&tap.weights) {
            for (sum, cell) in sums.iter_mut().zip(row) {
                for c in 0..4 {
                    sum[c] += weight * cell[c];
                }
            }
        }
        for (pixel, sum) in line.chunks_exact_mut(4).zip(&sums) {
            let alpha = sum[3].clamp(0.0, 1.0);
            let unmix = if alpha > 1e-4 { 1.0 / alpha } else { 0.0 };
            for c in 0..3 {
                pixel[c] = to_srgb(sum[c] * unmix);
            }
            pixel[3] = (alpha * 255.0).round() as u8;
        }
    });
    out
}

fn shrink_row(row: &[u8], across: &[Tap]) -> Vec<[f32; 4]> {
    let cells: Vec<[f32; 4]> = row
        .chunks_exact(4)
        .map(|p| {
            let alpha = f32::from(p[3]) / 255.0;
            let light = |c: u8| TO_LINEAR[usize::from(c)] * alpha;
            [light(p[0]), light(p[1]), light(p[2]), alpha]
        })
        .collect();
    let mix = |tap: &Tap| {
        cells[tap.start..].iter().zip(&tap.weights).fold([0f32; 4], |mut sum, (cell, weight)| {
            for c in 0..4 {
                sum[c] += weight * cell[c];
            }
            sum
        })
    };
    across.iter().map(mix).collect()
}

/// The picture with its longer side at most `max_side` pixels; never enlarged.
pub fn thumbnail(picture: &RgbaImage, max_side: u32) -> RgbaImage {
    let (width, height) = picture.dimensions();
    let (long, max_side) = (width.max(height), max_side.max(1));
    if long <= max_side {
        return picture.clone();
    }
    let scaled = |side: u32| {
        let whole = (u64::from(side) * u64::from(max_side) + u64::from(long) / 2) / u64::from(long);
        (whole as u32).max(1)
    };
    resize(picture, scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    #[test]
    fn fine_black_and_white_becomes_the_grey_an_eye_sees() {
        // Half of the light of white is sRGB 188, not 128.
        let board =
            RgbaImage::from_fn(64, 64, |x, y| if (x + y) % 2 == 0 { Rgba([255; 4]) } else { Rgba([0, 0, 0, 255]) });
        let small = resize(&board, 8, 8);
        assert!(small.pixels().all(|p| p.0[0].abs_diff(188) <= 3), "{:?}", small.get_pixel(4, 4));
    }

    #[test]
    fn what_is_transparent_has_no_colour_to_bleed() {
        let cut =
            RgbaImage::from_fn(64, 64, |x, _| if x < 32 { Rgba([200, 30, 30, 255]) } else { Rgba([0, 255, 0, 0]) });
        let small = resize(&cut, 16, 16);
        for pixel in small.pixels().filter(|p| p.0[3] > 16) {
            assert!(pixel.0[0].abs_diff(200) < 12 && pixel.0[1] < 60, "{pixel:?}");
        }
    }

    #[test]
    fn every_value_survives_and_flat_stays_flat() {
        for value in 0..=255u8 {
            assert_eq!(to_srgb(TO_LINEAR[usize::from(value)]), value);
        }
        let flat = RgbaImage::from_pixel(37, 23, Rgba([12, 130, 240, 255]));
        for (w, h) in [(5, 5), (100, 80), (1, 1), (37, 90)] {
            let out = resize(&flat, w, h);
            assert_eq!(out.dimensions(), (w, h));
            assert!(out.pixels().all(|p| p.0 == [12, 130, 240, 255]), "{w}x{h}");
        }
    }

    #[test]
    fn a_shrunk_wave_is_where_it_was() {
        let wave = |n: u32| {
            RgbaImage::from_fn(n, 4, |x, _| {
                let t = (x as f32 + 0.5) / n as f32 * std::f32::consts::TAU * 2.0;
                let v = to_srgb(0.5 + 0.4 * t.sin());
                Rgba([v, v, v, 255])
            })
        };
        let (small, wanted) = (resize(&wave(300), 100, 4), wave(100));
        let worst = small.iter().zip(wanted.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(worst <= 4, "off by {worst}");
    }

    #[test]
    fn thumbnails_keep_their_shape_and_are_never_larger() {
        let picture = RgbaImage::new(400, 100);
        assert_eq!(thumbnail(&picture, 200).dimensions(), (200, 50));
        assert_eq!(thumbnail(&picture, 1000).dimensions(), (400, 100));
        assert_eq!(thumbnail(&RgbaImage::new(1000, 1), 10).dimensions(), (10, 1));
    }
}
