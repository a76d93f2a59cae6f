//! Band-limited random fields in space: gradient noise, its octaves, and cells.
//!
//! Detail finer than what a ray sees (its footprint) fades to the mean, so that patterns neither sparkle nor alias.
//! Perlin, "Improving Noise" (2002); Worley, "A Cellular Texture Basis Function" (1996).

use glam::{IVec3, Vec3};

use super::sampler::{hash, to_unit};

fn key_x(x: i32) -> u32 {
    (x as u32).wrapping_mul(0x9e37_79b9)
}

fn key_y(y: i32) -> u32 {
    (y as u32).wrapping_mul(0x85eb_ca6b).rotate_left(11)
}

fn key_z(z: i32) -> u32 {
    (z as u32).wrapping_mul(0xc2b2_ae35).rotate_left(21)
}

fn hash_cell(cell: IVec3) -> u32 {
    hash(key_x(cell.x) ^ key_y(cell.y) ^ key_z(cell.z))
}

/// A number in [0, 1) for a cell of the integer lattice.
pub(super) fn cell_value(x: i32, y: i32, z: i32) -> f32 {
    to_unit(hash_cell(IVec3::new(x, y, z)))
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
    // All eight corners side by side, so that the compiler makes wide arithmetic of it.
    let both = |axis: i32, key: fn(i32) -> u32| [key(axis), key(axis.wrapping_add(1))];
    let (kx, ky, kz) = (both(cell.x, key_x), both(cell.y, key_y), both(cell.z, key_z));
    let (dx, dy, dz) = ([d.x, d.x - 1.0], [d.y, d.y - 1.0], [d.z, d.z - 1.0]);
    let mut slopes = [0.0f32; 8];
    for (corner, slope) in slopes.iter_mut().enumerate() {
        let (i, j, k) = (corner & 1, corner >> 1 & 1, corner >> 2);
        let mut bits = kx[i] ^ ky[j] ^ kz[k];
        bits = (bits ^ bits >> 15).wrapping_mul(0x2c1b_3c6d) >> 28;
        // Perlin's twelve edge directions.
        let [x, y, z] = EDGES[bits as usize & 15];
        *slope = x * dx[i] + y * dy[j] + z * dz[k];
    }
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    let edge = |at: usize| mix(slopes[at], slopes[at + 1], fade.x);
    let face = |at: usize| mix(edge(at), edge(at + 2), fade.y);
    mix(face(0), face(4), fade.z)
}

#[rustfmt::skip]
const EDGES: [[f32; 3]; 16] = [
    [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [-1.0, -1.0, 0.0],
    [1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 0.0, -1.0],
    [0.0, 1.0, 1.0], [0.0, -1.0, 1.0], [0.0, 1.0, -1.0], [0.0, -1.0, -1.0],
    [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, -1.0, 1.0], [0.0, -1.0, -1.0],
];

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
    let d = p - base.as_vec3();
    // The square of the distance to the slab of cells below, at and above.
    let gap = |d: f32| [d * d, 0.0, (1.0 - d) * (1.0 - d)];
    let (gx, gy, gz) = (gap(d.x), gap(d.y), gap(d.z));
    let mut best = Cell { nearest: f32::MAX, second: f32::MAX, id: 0.0 };
    let mut owner = 0;
    // Its own slab first: mostly the others are too far away then.
    for k in [1, 0, 2] {
        for j in [1, 0, 2] {
            if gz[k] + gy[j] >= best.second {
                continue;
            }
            for i in [1, 0, 2] {
                if gz[k] + gy[j] + gx[i] >= best.second {
                    continue;
                }
                let cell = base + IVec3::new(i as i32, j as i32, k as i32) - IVec3::ONE;
                let bits = hash_cell(cell);
                let jitter =
                    Vec3::new((bits & 0x3ff) as f32, (bits >> 10 & 0x3ff) as f32, (bits >> 20 & 0x3ff) as f32) / 1024.0;
                let distance = (cell.as_vec3() + jitter).distance_squared(p);
                if distance < best.nearest {
                    best.second = best.nearest;
                    best.nearest = distance;
                    owner = bits;
                } else if distance < best.second {
                    best.second = distance;
                }
            }
        }
    }
    Cell { nearest: best.nearest.sqrt(), second: best.second.sqrt(), id: to_unit(hash(owner)) }
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
