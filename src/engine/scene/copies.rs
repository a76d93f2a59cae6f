//! Copies: several of one thing as a pile, a row or rows, each with a turn of its own, a size and a colour too where they
//! are said to differ.
//!
//! Owns the places of copies round their common middle; where the whole group stands is `layout`'s.

use glam::{Mat3, Vec3};

use super::{
    framing::Bounds,
    lexicon::{Palette, Variety},
    nouns::comes_in_pairs,
    plan::Subject,
    posture,
    prop::Prop,
};
use crate::engine::chance::Chance;

/// Where one copy stands within its group: turned (and stretched, where copies differ in size), then moved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pose {
    pub(super) turn: Mat3,
    pub(super) at: Vec3,
}

/// The copies of one subject, round the origin on y = 0.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) poses: Vec<Pose>,
    pub(super) bounds: Bounds,
}

impl Group {
    /// The group of these poses.
    pub(super) fn of(poses: Vec<Pose>, prop: &Prop) -> Self {
        let bounds = poses.iter().map(|pose| prop.extent(pose.turn).moved(pose.at));
        let bounds = bounds.fold(Bounds::EMPTY, Bounds::with);
        Self { poses, bounds }
    }
}

/// Arranges the copies of one subject. `yaw` in degrees is how far the camera sees things from their corner; `alone` is
/// whether the row may be as wide as the picture.
pub(super) fn group((subject, alone): (&Subject, bool), prop: &Prop, yaw: f32, chance: &mut Chance) -> Group {
    let copies = usize::from(subject.count.max(1));
    let mut turn = |jitter: f32| Mat3::from_rotation_y((-yaw + jitter * prop.turn * chance.signed()).to_radians());
    if subject.leaning {
        return posture::against_wall(prop, copies);
    }
    let rest = posture::rest(&subject.entry);
    if copies == 1 {
        let poses = vec![Pose { turn: turn(7.0) * rest, at: Vec3::ZERO }];
        return if rest == Mat3::IDENTITY { Group::of(poses, prop) } else { posture::grounded(poses, prop) };
    }
    let columns = if copies <= if alone { 4 } else { 2 } || subject.piled || in_line(subject) {
        copies
    } else {
        copies.div_ceil(2)
    };
    let sizes = stretches(subject, columns, chance);
    let mut turn = |jitter: f32| Mat3::from_rotation_y((-yaw + jitter * prop.turn * chance.signed()).to_radians());
    let jitter = if subject.piled { 16.0 } else { 22.0 };
    let turns: Vec<Mat3> = sizes.into_iter().map(|size| turn(jitter) * rest * Mat3::from_diagonal(size)).collect();
    let mut poses = match (subject.piled, in_line(subject)) {
        _ if copies == 2 && comes_in_pairs(&subject.noun) => pair(prop, &turns),
        (true, _) => pile(prop, &turns, chance),
        (false, true) => rows(prop, &turns, copies, &mut || 0.0),
        (false, false) => rows(prop, &turns, columns, &mut || chance.signed()),
    };
    let bounds = Group::of(poses.clone(), prop).bounds;
    let middle = Vec3::new(bounds.center().x, 0.0, bounds.center().z);
    for pose in &mut poses {
        pose.at -= middle;
    }
    Group::of(poses, prop)
}

/// Whether they stand in one row.
fn in_line(subject: &Subject) -> bool {
    subject.lined_up || subject.varied.iter().any(|v| matches!(v, Variety::Ascending | Variety::Descending))
}

/// How much wider and taller each copy is than its kind; the tall ones of several rows stand behind the low ones, and in
/// a pile the large ones are below.
fn stretches(subject: &Subject, columns: usize, chance: &mut Chance) -> Vec<Vec3> {
    let copies = usize::from(subject.count.max(1));
    let has = |variety| subject.varied.contains(&variety);
    let ordered = has(Variety::Ascending) || has(Variety::Descending);
    let (low, high, across) = if has(Variety::Height) {
        (0.5, 1.4, 0.0)
    } else if has(Variety::Size) || ordered {
        (0.62, 1.3, 1.0)
    } else {
        return vec![Vec3::ONE; copies];
    };
    let step = |k: usize| low + (high - low) * k as f32 / (copies - 1).max(1) as f32;
    let mut sizes: Vec<f32> = (0..copies).map(step).collect();
    if has(Variety::Descending) || (subject.piled && !ordered) {
        sizes.reverse();
    } else if !ordered {
        for row in sizes.chunks_mut(columns) {
            for k in (1..row.len()).rev() {
                row.swap(k, (chance.draw() * (k + 1) as f32) as usize);
            }
        }
    }
    sizes.into_iter().map(|s| Vec3::new(1.0 + across * (s - 1.0), s, 1.0 + across * (s - 1.0))).collect()
}

