//! More procedural shapes: what things stand on, what garnishes a drink, what people carry and wear. See
//! [`Shape`](super::shapes::Shape).

use std::f32::consts::{PI, TAU};

use glam::Vec3;

use super::{
    form::{Form, curve, lathe, rounded_box, torus, tube},
    shapes::{Role, ShapePart},
};

fn part(role: Role, form: Form) -> ShapePart {
    ShapePart { role, form }
}

/// A block to put things on; the layout stretches it to what it carries.
pub(super) fn plinth() -> Vec<ShapePart> {
    vec![part(Role::Body, rounded_box(Vec3::new(30.0, 10.0, 30.0), 0.3))]
}

/// A slice of a lemon, a lime or an orange, lying: rind, pith and nine cells.
pub(super) fn citrus_slice() -> Vec<ShapePart> {
    const CELLS: u8 = 9;
    const HALF: f32 = 0.36;
    let disc = |radius: f32, low: f32, high: f32| {
        let edge = 0.12;
        let profile = [
            [0.0, low], [radius - edge, low], [radius, low + edge], [radius, high - edge], [radius - edge, high], [0.0, high],
        ];
        lathe(&[curve(&profile, 3)], 96)
    };
    let cell = |k: u8| {
        let path = curve(&[[0.3, 0.0], [1.0, 0.0], [1.7, 0.0], [2.3, 0.0], [2.62, 0.0]], 8);
        let width = |t: f32| {
            let out = 0.3 + 2.32 * t;
            let round = (1.0 - ((t - 0.55).max(0.0) / 0.45).powi(4)).max(0.0).sqrt();
            [HALF + 0.06, (0.92 * out * (PI / f32::from(CELLS)).tan() * round).max(0.02)]
        };
        let (sin, cos) = (TAU * f32::from(k) / f32::from(CELLS)).sin_cos();
        tube(&path, width, true).bent(move |p| {
            // Laid down, then turned to its place.
            let (u, v) = (p.x, -p.y);
            Vec3::new(u * cos - v * sin, p.z + HALF + 0.06, u * sin + v * cos)
        })
    };
    let cells = (1..CELLS).fold(cell(0), |all, k| all.join(&cell(k)));
    let (low, high) = (0.06, 2.0 * HALF + 0.06);
    vec![
        part(Role::Body, disc(3.1, low + 0.05, high - 0.05)),
        part(Role::Pages, disc(2.92, low, high)),
        part(Role::Pulp, cells),
    ]
}

/// An open umbrella, upright on its handle: eight gores of cloth over a pole.
pub(super) fn umbrella() -> Vec<ShapePart> {
    const RIM: f32 = 52.0;
    let outer = [[RIM, 60.0], [48.0, 66.5], [40.0, 74.0], [28.0, 81.0], [14.0, 85.4], [0.0, 86.6]];
    let inner = [[0.0, 86.0], [14.0, 84.9], [28.0, 80.5], [39.8, 73.5], [47.7, 66.0], [RIM - 0.4, 59.7]];
    // Between its ribs the cloth is drawn in, and its edge hangs in arcs.
    let gores = |p: Vec3| {
        let share = p.x.hypot(p.z) / RIM;
        let between = (4.0 * p.z.atan2(p.x)).sin().abs();
        let k = 1.0 - 0.075 * share * share * between;
        Vec3::new(p.x * k, p.y + 2.2 * share.powi(4) * between, p.z * k)
    };
    let cloth = lathe(&[curve(&inner, 8), curve(&outer, 8)], 192).bent(gores);
    let grip = curve(&[[-7.4, 4.6], [-7.0, 2.0], [-4.8, 0.6], [-2.0, 0.9], [-0.3, 3.0], [0.0, 6.0], [0.0, 16.0]], 8);
    let pole = curve(&[[0.0, 15.0], [0.0, 50.0], [0.0, 92.0]], 4);
    vec![
        part(Role::Body, cloth),
        part(Role::Stalk, tube(&grip, |_| [1.1, 1.1], true).moved(Vec3::Y * 0.6)),
        part(Role::Steel, tube(&pole, |_| [0.5, 0.5], true)),
    ]
}

/// Headphones that stand on their cups: a padded band, two oval shells with soft cushions.
pub(super) fn headphones() -> Vec<ShapePart> {
    const UP: f32 = 4.95;
    let arc = |inset: f32| {
        let points = [[-8.9, 6.6], [-8.8, 11.0], [-7.3, 15.8], [-4.2, 18.9], [0.0, 20.0], [4.2, 18.9], [7.3, 15.8], [8.8, 11.0], [8.9, 6.6]];
        let inner: Vec<[f32; 2]> = points.iter().map(|[x, y]| [x * (1.0 - inset / 9.0), y - inset * (y - 6.6) / 13.4]).collect();
        curve(&inner, 10)
    };
    let band = tube(&arc(0.0), |t| [0.75 + 0.75 * (PI * t).sin(), 0.3], true);
    let long = arc(0.62);
    let pad = tube(&long[long.len() / 4..=long.len() - 1 - long.len() / 4], |t| {
        let soft = (PI * t).sin().max(0.0).sqrt();
        [0.25 + 1.25 * soft, 0.2 + 0.42 * soft]
    }, true);
    let shell = lathe(&[curve(&[[0.0, 0.0], [3.5, 0.0], [4.1, 0.35], [4.3, 1.1], [4.0, 2.0], [3.0, 2.55], [1.6, 2.7], [0.0, 2.72]], 8)], 96);
    let ring = torus(3.05, 0.13).moved(Vec3::Y * 2.36);
    let cushion = torus(2.95, 1.3);
    let screen = lathe(&[curve(&[[0.0, 0.0], [1.5, 0.0], [2.4, 0.1], [2.4, 0.3], [0.0, 0.3]], 4)], 48);
    // A cup's axis is the y of its parts: outwards to `side`, or inwards.
    let worn = |form: &Form, side: f32, out: f32| {
        form.clone().bent(move |p| Vec3::new(side * (7.5 + out * p.y), -side * out * p.x * 1.14 + UP, p.z))
    };
    let both = |form: &Form, out: f32| worn(form, 1.0, out).join(&worn(form, -1.0, out));
    vec![
        part(Role::Body, band.join(&both(&shell, 1.0))),
        part(Role::Keys, pad.join(&both(&cushion, -1.0)).join(&both(&screen, -0.6))),
        part(Role::Steel, both(&ring, 1.0)),
    ]
}
