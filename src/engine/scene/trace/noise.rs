//! Band-limited random fields in space: gradient noise, its octaves, and cells.
//!
//! Detail finer than what a ray sees (its footprint) fades to the mean, so that patterns neither sparkle nor alias.
//! Perlin, "Improving Noise" (2002); Worley, "A Cellular Texture Basis Function" (1996).

use glam::{IVec3, Vec2, Vec3};

use super::sampler::{hash, to_unit};

#[inline]
fn key_x(x: i32) -> u32 {
    (x as u32).wrapping_mul(0x9e37_79b9)
}

#[inline]
fn key_y(y: i32) -> u32 {
    (y as u32).wrapping_mul(0x85eb_ca6b).rotate_left(11)
}

#[inline]
fn key_z(z: i32) -> u32 {
    (z as u32).wrapping_mul(0xc2b2_ae35).rotate_left(21)
}

#[inline]
fn hash_cell(cell: IVec3) -> u32 {
    hash(key_x(cell.x) ^ key_y(cell.y) ^ key_z(cell.z))
}

/// A number in [0, 1) for a cell of the integer lattice.
pub(super) fn cell_value(x: i32, y: i32, z: i32) -> f32 {
    to_unit(hash_cell(IVec3::new(x, y, z)))
}

/// The integer below: without SSE 4.1 the library's `floor` is a call for each lane.
#[inline]
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

/// [`noise`] and its slope.
pub(super) fn noise_slope(p: Vec3) -> (f32, Vec3) {
    let cell = floor_cell(p);
    let d = p - cell.as_vec3();
    let fade = d * d * d * (d * (d * 6.0 - Vec3::splat(15.0)) + Vec3::splat(10.0));
    let steep = d * d * (d * (d - Vec3::splat(2.0)) + Vec3::ONE) * 30.0;
    let both = |axis: i32, key: fn(i32) -> u32| [key(axis), key(axis.wrapping_add(1))];
    let (kx, ky, kz) = (both(cell.x, key_x), both(cell.y, key_y), both(cell.z, key_z));
    // Value and slope of one corner's plane side by side.
    let corner = |i: usize, j: usize, k: usize| {
        let mut bits = kx[i] ^ ky[j] ^ kz[k];
        bits = (bits ^ bits >> 15).wrapping_mul(0x2c1b_3c6d) >> 28;
        let edge = Vec3::from_array(EDGES[bits as usize & 15]);
        let away = d - Vec3::new(i as f32, j as f32, k as f32);
        edge.extend(edge.dot(away))
    };
    // Each mixing bends the slope along its axis by the step between what it mixes.
    let along = |j: usize, k: usize| {
        let (a, b) = (corner(0, j, k), corner(1, j, k));
        let mut mixed = a.lerp(b, fade.x);
        mixed.x += steep.x * (b.w - a.w);
        mixed
    };
    let across = |k: usize| {
        let (a, b) = (along(0, k), along(1, k));
        let mut mixed = a.lerp(b, fade.y);
        mixed.y += steep.y * (b.w - a.w);
        mixed
    };
    let (a, b) = (across(0), across(1));
    let mut mixed = a.lerp(b, fade.z);
    mixed.z += steep.z * (b.w - a.w);
    (mixed.w, mixed.truncate())
}

