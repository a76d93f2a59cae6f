//! The GGX microfacet distribution: densities, sampling of visible normals, and tables of how much light it reflects.
//!
//! Directions are in the surface's frame, z along its normal. Heitz, "Understanding the Masking-Shadowing Function"
//! (JCGT 2014); Dupuy and Benyoub, "Sampling Visible GGX Normals with Spherical Caps" (2023); the tables serve the
//! multiple-scattering compensation of Turquin, "Practical multiple scattering compensation" (2019).

use std::{f32::consts::PI, sync::LazyLock};

use glam::{Vec2, Vec3};

/// Roughness along the two axes of the surface's frame, each above 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ggx {
    pub(super) alpha_x: f32,
    pub(super) alpha_y: f32,
}

impl Ggx {
    pub(super) fn isotropic(roughness: f32) -> Self {
        let alpha = (roughness * roughness).clamp(1e-3, 1.0);
        Self { alpha_x: alpha, alpha_y: alpha }
    }

    /// Burley's (2012) mapping of roughness and anisotropy, with the highlight stretched across the x axis.
    pub(super) fn anisotropic(roughness: f32, anisotropy: f32) -> Self {
        let aspect = (1.0 - 0.9 * anisotropy.clamp(0.0, 1.0)).sqrt();
        let alpha = roughness * roughness;
        Self { alpha_x: (alpha * aspect).clamp(1e-3, 1.0), alpha_y: (alpha / aspect).clamp(1e-3, 1.0) }
    }

    /// One roughness that reflects about as much in all.
    pub(super) fn mean_roughness(self) -> f32 {
        ((self.alpha_x + self.alpha_y) * 0.5).sqrt()
    }

    #[inline]
    pub(super) fn density(self, h: Vec3) -> f32 {
        let (x, y) = (h.x / self.alpha_x, h.y / self.alpha_y);
        let s = x * x + y * y + h.z * h.z;
        1.0 / (PI * self.alpha_x * self.alpha_y * s * s)
    }

    #[inline]
    fn lambda(self, w: Vec3) -> f32 {
        let (x, y) = (w.x * self.alpha_x, w.y * self.alpha_y);
        let slope = (x * x + y * y) / (w.z * w.z).max(1e-12);
        ((1.0 + slope).sqrt() - 1.0) * 0.5
    }

    /// Smith's masking of one direction.
    #[inline]
    pub(super) fn g1(self, w: Vec3) -> f32 {
        1.0 / (1.0 + self.lambda(w))
    }

    /// Height-correlated masking and shadowing.
    #[inline]
    pub(super) fn g2(self, o: Vec3, i: Vec3) -> f32 {
        1.0 / (1.0 + self.lambda(o) + self.lambda(i))
    }

    /// A normal as seen from `o` (`o.z > 0`).
    #[inline]
    pub(super) fn sample_visible(self, o: Vec3, u: Vec2) -> Vec3 {
        let stretched = Vec3::new(o.x * self.alpha_x, o.y * self.alpha_y, o.z).normalize();
        let (sin, cos) = (2.0 * PI * u.x).sin_cos();
        let z = (1.0 - u.y) * (1.0 + stretched.z) - stretched.z;
        let r = (1.0 - z * z).max(0.0).sqrt();
        let h = Vec3::new(r * cos, r * sin, z) + stretched;
        Vec3::new(h.x * self.alpha_x, h.y * self.alpha_y, h.z.max(1e-6)).normalize()
    }

    /// Density over solid angle of the direction that `o` is mirrored into at a visible normal `h`.
    #[inline]
    pub(super) fn reflected_pdf(self, o: Vec3, h: Vec3) -> f32 {
        self.g1(o) * self.density(h) / (4.0 * o.z)
    }
}

/// Schlick's (1994) weight of grazing reflection.
#[inline]
pub(super) fn schlick_weight(cosine: f32) -> f32 {
    let m = (1.0 - cosine).clamp(0.0, 1.0);
    let m2 = m * m;
    m2 * m2 * m
}

/// Fresnel reflectance of an interface; `eta` is the index of the far side over that of the near side.
pub(super) fn fresnel_dielectric(cosine: f32, eta: f32) -> f32 {
    let cos_o = cosine.clamp(0.0, 1.0);
    let sin2_t = (1.0 - cos_o * cos_o) / (eta * eta);
    if sin2_t >= 1.0 {
        return 1.0;
    }
    let cos_t = (1.0 - sin2_t).sqrt();
    let parallel = (eta * cos_o - cos_t) / (eta * cos_o + cos_t);
    let perpendicular = (cos_o - eta * cos_t) / (cos_o + eta * cos_t);
    0.5 * (parallel * parallel + perpendicular * perpendicular)
}

const STEPS: usize = 32;

/// What a surface of full reflectance reflects in one bounce, and the part of it that Schlick's weight makes up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Albedo {
    pub(super) full: f32,
    pub(super) grazing: f32,
}

impl Albedo {
    /// The share reflected with reflectance `f0` at normal incidence.
    pub(super) fn at(self, f0: f32) -> f32 {
        f0 * (self.full - self.grazing) + self.grazing
    }
}

struct Tables {
    specular: Vec<[Albedo; STEPS]>,
    sheen: [f32; STEPS],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let row =
        |r: usize| std::array::from_fn(|c| integrate_albedo(cosine_at(c), (r as f32 / (STEPS - 1) as f32).max(0.02)));
    Tables { specular: (0..STEPS).map(row).collect(), sheen: std::array::from_fn(|c| integrate_sheen(cosine_at(c))) }
});

