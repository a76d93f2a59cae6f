//! More procedural shapes: lamps, a fireplace, a tray, balloons, a banana. See [`Shape`](super::shapes::Shape).

use glam::Vec3;

use super::{
    form::{Form, curve, lathe, rounded_box, tube},
    shapes::{Role, ShapePart},
};

fn part(role: Role, form: Form) -> ShapePart {
    ShapePart { role, form }
}

fn turned(profile: &[[f32; 2]], segments: usize) -> Form {
    lathe(&[curve(profile, 8)], segments)
}

/// A pole on a heavy foot with a shade that shines.
pub(super) fn floor_lamp() -> Vec<ShapePart> {
    let stand = turned(
        &[
            [0.0, 0.0], [13.5, 0.0], [14.0, 0.4], [14.0, 1.6], [13.0, 2.2], [3.0, 2.8], [1.2, 4.0], [1.1, 10.0], [1.1, 120.0],
            [1.1, 146.0], [0.0, 146.2],
        ],
        48,
    );
    let shade = lathe(
        &[
            curve(&[[23.0, 138.0], [22.9, 138.2], [19.0, 155.0], [15.2, 168.0], [15.0, 168.2]], 8),
            curve(&[[14.9, 168.0], [18.7, 155.0], [22.7, 138.0]], 8),
        ],
        72,
    );
    vec![part(Role::Metal, stand), part(Role::Glow, shade)]
}

/// A surround with a mantel, burning logs in a dark opening.
pub(super) fn fireplace() -> Vec<ShapePart> {
    let at = |size: [f32; 3], x: f32, y: f32, z: f32| rounded_box(Vec3::from(size), 0.8).moved(Vec3::new(x, y, z));
    let surround = at([32.0, 92.0, 34.0], -56.0, 0.0, 0.0)
        .join(&at([32.0, 92.0, 34.0], 56.0, 0.0, 0.0))
        .join(&at([144.0, 22.0, 34.0], 0.0, 86.0, 0.0))
        .join(&at([164.0, 6.0, 46.0], 0.0, 108.0, 4.0))
        .join(&at([150.0, 3.0, 38.0], 0.0, 105.2, 2.0));
    let inside = at([84.0, 90.0, 2.0], 0.0, 0.0, -14.0).join(&at([84.0, 1.0, 30.0], 0.0, 0.05, 0.0));
    let log = |x: f32, y: f32, lean: f32| {
        let path = [[-24.0, 0.0], [0.0, 0.4], [24.0, 0.0]];
        tube(&curve(&path, 6), |_| [4.4, 4.4], true).bent(move |p| {
            let (sin, cos) = lean.sin_cos();
            Vec3::new(p.x * cos + x, p.y + y, p.z + p.x * sin + 2.0)
        })
    };
    let logs = log(0.0, 5.2, 0.25).join(&log(2.0, 5.4, -0.5)).join(&log(-3.0, 13.0, 0.1));
    let flame = |x: f32, z: f32, scale: f32| {
        turned(&[[0.0, 0.0], [3.2, 1.5], [5.6, 7.0], [4.6, 14.0], [2.2, 23.0], [0.0, 31.0]], 32).bent(move |p| {
            let sway = (p.y * 0.16 + x).sin() * p.y * 0.08;
            Vec3::new((p.x + sway) * scale + x, p.y * scale + 12.0, p.z * scale * 0.7 + z)
        })
    };
    let fire = flame(-11.0, 1.0, 0.95).join(&flame(2.0, 3.0, 1.3)).join(&flame(13.0, 0.0, 0.8)).join(&flame(-3.0, -3.0, 1.1));
    vec![part(Role::Body, surround), part(Role::Soot, inside), part(Role::Stalk, logs), part(Role::Flame, fire)]
}

