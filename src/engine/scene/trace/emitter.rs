//! The lights that paths aim at: rectangles, suns and the sky, chosen by what they promise at a point.
//!
//! Everything here comes in pairs, a sample and its density, so that aimed and found light can be weighed against each
//! other (Veach's multiple importance sampling). Refuses to trace: whether light arrives is the path's business.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use super::{
    bvh::Ray,
    environment::{Sky, luminance},
    world::{Light, World},
};

/// All lights of a world.
pub(super) struct Emitters {
    rectangles: Vec<Rectangle>,
    suns: Vec<Sun>,
    pub(super) sky: Sky,
    backdrop: Option<Sky>,
}

struct Rectangle {
    center: Vec3,
    half_u: Vec3,
    half_v: Vec3,
    normal: Vec3,
    area: f32,
    radiance: Vec3,
    visible: bool,
}

struct Sun {
    direction: Vec3,
    tangent: Vec3,
    bitangent: Vec3,
    cosine: f32,
    solid_angle: f32,
    radiance: Vec3,
    power: f32,
}

/// Which light, by kind and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LightId {
    Rectangle(usize),
    Sun(usize),
    Sky,
}

/// Light that would arrive if nothing were in the way.
pub(super) struct Aim {
    pub(super) direction: Vec3,
    /// Infinite for suns and the sky.
    pub(super) distance: f32,
    pub(super) radiance: Vec3,
    /// Density over solid angle, the choice of the light included.
    pub(super) pdf: f32,
}

impl Emitters {
    pub(super) fn new(world: &World) -> Self {
        let mut rectangles = Vec::new();
        let mut suns = Vec::new();
        for light in &world.lights {
            match light {
                Light::Rectangle { center, half_u, half_v, radiance, visible } => {
                    let cross = half_u.cross(*half_v);
                    let area = 4.0 * cross.length();
                    if area.is_finite() && area > 1e-8 && luminance(*radiance) > 0.0 {
                        rectangles.push(Rectangle {
                            center: *center,
                            half_u: *half_u,
                            half_v: *half_v,
                            normal: cross.normalize(),
                            area,
                            radiance: *radiance,
                            visible: *visible,
                        });
                    }
                }
                Light::Sun { direction, irradiance, angular_radius_degrees } => {
                    if luminance(*irradiance) > 0.0 && direction.length_squared() > 0.0 {
                        suns.push(Sun::new(*direction, *irradiance, *angular_radius_degrees));
                    }
                }
            }
        }
        let backdrop = world.backdrop.as_ref().map(Sky::new);
        Self { rectangles, suns, sky: Sky::new(&world.environment), backdrop }
    }

    /// What the camera sees where there is nothing.
    pub(super) fn backdrop(&self, direction: Vec3) -> Vec3 {
        self.backdrop.as_ref().unwrap_or(&self.sky).radiance(direction)
    }

    /// What far ground fades into.
    pub(super) fn far_air(&self) -> Vec3 {
        self.backdrop.as_ref().unwrap_or(&self.sky).horizon()
    }

    fn promise(&self, id: LightId, p: Vec3) -> f32 {
        match id {
            LightId::Rectangle(i) => {
                let r = &self.rectangles[i];
                let away = p - r.center;
                let height = away.dot(r.normal);
                let near = away.length_squared().max(r.area * 0.25);
                if height > 0.0 { luminance(r.radiance) * r.area * height / (near * near.sqrt()) } else { 0.0 }
            }
            LightId::Sun(i) => self.suns[i].power,
            LightId::Sky => {
                if self.sky.is_lit() {
                    self.sky.mean * PI
                } else {
                    0.0
                }
            }
        }
    }

    fn ids(&self) -> impl Iterator<Item = LightId> + use<> {
        (0..self.rectangles.len())
            .map(LightId::Rectangle)
            .chain((0..self.suns.len()).map(LightId::Sun))
            .chain([LightId::Sky])
    }

    fn total_promise(&self, p: Vec3) -> f32 {
        self.ids().map(|id| self.promise(id, p)).sum()
    }

