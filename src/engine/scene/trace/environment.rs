//! Light from infinitely far away: evaluated as formulas, sampled through a table of its brightness.
//!
//! The table only steers where samples go (multiple importance sampling makes up for its coarseness); what is seen is
//! always the formula, so a backdrop is never pixelated.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use super::world::Environment;

const ROWS: usize = 64;
const COLUMNS: usize = 128;

/// An environment ready to be evaluated and sampled.
pub(super) struct Sky {
    environment: Environment,
    panels: Vec<PanelFrame>,
    /// Cumulative brightness of rows, and of the columns of each.
    rows: Vec<f32>,
    columns: Vec<f32>,
    /// Mean luminance over the sphere.
    pub(super) mean: f32,
}

struct PanelFrame {
    forward: Vec3,
    right: Vec3,
    up: Vec3,
    half: Vec2,
    /// The tangents of `half`.
    reach: Vec2,
    softness: f32,
    radiance: Vec3,
}

#[inline]
pub(super) fn luminance(c: Vec3) -> f32 {
    c.dot(Vec3::new(0.2126, 0.7152, 0.0722))
}

impl Sky {
    pub(super) fn new(environment: &Environment) -> Self {
        let panels = environment
            .panels
            .iter()
            .map(|p| {
                let forward = p.direction.normalize_or(Vec3::Y);
                let reference = if forward.y.abs() > 0.99 { Vec3::NEG_Z } else { Vec3::Y };
                let right = forward.cross(reference).normalize_or(Vec3::X);
                let half =
                    Vec2::new(p.half_width_degrees, p.half_height_degrees).clamp(Vec2::splat(0.5), Vec2::splat(80.0));
                PanelFrame {
                    forward,
                    right,
                    up: right.cross(forward),
                    half: half * (PI / 180.0),
                    reach: Vec2::new(half.x.to_radians().tan(), half.y.to_radians().tan()),
                    softness: p.softness.clamp(0.02, 1.0),
                    radiance: p.radiance,
                }
            })
            .collect();
        let mut environment = environment.clone();
        for glow in &mut environment.glows {
            glow.direction = glow.direction.normalize_or(Vec3::Y);
        }
        let mut sky = Self { environment, panels, rows: Vec::new(), columns: Vec::new(), mean: 0.0 };
        sky.tabulate();
        sky
    }

    /// Fills the table: each cell's brightness (the largest of a few spots) times its solid angle.
    fn tabulate(&mut self) {
        let mut columns = Vec::with_capacity(ROWS * COLUMNS);
        let mut rows = Vec::with_capacity(ROWS);
        let (mut total, mut mean) = (0.0f32, 0.0f32);
        for row in 0..ROWS {
            let mut sum = 0.0;
            for column in 0..COLUMNS {
                let spots = [(0.2, 0.3), (0.8, 0.2), (0.5, 0.5), (0.3, 0.8), (0.7, 0.7)];
                let bright =
                    spots.map(|(x, y)| {
                        luminance(self.radiance(direction_at(
                            (row as f32 + y) / ROWS as f32,
                            (column as f32 + x) / COLUMNS as f32,
                        )))
                    });
                mean += bright.iter().sum::<f32>() / 5.0 * CELL;
                sum += bright.iter().fold(0.0f32, |a, b| a.max(*b)) * CELL;
                columns.push(sum);
            }
            total += sum;
            rows.push(total);
        }
        self.mean = mean / (4.0 * PI);
        self.rows = rows;
        self.columns = columns;
    }

    /// Radiance from a unit direction.
    pub(super) fn radiance(&self, d: Vec3) -> Vec3 {
        let e = &self.environment;
        let rise = (1.0 - d.y.abs().min(1.0)).powf(e.falloff.max(0.05));
        let far = if d.y >= 0.0 { e.zenith } else { e.nadir };
        let mut sum = far.lerp(e.horizon, rise);
        for glow in &e.glows {
            let cosine = glow.direction.dot(d);
            sum += glow.radiance * (glow.sharpness * (cosine - 1.0)).exp();
        }
        for panel in &self.panels {
            let depth = d.dot(panel.forward);
            let (right, up) = (d.dot(panel.right).abs(), d.dot(panel.up).abs());
            // Mostly a direction misses, which takes no arc tangent to tell.
            if depth > 0.0 && right < depth * panel.reach.x && up < depth * panel.reach.y {
                let x = right.atan2(depth) / panel.half.x;
                let y = up.atan2(depth) / panel.half.y;
                let inside = |t: f32| ((1.0 - t) / panel.softness).clamp(0.0, 1.0);
                let (ix, iy) = (inside(x), inside(y));
                sum += panel.radiance * (ix * ix * (3.0 - 2.0 * ix) * iy * iy * (3.0 - 2.0 * iy));
            }
        }
        sum
    }

    /// Radiance of the far air: the horizon's, without what shines in front of it.
    pub(super) fn horizon(&self) -> Vec3 {
        self.environment.horizon
    }

