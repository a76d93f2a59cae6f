//! What is behind the lips: the dark, the tongue, teeth that belong to the skull and teeth that belong to the jaw.
//!
//! A portrait that smiles with its teeth lends them; otherwise they are drawn. All measures are centimetres of the
//! canonical head, from the rest of the upper inner lip's middle, x to the right of the face and y down.

use glam::Vec2;

use super::{
    colours::Colours,
    expression::Expression,
    likeness::{Likeness, Posed},
    mesh::{INNER_LOWER, INNER_UPPER},
    texture::{Light, Texture, lit, mix},
};
use crate::engine::ease::smoothstep;

/// Steps of the lips' contours across the mouth.
const STEPS: usize = 64;
/// The openings between which the mouth's inside fades in.
const FADE_IN: (f32, f32) = (0.02, 0.10);
/// Where one upper tooth ends and the next begins, from the middle, as the arch shows them from the front.
const TOOTH_EDGES: [f32; 5] = [0.84, 1.46, 2.02, 2.42, 2.7];
/// How far the upper teeth show below the resting lip, and how far the gum is above it.
const TEETH_SHOWN: f32 = 0.30;
/// How much higher the edges of the side teeth are.
const TEETH_RISE: [f32; 6] = [0.0, 0.07, 0.01, 0.08, 0.12, 0.16];

/// The mouth at one moment.
pub(super) struct Interior<'a> {
    texture: &'a Texture,
    colours: &'a Colours,
    origin: Vec2,
    right: Vec2,
    down: Vec2,
    scale: f32,
    /// Box in pixels that holds the opening.
    low: Vec2,
    high: Vec2,
    left_x: f32,
    width: f32,
    upper: [f32; STEPS + 1],
    lower: [f32; STEPS + 1],
    /// The portrait's own opening, where it has one.
    own: Option<([f32; STEPS + 1], [f32; STEPS + 1])>,
    own_left_x: f32,
    own_width: f32,
    skull: Vec2,
    jaw: Vec2,
    tongue: f32,
    lower_teeth: f32,
    widest: f32,
}

impl<'a> Interior<'a> {
    /// The mouth of `face` as `posed`.
    pub(super) fn new(
        face: &Likeness,
        posed: &Posed,
        e: &Expression,
        texture: &'a Texture,
        colours: &'a Colours,
    ) -> Self {
        let origin = face.rest[INNER_UPPER[5]];
        let local = |p: Vec2| Vec2::new((p - origin).dot(face.right), (p - origin).dot(face.down)) / face.scale;
        let line = |indices: &[usize; 11], places: &[Vec2]| indices.map(|i| local(places[i]));
        let (upper, lower) = (line(&INNER_UPPER, &posed.places), line(&INNER_LOWER, &posed.places));
        let (left_x, width) = (upper[0].x, (upper[10].x - upper[0].x).max(0.1));
        let (own_upper, own_lower) = (line(&INNER_UPPER, &face.rest), line(&INNER_LOWER, &face.rest));
        let (own_left_x, own_width) = (own_upper[0].x, (own_upper[10].x - own_upper[0].x).max(0.1));
        let all = INNER_UPPER.iter().chain(&INNER_LOWER).map(|&i| posed.places[i]);
        let (low, high) = all.fold((Vec2::INFINITY, Vec2::NEG_INFINITY), |(low, high), p| (low.min(p), high.max(p)));
        let widest = upper.iter().zip(&lower).map(|(u, l)| l.y - u.y).fold(0.0, f32::max);
        Self {
            texture,
            colours,
            origin,
            right: face.right,
            down: face.down,
            scale: face.scale,
            low: low - 3.0,
            high: high + 3.0,
            left_x,
            width,
            upper: table(&upper, left_x, width),
            lower: table(&lower, left_x, width),
            own: face
                .is_open
                .then(|| (table(&own_upper, own_left_x, own_width), table(&own_lower, own_left_x, own_width))),
            own_left_x,
            own_width,
            skull: local(origin + face.skull_shift(e)),
            jaw: local(origin + face.jaw_shift(e)),
            tongue: e.mouth.tongue,
            lower_teeth: e.mouth.lower_teeth,
            widest,
        }
    }