    /// Aims at one light from `p`.
    pub(super) fn sample(&self, p: Vec3, u: Vec2, choice: f32) -> Option<Aim> {
        let total = self.total_promise(p);
        if !(total > 0.0 && total.is_finite()) {
            return None;
        }
        let mut left = choice * total;
        let mut chosen = None;
        for id in self.ids() {
            let promise = self.promise(id, p);
            if promise > 0.0 {
                chosen = Some((id, promise / total));
                left -= promise;
                if left < 0.0 {
                    break;
                }
            }
        }
        let (id, chance) = chosen?;
        let mut aim = match id {
            LightId::Rectangle(i) => self.rectangles[i].sample(p, u)?,
            LightId::Sun(i) => self.suns[i].sample(u),
            LightId::Sky => {
                let (direction, pdf) = self.sky.sample(u);
                Aim { direction, distance: f32::INFINITY, radiance: self.sky.radiance(direction), pdf }
            }
        };
        aim.pdf *= chance;
        (aim.pdf > 0.0).then_some(aim)
    }

    /// The density with which [`Emitters::sample`] at `from` would have aimed along `ray` at light `id`.
    pub(super) fn pdf(&self, id: LightId, from: Vec3, direction: Vec3) -> f32 {
        let total = self.total_promise(from);
        if !(total > 0.0 && total.is_finite()) {
            return 0.0;
        }
        let density = match id {
            LightId::Rectangle(i) => self.rectangles[i].pdf(from, direction),
            LightId::Sun(i) => 1.0 / self.suns[i].solid_angle,
            LightId::Sky => self.sky.pdf(direction),
        };
        density * self.promise(id, from) / total
    }

    /// The nearest rectangle that shines against the ray, nearer than `limit`; `camera` skips what it must not see.
    pub(super) fn hit_rectangle(&self, ray: &Ray, limit: f32, camera: bool) -> Option<(LightId, f32, Vec3)> {
        let mut best = None;
        let mut limit = limit;
        for (i, r) in self.rectangles.iter().enumerate() {
            if camera && !r.visible {
                continue;
            }
            if let Some(distance) = r.hit(ray.origin, ray.direction).filter(|d| *d < limit) {
                limit = distance;
                best = Some((LightId::Rectangle(i), distance, r.radiance));
            }
        }
        best
    }

    /// The suns that `direction` points into.
    pub(super) fn hit_suns(&self, direction: Vec3) -> impl Iterator<Item = (LightId, Vec3)> {
        self.suns
            .iter()
            .enumerate()
            .filter(move |(_, sun)| sun.direction.dot(direction) >= sun.cosine)
            .map(|(i, sun)| (LightId::Sun(i), sun.radiance))
    }
}

impl Rectangle {
    fn hit(&self, origin: Vec3, direction: Vec3) -> Option<f32> {
        let facing = -direction.dot(self.normal);
        if facing <= 1e-6 {
            return None;
        }
        let distance = (origin - self.center).dot(self.normal) / facing;
        if distance <= 0.0 {
            return None;
        }
        let p = origin + direction * distance - self.center;
        // Solves p = a u + b v for edges that need not be square to each other.
        let a = p.cross(self.half_v).dot(self.normal) * 4.0 / self.area;
        let b = self.half_u.cross(p).dot(self.normal) * 4.0 / self.area;
        (a.abs() <= 1.0 && b.abs() <= 1.0).then_some(distance)
    }

    fn sample(&self, p: Vec3, u: Vec2) -> Option<Aim> {
        let spot = self.center + self.half_u * (2.0 * u.x - 1.0) + self.half_v * (2.0 * u.y - 1.0);
        let way = spot - p;
        let distance = way.length();
        let direction = way / distance;
        let facing = -direction.dot(self.normal);
        (facing > 1e-6 && distance > 1e-6).then(|| Aim {
            direction,
            distance,
            radiance: self.radiance,
            pdf: distance * distance / (facing * self.area),
        })
    }

    fn pdf(&self, from: Vec3, direction: Vec3) -> f32 {
        self.hit(from, direction).map_or(0.0, |d| d * d / (-direction.dot(self.normal) * self.area))
    }
}

