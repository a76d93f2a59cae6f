//! The bounding volume hierarchy: which triangle a ray meets first, and what lies between two points.
//!
//! Binned surface-area-heuristic build (Wald 2007) collapsed to four children a node, so that one pass of 4-wide
//! arithmetic tests four boxes or four triangles. Refuses to know materials: a caller's closure may let a triangle pass.

use glam::{BVec4A, Vec3, Vec4};

const BINS: usize = 16;
const LEAF: usize = 4;
const LEAF_BIT: u32 = 1 << 31;
const NONE: u32 = u32::MAX;
/// Below this depth nodes are halved, which ends within log4 of what is left; three open boxes a level fit the stack.
const SAH_DEPTH: u32 = 18;
const STACK: usize = 96;

/// A half-line, with what its box tests need worked out once.
#[derive(Clone, Copy)]
pub(super) struct Ray {
    pub(super) origin: Vec3,
    pub(super) direction: Vec3,
    inverse: Vec3,
}

impl Ray {
    #[inline]
    pub(super) fn new(origin: Vec3, direction: Vec3) -> Self {
        // An infinite inverse times a zero distance would be NaN on a box's own plane.
        let invert = |d: f32| if d.abs() < 1e-12 { 1e12f32.copysign(d) } else { 1.0 / d };
        let inverse = Vec3::new(invert(direction.x), invert(direction.y), invert(direction.z));
        Self { origin, direction, inverse }
    }

    #[inline]
    pub(super) fn at(&self, distance: f32) -> Vec3 {
        self.origin + self.direction * distance
    }
}

/// Where a ray meets a triangle: `p = (1 - u - v) p0 + u p1 + v p2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) distance: f32,
    pub(super) triangle: u32,
    pub(super) u: f32,
    pub(super) v: f32,
}

/// Four boxes: lower x, y, z then upper x, y, z, one lane a child.
struct Node {
    bounds: [Vec4; 6],
    children: [u32; 4],
}

/// Four triangles as a corner and two edges, one lane each; empty lanes have no area.
struct Leaf {
    corner: [Vec4; 3],
    edge1: [Vec4; 3],
    edge2: [Vec4; 3],
    ids: [u32; 4],
}

/// The hierarchy over one world's triangles.
pub(super) struct Bvh {
    nodes: Vec<Node>,
    leaves: Vec<Leaf>,
    root: u32,
}

#[derive(Clone, Copy)]
struct Bounds {
    lower: Vec3,
    upper: Vec3,
}

impl Bounds {
    const EMPTY: Self = Self { lower: Vec3::INFINITY, upper: Vec3::NEG_INFINITY };

    fn join(self, other: Self) -> Self {
        Self { lower: self.lower.min(other.lower), upper: self.upper.max(other.upper) }
    }

    fn half_area(self) -> f32 {
        let size = (self.upper - self.lower).max(Vec3::ZERO);
        size.x * size.y + size.y * size.z + size.z * size.x
    }
}

struct Item {
    bounds: Bounds,
    center: Vec3,
    id: u32,
}

/// Builds bottom-up from a range of items: a leaf, or a node of up to four parts.
struct Builder<'a> {
    triangles: &'a [[Vec3; 3]],
    nodes: Vec<Node>,
    leaves: Vec<Leaf>,
}

impl Bvh {
    /// Builds over triangles given by their corners, all finite.
    pub(super) fn build(triangles: &[[Vec3; 3]]) -> Self {
        let mut items: Vec<Item> = triangles
            .iter()
            .enumerate()
            .map(|(id, t)| {
                let bounds = Bounds { lower: t[0].min(t[1]).min(t[2]), upper: t[0].max(t[1]).max(t[2]) };
                Item { bounds, center: (bounds.lower + bounds.upper) * 0.5, id: id as u32 }
            })
            .collect();
        let mut builder = Builder { triangles, nodes: Vec::new(), leaves: Vec::new() };
        let root = if items.is_empty() { NONE } else { builder.subtree(&mut items, 0) };
        Self { nodes: builder.nodes, leaves: builder.leaves, root }
    }

    /// The nearest triangle nearer than `limit`, or none.
    pub(super) fn nearest(&self, ray: &Ray, limit: f32) -> Option<Hit> {
        let mut best = Hit { distance: limit, triangle: NONE, u: 0.0, v: 0.0 };
        self.visit(ray, limit, |hit| {
            if hit.distance < best.distance {
                best = hit;
            }
            Some(best.distance)
        });
        (best.triangle != NONE).then_some(best)
    }

