//! The procedural looks, evaluated in space: what a pattern does to colour, roughness and relief at one point.
//!
//! Every pattern is described once, in centimetres of real material; no pictures, no resolution. Refuses to know
//! materials' colours: it only says how far from the first to the second colour a point is.

use glam::{Vec2, Vec3};

use super::{
    motif,
    noise::{cell_value, cells, noise, octaves, visible_share},
    world::Pattern,
};
use crate::engine::ease::smoothstep;

/// What a pattern makes of a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// 0 first colour, 1 second colour.
    pub(super) mix: f32,
    /// Multiplies the colour.
    pub(super) shade: f32,
    /// Added to the roughness.
    pub(super) roughness: f32,
    /// Relief in cm.
    pub(super) height: f32,
}

/// Nothing.
pub(super) const PLAIN: Look = Look { mix: 0.0, shade: 1.0, roughness: 0.0, height: 0.0 };

/// Where a pattern is asked for, in cm of the pattern's own scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) position: Vec3,
    /// The surface's coordinates: along the brushing direction or grain, and across.
    pub(super) plane: Vec2,
    /// How much of the surface a ray covers.
    pub(super) footprint: f32,
}

impl Spot {
    /// The same spot moved, for slopes.
    pub(super) fn moved(self, position: Vec3, plane: Vec2) -> Self {
        Self { position: self.position + position, plane: self.plane + plane, ..self }
    }

    fn flat(self, scale: f32) -> Vec3 {
        Vec3::new(self.plane.x * scale, self.plane.y * scale, 0.5)
    }
}

/// Whether a pattern has relief at all: slopes cost two more looks.
pub(super) fn has_relief(pattern: Pattern) -> bool {
    use Pattern::{Checks, Dots, Marble, None, Stripes, Terrazzo, Wood};
    !matches!(pattern, None | Marble | Wood | Terrazzo | Stripes | Dots | Checks)
}

/// The relief of `pattern` at `spot` in cm, without the cost of its colours where that is much less.
pub(super) fn height(pattern: Pattern, spot: Spot) -> f32 {
    match pattern {
        Pattern::Planks => plank_edge(spot).1,
        Pattern::Brushed => streak(spot) * STREAK_DEPTH,
        Pattern::Leather => {
            let (pebble, crease, _) = leather_relief(spot);
            0.018 * pebble - 0.022 * crease
        }
        _ => look(pattern, spot).height,
    }
}

/// What `pattern` does at `spot`.
pub(super) fn look(pattern: Pattern, spot: Spot) -> Look {
    match pattern {
        Pattern::None => PLAIN,
        Pattern::Brushed => brushed(spot),
        Pattern::Planks => planks(spot),
        Pattern::Wood => wood(spot.position + Vec3::new(0.0, 9.0, 3.0), 0.0, spot.footprint),
        Pattern::Marble => marble(spot),
        Pattern::Concrete => concrete(spot),
        Pattern::Weave => weave(spot),
        Pattern::Leather => leather(spot),
        Pattern::Paper => paper(spot),
        Pattern::Terrazzo => terrazzo(spot),
        Pattern::Sand => sand(spot),
        Pattern::Grass => tufts(spot, 0.35, 0.9),
        Pattern::Carpet => tufts(spot, 0.45, 0.35),
        Pattern::Water => water(spot),
        Pattern::Tiles => tiles(spot),
        Pattern::Bricks => bricks(spot),
        Pattern::Grain => grain(spot),
        Pattern::Stripes => motif::stripes(spot),
        Pattern::Dots => motif::dots(spot),
        Pattern::Checks => motif::checks(spot),
    }
}

const STREAK_DEPTH: f32 = 0.0006;

fn streak(s: Spot) -> f32 {
    // Streaks: a long way along, a hair's breadth across.
    let long = Vec3::new(s.plane.x * 0.12, s.plane.y * 9.0, 0.0);
    let fine = Vec3::new(s.plane.x * 0.3, s.plane.y * 34.0, 4.0);
    let coarse = noise(long) * visible_share(0.2, s.footprint);
    let hair = noise(fine) * visible_share(0.06, s.footprint);
    0.6 * coarse + 0.4 * hair
}