impl Sun {
    fn new(direction: Vec3, irradiance: Vec3, angular_radius_degrees: f32) -> Self {
        let direction = direction.normalize();
        let angle = angular_radius_degrees.clamp(0.05, 45.0).to_radians();
        // 1 - cos, without losing all digits for a small angle.
        let solid_angle = TAU * 2.0 * (angle * 0.5).sin().powi(2);
        let (tangent, bitangent) = direction.any_orthonormal_pair();
        // Irradiance of a disc straight ahead is its radiance times pi sin^2.
        let radiance = irradiance / (PI * angle.sin().powi(2));
        let power = luminance(irradiance);
        Self { direction, tangent, bitangent, cosine: angle.cos(), solid_angle, radiance, power }
    }

    fn sample(&self, u: Vec2) -> Aim {
        let cosine = 1.0 - u.y * (self.solid_angle / TAU);
        let r = (1.0 - cosine * cosine).max(0.0).sqrt();
        let (sin, cos) = (TAU * u.x).sin_cos();
        let direction = self.direction * cosine + (self.tangent * cos + self.bitangent * sin) * r;
        Aim { direction, distance: f32::INFINITY, radiance: self.radiance, pdf: 1.0 / self.solid_angle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::scene::trace::{sampler::Sampler, world::Environment};

    fn lights() -> Emitters {
        let world = World {
            lights: vec![
                Light::Rectangle {
                    center: Vec3::new(1.0, 3.0, 0.0),
                    half_u: Vec3::new(1.0, 0.0, 0.3),
                    half_v: Vec3::new(0.2, 0.0, -1.5),
                    radiance: Vec3::splat(5.0),
                    visible: true,
                },
                Light::Sun {
                    direction: Vec3::new(0.3, 1.0, 0.2),
                    irradiance: Vec3::splat(3.0),
                    angular_radius_degrees: 5.0,
                },
            ],
            environment: Environment {
                zenith: Vec3::splat(0.5),
                horizon: Vec3::ONE,
                falloff: 1.0,
                ..Environment::default()
            },
            ..World::default()
        };
        Emitters::new(&world)
    }

    #[test]
    fn the_rectangle_shines_down() {
        let emitters = lights();
        let up = Ray::new(Vec3::new(1.0, 0.0, 0.0), Vec3::Y);
        let hit = emitters.hit_rectangle(&up, 10.0, true);
        assert!(
            hit.is_some_and(|(_, distance, _)| (distance - 3.0).abs() < 1e-5)
                == (emitters.rectangles[0].normal.y < 0.0)
        );
    }

    #[test]
    fn samples_and_densities_agree() {
        let emitters = lights();
        let p = Vec3::new(0.3, 4.0 * emitters.rectangles[0].normal.y.signum() + 3.0, 0.1);
        let mut kinds = [0; 3];
        for k in 0..2000 {
            let mut sampler = Sampler::new(1, 1, k);
            let (u, choice) = (sampler.next_2d(), sampler.next_1d());
            let aim = emitters.sample(p, u, choice).unwrap();
            let ray = Ray::new(p, aim.direction);
            let id = if aim.distance.is_finite() {
                emitters.hit_rectangle(&ray, f32::INFINITY, false).map(|h| h.0)
            } else if aim.radiance.x > 3.0 {
                emitters.hit_suns(aim.direction).next().map(|h| h.0)
            } else {
                Some(LightId::Sky)
            };
            // A sample on the very rim may miss by rounding.
            let Some(id) = id else { continue };
            kinds[match id {
                LightId::Rectangle(_) => 0,
                LightId::Sun(_) => 1,
                LightId::Sky => 2,
            }] += 1;
            let pdf = emitters.pdf(id, p, aim.direction);
            assert!((pdf / aim.pdf - 1.0).abs() < 0.02, "{id:?}: {pdf} against {}", aim.pdf);
        }
        assert!(kinds.iter().all(|n| *n > 100), "{kinds:?}");
    }

    #[test]
    fn a_sun_sheds_the_irradiance_it_was_given() {
        let sun = Sun::new(Vec3::Y, Vec3::splat(3.0), 0.27);
        let n = 1000;
        let sum: f32 = (0..n)
            .map(|k| {
                let aim = sun.sample(Sampler::new(1, 1, k).next_2d());
                aim.radiance.x * aim.direction.y / aim.pdf
            })
            .sum();
        assert!((sum / n as f32 - 3.0).abs() < 0.01);
    }
}
