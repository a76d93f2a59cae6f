//! Scenery: what is far behind the subject out of doors: hills, trees, dunes, the sea, a street of houses.
//!
//! All of it is flat and faces the camera, since it is far away, hazy and out of focus. Owns what is there and how far
//! off; refuses to know the ground beneath the subject and its light.

use glam::{Vec2, Vec3};
use image::RgbaImage;

use super::{
    catalogue::{Catalogue, Entry},
    lexicon::{Place, Substance},
    looks,
    trace::{Material, Mesh, Texture, World, shape},
};
use crate::engine::{EngineError, chance::Chance};

/// How far things stand from the subject, in cm.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    /// Where it begins.
    pub(super) near: f32,
    /// Where the last single things stand.
    pub(super) far: f32,
}

impl Range {
    /// The range behind something of this `reach` in cm: trees have their size, so what is small has them far off.
    pub(super) fn behind(reach: f32) -> Self {
        Self { near: (3.0 * reach).max(650.0), far: (13.0 * reach).max(4200.0) }
    }
}

/// Builds scenery into a world.
pub(super) struct Painter<'a, 'b> {
    pub(super) world: &'a mut World,
    pub(super) catalogue: &'a Catalogue<'b>,
    pub(super) chance: &'a mut Chance,
    pub(super) range: Range,
    /// The height of the ground in cm.
    pub(super) ground: f32,
    /// Whether windows and lamps shine.
    pub(super) dark: bool,
    /// Which way the subject goes, in radians from the camera's side to the left.
    pub(super) heading: f32,
}

impl Painter<'_, '_> {
    /// What belongs behind things at `place`.
    pub(super) fn open_view(&mut self, place: Place) -> Result<(), EngineError> {
        let far = self.range.far;
        // Far things are seen through some air, but they are seen.
        self.world.haze_distance = self.world.haze_distance.map(|haze| haze.max(1.6 * far));
        match place {
            Place::Studio | Place::Room | Place::Kitchen | Place::Bathroom | Place::Gallery => self.hills(),
            Place::Meadow => {
                self.ridge(far * 5.0, 0.075, Vec3::new(0.22, 0.30, 0.36));
                self.ridge(far * 2.2, 0.045, Vec3::new(0.075, 0.15, 0.045));
                self.trees(&["tree", "tree", "pine-tree"], (9, 0.45), (500.0, 950.0))?;
            }
            Place::Forest => {
                self.ridge(far * 1.15, 0.24, Vec3::new(0.03, 0.06, 0.028));
                self.trees(&["pine-tree", "tree", "pine-tree"], (40, 0.0), (700.0, 1500.0))?;
                self.trees(&["pine-tree", "tree"], (16, 0.03), (160.0, 420.0))?;
            }
            Place::Beach => {
                self.sea(self.range.near * 0.9);
                self.ridge(far * 9.0, 0.012, Vec3::new(0.16, 0.22, 0.27));
                self.trees(&["palm-tree"], (2, 0.05), (650.0, 800.0))?;
            }
            Place::Desert => {
                self.ridge(far * 4.0, 0.06, Vec3::new(0.34, 0.20, 0.13));
                self.ridge(far * 1.4, 0.035, Vec3::new(0.55, 0.36, 0.19));
            }
            Place::Terrace => self.terrace()?,
            Place::Road => {
                self.hills();
                self.trees(&["tree", "pine-tree"], (12, 0.2), (500.0, 900.0))?;
                self.road();
            }
            Place::MountainRoad => {
                self.mountains(0.34);
                self.trees(&["pine-tree"], (14, 0.3), (500.0, 1100.0))?;
                self.road();
            }
            Place::Snowfield => {
                self.mountains(0.24);
                self.ridge(far * 2.0, 0.035, Vec3::new(0.80, 0.83, 0.88));
                self.trees(&["pine-tree"], (14, 0.3), (500.0, 1100.0))?;
            }
            Place::Lake => {
                self.ridge(far * 5.0, 0.12, Vec3::new(0.16, 0.21, 0.28));
                self.ridge(far * 1.8, 0.03, Vec3::new(0.035, 0.07, 0.04));
            }
            Place::Street => self.street(),
        }
        Ok(())
    }

    /// A line of low hills, for an open view that nothing was said of.
    fn hills(&mut self) {
        self.ridge(self.range.far * 6.0, 0.05, Vec3::new(0.18, 0.23, 0.27));
        self.ridge(self.range.far * 2.6, 0.028, Vec3::new(0.08, 0.12, 0.06));
    }

