//! Patterns of what has grown or was spun: wood, cloth, leather, paper, blades and pile.

use glam::{Vec2, Vec3};

use super::{
    noise::{cell_value, cells, flat_cells, noise, noise_slope, octaves, octaves_slope, visible_share},
    pattern::{Look, PLAIN, Spot},
};
use crate::engine::ease::{smoothstep, smoothstep_slope};

/// One solid block of wood without joints.
pub(super) fn block(s: Spot) -> Look {
    wood(s.position + Vec3::new(0.0, 9.0, 3.0), 0.0, s.footprint)
}

/// Growth rings about an axis along x, with fibres and pores; `p` in cm, `shift` moves to another log.
fn wood(p: Vec3, shift: f32, footprint: f32) -> Look {
    let q = Vec3::new(p.x * 0.05, p.y, p.z) + Vec3::splat(shift);
    let warp = octaves(q * 0.12 + Vec3::splat(3.0), 3, 0.5, footprint * 0.12);
    let knot = octaves(q * 0.035 + Vec3::splat(9.0), 2, 0.5, footprint * 0.035);
    let radius = p.y.hypot(p.z) * 0.42 + warp * 1.5 + knot * 4.0;
    let ring = radius - radius.floor();
    // Spring wood darkens slowly into late wood, which ends at once.
    let sharp = visible_share(1.6, footprint);
    let rings = smoothstep(0.1, 0.9, ring) * (1.0 - smoothstep(0.93, 1.0, ring)) * sharp + 0.45 * (1.0 - sharp);
    let fibre = octaves(Vec3::new(p.x * 0.5, p.y * 9.0, p.z * 9.0), 3, 0.7, footprint * 6.0);
    let pores = noise(Vec3::new(p.x * 1.3, p.y * 17.0, p.z * 17.0)) * visible_share(0.12, footprint);
    let pore = smoothstep(0.25, 0.55, pores);
    let tone = octaves(q * 0.08, 2, 0.5, footprint * 0.08);
    Look {
        mix: (0.1 + 0.36 * rings + 0.42 * fibre + 0.4 * pore + 0.5 * tone).clamp(0.0, 1.0),
        shade: 1.0 + 0.1 * fibre,
        roughness: 0.05 * rings + 0.06 * fibre + 0.12 * pore,
        ..PLAIN
    }
}

const WIDTH: f32 = 12.0;
const LENGTH: f32 = 130.0;

pub(super) fn planks(s: Spot) -> Look {
    let row = (s.plane.y / WIDTH).floor();
    let offset = cell_value(row as i32, 11, 3) * LENGTH;
    let column = ((s.plane.x + offset) / LENGTH).floor();
    let pick = |k: i32| cell_value(row as i32, column as i32, k);
    let across = s.plane.y - row * WIDTH;
    // Each board is cut from another place of another log, mostly off its heart.
    let p = Vec3::new(s.plane.x + pick(1) * 900.0, 3.0 + pick(2) * 9.0, across - WIDTH * pick(3));
    let mut look = wood(p, pick(4) * 60.0, s.footprint);
    let along = (s.plane.x + offset).rem_euclid(LENGTH);
    let (edge, inwards) = nearest_edge([across, WIDTH - across, along, LENGTH - along]);
    let soft = s.footprint.max(0.06);
    let gap = (1.0 - smoothstep(0.02, 0.06 + soft, edge)) * (0.14 / (0.08 + soft)).min(1.0);
    look.mix = (look.mix + (pick(5) - 0.5) * 0.35 + gap).clamp(0.0, 1.0);
    look.shade *= (0.86 + 0.28 * pick(6)) * (1.0 - 0.75 * gap);
    look.roughness += 0.25 * gap + (pick(7) - 0.5) * 0.06;
    look.tilt = inwards * (0.05 * smoothstep_slope(0.0, 0.14 + s.footprint, edge));
    look
}

/// The least of the distances to a cell's lower, upper, left and right edge, and the way in from that edge.
fn nearest_edge(distances: [f32; 4]) -> (f32, Vec2) {
    let ways = [Vec2::Y, Vec2::NEG_Y, Vec2::X, Vec2::NEG_X];
    let mut nearest = (distances[0], ways[0]);
    for (distance, way) in distances.into_iter().zip(ways).skip(1) {
        if distance < nearest.0 {
            nearest = (distance, way);
        }
    }
    nearest
}

