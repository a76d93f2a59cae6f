//! A picture as two layers in linear light: the main object with its soft outline, and the background without it.
//!
//! Laid over each other where they came from they are the picture again, exactly; so the first frame of a film is the
//! picture, and nothing shows until they move apart. What the object hid is filled in from around it.

use image::RgbImage;

use crate::engine::restyle::{
    colour::{to_linear, to_srgb},
    cutout,
    raster::{self, Plane},
};

/// Linear light, premultiplied: R, G, B, alpha.
pub(in crate::engine) type Pixel = [f32; 4];

/// A layer.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Layer {
    pub(in crate::engine) width: usize,
    pub(in crate::engine) height: usize,
    pub(in crate::engine) pixels: Vec<Pixel>,
}

/// An object smaller than this part of the picture, or larger, is none that could move apart.
const SHARE: std::ops::RangeInclusive<f32> = 0.03..=0.75;
/// The part of an object's outline that may be unsure, of its area.
const SOFT_MAX: f32 = 0.35;
/// How far around the object its traces are looked for, as a part of the long side.
const RIM: f32 = 0.012;

impl Layer {
    /// The whole picture.
    pub(in crate::engine) fn opaque(picture: &RgbImage) -> Self {
        Self::reduced(picture, 1)
    }

    /// The whole picture, each pixel the mean of a square of `step` pixels: a large picture needn't be floats first.
    pub(in crate::engine) fn reduced(picture: &RgbImage, step: u32) -> Self {
        let table: Vec<f32> = (0..=255u8).map(|v| to_linear(f32::from(v) / 255.0)).collect();
        let (width, height) = (picture.width().div_ceil(step), picture.height().div_ceil(step));
        let mean = |x: u32, y: u32| {
            let (mut sum, mut count) = ([0.0f32; 3], 0.0);
            for v in y * step..((y + 1) * step).min(picture.height()) {
                for u in x * step..((x + 1) * step).min(picture.width()) {
                    let light = picture.get_pixel(u, v).0.map(|v| table[usize::from(v)]);
                    sum = std::array::from_fn(|c| sum[c] + light[c]);
                    count += 1.0;
                }
            }
            let [r, g, b] = sum.map(|v| v / count);
            [r, g, b, 1.0]
        };
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| mean(x, y)).collect();
        Self { width: width as usize, height: height as usize, pixels }
    }

    /// The layer at another size, by area and a wide kernel, so that nothing flickers.
    pub(in crate::engine) fn resized(self, width: usize, height: usize) -> Self {
        if (self.width, self.height) == (width, height) {
            return self;
        }
        let raw: Vec<f32> = self.pixels.into_iter().flatten().collect();
        let buffer: image::ImageBuffer<image::Rgba<f32>, Vec<f32>> =
            image::ImageBuffer::from_raw(self.width as u32, self.height as u32, raw)
                .unwrap_or_else(|| image::ImageBuffer::new(1, 1));
        let kernel = image::imageops::FilterType::Lanczos3;
        let small = image::imageops::resize(&buffer, width.max(1) as u32, height.max(1) as u32, kernel);
        // Lanczos overshoots: light is never less than none.
        let pixels = small.pixels().map(|p| p.0.map(|v| v.max(0.0))).collect();
        Self { width: small.width() as usize, height: small.height() as usize, pixels }
    }

    /// In sRGB, for the eyes of a network.
    pub(in crate::engine) fn picture(&self) -> RgbImage {
        RgbImage::from_fn(self.width as u32, self.height as u32, |x, y| {
            let [r, g, b, _] = self.pixels[y as usize * self.width + x as usize];
            image::Rgb([r, g, b].map(|v| raster::byte(to_srgb(v))))
        })
    }
}