    pub(super) fn material(&mut self, material: Material) -> usize {
        self.world.materials.push(material);
        self.world.materials.len() - 1
    }

    /// Hills `away` cm off, their height as a share of that.
    pub(super) fn ridge(&mut self, away: f32, height: f32, color: Vec3) {
        const COLUMNS: usize = 120;
        let waves: Vec<(f32, f32, f32)> = (0..5)
            .map(|k| (1.4f32.powi(k) * (2.2 + self.chance.signed()), 3.2 * self.chance.signed(), 0.62f32.powi(k)))
            .collect();
        let material =
            self.material(Material { base_color: color, roughness: 1.0, specular: 0.0, ..Material::default() });
        let mut mesh = Mesh { material, ..Mesh::default() };
        for column in 0..=COLUMNS {
            let x = (column as f32 / COLUMNS as f32 - 0.5) * 2.0;
            let wave: f32 = waves.iter().map(|(f, phase, weight)| (x * f * 3.0 + phase).sin() * weight).sum();
            let top = self.ground + away * height * (0.62 + 0.19 * wave).max(0.08);
            for y in [self.ground - 0.02 * away, top] {
                mesh.positions.push(Vec3::new(x * 1.3 * away, y, -away));
                mesh.normals.push(Vec3::new(0.0, 0.6, 0.8));
            }
            if column > 0 {
                let a = (column as u32 - 1) * 2;
                mesh.triangles.extend([[a, a + 2, a + 1], [a + 1, a + 2, a + 3]]);
            }
        }
        self.world.meshes.push(mesh);
    }

    /// The sea from `from` cm behind the subject to the horizon, with a line of foam.
    fn sea(&mut self, from: f32) {
        let water = self.material(looks::substance(Substance::Water, None));
        let end = self.range.far * 40.0;
        let y = self.ground + 0.3;
        let strip = |near: f32, far: f32, y: f32| (Vec3::new(0.0, y, -(near + far) * 0.5), (far - near) * 0.5);
        let (middle, half) = strip(from, end, y);
        self.world.meshes.push(shape::quad(middle, Vec3::X * end, Vec3::NEG_Z * half, water));
        let foam = self.material(Material { base_color: Vec3::splat(0.8), roughness: 0.9, ..Material::default() });
        for (at, wide) in [(from * 0.99, 0.05), (from * 1.35, 0.022)] {
            let (middle, half) = strip(at, at + wide * from, y + 0.3);
            self.world.meshes.push(shape::quad(middle, Vec3::X * end, Vec3::NEG_Z * half, foam));
        }
    }

    /// `count` trees of these cards, the nearest at `begin` of the range, `low` to `high` cm high.
    pub(super) fn trees(
        &mut self,
        kinds: &[&str],
        (count, begin): (usize, f32),
        (low, high): (f32, f32),
    ) -> Result<(), EngineError> {
        let mut species = Vec::new();
        for kind in kinds {
            species.push(self.cut_out(kind)?);
        }
        let Range { near, far } = self.range;
        let near = near + begin * (far - near);
        for k in 0..count {
            let Some((material, width)) = species[k % species.len()] else { continue };
            // Even in depth, uneven aside, and never right behind the subject when there are few.
            let share = (k as f32 + 0.5 + 0.4 * self.chance.signed()) / count as f32;
            let away = near + share * share * (far - near);
            let side = if count < 8 {
                (if k % 2 == 0 { -0.15 } else { 0.17 }) * (1.0 + 0.25 * self.chance.signed())
            } else {
                0.42 * self.chance.signed()
            };
            let height = low + (0.5 + 0.5 * self.chance.signed()) * (high - low);
            let center = Vec3::new(side * away, self.ground + height * 0.5, -away);
            let half_width = height * 0.5 * width * if self.chance.signed() > 0.0 { 1.0 } else { -1.0 };
            let mut quad = shape::quad(center, Vec3::X * half_width, Vec3::Y * height * 0.5, material);
            quad.normals = vec![Vec3::new(0.0, 0.45, 0.9); quad.positions.len()];
            self.world.meshes.push(quad);
        }
        Ok(())
    }

