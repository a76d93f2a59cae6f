//! How a surface scatters light: a small principled model as weighted lobes.
//!
//! Lobes: diffuse with cloth sheen, one GGX highlight from dielectric to metal, a clearcoat, and glass (solid or thin).
//! What an upper lobe reflects the lower ones do not get, and highlights are compensated for multiple scattering, so
//! that a white surface returns all light (see the furnace tests). Refuses to look anything up: [`Shading`] is resolved.

use std::f32::consts::FRAC_1_PI;

use glam::{Vec2, Vec3};

use super::microfacet::{
    Albedo, Ggx, fresnel_dielectric, sample_cosine, schlick_weight, sheen_albedo, specular_albedo,
};

/// What textures and patterns came to at one point.
#[derive(Clone, Debug)]
pub(super) struct Shading {
    pub(super) color: Vec3,
    pub(super) metallic: f32,
    pub(super) roughness: f32,
    pub(super) anisotropy: f32,
    pub(super) specular: f32,
    pub(super) clearcoat: f32,
    pub(super) clearcoat_roughness: f32,
    pub(super) sheen: f32,
    pub(super) transmission: f32,
    pub(super) ior: f32,
    pub(super) thin: bool,
}

/// An orthonormal frame, z along the shading normal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) x: Vec3,
    pub(super) y: Vec3,
    pub(super) z: Vec3,
}

impl Frame {
    /// With x as near to `tangent` as the unit `normal` allows.
    #[inline]
    pub(super) fn new(normal: Vec3, tangent: Vec3) -> Self {
        let along = tangent - normal * normal.dot(tangent);
        let x = if along.length_squared() > 1e-6 { along.normalize() } else { normal.any_orthonormal_vector() };
        Self { x, y: normal.cross(x), z: normal }
    }

    #[inline]
    pub(super) fn to_local(self, v: Vec3) -> Vec3 {
        Vec3::new(v.dot(self.x), v.dot(self.y), v.dot(self.z))
    }

    #[inline]
    pub(super) fn to_world(self, v: Vec3) -> Vec3 {
        self.x * v.x + self.y * v.y + self.z * v.z
    }
}

/// Which way a sampled direction went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Scattered by lobes that [`Bsdf::evaluate`] knows: lights may be aimed at too.
    Scattered,
    /// Mirrored at glass, whatever its roughness: only found by following it.
    Mirrored,
    /// Straight through something thin.
    Passed,
    /// Bent into or out of a solid.
    Refracted,
}

/// A direction chosen by chance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scatter {
    /// In the surface's frame.
    pub(super) direction: Vec3,
    /// BSDF times cosine over density.
    pub(super) weight: Vec3,
    /// Density over solid angle; only meaningful for [`Event::Scattered`].
    pub(super) pdf: f32,
    pub(super) event: Event,
}

/// A surface seen from one direction, ready to be evaluated and sampled.
#[derive(Debug)]
pub(super) struct Bsdf {
    o: Vec3,
    entering: bool,
    tint: Vec3,
    ior: f32,
    thin: bool,
    f0: Vec3,
    specular: Ggx,
    coat: Ggx,
    /// Weights that the lobes' BSDFs are multiplied by.
    diffuse_scale: Vec3,
    sheen_scale: f32,
    specular_scale: Vec3,
    coat_scale: f32,
    /// Chances of sampling glass, then of the others among themselves.
    choose_glass: f32,
    choose_diffuse: f32,
    choose_specular: f32,
    albedo: Vec3,
}

fn luminance(c: Vec3) -> f32 {
    c.dot(Vec3::new(0.2126, 0.7152, 0.0722))
}

