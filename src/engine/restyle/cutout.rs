//! Finds the main object of a picture and its soft outline.
//!
//! Owns the network of the pack `u2netp` (Qin et al., "U2-Net", Pattern Recognition 2020), the refinement of its coarse
//! mask to the picture's own resolution (guided filter, He et al. 2013), and removing the old background's colour from
//! the edge. Does not decide what to do with the object.

use image::RgbImage;
use rayon::prelude::*;

use super::raster::{self, Plane};
use crate::engine::{
    EngineError, RunContext, bundle,
    ease::smoothstep,
    session::{Graph, GraphOptions, Value},
};

/// The side of the network's input.
const SIDE: usize = 320;

/// The loaded network.
pub struct Cutout {
    graph: Graph,
}

impl Cutout {
    /// Loads the network.
    pub fn load() -> Result<Self, EngineError> {
        let graph = Graph::from_bytes(bundle::bytes("u2netp/u2netp.onnx")?, GraphOptions::default())?;
        Ok(Self { graph })
    }

    /// How much each pixel belongs to the main object, 0 to 1, at 320 x 320; all 0 where the network sees none.
    pub fn saliency(&mut self, image: &RgbImage, ctx: &RunContext<'_>) -> Result<Plane, EngineError> {
        let small = raster::resize(image, SIDE as u32, SIDE as u32);
        let brightest = f32::from(small.iter().copied().max().unwrap_or(0).max(1)) / 255.0;
        let mut values = raster::to_chw(&small, SIDE, SIDE);
        for (c, (mean, deviation)) in [(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)].into_iter().enumerate() {
            for value in &mut values[c * SIDE * SIDE..(c + 1) * SIDE * SIDE] {
                *value = (*value / brightest - mean) / deviation;
            }
        }
        let input = self.graph.input_names().first().cloned().unwrap_or_default();
        let first = self.graph.output_names().first().cloned().unwrap_or_default();
        let value = Value::F32(vec![1, 3, SIDE, SIDE], values);
        let mut outputs = self.graph.run(vec![(input.as_str(), value)], ctx.cancel_token())?;
        let missing = || EngineError::Model("the cut-out network gave no mask".into());
        let (_, values) = outputs.remove(&first).ok_or_else(missing)?.into_f32()?;
        if values.len() != SIDE * SIDE {
            return Err(missing());
        }
        let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(l, h), &v| (l.min(v), h.max(v)));
        // Stretched to 0..1 as the authors do, but not where there is next to nothing to stretch.
        let span = if high < 0.1 { f32::INFINITY } else { (high - low).max(1e-6) };
        Ok(Plane { width: SIDE, height: SIDE, values }.map(|v| ((v - low) / span).clamp(0.0, 1.0)))
    }

    /// The alpha of the main object at the picture's own size, 0 to 1.
    pub fn alpha(&mut self, image: &RgbImage, ctx: &RunContext<'_>) -> Result<Plane, EngineError> {
        let coarse = self.saliency(image, ctx)?;
        Ok(refine(image, &coarse))
    }
}

/// Brings a coarse mask to the picture's size along the picture's own edges.
fn refine(image: &RgbImage, coarse: &Plane) -> Plane {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mask = coarse.resized(width, height);
    let long = width.max(height);
    // The network's pixel, and a bit more on either side, is what the edge may be off by.
    let radius = (long * 3 / (2 * SIDE)).max(2);
    let [r, g, b] = raster::planes(image);
    // One guide a channel: an edge that one channel can't see, another can. The steepest answer wins little and costs
    // noise, so the three are averaged.
    let refined: Vec<Plane> =
        [&r, &g, &b].map(|guide| raster::guided_filter(guide, &mask, radius, 3e-4)).into_iter().collect();
    let mean = refined[0].zip(&refined[1], |a, b| a + b).zip(&refined[2], |a, b| (a + b) / 3.0);
    // The sure inside and outside stay what the network said; the filter rules at the edge.
    mean.zip(&mask.box_mean(radius * 2), |fine, wide| {
        let pulled = if wide > 0.97 {
            fine.max(0.97)
        } else if wide < 0.02 {
            0.0
        } else {
            fine
        };
        smoothstep(0.12, 0.88, pulled)
    })
}

/// The object's own colours: where alpha is between 0 and 1, the background's share is taken out.
///
/// Blurred fusion (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021), one pass.
pub fn foreground(image: &RgbImage, alpha: &Plane) -> RgbImage {
    let radius = (alpha.width.max(alpha.height) / 60).max(3);
    let weight = alpha.box_mean(radius);
    let channels = raster::planes(image).map(|channel| {
        let front = channel.zip(alpha, |c, a| c * a).box_mean(radius).zip(&weight, |c, w| c / (w + 1e-5));
        let back = channel.zip(alpha, |c, a| c * (1.0 - a)).box_mean(radius).zip(&weight, |c, w| c / (1.0 - w + 1e-5));
        let mut out = channel.clone();
        out.values.par_iter_mut().enumerate().for_each(|(i, value)| {
            let a = alpha.values[i];
            if a < 0.999 {
                let (f, b) = (front.values[i], back.values[i]);
                *value = (f + a * (*value - a * f - (1.0 - a) * b)).clamp(0.0, 1.0);
            }
        });
        out
    });
    raster::picture(&channels)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::engine::CancelToken;

    #[test]
    fn finds_the_astronaut_and_not_the_wall() {
        let image = image::load_from_memory(bundle::bytes("demo/portrait.jpg").unwrap()).unwrap().to_rgb8();
        let image = raster::resize(&image, 240, 240);
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let mut cutout = Cutout::load().unwrap();
        let alpha = cutout.alpha(&image, &ctx).unwrap();
        assert_eq!((alpha.width, alpha.height), (240, 240));
        assert!(alpha.values.iter().all(|a| (0.0..=1.0).contains(a)));
        let at = |x: usize, y: usize| alpha.values[y * 240 + x];
        assert!(at(120, 90) > 0.95, "face {}", at(120, 90));
        assert!(at(40, 40) < 0.05, "wall {}", at(40, 40));
        assert_eq!(alpha, cutout.alpha(&image, &ctx).unwrap(), "the same picture gives the same mask");
    }

    #[test]
    fn tiny_and_empty_pictures_do_not_break_it() {
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let mut cutout = Cutout::load().unwrap();
        for (w, h) in [(1, 1), (2, 300), (300, 1)] {
            let alpha = cutout.alpha(&RgbImage::from_pixel(w, h, Rgb([0, 0, 0])), &ctx).unwrap();
            assert_eq!(alpha.values.len(), (w * h) as usize);
            assert!(alpha.values.iter().all(|a| (0.0..=1.0).contains(a)));
        }
    }

    #[test]
    fn the_edge_loses_the_old_background() {
        // Red object on green; the edge column is mixed half and half.
        let image = RgbImage::from_fn(41, 20, |x, _| match x {
            0..20 => Rgb([255, 0, 0]),
            20 => Rgb([128, 128, 0]),
            _ => Rgb([0, 255, 0]),
        });
        let alpha = Plane::from_fn(41, 20, |x, _| match x {
            0..20 => 1.0,
            20 => 0.5,
            _ => 0.0,
        });
        let front = foreground(&image, &alpha);
        let edge = front.get_pixel(20, 10).0;
        assert!(edge[0] > 220 && edge[1] < 40, "{edge:?}");
    }
}
