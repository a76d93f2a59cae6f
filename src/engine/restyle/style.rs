//! Paints a picture in one of 26 styles, a blend of them, or the style of a second picture.
//!
//! Owns the networks of the pack `styletransfer`: one conditional instance normalisation network (Dumoulin et al., "A
//! Learned Representation for Artistic Style", ICLR 2017) and Magenta's arbitrary stylisation pair (Ghiasi et al., BMVC
//! 2017). Its results have the input's own size. Does not read prompts and does not mix with the original.

use image::{RgbImage, imageops};

use super::{
    catalogue::{STYLE_COUNT, by_index},
    raster::{self, Plane},
    upscale::Upscaler,
};
use crate::engine::{
    EngineError, RunContext, bundle,
    session::{Graph, GraphOptions, Value},
};

/// The long side in pixels up to which the painting network works itself: its memory grows with the area and its brush
/// does not grow with the picture.
pub const PAINT_LONG_SIDE: u32 = 1024;
/// The side that the arbitrary network is fixed at, and that of its style input.
const TRANSFORM_SIDE: u32 = 384;
const PREDICT_SIDE: u32 = 256;
/// Below this the painting network has nothing to work on; smaller pictures are enlarged first.
const PAINT_SHORT_SIDE: u32 = 32;

/// Weights of the 26 styles that sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct StyleWeights([f32; STYLE_COUNT]);

impl StyleWeights {
    /// Normalises shares of styles by index; `None` if a share is negative or no number, a style is not on offer, or
    /// all are 0.
    pub fn new(shares: &[(usize, f32)]) -> Option<Self> {
        let mut weights = [0.0; STYLE_COUNT];
        for &(index, share) in shares {
            by_index(index)?;
            if !share.is_finite() || share < 0.0 {
                return None;
            }
            weights[index] += share;
        }
        let sum: f32 = weights.iter().sum();
        (sum > 0.0 && sum.is_finite()).then(|| Self(weights.map(|w| w / sum)))
    }

    /// The weights, one a style of the network.
    pub const fn values(&self) -> &[f32; STYLE_COUNT] {
        &self.0
    }
}

/// The painting networks, each loaded when it is first needed.
#[derive(Default)]
pub struct Painter {
    multi: Option<Graph>,
    predict: Option<Graph>,
    transform: Option<Graph>,
}

/// The graph in `slot`, loaded from the bundle if it isn't yet.
fn loaded<'a>(slot: &'a mut Option<Graph>, name: &str) -> Result<&'a mut Graph, EngineError> {
    let graph = match slot.take() {
        Some(graph) => graph,
        None => Graph::from_bytes(bundle::bytes(name)?, GraphOptions::default())?,
    };
    Ok(slot.insert(graph))
}

impl Painter {
    /// The picture painted in a blend of styles, at its own size.
    ///
    /// A picture whose long side is over [`PAINT_LONG_SIDE`] is painted at that and enlarged by the upscaler.
    pub fn paint(
        &mut self,
        image: &RgbImage,
        weights: &StyleWeights,
        upscaler: &mut Option<Upscaler>,
        ctx: &RunContext<'_>,
    ) -> Result<RgbImage, EngineError> {
        ctx.step(0, 1)?;
        let (width, height) = raster::fit_within(image.dimensions(), PAINT_LONG_SIDE);
        let small = raster::resize(image, width.max(PAINT_SHORT_SIDE), height.max(PAINT_SHORT_SIDE));
        let (pad_w, pad_h) = (small.width().next_multiple_of(4) as usize, small.height().next_multiple_of(4) as usize);
        let picture = Value::F32(vec![1, 3, pad_h, pad_w], raster::to_chw(&small, pad_w, pad_h));
        let styles = Value::F32(vec![STYLE_COUNT], weights.0.to_vec());
        let graph = loaded(&mut self.multi, "styletransfer/multistyle26.onnx")?;
        let mut outputs = graph.run(vec![("image", picture), ("style_weights", styles)], ctx.cancel_token())?;
        let (_, values) = take(&mut outputs, "stylized", 3 * pad_w * pad_h)?;
        let painted = raster::from_chw(&values, pad_w, small.dimensions());
        if painted.width() >= image.width() && painted.height() >= image.height() {
            return Ok(raster::resize(&painted, image.width(), image.height()));
        }
        enlarge(&painted, image.dimensions(), upscaler, &ctx.part("upscaling", 0.3, 1.0))
    }