    /// A card's picture as a material, with its width over its height; `None` where there is no such card.
    pub(super) fn cut_out(&mut self, id: &str) -> Result<Option<(usize, f32)>, EngineError> {
        let entry = self.catalogue.by_id(&format!("card:{id}"));
        let Some((pack, card)) = entry.and_then(|entry: Entry| self.catalogue.card(entry)) else { return Ok(None) };
        let picture = pack.picture(card)?;
        let width = picture.width() as f32 / picture.height() as f32;
        let texture = self.texture(&picture);
        // Less vivid than things that stand near.
        let material = Material {
            base_color: Vec3::splat(0.62),
            base_texture: Some(texture),
            roughness: 0.95,
            specular: 0.0,
            ..Material::default()
        };
        Ok(Some((self.material(material), width)))
    }

    fn texture(&mut self, picture: &RgbaImage) -> usize {
        let rgba = picture.pixels().map(|p| p.0).collect();
        self.world.textures.push(Texture { width: picture.width(), height: picture.height(), rgba });
        self.world.textures.len() - 1
    }

    /// A pavement and a row of houses; by night some of their windows and the lamps shine.
    fn street(&mut self) {
        let scale = (self.range.near / 1200.0).max(1.0);
        let front = self.range.near + 500.0 * scale;
        let kerb = self.material(looks::substance(Substance::Concrete, None));
        let pavement = shape::quad(
            Vec3::new(0.0, self.ground + 14.0, -front + 120.0 * scale),
            Vec3::X * front * 3.0,
            Vec3::NEG_Z * 170.0 * scale,
            kerb,
        );
        self.world.meshes.push(pavement);
        let edge = Vec3::new(0.0, self.ground + 7.0, -front + 290.0 * scale);
        self.world.meshes.push(shape::quad(edge, Vec3::X * front * 3.0, Vec3::Y * 7.0, kerb));
        let mut x = -1.1 * front;
        while x < 1.1 * front {
            let size = Vec2::new(620.0 + 220.0 * self.chance.signed(), 1500.0 + 500.0 * self.chance.signed()) * scale;
            self.house(Vec3::new(x + size.x * 0.5, self.ground, -front), size);
            x += size.x;
        }
        if self.dark {
            let lamp = self.material(Material {
                base_color: Vec3::ZERO,
                emission: Vec3::new(6.0, 3.4, 1.4),
                ..Material::default()
            });
            for k in 0..7 {
                let at =
                    Vec3::new((k as f32 - 3.0) * 0.24 * front, self.ground + 430.0 * scale, -front + 240.0 * scale);
                let half = 16.0 * scale;
                self.world.meshes.push(shape::quad(at, Vec3::X * half, Vec3::Y * half, lamp));
            }
        }
    }

    /// One front with its windows; `foot` is the middle of its lower edge.
    fn house(&mut self, foot: Vec3, size: Vec2) {
        const WALLS: [[f32; 3]; 5] =
            [[0.34, 0.17, 0.11], [0.42, 0.36, 0.28], [0.24, 0.25, 0.27], [0.46, 0.40, 0.35], [0.30, 0.21, 0.16]];
        let wall = WALLS[((self.chance.signed() * 0.5 + 0.5) * 4.99) as usize];
        let matt = |color: Vec3| Material { base_color: color, roughness: 0.95, specular: 0.1, ..Material::default() };
        let wall = self.material(matt(Vec3::from(wall)));
        let pane = self.material(Material { roughness: 0.1, specular: 0.5, ..matt(Vec3::new(0.035, 0.045, 0.055)) });
        let lit = self.material(Material { emission: Vec3::new(0.34, 0.2, 0.085), ..matt(Vec3::ZERO) });
        let half = size * 0.5;
        let center = foot + Vec3::Y * half.y;
        self.world.meshes.push(shape::quad(center, Vec3::X * half.x, Vec3::Y * half.y, wall));
        let floor = size.x / 2.1;
        let (columns, rows) = (4, (size.y / floor).max(2.0) as usize);
        for row in 0..rows {
            for column in 0..columns {
                let x = (column as f32 + 0.5) / columns as f32 * size.x - half.x;
                let y = (row as f32 + 0.5) / rows as f32 * size.y - half.y;
                let shines = self.dark && self.chance.signed() > 0.15;
                let half = Vec2::new(0.27 * size.x / columns as f32, 0.3 * size.y / rows as f32);
                let at = center + Vec3::new(x, y, 4.0);
                let material = if shines { lit } else { pane };
                self.world.meshes.push(shape::quad(at, Vec3::X * half.x, Vec3::Y * half.y, material));
            }
        }
    }
}
