//! From few samples a pixel to a clean picture: Intel's Open Image Denoise, its U-Net on ONNX Runtime.
//!
//! Owns what goes into the network and comes out of it, as the library does both: automatic exposure, the transfer
//! function, padding, tiles. The network is the pack `oidn`; goldens compare with the library itself. A picture needs
//! about 400 bytes a pixel while it runs, so large ones go through in strips that overlap by what a pixel depends on.

use glam::Vec3;
use rayon::prelude::*;

use super::trace::Film;
use crate::engine::{
    EngineError, RunContext, bundle,
    session::{Graph, GraphOptions, Value},
};

/// Makes a clean picture of a noisy film.
pub trait Denoiser: Send {
    /// The film's colour without its noise: linear, `width * height` long.
    fn denoise(&mut self, film: &Film, ctx: &RunContext<'_>) -> Result<Vec<Vec3>, EngineError>;
}

/// The network's sizes halve four times.
const ALIGNMENT: usize = 16;
/// Rows beyond a strip that can change it: half of the receptive field of 174 pixels, aligned.
const MARGIN: usize = 96;
/// Pixels that go through the network at once.
const STRIP_PIXELS: usize = 1280 * 1280;
const CHANNELS: usize = 9;
/// The exposure that the network was trained at, and the darkest blocks that count for it.
const KEY: f32 = 0.18;
const DARKEST: f32 = 1e-8;
const BLOCK: usize = 16;
/// The brightest value that the transfer function knows.
const BRIGHTEST: f32 = 65504.0;

/// The learned denoiser, loaded on first use.
pub struct OpenImageDenoise {
    options: GraphOptions,
    graph: Option<Graph>,
    strip_pixels: usize,
}

impl OpenImageDenoise {
    /// One that will run as `options` say.
    pub fn new(options: GraphOptions) -> Self {
        Self { options, graph: None, strip_pixels: STRIP_PIXELS }
    }