impl Bsdf {
    /// `o` points back along the ray in the surface's frame, `o.z > 0`; `entering` says whether the ray comes from
    /// outside of a solid.
    pub(super) fn new(s: &Shading, o: Vec3, entering: bool) -> Self {
        let o = Vec3::new(o.x, o.y, o.z.max(1e-4));
        let metallic = s.metallic.clamp(0.0, 1.0);
        let glass = s.transmission.clamp(0.0, 1.0) * (1.0 - metallic);
        let opaque = 1.0 - glass;
        let color = s.color.clamp(Vec3::ZERO, Vec3::ONE);
        let specular = Ggx::anisotropic(s.roughness, s.anisotropy);
        let coat = Ggx::isotropic(s.clearcoat_roughness);
        let coat_albedo = s.clearcoat * specular_albedo(o.z, s.clearcoat_roughness).at(0.04);
        let below_coat = opaque * (1.0 - coat_albedo);
        let dielectric = Vec3::splat(0.08 * s.specular.clamp(0.0, 1.0));
        let f0 = dielectric.lerp(color, metallic);
        let albedo = specular_albedo(o.z, specular.mean_roughness());
        let (compensation, reflected) = compensate(albedo, f0);
        let body = (1.0 - metallic) * below_coat;
        // Only the part that is no metal has something below its highlight.
        let below_specular = Vec3::ONE - compensate(albedo, dielectric).1;
        let fuzz = s.sheen.clamp(0.0, 1.0) * 2.0;
        let fuzz_albedo = (fuzz * sheen_albedo(o.z)).min(1.0);
        let diffuse_scale = color * below_specular * (body * (1.0 - fuzz_albedo));
        let sheen_scale = body * below_specular.min_element() * fuzz;
        let diffuse_weight = luminance(diffuse_scale) + body * fuzz_albedo;
        let specular_weight = luminance(reflected) * below_coat;
        let coat_weight = opaque * coat_albedo;
        let total = (diffuse_weight + specular_weight + coat_weight).max(1e-6);
        Self {
            o,
            entering,
            tint: color,
            ior: s.ior.clamp(1.0001, 4.0),
            thin: s.thin,
            f0,
            specular,
            coat,
            diffuse_scale,
            sheen_scale,
            specular_scale: compensation * below_coat,
            coat_scale: opaque * s.clearcoat,
            choose_glass: glass,
            choose_diffuse: diffuse_weight / total,
            choose_specular: specular_weight / total,
            albedo: diffuse_scale
                + Vec3::splat(body * fuzz_albedo + coat_weight)
                + reflected * below_coat
                + Vec3::splat(glass),
        }
    }

    /// The share of light it returns, by channel: what the denoiser divides by.
    pub(super) fn albedo(&self) -> Vec3 {
        self.albedo
    }

    /// Whether aiming at lights is worth while.
    pub(super) fn scatters(&self) -> bool {
        self.choose_glass < 1.0
    }

    /// BSDF times cosine towards `i`, and the density with which [`Bsdf::sample`] picks it, of all but the glass.
    pub(super) fn evaluate(&self, i: Vec3) -> (Vec3, f32) {
        if i.z <= 1e-6 || !self.scatters() {
            return (Vec3::ZERO, 0.0);
        }
        let h = (self.o + i).normalize_or(Vec3::Z);
        let cos_d = self.o.dot(h).max(0.0);
        let grazing = schlick_weight(cos_d);
        let diffuse = (self.diffuse_scale + self.sheen_scale * grazing) * (i.z * FRAC_1_PI);
        let fresnel = self.f0 + (Vec3::ONE - self.f0) * grazing;
        let lobe = |ggx: Ggx| ggx.density(h) * ggx.g2(self.o, i) / (4.0 * self.o.z);
        let mut value = diffuse + fresnel * self.specular_scale * lobe(self.specular);
        let mut pdf =
            self.choose_diffuse * i.z * FRAC_1_PI + self.choose_specular * self.specular.reflected_pdf(self.o, h);
        if self.coat_scale > 0.0 {
            let choose_coat = 1.0 - self.choose_diffuse - self.choose_specular;
            value += (0.04 + 0.96 * grazing) * self.coat_scale * lobe(self.coat);
            pdf += choose_coat.max(0.0) * self.coat.reflected_pdf(self.o, h);
        }
        (value, pdf * (1.0 - self.choose_glass))
    }

    /// A direction by chance, or none where the light ends.
    pub(super) fn sample(&self, u: Vec2, choice: f32) -> Option<Scatter> {
        if choice < self.choose_glass {
            return self.sample_glass(u, choice / self.choose_glass);
        }
        let choice = (choice - self.choose_glass) / (1.0 - self.choose_glass).max(1e-6);
        let i = if choice < self.choose_diffuse {
            sample_cosine(u)
        } else {
            let ggx = if choice < self.choose_diffuse + self.choose_specular { self.specular } else { self.coat };
            let h = ggx.sample_visible(self.o, u);
            2.0 * self.o.dot(h) * h - self.o
        };
        let (value, pdf) = self.evaluate(i);
        (pdf > 1e-9).then(|| Scatter { direction: i, weight: value / pdf, pdf, event: Event::Scattered })
    }

