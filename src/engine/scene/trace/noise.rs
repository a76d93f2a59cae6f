//! Band-limited random fields in space: gradient noise, its octaves, and cells.
//!
//! Detail finer than what a ray sees (its footprint) fades to the mean, so that patterns neither sparkle nor alias.
//! Perlin, "Improving Noise" (2002); Worley, "A Cellular Texture Basis Function" (1996).

use glam::{IVec3, Vec3};

use super::sampler::{hash, to_unit};

fn hash_cell(cell: IVec3) -> u32 {
    let key = (cell.x as u32).wrapping_mul(0x9e37_79b9)
        ^ (cell.y as u32).wrapping_mul(0x85eb_ca6b).rotate_left(11)
        ^ (cell.z as u32).wrapping_mul(0xc2b2_ae35).rotate_left(21);
    hash(key)
}

/// A number in [0, 1) for a cell of the integer lattice.
pub(super) fn cell_value(x: i32, y: i32, z: i32) -> f32 {
    to_unit(hash_cell(IVec3::new(x, y, z)))
}

fn slope(bits: u32, d: Vec3) -> f32 {
    // Perlin's twelve edge directions.
    let u = if bits & 0b1000 == 0 { d.x } else { d.y };
    let v = if bits & 0b1100 == 0 {
        d.y
    } else if bits & 0b1101 == 0b1100 {
        d.x
    } else {
        d.z
    };
    (if bits & 0b01 == 0 { u } else { -u }) + (if bits & 0b10 == 0 { v } else { -v })
}

/// The integer below: without SSE 4.1 the library's `floor` is a call for each lane.
fn floor_cell(p: Vec3) -> IVec3 {
    let floor = |v: f32| {
        let i = v as i32;
        i - i32::from((i as f32) > v)
    };
    IVec3::new(floor(p.x), floor(p.y), floor(p.z))
}

/// Gradient noise, about -1 to 1, features of size 1, mean 0.
pub(super) fn noise(p: Vec3) -> f32 {
    let cell = floor_cell(p);
    let d = p - cell.as_vec3();
    let fade = d * d * d * (d * (d * 6.0 - Vec3::splat(15.0)) + Vec3::splat(10.0));
    let corner = |x: i32, y: i32, z: i32| {
        let offset = IVec3::new(x, y, z);
        slope(hash_cell(cell + offset), d - offset.as_vec3())
    };
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    let edge = |y: i32, z: i32| mix(corner(0, y, z), corner(1, y, z), fade.x);
    let face = |z: i32| mix(edge(0, z), edge(1, z), fade.y);
    mix(face(0), face(1), fade.z)
}

/// How much of a detail of `size` is left when a ray covers `footprint`.
pub(super) fn visible_share(size: f32, footprint: f32) -> f32 {
    (1.5 - 1.5 * footprint / size).clamp(0.0, 1.0)
}

/// A sum of octaves, each half as large and `gain` as strong: about -1 to 1. `footprint` in the units of `p`.
pub(super) fn octaves(p: Vec3, count: u32, gain: f32, footprint: f32) -> f32 {
    let (mut sum, mut strength, mut scale) = (0.0, 1.0, 1.0);
    let total: f32 = (0..count).map(|i| gain.powi(i as i32)).sum();
    for _ in 0..count {
        let share = visible_share(1.0 / scale, footprint);
        if share > 0.0 {
            sum += strength * share * noise(p * scale + Vec3::splat(scale * 17.3));
        } else {
            // Finer octaves are invisible too; their weight still counts towards the mean.
            break;
        }
        strength *= gain;
        scale *= 2.03;
    }
    sum / total
}

/// The nearest of one jittered point per unit cell.
pub(super) struct Cell {
    /// Distance to it.
    pub(super) nearest: f32,
    /// Distance to the second.
    pub(super) second: f32,
    /// Its own random number.
    pub(super) id: f32,
}

/// Worley's cells.
pub(super) fn cells(p: Vec3) -> Cell {
    let base = floor_cell(p);
    let mut best = Cell { nearest: f32::MAX, second: f32::MAX, id: 0.0 };
    for z in -1..=1 {
        for y in -1..=1 {
            for x in -1..=1 {
                let cell = base + IVec3::new(x, y, z);
                let bits = hash_cell(cell);
                let jitter =
                    Vec3::new((bits & 0x3ff) as f32, (bits >> 10 & 0x3ff) as f32, (bits >> 20 & 0x3ff) as f32) / 1024.0;
                let distance = (cell.as_vec3() + jitter).distance_squared(p);
                if distance < best.nearest {
                    best.second = best.nearest;
                    best.nearest = distance;
                    best.id = to_unit(hash(bits));
                } else if distance < best.second {
                    best.second = distance;
                }
            }
        }
    }
    best.nearest = best.nearest.sqrt();
    best.second = best.second.sqrt();
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_centred_continuous_and_bounded() {
        let mut sum = 0.0;
        for i in 0..20_000 {
            let p = Vec3::new(i as f32 * 0.137, i as f32 * 0.071, i as f32 * -0.053);
            let v = noise(p);
            assert!(v.abs() <= 1.2);
            assert!((v - noise(p + Vec3::splat(1e-3))).abs() < 0.01);
            sum += v;
        }
        assert!((sum / 20_000.0f32).abs() < 0.02);
    }

    #[test]
    fn unseen_detail_fades_to_the_mean() {
        let p = Vec3::new(0.3, 0.4, 0.5);
        assert!(octaves(p, 5, 0.5, 10.0).abs() < 1e-6);
        assert!(octaves(p, 5, 0.5, 0.0).abs() > 1e-3);
    }
}