#[rustfmt::skip]
const EDGES: [[f32; 3]; 16] = [
    [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [-1.0, -1.0, 0.0],
    [1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 0.0, -1.0],
    [0.0, 1.0, 1.0], [0.0, -1.0, 1.0], [0.0, 1.0, -1.0], [0.0, -1.0, -1.0],
    [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, -1.0, 1.0], [0.0, -1.0, -1.0],
];

/// How much of a detail of `size` is left when a ray covers `footprint`.
#[inline]
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

/// [`octaves`] and its slope.
pub(super) fn octaves_slope(p: Vec3, count: u32, gain: f32, footprint: f32) -> (f32, Vec3) {
    let (mut sum, mut slope, mut strength, mut scale) = (0.0, Vec3::ZERO, 1.0, 1.0);
    let total: f32 = (0..count).map(|i| gain.powi(i as i32)).sum();
    for _ in 0..count {
        let share = visible_share(1.0 / scale, footprint);
        if share <= 0.0 {
            break;
        }
        let (value, steep) = noise_slope(p * scale + Vec3::splat(scale * 17.3));
        sum += strength * share * value;
        slope += steep * (strength * share * scale);
        strength *= gain;
        scale *= 2.03;
    }
    (sum / total, slope / total)
}

/// The nearest of one jittered point per unit cell.
pub(super) struct Cell {
    /// Distance to it.
    pub(super) nearest: f32,
    /// Distance to the second.
    pub(super) second: f32,
    /// Unit vectors from them: how the distances grow.
    pub(super) from_nearest: Vec3,
    pub(super) from_second: Vec3,
    /// Its own random number.
    pub(super) id: f32,
}

/// Worley's cells in space.
pub(super) fn cells(p: Vec3) -> Cell {
    // Its own slab first: mostly the others are too far away then.
    search(p, [1, 0, 2])
}

/// Worley's cells of a plane, of which there is another for each number.
pub(super) fn flat_cells(p: Vec2, number: i32) -> Cell {
    search(p.extend(number as f32), [1])
}

#[inline]
fn search<const SLABS: usize>(p: Vec3, slabs: [usize; SLABS]) -> Cell {
    let base = floor_cell(p);
    let d = p - base.as_vec3();
    // The square of the distance to the slab of cells below, at and above.
    let gap = |d: f32| [d * d, 0.0, (1.0 - d) * (1.0 - d)];
    let (gx, gy, gz) = (gap(d.x), gap(d.y), gap(d.z));
    let (mut nearest, mut second) = (Vec3::INFINITY, Vec3::INFINITY);
    let (mut near, mut far, mut owner) = (f32::MAX, f32::MAX, 0);
    for k in slabs {
        for j in [1, 0, 2] {
            if gz[k] + gy[j] >= far {
                continue;
            }
            for i in [1, 0, 2] {
                if gz[k] + gy[j] + gx[i] >= far {
                    continue;
                }
                let cell = base + IVec3::new(i as i32, j as i32, k as i32) - IVec3::ONE;
                let bits = hash_cell(cell);
                let jitter =
                    Vec3::new((bits & 0x3ff) as f32, (bits >> 10 & 0x3ff) as f32, (bits >> 20 & 0x3ff) as f32) / 1024.0;
                let mut way = p - (cell.as_vec3() + jitter);
                if SLABS == 1 {
                    way.z = 0.0;
                }
                let distance = way.length_squared();
                if distance < near {
                    (far, second) = (near, nearest);
                    (near, nearest, owner) = (distance, way, bits);
                } else if distance < far {
                    (far, second) = (distance, way);
                }
            }
        }
    }
    let (near, far) = (near.sqrt(), far.sqrt());
    Cell {
        nearest: near,
        second: far,
        from_nearest: nearest / near.max(1e-6),
        from_second: second / far.max(1e-6),
        id: to_unit(hash(owner)),
    }
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
    fn slopes_are_those_of_the_fields() {
        for i in 0..200 {
            let p = Vec3::new(i as f32 * 0.137, i as f32 * 0.071, i as f32 * -0.053);
            let (value, slope) = noise_slope(p);
            assert!((value - noise(p)).abs() < 1e-5);
            let (sum, steep) = octaves_slope(p, 3, 0.5, 0.2);
            assert!((sum - octaves(p, 3, 0.5, 0.2)).abs() < 1e-5);
            let cell = cells(p);
            for axis in [Vec3::X, Vec3::Y, Vec3::Z] {
                const STEP: f32 = 1e-3;
                let rise = |f: &dyn Fn(Vec3) -> f32| (f(p + axis * STEP) - f(p - axis * STEP)) / (2.0 * STEP);
                assert!((rise(&noise) - slope.dot(axis)).abs() < 0.02, "{p} {axis}");
                assert!((rise(&|p| octaves(p, 3, 0.5, 0.2)) - steep.dot(axis)).abs() < 0.05, "{p} {axis}");
                // Away from where another point becomes the nearest.
                if cell.second - cell.nearest > 0.01 && cell.nearest > 0.05 {
                    assert!((rise(&|p| cells(p).nearest) - cell.from_nearest.dot(axis)).abs() < 0.02, "{p} {axis}");
                }
            }
        }
    }

    #[test]
    fn unseen_detail_fades_to_the_mean() {
        let p = Vec3::new(0.3, 0.4, 0.5);
        assert!(octaves(p, 5, 0.5, 10.0).abs() < 1e-6);
        assert!(octaves(p, 5, 0.5, 0.0).abs() > 1e-3);
    }
}
