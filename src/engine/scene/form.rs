//! Forms: solids of revolution, tubes and rounded boxes as triangles, with smooth normals. Lengths in cm, y up.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

/// Triangles with one normal a vertex.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Vertices.
    pub positions: Vec<Vec3>,
    /// Unit normals, outwards.
    pub normals: Vec<Vec3>,
    /// Vertex indices, counter-clockwise from outside.
    pub triangles: Vec<[u32; 3]>,
}

impl Form {
    /// Adds a grid of `rows` by `columns` vertices that were just pushed; a triangle without area is left out.
    fn weave(&mut self, rows: usize, columns: usize) {
        let first = self.positions.len() - rows * columns;
        for r in 0..rows.saturating_sub(1) {
            for c in 0..columns - 1 {
                let a = (first + r * columns + c) as u32;
                let b = a + columns as u32;
                for t in [[a, b, b + 1], [a, b + 1, a + 1]] {
                    let p = t.map(|i| self.positions[i as usize]);
                    if (p[1] - p[0]).cross(p[2] - p[0]).length_squared() > 1e-16 {
                        self.triangles.push(t);
                    }
                }
            }
        }
    }

    /// Adds another form.
    #[must_use]
    pub fn join(mut self, other: &Form) -> Self {
        let base = self.positions.len() as u32;
        self.positions.extend_from_slice(&other.positions);
        self.normals.extend_from_slice(&other.normals);
        self.triangles.extend(other.triangles.iter().map(|t| t.map(|i| i + base)));
        self
    }

    /// Applies `f` to every vertex; normals follow by its finite differences.
    #[must_use]
    pub fn bent(mut self, f: impl Fn(Vec3) -> Vec3) -> Self {
        for (p, n) in self.positions.iter_mut().zip(&mut self.normals) {
            let t = n.any_orthonormal_vector();
            let b = n.cross(t);
            let e = 1e-2;
            let (ft, fb) = (f(*p + t * e) - f(*p - t * e), f(*p + b * e) - f(*p - b * e));
            let bent = ft.cross(fb).normalize_or(*n);
            *n = bent;
            *p = f(*p);
        }
        self
    }

    /// Moves it.
    #[must_use]
    pub fn moved(mut self, by: Vec3) -> Self {
        self.positions.iter_mut().for_each(|p| *p += by);
        self
    }
}

/// A smooth curve through `points` (centripetal enough: Catmull-Rom with clamped ends), `steps` pieces a span.
pub fn curve(points: &[[f32; 2]], steps: usize) -> Vec<Vec2> {
    let at = |i: isize| Vec2::from(points[i.clamp(0, points.len() as isize - 1) as usize]);
    let mut out = Vec::with_capacity(points.len() * steps);
    for i in 0..points.len().saturating_sub(1) as isize {
        let (p0, p1, p2, p3) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        // Tangents no longer than the span, so that uneven spans don't overshoot.
        let span = (p2 - p1).length();
        let limit = |t: Vec2| t.clamp_length_max(span);
        let (m1, m2) = (limit((p2 - p0) * 0.5), limit((p3 - p1) * 0.5));
        for k in 0..steps {
            let t = k as f32 / steps as f32;
            let (t2, t3) = (t * t, t * t * t);
            out.push(
                p1 * (2.0 * t3 - 3.0 * t2 + 1.0)
                    + m1 * (t3 - 2.0 * t2 + t)
                    + p2 * (3.0 * t2 - 2.0 * t3)
                    + m2 * (t3 - t2),
            );
        }
    }
    out.push(at(points.len() as isize - 1));
    out
}

/// A solid of revolution about y. Each stroke is a smooth run of (radius, height); strokes meet in an edge. Strokes
/// run so that the outside is on their right: from the bottom's middle outwards, up, and inwards over the top.
pub fn lathe(strokes: &[Vec<Vec2>], segments: usize) -> Form {
    let mut form = Form::default();
    for stroke in strokes {
        let n = stroke.len();
        for i in 0..n {
            let d = stroke[(i + 1).min(n - 1)] - stroke[i.saturating_sub(1)];
            let normal = Vec2::new(d.y, -d.x).normalize_or(Vec2::Y);
            let p = Vec2::new(stroke[i].x.max(0.0), stroke[i].y);
            for s in 0..=segments {
                let (sin, cos) = (TAU * (s % segments) as f32 / segments as f32).sin_cos();
                form.positions.push(Vec3::new(p.x * cos, p.y, p.x * sin));
                form.normals.push(Vec3::new(normal.x * cos, normal.y, normal.x * sin));
            }
        }
        form.weave(n, segments + 1);
        // Rows climb and columns turn from x to z: seen from outside that is clockwise, so turn them round.
    }
    form.triangles.iter_mut().for_each(|t| t.swap(1, 2));
    orient(&mut form);
    form
}

/// Makes every triangle's winding agree with its vertices' normals.
fn orient(form: &mut Form) {
    for t in &mut form.triangles {
        let [a, b, c] = t.map(|i| form.positions[i as usize]);
        let n: Vec3 = t.iter().map(|i| form.normals[*i as usize]).sum();
        if (b - a).cross(c - a).dot(n) < 0.0 {
            t.swap(1, 2);
        }
    }
}

