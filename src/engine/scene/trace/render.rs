//! From a world to a film: pixels, passes, adaptive sampling and the thin-lens camera.
//!
//! A pixel's samples depend on seed, pixel and sample number alone, and whether it goes on is decided between passes,
//! so a film is the same, byte for byte, on any number of threads. Refuses to map tones (`tonemap`) or to smooth
//! (`denoise`).

use std::f32::consts::{FRAC_PI_4, TAU};

use glam::{Vec2, Vec3};
use rayon::prelude::*;

use super::{
    bvh::Ray,
    environment::luminance,
    path::{Limits, Tracer},
    sampler::Sampler,
    world::{Camera, RenderSettings, World},
};
use crate::engine::{EngineError, RunContext};

/// Samples a pixel between two looks at noise, progress and cancellation.
const PASS: u32 = 8;
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

#[derive(Clone, Default)]
struct Pixel {
    color: Vec3,
    albedo: Vec3,
    normal: Vec3,
    depth: f32,
    /// Sums of luminance and its square, plain and compressed to 0..1 as a picture would show it.
    plain: Vec2,
    shown: Vec2,
    samples: u32,
    done: bool,
}

impl Pixel {
    /// Standard error of the mean of what is shown, 0 to about 0.5.
    fn error(&self) -> f32 {
        variance_of_mean(self.shown, self.samples).sqrt()
    }
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
    let tracer = Tracer::new(world);
    let lens = Lens::new(&world.camera, settings);
    let mut limits = Limits { max_depth: settings.max_depth.min(64), clamp: f32::INFINITY, spread: lens.spread };
    let typical = probe(&tracer, &lens, settings, &limits);
    if settings.firefly_clamp > 0.0 {
        limits.clamp = settings.firefly_clamp * typical;
    }
    let mut pixels = vec![Pixel::default(); settings.width as usize * settings.height as usize];
    let mut from = 0;
    while from < settings.samples {
        ctx.step(from as usize, settings.samples as usize)?;
        let to = (from + PASS).min(settings.samples);
        pixels.par_chunks_mut(settings.width as usize).enumerate().for_each(|(y, row)| {
            if ctx.cancel_token().is_cancelled() {
                return;
            }
            for (x, pixel) in row.iter_mut().enumerate().filter(|(_, p)| !p.done) {
                for index in from..to {
                    expose(pixel, &tracer, &lens, (x as u32, y as u32, index), (settings, &limits, typical));
                }
            }
        });
        from = to;
        if settings.noise_target > 0.0 && from * 2 >= settings.samples {
            retire(&mut pixels, settings);
        }
    }
    ctx.step(settings.samples as usize, settings.samples as usize)?;
    Ok(develop(&pixels, settings))
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

fn expose(
    pixel: &mut Pixel,
    tracer: &Tracer<'_>,
    lens: &Lens,
    (x, y, index): (u32, u32, u32),
    (settings, limits, typical): (&RenderSettings, &Limits, f32),
) {
    let mut sampler = Sampler::new(settings.seed, y * settings.width + x, index);
    // A tent a little wider than the pixel: clean edges that are still crisp.
    let jitter = sampler.next_2d();
    let tent = |u: f32| if u < 0.5 { (2.0 * u).sqrt() - 1.0 } else { 1.0 - (2.0 - 2.0 * u).sqrt() } * 0.8;
    let at = Vec2::new(x as f32 + 0.5 + tent(jitter.x), y as f32 + 0.5 + tent(jitter.y));
    let ray = lens.ray(at, sampler.next_2d());
    let sample = tracer.trace(ray, &mut sampler, limits);
    let bright = luminance(sample.color);
    let shown = bright / (bright + typical * 2.0);
    pixel.color += sample.color;
    pixel.albedo += sample.albedo;
    pixel.normal += sample.normal;
    pixel.depth += sample.depth;
    pixel.plain += Vec2::new(bright, bright * bright);
    pixel.shown += Vec2::new(shown, shown * shown);
    pixel.samples += 1;
}

/// Marks pixels whose whole neighbourhood is clean enough: one pixel alone may look clean by luck.
fn retire(pixels: &mut [Pixel], settings: &RenderSettings) {
    let (w, h) = (settings.width as usize, settings.height as usize);
    let noisy: Vec<bool> = pixels.iter().map(|p| p.error() > settings.noise_target).collect();
    for (i, pixel) in pixels.iter_mut().enumerate() {
        let (x, y) = (i % w, i / w);
        let around = |v: usize, end: usize| v.saturating_sub(1)..(v + 2).min(end);
        pixel.done |= !around(y, h).any(|j| around(x, w).any(|k| noisy[j * w + k]));
    }
}

fn develop(pixels: &[Pixel], settings: &RenderSettings) -> Film {
    let scale = |p: &Pixel| 1.0 / p.samples.max(1) as f32;
    Film {
        width: settings.width,
        height: settings.height,
        color: pixels.iter().map(|p| p.color * scale(p)).collect(),
        albedo: pixels.iter().map(|p| p.albedo * scale(p)).collect(),
        normal: pixels.iter().map(|p| p.normal * scale(p)).collect(),
        depth: pixels.iter().map(|p| p.depth * scale(p)).collect(),
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