    /// Whether some triangle nearer than `limit` that `blocks` says yes to is in the way; each is asked about once.
    pub(super) fn occluded(&self, ray: &Ray, limit: f32, mut blocks: impl FnMut(Hit) -> bool) -> bool {
        let mut blocked = false;
        self.visit(ray, limit, |hit| {
            blocked |= blocks(hit);
            (!blocked).then_some(limit)
        });
        blocked
    }

    /// Calls `found` for triangles along the ray, nearer boxes first; it returns the new limit, or `None` to stop.
    #[inline]
    fn visit(&self, ray: &Ray, mut limit: f32, mut found: impl FnMut(Hit) -> Option<f32>) {
        let mut stack = [(0u32, 0.0f32); STACK];
        let mut depth = 0;
        let (near, far) = slab_order(ray.direction);
        let inverse = [Vec4::splat(ray.inverse.x), Vec4::splat(ray.inverse.y), Vec4::splat(ray.inverse.z)];
        let origin = [Vec4::splat(ray.origin.x), Vec4::splat(ray.origin.y), Vec4::splat(ray.origin.z)];
        if self.root == NONE {
            return;
        }
        stack[0] = (self.root, 0.0);
        depth += 1;
        while depth > 0 {
            depth -= 1;
            let (at, entry) = stack[depth];
            if entry >= limit {
                continue;
            }
            if at & LEAF_BIT != 0 {
                match self.leaves[(at & !LEAF_BIT) as usize].visit(ray, limit, &mut found) {
                    Some(new) => limit = new,
                    None => return,
                }
                continue;
            }
            let node = &self.nodes[at as usize];
            let slab = |i: usize, axis: usize| (node.bounds[i] - origin[axis]) * inverse[axis];
            let enter = slab(near[0], 0).max(slab(near[1], 1)).max(slab(near[2], 2)).max(Vec4::ZERO);
            let leave = slab(far[0], 0).min(slab(far[1], 1)).min(slab(far[2], 2)).min(Vec4::splat(limit));
            // Two ulps of slack each side keep rays that graze a box from slipping between neighbours.
            let mut mask = enter.cmple(leave * 1.000_000_5).bitmask();
            let enter = enter.to_array();
            let first = depth;
            while mask != 0 {
                let lane = mask.trailing_zeros() as usize;
                mask &= mask - 1;
                if node.children[lane] == NONE {
                    continue;
                }
                // Insertion sort, farthest at the bottom: the next pop is the nearest box.
                let mut place = depth;
                while place > first && stack[place - 1].1 < enter[lane] {
                    stack[place] = stack[place - 1];
                    place -= 1;
                }
                stack[place] = (node.children[lane], enter[lane]);
                depth += 1;
            }
        }
    }
}

#[inline]
fn slab_order(direction: Vec3) -> ([usize; 3], [usize; 3]) {
    let pick = |d: f32, axis: usize| if d < 0.0 { (axis + 3, axis) } else { (axis, axis + 3) };
    let (x, y, z) = (pick(direction.x, 0), pick(direction.y, 1), pick(direction.z, 2));
    ([x.0, y.0, z.0], [x.1, y.1, z.1])
}

impl Leaf {
    /// Möller and Trumbore (1997), four triangles at a time.
    #[inline]
    fn visit(&self, ray: &Ray, mut limit: f32, found: &mut impl FnMut(Hit) -> Option<f32>) -> Option<f32> {
        let d = [Vec4::splat(ray.direction.x), Vec4::splat(ray.direction.y), Vec4::splat(ray.direction.z)];
        let o = [Vec4::splat(ray.origin.x), Vec4::splat(ray.origin.y), Vec4::splat(ray.origin.z)];
        let p = cross(&d, &self.edge2);
        let det = dot(&self.edge1, &p);
        let inverse = det.recip();
        let s = [o[0] - self.corner[0], o[1] - self.corner[1], o[2] - self.corner[2]];
        let u = dot(&s, &p) * inverse;
        let q = cross(&s, &self.edge1);
        let v = dot(&d, &q) * inverse;
        let t = dot(&self.edge2, &q) * inverse;
        // A hair of overlap closes the seams between neighbours; NaN lanes compare false.
        let slack = Vec4::splat(-1e-6);
        let inside: BVec4A = u.cmpge(slack) & v.cmpge(slack) & (u + v).cmple(Vec4::splat(1.000_001));
        let mut mask = (inside & t.cmpgt(Vec4::ZERO) & t.cmplt(Vec4::splat(limit)) & det.cmpne(Vec4::ZERO)).bitmask();
        if mask == 0 {
            return Some(limit);
        }
        let (t, u, v) = (t.to_array(), u.to_array(), v.to_array());
        while mask != 0 {
            let lane = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            if t[lane] < limit {
                limit = found(Hit { distance: t[lane], triangle: self.ids[lane], u: u[lane], v: v[lane] })?;
            }
        }
        Some(limit)
    }
}

