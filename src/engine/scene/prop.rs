//! Props: one subject of a plan as meshes and materials, before it is placed.
//!
//! Owns how models, shapes and cards become triangles in their looks; refuses to know where they stand.

use glam::{Mat3, Vec3};

use super::{
    card,
    catalogue::{Catalogue, Entry},
    framing::Bounds,
    lexicon::Angle,
    looks,
    plan::Subject,
    shapes::{Role, Shape},
    trace::{Material, Mesh, Texture, World},
    treatment,
};
use crate::engine::EngineError;

/// Cards whose pictures show them askew: how far they turn, in degrees, to stand on their sole or foot.
const ASKEW: [(&str, f32); 1] = [("sneaker", 42.0)];

/// One thing before it is placed: meshes round the y axis on y = 0.
pub(super) struct Prop {
    pub(super) meshes: Vec<Mesh>,
    /// Width, height, depth in cm as it will stand, scale included.
    pub(super) size: Vec3,
    pub(super) scale: f32,
    /// How high something on or in it rests.
    pub(super) rest: Option<f32>,
    /// The radius of the place on or in it, where it is a vessel or a plate.
    pub(super) room: Option<f32>,
    /// Whether things sink into it.
    pub(super) hollow: bool,
    /// How much it takes part in the turn that shows things from their corner; cards face the camera.
    pub(super) turn: f32,
    /// From how many degrees above the horizon its picture was taken, where it is one: the camera goes there.
    pub(super) seen_from: Option<f32>,
}

impl Prop {
    /// The box of it when it is turned so, standing where its own axis is; of a sample of its vertices where it has many.
    pub(super) fn extent(&self, turn: Mat3) -> Bounds {
        let mut bounds = Bounds::EMPTY;
        for mesh in &self.meshes {
            let points = mesh.positions.iter().step_by((mesh.positions.len() / 4000).max(1));
            points.for_each(|p| bounds.add(turn * (*p * self.scale)));
        }
        bounds
    }
}

/// Makes one subject's meshes; its materials and textures go into `world`.
pub(super) fn make(
    subject: &Subject,
    angle: Angle,
    catalogue: &Catalogue<'_>,
    world: &mut World,
) -> Result<Prop, EngineError> {
    let entry = catalogue.by_id(&subject.entry);
    let entry = entry.ok_or_else(|| EngineError::Model(format!("the catalogue has no \"{}\"", subject.entry)))?;
    let size = Vec3::from(catalogue.size_cm(entry));
    let scale = subject.height_cm.map_or(subject.size.factor(), |cm| cm as f32 / size.y);
    let mut prop = Prop {
        meshes: Vec::new(),
        size: size * scale,
        scale,
        rest: None,
        room: None,
        hollow: false,
        turn: 1.0,
        seen_from: None,
    };
    match entry {
        Entry::Shape(shape) => form(&mut prop, shape, subject, world),
        Entry::Model(_) => model(&mut prop, entry, subject, catalogue, world)?,
        Entry::Card(_) => figure(&mut prop, entry, (subject, angle), catalogue, world)?,
    }
    Ok(prop)
}

fn form(prop: &mut Prop, shape: Shape, subject: &Subject, world: &mut World) {
    let (rest, room) = shape.rest_cm().unzip();
    (prop.rest, prop.room) = (rest.map(|r| r * prop.scale), room.filter(|r| *r > 0.0).map(|r| r * prop.scale));
    prop.hollow = shape == Shape::Bowl;
    // Honey and jam are no drinks, but a jar of them isn't empty.
    let preserves = shape == Shape::Jar && ["honey", "jam"].iter().any(|word| subject.noun.contains(word));
    for part in shape.parts(subject.filling.is_some() || preserves) {
        // A prompt's substance is about the vessel, a flame's colour is its own.
        let substance = subject.substance.filter(|_| part.role == Role::Body);
        let mut material = looks::part(shape, part.role, (substance, subject.color), subject.filling);
        if part.role == Role::Body {
            material = treatment::body(material, subject, prop.size.max_element());
        }
        let form = part.form;
        prop.meshes.push(Mesh {
            positions: form.positions,
            normals: form.normals,
            uvs: vec![],
            triangles: form.triangles,
            material: push(world, material),
        });
    }
}

fn model(
    prop: &mut Prop,
    entry: Entry,
    subject: &Subject,
    catalogue: &Catalogue<'_>,
    world: &mut World,
) -> Result<(), EngineError> {
    let Some((pack, model)) = catalogue.model(entry) else { return Ok(()) };
    prop.rest = model.rest_cm.map(|r| r * prop.scale);
    let first = world.materials.len();
    for m in &model.materials {
        let is_painted = subject.motif.is_some() || subject.second_color.is_some();
        let repaint = m.body && (subject.color.is_some() || subject.substance.is_some() || is_painted);
        let mut material =
            if repaint { looks::repainted(m, subject.substance, subject.color) } else { looks::packed(m) };
        if m.body {
            material = treatment::body(material, subject, prop.size.max_element());
        }
        if let Some(texture) = m.texture.filter(|_| !repaint) {
            material.base_texture = Some(world.textures.len());
            world.textures.push(texture_of(&pack.texture(texture)?));
        }
        world.materials.push(material);
    }
    for part in pack.geometry(model)? {
        prop.meshes.push(Mesh {
            positions: part.positions,
            normals: part.normals,
            uvs: part.uvs,
            triangles: part.triangles,
            material: first + part.material,
        });
    }
    Ok(())
}

fn figure(
    prop: &mut Prop,
    entry: Entry,
    (subject, angle): (&Subject, Angle),
    catalogue: &Catalogue<'_>,
    world: &mut World,
) -> Result<(), EngineError> {
    let Some((pack, of)) = catalogue.card(entry) else { return Ok(()) };
    let look = (subject.substance, subject.color);
    let figure = card::figure(&pack.picture(of)?, of.size_cm[1], look);
    let (mut relief, mut material) =
        figure.ok_or_else(|| EngineError::Model(format!("the picture of \"{}\" is empty", of.name)))?;
    if let Some((_, degrees)) = ASKEW.iter().find(|(id, _)| of.id == *id) {
        card::turn(&mut relief, *degrees);
    }
    // A slice of pizza lies on its plate where one looks down on it.
    if angle == Angle::TopDown || (angle == Angle::High && of.category == "food") {
        card::lay(&mut relief);
    }
    prop.size = relief.size * prop.scale;
    prop.turn = 0.25;
    material.base_texture = Some(world.textures.len());
    world.textures.push(relief.texture);
    prop.meshes.push(Mesh { material: push(world, material), ..relief.mesh });
    Ok(())
}

fn push(world: &mut World, material: Material) -> usize {
    world.materials.push(material);
    world.materials.len() - 1
}

fn texture_of(image: &image::RgbaImage) -> Texture {
    Texture { width: image.width(), height: image.height(), rgba: image.pixels().map(|p| p.0).collect() }
}
