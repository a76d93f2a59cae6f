//! One path of light, followed backwards from the camera: what a sample of a pixel sees.
//!
//! Unidirectional path tracing with next-event estimation, multiple importance sampling and Russian roulette. Light
//! that shadow rays carry straight through glass is not counted a second time where a path bends through it, so that
//! glass casts a soft light shadow instead of noise (no traced caustics). Refuses to know pixels.

use glam::{Vec2, Vec3};

use super::{
    bsdf::{Bsdf, Event},
    bvh::Ray,
    emitter::{Emitters, LightId},
    environment::luminance,
    geometry::{Detail, Geometry, Point},
    sampler::Sampler,
    world::World,
};

/// What a path brought back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) color: Vec3,
    /// Share of light that the first surface returns, by channel; one where there is none.
    pub(super) albedo: Vec3,
    /// Shading normal of the first surface; zero where there is none.
    pub(super) normal: Vec3,
    /// Distance to the first surface in cm; 0 where there is none.
    pub(super) depth: f32,
    /// Which material the first surface is of.
    pub(super) surface: u32,
}

/// Limits of a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) max_depth: u32,
    /// Luminance that one scattered contribution is cut to.
    pub(super) clamp: f32,
    /// Angle that a pixel covers, in radians.
    pub(super) spread: f32,
}

/// A world ready to be looked at.
pub(super) struct Tracer<'a> {
    geometry: Geometry<'a>,
    emitters: Emitters,
    haze_distance: Option<f32>,
}

/// The state of a path between two surfaces.
struct Path {
    ray: Ray,
    throughput: Vec3,
    color: Vec3,
    /// Where the last scattering happened and with what density this direction was chosen; none when only following
    /// could find it.
    aimed: Option<(Vec3, f32)>,
    /// Whether shadow rays already carried what lies ahead.
    counted: bool,
    bounces: u32,
    /// The angle over which directions like this one fan out, and how many cm wide the fan was where the ray starts.
    spread: f32,
    width: f32,
    travelled: f32,
}

/// The most surfaces that a path may slip through without scattering.
const MAX_PASSES: u32 = 48;

/// The angle that a density over solid angle stands for: its inverse is the solid angle of one sample, which covers more
/// than what is needed to tell one from the next.
const FAN: f32 = 0.25;
/// Directions that fan out more than this see no pattern any more, only its mean.
const MATT: f32 = 0.15;

impl Path {
    /// How closely the next surface is looked at.
    fn detail(&self) -> Detail {
        match self.bounces {
            _ if self.spread > MATT => Detail::Mean,
            0 | 1 => Detail::Fine,
            _ => Detail::Flat,
        }
    }
}

