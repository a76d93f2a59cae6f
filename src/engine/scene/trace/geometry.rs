//! A world made ready for rays: sound triangles in a hierarchy, and what a surface is like where a ray meets it.
//!
//! Owns the clean-up of bad input (triangles without area or with numbers that are none, indices out of range) and the
//! look-up of textures and patterns. Refuses to scatter light.

use std::sync::LazyLock;

use glam::{Vec2, Vec3};

use super::{
    bsdf::{Frame, Shading},
    bvh::{Bvh, Hit, Ray},
    pattern::{Look, PLAIN, Spot, look, mean},
    world::{Material, Mesh, Pattern, Texture, World},
};

struct Triangle {
    positions: [Vec3; 3],
    normals: [Vec3; 3],
    uvs: [Vec2; 3],
    material: u32,
}

/// All triangles of a world.
pub(super) struct Geometry<'a> {
    bvh: Bvh,
    triangles: Vec<Triangle>,
    world: &'a World,
    fallback: Material,
    /// What each material's pattern comes to as a whole.
    means: Vec<Look>,
}

/// How closely a surface is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Its pattern with its relief.
    Fine,
    /// Its pattern without relief.
    Flat,
    /// What its pattern comes to as a whole.
    Mean,
}

/// A surface where a ray met it.
pub(super) struct Point {
    pub(super) position: Vec3,
    /// The position lifted onto the rounded surface that the normals suggest: where shadow rays start (Hanika, "Hacking
    /// the Shadow Terminator", 2021).
    pub(super) lifted: Vec3,
    /// The flat normal, on the side of the ray.
    pub(super) geometric: Vec3,
    /// Whether the ray came from outside.
    pub(super) front: bool,
    pub(super) frame: Frame,
    pub(super) shading: Shading,
    /// Index of its material.
    pub(super) material: u32,
    pub(super) emission: Vec3,
    pub(super) absorption: Vec3,
}

static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let c = i as f32 / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
});