/// Whether a mask of the main object, 0 to 1, is sure enough to cut along.
pub(in crate::engine) fn is_sure(alpha: &Plane) -> bool {
    let count = alpha.values.len().max(1) as f32;
    let area = alpha.values.iter().sum::<f32>() / count;
    let soft = alpha.values.iter().filter(|a| (0.1..0.9).contains(*a)).count() as f32 / count;
    SHARE.contains(&area) && soft <= SOFT_MAX * area
}

/// The object and the background of `whole` along `alpha`, which is of its size.
pub(in crate::engine) fn split(whole: &Layer, alpha: &Plane) -> (Layer, Layer) {
    let picture = whole.picture();
    let front = Layer::opaque(&cutout::foreground(&picture, alpha));
    let (mut object, mut behind) = (whole.clone(), uncover(whole, alpha).0);
    for (i, &a) in alpha.values.iter().enumerate() {
        let (whole, front) = (whole.pixels[i], front.pixels[i]);
        let back = &mut behind.pixels[i];
        let mut fore = front;
        // One of the two is measured so that both together are the picture; the thicker one hides its own error.
        for c in 0..3 {
            if a < 0.5 {
                let seen = ((whole[c] - a * front[c]) / (1.0 - a)).clamp(0.0, 1.5);
                back[c] += (seen - back[c]) * (1.0 - a * 2.0);
                fore[c] = if a > 0.0 { (whole[c] - (1.0 - a) * back[c]) / a } else { 0.0 };
            } else {
                fore[c] = (whole[c] - (1.0 - a) * back[c]) / a;
            }
        }
        back[3] = 1.0;
        object.pixels[i] = [fore[0] * a, fore[1] * a, fore[2] * a, a];
    }
    (object, behind)
}

/// What lies behind the object of `whole` along `alpha`, filled in from around it, and how much of it is filled in.
pub(in crate::engine) fn uncover(whole: &Layer, alpha: &Plane) -> (Layer, Plane) {
    let rim = ((whole.width.max(whole.height) as f32 * RIM).ceil() as usize).max(2);
    // Wherever the object is near, the picture says nothing sure of the background.
    let hidden = alpha.box_mean(rim).map(|near| (near * 8.0).clamp(0.0, 1.0));
    let known = whole.pixels.iter().zip(&hidden.values).map(|(p, hidden)| {
        let weight = 1.0 - hidden;
        [p[0] * weight, p[1] * weight, p[2] * weight, weight]
    });
    (fill(&Layer { pixels: known.collect(), ..*whole }), hidden)
}

/// Fills what has no weight from what is around it: averages of ever wider surroundings (pull), then back to the fine
/// ones where nothing finer is known (push). Gortler and others, "The Lumigraph", SIGGRAPH 1996, section 3.4.
fn fill(layer: &Layer) -> Layer {
    if layer.width <= 1 && layer.height <= 1 {
        return finished(layer, None);
    }
    let (width, height) = (layer.width.div_ceil(2), layer.height.div_ceil(2));
    let mut coarse = Layer { width, height, pixels: vec![[0.0; 4]; width * height] };
    for y in 0..layer.height {
        for x in 0..layer.width {
            let cell = &mut coarse.pixels[y / 2 * width + x / 2];
            for (sum, value) in cell.iter_mut().zip(layer.pixels[y * layer.width + x]) {
                *sum += value;
            }
        }
    }
    for cell in &mut coarse.pixels {
        // A sum of weights beyond 1 is as good as known.
        let scale = 1.0 / cell[3].max(1.0);
        *cell = cell.map(|v| v * scale);
    }
    let below = fill(&coarse);
    finished(layer, Some(&below))
}

/// The layer where it is known, `below` (of half its size) shining through where it is not.
fn finished(layer: &Layer, below: Option<&Layer>) -> Layer {
    let mut out = layer.clone();
    for y in 0..layer.height {
        for x in 0..layer.width {
            let pixel = &mut out.pixels[y * layer.width + x];
            let weight = pixel[3];
            if let Some(below) = below.filter(|_| weight < 1.0) {
                let under = below.between(x as f32 / 2.0 - 0.25, y as f32 / 2.0 - 0.25);
                for c in 0..3 {
                    pixel[c] += under[c] * (1.0 - weight);
                }
                pixel[3] = 1.0;
            } else if weight > 0.0 {
                *pixel = pixel.map(|v| v / weight);
            }
        }
    }
    out
}