/// The colours of copies that differ in colour, none where they don't: shades of the one that is named, those of the
/// palette and what lies between them, or others that are easily told apart, in an order that chance decides.
pub(super) fn dyes(subject: &Subject, palette: Option<Palette>, chance: &mut Chance) -> Vec<[u8; 3]> {
    const PLAIN: [[u8; 3]; 6] =
        [[206, 52, 44], [240, 178, 46], [44, 104, 178], [62, 148, 92], [232, 118, 44], [124, 72, 150]];
    let copies = usize::from(subject.count);
    if copies < 2 || !subject.varied.contains(&Variety::Color) {
        return Vec::new();
    }
    let blend = |a: [u8; 3], b: [u8; 3], share: f32| {
        std::array::from_fn(|c| (f32::from(a[c]) + (f32::from(b[c]) - f32::from(a[c])) * share) as u8)
    };
    if let Some(color) = subject.color {
        let shade = |k: usize| {
            let t = k as f32 / (copies - 1) as f32 * 1.3 - 0.65;
            if t < 0.0 { blend(color, [16, 16, 20], -t) } else { blend(color, [244, 242, 238], t) }
        };
        return (0..copies).map(shade).collect();
    }
    let mut colors = palette.map_or(PLAIN.to_vec(), |palette| {
        let [_, own @ ..] = palette.colors();
        let mixed = (0..3).map(|k| blend(blend(own[k], own[(k + 1) % 3], 0.5), [246, 240, 226], 0.45));
        own.into_iter().chain(mixed).collect()
    });
    let first = (chance.draw() * colors.len() as f32) as usize;
    let length = colors.len();
    colors.rotate_left(first % length);
    colors.truncate(copies);
    colors
}

/// Two that belong together: the second stands a little behind the first and is turned from it.
fn pair(prop: &Prop, turns: &[Mat3]) -> Vec<Pose> {
    let size = prop.size;
    let second = Mat3::from_rotation_y(20.0f32.to_radians()) * turns[1];
    vec![
        Pose { turn: turns[0], at: Vec3::new(0.1 * size.x, 0.0, 0.6 * size.z) },
        Pose { turn: second, at: Vec3::new(-0.25 * size.x, 0.0, -0.75 * size.z) },
    ]
}

/// One on the other; round things as a heap, since balls don't stack.
fn pile(prop: &Prop, turns: &[Mat3], chance: &mut Chance) -> Vec<Pose> {
    let size = prop.size;
    let round = size.max_element() < 1.25 * size.min_element();
    let on_ground = if round { turns.len().saturating_sub(usize::from(turns.len() > 3)) } else { 1 };
    let ring = 0.5 * size.x / (std::f32::consts::PI / on_ground.max(2) as f32).sin() * 1.01;
    let place = |(k, turn): (usize, &Mat3)| {
        let at = if !round {
            let below: f32 = turns[..k].iter().map(|turn| size.y * turn.y_axis.length()).sum();
            Vec3::new(0.05 * size.x * chance.signed(), below, 0.04 * size.z * chance.signed())
        } else if k < on_ground {
            let (sin, cos) = (std::f32::consts::TAU * (k as f32 / on_ground as f32 + 0.08)).sin_cos();
            Vec3::new(cos, 0.0, sin) * ring
        } else {
            // It rests in the hollow between the others: their centres and its own are two radii apart.
            Vec3::Y * (4.0 * 0.25 * size.x * size.x - ring * ring).max(0.0).sqrt().max(0.35 * size.y)
        };
        Pose { turn: *turn, at }
    };
    turns.iter().enumerate().map(place).collect()
}

/// Rows of `columns`, each copy next to the other with a little air; `stray` from -1 to 1 is how far one is out of line.
fn rows(prop: &Prop, turns: &[Mat3], columns: usize, stray: &mut dyn FnMut() -> f32) -> Vec<Pose> {
    let mut poses = Vec::with_capacity(turns.len());
    let mut depth = 0.0f32;
    for row in turns.chunks(columns) {
        let extents: Vec<Bounds> = row.iter().map(|turn| prop.extent(*turn)).collect();
        let deepest = extents.iter().map(|b| b.high.z - b.low.z).fold(0.0, f32::max);
        let mut x = if depth > 0.0 { 0.25 * prop.size.x } else { 0.0 };
        for (k, (turn, extent)) in row.iter().zip(&extents).enumerate() {
            // Never quite in line: the middle one stands forward.
            let out = stray();
            let forward = if row.len() == 3 && k == 1 && out != 0.0 { 0.28 } else { 0.0 };
            let z = (0.12 * out + forward) * deepest - depth;
            poses.push(Pose { turn: *turn, at: Vec3::new(x - extent.low.x, 0.0, z) });
            x += (extent.high.x - extent.low.x) * 1.1;
        }
        depth += deepest * 1.3;
    }
    poses
}
