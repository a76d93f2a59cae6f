//! Four times as wide and as high by Real-ESRGAN's compact network, tile by tile so that memory is bounded.
//!
//! Owns the tiling. The network is the pack `realesrgan` (Wang et al., ICCV workshops 2021): 18 convolutions of 3x3, so
//! a pixel depends on 18 pixels around it, and tiles that overlap by that much have no seams at all.

use image::{RgbImage, imageops};

use super::raster;
use crate::engine::{
    EngineError, RunContext, bundle,
    session::{Graph, GraphOptions, Value},
};

/// How many pixels of the input beyond a tile can change its output.
pub const MARGIN: u32 = 18;
/// The factor of the network.
pub const FACTOR: u32 = 4;

/// The loaded network.
pub struct Upscaler {
    graph: Graph,
    tile: u32,
}

impl Upscaler {
    /// Pixels along a side of a tile of the input, its margins not counted: about 250 MB at work.
    pub const TILE: u32 = 192;

    /// Loads the network.
    pub fn load() -> Result<Self, EngineError> {
        Self::with_tile(Self::TILE)
    }

    /// Loads the network to work in tiles of `tile` pixels.
    pub fn with_tile(tile: u32) -> Result<Self, EngineError> {
        let bytes = bundle::bytes("realesrgan/animevideov3.onnx")?;
        Ok(Self { graph: Graph::from_bytes(bytes, GraphOptions::default())?, tile: tile.max(8) })
    }

    /// The picture four times as wide and as high. Reports after each tile; a cancelled run stops within one.
    pub fn upscale(&mut self, image: &RgbImage, ctx: &RunContext<'_>) -> Result<RgbImage, EngineError> {
        let (width, height) = image.dimensions();
        let mut out = RgbImage::new(width * FACTOR, height * FACTOR);
        let (columns, rows) = (width.div_ceil(self.tile), height.div_ceil(self.tile));
        let total = (columns * rows) as usize;
        for index in 0..columns * rows {
            ctx.step(index as usize, total)?;
            let (x, y) = (index % columns * self.tile, index / columns * self.tile);
            let (left, top) = (x.saturating_sub(MARGIN), y.saturating_sub(MARGIN));
            let right = (x + self.tile + MARGIN).min(width);
            let bottom = (y + self.tile + MARGIN).min(height);
            let part = imageops::crop_imm(image, left, top, right - left, bottom - top).to_image();
            let large = self.run(&part, ctx)?;
            let (w, h) = (self.tile.min(width - x) * FACTOR, self.tile.min(height - y) * FACTOR);
            let inner = imageops::crop_imm(&large, (x - left) * FACTOR, (y - top) * FACTOR, w, h).to_image();
            imageops::replace(&mut out, &inner, i64::from(x * FACTOR), i64::from(y * FACTOR));
        }
        ctx.step(total, total)?;
        Ok(out)
    }

    /// The picture at `(width, height)`: through the network where that is larger, else by resampling alone.
    pub fn upscale_to(
        &mut self,
        image: &RgbImage,
        (width, height): (u32, u32),
        ctx: &RunContext<'_>,
    ) -> Result<RgbImage, EngineError> {
        if width <= image.width() && height <= image.height() {
            return Ok(raster::resize(image, width, height));
        }
        let large = self.upscale(image, ctx)?;
        Ok(raster::resize(&large, width, height))
    }

    fn run(&mut self, part: &RgbImage, ctx: &RunContext<'_>) -> Result<RgbImage, EngineError> {
        let (w, h) = (part.width() as usize, part.height() as usize);
        let input = Value::F32(vec![1, 3, h, w], raster::to_chw(part, w, h));
        let mut outputs = self.graph.run(vec![("image", input)], ctx.cancel_token())?;
        let missing = || EngineError::Model("the upscaler gave no picture".into());
        let (_, values) = outputs.remove("upscaled").ok_or_else(missing)?.into_f32()?;
        let factor = FACTOR as usize;
        if values.len() != 3 * w * h * factor * factor {
            return Err(missing());
        }
        Ok(raster::from_chw(&values, w * factor, (part.width() * FACTOR, part.height() * FACTOR)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::CancelToken;

    fn photo(side: u32) -> RgbImage {
        let bytes = bundle::bytes("demo/portrait.jpg").unwrap();
        let image = image::load_from_memory(bytes).unwrap().to_rgb8();
        imageops::crop_imm(&image, 230, 130, side, side * 3 / 4).to_image()
    }

    #[test]
    fn tiles_leave_no_seams_and_the_picture_stays_the_same_picture() {
        let image = photo(100);
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let whole = Upscaler::with_tile(512).unwrap().upscale(&image, &ctx).unwrap();
        let tiled = Upscaler::with_tile(32).unwrap().upscale(&image, &ctx).unwrap();
        assert_eq!(whole.dimensions(), (400, 300));
        let worst = whole.iter().zip(tiled.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(worst <= 1, "tiled and untiled differ by {worst} of 255");
        let back = raster::resize(&whole, 100, 75);
        let error: f64 = back.iter().zip(image.iter()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
        assert!(error / f64::from(100 * 75 * 3) < 6.0, "mean error {}", error / 22500.0);
    }

    #[test]
    fn a_cancelled_run_stops_and_odd_sizes_work() {
        let mut upscaler = Upscaler::with_tile(16).unwrap();
        let cancelled = CancelToken::default();
        cancelled.cancel();
        let ctx = RunContext::new(cancelled, &|_| {});
        assert!(matches!(upscaler.upscale(&photo(20), &ctx), Err(EngineError::Cancelled)));
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        for size in [(1, 1), (17, 1), (3, 19)] {
            let image = RgbImage::from_pixel(size.0, size.1, image::Rgb([200, 30, 90]));
            assert_eq!(upscaler.upscale(&image, &ctx).unwrap().dimensions(), (size.0 * 4, size.1 * 4));
        }
        assert_eq!(upscaler.upscale_to(&photo(20), (31, 9), &ctx).unwrap().dimensions(), (31, 9));
    }
}
