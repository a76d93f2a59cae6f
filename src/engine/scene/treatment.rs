//! Treatments: a material worked otherwise than it comes (matte, wet, hammered), or painted with a second colour.
//!
//! Owns what a [`Finish`] and a [`Motif`] do to a material; which material it is, `looks` says.

use glam::Vec3;

use super::{
    lexicon::{Finish, Motif},
    looks::{linear, luminance},
    plan::Subject,
    trace::{Material, Pattern},
};

/// The same material worked so.
pub(super) fn finish(material: Material, finish: Option<Finish>) -> Material {
    let m = material;
    match finish {
        None => m,
        Some(Finish::Matte) => {
            Material { roughness: m.roughness.max(0.55), clearcoat: 0.0, specular: m.specular * 0.6, ..m }
        }
        Some(Finish::Glossy) => Material {
            roughness: m.roughness.min(0.14),
            clearcoat: m.clearcoat.max(0.7),
            clearcoat_roughness: 0.04,
            ..m
        },
        // Dents as wide as a finger. The hammer polishes what it hits.
        Some(Finish::Hammered) => Material {
            pattern: Pattern::Hammered,
            pattern_scale: 1.0,
            second_color: m.base_color,
            relief: 1.0,
            roughness: if m.metallic > 0.5 { m.roughness.min(0.16) } else { m.roughness },
            anisotropy: 0.0,
            ..m
        },
        // Water fills the pores: darker, and a film that mirrors.
        Some(Finish::Wet) => Material {
            base_color: m.base_color * 0.55,
            second_color: m.second_color * 0.55,
            roughness: m.roughness * 0.6,
            clearcoat: 1.0,
            clearcoat_roughness: 0.05,
            relief: m.relief * 0.5,
            ..m
        },
        Some(Finish::Rough) => {
            Material { roughness: m.roughness.max(0.7), clearcoat: 0.0, relief: m.relief * 1.6, ..m }
        }
        Some(Finish::Worn) => Material {
            base_color: m.base_color.lerp(Vec3::new(0.20, 0.13, 0.08), 0.25),
            roughness: (m.roughness + 0.25).min(0.9),
            clearcoat: 0.0,
            relief: m.relief * 1.3,
            ..m
        },
    }
}

/// The body of a subject as its plan says: worked, then painted. `size_cm` is its largest side.
pub(super) fn body(material: Material, subject: &Subject, size_cm: f32) -> Material {
    let mut material = finish(material, subject.finish);
    let pattern = match subject.motif {
        Some(Motif::Stripes) => Pattern::Stripes,
        Some(Motif::Dots) => Pattern::Dots,
        Some(Motif::Checks) => Pattern::Checks,
        None if subject.second_color.is_some() => Pattern::Stripes,
        _ => return material,
    };
    // On what is pale the paint is dark, and the other way round.
    let contrast = if luminance(material.base_color) > 0.35 { Vec3::splat(0.03) } else { Vec3::splat(0.8) };
    material.second_color = subject.second_color.map_or(contrast, linear);
    // Some eight bands on anything.
    (material.pattern, material.pattern_scale) = (pattern, (size_cm / 13.0).max(0.15));
    material
}

#[cfg(test)]
mod tests {
    use super::{
        super::{lexicon::Substance, looks},
        *,
    };

    #[test]
    fn finishes_change_what_they_say() {
        let copper = looks::body(Substance::Copper, None);
        let with = |f| finish(copper.clone(), Some(f));
        assert!(with(Finish::Matte).roughness > copper.roughness.max(0.5));
        assert!(with(Finish::Glossy).roughness <= 0.14 && with(Finish::Glossy).clearcoat > 0.5);
        assert!(with(Finish::Wet).base_color.length() < copper.base_color.length());
        assert_eq!(with(Finish::Hammered).pattern, Pattern::Hammered);
        assert!(with(Finish::Hammered).roughness < copper.roughness);
        assert!((finish(copper.clone(), None).roughness - copper.roughness).abs() < 1e-6);
    }

    #[test]
    fn what_is_painted_has_two_colours() {
        let plain = Subject::new("ball", "shape:sphere".into());
        let white = looks::body(Substance::Ceramic, Some([244, 243, 240]));
        assert_eq!(body(white.clone(), &plain, 10.0).pattern, white.pattern);
        let striped = body(white.clone(), &Subject { motif: Some(Motif::Stripes), ..plain.clone() }, 10.0);
        assert_eq!(striped.pattern, Pattern::Stripes);
        assert!(luminance(striped.second_color) < 0.1);
        let red = Subject { motif: Some(Motif::Dots), second_color: Some([196, 30, 36]), ..plain };
        let dotted = body(white, &red, 10.0);
        assert!(dotted.pattern == Pattern::Dots && dotted.second_color.x > dotted.second_color.y * 3.0);
    }
}
