//! The procedural looks, evaluated in space: what a pattern does to colour, roughness and relief at one point.
//!
//! Every pattern is described once, in centimetres of real material (`fibre`, `mineral`, `motif`); no pictures, no
//! resolution. Relief is told by its slope, so that one look is enough. Refuses to know materials' colours: it only says
//! how far from the first to the second colour a point is.

use glam::{Vec2, Vec3};

use super::{fibre, mineral, motif, world::Pattern};

/// What a pattern makes of a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// 0 first colour, 1 second colour.
    pub(super) mix: f32,
    /// Multiplies the colour.
    pub(super) shade: f32,
    /// Added to the roughness.
    pub(super) roughness: f32,
    /// How steeply the relief rises (cm per cm) as the point moves in space,
    pub(super) rise: Vec3,
    /// and as it moves along the surface's two coordinates.
    pub(super) tilt: Vec2,
}

/// Nothing.
pub(super) const PLAIN: Look = Look { mix: 0.0, shade: 1.0, roughness: 0.0, rise: Vec3::ZERO, tilt: Vec2::ZERO };

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
    /// The surface's coordinates as a point in space, enlarged.
    pub(super) fn flat(self, scale: f32) -> Vec3 {
        Vec3::new(self.plane.x * scale, self.plane.y * scale, 0.5)
    }
}

/// What `pattern` does at `spot`.
pub(super) fn look(pattern: Pattern, spot: Spot) -> Look {
    match pattern {
        Pattern::None => PLAIN,
        Pattern::Brushed => mineral::brushed(spot),
        Pattern::Planks => fibre::planks(spot),
        Pattern::Wood => fibre::block(spot),
        Pattern::Marble => mineral::marble(spot),
        Pattern::Concrete => mineral::concrete(spot),
        Pattern::Weave => fibre::weave(spot),
        Pattern::Leather => fibre::leather(spot),
        Pattern::Paper => fibre::paper(spot),
        Pattern::Terrazzo => mineral::terrazzo(spot),
        Pattern::Sand => mineral::sand(spot),
        Pattern::Grass => fibre::tufts(spot, 0.35, 0.9),
        Pattern::Carpet => fibre::tufts(spot, 0.45, 0.35),
        Pattern::Water => mineral::water(spot),
        Pattern::Tiles => mineral::tiles(spot),
        Pattern::Bricks => mineral::bricks(spot),
        Pattern::Grain => mineral::grain(spot),
        Pattern::Hammered => mineral::hammered(spot),
        Pattern::Ice => mineral::ice(spot),
        Pattern::Stripes => motif::stripes(spot),
        Pattern::Dots => motif::dots(spot),
        Pattern::Checks => motif::checks(spot),
    }
}

/// What `pattern` comes to over a wide field: mixing with these is mixing everywhere and taking the mean.
pub(super) fn mean(pattern: Pattern) -> Look {
    const COUNT: u32 = 256;
    /// The side of the field in cm.
    const FIELD: f32 = 300.0;
    if pattern == Pattern::None {
        return PLAIN;
    }
    let mut sum = Look { shade: 0.0, ..PLAIN };
    for i in 1..=COUNT {
        // Roberts' sequence R3: even, and no multiple of anything.
        let part = |step: f32| (i as f32 * step).fract() * FIELD;
        let position = Vec3::new(part(0.819_172_5), part(0.671_043_6), part(0.549_700_5));
        let one = look(pattern, Spot { position, plane: Vec2::new(position.x, position.z), footprint: 0.02 });
        sum.mix += one.mix * one.shade;
        sum.shade += one.shade;
        sum.roughness += one.roughness;
    }
    let count = COUNT as f32;
    Look { mix: sum.mix / sum.shade, shade: sum.shade / count, roughness: sum.roughness / count, ..PLAIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Pattern; 18] = [
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
        Pattern::Hammered,
        Pattern::Ice,
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
                assert!(l.rise.is_finite() && l.tilt.is_finite() && l.roughness.abs() < 0.8, "{pattern:?}: {l:?}");
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