fn brushed(s: Spot) -> Look {
    let streak = streak(s);
    let cloud = octaves(s.flat(0.07), 2, 0.5, s.footprint * 0.07);
    Look { mix: 0.0, shade: 1.0 + 0.1 * streak, roughness: 0.05 * streak + 0.05 * cloud, height: streak * STREAK_DEPTH }
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
        height: 0.0,
    }
}

const WIDTH: f32 = 12.0;
const LENGTH: f32 = 130.0;

/// Distance to the nearest joint, and the relief it makes.
fn plank_edge(s: Spot) -> (f32, f32) {
    let row = (s.plane.y / WIDTH).floor();
    let offset = cell_value(row as i32, 11, 3) * LENGTH;
    let across = s.plane.y - row * WIDTH;
    let along = (s.plane.x + offset).rem_euclid(LENGTH);
    let edge = across.min(WIDTH - across).min(along).min(LENGTH - along);
    (edge, -0.05 * (1.0 - smoothstep(0.0, 0.14 + s.footprint, edge)))
}

fn planks(s: Spot) -> Look {
    let row = (s.plane.y / WIDTH).floor();
    let offset = cell_value(row as i32, 11, 3) * LENGTH;
    let column = ((s.plane.x + offset) / LENGTH).floor();
    let pick = |k: i32| cell_value(row as i32, column as i32, k);
    let across = s.plane.y - row * WIDTH;
    // Each board is cut from another place of another log, mostly off its heart.
    let p = Vec3::new(s.plane.x + pick(1) * 900.0, 3.0 + pick(2) * 9.0, across - WIDTH * pick(3));
    let mut look = wood(p, pick(4) * 60.0, s.footprint);
    let (edge, relief) = plank_edge(s);
    let soft = s.footprint.max(0.06);
    let gap = (1.0 - smoothstep(0.02, 0.06 + soft, edge)) * (0.14 / (0.08 + soft)).min(1.0);
    look.mix = (look.mix + (pick(5) - 0.5) * 0.35 + gap).clamp(0.0, 1.0);
    look.shade *= (0.86 + 0.28 * pick(6)) * (1.0 - 0.75 * gap);
    look.roughness += 0.25 * gap + (pick(7) - 0.5) * 0.06;
    look.height = relief;
    look
}

fn marble(s: Spot) -> Look {
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
    Look { mix: (bold * 0.85 + thin * 0.5 + smoke).clamp(0.0, 1.0), shade: 1.0, roughness: bold * 0.05, height: 0.0 }
}

fn concrete(s: Spot) -> Look {
    let p = s.position;
    let f = s.footprint;
    let cloud = octaves(p * 0.045, 5, 0.6, f * 0.045);
    let mottled = octaves(p * 0.6 + Vec3::splat(4.0), 4, 0.6, f * 0.6);
    let sandy = octaves(p * 9.0, 2, 0.6, f * 9.0);
    let pit = cells(p * 0.55);
    let size = 0.02 + 0.1 * pit.id * pit.id;
    let pore = (1.0 - smoothstep(size * 0.6, size, pit.nearest)) * visible_share(0.5, f) * f32::from(pit.id > 0.45);
    Look {
        mix: (0.38 + 0.75 * cloud + 0.3 * mottled + 0.12 * sandy).clamp(0.0, 1.0),
        shade: (1.0 + 0.05 * sandy) * (1.0 - 0.45 * pore),
        roughness: 0.12 * mottled,
        height: 0.006 * mottled + 0.004 * sandy - 0.07 * pore,
    }
}

fn weave(s: Spot) -> Look {
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
    let fibre = noise(Vec3::new(along * 3.0 + thread, across * 14.0, thread)) * visible_share(0.03, s.footprint);
    let slub = uneven * visible_share(1.2, s.footprint);
    let deep = 1.0 - round * (0.55 + 0.45 * arch);
    Look {
        mix: (0.28 + share * (0.5 * (deep - 0.4) + 0.25 * fibre) + 0.5 * slub).clamp(0.0, 1.0),
        shade: 1.0 - 0.4 * share * (deep - 0.4) + 0.1 * slub,
        roughness: 0.0,
        height: 0.045 * share * (1.0 - deep) + 0.008 * slub,
    }
}