/// A board with a rim and two grips.
pub(super) fn tray() -> Vec<ShapePart> {
    let bar = |size: [f32; 3], x: f32, z: f32| rounded_box(Vec3::from(size), 0.4).moved(Vec3::new(x, 0.0, z));
    let board = rounded_box(Vec3::new(44.0, 1.2, 30.0), 0.4)
        .join(&bar([44.0, 3.4, 1.2], 0.0, 14.6))
        .join(&bar([44.0, 3.4, 1.2], 0.0, -14.6))
        .join(&bar([1.2, 4.4, 30.0], 21.6, 0.0))
        .join(&bar([1.2, 4.4, 30.0], -21.6, 0.0));
    vec![part(Role::Body, board)]
}

/// A toy balloon on its string.
pub(super) fn balloon() -> Vec<ShapePart> {
    let skin = turned(
        &[
            [0.0, 56.2], [1.3, 56.0], [1.0, 57.0], [0.6, 58.0], [1.6, 59.4], [5.4, 64.0], [10.6, 71.5], [13.6, 80.0], [12.9, 88.0],
            [9.0, 94.2], [4.2, 96.8], [0.0, 97.4],
        ],
        96,
    );
    let path = curve(&[[0.8, 0.0], [-0.8, 14.0], [0.9, 29.0], [-0.3, 44.0], [0.0, 57.0]], 10);
    vec![part(Role::Body, skin), part(Role::Pages, tube(&path, |_| [0.1, 0.1], true))]
}

/// A balloon that carries people, in the air already.
pub(super) fn hot_air_balloon() -> Vec<ShapePart> {
    let foot = 420.0;
    let profile: Vec<[f32; 2]> = [
        [0.0, 330.0], [95.0, 330.0], [120.0, 360.0], [210.0, 500.0], [420.0, 760.0], [660.0, 1080.0], [780.0, 1400.0], [745.0, 1700.0],
        [560.0, 1960.0], [300.0, 2100.0], [120.0, 2140.0], [0.0, 2146.0],
    ]
    .iter()
    .map(|[r, y]| [*r, *y + foot])
    .collect();
    // Gores: the cloth bulges between the cords.
    let gores = |p: Vec3| {
        let bulge = 1.0 + 0.018 * (12.0 * p.z.atan2(p.x)).cos().abs();
        Vec3::new(p.x * bulge, p.y, p.z * bulge)
    };
    let skin = turned(&profile, 192).bent(gores);
    let basket = rounded_box(Vec3::new(150.0, 115.0, 150.0), 14.0).moved(Vec3::Y * foot);
    let cord = |x: f32, z: f32| {
        let path = curve(&[[60.0, foot + 110.0], [78.0, foot + 220.0], [96.0, foot + 335.0]], 4);
        tube(&path, |_| [2.5, 2.5], true).bent(move |p| Vec3::new(p.x * x, p.y, p.x * z + p.z))
    };
    let cords = cord(1.0, 1.0).join(&cord(-1.0, 1.0)).join(&cord(1.0, -1.0)).join(&cord(-1.0, -1.0));
    vec![part(Role::Body, skin), part(Role::Wicker, basket), part(Role::Stalk, cords)]
}

/// Lying on its side.
pub(super) fn banana() -> Vec<ShapePart> {
    let path = curve(&[[-9.0, 3.6], [-6.6, 0.9], [-2.6, -0.9], [2.4, -0.9], [6.6, 0.9], [9.2, 3.9]], 10);
    let thick = |t: f32| {
        let body = (1.0 - (2.0 * t - 1.0).powi(4)).max(0.0).sqrt();
        let r = 0.35 + 1.45 * body;
        [r, r]
    };
    let lying = |p: Vec3| {
        // Five soft edges run along it.
        let around = (p.z).atan2(0.6 * p.y + 0.2);
        let k = 1.0 + 0.02 * (5.0 * around).cos();
        Vec3::new(p.x, p.z * k + 1.8, 1.4 - p.y)
    };
    let tip = |x: f32, z: f32, dx: f32| {
        let path = curve(&[[x, z], [x + dx * 0.5, z + 0.7], [x + dx, z + 1.7]], 6);
        tube(&path, |t| [0.42 - 0.08 * t, 0.42 - 0.08 * t], true).bent(lying)
    };
    vec![part(Role::Body, tube(&path, thick, true).bent(lying)), part(Role::Stalk, tip(9.0, 3.7, 0.9))]
}
