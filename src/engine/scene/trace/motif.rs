//! What is painted on things: stripes, dots and checks of a second colour, evaluated in space, two centimetres wide at
//! a scale of 1.

use glam::Vec3;

use super::pattern::{Look, PLAIN, Spot};

/// One light and one dark stripe, in cm.
const PERIOD: f32 = 3.0;
/// From dot to dot, in cm.
const LATTICE: f32 = 3.2;
/// Keeps edges off the planes that things stand on.
const SHIFT: f32 = 0.37;

/// 0 on one side of an edge, 1 on the other; as soft as a ray is wide.
fn edge(distance: f32, footprint: f32) -> f32 {
    (0.5 + distance / footprint.max(1e-3)).clamp(0.0, 1.0)
}

/// Level bands round the thing.
pub(super) fn stripes(s: Spot) -> Look {
    let at = (s.position.y + SHIFT).rem_euclid(PERIOD);
    let into = (at - PERIOD * 0.25).abs().min((at - PERIOD * 1.25).abs());
    Look { mix: edge(PERIOD * 0.25 - into, s.footprint), ..PLAIN }
}

/// Dots where the surface cuts balls of a staggered lattice.
pub(super) fn dots(s: Spot) -> Look {
    let cell = (s.position + Vec3::splat(SHIFT)) / LATTICE;
    let nearest = |shift: f32| {
        let p = cell + Vec3::splat(shift);
        (p - p.round()).length() * LATTICE
    };
    let distance = nearest(0.0).min(nearest(0.5));
    Look { mix: edge(LATTICE * 0.3 - distance, s.footprint), ..PLAIN }
}

/// A chessboard in space.
pub(super) fn checks(s: Spot) -> Look {
    let side = PERIOD * 0.5;
    let p = (s.position + Vec3::splat(SHIFT)) / side;
    let odd = p.floor().to_array().map(|c| c as i32).iter().sum::<i32>().rem_euclid(2) == 1;
    let inside = (p.fract_gl() - Vec3::splat(0.5)).abs().max_element();
    let share = edge((0.5 - inside) * side, s.footprint).max(0.5);
    Look { mix: if odd { share } else { 1.0 - share }, ..PLAIN }
}

#[cfg(test)]
mod tests {
    use glam::Vec2;

    use super::*;

    fn share(look: fn(Spot) -> Look) -> f32 {
        let at = |i: i32| {
            let t = i as f32;
            let position = Vec3::new((t * 0.731).sin(), (t * 0.113).sin(), (t * 1.37).cos()) * 40.0;
            look(Spot { position, plane: Vec2::ZERO, footprint: 0.01 }).mix
        };
        (0..4000).map(at).sum::<f32>() / 4000.0
    }

    #[test]
    fn both_colours_have_their_share() {
        assert!((share(stripes) - 0.5).abs() < 0.05, "{}", share(stripes));
        assert!((share(checks) - 0.5).abs() < 0.05, "{}", share(checks));
        assert!(share(dots) > 0.1 && share(dots) < 0.5, "{}", share(dots));
    }

    #[test]
    fn bands_are_level() {
        let mix =
            |x: f32, y: f32| stripes(Spot { position: Vec3::new(x, y, 1.0), plane: Vec2::ZERO, footprint: 0.01 }).mix;
        for y in [0.1, 0.9, 2.0, 2.9] {
            assert!((mix(0.0, y) - mix(7.0, y)).abs() < 1e-6);
        }
        assert!((mix(0.0, 0.3) - mix(0.0, 0.3 + PERIOD * 0.5)).abs() > 0.9);
    }
}