pub(super) fn weave(s: Spot) -> Look {
    const THREAD: f32 = 0.16;
    // Threads wander a little and are of uneven strength, as spun flax is.
    let drift = Vec2::new(noise(s.flat(0.8)), noise(s.flat(0.8) + Vec3::splat(8.0))) * 0.035;
    let p = (s.plane + drift) / THREAD;
    let (u, v) = (p.x.floor(), p.y.floor());
    let over = (u + v).rem_euclid(2.0) < 1.0;
    let (fx, fy) = (p.x - u - 0.5, p.y - v - 0.5);
    let (along, across, thread) = if over { (fx, fy, v) } else { (fy, fx, u + 4096.0) };
    let round = (1.0 - (across * 1.9).powi(2)).max(0.0).sqrt();
    let arch = (1.0 - 3.0 * along * along).max(0.0);
    let share = visible_share(THREAD * 2.0, s.footprint);
    let uneven = noise(Vec3::new(thread * 0.71, if over { p.x } else { p.y } * 0.04, 2.0));
    let fine = visible_share(0.03, s.footprint);
    let fibre = if fine > 0.0 { fine * noise(Vec3::new(along * 3.0 + thread, across * 14.0, thread)) } else { 0.0 };
    let slub = uneven * visible_share(1.2, s.footprint);
    let deep = 1.0 - round * (0.55 + 0.45 * arch);
    // How the thread's top rises along and across it; its flank ends before it stands upright.
    let rise = Vec2::new(
        if arch > 0.0 { -6.0 * along * 0.45 * round } else { 0.0 },
        -3.61 * across / round.max(0.35) * (0.55 + 0.45 * arch),
    );
    Look {
        mix: (0.28 + share * (0.5 * (deep - 0.4) + 0.25 * fibre) + 0.5 * slub).clamp(0.0, 1.0),
        shade: 1.0 - 0.4 * share * (deep - 0.4) + 0.1 * slub,
        tilt: if over { rise } else { Vec2::new(rise.y, rise.x) } * (0.045 * share / THREAD),
        ..PLAIN
    }
}

/// Pebbles with creases between them.
pub(super) fn leather(s: Spot) -> Look {
    const FINENESS: f32 = 3.2;
    let worn = octaves(s.position * 0.09, 3, 0.5, s.footprint * 0.09);
    let share = visible_share(0.8, s.footprint * FINENESS);
    if share <= 0.0 {
        return Look { mix: (0.2 + 0.6 * worn).clamp(0.0, 1.0), roughness: -0.08 * worn, ..PLAIN };
    }
    let p = s.position * FINENESS;
    let bend = [0.0, 5.0, 9.0].map(|shift| noise_slope(p * 0.6 + Vec3::splat(shift)));
    let cell = cells(p + Vec3::new(bend[0].0, bend[1].0, bend[2].0) * 0.45);
    let crease = (1.0 - smoothstep(0.02, 0.32, cell.second - cell.nearest)) * share;
    let steep = smoothstep_slope(0.02, 0.32, cell.second - cell.nearest);
    let bent = (cell.from_second - cell.from_nearest) * (0.022 * steep) - cell.from_nearest * (0.036 * cell.nearest);
    // What bends the pebbles bends their slopes.
    let rise = bent + (bend[0].1 * bent.x + bend[1].1 * bent.y + bend[2].1 * bent.z) * (0.45 * 0.6);
    Look {
        mix: (0.2 + 0.55 * crease + 0.6 * worn).clamp(0.0, 1.0),
        shade: 1.0 + 0.06 * (cell.id - 0.5) * share,
        roughness: 0.15 * crease - 0.08 * worn,
        rise: rise * (FINENESS * share),
        ..PLAIN
    }
}

pub(super) fn paper(s: Spot) -> Look {
    let (fibre, slope) = octaves_slope(s.flat(6.0), 4, 0.7, s.footprint * 6.0);
    let cloud = octaves(s.flat(0.12), 3, 0.5, s.footprint * 0.12);
    Look {
        mix: (0.12 * fibre.max(0.0) + 0.1 * cloud.max(0.0)).clamp(0.0, 1.0),
        shade: 1.0 + 0.03 * fibre + 0.02 * cloud,
        tilt: slope.truncate() * (0.0035 * 6.0),
        ..PLAIN
    }
}

/// Blades or pile: cells drawn out along leaning strands, dark at the roots.
pub(super) fn tufts(s: Spot, size: f32, lean: f32) -> Look {
    let f = s.footprint / size;
    let share = visible_share(1.4, f);
    let fine = visible_share(0.6, f);
    let patch = octaves(s.flat(0.06), 4, 0.55, s.footprint * 0.06);
    if share <= 0.0 {
        return Look { mix: (0.4 + 0.45 * patch).clamp(0.0, 1.0), ..PLAIN };
    }
    let sway = Vec2::new(noise(s.flat(0.16)), noise(s.flat(0.16) + Vec3::splat(12.0))) * 1.6;
    let p = (s.plane + sway * lean) / size;
    let drawn = Vec2::new(1.0 - 0.45 * lean, 1.0 + 1.2 * lean);
    let strand = flat_cells(p * drawn, 0);
    let mut deep = (strand.nearest - 0.45) * share;
    let mut tilt = strand.from_nearest.truncate() * drawn * (-0.7 * share);
    let mut tone = 0.0;
    if fine > 0.0 {
        let blade = flat_cells(Vec2::new(p.x * 2.1 + p.y * 0.6, p.y * 2.6 - p.x * 0.5), 9);
        deep += (blade.nearest - 0.45) * 0.7 * fine;
        let up = blade.from_nearest;
        tilt -= Vec2::new(2.1 * up.x - 0.5 * up.y, 0.6 * up.x + 2.6 * up.y) * (0.3 * fine);
        tone = (blade.id - 0.5) * 0.3 * fine;
    }
    Look {
        mix: (0.4 + 0.45 * patch + 0.45 * deep + (strand.id - 0.5) * 0.7 * share).clamp(0.0, 1.0),
        shade: (1.0 - 0.75 * deep + tone).clamp(0.2, 1.6),
        tilt,
        ..PLAIN
    }
}
