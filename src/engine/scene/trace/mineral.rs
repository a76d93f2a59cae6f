//! Patterns of what was cast, laid, cut, beaten or frozen: stone, metal, bricks, sand, water and ice.

use glam::{Vec2, Vec3};

use super::{
    noise::{cell_value, cells, flat_cells, noise, noise_slope, octaves, octaves_slope, visible_share},
    pattern::{Look, PLAIN, Spot},
};
use crate::engine::ease::{smoothstep, smoothstep_slope};

/// Streaks: a long way along, a hair's breadth across.
pub(super) fn brushed(s: Spot) -> Look {
    const DEPTH: f32 = 0.0006;
    let streaks = |along: f32, across: f32, z: f32, share: f32| {
        if share <= 0.0 {
            return (0.0, Vec2::ZERO);
        }
        let (value, slope) = noise_slope(Vec3::new(s.plane.x * along, s.plane.y * across, z));
        (value * share, slope.truncate() * Vec2::new(along, across) * share)
    };
    let (coarse, steep) = streaks(0.12, 9.0, 0.0, 0.6 * visible_share(0.2, s.footprint));
    let (hair, sharp) = streaks(0.3, 34.0, 4.0, 0.4 * visible_share(0.06, s.footprint));
    let streak = coarse + hair;
    let cloud = octaves(s.flat(0.07), 2, 0.5, s.footprint * 0.07);
    Look { shade: 1.0 + 0.1 * streak, roughness: 0.05 * streak + 0.05 * cloud, tilt: (steep + sharp) * DEPTH, ..PLAIN }
}

/// Round dents of a hammer beside one another, each as deep as its neighbours let it be: where two meet is a ridge.
pub(super) fn hammered(s: Spot) -> Look {
    /// From dent to dent in cm.
    const PITCH: f32 = 1.1;
    let f = s.footprint / PITCH;
    let share = visible_share(1.3, f);
    if share <= 0.0 {
        return PLAIN;
    }
    let dent = cells(s.position / PITCH);
    // Blows are of uneven force.
    let depth = 0.75 + 0.5 * dent.id;
    let ridge = 1.0 - smoothstep(0.0, 0.08 + f, dent.second - dent.nearest);
    Look {
        shade: 1.0 - 0.12 * ridge * share,
        roughness: 0.08 * ridge * share,
        rise: dent.from_nearest * (0.62 * depth * dent.nearest.min(0.75) * share),
        ..PLAIN
    }
}

/// Melted smooth, with cracks and bubbles: as far as it is mixed it is white and lets no light through.
pub(super) fn ice(s: Spot) -> Look {
    let p = s.position * 0.42;
    let f = s.footprint * 0.42;
    let (_, slope) = octaves_slope(p * 0.9, 2, 0.4, f);
    let bend = Vec3::new(noise(p * 1.7), noise(p * 1.7 + Vec3::splat(5.0)), noise(p * 1.7 + Vec3::splat(9.0))) * 0.22;
    // A crack is a sheet, of which the surface shows the edge.
    let width = 0.012 + 0.6 * f;
    let sheet = noise(p * 0.8 + bend + Vec3::splat(3.0)) / width;
    let crack = (1.0 - sheet * sheet).max(0.0) * (0.012 / width).sqrt() * smoothstep(0.0, 0.3, noise(p * 0.5));
    let bubble = cells(s.position * 1.6);
    let size = 0.05 + 0.16 * bubble.id * bubble.id;
    let air = (1.0 - smoothstep(size * 0.5, size, bubble.nearest)) * visible_share(0.25, s.footprint);
    let frost = 0.1 * smoothstep(0.1, 0.6, noise(p * 1.1 + Vec3::splat(13.0)));
    Look {
        mix: (0.55 * crack + 0.5 * air * f32::from(bubble.id > 0.35) + frost).clamp(0.0, 0.8),
        roughness: 0.0,
        rise: slope * (0.42 * 0.9 * 0.12),
        ..PLAIN
    }
}

pub(super) fn marble(s: Spot) -> Look {
    let p = s.position * 0.055;
    let f = s.footprint * 0.055;
    let warp = Vec3::new(
        octaves(p * 0.9, 4, 0.55, f),
        octaves(p * 0.9 + Vec3::splat(31.0), 4, 0.55, f),
        octaves(p * 0.9 + Vec3::splat(57.0), 4, 0.55, f),
    );
    let q = p + warp * 1.35;
    // A vein is where a smooth field crosses zero; thin ones branch off at twice the frequency.
    let vein = |q: Vec3, width: f32| {
        let field = noise(q).abs() / (width + f * 0.7);
        // Without the tail, which would fog the stone between the veins.
        let inside = (1.05 / (1.0 + field * field) - 0.05).max(0.0);
        (width / (width + f * 0.7)).min(1.0) * inside
    };
    let bold = vein(q * 0.62, 0.02) * (0.4 + 0.6 * smoothstep(-0.25, 0.35, noise(p * 0.5)));
    let thin = vein(q * 1.45 + Vec3::splat(5.0), 0.012) * smoothstep(-0.1, 0.4, noise(p * 0.8 + Vec3::splat(7.0)));
    let smoke = smoothstep(-0.15, 0.75, octaves(q * 0.5 + Vec3::splat(2.0), 4, 0.55, f)) * 0.14;
    Look { mix: (bold * 0.85 + thin * 0.5 + smoke).clamp(0.0, 1.0), shade: 1.0, roughness: bold * 0.05, ..PLAIN }
}