/// Pebbles, the creases between them, and the cell's own number.
fn leather_relief(s: Spot) -> (f32, f32, f32) {
    let p = s.position * 3.2;
    let f = s.footprint * 3.2;
    let warp = Vec3::new(noise(p * 0.6), noise(p * 0.6 + Vec3::splat(5.0)), noise(p * 0.6 + Vec3::splat(9.0))) * 0.45;
    let cell = cells(p + warp);
    let share = visible_share(0.8, f);
    let crease = (1.0 - smoothstep(0.02, 0.32, cell.second - cell.nearest)) * share;
    ((1.0 - cell.nearest * cell.nearest) * share, crease, (cell.id - 0.5) * share)
}

fn leather(s: Spot) -> Look {
    let (pebble, crease, own) = leather_relief(s);
    let worn = octaves(s.position * 0.09, 3, 0.5, s.footprint * 0.09);
    Look {
        mix: (0.2 + 0.55 * crease + 0.6 * worn).clamp(0.0, 1.0),
        shade: 1.0 + 0.06 * own,
        roughness: 0.15 * crease - 0.08 * worn,
        height: 0.018 * pebble - 0.022 * crease,
    }
}

fn paper(s: Spot) -> Look {
    let fibre = octaves(s.flat(6.0), 4, 0.7, s.footprint * 6.0);
    let cloud = octaves(s.flat(0.12), 3, 0.5, s.footprint * 0.12);
    Look {
        mix: (0.12 * fibre.max(0.0) + 0.1 * cloud.max(0.0)).clamp(0.0, 1.0),
        shade: 1.0 + 0.03 * fibre + 0.02 * cloud,
        roughness: 0.0,
        height: 0.0035 * fibre,
    }
}

fn terrazzo(s: Spot) -> Look {
    let mut look = Look { mix: 0.0, shade: 1.0 + 0.03 * noise(s.flat(3.0)), roughness: 0.06, height: 0.0 };
    for (size, keep, salt) in [(2.6f32, 0.6, 0.0), (1.1, 0.55, 40.0), (0.45, 0.5, 80.0)] {
        let p = Vec3::new(s.plane.x / size, s.plane.y / size, 0.5 + salt);
        let bent = p + Vec3::new(noise(p * 1.9), noise(p * 1.9 + Vec3::splat(6.0)), 0.0) * 0.16;
        let cell = cells(Vec3::new(bent.x, bent.y, (0.5 + salt).floor() + 0.5));
        let f = s.footprint / size;
        let edge = (cell.second - cell.nearest - 0.14) / (0.03 + f);
        let chip = smoothstep(0.0, 1.0, edge) * f32::from(cell.id < keep) * visible_share(1.5, f);
        if chip > 0.0 {
            let kind = (cell.id / keep * 5.0).floor();
            let tone = [1.0, 0.72, 0.5, 0.86, 0.3][(kind as usize).min(4)];
            look.mix += (tone - look.mix) * chip;
            look.shade += ((0.9 + 0.25 * (cell.id * 37.0).fract()) - look.shade) * chip;
            look.roughness *= 1.0 - chip;
        }
    }
    look
}

fn sand(s: Spot) -> Look {
    let f = s.footprint;
    let bend = octaves(s.flat(0.035), 3, 0.5, f * 0.035);
    let phase = (s.plane.y + bend * 26.0) * 0.42 + noise(s.flat(0.11)) * 1.2;
    // Wind ripples lean: long slope, short slope.
    let ripple = (phase + 0.35 * phase.sin()).sin() * visible_share(9.0, f);
    let grains = cells(Vec3::new(s.plane.x, s.plane.y, 0.3) * 9.0);
    let share = visible_share(0.11, f);
    let bumps = octaves(s.flat(1.2), 4, 0.65, f * 1.2);
    Look {
        mix: (0.4 - 0.22 * ripple + 0.3 * bumps + (grains.id - 0.5) * 0.9 * share).clamp(0.0, 1.0),
        shade: 1.0 + (grains.id - 0.5) * 0.3 * share,
        roughness: 0.0,
        height: 0.26 * ripple + 0.06 * bumps + 0.02 * (0.6 - grains.nearest) * share,
    }
}