impl<'a> Geometry<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        let mut triangles = Vec::new();
        for mesh in &world.meshes {
            add_mesh(mesh, &mut triangles);
        }
        let corners: Vec<[Vec3; 3]> = triangles.iter().map(|t: &Triangle| t.positions).collect();
        let means = world.materials.iter().map(|m| mean(m.pattern)).collect();
        Self { bvh: Bvh::build(&corners), triangles, world, fallback: Material::default(), means }
    }

    pub(super) fn nearest(&self, ray: &Ray, limit: f32) -> Option<Hit> {
        self.bvh.nearest(ray, limit)
    }

    fn material(&self, triangle: &Triangle) -> &Material {
        self.world.materials.get(triangle.material as usize).unwrap_or(&self.fallback)
    }

    fn texture(&self, index: Option<usize>) -> Option<&Texture> {
        index.and_then(|i| self.world.textures.get(i)).filter(|t| !t.rgba.is_empty())
    }

    /// How much of the surface is there, 0 to 1.
    pub(super) fn coverage(&self, hit: &Hit) -> f32 {
        let triangle = &self.triangles[hit.triangle as usize];
        let material = self.material(triangle);
        if material.opacity >= 1.0 && material.base_texture.is_none() && material.opacity_texture.is_none() {
            return 1.0;
        }
        let uv = triangle.uv(hit);
        let mut coverage = material.opacity.clamp(0.0, 1.0);
        if let Some(texture) = self.texture(material.base_texture) {
            coverage *= look_up(texture, uv)[3];
        }
        if let Some(texture) = self.texture(material.opacity_texture) {
            let [r, g, b, a] = look_up(texture, uv);
            coverage *= a * (r + g + b) / 3.0;
        }
        coverage
    }

    /// What is left of light on its way along `ray` up to `limit`, zero behind anything opaque.
    pub(super) fn transmittance(&self, ray: &Ray, limit: f32) -> Vec3 {
        let mut left = Vec3::ONE;
        let blocked = self.bvh.occluded(ray, limit, |hit| {
            let triangle = &self.triangles[hit.triangle as usize];
            let material = self.material(triangle);
            let coverage = self.coverage(&hit);
            let mut through = Vec3::splat(1.0 - coverage);
            if coverage > 0.0 && material.transmission > 0.0 {
                let cosine = triangle.face_normal().dot(ray.direction).abs();
                through += coverage * super::bsdf::Bsdf::straight_transmittance(&plain_shading(material), cosine);
            }
            left *= through;
            left.max_element() < 1e-3
        });
        if blocked { Vec3::ZERO } else { left }
    }

    /// Looks a surface up. `footprint` is how many cm of it the ray covers.
    pub(super) fn point(&self, ray: &Ray, hit: &Hit, footprint: f32, detail: Detail) -> Point {
        let triangle = &self.triangles[hit.triangle as usize];
        let material = self.material(triangle);
        let face = triangle.face_normal();
        let front = face.dot(ray.direction) < 0.0;
        let geometric = if front { face } else { -face };
        let weights = [1.0 - hit.u - hit.v, hit.u, hit.v];
        let position = Triangle::blend(triangle.positions, weights);
        let smooth = Triangle::blend(triangle.normals, weights).normalize_or(face);
        // Models disagree about which side normals point to; the ray's side is the one that counts.
        let normal = if smooth.dot(geometric) < 0.0 { -smooth } else { smooth };
        let lifted = triangle.lift(position, weights, geometric);
        // Seen at a slant a ray covers more of the surface.
        let footprint = footprint / geometric.dot(-ray.direction).max(0.2);
        let (mut frame, mut look) = apply_pattern(material, position, normal, geometric, (footprint, detail));
        if detail == Detail::Mean {
            look = self.means.get(triangle.material as usize).copied().unwrap_or(PLAIN);
        }
        frame = face_viewer(frame, -ray.direction);
        let mut shading = plain_shading(material);
        if let Some(texture) = self.texture(material.base_texture) {
            let [r, g, b, _] = look_up(texture, triangle.uv(hit));
            shading.color *= Vec3::new(r, g, b);
        }
        if material.pattern != Pattern::None {
            shading.color = shading.color.lerp(material.second_color, look.mix) * look.shade;
            shading.roughness = (shading.roughness + look.roughness).clamp(0.02, 1.0);
            if material.pattern == Pattern::Ice {
                // Air scatters what the clear part lets through.
                shading.roughness = material.roughness;
                shading.transmission *= 1.0 - look.mix;
            }
        }
        Point {
            position,
            lifted,
            geometric,
            front,
            frame,
            shading,
            material: triangle.material,
            emission: material.emission,
            absorption: if material.transmission > 0.0 && !material.thin { material.absorption } else { Vec3::ZERO },
        }
    }
}

fn plain_shading(m: &Material) -> Shading {
    Shading {
        color: m.base_color,
        metallic: m.metallic,
        roughness: m.roughness.clamp(0.0, 1.0),
        anisotropy: m.anisotropy,
        specular: m.specular,
        clearcoat: m.clearcoat.clamp(0.0, 1.0),
        clearcoat_roughness: m.clearcoat_roughness.clamp(0.0, 1.0),
        sheen: m.sheen,
        transmission: m.transmission.clamp(0.0, 1.0),
        ior: m.ior.clamp(1.0001, 4.0),
        thin: m.thin,
    }
}

