//! Simple solids for staging and for tests: planes, spheres, turned profiles, rounded boxes, a cyclorama.
//!
//! Every builder gives smooth normals, uvs and triangles that are counter-clockwise from outside. Lengths in cm.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use glam::{Vec2, Vec3};

use super::world::Mesh;

/// A horizontal rectangle that faces up, its middle at `center`.
pub fn plane(center: Vec3, width: f32, depth: f32, material: usize) -> Mesh {
    quad(center, Vec3::X * width * 0.5, Vec3::NEG_Z * depth * 0.5, material)
}

/// A parallelogram that faces `half_u x half_v`.
pub fn quad(center: Vec3, half_u: Vec3, half_v: Vec3, material: usize) -> Mesh {
    let normal = half_u.cross(half_v).normalize_or(Vec3::Y);
    Mesh {
        positions: vec![
            center - half_u - half_v,
            center + half_u - half_v,
            center + half_u + half_v,
            center - half_u + half_v,
        ],
        normals: vec![normal; 4],
        uvs: vec![Vec2::ZERO, Vec2::X, Vec2::ONE, Vec2::Y],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        material,
    }
}

/// A sphere of `2 * segments` by `segments` faces.
pub fn sphere(center: Vec3, radius: f32, segments: u32, material: usize) -> Mesh {
    let rows = segments.max(3);
    let profile: Vec<Vec2> = (0..=rows)
        .map(|i| {
            let angle = -FRAC_PI_2 + PI * i as f32 / rows as f32;
            Vec2::new(angle.cos().max(0.0), angle.sin()) * radius
        })
        .collect();
    let mut mesh = lathe(&profile, rows * 2, material);
    for (position, normal) in mesh.positions.iter_mut().zip(&mut mesh.normals) {
        *normal = position.normalize_or(Vec3::Y);
        *position += center;
    }
    mesh
}

/// Turns a profile of (radius, height) points, bottom to top on the outside, about the Y axis. A profile may run up
/// the outside and down the inside, as a cup's does; a repeated point makes a crease.
pub fn lathe(profile: &[Vec2], segments: u32, material: usize) -> Mesh {
    let segments = segments.max(3);
    let normals = profile_normals(profile);
    let mut mesh = Mesh { material, ..Mesh::default() };
    let total: f32 = profile.windows(2).map(|p| p[0].distance(p[1])).sum::<f32>().max(1e-6);
    let mut along = 0.0;
    for (i, point) in profile.iter().enumerate() {
        along += if i > 0 { point.distance(profile[i - 1]) } else { 0.0 };
        for s in 0..=segments {
            let (sin, cos) = (TAU * s as f32 / segments as f32).sin_cos();
            mesh.positions.push(Vec3::new(point.x * cos, point.y, -point.x * sin));
            mesh.normals.push(Vec3::new(normals[i].x * cos, normals[i].y, -normals[i].x * sin));
            mesh.uvs.push(Vec2::new(s as f32 / segments as f32, along / total));
        }
    }
    let row = segments + 1;
    for i in 1..profile.len() as u32 {
        for s in 0..segments {
            let (a, b) = ((i - 1) * row + s, i * row + s);
            mesh.triangles.push([a, a + 1, b + 1]);
            mesh.triangles.push([a, b + 1, b]);
        }
    }
    mesh
}

/// Normals of a profile in its plane: the mean of both neighbouring segments', or one's own at a crease.
fn profile_normals(profile: &[Vec2]) -> Vec<Vec2> {
    let side = |a: Vec2, b: Vec2| Vec2::new(b.y - a.y, a.x - b.x).normalize_or_zero();
    (0..profile.len())
        .map(|i| {
            let before = if i > 0 { side(profile[i - 1], profile[i]) } else { Vec2::ZERO };
            let after = profile.get(i + 1).map_or(Vec2::ZERO, |next| side(profile[i], *next));
            (before + after).normalize_or(Vec2::X)
        })
        .collect()
}

/// A box with rounded edges that stands on `base` (the middle of its underside). `radius` is cut to half the
/// shortest side.
pub fn rounded_box(base: Vec3, size: Vec3, radius: f32, material: usize) -> Mesh {
    let half = size * 0.5;
    let radius = radius.clamp(1e-4, half.min_element());
    let inner = half - Vec3::splat(radius);
    let center = base + Vec3::Y * half.y;
    let mut mesh = Mesh { material, ..Mesh::default() };
    // Steps across a face: the round corner, the flat middle, the round corner, as an angle and a side.
    let round = 4;
    let mut steps: Vec<(f32, f32)> = Vec::new();
    for i in 0..=round {
        steps.push((-1.0, (i as f32 / round as f32 - 1.0) * PI * 0.25));
    }
    for i in 0..=round {
        steps.push((1.0, i as f32 / round as f32 * PI * 0.25));
    }
    for axis in 0..3 {
        for sign in [-1.0f32, 1.0] {
            let first = mesh.positions.len() as u32;
            let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
            for (side_v, angle_v) in &steps {
                for (side_u, angle_u) in &steps {
                    let mut normal = Vec3::ZERO;
                    normal[axis] = sign;
                    normal[u] = angle_u.tan();
                    normal[v] = angle_v.tan();
                    let normal = normal.normalize();
                    let mut core = Vec3::ZERO;
                    core[axis] = sign * inner[axis];
                    core[u] = side_u * inner[u];
                    core[v] = side_v * inner[v];
                    mesh.positions.push(center + core + normal * radius);
                    mesh.normals.push(normal);
                    mesh.uvs.push(Vec2::new(side_u * 0.5 + 0.5, side_v * 0.5 + 0.5));
                }
            }
            let n = steps.len() as u32;
            for j in 1..n {
                for i in 1..n {
                    let (a, b) = (first + (j - 1) * n + i - 1, first + j * n + i - 1);
                    let faces = [[a, a + 1, b + 1], [a, b + 1, b]];
                    mesh.triangles.extend(faces.map(|[p, q, r]| if sign > 0.0 { [p, q, r] } else { [p, r, q] }));
                }
            }
        }
    }
    mesh
}

