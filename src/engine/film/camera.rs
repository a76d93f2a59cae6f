//! The camera move: a slow zoom and pan over a still picture, for pictures that have no face to move.
//!
//! Owns the drawing. The main object is a layer of its own that moves a little more than what lies behind it, where it
//! can be cut out surely. Frames are drawn in linear light with a cubic filter from layers whose resolution is near the
//! frame's (a step of a mip pyramid), so that nothing flickers. Does not look for faces and writes no files.

use image::RgbImage;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{
    layers::{self, Layer, Pixel},
    path::{Move, Shot, Subject},
};
use crate::{
    domain::job::Mode,
    engine::{
        AvatarModel, EngineError, FilmReport, FilmTask, FrameSink, ModelInfo, Motion, RunContext, bundle, frame_count,
        restyle::{
            colour::to_srgb,
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
        digest: format!("{:x}", Sha256::digest(format!("camera 2 {weights}"))),
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

    /// The main object, and how much of it each pixel is.
    fn look(&mut self, picture: &RgbImage, ctx: &RunContext<'_>) -> Result<(Subject, Plane), EngineError> {
        let mut cutout = match self.cutout.take() {
            Some(cutout) => cutout,
            None => Cutout::load()?,
        };
        let alpha = cutout.alpha(picture, ctx);
        self.cutout = Some(cutout);
        let alpha = alpha?;
        Ok((find_subject(&alpha).unwrap_or(Subject::NONE), alpha))
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
        let size = self.frame_size(task);
        let whole = scaled(&task.picture, size, movement.closest_zoom());
        let (subject, alpha) = self.look(&whole.picture(), &looking)?;
        let path = movement.over(&subject);
        let (object, behind) = if !movement.is_still() && layers::is_sure(&alpha) {
            let (object, behind) = layers::split(&whole, &alpha);
            (Some(object), behind)
        } else {
            (None, whole)
        };
        let filming = ctx.part("filming", 0.05, 1.0);
        let stage = Stage::new(object, behind);
        let mut frame = RgbImage::new(size.0, size.1);
        for index in 0..count {
            filming.step(index, count)?;
            let moment = if count > 1 { index as f64 / (count - 1) as f64 } else { 0.0 };
            stage.draw(&path.shot(moment), &path.near_shot(moment, &subject), &mut frame);
            frames(&frame)?;
        }
        filming.step(count, count)?;
        Ok(FilmReport { motion: Motion::Camera, warnings, plan: None })
    }
}

/// The even frame size with the picture's aspect: within the wanted sides, else 768 on the long side.
pub fn frame_size((width, height): (u32, u32), wanted_width: Option<u32>, wanted_height: Option<u32>) -> (u32, u32) {
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

/// Where the main object is: its centre of mass, pulled towards the middle where the mask is weak, and the box that
/// holds nearly all of it. `None` where the mask is empty.
fn find_subject(mask: &Plane) -> Option<Subject> {
    let (mut columns, mut rows) = (vec![0.0; mask.width], vec![0.0; mask.height]);
    for (i, &value) in mask.values.iter().enumerate() {
        // Squared: a faint haze over the whole picture must not outweigh a small clear object.
        let weight = f64::from(value * value);
        columns[i % mask.width] += weight;
        rows[i / mask.width] += weight;
    }
    let sum: f64 = rows.iter().sum();
    let share = sum / mask.values.len().max(1) as f64;
    if share < 0.002 {
        return None;
    }
    let sure = (share / 0.03).min(1.0);
    let place = |sums: &[f64]| {
        let along: f64 = sums.iter().enumerate().map(|(i, weight)| (i as f64 + 0.5) * weight).sum();
        0.5 + (along / sum / sums.len() as f64 - 0.5) * sure
    };
    // A row belongs to the object where as many pixels of it do as a strand of hair is wide.
    let reach = |sums: &[f64], across: usize| {
        let least = across as f64 * 0.006;
        let first = sums.iter().position(|&weight| weight > least).unwrap_or(0);
        let last = sums.iter().rposition(|&weight| weight > least).map_or(sums.len(), |at| at + 1);
        (first as f64 / sums.len() as f64, last as f64 / sums.len() as f64)
    };
    let ((left, right), (top, bottom)) = (reach(&columns, mask.height), reach(&rows, mask.width));
    Some(Subject { centre: (place(&columns), place(&rows)), bounds: (left, top, right, bottom) })
}

/// The picture in linear light, at the resolution that the closest shot needs, and never larger than it is.
fn scaled(picture: &RgbImage, (width, height): (u32, u32), closest_zoom: f64) -> Layer {
    let target = |side: u32| (f64::from(side) * closest_zoom).ceil() as u32;
    let (w, h) = (target(width).min(picture.width()), target(height).min(picture.height()));
    let step = (picture.width() / w.max(1)).min(picture.height() / h.max(1)).max(1);
    Layer::reduced(picture, step).resized(w as usize, h as usize)
}

/// The layers, ready to be drawn.
struct Stage {
    behind: Layer,
    object: Option<Layer>,
    /// Which of the object's rows have anything in them.
    rows: Vec<bool>,
    to_byte: Vec<u8>,
}

/// Steps of the table from linear light to bytes; finer than a byte's steps even in the darks.
const TABLE: usize = 1 << 14;

impl Stage {
    fn new(object: Option<Layer>, behind: Layer) -> Self {
        let rows = object.as_ref().map_or(Vec::new(), |layer| {
            layer.pixels.chunks(layer.width.max(1)).map(|row| row.iter().any(|p| p[3] > 0.0)).collect()
        });
        let to_byte = (0..=TABLE).map(|i| raster::byte(to_srgb((i as f32 / TABLE as f32).powi(2)))).collect();
        Self { behind, object, rows, to_byte }
    }

    /// Draws what the camera sees: `far` of what lies behind, `near` of the object before it.
    fn draw(&self, far: &Shot, near: &Shot, frame: &mut RgbImage) {
        let (out_w, out_h) = (frame.width() as usize, frame.height() as usize);
        let far = Taps::new(far, (out_w, out_h), &self.behind);
        let near = self.object.as_ref().map(|layer| (layer, Taps::new(near, (out_w, out_h), layer)));
        let widest = self.behind.width.max(self.object.as_ref().map_or(0, |layer| layer.width));
        let samples = frame.as_flat_samples_mut().samples;
        samples.par_chunks_mut(3 * out_w).enumerate().for_each_init(
            || (vec![[0.0f32; 4]; widest], vec![[0.0f32; 4]; out_w]),
            |(line, row), (y, out)| {
                row.fill([0.0; 4]);
                far.draw_row(&self.behind, y, line, row);
                if let Some((layer, taps)) = &near
                    && taps.rows[y].iter().any(|&(at, _)| self.rows[at])
                {
                    taps.draw_row(layer, y, line, row);
                }
                for (pixel, light) in out.chunks_mut(3).zip(row.iter()) {
                    for (slot, value) in pixel.iter_mut().zip(light) {
                        // The table is by square root, so that the darks have as many steps as they need.
                        let at = value.clamp(0.0, 1.0).sqrt() * TABLE as f32 + 0.5;
                        *slot = self.to_byte[(at as usize).min(TABLE)];
                    }
                }
            },
        );
    }
}

/// Which source pixels make each row and column of a frame. Rows and columns are filtered apart, as a zoom and a pan
/// allow.
struct Taps {
    columns: Vec<Vec<(usize, f32)>>,
    rows: Vec<Vec<(usize, f32)>>,
}

impl Taps {
    fn new(shot: &Shot, (width, height): (usize, usize), layer: &Layer) -> Self {
        Self {
            columns: taps(shot.left, shot.width, width, layer.width),
            rows: taps(shot.top, shot.height, height, layer.height),
        }
    }

    /// Lays row `y` of the frame over what is in `row`; `line` is room to work in.
    fn draw_row(&self, layer: &Layer, y: usize, line: &mut [Pixel], row: &mut [Pixel]) {
        let line = &mut line[..layer.width];
        line.fill([0.0; 4]);
        for &(at, weight) in &self.rows[y] {
            for (sum, pixel) in line.iter_mut().zip(&layer.pixels[at * layer.width..]) {
                for c in 0..4 {
                    sum[c] += pixel[c] * weight;
                }
            }
        }
        for (under, column) in row.iter_mut().zip(&self.columns) {
            let mut over = [0.0f32; 4];
            for &(at, weight) in column {
                for c in 0..4 {
                    over[c] += line[at][c] * weight;
                }
            }
            let through = 1.0 - over[3].clamp(0.0, 1.0);
            for c in 0..4 {
                under[c] = over[c] + under[c] * through;
            }
        }
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