#[inline]
fn cross(a: &[Vec4; 3], b: &[Vec4; 3]) -> [Vec4; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[inline]
fn dot(a: &[Vec4; 3], b: &[Vec4; 3]) -> Vec4 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

impl Builder<'_> {
    fn subtree(&mut self, items: &mut [Item], depth: u32) -> u32 {
        if items.len() <= LEAF {
            return self.leaf(items);
        }
        // Two levels of binary splits make one node of four.
        let cut = if depth < SAH_DEPTH { split } else { halve };
        let middle = cut(items);
        let (left, right) = items.split_at_mut(middle);
        let mut parts: Vec<&mut [Item]> = Vec::with_capacity(4);
        for half in [left, right] {
            if half.len() > LEAF {
                let middle = cut(half);
                let (a, b) = half.split_at_mut(middle);
                parts.push(a);
                parts.push(b);
            } else {
                parts.push(half);
            }
        }
        let mut lanes = [Bounds::EMPTY; 4];
        let mut children = [NONE; 4];
        for (i, part) in parts.into_iter().enumerate() {
            lanes[i] = part.iter().fold(Bounds::EMPTY, |all, item| all.join(item.bounds));
            children[i] = self.subtree(part, depth + 1);
        }
        let lower = |axis: usize| Vec4::from_array(lanes.map(|b| b.lower[axis]));
        let upper = |axis: usize| Vec4::from_array(lanes.map(|b| b.upper[axis]));
        let bounds = [lower(0), lower(1), lower(2), upper(0), upper(1), upper(2)];
        self.nodes.push(Node { bounds, children });
        self.nodes.len() as u32 - 1
    }

    fn leaf(&mut self, items: &[Item]) -> u32 {
        let mut corner = [[0.0f32; 4]; 3];
        let mut edge1 = corner;
        let mut edge2 = corner;
        let mut ids = [NONE; 4];
        for (lane, item) in items.iter().enumerate() {
            let [a, b, c] = self.triangles[item.id as usize];
            ids[lane] = item.id;
            for axis in 0..3 {
                corner[axis][lane] = a[axis];
                edge1[axis][lane] = b[axis] - a[axis];
                edge2[axis][lane] = c[axis] - a[axis];
            }
        }
        let pack = |rows: [[f32; 4]; 3]| rows.map(Vec4::from_array);
        self.leaves.push(Leaf { corner: pack(corner), edge1: pack(edge1), edge2: pack(edge2), ids });
        (self.leaves.len() as u32 - 1) | LEAF_BIT
    }
}

/// Orders `items` so that the cheapest split by the surface-area heuristic is at the returned index, never at an end.
fn split(items: &mut [Item]) -> usize {
    let mut centers = Bounds::EMPTY;
    for item in items.iter() {
        centers = centers.join(Bounds { lower: item.center, upper: item.center });
    }
    let size = centers.upper - centers.lower;
    let mut best = (f32::INFINITY, 0, 0);
    for axis in 0..3 {
        if size[axis] <= 0.0 {
            continue;
        }
        let mut bins = [(Bounds::EMPTY, 0usize); BINS];
        for item in items.iter() {
            let bin = &mut bins[bin_of(item.center[axis], centers.lower[axis], size[axis])];
            *bin = (bin.0.join(item.bounds), bin.1 + 1);
        }
        let mut right_cost = [0.0f32; BINS];
        let mut right = (Bounds::EMPTY, 0usize);
        for i in (1..BINS).rev() {
            right = (right.0.join(bins[i].0), right.1 + bins[i].1);
            right_cost[i] = if right.1 == 0 { f32::INFINITY } else { right.0.half_area() * right.1 as f32 };
        }
        let mut left = (Bounds::EMPTY, 0usize);
        for i in 1..BINS {
            left = (left.0.join(bins[i - 1].0), left.1 + bins[i - 1].1);
            let cost = left.0.half_area() * left.1 as f32 + right_cost[i];
            if left.1 > 0 && cost < best.0 {
                best = (cost, axis, i);
            }
        }
    }
    let (cost, axis, bin) = best;
    let mut middle = 0;
    if cost.is_finite() {
        for i in 0..items.len() {
            if bin_of(items[i].center[axis], centers.lower[axis], size[axis]) < bin {
                items.swap(i, middle);
                middle += 1;
            }
        }
    }
    // All centres in one place: any halving is as good, and keeps the tree shallow.
    if middle == 0 || middle == items.len() { items.len() / 2 } else { middle }
}

