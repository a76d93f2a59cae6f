//! Copies: several of one thing as a pile, a row or rows, each with a turn of its own.
//!
//! Owns the places of copies round their common middle; where the whole group stands is `layout`'s.

use glam::{Mat3, Vec3};

use super::{framing::Bounds, plan::Subject, prop::Prop};
use crate::engine::chance::Chance;

/// Where one copy stands within its group: turned, then moved.
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
    if copies == 1 {
        return Group::of(vec![Pose { turn: turn(7.0), at: Vec3::ZERO }], prop);
    }
    let turns: Vec<Mat3> = (0..copies).map(|_| turn(if subject.piled { 16.0 } else { 22.0 })).collect();
    let mut poses = match (subject.piled, subject.lined_up) {
        (true, _) => pile(prop, &turns, chance),
        (false, true) => rows(prop, &turns, copies, &mut || 0.0),
        (false, false) => {
            let columns = if copies <= if alone { 4 } else { 2 } { copies } else { copies.div_ceil(2) };
            rows(prop, &turns, columns, &mut || chance.signed())
        }
    };
    let bounds = Group::of(poses.clone(), prop).bounds;
    let middle = Vec3::new(bounds.center().x, 0.0, bounds.center().z);
    for pose in &mut poses {
        pose.at -= middle;
    }
    Group::of(poses, prop)
}

/// One on the other; round things as a heap, since balls don't stack.
fn pile(prop: &Prop, turns: &[Mat3], chance: &mut Chance) -> Vec<Pose> {
    let size = prop.size;
    let round = size.max_element() < 1.25 * size.min_element();
    let on_ground = if round { turns.len().saturating_sub(usize::from(turns.len() > 3)) } else { 1 };
    let ring = 0.5 * size.x / (std::f32::consts::PI / on_ground.max(2) as f32).sin() * 1.01;
    let place = |(k, turn): (usize, &Mat3)| {
        let at = if !round {
            Vec3::new(0.05 * size.x * chance.signed(), size.y * k as f32, 0.04 * size.z * chance.signed())
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