    /// The picture painted as the second picture is, at its own size.
    ///
    /// The network works at 384 pixels. What it paints is enlarged plainly (the upscaler would sharpen the raster that
    /// its transposed convolutions leave), and the input's own detail beyond
    /// that resolution is carried over by the local relation of painted to plain luma (a fast guided filter: He and
    /// Sun, 2015), so that the result is as sharp as the input.
    pub fn paint_like(
        &mut self,
        image: &RgbImage,
        style: &RgbImage,
        ctx: &RunContext<'_>,
    ) -> Result<RgbImage, EngineError> {
        ctx.step(0, 1)?;
        let vector = self.style_vector(style, ctx)?;
        let scale = f64::from(TRANSFORM_SIDE) / f64::from(image.width().max(image.height()));
        let side = |v: u32| ((f64::from(v) * scale).round() as u32).clamp(1, TRANSFORM_SIDE);
        let small = raster::resize(image, side(image.width()), side(image.height()));
        let fixed = TRANSFORM_SIDE as usize;
        let content = interleaved(&small, fixed);
        let graph = loaded(&mut self.transform, "styletransfer/arbitrary_transform.onnx")?;
        let (names, output) = (graph.input_names(), first_output(graph));
        let [content_name, style_name] = names.as_slice() else {
            return Err(EngineError::Model("the style network has unexpected inputs".into()));
        };
        let inputs = vec![
            (content_name.as_str(), Value::F32(vec![1, fixed, fixed, 3], content)),
            (style_name.as_str(), Value::F32(vec![1, 1, 1, vector.len()], vector)),
        ];
        let mut outputs = graph.run(inputs, ctx.cancel_token())?;
        let (_, values) = take(&mut outputs, &output, 3 * fixed * fixed)?;
        let painted = RgbImage::from_fn(small.width(), small.height(), |x, y| {
            let at = 3 * (y as usize * fixed + x as usize);
            image::Rgb([0, 1, 2].map(|c| raster::byte(values[at + c])))
        });
        let large = raster::resize(&painted, image.width(), image.height());
        Ok(carry_detail(image, &small, &painted, &large))
    }

    /// The 100 numbers that the network knows a style by.
    fn style_vector(&mut self, style: &RgbImage, ctx: &RunContext<'_>) -> Result<Vec<f32>, EngineError> {
        let side = style.width().min(style.height()).max(1);
        let (x, y) = ((style.width() - side) / 2, (style.height() - side) / 2);
        let square = imageops::crop_imm(style, x, y, side, side).to_image();
        let square = raster::resize(&square, PREDICT_SIDE, PREDICT_SIDE);
        let fixed = PREDICT_SIDE as usize;
        let graph = loaded(&mut self.predict, "styletransfer/arbitrary_predict.onnx")?;
        let (input, output) = (graph.input_names().first().cloned().unwrap_or_default(), first_output(graph));
        let value = Value::F32(vec![1, fixed, fixed, 3], interleaved(&square, fixed));
        let mut outputs = graph.run(vec![(input.as_str(), value)], ctx.cancel_token())?;
        Ok(take(&mut outputs, &output, 100)?.1)
    }
}

fn first_output(graph: &Graph) -> String {
    graph.output_names().first().cloned().unwrap_or_default()
}

/// The named output, if it has as many values as it must.
fn take(
    outputs: &mut std::collections::HashMap<String, Value>,
    name: &str,
    length: usize,
) -> Result<(Vec<usize>, Vec<f32>), EngineError> {
    let wrong = || EngineError::Model("the style network gave something unexpected".into());
    let (shape, values) = outputs.remove(name).ok_or_else(wrong)?.into_f32()?;
    if values.len() == length { Ok((shape, values)) } else { Err(wrong()) }
}

/// Interleaved floats (H, W, C), 0 to 1, padded to a square by reflection.
fn interleaved(image: &RgbImage, side: usize) -> Vec<f32> {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let mut values = Vec::with_capacity(3 * side * side);
    for y in 0..side {
        for x in 0..side {
            let pixel = image.get_pixel(raster::reflect(x, w) as u32, raster::reflect(y, h) as u32);
            values.extend(pixel.0.map(|v| f32::from(v) / 255.0));
        }
    }
    values
}

