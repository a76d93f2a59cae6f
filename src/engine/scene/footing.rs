//! Footing: the upper side of a thing that stands, as a map of heights, and where on it something else finds room.
//!
//! That is how a cat sits on the seat and not in the backrest, and a cup rests on a table whatever its model is like.

use glam::{Vec2, Vec3};

use super::{copies::Pose, framing::Bounds, layout::Site, prop::Prop};

/// Cells along each side of the map.
const CELLS: usize = 48;

/// Heights in cm over the box of a group, seen from above.
pub(super) struct Top {
    low: Vec2,
    cell: Vec2,
    /// The highest point of each cell, row by row; `f32::MIN` where there is nothing.
    heights: Vec<f32>,
    bounds: Bounds,
}

impl Top {
    /// The upper side of the copies of `prop` at `site`.
    pub(super) fn of(poses: &[Pose], prop: &Prop, site: Site) -> Self {
        let place = |pose: &Pose, p: Vec3| (pose.turn * (p * prop.scale) + pose.at) * site.scale + site.at;
        let mut bounds = Bounds::EMPTY;
        for pose in poses {
            prop.meshes.iter().flat_map(|m| &m.positions).for_each(|p| bounds.add(place(pose, *p)));
        }
        let low = Vec2::new(bounds.low.x, bounds.low.z);
        let cell = ((Vec2::new(bounds.high.x, bounds.high.z) - low) / CELLS as f32).max(Vec2::splat(1e-4));
        let mut top = Self { low, cell, heights: vec![f32::MIN; CELLS * CELLS], bounds };
        for pose in poses {
            for mesh in &prop.meshes {
                let points: Vec<Vec3> = mesh.positions.iter().map(|p| place(pose, *p)).collect();
                for t in &mesh.triangles {
                    if let [Some(a), Some(b), Some(c)] = t.map(|i| points.get(i as usize)) {
                        top.cover([*a, *b, *c]);
                    }
                }
            }
        }
        top
    }

    /// Raises the cells under a triangle; its corners count even where it is thinner than a cell.
    fn cover(&mut self, triangle: [Vec3; 3]) {
        let flat = triangle.map(|p| (Vec2::new(p.x, p.z) - self.low) / self.cell);
        for (p, q) in triangle.iter().zip(flat) {
            self.raise(q.x as usize, q.y as usize, p.y);
        }
        let (low, high) = (flat[0].min(flat[1]).min(flat[2]), flat[0].max(flat[1]).max(flat[2]));
        let area = (flat[1] - flat[0]).perp_dot(flat[2] - flat[0]);
        if area.abs() < 1e-6 {
            return;
        }
        for row in (low.y - 0.5).max(0.0).ceil() as usize..=(high.y - 0.5).max(0.0) as usize {
            for column in (low.x - 0.5).max(0.0).ceil() as usize..=(high.x - 0.5).max(0.0) as usize {
                let p = Vec2::new(column as f32 + 0.5, row as f32 + 0.5);
                let u = (flat[2] - flat[1]).perp_dot(p - flat[1]) / area;
                let v = (flat[0] - flat[2]).perp_dot(p - flat[2]) / area;
                let w = 1.0 - u - v;
                if u >= 0.0 && v >= 0.0 && w >= 0.0 {
                    self.raise(column, row, u * triangle[0].y + v * triangle[1].y + w * triangle[2].y);
                }
            }
        }
    }

    fn raise(&mut self, column: usize, row: usize, height: f32) {
        let cell = &mut self.heights[row.min(CELLS - 1) * CELLS + column.min(CELLS - 1)];
        *cell = cell.max(height);
    }

    /// Where something `size` large (width, height, depth) rests: near the middle, on even ground, near the height
    /// `level` where that is known. The height is that of the highest point beneath it, so that nothing sinks in.
    pub(super) fn spot(&self, size: Vec3, level: Option<f32>) -> Vec3 {
        // A foot is smaller than what it carries.
        let half = Vec2::new(size.x, size.z) * 0.4 / self.cell;
        let reach = [half.x.max(0.5), half.y.max(0.5)].map(|h| (h.round() as usize).min(CELLS / 2));
        let tall = (self.bounds.high.y - self.bounds.low.y).max(1e-3);
        let level = level.unwrap_or(self.bounds.high.y);
        let mut best = (f32::MAX, self.bounds.center(), self.bounds.high.y);
        for row in reach[1]..=CELLS - reach[1].max(1) {
            for column in reach[0]..=CELLS - reach[0].max(1) {
                let (mut high, mut held, mut sum, mut cells) = (f32::MIN, 0usize, 0.0f32, 0usize);
                for r in row.saturating_sub(reach[1])..(row + reach[1]).min(CELLS).max(row + 1).min(CELLS) {
                    for h in &self.heights[r * CELLS + column.saturating_sub(reach[0])
                        ..r * CELLS + (column + reach[0]).max(column + 1).min(CELLS)]
                    {
                        cells += 1;
                        if *h > f32::MIN {
                            held += 1;
                            high = high.max(*h);
                            sum += h;
                        }
                    }
                }
                if held * 2 < cells || held == 0 {
                    continue;
                }
                let uneven = (high - sum / held as f32) / tall;
                let off = (Vec2::new(column as f32, row as f32) - CELLS as f32 * 0.5) / CELLS as f32;
                let bare = 1.0 - held as f32 / cells as f32;
                let cost = 4.0 * (high - level).abs() / tall + 3.0 * uneven + off.length() + bare;
                if cost < best.0 {
                    let at = self.low + Vec2::new(column as f32, row as f32) * self.cell;
                    best = (cost, Vec3::new(at.x, 0.0, at.y), high);
                }
            }
        }
        let (_, at, height) = best;
        Vec3::new(at.x, height, at.z)
    }

    /// The highest point beneath the inner part of a box.
    #[cfg(test)]
    pub(super) fn highest_beneath(&self, over: &Bounds) -> Option<f32> {
        let (middle, half) = (over.center(), (over.high - over.low) * 0.4);
        let inside = |i: usize| {
            let at = self.low + Vec2::new((i % CELLS) as f32 + 0.5, (i / CELLS) as f32 + 0.5) * self.cell;
            (at.x - middle.x).abs() <= half.x.max(self.cell.x) && (at.y - middle.z).abs() <= half.z.max(self.cell.y)
        };
        let found = (0..CELLS * CELLS).filter(|i| inside(*i)).map(|i| self.heights[i]).filter(|h| *h > f32::MIN);
        found.reduce(f32::max)
    }
}