    /// Whether there is anything to aim at.
    pub(super) fn is_lit(&self) -> bool {
        self.mean > 0.0 && self.mean.is_finite()
    }

    /// A direction and its density over solid angle.
    pub(super) fn sample(&self, u: Vec2) -> (Vec3, f32) {
        let total = self.rows[ROWS - 1];
        let target = u.y * total;
        let row = self.rows.partition_point(|c| *c <= target).min(ROWS - 1);
        let below = if row == 0 { 0.0 } else { self.rows[row - 1] };
        let y = ((target - below) / (self.rows[row] - below).max(1e-20)).clamp(0.0, 1.0);
        let line = &self.columns[row * COLUMNS..(row + 1) * COLUMNS];
        let target = u.x * line[COLUMNS - 1];
        let column = line.partition_point(|c| *c <= target).min(COLUMNS - 1);
        let below = if column == 0 { 0.0 } else { line[column - 1] };
        let x = ((target - below) / (line[column] - below).max(1e-20)).clamp(0.0, 1.0);
        let direction = direction_at((row as f32 + y) / ROWS as f32, (column as f32 + x) / COLUMNS as f32);
        (direction, self.cell_pdf(row, column))
    }

    /// The density with which [`Sky::sample`] gives `d`.
    pub(super) fn pdf(&self, d: Vec3) -> f32 {
        let row = ((0.5 - 0.5 * d.y) * ROWS as f32) as usize;
        let around = (d.z.atan2(d.x) / TAU).rem_euclid(1.0);
        self.cell_pdf(row.min(ROWS - 1), ((around * COLUMNS as f32) as usize).min(COLUMNS - 1))
    }

    fn cell_pdf(&self, row: usize, column: usize) -> f32 {
        let line = &self.columns[row * COLUMNS..(row + 1) * COLUMNS];
        let below = if column == 0 { 0.0 } else { line[column - 1] };
        let chance = (line[column] - below) / self.rows[ROWS - 1].max(1e-20);
        chance / CELL
    }
}

/// Solid angle of one cell: rows are of equal height, so of equal area (Archimedes).
const CELL: f32 = 4.0 * PI / (ROWS * COLUMNS) as f32;

fn direction_at(down: f32, around: f32) -> Vec3 {
    let y = 1.0 - 2.0 * down;
    let r = (1.0 - y * y).max(0.0).sqrt();
    let (sin, cos) = (TAU * around).sin_cos();
    Vec3::new(r * cos, y, r * sin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::scene::trace::{
        sampler::Sampler,
        world::{Glow, Panel},
    };

    fn uneven() -> Environment {
        Environment {
            zenith: Vec3::new(0.2, 0.4, 1.0),
            horizon: Vec3::splat(1.0),
            nadir: Vec3::splat(0.1),
            falloff: 3.0,
            glows: vec![Glow { direction: Vec3::new(1.0, 0.5, 0.2), radiance: Vec3::splat(40.0), sharpness: 60.0 }],
            panels: vec![Panel {
                direction: Vec3::new(-1.0, 0.4, 0.3),
                half_width_degrees: 15.0,
                half_height_degrees: 25.0,
                softness: 0.2,
                radiance: Vec3::splat(9.0),
            }],
        }
    }

    fn sphere(u: Vec2) -> Vec3 {
        direction_at(u.y, u.x)
    }

    #[test]
    fn density_integrates_to_one() {
        let sky = Sky::new(&uneven());
        let n = 1 << 16;
        let sum: f32 = (0..n).map(|k| sky.pdf(sphere(Sampler::new(1, 1, k).next_2d()))).sum();
        let integral = sum / n as f32 * 4.0 * PI;
        assert!((integral - 1.0).abs() < 0.01, "{integral}");
    }

    #[test]
    fn importance_sampling_gives_the_same_light_with_less_noise() {
        let sky = Sky::new(&uneven());
        let n = 1 << 14;
        let (mut uniform, mut steered, mut noise) = (0.0, 0.0, 0.0f32);
        for k in 0..n {
            let u = Sampler::new(2, 1, k).next_2d();
            uniform += luminance(sky.radiance(sphere(u))) * 4.0 * PI;
            let (d, pdf) = sky.sample(u);
            assert!((sky.pdf(d) / pdf - 1.0).abs() < 1e-2 || (d.y.abs() > 0.999), "{d} {pdf} {}", sky.pdf(d));
            let value = luminance(sky.radiance(d)) / pdf;
            steered += value;
            noise += value * value;
        }
        let (uniform, steered) = (uniform / n as f32, steered / n as f32);
        assert!((uniform / steered - 1.0).abs() < 0.02, "{uniform} {steered}");
        let deviation = (noise / n as f32 - steered * steered).max(0.0).sqrt();
        assert!(deviation < steered * 0.5, "{deviation} of {steered}");
    }

    #[test]
    fn darkness_is_not_aimed_at() {
        assert!(!Sky::new(&Environment::default()).is_lit());
    }
}