/// Blades or pile: cells drawn out along leaning strands, dark at the roots.
fn tufts(s: Spot, size: f32, lean: f32) -> Look {
    let sway = Vec2::new(noise(s.flat(0.16)), noise(s.flat(0.16) + Vec3::splat(12.0))) * 1.6;
    let p = (s.plane + sway * lean) / size;
    let strand = cells(Vec3::new(p.x * (1.0 - 0.45 * lean), p.y * (1.0 + 1.2 * lean), 0.5));
    let blade = cells(Vec3::new(p.x * 2.1 + p.y * 0.6, p.y * 2.6 - p.x * 0.5, 9.5));
    let f = s.footprint / size;
    let share = visible_share(1.4, f);
    let fine = visible_share(0.6, f);
    let patch = octaves(s.flat(0.06), 4, 0.55, s.footprint * 0.06);
    let deep = (strand.nearest - 0.45) * share + (blade.nearest - 0.45) * 0.7 * fine;
    Look {
        mix: (0.4 + 0.45 * patch + 0.45 * deep + (strand.id - 0.5) * 0.7 * share).clamp(0.0, 1.0),
        shade: (1.0 - 0.75 * deep + (blade.id - 0.5) * 0.3 * fine).clamp(0.2, 1.6),
        roughness: 0.0,
        height: -size * (0.7 * strand.nearest * share + 0.3 * blade.nearest * fine) + 0.12 * patch,
    }
}

fn water(s: Spot) -> Look {
    let p = s.flat(0.045);
    let bend = Vec3::new(noise(p * 0.7), noise(p * 0.7 + Vec3::splat(5.0)), 0.0) * 0.8;
    let f = s.footprint * 0.045;
    let swell = octaves((p + bend) * Vec3::new(0.8, 1.5, 1.0), 3, 0.42, f);
    let ripple = octaves((p + bend * 0.4) * Vec3::new(3.4, 5.2, 1.0) + Vec3::splat(3.0), 2, 0.45, f * 4.0);
    Look { mix: (0.4 + 0.6 * swell).clamp(0.0, 1.0), shade: 1.0, roughness: 0.0, height: 1.5 * swell + 0.14 * ripple }
}

fn tiles(s: Spot) -> Look {
    const SIZE: f32 = 15.0;
    const JOINT: f32 = 0.25;
    let p = s.plane / SIZE;
    let (u, v) = (p.x.floor(), p.y.floor());
    let pick = |k: i32| cell_value(u as i32, v as i32, k);
    let edge = |x: f32| (0.5 - (x - x.floor() - 0.5).abs()) * SIZE;
    let edge = edge(p.x).min(edge(p.y));
    let soft = s.footprint.max(0.05);
    let joint = 1.0 - smoothstep(JOINT - 0.5 * soft, JOINT + 0.5 * soft, edge);
    let dome = smoothstep(JOINT * 0.6, JOINT * 2.4, edge);
    let tilt = (p - Vec2::new(u, v) - Vec2::splat(0.5)).dot(Vec2::new(pick(2) - 0.5, pick(3) - 0.5));
    let glaze = noise(s.flat(0.35)) * 0.004;
    Look {
        mix: joint,
        shade: 1.0 + (pick(1) - 0.5) * 0.1 * (1.0 - joint),
        roughness: 0.5 * joint,
        height: 0.09 * dome + tilt * 0.16 + glaze,
    }
}

