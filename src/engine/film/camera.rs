//! The camera move: a slow zoom and pan over a still picture, for pictures that have no face to move.
//!
//! Owns where the camera is at each moment and the resampling. Frames are drawn in linear light with a cubic filter
//! from a picture whose resolution is near the frame's (a step of a mip pyramid), so that nothing flickers. Does not
//! look for faces and writes no files.

use image::{Rgb, RgbImage};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::path::{Move, Shot};
use crate::{
    domain::job::Mode,
    engine::{
        AvatarModel, EngineError, FilmReport, FilmTask, FrameSink, ModelInfo, Motion, RunContext, bundle, frame_count,
        restyle::{
            colour::{to_linear, to_srgb},
            cutout::Cutout,
            raster::{self, Plane},
        },
    },
};

/// The id of the model.
pub const MODEL: &str = "camera";
/// The long side of the frames where nobody asks.
const LONG_SIDE_DEFAULT: u32 = 768;
/// The largest frame, lying or standing.
const LONG_SIDE_MAX: u32 = 1920;
const SHORT_SIDE_MAX: u32 = 1080;
/// The smallest side that an encoder likes.
const SIDE_MIN: u32 = 64;

/// What the model says it is.
pub fn info() -> ModelInfo {
    let pack = bundle::pack("u2netp");
    let weights = pack.map(bundle::Pack::digest).unwrap_or_default();
    ModelInfo {
        id: MODEL.into(),
        description: "Moves a camera slowly over the picture, towards what matters in it; the sound is the soundtrack."
            .into(),
        modes: vec![Mode::ImageToVideo],
        licence: "MIT AND Apache-2.0".into(),
        source: pack.map_or("this binary", |pack| pack.source).into(),
        digest: format!("{:x}", Sha256::digest(format!("camera 1 {weights}"))),
        fields: ["width", "height", "fps"].map(str::to_owned).to_vec(),
    }
}

/// The model. The network that finds the main object loads on first use.
pub struct CameraMove {
    info: ModelInfo,
    cutout: Option<Cutout>,
}

impl Default for CameraMove {
    fn default() -> Self {
        Self::new()
    }
}

impl CameraMove {
    /// A model with no network in memory yet.
    pub fn new() -> Self {
        Self { info: info(), cutout: None }
    }

    /// Where the main object is, 0 to 1 from left and top.
    fn find_centre(&mut self, picture: &RgbImage, ctx: &RunContext<'_>) -> Result<(f64, f64), EngineError> {
        let mut cutout = match self.cutout.take() {
            Some(cutout) => cutout,
            None => Cutout::load()?,
        };
        let mask = cutout.saliency(picture, ctx);
        self.cutout = Some(cutout);
        Ok(centroid(&mask?).unwrap_or((0.5, 0.5)))
    }
}

impl AvatarModel for CameraMove {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn frame_size(&self, task: &FilmTask) -> (u32, u32) {
        frame_size(task.picture.dimensions(), task.width, task.height)
    }

    fn animate(
        &mut self,
        task: &FilmTask,
        frames: &mut FrameSink<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<FilmReport, EngineError> {
        if task.picture.width() == 0 || task.picture.height() == 0 {
            return Err(EngineError::Input("The picture is empty.".into()));
        }
        let count = frame_count(task);
        let (movement, warnings) = Move::read(&task.prompt);
        let looking = ctx.part("looking", 0.0, 0.05);
        looking.step(0, 1)?;
        let centre = self.find_centre(&task.picture, &looking)?;
        let size = self.frame_size(task);
        let source = Source::new(&task.picture, size, movement.closest_zoom());
        let filming = ctx.part("filming", 0.05, 1.0);
        let mut frame = RgbImage::new(size.0, size.1);
        for index in 0..count {
            filming.step(index, count)?;
            let moment = if count > 1 { index as f64 / (count - 1) as f64 } else { 0.0 };
            source.draw(&movement.shot(moment, centre), &mut frame);
            frames(&frame)?;
        }
        filming.step(count, count)?;
        Ok(FilmReport { motion: Motion::Camera, warnings, plan: None })
    }
}

/// The even frame size with the picture's aspect: within the wanted sides, else 768 on the long side.
fn frame_size((width, height): (u32, u32), wanted_width: Option<u32>, wanted_height: Option<u32>) -> (u32, u32) {
    let (w, h) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let scale = match (wanted_width, wanted_height) {
        (Some(x), Some(y)) => (f64::from(x) / w).min(f64::from(y) / h),
        (Some(x), None) => f64::from(x) / w,
        (None, Some(y)) => f64::from(y) / h,
        (None, None) => f64::from(LONG_SIDE_DEFAULT) / w.max(h),
    };
    let most = (f64::from(LONG_SIDE_MAX) / w.max(h)).min(f64::from(SHORT_SIDE_MAX) / w.min(h));
    let scale = scale.min(most);
    let side = |v: f64| (((v * scale / 2.0).round() as u32) * 2).clamp(SIDE_MIN, LONG_SIDE_MAX);
    (side(w), side(h))
}

/// The centre of mass of a mask, pulled towards the middle where the mask is weak; `None` where it is empty.
fn centroid(mask: &Plane) -> Option<(f64, f64)> {
    let (mut sum, mut x_sum, mut y_sum) = (0.0, 0.0, 0.0);
    for (i, &value) in mask.values.iter().enumerate() {
        // Squared: a faint haze over the whole picture must not outweigh a small clear object.
        let weight = f64::from(value * value);
        sum += weight;
        x_sum += weight * ((i % mask.width) as f64 + 0.5);
        y_sum += weight * ((i / mask.width) as f64 + 0.5);
    }
    let share = sum / mask.values.len().max(1) as f64;
    if share < 0.002 {
        return None;
    }
    let sure = (share / 0.03).min(1.0);
    let place = |sum_along: f64, length: usize| 0.5 + (sum_along / sum / length as f64 - 0.5) * sure;
    Some((place(x_sum, mask.width), place(y_sum, mask.height)))
}

/// The picture in linear light, at the resolution that the closest shot needs.
struct Source {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 3]>,
    to_byte: Vec<u8>,
}