/// Halves what no longer splits well.
fn halve(items: &mut [Item]) -> usize {
    items.len() / 2
}

fn bin_of(center: f32, lower: f32, size: f32) -> usize {
    (((center - lower) / size * BINS as f32) as usize).min(BINS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::scene::trace::sampler::{hash, to_unit};

    fn random_vec(state: &mut u32) -> Vec3 {
        let mut next = || {
            *state = state.wrapping_add(0x9e37_79b9);
            to_unit(hash(*state)) * 2.0 - 1.0
        };
        Vec3::new(next(), next(), next())
    }

    fn soup(n: usize, size: f32, state: &mut u32) -> Vec<[Vec3; 3]> {
        (0..n)
            .map(|_| {
                let c = random_vec(state) * 10.0;
                [c, c + random_vec(state) * size, c + random_vec(state) * size]
            })
            .collect()
    }

    fn brute_force(triangles: &[[Vec3; 3]], ray: &Ray) -> Option<(u32, f64)> {
        let mut best: Option<(u32, f64)> = None;
        for (id, [a, b, c]) in triangles.iter().enumerate() {
            let (a, b, c) = (a.as_dvec3(), b.as_dvec3(), c.as_dvec3());
            let (o, d) = (ray.origin.as_dvec3(), ray.direction.as_dvec3());
            let n = (b - a).cross(c - a);
            let t = (a - o).dot(n) / d.dot(n);
            let p = o + d * t;
            let inside = [(a, b), (b, c), (c, a)].iter().all(|(s, e)| (*e - *s).cross(p - *s).dot(n) >= 0.0);
            if t > 0.0 && inside && best.is_none_or(|(_, nearest)| t < nearest) {
                best = Some((id as u32, t));
            }
        }
        best
    }

    #[test]
    fn finds_what_brute_force_finds() {
        let mut state = 1;
        for (n, size) in [(1, 8.0), (5, 8.0), (37, 6.0), (900, 2.0)] {
            let triangles = soup(n, size, &mut state);
            let bvh = Bvh::build(&triangles);
            let (mut hits, mut differ) = (0, 0);
            for _ in 0..1500 {
                let origin = random_vec(&mut state) * 20.0;
                let ray = Ray::new(origin, (random_vec(&mut state) * 8.0 - origin).normalize());
                let found = bvh.nearest(&ray, f32::INFINITY).map(|h| h.triangle);
                let expected = brute_force(&triangles, &ray);
                hits += u32::from(expected.is_some());
                // Rays through the very edge of a triangle may go either way in single precision.
                differ += u32::from(found != expected.map(|e| e.0));
                let blocked = bvh.occluded(&ray, f32::INFINITY, |_| true);
                assert_eq!(blocked, found.is_some());
            }
            assert!(hits > 5, "{n} triangles: only {hits} hits");
            assert!(differ <= 2, "{n} triangles: {differ} of 1500 differ");
        }
    }

    #[test]
    fn a_filter_is_asked_about_every_triangle_once() {
        let triangles: Vec<[Vec3; 3]> = (1..=50)
            .map(|i| {
                let z = i as f32;
                [Vec3::new(-1.0, -1.0, z), Vec3::new(3.0, -1.0, z), Vec3::new(-1.0, 3.0, z)]
            })
            .collect();
        let bvh = Bvh::build(&triangles);
        let mut seen = Vec::new();
        let ray = Ray::new(Vec3::ZERO, Vec3::Z);
        assert!(!bvh.occluded(&ray, 30.5, |hit| {
            seen.push(hit.triangle);
            false
        }));
        seen.sort_unstable();
        assert_eq!(seen, (0..30).collect::<Vec<u32>>());
    }

    #[test]
    fn identical_triangles_and_axis_rays_are_fine() {
        let one = [Vec3::new(-1.0, 0.0, -1.0), Vec3::new(3.0, 0.0, -1.0), Vec3::new(-1.0, 0.0, 3.0)];
        let bvh = Bvh::build(&vec![one; 3000]);
        let down = Ray::new(Vec3::new(0.0, 5.0, 0.0), Vec3::NEG_Y);
        assert!((bvh.nearest(&down, 100.0).unwrap().distance - 5.0).abs() < 1e-5);
        assert!(bvh.nearest(&Ray::new(Vec3::new(0.0, 5.0, 0.0), Vec3::X), 100.0).is_none());
        assert!(Bvh::build(&[]).nearest(&down, 100.0).is_none());
    }
}