impl<'a> Tracer<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        let haze_distance = world.haze_distance.filter(|d| d.is_finite() && *d > 0.0);
        Self { geometry: Geometry::new(world), emitters: Emitters::new(world), haze_distance }
    }

    /// Follows a path from the camera.
    pub(super) fn trace(&self, ray: Ray, sampler: &mut Sampler, limits: &Limits) -> Sample {
        let mut first =
            Sample { color: Vec3::ZERO, albedo: Vec3::ONE, normal: Vec3::ZERO, depth: 0.0, surface: u32::MAX };
        let mut path = Path {
            ray,
            throughput: Vec3::ONE,
            color: Vec3::ZERO,
            aimed: None,
            counted: false,
            bounces: 0,
            spread: limits.spread,
            width: 0.0,
            travelled: 0.0,
        };
        let mut passes = 0;
        while passes < MAX_PASSES {
            let camera = path.bounces == 0;
            let hit = self.geometry.nearest(&path.ray, f32::INFINITY);
            let distance = hit.map_or(f32::INFINITY, |h| h.distance);
            if let Some((id, _, radiance)) = self.emitters.hit_rectangle(&path.ray, distance, camera) {
                self.arrive(&mut path, id, radiance, limits);
                break;
            }
            let Some(hit) = hit else {
                self.escape(&mut path, limits);
                break;
            };
            let coverage = self.geometry.coverage(&hit);
            path.travelled += hit.distance;
            path.width += hit.distance * path.spread;
            if coverage < 1.0 && sampler.next_1d() >= coverage {
                passes += 1;
                let p = path.ray.at(hit.distance);
                path.ray = Ray::new(p + path.ray.direction * slack(p), path.ray.direction);
                continue;
            }
            let point = self.geometry.point(&path.ray, &hit, path.width, path.detail());
            let bsdf = Bsdf::new(&point.shading, point.frame.to_local(-path.ray.direction), point.front);
            if !point.front {
                path.throughput *= (-point.absorption * hit.distance).exp();
            }
            // Straight through a pane this comes again: what lies behind is what the denoiser should know about.
            if camera {
                first.albedo = bsdf.albedo();
                first.normal = point.frame.z;
                first.depth = path.travelled;
                first.surface = point.material;
                self.enter_haze(&mut path);
            }
            if point.emission != Vec3::ZERO {
                Self::add(&mut path, point.emission, limits);
            }
            // What lies behind a pane is looked at even without light.
            if path.bounces >= limits.max_depth && (path.bounces > 0 || bsdf.scatters()) {
                break;
            }
            if bsdf.scatters() {
                self.gather(&mut path, (&point, &bsdf), sampler, limits);
            }
            if !scatter(&mut path, &point, &bsdf, sampler) {
                break;
            }
            passes += u32::from(path.aimed.is_none());
        }
        first.color = if path.color.is_finite() { path.color.max(Vec3::ZERO) } else { Vec3::ZERO };
        first
    }

    /// Mixes what the camera sees with the far air.
    fn enter_haze(&self, path: &mut Path) {
        if let Some(haze) = self.haze_distance {
            let ratio = path.travelled / haze;
            let clear = (-ratio * ratio).exp();
            path.color += path.throughput * (1.0 - clear) * self.emitters.far_air();
            path.throughput *= clear;
        }
    }

    /// Adds found light, cut where it would be a firefly.
    fn add(path: &mut Path, radiance: Vec3, limits: &Limits) {
        let mut light = path.throughput * radiance;
        // What the camera or a mirror sees may be bright; what came by chance off a rough surface must not sparkle.
        let most = match path.bounces {
            0 => f32::INFINITY,
            1 => limits.clamp * 4.0,
            _ => limits.clamp,
        };
        let bright = luminance(light);
        if bright > most {
            light *= most / bright;
        }
        path.color += light;
    }

    /// A followed direction ended at a light.
    fn arrive(&self, path: &mut Path, id: LightId, radiance: Vec3, limits: &Limits) {
        if path.counted {
            return;
        }
        let weight = path.aimed.map_or(1.0, |(from, pdf)| {
            let rival = self.emitters.pdf(id, from, path.ray.direction);
            pdf * pdf / (pdf * pdf + rival * rival).max(1e-30)
        });
        Self::add(path, radiance * weight, limits);
    }

    fn escape(&self, path: &mut Path, limits: &Limits) {
        let direction = path.ray.direction;
        if path.bounces == 0 {
            path.color += path.throughput * self.emitters.backdrop(direction);
            for (_, radiance) in self.emitters.hit_suns(direction) {
                path.color += path.throughput * radiance.min(Vec3::splat(limits.clamp * 40.0));
            }
            return;
        }
        self.arrive(path, LightId::Sky, self.emitters.sky.radiance(direction), limits);
        for (id, radiance) in self.emitters.hit_suns(direction) {
            self.arrive(path, id, radiance, limits);
        }
    }

    /// Aims at lights from a surface.
    fn gather(&self, path: &mut Path, (point, bsdf): (&Point, &Bsdf), sampler: &mut Sampler, limits: &Limits) {
        // The first surface is what the picture shows: it is worth a second look.
        let looks = if path.bounces == 0 { 2 } else { 1 };
        for _ in 0..looks {
            let (u, choice): (Vec2, f32) = (sampler.next_2d(), sampler.next_1d());
            let Some(aim) = self.emitters.sample(point.position, u, choice) else { continue };
            if aim.direction.dot(point.geometric) <= 0.0 {
                continue;
            }
            let (value, pdf) = bsdf.evaluate(point.frame.to_local(aim.direction));
            let share = value * aim.radiance;
            if luminance(share * path.throughput) <= 0.0 {
                continue;
            }
            let start = point.lifted + point.geometric * slack(point.position);
            let reach = if aim.distance.is_finite() { aim.distance * 0.9995 } else { f32::INFINITY };
            let left = self.geometry.transmittance(&Ray::new(start, aim.direction), reach);
            if left == Vec3::ZERO {
                continue;
            }
            let rival = pdf / looks as f32;
            let weight = aim.pdf * aim.pdf / (aim.pdf * aim.pdf + rival * rival).max(1e-30);
            let radiance = share * left * (weight / (aim.pdf * looks as f32));
            let mut light = path.throughput * radiance;
            let most = if path.bounces == 0 { limits.clamp * 4.0 } else { limits.clamp };
            let bright = luminance(light);
            if bright > most {
                light *= most / bright;
            }
            path.color += light;
        }
    }
}

/// Goes on in a direction chosen by chance; false where the path ends.
fn scatter(path: &mut Path, point: &Point, bsdf: &Bsdf, sampler: &mut Sampler) -> bool {
    let (u, choice, survival) = (sampler.next_2d(), sampler.next_1d(), sampler.next_1d());
    let Some(sampled) = bsdf.sample(u, choice) else { return false };
    let direction = point.frame.to_world(sampled.direction);
    let through = matches!(sampled.event, Event::Passed | Event::Refracted);
    // A tilted normal may send light to the wrong side of the real surface.
    if (direction.dot(point.geometric) < 0.0) != through {
        return false;
    }
    path.throughput *= sampled.weight;
    let side = if through { -point.geometric } else { point.geometric };
    let start = if sampled.event == Event::Scattered { point.lifted } else { point.position };
    let origin = start + side * slack(point.position);
    match sampled.event {
        Event::Scattered => {
            let looks = if path.bounces == 0 { 2.0 } else { 1.0 };
            path.aimed = Some((point.position, sampled.pdf / looks));
            path.counted = false;
            path.spread += FAN / sampled.pdf.sqrt();
            path.bounces += 1;
        }
        Event::Mirrored => {
            path.aimed = None;
            path.bounces += 1;
        }
        Event::Refracted => {
            path.counted |= path.bounces > 0 && (path.aimed.is_some() || path.counted);
            path.aimed = None;
            path.bounces += 1;
        }
        // Straight through: seen from the last scattering it is the same direction still.
        Event::Passed => {}
    }
    path.ray = Ray::new(origin, direction.normalize());
    if path.bounces > 2 {
        let keep = path.throughput.max_element().clamp(0.02, 0.95);
        if survival >= keep {
            return false;
        }
        path.throughput /= keep;
    }
    path.throughput.max_element() > 1e-5
}

/// How far off a surface a new ray starts so that it does not meet it again.
fn slack(p: Vec3) -> f32 {
    5e-4 + p.abs().max_element() * 3e-6
}