    fn sample_glass(&self, u: Vec2, choice: f32) -> Option<Scatter> {
        let o = self.o;
        let scatter = |direction, weight, event| Some(Scatter { direction, weight, pdf: 0.0, event });
        if self.thin {
            let once = fresnel_dielectric(o.z, self.ior);
            // Both faces of the pane, and all that goes to and fro between them.
            let reflect = 2.0 * once / (1.0 + once);
            if choice >= reflect {
                return scatter(-o, self.tint, Event::Passed);
            }
            let h = self.glass_normal(u);
            let i = 2.0 * o.dot(h) * h - o;
            return if i.z > 0.0 { scatter(i, self.masking(i), Event::Mirrored) } else { None };
        }
        let eta = if self.entering { self.ior } else { 1.0 / self.ior };
        let h = self.glass_normal(u);
        let cos_o = o.dot(h);
        if choice < fresnel_dielectric(cos_o, eta) {
            let i = 2.0 * cos_o * h - o;
            return if i.z > 0.0 { scatter(i, self.masking(i), Event::Mirrored) } else { None };
        }
        let cos2_t = 1.0 - (1.0 - cos_o * cos_o) / (eta * eta);
        let i = -o / eta + h * (cos_o / eta - cos2_t.max(0.0).sqrt());
        // The square root: a body is tinted once on the way in and once on the way out.
        let tint = Vec3::new(self.tint.x.sqrt(), self.tint.y.sqrt(), self.tint.z.sqrt());
        if i.z < 0.0 { scatter(i.normalize(), tint * self.masking(i), Event::Refracted) } else { None }
    }

    /// Polished glass is exactly smooth: even the faintest microfacets have long tails.
    fn glass_normal(&self, u: Vec2) -> Vec3 {
        if self.specular.alpha_x <= 1e-3 { Vec3::Z } else { self.specular.sample_visible(self.o, u) }
    }

    fn masking(&self, i: Vec3) -> Vec3 {
        Vec3::splat(self.specular.g2(self.o, i) / self.specular.g1(self.o))
    }

    /// What a shadow ray keeps on its straight way through: a stand-in for caustics, which are not traced from the
    /// lights.
    pub(super) fn straight_transmittance(s: &Shading, cosine: f32) -> Vec3 {
        let glass = s.transmission * (1.0 - s.metallic);
        let once = fresnel_dielectric(cosine, s.ior);
        if s.thin { s.color * (glass * (1.0 - 2.0 * once / (1.0 + once))) } else { s.color * (glass * (1.0 - once)) }
    }
}