    /// The light at a place of the working picture that no skin covers; `None` away from the mouth.
    pub(super) fn sample(&self, at: Vec2) -> Option<Light> {
        if at.cmplt(self.low).any() || at.cmpgt(self.high).any() {
            return None;
        }
        let p = Vec2::new((at - self.origin).dot(self.right), (at - self.origin).dot(self.down)) / self.scale;
        let along = (p.x - self.left_x) / self.width;
        if !(-0.02..=1.02).contains(&along) {
            return None;
        }
        let (top, bottom) = (read(&self.upper, along), read(&self.lower, along));
        if p.y < top - 0.2 || p.y > bottom + 0.2 {
            return None;
        }
        let inside = self.inside(p, along, top, bottom);
        let shown = smoothstep(FADE_IN.0, FADE_IN.1, self.widest);
        Some(mix(self.colours.seam, inside, shown))
    }

    fn inside(&self, p: Vec2, along: f32, top: f32, bottom: f32) -> Light {
        let unit = 2.0 * along - 1.0;
        let edge = unit * unit;
        let mut colour = mix(self.colours.dark, self.colours.flesh, 0.45 * edge);
        // The wet inside of the lower lip and the floor of the mouth catch some light.
        colour = mix(colour, self.colours.flesh, 0.75 * (1.0 - smoothstep(0.0, 0.22, bottom - p.y)));
        colour = self.add_tongue(colour, p, unit);
        colour = self.add_lower_teeth(colour, p, unit);
        colour = match &self.own {
            Some((upper, lower)) => self.add_own_teeth(colour, p, upper, lower),
            None => self.add_upper_teeth(colour, p, unit),
        };
        // The lips and the corners keep light out.
        let from_top = 1.0 - 0.38 * (-(p.y - top).max(0.0) / 0.09).exp();
        let from_bottom = 1.0 - 0.25 * (-(bottom - p.y).max(0.0) / 0.10).exp();
        let corner = 1.0 - 0.7 * smoothstep(0.6, 1.0, unit.abs());
        lit(colour, from_top * from_bottom * corner)
    }

    fn add_tongue(&self, under: Light, p: Vec2, unit: f32) -> Light {
        let floor = read(&self.lower, 0.5);
        let open = (floor - read(&self.upper, 0.5)).max(0.0);
        let middle = floor + 0.12 - 0.42 * self.tongue * open;
        let height = 0.26 + 0.24 * open;
        let (x, y) = (unit / 0.60, (p.y - middle) / height);
        let body = (-(x.powi(4)) - y.powi(4)).exp();
        // Rounded: brightest a little above its middle, a furrow along it.
        let furrow = 1.0 - 0.12 * (-(unit / 0.06).powi(2)).exp();
        let round = (1.0 - 0.35 * (y + 0.35).powi(2)).clamp(0.5, 1.0) * (1.0 - 0.4 * unit * unit) * furrow;
        mix(under, lit(self.colours.tongue, round), (body * 0.92).clamp(0.0, 1.0))
    }

    /// Drawn upper teeth: an arch of rounded teeth that fades into the cheeks' dark.
    fn add_upper_teeth(&self, under: Light, p: Vec2, unit: f32) -> Light {
        let p = p - self.skull;
        let (tooth, across, rise) = tooth_at(p.x.abs());
        // Each tooth's edge is round at its corners.
        let round = 0.10 * across.abs().powi(4);
        let end = TEETH_SHOWN - rise - round;
        let soft = 0.05;
        let shown = smoothstep(-0.6, -0.4, p.y) * (1.0 - smoothstep(end - soft, end + soft, p.y));
        let sides = 1.0 - smoothstep(0.62, 0.95, unit.abs()).max(smoothstep(2.1, 2.7, p.x.abs()));
        let gap = 1.0 - 0.30 * smoothstep(0.80, 1.0, across.abs());
        let receding = 1.0 - 0.45 * smoothstep(0.3, 2.6, p.x.abs());
        let canine = if tooth == 2 { 0.95 } else { 1.0 };
        // A little translucent towards the edge, in shade under the lip.
        let body = 0.80 + 0.20 * smoothstep(-0.3, 0.15, p.y) - 0.10 * smoothstep(end - 0.12, end, p.y);
        // Lips that part a little leave teeth in the dark.
        let day = 0.62 + 0.38 * smoothstep(0.15, 0.75, self.widest);
        let colour = lit(self.colours.teeth, gap * receding * canine * body * day);
        mix(under, colour, (shown * sides).clamp(0.0, 1.0))
    }