/// The frame at a point, its normal tilted by the pattern's relief, and what the pattern looks like there.
fn apply_pattern(
    material: &Material,
    position: Vec3,
    normal: Vec3,
    geometric: Vec3,
    (footprint, detail): (f32, Detail),
) -> (Frame, Look) {
    // Flat patterns are laid on by the axis that the face looks along most.
    let size = geometric.abs();
    let (axis, default) = if size.y >= size.x && size.y >= size.z {
        (Vec3::Y, Vec3::X)
    } else if size.x > size.z {
        (Vec3::X, Vec3::NEG_Z)
    } else {
        (Vec3::Z, Vec3::X)
    };
    let wanted = if material.tangent == Vec3::ZERO { default } else { material.tangent };
    let sheet = Frame::new(axis, wanted);
    let frame = Frame::new(normal, sheet.x);
    if material.pattern == Pattern::None || detail == Detail::Mean {
        return (frame, PLAIN);
    }
    let scale = if material.pattern_scale > 1e-4 { material.pattern_scale } else { 1.0 };
    let solid = if material.tangent == Vec3::ZERO { None } else { Some(Frame::new(Vec3::Y, material.tangent)) };
    let place = |p: Vec3| {
        // A block of wood or stone is cut, not wrapped: its grain runs through, turned with the tangent.
        let body = solid.map_or(p, |f| Vec3::new(p.dot(f.x), p.dot(f.z), p.dot(f.y)));
        (body, Vec2::new(p.dot(sheet.x), p.dot(sheet.y)))
    };
    let (body, plane) = place(position / scale);
    let here = look(material.pattern, Spot { position: body, plane, footprint: footprint / scale });
    let flat = here.rise == Vec3::ZERO && here.tilt == Vec2::ZERO;
    if flat || detail != Detail::Fine || material.relief <= 0.0 {
        return (frame, here);
    }
    let slope = |direction: Vec3| {
        let (body, plane) = place(direction);
        ((here.rise.dot(body) + here.tilt.dot(plane)) * material.relief).clamp(-2.0, 2.0)
    };
    let tilted = (frame.z - frame.x * slope(frame.x) - frame.y * slope(frame.y)).normalize_or(frame.z);
    (Frame::new(tilted, frame.x), here)
}

/// Turns a frame just far enough that the viewer is above its horizon.
fn face_viewer(frame: Frame, viewer: Vec3) -> Frame {
    const LEAST: f32 = 0.03;
    let cosine = frame.z.dot(viewer);
    if cosine >= LEAST {
        return frame;
    }
    let normal = (frame.z + viewer * (LEAST - cosine)).normalize_or(frame.z);
    Frame::new(normal, frame.x)
}

impl Triangle {
    fn face_normal(&self) -> Vec3 {
        let [a, b, c] = self.positions;
        (b - a).cross(c - a).normalize_or(Vec3::Y)
    }

    fn blend(corners: [Vec3; 3], weights: [f32; 3]) -> Vec3 {
        corners[0] * weights[0] + corners[1] * weights[1] + corners[2] * weights[2]
    }

    fn uv(&self, hit: &Hit) -> Vec2 {
        self.uvs[0] * (1.0 - hit.u - hit.v) + self.uvs[1] * hit.u + self.uvs[2] * hit.v
    }

    fn lift(&self, position: Vec3, weights: [f32; 3], side: Vec3) -> Vec3 {
        let mut lifted = position;
        for (k, weight) in weights.into_iter().enumerate() {
            let n = if self.normals[k].dot(side) < 0.0 { -self.normals[k] } else { self.normals[k] };
            let below = (position - self.positions[k]).dot(n).min(0.0);
            lifted -= n * (below * weight);
        }
        lifted
    }
}

fn add_mesh(mesh: &Mesh, triangles: &mut Vec<Triangle>) {
    for indices in &mesh.triangles {
        let ids = indices.map(|i| i as usize);
        if ids.iter().any(|i| *i >= mesh.positions.len()) {
            continue;
        }
        let positions = ids.map(|i| mesh.positions[i]);
        let area = (positions[1] - positions[0]).cross(positions[2] - positions[0]);
        // Not finite covers NaN and overflow in one test; beyond 10 km single precision has no millimetres.
        let sound = area.is_finite() && positions.iter().all(|p| p.is_finite() && p.abs().max_element() < 1e6);
        if !sound || area.length_squared() <= 1e-20 {
            continue;
        }
        let face = area.normalize();
        let normals = ids.map(|i| match mesh.normals.get(i) {
            Some(n) if n.is_finite() && n.length_squared() > 1e-12 => n.normalize(),
            _ => face,
        });
        let uvs = ids.map(|i| mesh.uvs.get(i).copied().filter(|uv| uv.is_finite()).unwrap_or(Vec2::ZERO));
        triangles.push(Triangle {
            positions,
            normals,
            uvs,
            material: u32::try_from(mesh.material).unwrap_or(u32::MAX),
        });
    }
}