/// A painted picture at a larger size, its strokes kept crisp by the upscaler.
pub fn enlarge(
    painted: &RgbImage,
    size: (u32, u32),
    upscaler: &mut Option<Upscaler>,
    ctx: &RunContext<'_>,
) -> Result<RgbImage, EngineError> {
    if upscaler.is_none() && (size.0 > painted.width() || size.1 > painted.height()) {
        *upscaler = Some(Upscaler::load()?);
    }
    match upscaler {
        Some(upscaler) => upscaler.upscale_to(painted, size, ctx),
        None => Ok(raster::resize(painted, size.0, size.1)),
    }
}

/// Adds to `large` what `image` has beyond the resolution of `small`, as strongly as painted and plain luma relate.
fn carry_detail(image: &RgbImage, small: &RgbImage, painted: &RgbImage, large: &RgbImage) -> RgbImage {
    let (plain, colour) = (Plane::luma(small), Plane::luma(painted));
    let radius = 6;
    let mean = |a: &Plane, b: &Plane| a.zip(b, |x, y| x * y).box_mean(radius);
    let (mean_plain, mean_colour) = (plain.box_mean(radius), colour.box_mean(radius));
    let variance = mean(&plain, &plain).zip(&mean_plain.map(|m| m * m), |s, m| (s - m).max(0.0));
    let covariance = mean(&plain, &colour).zip(&mean_plain.zip(&mean_colour, |a, b| a * b), |s, m| s - m);
    let slope = covariance.zip(&variance, |c, v| (c / (v + 1e-3)).clamp(0.0, 1.2)).box_mean(radius);
    let (width, height) = (image.width() as usize, image.height() as usize);
    let slope = slope.resized(width, height);
    let blurred = Plane::luma(&raster::resize(small, image.width(), image.height()));
    let detail = Plane::luma(image).zip(&blurred, |fine, coarse| fine - coarse).zip(&slope, |d, s| d * s);
    raster::picture(&raster::planes(large).map(|channel| channel.zip(&detail, |v, d| v + d)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::CancelToken;

    fn portrait(w: u32, h: u32) -> RgbImage {
        let image = image::load_from_memory(bundle::bytes("demo/portrait.jpg").unwrap()).unwrap().to_rgb8();
        raster::resize(&image, w, h)
    }

    fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
        a.iter().zip(b.iter()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
    }

    #[test]
    fn weights_sum_to_one_or_are_refused() {
        let weights = StyleWeights::new(&[(14, 3.0), (11, 1.0), (14, 1.0)]).unwrap();
        assert!((weights.values().iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((weights.values()[14] - 0.8).abs() < 1e-6);
        for bad in [&[][..], &[(17, 1.0)], &[(26, 1.0)], &[(3, -1.0)], &[(3, f32::NAN)], &[(3, 0.0)]] {
            assert_eq!(StyleWeights::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn paints_odd_sizes_in_different_styles_and_the_same_each_time() {
        let image = portrait(101, 75);
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let mut painter = Painter::default();
        let mut paint = |index| painter.paint(&image, &StyleWeights::new(&[(index, 1.0)]).unwrap(), &mut None, &ctx);
        let (night, sketch) = (paint(19).unwrap(), paint(11).unwrap());
        assert_eq!(night.dimensions(), (101, 75));
        assert!(difference(&night, &image) > 15.0 && difference(&night, &sketch) > 15.0);
        assert_eq!(night, paint(19).unwrap());
        let tiny = RgbImage::from_pixel(3, 1, image::Rgb([9, 9, 9]));
        let painted = painter.paint(&tiny, &StyleWeights::new(&[(4, 1.0)]).unwrap(), &mut None, &ctx).unwrap();
        assert_eq!(painted.dimensions(), (3, 1));
    }

    #[test]
    fn takes_a_style_from_a_picture_and_keeps_the_inputs_detail() {
        let image = portrait(480, 360);
        let style = RgbImage::from_fn(90, 60, |x, y| image::Rgb([(x * 2) as u8, 40, (y * 4) as u8]));
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let mut painter = Painter::default();
        let painted = painter.paint_like(&image, &style, &ctx).unwrap();
        assert_eq!(painted.dimensions(), (480, 360));
        assert!(difference(&painted, &image) > 10.0);
        let cancelled = CancelToken::default();
        cancelled.cancel();
        let ctx = RunContext::new(cancelled, &|_| {});
        assert!(matches!(painter.paint_like(&image, &style, &ctx), Err(EngineError::Cancelled)));
    }
}