impl Layer {
    /// The colour between four pixels; borders repeat.
    fn between(&self, x: f32, y: f32) -> Pixel {
        let (x0, y0) = (x.floor(), y.floor());
        let (fx, fy) = (x - x0, y - y0);
        let at = |dx: f32, dy: f32| {
            let u = ((x0 + dx).max(0.0) as usize).min(self.width - 1);
            let v = ((y0 + dy).max(0.0) as usize).min(self.height - 1);
            self.pixels[v * self.width + u]
        };
        let (a, b, c, d) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0), at(1.0, 1.0));
        std::array::from_fn(|i| (a[i] * (1.0 - fx) + b[i] * fx) * (1.0 - fy) + (c[i] * (1.0 - fx) + d[i] * fx) * fy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A red disc with a soft edge on a wall of stripes.
    fn scene() -> (Layer, Plane) {
        let alpha = Plane::from_fn(96, 64, |x, y| {
            ((20.0 - (x as f32 - 48.0).hypot(y as f32 - 32.0)) / 4.0 + 0.5).clamp(0.0, 1.0)
        });
        let picture = RgbImage::from_fn(96, 64, |x, y| {
            let a = alpha.values[y as usize * 96 + x as usize];
            let wall = [60.0 + x as f32, 90.0, 150.0];
            image::Rgb([0, 1, 2].map(|c| (wall[c] * (1.0 - a) + [220.0, 40.0, 30.0][c] * a) as u8))
        });
        (Layer::opaque(&picture), alpha)
    }

    #[test]
    fn the_layers_together_are_the_picture() {
        let (whole, alpha) = scene();
        let (object, behind) = split(&whole, &alpha);
        for ((front, back), wanted) in object.pixels.iter().zip(&behind.pixels).zip(&whole.pixels) {
            for c in 0..3 {
                assert!((front[c] + back[c] * (1.0 - front[3]) - wanted[c]).abs() < 1e-4);
            }
            assert!((back[3] - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn what_was_hidden_looks_like_what_is_around_it() {
        let (whole, alpha) = scene();
        let (_, behind) = split(&whole, &alpha);
        for x in 30..66 {
            let [r, g, b] = behind.picture().get_pixel(x, 32).0;
            // No red of the disc, and between the wall's left and right.
            assert!((70..170).contains(&r) && g.abs_diff(90) < 12 && b.abs_diff(150) < 12, "{x}: {r} {g} {b}");
        }
    }

    #[test]
    fn only_sure_masks_are_cut_along() {
        assert!(is_sure(&scene().1));
        assert!(!is_sure(&Plane::from_fn(50, 50, |_, _| 0.0)));
        assert!(!is_sure(&Plane::from_fn(50, 50, |_, _| 1.0)));
        assert!(!is_sure(&Plane::from_fn(50, 50, |x, _| if x < 25 { 0.5 } else { 0.0 })));
    }

    #[test]
    fn nothing_known_and_one_pixel_are_survived() {
        let empty = Layer { width: 7, height: 5, pixels: vec![[0.0; 4]; 35] };
        assert!(fill(&empty).pixels.iter().all(|p| p.iter().all(|v| v.is_finite())));
        let one = Layer { width: 1, height: 1, pixels: vec![[0.2, 0.2, 0.2, 1.0]] };
        let (object, behind) = split(&one, &Plane::from_fn(1, 1, |_, _| 1.0));
        assert!((object.pixels[0][3] - 1.0).abs() < 1e-6 && behind.pixels.len() == 1);
    }
}
