//! Posture: how one thing is held up other than by standing on its foot: leaning, hovering, in a hand, on the rim of a
//! glass, on a plinth made for it.
//!
//! Owns tilts and where such things touch what holds them; who does so with whom is `layout`'s.

use glam::{Mat3, Vec3};

use super::{
    copies::{Group, Pose},
    framing::Bounds,
    prop::Prop,
};

/// How far something leans, in radians.
const LEAN: f32 = 0.22;
/// How far an open umbrella lies over: its rim and its handle both touch the ground.
const UMBRELLA_AT_REST: f32 = 0.84;
/// How high the rim of an open umbrella is above its handle, in cm.
const UMBRELLA_RIM_CM: f32 = 61.0;
/// What hovers and is higher than this is in the sky, far from the ground, in cm.
pub(super) const SKY_CM: f32 = 400.0;
/// How tall somebody is who carries things of their own size, in cm.
const ADULT_CM: f32 = 165.0;

/// How an entry lies when nobody holds it.
pub(super) fn rest(entry: &str) -> Mat3 {
    if entry == "shape:umbrella" { Mat3::from_rotation_z(-UMBRELLA_AT_REST) } else { Mat3::IDENTITY }
}

/// The group with its lowest point on the ground.
pub(super) fn grounded(mut poses: Vec<Pose>, prop: &Prop) -> Group {
    let low = Group::of(poses.clone(), prop).bounds.low.y;
    for pose in &mut poses {
        pose.at.y -= low;
    }
    Group::of(poses, prop)
}

/// Whether something is flat enough to lean backwards, as a bicycle or a picture does, rather than aside.
fn is_flat(prop: &Prop) -> bool {
    prop.size.x > 1.6 * prop.size.z
}

/// The tilt of something that leans: to the back if it is flat, else to the left; what is squat only touches.
fn tilt(prop: &Prop) -> Mat3 {
    match prop.size {
        size if is_flat(prop) && size.z < 0.8 * size.y => Mat3::from_rotation_x(-LEAN),
        size if is_flat(prop) || size.z > 1.5 * size.y => Mat3::IDENTITY,
        _ => Mat3::from_rotation_z(LEAN),
    }
}

/// A picture inflated to a figure is thicker than the thing: what leans would touch with its belly.
fn thinned(prop: &Prop) -> Mat3 {
    let is_figure = prop.turn < 0.5;
    Mat3::from_diagonal(Vec3::new(1.0, 1.0, if is_figure { 0.4 } else { 1.0 }))
}

/// Copies side by side that lean backwards on a wall; the wall is where they reach furthest back.
pub(super) fn against_wall(prop: &Prop, copies: usize) -> Group {
    let upright = prop.size.z < 0.8 * prop.size.y;
    let turn = if upright { Mat3::from_rotation_x(-LEAN) * thinned(prop) } else { Mat3::IDENTITY };
    let pose = |k: usize| {
        let aside = (k as f32 - 0.5 * (copies - 1) as f32) * 1.12 * prop.size.x;
        Pose { turn, at: Vec3::X * aside }
    };
    grounded((0..copies).map(pose).collect(), prop)
}

/// The same copies tilted, as they lean on a thing.
pub(super) fn leaned(poses: &[Pose], prop: &Prop) -> Group {
    let straight = |pose: &Pose| if is_flat(prop) { thinned(prop) } else { pose.turn };
    let tilted = |pose: &Pose| Pose { turn: tilt(prop) * straight(pose), at: pose.at };
    grounded(poses.iter().map(tilted).collect(), prop)
}

/// Where on y = 0 a leaning group of this `scale` touches its neighbour with what is not above it, and which way is free.
pub(super) fn touch((prop, group, scale): (&Prop, &Group, f32), to: &Bounds) -> (Vec3, Vec3) {
    let axis = if is_flat(prop) { 2 } else { 0 };
    let height = to.high.y - to.low.y;
    let mut reach = f32::MAX;
    for pose in &group.poses {
        for mesh in &prop.meshes {
            let step = (mesh.positions.len() / 4000).max(1);
            for p in mesh.positions.iter().step_by(step) {
                let p = (pose.turn * (*p * prop.scale) + pose.at) * scale;
                if p.y <= height {
                    reach = reach.min(p[axis]);
                }
            }
        }
    }
    let middle = group.bounds.scaled(scale).center();
    let mut at = Vec3::new(to.center().x - middle.x, 0.0, to.center().z - middle.z);
    at[axis] = to.high[axis] - reach.min(group.bounds.high[axis] * scale);
    (at, if axis == 0 { Vec3::X } else { Vec3::Z })
}