/// Bilinear, repeating; linear red, green, blue and coverage.
fn look_up(texture: &Texture, uv: Vec2) -> [f32; 4] {
    let (w, h) = (texture.width.max(1) as i32, texture.height.max(1) as i32);
    let x = (uv.x - uv.x.floor()) * w as f32 - 0.5;
    let y = (1.0 - (uv.y - uv.y.floor())) * h as f32 - 0.5;
    let (x0, y0) = (x.floor(), y.floor());
    let (fx, fy) = (x - x0, y - y0);
    let mut sum = [0.0f32; 4];
    for (dx, dy, weight) in
        [(0, 0, (1.0 - fx) * (1.0 - fy)), (1, 0, fx * (1.0 - fy)), (0, 1, (1.0 - fx) * fy), (1, 1, fx * fy)]
    {
        let column = (x0 as i32 + dx).rem_euclid(w);
        let row = (y0 as i32 + dy).rem_euclid(h);
        let texel = texture.rgba.get((row * w + column) as usize).copied().unwrap_or([128, 128, 128, 255]);
        for channel in 0..3 {
            sum[channel] += LINEAR[texel[channel] as usize] * weight;
        }
        sum[3] += f32::from(texel[3]) / 255.0 * weight;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::scene::trace::shape;

    #[test]
    fn bad_triangles_are_left_out() {
        let mut mesh = shape::plane(Vec3::ZERO, 2.0, 2.0, 7);
        mesh.positions.push(Vec3::new(f32::NAN, 0.0, 0.0));
        mesh.positions.push(Vec3::new(f32::INFINITY, 0.0, 0.0));
        mesh.triangles.extend([[0, 1, 4], [0, 1, 5], [0, 0, 1], [0, 1, 99]]);
        let world = World { meshes: vec![mesh], ..World::default() };
        assert_eq!(Geometry::new(&world).triangles.len(), 2);
    }

    #[test]
    fn textures_are_upright_linear_and_repeat() {
        let rgba = vec![[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [188, 188, 188, 0]];
        let texture = Texture { width: 2, height: 2, rgba };
        let near = |uv: Vec2, wanted: [f32; 4]| {
            let got = look_up(&texture, uv);
            assert!(got.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 0.01), "{uv}: {got:?}");
        };
        near(Vec2::new(0.25, 0.75), [1.0, 0.0, 0.0, 1.0]);
        near(Vec2::new(0.75, 0.75), [0.0, 1.0, 0.0, 1.0]);
        near(Vec2::new(0.25, 0.25), [0.0, 0.0, 1.0, 1.0]);
        near(Vec2::new(-0.25, 3.25), [0.503, 0.503, 0.503, 0.0]);
    }

    #[test]
    fn light_fades_through_what_is_half_there() {
        let mut half = Material { opacity: 0.5, ..Material::default() };
        half.base_color = Vec3::ONE;
        let pane =
            Material { transmission: 1.0, thin: true, base_color: Vec3::new(1.0, 0.5, 0.0), ..Material::default() };
        let meshes = vec![
            shape::plane(Vec3::Y, 10.0, 10.0, 0),
            shape::plane(Vec3::Y * 2.0, 10.0, 10.0, 0),
            shape::plane(Vec3::Y * 3.0, 10.0, 10.0, 1),
        ];
        let world = World { meshes, materials: vec![half, pane], ..World::default() };
        let geometry = Geometry::new(&world);
        let up = Ray::new(Vec3::new(0.1, 0.0, 0.2), Vec3::Y);
        let left = geometry.transmittance(&up, 10.0);
        let expected = Vec3::new(0.25, 0.125, 0.0) * (1.0 - 0.0769);
        assert!(left.distance(expected) < 2e-3, "{left} instead of {expected}");
        assert_eq!(geometry.transmittance(&up, 0.5), Vec3::ONE);
    }
}