/// A seamless studio backdrop: floor, a quarter circle of `radius`, then a wall behind. The floor is at height 0,
/// `front` reaches towards +z (the camera's side) and the wall stands at `-back`.
pub fn cyclorama(front: f32, back: f32, height: f32, radius: f32, material: usize) -> Mesh {
    let width = (front + back) * 2.0;
    let radius = radius.clamp(1.0, back.min(height).max(1.0));
    let mut profile = vec![(Vec3::new(0.0, 0.0, front), Vec3::Y)];
    for i in 0..=24 {
        let angle = FRAC_PI_2 * i as f32 / 24.0;
        let center = Vec3::new(0.0, radius, radius - back);
        let outward = Vec3::new(0.0, -angle.cos(), -angle.sin());
        profile.push((center + outward * radius, -outward));
    }
    profile.push((Vec3::new(0.0, height.max(radius + 1.0), -back), Vec3::Z));
    let mut mesh = Mesh { material, ..Mesh::default() };
    for (i, (position, normal)) in profile.iter().enumerate() {
        for (side, u) in [(-0.5, 0.0), (0.5, 1.0)] {
            mesh.positions.push(*position + Vec3::X * width * side);
            mesh.normals.push(*normal);
            mesh.uvs.push(Vec2::new(u, i as f32 / (profile.len() - 1) as f32));
        }
    }
    for i in 1..profile.len() as u32 {
        let a = (i - 1) * 2;
        mesh.triangles.push([a, a + 1, a + 3]);
        mesh.triangles.push([a, a + 3, a + 2]);
    }
    mesh
}

/// A plain cup without a handle, `height` tall, standing on the origin: outside, rim, inside.
pub fn cup(height: f32, material: usize) -> Mesh {
    let points = [
        (0.0, 0.0),
        (0.27, 0.0),
        (0.29, 0.01),
        (0.30, 0.03),
        (0.305, 0.06),
        (0.36, 0.12),
        (0.41, 0.25),
        (0.44, 0.45),
        (0.46, 0.70),
        (0.47, 0.97),
        (0.465, 0.99),
        (0.455, 1.0),
        (0.44, 0.995),
        (0.432, 0.98),
        (0.42, 0.70),
        (0.40, 0.45),
        (0.37, 0.27),
        (0.31, 0.14),
        (0.20, 0.085),
        (0.0, 0.075),
    ];
    let profile: Vec<Vec2> = points.iter().map(|(r, y)| Vec2::new(*r, *y) * height).collect();
    lathe(&profile, 64, material)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes() -> Vec<(&'static str, Mesh)> {
        vec![
            ("plane", plane(Vec3::ZERO, 10.0, 4.0, 0)),
            ("sphere", sphere(Vec3::new(1.0, 2.0, 3.0), 2.0, 16, 0)),
            ("cup", cup(9.0, 0)),
            ("box", rounded_box(Vec3::ZERO, Vec3::new(4.0, 2.0, 3.0), 0.3, 0)),
            ("cyclorama", cyclorama(100.0, 100.0, 200.0, 60.0, 0)),
        ]
    }

    #[test]
    fn faces_agree_with_their_normals() {
        for (name, mesh) in shapes() {
            assert_eq!(mesh.positions.len(), mesh.normals.len());
            assert_eq!(mesh.positions.len(), mesh.uvs.len());
            for triangle in &mesh.triangles {
                let [a, b, c] = triangle.map(|i| mesh.positions[i as usize]);
                let face = (b - a).cross(c - a);
                if face.length() > 1e-6 {
                    let mean: Vec3 = triangle.iter().map(|i| mesh.normals[*i as usize]).sum();
                    assert!(face.dot(mean) > 0.0, "{name}: a face looks inwards");
                }
            }
        }
    }

    #[test]
    fn volumes_are_what_geometry_says() {
        let volume = |mesh: &Mesh| -> f32 {
            let corner = |i: u32| mesh.positions[i as usize];
            mesh.triangles.iter().map(|t| corner(t[0]).dot(corner(t[1]).cross(corner(t[2]))) / 6.0).sum()
        };
        let ball = volume(&sphere(Vec3::ZERO, 2.0, 64, 0));
        assert!((ball - 33.51).abs() < 0.15, "{ball}");
        let brick = volume(&rounded_box(Vec3::ZERO, Vec3::new(4.0, 2.0, 3.0), 0.01, 0));
        assert!((brick - 24.0).abs() < 0.05, "{brick}");
    }
}
