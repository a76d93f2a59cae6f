//! From a world to a film: pixels, passes, adaptive sampling and the thin-lens camera.
//!
//! A pixel's samples depend on seed, pixel and sample number alone, and how many it gets is decided between passes, so a
//! film is the same, byte for byte, on any number of threads. Refuses to map tones (`tonemap`) or to smooth
//! (the scene's `denoiser`).

use std::{
    f32::consts::{FRAC_PI_4, TAU},
    sync::{Mutex, PoisonError},
};

use glam::{Vec2, Vec3};
use rayon::prelude::*;

use super::{
    bvh::Ray,
    environment::luminance,
    path::{Limits, Sample, Tracer},
    sampler::{Sampler, hash, to_unit},
    world::{Camera, RenderSettings, World},
};
use crate::engine::{EngineError, RunContext};

/// Samples a pixel in one go through the picture.
const PASS: u32 = 8;
/// Pixels along the side of a block whose noise is judged as one.
const BLOCK: usize = 8;
/// The noisiest block gets at most this many times the spare samples of the average one.
const MOST_EXTRA: u32 = 4;
/// Further looks at the features of a pixel where things end, and of one whose surface is uneven itself.
const EDGE_LOOKS: u32 = 8;
const TEXTURE_LOOKS: u32 = 1;
/// The largest film side in pixels.
const LARGEST_SIDE: u32 = 8192;

/// A rendered picture in linear light with what the denoiser wants to know; all buffers are `width * height` long,
/// rows from the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Film {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Linear Rec. 709 radiance.
    pub color: Vec<Vec3>,
    /// Share of light that the surface returns, by channel; one where there is none.
    pub albedo: Vec<Vec3>,
    /// Mean shading normal, shorter than 1 at edges; zero where there is no surface.
    pub normal: Vec<Vec3>,
    /// Mean distance from the camera in cm; 0 where there is no surface.
    pub depth: Vec<f32>,
    /// Variance of each pixel's mean luminance.
    pub variance: Vec<f32>,
    /// Samples that each pixel took.
    pub samples: Vec<u32>,
}

/// What samples saw first, summed.
#[derive(Clone, Copy, Default)]
struct Features {
    albedo: Vec3,
    normal: Vec3,
    depth: f32,
    count: u32,
    /// The least and the greatest of the surfaces seen.
    surfaces: Option<(u32, u32)>,
}

impl Features {
    fn add(&mut self, sample: &Sample) {
        self.albedo += sample.albedo;
        self.normal += sample.normal;
        self.depth += sample.depth;
        self.count += 1;
        let of = sample.surface;
        self.surfaces = self.surfaces.map_or(Some((of, of)), |(low, high)| Some((low.min(of), high.max(of))));
    }

    fn join(&mut self, other: &Self) {
        self.albedo += other.albedo;
        self.normal += other.normal;
        self.depth += other.depth;
        self.count += other.count;
    }

    fn mean(&self) -> Self {
        let n = self.count.max(1) as f32;
        Self { albedo: self.albedo / n, normal: self.normal / n, depth: self.depth / n, count: 1, ..*self }
    }

    /// Whether something ends between two means.
    fn is_cut_from(&self, other: &Self) -> bool {
        let apart = (self.depth - other.depth).abs() > 0.06 * self.depth.max(other.depth);
        apart || self.surfaces != other.surfaces || self.surfaces.is_some_and(|(low, high)| low != high)
    }

    /// Whether two means are so unlike that one of them may be off.
    fn differs(&self, other: &Self) -> bool {
        (self.albedo - other.albedo).abs().max_element() > 0.04 || (self.normal - other.normal).length_squared() > 0.02
    }
}

#[derive(Clone, Default)]
struct Pixel {
    color: Vec3,
    features: Features,
    /// Sums of luminance and its square, plain and compressed to 0..1 as a picture would show it.
    plain: Vec2,
    shown: Vec2,
    samples: u32,
}

fn variance_of_mean(sums: Vec2, count: u32) -> f32 {
    if count < 2 {
        return 1.0;
    }
    let n = count as f32;
    let mean = sums.x / n;
    ((sums.y / n - mean * mean).max(0.0) / (n - 1.0)).max(0.0)
}