    fn graph(&mut self) -> Result<&mut Graph, EngineError> {
        let loaded = match self.graph.take() {
            Some(graph) => graph,
            None => Graph::from_bytes(bundle::bytes("oidn/denoise.onnx")?, self.options)?,
        };
        Ok(self.graph.insert(loaded))
    }
}

impl Denoiser for OpenImageDenoise {
    fn denoise(&mut self, film: &Film, ctx: &RunContext<'_>) -> Result<Vec<Vec3>, EngineError> {
        let (width, height) = (film.width as usize, film.height as usize);
        let exposure = exposure(film);
        let rows = strip_rows(width, height, self.strip_pixels);
        let strips = height.div_ceil(rows);
        let graph = self.graph()?;
        let mut clean = Vec::with_capacity(width * height);
        for strip in 0..strips {
            ctx.step(strip, strips)?;
            let inner = strip * rows..((strip + 1) * rows).min(height);
            let outer = inner.start.saturating_sub(MARGIN)..(inner.end + MARGIN).min(height);
            let (w, h) = (width.next_multiple_of(ALIGNMENT), outer.len().next_multiple_of(ALIGNMENT));
            let features = features(film, outer.clone(), (w, h), exposure);
            let input = Value::F32(vec![1, CHANNELS, h, w], features);
            let mut outputs = graph.run(vec![("features", input)], ctx.cancel_token())?;
            let missing = || EngineError::Model("the denoiser gave no picture".into());
            let (_, values) = outputs.remove("clean").ok_or_else(missing)?.into_f32()?;
            if values.len() != 3 * w * h {
                return Err(missing());
            }
            let light = |at: usize| {
                let channel = |c: usize| linear(values[c * w * h + at].max(0.0)) / exposure;
                Vec3::new(channel(0), channel(1), channel(2))
            };
            let first = inner.start - outer.start;
            clean.par_extend(
                (0..inner.len() * width).into_par_iter().map(|i| light((first + i / width) * w + i % width)),
            );
        }
        ctx.step(strips, strips)?;
        Ok(clean)
    }
}

/// Rows of a strip, its margins not counted.
fn strip_rows(width: usize, height: usize, pixels: usize) -> usize {
    if width * height <= pixels {
        return height.max(1);
    }
    let rows = (pixels / width).saturating_sub(2 * MARGIN);
    (rows / ALIGNMENT * ALIGNMENT).max(ALIGNMENT)
}

/// The nine planes that the network takes, for some rows of the film; what pads them is zero.
fn features(film: &Film, rows: std::ops::Range<usize>, (w, h): (usize, usize), exposure: f32) -> Vec<f32> {
    let width = film.width as usize;
    let norm = shown(BRIGHTEST).recip();
    let mut planes = vec![0.0; CHANNELS * w * h];
    planes.par_chunks_mut(w).enumerate().for_each(|(line, out)| {
        let (channel, row) = (line / h, line % h);
        if row >= rows.len() {
            return;
        }
        let start = (rows.start + row) * width;
        let axis = channel % 3;
        let mut put = |source: &[Vec3], of: &dyn Fn(f32) -> f32| {
            for (value, pixel) in out.iter_mut().zip(&source[start..start + width]) {
                *value = of(pixel[axis]);
            }
        };
        match channel / 3 {
            0 => put(&film.color, &|c| shown((c * exposure).clamp(0.0, f32::MAX)) * norm),
            1 => put(&film.albedo, &|c| c.clamp(0.0, 1.0)),
            _ => put(&film.normal, &|c| c.clamp(-1.0, 1.0) * 0.5 + 0.5),
        }
    });
    planes
}

/// The factor that brings the film's log-average luminance, over blocks, to [`KEY`].
fn exposure(film: &Film) -> f32 {
    let (width, height) = (film.width as usize, film.height as usize);
    let (columns, rows) = (width.div_ceil(BLOCK), height.div_ceil(BLOCK));
    let weights = Vec3::new(0.212_671, 0.715_160, 0.072_169);
    let light = |c: Vec3| c.clamp(Vec3::ZERO, Vec3::MAX).dot(weights);
    let (mut sum, mut count) = (0.0f32, 0u32);
    for block in 0..columns * rows {
        let span = |i: usize, n: usize, side: usize| i * side / n..(i + 1) * side / n;
        let (ys, xs) = (span(block / columns, rows, height), span(block % columns, columns, width));
        let pixels = (ys.len() * xs.len()) as f32;
        let total: f32 = ys
            .map(|y| film.color[y * width + xs.start..y * width + xs.end].iter().map(|c| light(*c)).sum::<f32>())
            .sum();
        if total / pixels > DARKEST {
            sum += (total / pixels).log2();
            count += 1;
        }
    }
    if count == 0 { 1.0 } else { KEY / (sum / count as f32).exp2() }
}

/// The library's transfer function, a fit of PU21 (Mantiuk and Azimi, 2021): how differences of light are seen.
fn shown(light: f32) -> f32 {
    if light <= 1.579_457_6e-6 {
        1_412.837_6 * light
    } else if light <= 3.220_876_3e-2 {
        1.645_931_7 * light.powf(0.431_384_98) - 2.941_396e-3
    } else {
        0.192_653_25 * (light + 6.260_261e-3).ln() + 0.998_620_15
    }
}

/// The inverse of [`shown`] scaled to 1 at [`BRIGHTEST`].
fn linear(value: f32) -> f32 {
    let value = value * shown(BRIGHTEST);
    if value <= 2.231_517e-3 {
        value / 1_412.837_6
    } else if value <= 3.709_747_5e-1 {
        ((value + 2.941_396e-3) / 1.645_931_7).powf(0.431_384_98f32.recip())
    } else {
        ((value - 0.998_620_15) / 0.192_653_25).exp() - 6.260_261e-3
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{CancelToken, chance::Chance};

    /// What tests/golden/oidn.py makes too.
    fn film(width: u32, height: u32) -> Film {
        let mut chance = Chance::new(7);
        let n = (width * height) as usize;
        let mut film = Film {
            width,
            height,
            color: Vec::new(),
            albedo: Vec::new(),
            normal: Vec::new(),
            depth: vec![1.0; n],
            variance: vec![0.0; n],
            samples: vec![1; n],
        };
        for i in 0..width * height {
            let (x, y) = (i % width, i / width);
            let dark = (x / 6 + y / 6) % 2 == 0;
            let albedo = if dark { Vec3::new(0.2, 0.5, 0.7) } else { Vec3::new(0.8, 0.3, 0.2) };
            let light = 0.2 + 4.0 * x as f32 / width as f32;
            let noise = 3.0 * chance.draw().powi(2);
            film.color.push(albedo * (light * noise));
            film.albedo.push(albedo);
            film.normal.push(if x * 2 < width { Vec3::Y } else { Vec3::new(0.6, 0.0, 0.8) });
        }
        film
    }

    fn clean(film: &Film, denoiser: &mut OpenImageDenoise) -> Vec<Vec3> {
        denoiser.denoise(film, &RunContext::new(CancelToken::default(), &|_| {})).unwrap()
    }

    #[test]
    fn denoises_as_the_library_does() {
        #[derive(serde::Deserialize)]
        struct Golden {
            width: u32,
            height: u32,
            step: usize,
            values: Vec<f32>,
        }
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/oidn.json")).unwrap();
        let golden: Golden = serde_json::from_str(&text).unwrap();
        let found = clean(&film(golden.width, golden.height), &mut OpenImageDenoise::new(GraphOptions::default()));
        let found: Vec<f32> = found.iter().flat_map(Vec3::to_array).step_by(golden.step).collect();
        assert_eq!(found.len(), golden.values.len());
        for (i, (ours, theirs)) in found.iter().zip(&golden.values).enumerate() {
            assert!((ours - theirs).abs() < 2e-4 * (theirs + 0.1), "value {i}: {ours} instead of {theirs}");
        }
    }

    #[test]
    fn strips_leave_no_seams() {
        let film = film(48, 432);
        let whole = clean(&film, &mut OpenImageDenoise::new(GraphOptions::default()));
        let mut narrow =
            OpenImageDenoise { strip_pixels: 48 * 304, ..OpenImageDenoise::new(GraphOptions { threads: 1 }) };
        assert_eq!(strip_rows(48, 432, 48 * 304), 112);
        let strips = clean(&film, &mut narrow);
        let worst = whole.iter().zip(&strips).map(|(a, b)| (*a - *b).abs().max_element()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "strips differ by {worst}");
    }

    #[test]
    fn one_thread_and_two_give_the_same_bytes() {
        let film = film(80, 64);
        let with = |threads: usize| clean(&film, &mut OpenImageDenoise::new(GraphOptions { threads }));
        assert_eq!(with(1), with(2));
    }

    #[test]
    fn the_transfer_function_has_an_inverse() {
        for light in [0.0, 1e-7, 1e-3, 0.02, 0.5, 40.0, BRIGHTEST] {
            let back = linear(shown(light) / shown(BRIGHTEST));
            assert!((back - light).abs() <= 1e-3 * light + 1e-9, "{light} comes back as {back}");
        }
    }
}