/// Steps of the table from linear light to bytes; finer than a byte's steps even in the darks.
const TABLE: usize = 1 << 14;

impl Source {
    fn new(picture: &RgbImage, (width, height): (u32, u32), closest_zoom: f64) -> Self {
        let table: Vec<f32> = (0..=255u8).map(|v| to_linear(f32::from(v) / 255.0)).collect();
        let linear: Vec<f32> = picture.iter().map(|&v| table[usize::from(v)]).collect();
        let buffer: image::ImageBuffer<Rgb<f32>, Vec<f32>> =
            image::ImageBuffer::from_raw(picture.width(), picture.height(), linear)
                .unwrap_or_else(|| image::ImageBuffer::new(1, 1));
        let target = |side: u32| (f64::from(side) * closest_zoom).ceil() as u32;
        let (w, h) = (target(width).min(picture.width()), target(height).min(picture.height()));
        // Only ever smaller, and once: every frame then samples at between 1 and closest_zoom pixels a pixel.
        let buffer = if (w, h) == picture.dimensions() {
            buffer
        } else {
            image::imageops::resize(&buffer, w.max(1), h.max(1), image::imageops::FilterType::Lanczos3)
        };
        let to_byte = (0..=TABLE).map(|i| raster::byte(to_srgb((i as f32 / TABLE as f32).powi(2)))).collect();
        let pixels = buffer.pixels().map(|p| p.0).collect();
        Self { width: buffer.width() as usize, height: buffer.height() as usize, pixels, to_byte }
    }

    /// Draws what the camera sees. Rows and columns are filtered apart, as a zoom and a pan allow.
    fn draw(&self, shot: &Shot, frame: &mut RgbImage) {
        let (out_w, out_h) = (frame.width() as usize, frame.height() as usize);
        let columns = taps(shot.left, shot.width, out_w, self.width);
        let rows = taps(shot.top, shot.height, out_h, self.height);
        let samples = frame.as_flat_samples_mut().samples;
        samples.par_chunks_mut(3 * out_w).zip(&rows).for_each_init(
            || vec![[0.0f32; 3]; self.width],
            |line, (out, row)| {
                line.fill([0.0; 3]);
                for &(y, weight) in row {
                    for (sum, pixel) in line.iter_mut().zip(&self.pixels[y * self.width..]) {
                        for c in 0..3 {
                            sum[c] += pixel[c] * weight;
                        }
                    }
                }
                for (pixel, column) in out.chunks_mut(3).zip(&columns) {
                    let mut sum = [0.0f32; 3];
                    for &(x, weight) in column {
                        for c in 0..3 {
                            sum[c] += line[x][c] * weight;
                        }
                    }
                    for (slot, value) in pixel.iter_mut().zip(sum) {
                        // The table is by square root, so that the darks have as many steps as they need.
                        let at = value.clamp(0.0, 1.0).sqrt() * TABLE as f32 + 0.5;
                        *slot = self.to_byte[(at as usize).min(TABLE)];
                    }
                }
            },
        );
    }
}

/// For each of `out` pixels over the stretch `start..start + length` (0 to 1) of `n` source pixels: indices, weights.
///
/// Mitchell and Netravali's cubic (B = C = 1/3), widened where it shrinks; weights sum to 1, borders repeat.
fn taps(start: f64, length: f64, out: usize, n: usize) -> Vec<Vec<(usize, f32)>> {
    let step = length * n as f64 / out as f64;
    let widening = step.max(1.0);
    (0..out)
        .map(|i| {
            let centre = start * n as f64 + (i as f64 + 0.5) * step - 0.5;
            let first = (centre - 2.0 * widening).ceil() as i64;
            let last = (centre + 2.0 * widening).floor() as i64;
            let mut row: Vec<(usize, f32)> = Vec::with_capacity((last - first + 1).max(1) as usize);
            let mut sum = 0.0;
            for at in first..=last {
                let weight = mitchell((at as f64 - centre) / widening);
                sum += weight;
                row.push((at.clamp(0, n as i64 - 1) as usize, weight as f32));
            }
            for (_, weight) in &mut row {
                *weight /= sum as f32;
            }
            row
        })
        .collect()
}

/// Mitchell and Netravali, "Reconstruction Filters in Computer Graphics", SIGGRAPH 1988.
fn mitchell(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (7.0 * x * x * x - 12.0 * x * x + 16.0 / 3.0) / 6.0
    } else if x < 2.0 {
        (-7.0 / 3.0 * x * x * x + 12.0 * x * x - 20.0 * x + 32.0 / 3.0) / 6.0
    } else {
        0.0
    }
}

#[cfg(test)]
#[path = "camera_tests.rs"]
mod tests;
