//! Between pixels and latents: encoding, decoding, and decoding large pictures tile by tile.

use image::{Rgb, RgbImage};

use super::{
    layout::{Layout, Part},
    noise::TorchGenerator,
    parts::Parts,
};
use crate::engine::{CancelToken, EngineError, RunContext, session::Value};

/// Latents of one picture: channels x height x width.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Latents {
    pub(super) values: Vec<f32>,
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Latents {
    /// A copy of a rectangle that lies within.
    fn crop(&self, top: usize, left: usize, height: usize, width: usize) -> Self {
        let mut values = Vec::with_capacity(self.channels * height * width);
        for channel in 0..self.channels {
            for y in top..top + height {
                let from = (channel * self.height + y) * self.width + left;
                values.extend_from_slice(&self.values[from..from + width]);
            }
        }
        Self { values, channels: self.channels, height, width }
    }
}

/// More latents than this are decoded in tiles: 1024 x 1024 pixels.
pub(super) const WHOLE_MAX: usize = 128 * 128;
/// Latents a side of a tile.
pub(super) const TILE: usize = 64;

/// The latents of a picture whose sides are multiples of a latent's, scaled as the U-Net wants them.
pub(super) fn encode(
    picture: &RgbImage,
    (layout, parts): (&Layout, &mut Parts),
    generator: &mut TorchGenerator,
    cancel: &CancelToken,
) -> Result<Latents, EngineError> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let plane = |c: usize| picture.pixels().map(move |p| 2.0 * (f32::from(p.0[c]) / 255.0) - 1.0);
    let pixels: Vec<f32> = (0..3).flat_map(plane).collect();
    let graph = parts.get(layout, Part::VaeEncoder, cancel)?;
    let input = graph.input_name("sample")?;
    let value = Value::F32(vec![1, 3, height, width], pixels);
    let (shape, values) = graph.run_for(vec![(&input, value)], "latent_parameters", cancel)?;
    let (channels, height, width) = match shape[..] {
        [1, c, h, w] if h > 0 && w > 0 => (c, h, w),
        _ => return Err(EngineError::Model(format!("vae_encoder gave latents of shape {shape:?}"))),
    };
    let count = layout.latent_channels * height * width;
    let mut latents = if channels == 2 * layout.latent_channels {
        // Mean and logarithm of the variance: a sample of that distribution, as diffusers draws it.
        let noise = generator.normal(count);
        let (mean, log_variance) = values.split_at(count);
        let spread = log_variance.iter().map(|v| (0.5 * v.clamp(-30.0, 20.0)).exp());
        mean.iter().zip(spread).zip(noise).map(|((m, s), n)| m + s * n).collect()
    } else if channels == layout.latent_channels {
        values
    } else {
        return Err(EngineError::Model(format!("vae_encoder gave {channels} channels")));
    };
    for value in &mut latents {
        *value *= layout.scaling;
    }
    Ok(Latents { values: latents, channels: layout.latent_channels, height, width })
}

/// The picture of finished latents.
pub(super) fn decode(
    latents: &Latents,
    (layout, parts): (&Layout, &mut Parts),
    whole_max: usize,
    ctx: &RunContext<'_>,
) -> Result<RgbImage, EngineError> {
    let (part, scaling) = if layout.has(Part::TinyDecoder) {
        (Part::TinyDecoder, layout.tiny_scaling)
    } else {
        (Part::VaeDecoder, layout.scaling)
    };
    let mut latents = latents.clone();
    for value in &mut latents.values {
        *value /= scaling;
    }
    let pixels = if latents.height * latents.width <= whole_max {
        decode_whole(&latents, part, (layout, parts), ctx.cancel_token())?
    } else {
        decode_tiled(&latents, part, (layout, parts), ctx)?
    };
    let (width, height) = (pixels.width as u32, pixels.height as u32);
    let count = pixels.width * pixels.height;
    // As numpy rounds: half to even.
    let byte = |v: f32| ((v / 2.0 + 0.5).clamp(0.0, 1.0) * 255.0).round_ties_even() as u8;
    Ok(RgbImage::from_fn(width, height, |x, y| {
        let at = y as usize * pixels.width + x as usize;
        Rgb([0, 1, 2].map(|c| byte(pixels.values[c * count + at])))
    }))
}