    fn add_lower_teeth(&self, under: Light, p: Vec2, unit: f32) -> Light {
        let open = self.widest;
        let shown = self.lower_teeth.max(0.16 * smoothstep(0.55, 1.1, open));
        if shown <= 0.01 {
            return under;
        }
        let floor = read(&self.lower, 0.5);
        let x = p.x - self.jaw.x;
        let across = ((x.abs() / 0.52).fract() - 0.5) * 2.0;
        let start = floor - shown + 0.09 * x * x / 1.5 + 0.03 * across.abs().powi(4);
        let body = smoothstep(start - 0.04, start + 0.04, p.y) * (1.0 - smoothstep(0.42, 0.72, unit.abs()));
        let gap = 1.0 - 0.25 * smoothstep(0.75, 1.0, across.abs());
        let receding = 1.0 - 0.5 * smoothstep(0.2, 1.6, x.abs());
        mix(under, lit(self.colours.teeth, 0.55 * gap * receding), (body * 0.9).clamp(0.0, 1.0))
    }

    /// The portrait's own teeth, where its own lips let them be seen, drawn out upwards behind the lip.
    fn add_own_teeth(&self, under: Light, p: Vec2, upper: &[f32], lower: &[f32]) -> Light {
        let p = p - self.skull;
        let along = (p.x - self.own_left_x) / self.own_width;
        let (top, bottom) = (read(upper, along), read(lower, along));
        let rim = (0.25 * (bottom - top)).min(0.06);
        let y = p.y.clamp(top + rim, bottom.max(top + rim));
        let at = self.origin + (self.right * p.x + self.down * y) * self.scale;
        let below = 1.0 - smoothstep(bottom - 0.06, bottom + 0.03, p.y);
        let sides = smoothstep(0.0, 0.05, along) * (1.0 - smoothstep(0.95, 1.0, along));
        // Drawn out, teeth get darker as gums would.
        let above = 1.0 - 0.35 * smoothstep(0.0, 0.35, top - p.y);
        mix(under, lit(self.texture.sample(at), above), below * sides)
    }
}

/// Which tooth is at this distance from the middle, how far from its middle (-1 to 1), and how much higher its edge is.
fn tooth_at(x: f32) -> (usize, f32, f32) {
    let tooth = TOOTH_EDGES.iter().position(|&edge| x < edge).unwrap_or(TOOTH_EDGES.len());
    let start = if tooth == 0 { 0.0 } else { TOOTH_EDGES[tooth - 1] };
    let end = TOOTH_EDGES.get(tooth).copied().unwrap_or(start + 0.3);
    let share = ((x - start) / (end - start)).clamp(0.0, 1.0);
    (tooth, 2.0 * share - 1.0, TEETH_RISE[tooth])
}

/// A contour as heights at even steps from the left corner to the right one.
fn table(line: &[Vec2; 11], left: f32, width: f32) -> [f32; STEPS + 1] {
    std::array::from_fn(|i| {
        let x = left + width * i as f32 / STEPS as f32;
        let after = line.iter().position(|p| p.x > x).unwrap_or(10).max(1);
        let (a, b) = (line[after - 1], line[after]);
        let share = if b.x > a.x { ((x - a.x) / (b.x - a.x)).clamp(0.0, 1.0) } else { 0.0 };
        a.y + (b.y - a.y) * share
    })
}

/// A table's value at 0 (left corner) to 1 (right corner).
fn read(table: &[f32], along: f32) -> f32 {
    let at = along.clamp(0.0, 1.0) * STEPS as f32;
    let i = (at as usize).min(STEPS - 1);
    table[i] + (table[i + 1] - table[i]) * (at - i as f32)
}