/// Renders `world`. Reports progress by samples and can be cancelled between rows.
///
/// # Errors
/// [`EngineError::Input`] for sizes out of range or a camera that is none, [`EngineError::Cancelled`].
pub fn render(world: &World, settings: &RenderSettings, ctx: &RunContext<'_>) -> Result<Film, EngineError> {
    check(world, settings)?;
    ctx.step(0, settings.samples as usize)?;
    let shot = Shot::new(world, settings);
    let mut pixels = vec![Pixel::default(); settings.width as usize * settings.height as usize];
    let even = if settings.noise_target > 0.0 { settings.samples.div_ceil(2) } else { settings.samples };
    let share = even as f32 / settings.samples as f32;
    let mut from = 0;
    while from < even {
        let to = (from + PASS).min(even);
        let part = |n: u32| share * n as f32 / even as f32;
        shot.expose(&mut pixels, &|_| to - from, &ctx.part("rendering", part(from), part(to)))?;
        from = to;
    }
    let more = allot(&pixels, settings, settings.samples - even);
    shot.expose(&mut pixels, &|i| more[i], &ctx.part("rendering", share, 1.0))?;
    shot.sharpen(&mut pixels);
    let means: Vec<Features> = pixels.iter().map(|p| p.features.mean()).collect();
    let features = soften(&means, &shot.lens, settings.width as usize);
    ctx.step(1, 1)?;
    Ok(develop(&pixels, &features, settings))
}

/// The colours of some pixels of the film that [`render`] makes, each by its place and from all of `settings.samples`:
/// what the noise of a film is measured against, for which a few pixels of full size say more than a small picture.
///
/// # Errors
/// As [`render`]; [`EngineError::Input`] for a pixel outside of the film too.
pub fn render_pixels(world: &World, settings: &RenderSettings, at: &[[u32; 2]]) -> Result<Vec<Vec3>, EngineError> {
    check(world, settings)?;
    if at.iter().any(|[x, y]| *x >= settings.width || *y >= settings.height) {
        return Err(EngineError::Input("a pixel lies outside of the film".into()));
    }
    let shot = Shot::new(world, settings);
    let color = |[x, y]: &[u32; 2]| {
        let mut pixel = Pixel::default();
        for _ in 0..settings.samples {
            shot.sample(&mut pixel, *x, *y);
        }
        pixel.color / settings.samples as f32
    };
    Ok(at.par_iter().map(color).collect())
}

fn check(world: &World, settings: &RenderSettings) -> Result<(), EngineError> {
    let sides = 1..=LARGEST_SIDE;
    if !sides.contains(&settings.width) || !sides.contains(&settings.height) {
        return Err(EngineError::Input(format!("a film's sides must be 1 to {LARGEST_SIDE} pixels")));
    }
    if settings.samples == 0 {
        return Err(EngineError::Input("a film needs at least one sample a pixel".into()));
    }
    let camera = &world.camera;
    let numbers = [camera.fov_degrees, camera.aperture_radius, camera.focus_distance];
    if !camera.position.is_finite() || !camera.target.is_finite() || numbers.iter().any(|n| !n.is_finite()) {
        return Err(EngineError::Input("the camera's numbers must be finite".into()));
    }
    Ok(())
}

/// The picture's typical luminance: the log-average over a coarse grid, what fireflies are measured against.
fn probe(tracer: &Tracer<'_>, lens: &Lens, settings: &RenderSettings, limits: &Limits) -> f32 {
    const GRID: u32 = 32;
    let logs: Vec<f32> = (0..GRID * GRID)
        .into_par_iter()
        .map(|cell| {
            let at = Vec2::new((cell % GRID) as f32 + 0.5, (cell / GRID) as f32 + 0.5) / GRID as f32;
            let at = at * Vec2::new(settings.width as f32, settings.height as f32);
            let mut sum = 0.0;
            for index in 0..4 {
                let mut sampler = Sampler::new(settings.seed ^ 0x51ab_77e1, cell, index);
                let ray = lens.ray(at, sampler.next_2d());
                sum += luminance(tracer.trace(ray, &mut sampler, limits).color);
            }
            (sum * 0.25).clamp(1e-5, 1e5).ln()
        })
        .collect();
    (logs.iter().sum::<f32>() / logs.len() as f32).exp().max(1e-4)
}

/// What does not change while a picture is taken.
struct Shot<'a> {
    tracer: Tracer<'a>,
    lens: Lens,
    settings: &'a RenderSettings,
    limits: Limits,
    typical: f32,
}

impl<'a> Shot<'a> {
    fn new(world: &'a World, settings: &'a RenderSettings) -> Self {
        let tracer = Tracer::new(world);
        let lens = Lens::new(&world.camera, settings);
        let mut limits = Limits { max_depth: settings.max_depth.min(64), clamp: f32::INFINITY, spread: lens.spread };
        let typical = probe(&tracer, &lens, settings, &limits);
        if settings.firefly_clamp > 0.0 {
            limits.clamp = settings.firefly_clamp * typical;
        }
        Self { tracer, lens, settings, limits, typical }
    }