fn decode_whole(
    latents: &Latents,
    part: Part,
    (layout, parts): (&Layout, &mut Parts),
    cancel: &CancelToken,
) -> Result<Latents, EngineError> {
    let graph = parts.get(layout, part, cancel)?;
    let input = graph.input_name("latent_sample")?;
    let value = Value::F32(vec![1, latents.channels, latents.height, latents.width], latents.values.clone());
    let (shape, values) = graph.run_for(vec![(&input, value)], "sample", cancel)?;
    let wanted = [1, 3, latents.height * layout.latent_pixels, latents.width * layout.latent_pixels];
    if shape != wanted {
        return Err(EngineError::Model(format!("{} gave pixels of shape {shape:?}, not {wanted:?}", part.folder())));
    }
    Ok(Latents { values, channels: 3, height: wanted[2], width: wanted[3] })
}

/// `AutoencoderKL.tiled_decode` of diffusers: tiles overlap by a quarter and fade into each other.
fn decode_tiled(
    latents: &Latents,
    part: Part,
    (layout, parts): (&Layout, &mut Parts),
    ctx: &RunContext<'_>,
) -> Result<Latents, EngineError> {
    let scale = layout.latent_pixels;
    let stride = TILE * 3 / 4;
    let (fade, keep) = (TILE * scale / 4, TILE * scale - TILE * scale / 4);
    let (height, width) = (latents.height * scale, latents.width * scale);
    let mut whole = Latents { values: vec![0.0; 3 * height * width], channels: 3, height, width };
    let (rows, columns) = (latents.height.div_ceil(stride), latents.width.div_ceil(stride));
    let mut above: Vec<Latents> = Vec::new();
    for row in 0..rows {
        let mut line: Vec<Latents> = Vec::with_capacity(columns);
        for column in 0..columns {
            ctx.step(row * columns + column, rows * columns)?;
            let (top, left) = (row * stride, column * stride);
            let tile = latents.crop(top, left, TILE.min(latents.height - top), TILE.min(latents.width - left));
            let mut tile = decode_whole(&tile, part, (layout, parts), ctx.cancel_token())?;
            if let Some(upper) = above.get(column) {
                fade_down(upper, &mut tile, fade);
            }
            if let Some(before) = line.last() {
                fade_right(before, &mut tile, fade);
            }
            paste(&tile, &mut whole, (row * keep, column * keep), keep);
            line.push(tile);
        }
        above = line;
    }
    Ok(whole)
}

/// Fades the bottom of `upper` into the top of `tile`.
fn fade_down(upper: &Latents, tile: &mut Latents, extent: usize) {
    let extent = extent.min(upper.height).min(tile.height);
    for channel in 0..tile.channels {
        for y in 0..extent {
            let share = y as f32 / extent as f32;
            let from = (channel * upper.height + upper.height - extent + y) * upper.width;
            let to = (channel * tile.height + y) * tile.width;
            for x in 0..tile.width.min(upper.width) {
                tile.values[to + x] = upper.values[from + x] * (1.0 - share) + tile.values[to + x] * share;
            }
        }
    }
}

/// Fades the right of `before` into the left of `tile`.
fn fade_right(before: &Latents, tile: &mut Latents, extent: usize) {
    let extent = extent.min(before.width).min(tile.width);
    for channel in 0..tile.channels {
        for y in 0..tile.height.min(before.height) {
            let from = (channel * before.height + y) * before.width + before.width - extent;
            let to = (channel * tile.height + y) * tile.width;
            for x in 0..extent {
                let share = x as f32 / extent as f32;
                tile.values[to + x] = before.values[from + x] * (1.0 - share) + tile.values[to + x] * share;
            }
        }
    }
}

fn paste(tile: &Latents, whole: &mut Latents, (top, left): (usize, usize), keep: usize) {
    let (height, width) = (keep.min(tile.height), keep.min(tile.width));
    let (height, width) = (height.min(whole.height - top), width.min(whole.width - left));
    for channel in 0..whole.channels {
        for y in 0..height {
            let from = (channel * tile.height + y) * tile.width;
            let to = (channel * whole.height + top + y) * whole.width + left;
            whole.values[to..to + width].copy_from_slice(&tile.values[from..from + width]);
        }
    }
}