pub(super) fn concrete(s: Spot) -> Look {
    let p = s.position;
    let f = s.footprint;
    let cloud = octaves(p * 0.045, 5, 0.6, f * 0.045);
    let (mottled, uneven) = octaves_slope(p * 0.6 + Vec3::splat(4.0), 4, 0.6, f * 0.6);
    let (sandy, rough) = octaves_slope(p * 9.0, 2, 0.6, f * 9.0);
    let mut look = Look {
        mix: (0.38 + 0.75 * cloud + 0.3 * mottled + 0.12 * sandy).clamp(0.0, 1.0),
        shade: 1.0 + 0.05 * sandy,
        roughness: 0.12 * mottled,
        rise: uneven * (0.006 * 0.6) + rough * (0.004 * 9.0),
        ..PLAIN
    };
    let share = visible_share(0.5, f);
    if share > 0.0 {
        let pit = cells(p * 0.55);
        if pit.id > 0.45 {
            let size = 0.02 + 0.1 * pit.id * pit.id;
            look.shade *= 1.0 - 0.45 * share * (1.0 - smoothstep(size * 0.6, size, pit.nearest));
            let steep = smoothstep_slope(size * 0.6, size + 0.5 * f, pit.nearest);
            look.rise += pit.from_nearest * (0.07 * 0.55 * share * steep);
        }
    }
    look
}

pub(super) fn terrazzo(s: Spot) -> Look {
    let mut look = Look { shade: 0.0, ..PLAIN };
    // From the smallest chips, which lie on top, down to the cement, as far as it is seen.
    let mut left = 1.0;
    for (size, keep, number) in [(0.45f32, 0.5, 80), (1.1, 0.55, 40), (2.6, 0.6, 0)] {
        let visible = visible_share(1.5, s.footprint / size);
        if visible <= 0.0 {
            continue;
        }
        let p = (s.plane / size).extend(0.5 + number as f32);
        let bent = s.plane / size + Vec2::new(noise(p * 1.9), noise(p * 1.9 + Vec3::splat(6.0))) * 0.16;
        let cell = flat_cells(bent, number);
        if cell.id >= keep {
            continue;
        }
        let edge = (cell.second - cell.nearest - 0.14) / (0.03 + s.footprint / size);
        let chip = smoothstep(0.0, 1.0, edge) * visible * left;
        let kind = (cell.id / keep * 5.0).floor();
        look.mix += [1.0, 0.72, 0.5, 0.86, 0.3][(kind as usize).min(4)] * chip;
        look.shade += (0.9 + 0.25 * (cell.id * 37.0).fract()) * chip;
        left -= chip;
        if left < 0.004 {
            break;
        }
    }
    look.shade += left * (1.0 + 0.03 * noise(s.flat(3.0)));
    look.roughness = 0.06 * left;
    look
}

pub(super) fn sand(s: Spot) -> Look {
    let f = s.footprint;
    let (bend, bent) = octaves_slope(s.flat(0.035), 3, 0.5, f * 0.035);
    let (wander, wandering) = noise_slope(s.flat(0.11));
    let phase = (s.plane.y + bend * 26.0) * 0.42 + wander * 1.2;
    let fast = (Vec2::Y + bent.truncate() * (0.035 * 26.0)) * 0.42 + wandering.truncate() * (0.11 * 1.2);
    // Wind ripples lean: long slope, short slope.
    let lean = phase + 0.35 * phase.sin();
    let visible = visible_share(9.0, f);
    let ripple = lean.sin() * visible;
    let (bumps, uneven) = octaves_slope(s.flat(1.2), 4, 0.65, f * 1.2);
    let mut look = Look {
        mix: 0.4 - 0.22 * ripple + 0.3 * bumps,
        tilt: fast * (0.26 * visible * lean.cos() * (1.0 + 0.35 * phase.cos())) + uneven.truncate() * (0.06 * 1.2),
        ..PLAIN
    };
    let share = visible_share(0.11, f);
    if share > 0.0 {
        let grain = flat_cells(s.plane * 9.0, 2);
        look.mix += (grain.id - 0.5) * 0.9 * share;
        look.shade += (grain.id - 0.5) * 0.3 * share;
        look.tilt -= grain.from_nearest.truncate() * (0.02 * 9.0 * share);
    }
    look.mix = look.mix.clamp(0.0, 1.0);
    look
}