/// A tube along `path` with elliptic sections: `radii(t)` gives the half width across the path's plane and in it, t
/// from 0 to 1. The path lies in the plane z = 0.
pub fn tube(path: &[Vec2], radii: impl Fn(f32) -> [f32; 2], closed_ends: bool) -> Form {
    const AROUND: usize = 28;
    let mut form = Form::default();
    let n = path.len();
    for i in 0..n {
        let d = (path[(i + 1).min(n - 1)] - path[i.saturating_sub(1)]).normalize_or(Vec2::X);
        let side = Vec3::new(d.y, -d.x, 0.0);
        let [across, within] = radii(i as f32 / (n - 1).max(1) as f32);
        for s in 0..=AROUND {
            let (sin, cos) = (TAU * (s % AROUND) as f32 / AROUND as f32).sin_cos();
            form.positions.push(path[i].extend(0.0) + side * (within * cos) + Vec3::Z * (across * sin));
            form.normals.push((side * (cos * across) + Vec3::Z * (sin * within)).normalize_or(side));
        }
    }
    form.weave(n, AROUND + 1);
    if closed_ends && n > 1 {
        for (row, out) in [(0, path[0] - path[1]), (n - 1, path[n - 1] - path[n - 2])] {
            cap(&mut form, row * (AROUND + 1), AROUND, out.normalize_or(Vec2::X).extend(0.0));
        }
    }
    orient(&mut form);
    form
}

fn cap(form: &mut Form, first: usize, around: usize, normal: Vec3) {
    let ring: Vec<Vec3> = form.positions[first..=first + around].to_vec();
    let center = ring[..around].iter().copied().sum::<Vec3>() / around as f32;
    let base = form.positions.len() as u32;
    form.positions.push(center);
    form.positions.extend(&ring);
    form.normals.extend(std::iter::repeat_n(normal, ring.len() + 1));
    form.triangles.extend((0..around as u32).map(|i| [base, base + 1 + i, base + 2 + i]));
}

/// A box standing on y = 0 with edges rounded by `radius`.
pub fn rounded_box(size: Vec3, radius: f32) -> Form {
    // Each face is a grid that is dense in its rim, and every vertex is pushed to `radius` round the inner box.
    const RIM: usize = 6;
    let half = size / 2.0;
    let radius = radius.min(half.min_element() * 0.999).max(1e-3);
    let inner = half - Vec3::splat(radius);
    let mut form = Form::default();
    let steps: Vec<(f32, f32)> = (0..=RIM)
        .map(|i| (-1.0, -1.0 + i as f32 / RIM as f32))
        .chain((0..=RIM).map(|i| (1.0, i as f32 / RIM as f32)))
        .collect();
    for axis in 0..3 {
        for sign in [-1.0f32, 1.0] {
            let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
            for (bu, ou) in &steps {
                for (bv, ov) in &steps {
                    let mut base = Vec3::ZERO;
                    let mut out = Vec3::ZERO;
                    (base[axis], base[u], base[v]) = (sign * inner[axis], bu * inner[u], bv * inner[v]);
                    let tan = |o: f32| (o * std::f32::consts::FRAC_PI_4).tan();
                    (out[axis], out[u], out[v]) = (sign, tan(*ou), tan(*ov));
                    let normal = out.normalize();
                    form.positions.push(base + normal * radius + Vec3::Y * half.y);
                    form.normals.push(normal);
                }
            }
            form.weave(steps.len(), steps.len());
        }
    }
    orient(&mut form);
    form
}

/// A ring lying on y = 0.
pub fn torus(radius: f32, tube_radius: f32) -> Form {
    let section = (0..=48).map(|i| {
        let (sin, cos) = (TAU * i as f32 / 48.0 - TAU / 4.0).sin_cos();
        Vec2::new(radius + tube_radius * cos, tube_radius + tube_radius * sin)
    });
    lathe(&[section.collect()], 128)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six times the enclosed volume by the divergence theorem: positive when all triangles face outwards.
    fn volume(form: &Form) -> f32 {
        form.triangles
            .iter()
            .map(|t| {
                let [a, b, c] = t.map(|i| form.positions[i as usize]);
                a.dot(b.cross(c)) / 6.0
            })
            .sum()
    }

    #[test]
    fn solids_have_the_volume_of_their_formula() {
        let ball: Vec<Vec2> = (0..=64)
            .map(|i| {
                let (sin, cos) = (std::f32::consts::PI * i as f32 / 64.0).sin_cos();
                Vec2::new(2.0 * sin, 2.0 - 2.0 * cos)
            })
            .collect();
        assert!((volume(&lathe(&[ball], 96)) - 33.5).abs() < 0.2);
        assert!((volume(&torus(3.0, 1.0)) - 2.0 * 9.8696 * 3.0).abs() < 0.5);
        let cube = volume(&rounded_box(Vec3::new(2.0, 3.0, 4.0), 0.05));
        assert!((cube - 24.0).abs() < 0.2, "{cube}");
        let path = [Vec2::ZERO, Vec2::new(5.0, 0.0), Vec2::new(10.0, 0.0)];
        assert!((volume(&tube(&path, |_| [1.0, 1.0], true)) - 31.4).abs() < 0.5);
    }

    #[test]
    fn curves_pass_through_their_points() {
        let points = [[0.0, 0.0], [1.0, 0.5], [1.5, 3.0], [0.0, 4.0]];
        let c = curve(&points, 8);
        assert_eq!(c.len(), 25);
        for (i, p) in points.iter().enumerate() {
            assert!(c[i * 8].distance(Vec2::from(*p)) < 1e-5);
        }
    }

    #[test]
    fn bending_turns_the_normals_too() {
        let form = rounded_box(Vec3::splat(2.0), 0.1).bent(|p| Vec3::new(p.x + p.y, p.y, p.z));
        let side =
            form.positions.iter().zip(&form.normals).find(|(p, _)| (p.y - 1.0).abs() < 0.95 && p.x - p.y > 0.9999);
        let n = side.unwrap().1;
        assert!((n.x + n.y).abs() < 0.3 && n.x > 0.6, "{n}");
    }
}