    /// Gives each pixel as many more samples as `count` says of its index.
    fn expose(
        &self,
        pixels: &mut [Pixel],
        count: &(dyn Fn(usize) -> u32 + Sync),
        ctx: &RunContext<'_>,
    ) -> Result<(), EngineError> {
        let width = self.settings.width as usize;
        let rows = pixels.len() / width;
        let done = Mutex::new(0);
        pixels.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
            if ctx.cancel_token().is_cancelled() {
                return;
            }
            for (x, pixel) in row.iter_mut().enumerate() {
                for _ in 0..count(y * width + x) {
                    self.sample(pixel, x as u32, y as u32);
                }
            }
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            *done += 1;
            // A cancelled run ends below.
            let _ = ctx.step(*done, rows);
        });
        ctx.step(rows, rows)
    }

    /// A random spot of a pixel, in pixels of the film: a tent a little wider than it, for clean edges that are still
    /// crisp.
    fn spot(x: u32, y: u32, jitter: Vec2) -> Vec2 {
        let tent = |u: f32| if u < 0.5 { (2.0 * u).sqrt() - 1.0 } else { 1.0 - (2.0 - 2.0 * u).sqrt() } * 0.8;
        Vec2::new(x as f32 + 0.5 + tent(jitter.x), y as f32 + 0.5 + tent(jitter.y))
    }

    fn sample(&self, pixel: &mut Pixel, x: u32, y: u32) {
        let mut sampler = Sampler::new(self.settings.seed, y * self.settings.width + x, pixel.samples);
        let at = Self::spot(x, y, sampler.next_2d());
        let ray = self.lens.ray(at, sampler.next_2d());
        let sample = self.tracer.trace(ray, &mut sampler, &self.limits);
        let bright = luminance(sample.color);
        let shown = bright / (bright + self.typical * 2.0);
        pixel.color += sample.color;
        pixel.features.add(&sample);
        pixel.plain += Vec2::new(bright, bright * bright);
        pixel.shown += Vec2::new(shown, shown * shown);
        pixel.samples += 1;
    }

    /// Looks again, without light, where neighbours show different surfaces: a denoiser takes edges, and what is out
    /// of focus, for as sharp as its features are.
    fn sharpen(&self, pixels: &mut [Pixel]) {
        let (w, h) = (self.settings.width as usize, self.settings.height as usize);
        let means: Vec<Features> = pixels.iter().map(|p| p.features.mean()).collect();
        let looks = |i: usize| {
            let (x, y) = (i % w, i / w);
            let beside =
                [(x > 0, i.wrapping_sub(1)), (x + 1 < w, i + 1), (y > 0, i.wrapping_sub(w)), (y + 1 < h, i + w)];
            let looks = |j: usize| match means[i].differs(&means[j]) {
                false => 0,
                true if means[i].is_cut_from(&means[j]) => EDGE_LOOKS,
                true => TEXTURE_LOOKS,
            };
            beside.iter().filter(|(inside, _)| *inside).map(|(_, j)| looks(*j)).max().unwrap_or(0)
        };
        let limits = Limits { max_depth: 0, ..self.limits };
        pixels.par_iter_mut().enumerate().for_each(|(i, pixel)| {
            for index in 0..looks(i) {
                let mut sampler = Sampler::new(self.settings.seed ^ 0x6c07_8965, i as u32, index);
                let at = Self::spot((i % w) as u32, (i / w) as u32, sampler.next_2d());
                let ray = self.lens.ray(at, sampler.next_2d());
                pixel.features.add(&self.tracer.trace(ray, &mut sampler, &limits));
            }
        });
    }
}

/// How many more samples each pixel gets when there are `spare` for each: as many as its neighbourhood is noisy, none
/// where it is clean enough. One pixel alone may look clean by luck, so blocks are judged.
fn allot(pixels: &[Pixel], settings: &RenderSettings, spare: u32) -> Vec<u32> {
    let (w, h) = (settings.width as usize, settings.height as usize);
    if spare == 0 {
        return vec![0; pixels.len()];
    }
    let columns = w.div_ceil(BLOCK);
    let errors: Vec<f32> = (0..columns * h.div_ceil(BLOCK))
        .map(|block| {
            let (x, y) = (block % columns * BLOCK, block / columns * BLOCK);
            let (mut sums, mut count, mut each) = (Vec2::ZERO, 0, 0);
            for row in y..(y + BLOCK).min(h) {
                for pixel in &pixels[row * w + x..row * w + (x + BLOCK).min(w)] {
                    (sums, count, each) = (sums + pixel.shown, count + pixel.samples, pixel.samples);
                }
            }
            let error = (variance_of_mean(sums, count) * count as f32 / each.max(1) as f32).sqrt();
            if error < settings.noise_target { 0.0 } else { error }
        })
        .collect();
    let mean = errors.iter().sum::<f32>() / errors.len().max(1) as f32;
    let most = (spare * MOST_EXTRA) as f32;
    (0..pixels.len())
        .map(|i| {
            let error = errors[i / w / BLOCK * columns + i % w / BLOCK];
            let wanted = (spare as f32 * error / mean.max(1e-9)).min(most);
            // Fractions by chance.
            (wanted + to_unit(hash(settings.seed ^ hash(i as u32)))) as u32
        })
        .collect()
}