fn cosine_at(step: usize) -> f32 {
    // Finer towards grazing angles, where everything happens.
    let t = step as f32 / (STEPS - 1) as f32;
    (t * t).max(2e-3)
}

fn integrate_albedo(cosine: f32, roughness: f32) -> Albedo {
    let ggx = Ggx::isotropic(roughness);
    let o = Vec3::new((1.0 - cosine * cosine).max(0.0).sqrt(), 0.0, cosine);
    let n = 20;
    let mut sum = Albedo { full: 0.0, grazing: 0.0 };
    for k in 0..n * n {
        let u = Vec2::new((k % n) as f32 + 0.5, (k / n) as f32 + 0.5) / n as f32;
        let h = ggx.sample_visible(o, u);
        let i = 2.0 * o.dot(h) * h - o;
        if i.z > 0.0 {
            let weight = ggx.g2(o, i) / ggx.g1(o);
            sum.full += weight;
            sum.grazing += weight * schlick_weight(o.dot(h));
        }
    }
    let scale = 1.0 / (n * n) as f32;
    Albedo { full: sum.full * scale, grazing: sum.grazing * scale }
}

fn integrate_sheen(cosine: f32) -> f32 {
    let o = Vec3::new((1.0 - cosine * cosine).max(0.0).sqrt(), 0.0, cosine);
    let n = 24;
    let mut sum = 0.0;
    for k in 0..n * n {
        let u = Vec2::new((k % n) as f32 + 0.5, (k / n) as f32 + 0.5) / n as f32;
        let i = sample_cosine(u);
        sum += schlick_weight((o + i).normalize().dot(o));
    }
    sum / (n * n) as f32
}

/// A direction of the upper hemisphere with density `cos / pi`.
pub(super) fn sample_cosine(u: Vec2) -> Vec3 {
    let (sin, cos) = (2.0 * PI * u.x).sin_cos();
    let r = u.y.sqrt();
    Vec3::new(r * cos, r * sin, (1.0 - u.y).max(0.0).sqrt())
}

#[inline]
fn locate(t: f32) -> (usize, f32) {
    let x = t.clamp(0.0, 1.0) * (STEPS - 1) as f32;
    let i = (x as usize).min(STEPS - 2);
    (i, x - i as f32)
}

/// The share of light from a direction of `cosine` that is reflected.
pub(super) fn specular_albedo(cosine: f32, roughness: f32) -> Albedo {
    let (c, fc) = locate(cosine.max(0.0).sqrt());
    let (r, fr) = locate(roughness);
    let table = &TABLES.specular;
    let mix = |pick: fn(&Albedo) -> f32| {
        let along = |row: usize| pick(&table[row][c]) * (1.0 - fc) + pick(&table[row][c + 1]) * fc;
        along(r) * (1.0 - fr) + along(r + 1) * fr
    };
    Albedo { full: mix(|a| a.full), grazing: mix(|a| a.grazing) }
}

/// The share of light that white fuzz throws back.
pub(super) fn sheen_albedo(cosine: f32) -> f32 {
    let (c, fc) = locate(cosine.max(0.0).sqrt());
    TABLES.sheen[c] * (1.0 - fc) + TABLES.sheen[c + 1] * fc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projected_area_of_the_distribution_is_one() {
        for ggx in [Ggx::isotropic(0.3), Ggx::isotropic(0.9), Ggx::anisotropic(0.6, 0.8)] {
            let n = 600;
            let mut sum = 0.0f64;
            for k in 0..n * n {
                let cos = ((k % n) as f32 + 0.5) / n as f32;
                let (sin_phi, cos_phi) = (2.0 * PI * ((k / n) as f32 + 0.5) / n as f32).sin_cos();
                let sin = (1.0 - cos * cos).sqrt();
                sum += f64::from(ggx.density(Vec3::new(sin * cos_phi, sin * sin_phi, cos)) * cos);
            }
            let integral = sum * 2.0 * std::f64::consts::PI / f64::from(n * n);
            assert!((integral - 1.0).abs() < 0.02, "{ggx:?}: {integral}");
        }
    }

    #[test]
    fn fresnel_has_its_known_values() {
        assert!((fresnel_dielectric(1.0, 1.5) - 0.04).abs() < 1e-6);
        assert!((fresnel_dielectric(1.0, 1.0 / 1.5) - 0.04).abs() < 1e-6);
        assert!((fresnel_dielectric(0.0, 1.5) - 1.0).abs() < 1e-5);
        // Beyond the critical angle of 41.8 degrees everything is reflected.
        assert!((fresnel_dielectric(42f32.to_radians().cos(), 1.0 / 1.5) - 1.0).abs() < 1e-6);
        // At Brewster's angle half of the perpendicular part is all there is.
        let brewster = 1.5f32.atan().cos();
        assert!((fresnel_dielectric(brewster, 1.5) - 0.0740).abs() < 1e-3);
    }

    #[test]
    fn smooth_surfaces_reflect_all_and_rough_ones_lose_some() {
        assert!(specular_albedo(0.7, 0.05).full > 0.995);
        let rough = specular_albedo(0.7, 1.0).full;
        assert!(rough > 0.3 && rough < 0.6, "{rough}");
        assert!(specular_albedo(0.9, 0.5).at(0.04) < 0.06);
    }
}