/// Facing bricks of 21.5 x 6.5 cm with a joint of 1 cm, every course moved by half a brick.
fn bricks(s: Spot) -> Look {
    const PITCH: Vec2 = Vec2::new(22.5, 7.5);
    const JOINT: f32 = 0.5;
    let course = (s.plane.y / PITCH.y).floor();
    let p = Vec2::new(s.plane.x / PITCH.x + 0.5 * course.rem_euclid(2.0), s.plane.y / PITCH.y);
    let pick = |k: i32| cell_value(p.x.floor() as i32, course as i32, k);
    let edge = |x: f32, size: f32| (0.5 - (x - x.floor() - 0.5).abs()) * size;
    let wobble = 0.12 * noise(s.flat(0.5));
    let edge = edge(p.x, PITCH.x).min(edge(p.y, PITCH.y)) + wobble;
    let soft = s.footprint.max(0.12);
    let joint = 1.0 - smoothstep(JOINT - 0.5 * soft, JOINT + 0.5 * soft, edge);
    let burnt = octaves(s.position * 0.35, 4, 0.55, s.footprint * 0.35);
    Look {
        mix: joint,
        shade: 1.0 + ((pick(1) - 0.5) * 0.5 + 0.16 * burnt) * (1.0 - joint),
        roughness: 0.08 * burnt,
        height: 0.3 * smoothstep(JOINT * 0.6, JOINT * 1.8, edge) + 0.05 * burnt,
    }
}

fn grain(s: Spot) -> Look {
    let f = s.footprint;
    let stones = cells(s.position * 2.6);
    let share = visible_share(0.38, f);
    let rough = octaves(s.position * 3.0, 4, 0.65, f * 3.0);
    let cloud = octaves(s.position * 0.05, 4, 0.55, f * 0.05);
    Look {
        mix: (0.35 + 0.4 * cloud + 0.25 * rough + (stones.id - 0.5) * 0.75 * share).clamp(0.0, 1.0),
        shade: 1.0 + 0.1 * rough,
        roughness: 0.08 * rough,
        height: 0.02 * rough + 0.045 * (0.5 - stones.nearest) * share,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Pattern; 16] = [
        Pattern::Brushed,
        Pattern::Planks,
        Pattern::Wood,
        Pattern::Marble,
        Pattern::Concrete,
        Pattern::Weave,
        Pattern::Leather,
        Pattern::Paper,
        Pattern::Terrazzo,
        Pattern::Sand,
        Pattern::Grass,
        Pattern::Carpet,
        Pattern::Water,
        Pattern::Tiles,
        Pattern::Bricks,
        Pattern::Grain,
    ];

    fn spot(i: i32, footprint: f32) -> Spot {
        let t = i as f32;
        let position = Vec3::new((t * 0.731).sin() * 80.0, 0.0, (t * 1.37).cos() * 80.0);
        Spot { position, plane: Vec2::new(position.x, position.z), footprint }
    }

    #[test]
    fn looks_stay_in_range_and_vary() {
        for pattern in ALL {
            let looks: Vec<Look> = (0..600).map(|i| look(pattern, spot(i, 0.01))).collect();
            for l in &looks {
                assert!((0.0..=1.0).contains(&l.mix), "{pattern:?}: {l:?}");
                assert!(l.shade > 0.1 && l.shade < 2.0, "{pattern:?}: {l:?}");
                assert!(l.height.abs() < 3.0 && l.roughness.abs() < 0.8, "{pattern:?}: {l:?}");
            }
            let spread = |f: fn(&Look) -> f32| {
                let mean = looks.iter().map(f).sum::<f32>() / looks.len() as f32;
                (looks.iter().map(|l| (f(l) - mean).powi(2)).sum::<f32>() / looks.len() as f32).sqrt()
            };
            assert!(spread(|l| l.mix) + spread(|l| l.shade) > 0.01, "{pattern:?} is plain");
        }
    }

    #[test]
    fn far_away_every_pattern_calms_down() {
        for pattern in ALL {
            let spread = |footprint: f32| {
                let shade = |i| {
                    let l = look(pattern, spot(i, footprint));
                    l.shade * (1.0 - 0.5 * l.mix)
                };
                let mean = (0..400).map(shade).sum::<f32>() / 400.0;
                (0..400).map(|i| (shade(i) - mean).powi(2)).sum::<f32>()
            };
            assert!(spread(50.0) <= spread(0.01) * 1.05, "{pattern:?}");
        }
    }
}
