//! Smooths what few samples leave rough, without crossing edges, textures or shadows.
//!
//! The edge-avoiding à-trous wavelet of Dammertz et al. (HPG 2010) with the variance-guided stopping function of SVGF
//! (Schied et al., HPG 2017), spatial only. Light is smoothed after division by the surface's albedo, so textures stay
//! as sharp as they were rendered. Refuses to invent detail.

use glam::Vec3;
use rayon::prelude::*;

use super::{environment::luminance, render::Film};

const KERNEL: [f32; 3] = [0.375, 0.25, 0.0625];
const LEVELS: usize = 5;

#[derive(Clone, Copy)]
struct Texel {
    light: Vec3,
    variance: f32,
}

/// A smoothed copy of the film's colour. `strength` 0 changes nothing, 1 is right for 16 to 64 samples a pixel.
pub fn denoise(film: &Film, strength: f32) -> Vec<Vec3> {
    let strength = strength.clamp(0.0, 4.0);
    if strength == 0.0 || film.color.is_empty() {
        return film.color.clone();
    }
    let floor = |a: Vec3| a.max(Vec3::splat(0.03));
    let mut texels: Vec<Texel> = (0..film.color.len())
        .map(|i| {
            let albedo = floor(film.albedo[i]);
            let share = luminance(albedo);
            Texel { light: film.color[i] / albedo, variance: film.variance[i] / (share * share) }
        })
        .collect();
    texels = calm(&texels, film);
    for level in 0..LEVELS {
        texels = filter(&texels, film, 1 << level, strength);
    }
    texels.iter().zip(&film.albedo).map(|(t, a)| t.light * floor(*a)).collect()
}

/// Blurs the variances over 3x3: each is an estimate itself, and noisy.
fn calm(texels: &[Texel], film: &Film) -> Vec<Texel> {
    let (w, h) = (film.width as i32, film.height as i32);
    (0..texels.len())
        .into_par_iter()
        .map(|i| {
            let (x, y) = (i as i32 % w, i as i32 / w);
            let (mut sum, mut weight) = (0.0, 0.0);
            for dy in -1..=1 {
                for dx in -1..=1 {
                    let (u, v) = ((x + dx).clamp(0, w - 1), (y + dy).clamp(0, h - 1));
                    let k = [0.5, 0.25][dx.unsigned_abs() as usize] * [0.5, 0.25][dy.unsigned_abs() as usize];
                    sum += k * texels[(v * w + u) as usize].variance;
                    weight += k;
                }
            }
            Texel { variance: sum / weight, ..texels[i] }
        })
        .collect()
}

fn filter(texels: &[Texel], film: &Film, step: i32, strength: f32) -> Vec<Texel> {
    let (w, h) = (film.width as i32, film.height as i32);
    (0..texels.len())
        .into_par_iter()
        .map(|i| {
            let (x, y) = (i as i32 % w, i as i32 / w);
            let center = texels[i];
            let bright = luminance(center.light);
            let tolerance = strength * 2.2 * center.variance.max(0.0).sqrt() + 1e-4 * bright + 1e-7;
            let (mut light, mut variance, mut total) = (Vec3::ZERO, 0.0, 0.0);
            for dy in -2..=2 {
                for dx in -2..=2 {
                    let (u, v) = (x + dx * step, y + dy * step);
                    if u < 0 || v < 0 || u >= w || v >= h {
                        continue;
                    }
                    let j = (v * w + u) as usize;
                    let k = KERNEL[dx.unsigned_abs() as usize] * KERNEL[dy.unsigned_abs() as usize];
                    let away = ((dx * dx + dy * dy) as f32).sqrt() * step as f32;
                    let other = texels[j];
                    let stop = (luminance(other.light) - bright).abs() / tolerance;
                    let weight = k * likeness(film, i, j, away) * (-stop).exp();
                    light += other.light * weight;
                    variance += other.variance * weight * weight;
                    total += weight;
                }
            }
            if total > 0.0 && light.is_finite() {
                Texel { light: light / total, variance: variance / (total * total) }
            } else {
                center
            }
        })
        .collect()
}

/// How much two pixels show the same surface, 0 to 1; `away` is their distance in pixels.
fn likeness(film: &Film, i: usize, j: usize, away: f32) -> f32 {
    if i == j {
        return 1.0;
    }
    let (n, m) = (film.normal[i], film.normal[j]);
    let both = n.length() * m.length();
    let turned = if both < 1e-3 {
        // Sky beside sky is alike; sky beside a surface is not.
        if n.length_squared() + m.length_squared() < 1e-3 { 1.0 } else { 0.0 }
    } else {
        (n.dot(m) / both).max(0.0).powi(32)
    };
    let depth = film.depth[i].max(film.depth[j]).max(1e-3);
    let apart = (film.depth[i] - film.depth[j]).abs() / (depth * 0.012 * (1.0 + away));
    let tint = (film.albedo[i] - film.albedo[j]).abs().max_element() / 0.25;
    turned * (-apart - tint).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::scene::trace::sampler::{hash, to_unit};

    /// A step between two surfaces under noisy light.
    fn film() -> Film {
        let (w, h) = (48u32, 32u32);
        let n = (w * h) as usize;
        let left = |i: usize| (i as u32 % w) < w / 2;
        let noise = |i: usize| (to_unit(hash(i as u32)) - 0.5) * 0.4;
        Film {
            width: w,
            height: h,
            color: (0..n).map(|i| Vec3::splat((1.0 + noise(i)) * if left(i) { 0.2 } else { 0.8 })).collect(),
            albedo: (0..n).map(|i| Vec3::splat(if left(i) { 0.2 } else { 0.8 })).collect(),
            normal: vec![Vec3::Y; n],
            depth: vec![100.0; n],
            variance: (0..n).map(|i| 0.0133 * if left(i) { 0.04 } else { 0.64 }).collect(),
            samples: vec![8; n],
        }
    }

    #[test]
    fn noise_goes_edges_and_brightness_stay() {
        let film = film();
        let smooth = denoise(&film, 1.0);
        let spread = |c: &[Vec3], side: bool| {
            let of: Vec<f32> = c.iter().enumerate().filter(|(i, _)| (i % 48 < 24) == side).map(|(_, v)| v.x).collect();
            let mean = of.iter().sum::<f32>() / of.len() as f32;
            (mean, (of.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / of.len() as f32).sqrt())
        };
        for side in [true, false] {
            let (before, noise) = spread(&film.color, side);
            let (after, left) = spread(&smooth, side);
            assert!((after / before - 1.0).abs() < 0.02, "{before} {after}");
            assert!(left < noise * 0.35, "{noise} {left}");
        }
    }

    #[test]
    fn strength_zero_changes_nothing() {
        let film = film();
        assert_eq!(denoise(&film, 0.0), film.color);
    }
}