/// Turquin's factor that gives back what single scattering loses, and the share reflected with it.
fn compensate(albedo: Albedo, f0: Vec3) -> (Vec3, Vec3) {
    let factor = Vec3::ONE + f0 * ((1.0 - albedo.full) / albedo.full.max(1e-3));
    let single = f0 * (albedo.full - albedo.grazing) + Vec3::splat(albedo.grazing);
    (factor, (factor * single).min(Vec3::ONE))
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::*;
    use crate::engine::scene::trace::sampler::Sampler;

    fn uniform_hemisphere(u: Vec2) -> Vec3 {
        let (sin, cos) = (2.0 * PI * u.x).sin_cos();
        let r = (1.0 - u.y * u.y).sqrt();
        Vec3::new(r * cos, r * sin, u.y)
    }

    fn plain() -> Shading {
        Shading {
            color: Vec3::ONE,
            metallic: 0.0,
            roughness: 0.5,
            anisotropy: 0.0,
            specular: 0.5,
            clearcoat: 0.0,
            clearcoat_roughness: 0.1,
            sheen: 0.0,
            transmission: 0.0,
            ior: 1.5,
            thin: false,
        }
    }

    fn kinds() -> Vec<(&'static str, Shading)> {
        vec![
            ("plastic", plain()),
            ("shiny plastic", Shading { roughness: 0.15, ..plain() }),
            ("metal", Shading { metallic: 1.0, roughness: 0.4, ..plain() }),
            ("rough metal", Shading { metallic: 1.0, roughness: 0.9, ..plain() }),
            ("brushed", Shading { metallic: 1.0, roughness: 0.5, anisotropy: 0.7, ..plain() }),
            ("glazed", Shading { clearcoat: 1.0, ..plain() }),
            ("half metal", Shading { metallic: 0.5, ..plain() }),
            ("cloth", Shading { sheen: 0.4, roughness: 0.9, specular: 0.2, ..plain() }),
            ("half glass", Shading { transmission: 0.5, thin: true, roughness: 0.1, ..plain() }),
        ]
    }

    fn view(degrees: f32) -> Vec3 {
        Vec3::new(degrees.to_radians().sin() * 0.6, degrees.to_radians().sin() * 0.8, degrees.to_radians().cos())
    }

    #[test]
    fn densities_integrate_to_the_chance_of_their_lobes() {
        for (name, shading) in kinds() {
            for degrees in [5.0, 50.0, 75.0] {
                let bsdf = Bsdf::new(&shading, view(degrees), true);
                let n = 1 << 17;
                let mut sum = 0.0f64;
                for k in 0..n {
                    let u = Sampler::new(3, 1, k).next_2d();
                    sum += f64::from(bsdf.evaluate(uniform_hemisphere(u)).1);
                }
                let integral = sum / f64::from(n) * 2.0 * std::f64::consts::PI;
                // Reflections below the horizon are lost: the density holds what is left.
                let kept = (0..n).filter(|k| {
                    let mut sampler = Sampler::new(4, 1, *k);
                    let (u, choice) = (sampler.next_2d(), sampler.next_1d());
                    bsdf.sample(u, choice).is_some_and(|s| s.event == Event::Scattered)
                });
                let expected = kept.count() as f64 / f64::from(n);
                assert!((integral - expected).abs() < 0.02, "{name} at {degrees}: {integral} instead of {expected}");
            }
        }
    }

    #[test]
    fn sampling_and_evaluation_are_one_function() {
        // The same integral, of an uneven environment, by the lobes' sampling and by uniform directions.
        let light = |i: Vec3| 1.0 + i.x + 0.5 * i.z * i.z;
        for (name, shading) in kinds() {
            let bsdf = Bsdf::new(&Shading { transmission: 0.0, ..shading }, view(40.0), true);
            let n = 1 << 17;
            let (mut sampled, mut uniform) = (0.0f64, 0.0f64);
            for k in 0..n {
                let mut sampler = Sampler::new(5, 2, k);
                let (u, choice, w) = (sampler.next_2d(), sampler.next_1d(), sampler.next_2d());
                if let Some(s) = bsdf.sample(u, choice) {
                    sampled += f64::from(s.weight.y * light(s.direction));
                }
                let i = uniform_hemisphere(w);
                uniform += f64::from(bsdf.evaluate(i).0.y * light(i) * 2.0 * PI);
            }
            let (sampled, uniform) = (sampled / f64::from(n), uniform / f64::from(n));
            assert!((sampled / uniform - 1.0).abs() < 0.02, "{name}: {sampled} against {uniform}");
        }
    }

    #[test]
    fn a_white_surface_in_a_white_world_is_white() {
        for (name, shading) in kinds() {
            for degrees in [0.0, 30.0, 60.0, 80.0] {
                let bsdf = Bsdf::new(&shading, view(degrees), true);
                let n = 1 << 14;
                let mut sum = 0.0;
                for k in 0..n {
                    let mut sampler = Sampler::new(9, 4, k);
                    let (u, choice) = (sampler.next_2d(), sampler.next_1d());
                    sum += bsdf.sample(u, choice).map_or(0.0, |s| s.weight.x);
                }
                let albedo = sum / n as f32;
                let slack = if shading.anisotropy > 0.0 { 0.06 } else { 0.03 };
                assert!((albedo - 1.0).abs() < slack, "{name} at {degrees} degrees returns {albedo}");
            }
        }
    }

    #[test]
    fn clear_glass_keeps_all_energy_and_obeys_snell() {
        let glass = Shading { transmission: 1.0, roughness: 0.0, ..plain() };
        for (entering, eta) in [(true, 1.5), (false, 1.0 / 1.5)] {
            for degrees in [10.0f32, 35.0, 60.0] {
                let o = view(degrees);
                let bsdf = Bsdf::new(&glass, o, entering);
                let (mut energy, mut bent) = (0.0, 0);
                let n = 4096;
                for k in 0..n {
                    let mut sampler = Sampler::new(1, 1, k);
                    let (u, choice) = (sampler.next_2d(), sampler.next_1d());
                    let Some(s) = bsdf.sample(u, choice) else { continue };
                    energy += s.weight.x;
                    if s.event == Event::Refracted {
                        bent += 1;
                        let sin = |w: Vec3| w.x.hypot(w.y);
                        assert!((sin(o) - eta * sin(s.direction)).abs() < 0.02);
                    }
                }
                assert!((energy / n as f32 - 1.0).abs() < 0.01);
                let passed = bent as f32 / n as f32;
                let expected = 1.0 - fresnel_dielectric(o.z, eta);
                assert!((passed - expected).abs() < 0.02, "{degrees}: {passed} instead of {expected}");
            }
        }
    }
}
