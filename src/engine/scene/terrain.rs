//! Terrain: mountains, a road into the distance, a terrace with its parapet; the larger pieces of [`scenery`](super::scenery).
//!
//! Owns their form; where they belong, `scenery` says.

use glam::{Vec2, Vec3};

use super::{
    form::{Form, curve, lathe, rounded_box},
    lexicon::Substance,
    looks,
    scenery::Painter,
    trace::{Material, Mesh, shape},
};
use crate::engine::{EngineError, ease::smoothstep};

/// Two lanes of a country road, in cm.
const ROAD_CM: f32 = 680.0;
/// How high a parapet is, in cm.
const PARAPET_CM: f32 = 92.0;

impl Painter<'_, '_> {
    /// A range of mountains, their height as a share of their distance; snow lies where it is high and not steep.
    pub(super) fn mountains(&mut self, height: f32) {
        const COLUMNS: usize = 240;
        const ROWS: usize = 30;
        let away = 1.9 * self.range.far;
        self.world.haze_distance = self.world.haze_distance.map(|haze| haze.max(8.0 * self.range.far));
        let waves: Vec<(Vec2, f32, f32)> = (0..8)
            .map(|k| {
                let (sin, cos) = (0.9 * self.chance.signed() + 0.8 * (k % 2) as f32).sin_cos();
                let stretch = 1.72f32.powi(k) * (1.0 + 0.2 * self.chance.signed());
                (Vec2::new(cos, sin) * stretch * 3.4, 3.2 * self.chance.signed(), 0.56f32.powi(k))
            })
            .collect();
        let weight: f32 = waves.iter().map(|(_, _, w)| w).sum();
        // Ridges are where a wave folds.
        let rise = |p: Vec2| {
            let folded = |(way, phase, w): &(Vec2, f32, f32)| (1.0 - (p.dot(*way) + phase).sin().abs()) * w;
            let up = smoothstep(0.0, 0.4, p.y) * (1.0 - 0.6 * smoothstep(0.6, 1.0, p.y));
            (waves.iter().map(folded).sum::<f32>() / weight * 1.5).powf(1.5) * up
        };
        let point = |column: usize, row: usize| {
            let p = Vec2::new(column as f32 / COLUMNS as f32 * 2.0 - 1.0, row as f32 / ROWS as f32);
            let depth = away * (1.0 + 0.8 * p.y);
            Vec3::new(p.x * depth, self.ground - 0.004 * away + height * away * rise(p), -depth)
        };
        let snowline = self.ground + 0.42 * height * away;
        let (mut snow, mut rock) = (Mesh::default(), Mesh::default());
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let [a, b, c, d] = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(u, v)| point(column + u, row + v));
                for corners in [[a, b, c], [a, c, d]] {
                    let normal = (corners[1] - corners[0]).cross(corners[2] - corners[0]).normalize_or(Vec3::Y);
                    let normal = if normal.y < 0.0 { -normal } else { normal };
                    let middle = (corners[0] + corners[1] + corners[2]) / 3.0;
                    let white = middle.y > snowline - (normal.y - 0.6) * 0.4 * height * away;
                    let mesh = if white { &mut snow } else { &mut rock };
                    let first = mesh.positions.len() as u32;
                    mesh.positions.extend(corners);
                    mesh.normals.extend([normal; 3]);
                    mesh.triangles.push([first, first + 1, first + 2]);
                }
            }
        }
        let matt =
            |r, g, b| Material { base_color: Vec3::new(r, g, b), roughness: 1.0, specular: 0.0, ..Material::default() };
        snow.material = self.material(matt(0.80, 0.83, 0.88));
        rock.material = self.material(matt(0.13, 0.135, 0.15));
        self.world.meshes.extend([snow, rock]);
    }

    /// A road with a dashed middle line: under the subject it runs as that goes, then bends into the distance.
    pub(super) fn road(&mut self) {
        const STEPS: usize = 260;
        let reach = self.range.near / 3.0;
        let width = ROAD_CM.min(3.2 * reach);
        let end = 3.0 * self.range.far;
        let bend = 2.4 * reach.max(0.5 * width);
        // Seen from above: the direction at a length along the road, from the camera's depth to the right.
        let direction = |s: f32| {
            let winding = if s > bend { 0.16 * ((s - bend) / (3.2 * bend)).sin() } else { 0.0 };
            let angle = if s < 0.0 { self.heading } else { self.heading * (-(s / bend).powi(2)).exp() - winding };
            Vec3::new(angle.sin(), 0.0, -angle.cos())
        };
        // The subject drives on the right: the road's middle is to the left of it.
        let ahead = direction(0.0);
        let start = ahead.cross(Vec3::Y) * 0.24 * width * if reach > 60.0 { 1.0 } else { 0.0 };
        let mut line = vec![start - ahead * 9.0 * reach.max(width)];
        line.push(start);
        let (mut at, mut s) = (start, 0.0);
        for k in 0..STEPS {
            let step = 0.04 * bend * (1.0 + 0.035 * k as f32).powi(2);
            at += direction(s + 0.5 * step) * step;
            s += step;
            line.push(at);
            if s > end {
                break;
            }
        }
        let up = self.ground + (0.006 * reach).max(0.02);
        let asphalt = self.material(looks::substance(Substance::Asphalt, Some([74, 76, 80])));
        let paint = self.material(Material { base_color: Vec3::splat(0.72), roughness: 0.8, ..Material::default() });
        self.strip(&line, (0.0, width), up, (asphalt, false));
        let lift = up + (0.003 * reach).max(0.01);
        for side in [-0.455, 0.455] {
            self.strip(&line, (side * width, 0.022 * width), lift, (paint, false));
        }
        self.strip(&line, (0.0, 0.022 * width), lift, (paint, true));
    }

    /// A band along a line on the ground, `(aside, width)` from it; `dashed` shows it in pieces.
    fn strip(&mut self, line: &[Vec3], (aside, width): (f32, f32), height: f32, (material, dashed): (usize, bool)) {
        let mut mesh = Mesh { material, ..Mesh::default() };
        let mut along = 0.0;
        let dash = 18.0 * width;
        for pair in line.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let pieces =
                if dashed { ((to - from).length() / (0.5 * dash)).ceil().clamp(1.0, 400.0) as usize } else { 1 };
            for k in 0..pieces {
                let [a, b] = [k, k + 1].map(|k| from.lerp(to, k as f32 / pieces as f32));
                along += (b - a).length();
                if dashed && (along / dash) as i32 % 2 == 0 {
                    continue;
                }
                let right = (to - from).normalize_or(Vec3::NEG_Z).cross(Vec3::Y);
                let first = mesh.positions.len() as u32;
                for p in [a, b] {
                    for side in [-0.5, 0.5] {
                        let p = p + right * (aside + side * width);
                        mesh.positions.push(Vec3::new(p.x, height, p.z));
                        mesh.normals.push(Vec3::Y);
                    }
                }
                mesh.triangles.extend([[first, first + 1, first + 3], [first, first + 3, first + 2]]);
            }
        }
        self.world.meshes.push(mesh);
    }

    /// A balustrade with pots of flowers, a hedge and trees beyond it.
    pub(super) fn terrace(&mut self) -> Result<(), EngineError> {
        let away = 0.6 * self.range.near;
        let size = (away / 390.0).max(1.0);
        let stone = self.material(looks::substance(Substance::Plaster, Some([228, 220, 204])));
        let clay = self.material(looks::substance(Substance::Clay, None));
        let place = |p: Vec3| Vec3::new(p.x * size, p.y * size, p.z * size) + Vec3::new(0.0, self.ground, -away);
        let long = 2.6 * away / size;
        let rail = |width: f32, high: f32, up: f32| rounded_box(Vec3::new(long, high, width), 1.5).moved(Vec3::Y * up);
        let baluster = lathe(
            &[curve(
                &[
                    [5.5, 14.0],
                    [5.5, 18.0],
                    [3.4, 20.0],
                    [6.6, 32.0],
                    [6.0, 42.0],
                    [3.0, 56.0],
                    [2.8, 66.0],
                    [4.6, 72.0],
                    [5.2, 80.0],
                ],
                3,
            )],
            20,
        );
        let mut wall = rail(24.0, 14.0, 0.0).join(&rail(26.0, 12.0, PARAPET_CM - 12.0));
        let mut x = -0.5 * long + 12.0;
        while x < 0.5 * long {
            wall = wall.join(&baluster.clone().moved(Vec3::X * x));
            x += 24.0;
        }
        let solid = |form: &Form, material: usize| Mesh {
            positions: form.positions.iter().map(|p| place(*p)).collect(),
            normals: form.normals.clone(),
            uvs: vec![],
            triangles: form.triangles.clone(),
            material,
        };
        let pot = lathe(
            &[curve(
                &[
                    [0.0, 0.0],
                    [12.0, 0.0],
                    [14.0, 4.0],
                    [19.0, 30.0],
                    [21.0, 31.0],
                    [21.0, 36.0],
                    [18.0, 36.0],
                    [0.0, 33.0],
                ],
                3,
            )],
            40,
        );
        let pots = [-0.30, 0.27].map(|share: f32| Vec3::new(share * away / size, 0.0, 44.0));
        let mut meshes = vec![solid(&wall, stone)];
        meshes.extend(pots.map(|at| solid(&pot.clone().moved(at), clay)));
        let tops = pots.map(|at| place(at + Vec3::Y * 34.0));
        self.world.meshes.extend(meshes);
        self.plant(tops, 34.0 * size)?;
        // The garden beyond lies lower; its hedge hides where the floor ends.
        let hedge = self.material(looks::substance(Substance::Grass, Some([62, 92, 44])));
        let middle = Vec3::new(0.0, self.ground + 0.45 * PARAPET_CM * size, -away - 60.0 * size);
        self.world.meshes.push(shape::quad(middle, Vec3::X * 4.0 * away, Vec3::Y * 0.45 * PARAPET_CM * size, hedge));
        let far = self.range.far;
        self.ridge(far * 5.0, 0.085, Vec3::new(0.20, 0.28, 0.36));
        self.ridge(far * 1.6, 0.05, Vec3::new(0.06, 0.12, 0.045));
        self.trees(&["tree", "tree"], (9, 0.3), (450.0, 800.0))
    }

    /// Flowers in pots whose earth is at `tops`, twice `half` cm high.
    fn plant(&mut self, tops: [Vec3; 2], half: f32) -> Result<(), EngineError> {
        for (top, kind) in tops.into_iter().zip(["rose", "hyacinth"]) {
            if let Some((material, width)) = self.cut_out(kind)? {
                let center = top + Vec3::Y * 0.9 * half;
                let mut flower = shape::quad(center, Vec3::X * half * width, Vec3::Y * half, material);
                flower.normals = vec![Vec3::new(0.0, 0.45, 0.9); flower.positions.len()];
                self.world.meshes.push(flower);
            }
        }
        Ok(())
    }
}