/// How high above the ground something of this size hovers: high enough for a gap that is seen; what is as large as a
/// house is up in the sky.
pub(super) fn hover(size: Vec3) -> f32 {
    if size.y > SKY_CM {
        return 0.7 * size.y;
    }
    0.2 * size.y + 0.32 * size.x.max(size.z)
}

/// What is in somebody's hand is upright, whatever it does on the ground.
pub(super) fn held(entry: &str, poses: &[Pose], prop: &Prop) -> Group {
    let turn = |pose: &Pose| if entry == "shape:umbrella" { Mat3::from_rotation_z(-0.1) } else { pose.turn };
    Group::of(poses.iter().map(|pose| Pose { turn: turn(pose), at: pose.at }).collect(), prop)
}

/// Where it is held and how much smaller it is there: an umbrella over the head, a balloon by its string, all else
/// before the body at the height of the hands.
pub(super) fn in_hand((entry, group): (&str, &Group), holder: &Bounds) -> (Vec3, f32) {
    let size = holder.high - holder.low;
    let scale = (size.y / ADULT_CM).min(1.0);
    let own = group.bounds.scaled(scale);
    let side = holder.center().x + 0.3 * size.x.min(0.5 * size.y);
    let foot = Vec3::new(own.center().x, own.low.y, own.center().z);
    let front = holder.center().z + 0.2 * size.z;
    let at = match entry {
        "shape:umbrella" => {
            let rim = holder.high.y - 0.02 * size.y - UMBRELLA_RIM_CM * scale;
            // Its handle is where its axis is, not in the middle of its box.
            return (Vec3::new(side, rim.max(holder.low.y), front), scale);
        }
        "shape:balloon" | "card:balloon" => Vec3::new(side + 0.2 * size.x, holder.low.y + 0.45 * size.y, front),
        _ => Vec3::new(side, holder.low.y + 0.42 * size.y, holder.high.z + 0.3 * (own.high.z - own.low.z)),
    };
    (at - foot, scale)
}

/// A slice on the rim of a glass: upright, its lower third within.
pub(super) fn on_rim(poses: &[Pose], prop: &Prop, glass: &Bounds) -> (Group, Vec3) {
    let upright = Mat3::from_rotation_y(-0.5) * Mat3::from_rotation_x(std::f32::consts::FRAC_PI_2);
    let group = grounded(poses.iter().map(|pose| Pose { turn: upright, at: pose.at }).collect(), prop);
    let size = group.bounds.high - group.bounds.low;
    let at = Vec3::new(glass.high.x, glass.high.y - 0.38 * size.y, glass.center().z);
    let middle = group.bounds.center();
    (group, at - Vec3::new(middle.x, 0.0, middle.z))
}

/// A plinth for a load of this size: a block a little wider than it; for many things a step goes round its foot.
pub(super) fn plinth(prop: &Prop, load: Vec3, many: bool) -> Group {
    let row = load.x > 1.5 * load.z;
    let turn = if row { Mat3::IDENTITY } else { Mat3::from_rotation_y(-0.45) };
    let side = 1.3 * load.x.max(load.z);
    let (width, depth) = if row { (1.22 * load.x, 1.7 * load.z) } else { (side, side) };
    let height = (0.3 * load.y).clamp(4.0, 70.0);
    let block = |width: f32, height: f32, depth: f32, up: f32| Pose {
        turn: turn * Mat3::from_diagonal(Vec3::new(width.max(14.0), height, depth.max(14.0)) / prop.size),
        at: Vec3::Y * up,
    };
    let poses = if many {
        let step = 0.5 * height;
        vec![block(width + 3.0 * step, step, depth + 3.0 * step, 0.0), block(width, height - step, depth, step)]
    } else {
        vec![block(width, height, depth, 0.0)]
    };
    Group::of(poses, prop)
}