/// Evens out the features of what is out of focus, which few samples leave rough, over a part of its blur.
fn soften(features: &[Features], lens: &Lens, width: usize) -> Vec<Features> {
    let height = features.len() / width.max(1);
    let reach: Vec<usize> = features.iter().map(|f| (0.4 * lens.blur(f.depth)).min(3.0) as usize).collect();
    let smooth = |i: usize| {
        let r = reach[i];
        let (x, y) = (i % width, i / width);
        let mut sum = Features::default();
        let sharp = |j: usize| reach[j] == 0;
        // What is in focus neither bleeds nor loses its edge.
        if sharp(i)
            || [i.saturating_sub(1), i + 1, i.saturating_sub(width), i + width]
                .iter()
                .any(|j| *j < features.len() && sharp(*j))
        {
            return features[i];
        }
        for v in y.saturating_sub(r)..(y + r + 1).min(height) {
            for u in x.saturating_sub(r)..(x + r + 1).min(width) {
                if !sharp(v * width + u) {
                    sum.join(&features[v * width + u]);
                }
            }
        }
        sum.mean()
    };
    (0..features.len()).into_par_iter().map(smooth).collect()
}

fn develop(pixels: &[Pixel], features: &[Features], settings: &RenderSettings) -> Film {
    Film {
        width: settings.width,
        height: settings.height,
        color: pixels.iter().map(|p| p.color / p.samples.max(1) as f32).collect(),
        albedo: features.iter().map(|f| f.albedo).collect(),
        normal: features.iter().map(|f| f.normal).collect(),
        depth: features.iter().map(|f| f.depth).collect(),
        variance: pixels.iter().map(|p| variance_of_mean(p.plain, p.samples)).collect(),
        samples: pixels.iter().map(|p| p.samples).collect(),
    }
}

/// A thin lens in front of the film.
struct Lens {
    position: Vec3,
    right: Vec3,
    up: Vec3,
    forward: Vec3,
    /// Half of the film's extent at distance 1, per pixel.
    scale: f32,
    middle: Vec2,
    radius: f32,
    focus: f32,
    spread: f32,
}

impl Lens {
    fn new(camera: &Camera, settings: &RenderSettings) -> Self {
        let way = camera.target - camera.position;
        let forward = way.normalize_or(Vec3::NEG_Z);
        // Straight up or down, the picture's top is away from the viewer.
        let reference = if forward.y.abs() > 0.9999 { Vec3::NEG_Z * forward.y.signum() * -1.0 } else { Vec3::Y };
        let right = forward.cross(reference).normalize_or(Vec3::X);
        let half = (camera.fov_degrees.clamp(1.0, 150.0).to_radians() * 0.5).tan();
        let scale = 2.0 * half / settings.width.min(settings.height) as f32;
        let focus = if camera.focus_distance > 0.0 { camera.focus_distance } else { way.length().max(1e-3) };
        Self {
            position: camera.position,
            right,
            up: right.cross(forward),
            forward,
            scale,
            middle: Vec2::new(settings.width as f32, settings.height as f32) * 0.5,
            radius: camera.aperture_radius.max(0.0),
            focus,
            spread: scale,
        }
    }

    /// How many pixels wide a point at `depth` is smeared.
    fn blur(&self, depth: f32) -> f32 {
        if depth <= 0.0 {
            return 0.0;
        }
        2.0 * self.radius * (1.0 / self.focus - 1.0 / depth).abs() / self.spread
    }

    /// The ray through a spot of the film (in pixels from the upper left) and a spot of the lens.
    fn ray(&self, at: Vec2, u: Vec2) -> Ray {
        let film = (at - self.middle) * self.scale;
        let direction = self.forward + self.right * film.x - self.up * film.y;
        if self.radius <= 0.0 {
            return Ray::new(self.position, direction.normalize());
        }
        let spot = concentric(u) * self.radius;
        let origin = self.position + self.right * spot.x + self.up * spot.y;
        let sharp = self.position + direction * self.focus;
        Ray::new(origin, (sharp - origin).normalize())
    }
}

/// Shirley and Chiu's (1997) map of the square to the disc, which keeps strata whole.
fn concentric(u: Vec2) -> Vec2 {
    let p = u * 2.0 - Vec2::ONE;
    if p == Vec2::ZERO {
        return p;
    }
    let (radius, angle) = if p.x.abs() > p.y.abs() {
        (p.x, FRAC_PI_4 * (p.y / p.x))
    } else {
        (p.y, TAU * 0.25 - FRAC_PI_4 * (p.x / p.y))
    };
    let (sin, cos) = angle.sin_cos();
    Vec2::new(cos, sin) * radius
}