pub(super) fn water(s: Spot) -> Look {
    const STRETCHED: Vec3 = Vec3::new(0.8, 1.5, 1.0);
    const SHORT: Vec3 = Vec3::new(3.4, 5.2, 1.0);
    let p = s.flat(0.045);
    let f = s.footprint * 0.045;
    let (x, bent_x) = noise_slope(p * 0.7);
    let (y, bent_y) = noise_slope(p * 0.7 + Vec3::splat(5.0));
    let bend = Vec3::new(x, y, 0.0) * 0.8;
    // What bends the waves bends their slopes.
    let unbent = |slope: Vec3, share: f32| slope + (bent_x * slope.x + bent_y * slope.y) * (0.8 * 0.7 * share);
    let (swell, high) = octaves_slope((p + bend) * STRETCHED, 3, 0.42, f);
    let (_, low) = octaves_slope((p + bend * 0.4) * SHORT + Vec3::splat(3.0), 2, 0.45, f * 4.0);
    let slope = unbent(high * STRETCHED, 1.0) * 1.5 + unbent(low * SHORT, 0.4) * 0.14;
    Look { mix: (0.4 + 0.6 * swell).clamp(0.0, 1.0), tilt: slope.truncate() * 0.045, ..PLAIN }
}

/// How far a place in a rectangle of a wall is from the rectangle's nearest edge, and the way in from there.
fn inside(place: Vec2, size: Vec2) -> (f32, Vec2) {
    let middle = place - place.floor() - Vec2::splat(0.5);
    let edge = (Vec2::splat(0.5) - middle.abs()) * size;
    if edge.x < edge.y { (edge.x, Vec2::X * -middle.x.signum()) } else { (edge.y, Vec2::Y * -middle.y.signum()) }
}

pub(super) fn tiles(s: Spot) -> Look {
    const SIZE: f32 = 15.0;
    const JOINT: f32 = 0.25;
    let p = s.plane / SIZE;
    let (u, v) = (p.x.floor(), p.y.floor());
    let pick = |k: i32| cell_value(u as i32, v as i32, k);
    let (edge, inwards) = inside(p, Vec2::splat(SIZE));
    let soft = s.footprint.max(0.05);
    let joint = 1.0 - smoothstep(JOINT - 0.5 * soft, JOINT + 0.5 * soft, edge);
    let dome = smoothstep_slope(JOINT * 0.6, JOINT * 2.4 + s.footprint, edge);
    let (_, glaze) = noise_slope(s.flat(0.35));
    // No two lie quite level.
    let level = Vec2::new(pick(2) - 0.5, pick(3) - 0.5) / SIZE;
    Look {
        mix: joint,
        shade: 1.0 + (pick(1) - 0.5) * 0.1 * (1.0 - joint),
        roughness: 0.5 * joint,
        tilt: inwards * (0.09 * dome) + level * 0.16 + glaze.truncate() * (0.004 * 0.35),
        ..PLAIN
    }
}

/// Facing bricks of 21.5 x 6.5 cm with a joint of 1 cm, every course moved by half a brick.
pub(super) fn bricks(s: Spot) -> Look {
    const PITCH: Vec2 = Vec2::new(22.5, 7.5);
    const JOINT: f32 = 0.5;
    let course = (s.plane.y / PITCH.y).floor();
    let p = Vec2::new(s.plane.x / PITCH.x + 0.5 * course.rem_euclid(2.0), s.plane.y / PITCH.y);
    let pick = |k: i32| cell_value(p.x.floor() as i32, course as i32, k);
    let (wobble, uneven) = noise_slope(s.flat(0.5));
    let (edge, inwards) = inside(p, PITCH);
    let edge = edge + 0.12 * wobble;
    let soft = s.footprint.max(0.12);
    let joint = 1.0 - smoothstep(JOINT - 0.5 * soft, JOINT + 0.5 * soft, edge);
    let (burnt, rough) = octaves_slope(s.position * 0.35, 4, 0.55, s.footprint * 0.35);
    let steep = smoothstep_slope(JOINT * 0.6, JOINT * 1.8 + s.footprint, edge);
    Look {
        mix: joint,
        shade: 1.0 + ((pick(1) - 0.5) * 0.5 + 0.16 * burnt) * (1.0 - joint),
        roughness: 0.08 * burnt,
        tilt: (inwards + uneven.truncate() * (0.12 * 0.5)) * (0.3 * steep),
        rise: rough * (0.05 * 0.35),
    }
}

pub(super) fn grain(s: Spot) -> Look {
    let f = s.footprint;
    let (rough, uneven) = octaves_slope(s.position * 3.0, 4, 0.65, f * 3.0);
    let cloud = octaves(s.position * 0.05, 4, 0.55, f * 0.05);
    let mut look = Look {
        mix: 0.35 + 0.4 * cloud + 0.25 * rough,
        shade: 1.0 + 0.1 * rough,
        roughness: 0.08 * rough,
        rise: uneven * (0.02 * 3.0),
        ..PLAIN
    };
    let share = visible_share(0.38, f);
    if share > 0.0 {
        let stones = cells(s.position * 2.6);
        look.mix += (stones.id - 0.5) * 0.75 * share;
        look.rise -= stones.from_nearest * (0.045 * 2.6 * share);
    }
    look.mix = look.mix.clamp(0.0, 1.0);
    look
}
