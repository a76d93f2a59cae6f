//! The stage: a plan and a seed become a world for the tracer: things placed, lit, and framed as a photographer would.
//!
//! Owns composition (who stands where, camera, backdrop); looks and lights come from their own modules. Chance comes
//! from the seed alone.

use glam::{Mat3, Vec3};

use super::{
    catalogue::{Catalogue, Entry},
    framing::{self, Bounds},
    lexicon::{Angle, Lighting, Place, Relation, Substance},
    looks,
    plan::{ScenePlan, Subject},
    set,
    shapes::{Role, Shape},
    trace::{Material, Mesh, Texture, World},
};
use crate::engine::{EngineError, chance::Chance};

/// A staged plan.
#[derive(Debug)]
pub struct Staged {
    /// What the tracer renders.
    pub world: World,
    /// Stops to add when the picture is developed.
    pub exposure_bias: f32,
}

/// One thing before it is placed: meshes round the y axis on y = 0.
struct Prop {
    meshes: Vec<Mesh>,
    /// Width, height, depth in cm as it will stand, scale included.
    size: Vec3,
    scale: f32,
    rest: Option<f32>,
    /// The radius of the place on or in it, where it is a vessel or a plate.
    room: Option<f32>,
    /// Whether things sink into it.
    hollow: bool,
}

/// Where a group of copies stands.
#[derive(Debug, Clone, Copy, Default)]
struct Spot {
    at: Vec3,
    placed: bool,
    /// Further scale that a relation demands.
    shrink: f32,
    /// The radius of the ring in which copies lie in a vessel; 0 for a row.
    ring: f32,
}

/// Builds the world of `plan` for a picture of `aspect` (width over height).
pub fn stage(plan: &ScenePlan, catalogue: &Catalogue<'_>, seed: u32, aspect: f32) -> Result<Staged, EngineError> {
    let mut world = World::default();
    let mut chance = Chance::new(u64::from(seed) ^ 0x5ce9_e000_0000_0000);
    let mut props = Vec::new();
    for subject in &plan.subjects {
        props.push(prop(subject, catalogue, &mut world)?);
    }
    let spots = arrange(plan, &props);
    let mut clouds = Vec::new();
    for (i, subject) in plan.subjects.iter().enumerate() {
        let group = Group { copies: subject.count, spot: spots[i], yaw: yaw(plan.angle), piled: subject.piled };
        clouds.push(put(&mut world, &props[i], &group, &mut chance));
    }
    let (framed, points) = frame_of_interest(&clouds);
    world.camera = framing::camera(plan, (framed, &points), aspect, &mut chance);
    let whole = clouds.iter().map(|c| c.bounds).fold(framed, Bounds::with);
    let exposure_bias = set::dress(&mut world, plan, framed, whole);
    Ok(Staged { world, exposure_bias })
}

/// Where one group of copies is, and samples of its vertices.
struct Cloud {
    bounds: Bounds,
    points: Vec<Vec3>,
}

/// What the camera frames: everything, unless something is far larger than what the picture is about.
fn frame_of_interest(clouds: &[Cloud]) -> (Bounds, Vec<Vec3>) {
    let main = clouds[0].bounds;
    let near = |c: &&Cloud| c.bounds.radius() <= main.radius() * 2.6;
    let framed = clouds.iter().filter(near).map(|c| c.bounds).fold(main, Bounds::with);
    (framed, clouds.iter().filter(near).flat_map(|c| c.points.iter().copied()).collect())
}

fn yaw(angle: Angle) -> f32 {
    match angle {
        Angle::Front | Angle::EyeLevel => 8.0,
        Angle::Side => 90.0,
        Angle::TopDown => 20.0,
        Angle::ThreeQuarter | Angle::Low | Angle::High => 28.0,
        Angle::Isometric => 45.0,
    }
}

/// Makes one subject's meshes and materials.
fn prop(subject: &Subject, catalogue: &Catalogue<'_>, world: &mut World) -> Result<Prop, EngineError> {
    let entry = catalogue.by_id(&subject.entry);
    let entry = entry.ok_or_else(|| EngineError::Model(format!("the catalogue has no \"{}\"", subject.entry)))?;
    let scale = subject.size.factor();
    let size = Vec3::from(catalogue.size_cm(entry)) * scale;
    let look = (subject.substance, subject.color);
    let mut meshes = Vec::new();
    let (mut rest, mut room) = (None, None);
    match entry {
        Entry::Shape(shape) => {
            (rest, room) = shape.rest_cm().unzip();
            for part in shape.parts(subject.filling.is_some()) {
                let mut look = look;
                // A prompt's substance is about the vessel, a flame's colour is its own.
                if part.role != Role::Body {
                    look.0 = None;
                }
                let material = push(world, looks::part(shape, part.role, look, subject.filling));
                let form = part.form;
                meshes.push(Mesh {
                    positions: form.positions,
                    normals: form.normals,
                    uvs: vec![],
                    triangles: form.triangles,
                    material,
                });
            }
        }
        Entry::Model(_) => {
            if let Some(model) = catalogue.model(entry) {
                rest = model.rest_cm;
                let first = world.materials.len();
                for m in &model.materials {
                    let repaint = m.body && (subject.color.is_some() || subject.substance.is_some());
                    let mut material = if repaint { looks::repainted(m, look.0, look.1) } else { looks::packed(m) };
                    if let Some(texture) = m.texture.filter(|_| !repaint) {
                        material.base_texture = Some(world.textures.len());
                        world.textures.push(texture_of(&catalogue.pack().texture(texture)?));
                    }
                    world.materials.push(material);
                }
                for part in catalogue.pack().geometry(model)? {
                    meshes.push(Mesh {
                        positions: part.positions,
                        normals: part.normals,
                        uvs: part.uvs,
                        triangles: part.triangles,
                        material: first + part.material,
                    });
                }
            }
        }
    }
    let hollow = entry == Entry::Shape(Shape::Bowl);
    let room = room.map(|r| r * scale);
    Ok(Prop { meshes, size, scale, rest: rest.map(|r| r * scale), room, hollow })
}

fn push(world: &mut World, material: Material) -> usize {
    world.materials.push(material);
    world.materials.len() - 1
}

fn texture_of(image: &image::RgbaImage) -> Texture {
    Texture { width: image.width(), height: image.height(), rgba: image.pixels().map(|p| p.0).collect() }
}

/// The footprint of a group: a row, then two rows.
fn footprint(prop: &Prop, count: u8) -> Vec3 {
    let columns = f32::from(count.min(3));
    let rows = f32::from(count.div_ceil(3));
    Vec3::new(prop.size.x * (1.0 + (columns - 1.0) * 1.12), prop.size.y, prop.size.z * (1.0 + (rows - 1.0) * 1.15))
}

/// Decides where every group stands; the first is at the origin unless something carries it.
fn arrange(plan: &ScenePlan, props: &[Prop]) -> Vec<Spot> {
    let mut spots = vec![Spot { shrink: 1.0, ..Spot::default() }; props.len()];
    spots[0].placed = true;
    let mut side = 1.0;
    let mut left = plan.placements.clone();
    for i in 1..props.len() {
        if !left.iter().any(|p| p.subject == i || p.to == i) {
            left.push(super::plan::Placement::new(i, Relation::Beside, 0));
        }
    }
    // Each round places at least one that hangs on somebody placed already; what hangs in the air is dropped.
    while let Some(k) = left
        .iter()
        .position(|p| p.subject < spots.len() && p.to < spots.len() && spots[p.subject].placed != spots[p.to].placed)
    {
        let placement = left.remove(k);
        let (s, t) = (placement.subject, placement.to);
        let (sizes, sizet) =
            (footprint(&props[s], plan.subjects[s].count), footprint(&props[t], plan.subjects[t].count));
        let stacked = matches!(placement.relation, Relation::On | Relation::Inside | Relation::Above | Relation::Under);
        if stacked {
            let (above, below) = if placement.relation == Relation::Under { (t, s) } else { (s, t) };
            stack(&mut spots, props, plan, (above, below));
        } else {
            let away = offset(placement.relation, sizes, sizet, &mut side);
            if spots[t].placed {
                spots[s].at = spots[t].at + away;
            } else {
                spots[t].at = spots[s].at - away;
            }
            // Everyone beside something stands on the ground.
            let new = if spots[t].placed { s } else { t };
            spots[new].at.y = 0.0;
        }
        spots[s].placed = true;
        spots[t].placed = true;
    }
    spots
}

/// Puts `above` onto `below`.
fn stack(spots: &mut [Spot], props: &[Prop], plan: &ScenePlan, (above, below): (usize, usize)) {
    let (top, base) = (footprint(&props[above], plan.subjects[above].count), props[below].size);
    let base_at = if spots[below].placed { spots[below].at } else { spots[above].at };
    spots[below].at = base_at;
    let copies = plan.subjects[above].count;
    if let Some(room) = props[below].room.filter(|_| copies > 1 || props[below].hollow) {
        // A heap in a bowl: a ring of copies that touch, in a vessel large enough for them.
        let item = 0.5 * props[above].size.x.max(props[above].size.z);
        let ring = if copies > 1 { item / (std::f32::consts::PI / f32::from(copies)).sin() * 1.03 } else { 0.0 };
        let grow = ((ring + item) / room).max(1.0);
        spots[below].shrink = grow;
        spots[above].ring = ring;
        let slope = if props[below].hollow { 0.28 * ring } else { 0.0 };
        spots[above].at = base_at + Vec3::Y * (props[below].rest.unwrap_or(0.0) * grow + slope);
        return;
    }
    let (wide, room) = (top.x.max(top.z), base.x.max(base.z));
    // A table on a cup becomes a small table: it must stay a picture of both.
    if wide > 2.2 * room {
        spots[above].shrink = 2.2 * room / wide;
    }
    spots[above].at = base_at + Vec3::Y * props[below].rest.unwrap_or(base.y);
}

/// From the middle of `t` to the middle of `s`.
fn offset(relation: Relation, s: Vec3, t: Vec3, side: &mut f32) -> Vec3 {
    let gap = 0.14 * s.x.max(s.z).min(t.x.max(t.z)) + 1.0;
    // Turned things reach further than their boxes.
    let reach = |v: Vec3| 0.5 * (0.55 * v.x.max(v.z) + 0.45 * v.x);
    let depth = (s.z.max(s.x) + t.z.max(t.x)) * 0.5 + gap;
    let small_in_front = if s.y < t.y * 0.8 { 0.28 } else { -0.22 } * t.z.min(s.z.max(t.z * 0.4));
    match relation {
        Relation::Behind => Vec3::new(0.34 * t.x, 0.0, -depth),
        Relation::InFrontOf => Vec3::new(-0.3 * t.x, 0.0, depth * 0.9),
        Relation::LeftOf => Vec3::new(-(reach(s) + reach(t) + gap), 0.0, small_in_front),
        Relation::RightOf => Vec3::new(reach(s) + reach(t) + gap, 0.0, small_in_front),
        _ => {
            let away = Vec3::new(*side * (reach(s) + reach(t) + gap), 0.0, small_in_front);
            *side = -*side;
            away
        }
    }
}

struct Group {
    copies: u8,
    spot: Spot,
    yaw: f32,
    piled: bool,
}

/// Where copy `k` stands within its group, and its turn in degrees.
fn place_copy(group: &Group, size: Vec3, k: u8, chance: &mut Chance) -> (Vec3, f32) {
    let single = group.copies == 1;
    let yaw = -group.yaw + if single { 7.0 } else { 22.0 } * chance.signed();
    if group.piled && !single {
        return (
            Vec3::new(0.05 * size.x * chance.signed(), size.y * f32::from(k), 0.04 * size.z * chance.signed()),
            yaw * 0.8,
        );
    }
    if group.spot.ring > 0.0 {
        let (sin, cos) = (std::f32::consts::TAU * (f32::from(k) / f32::from(group.copies) + 0.08)).sin_cos();
        return (Vec3::new(cos, 0.0, sin) * group.spot.ring, yaw + 90.0 * chance.signed());
    }
    let (row, column) = (k / 3, k % 3);
    let in_row = (group.copies - row * 3).min(3);
    let step = size.x.max(size.z * 0.8) * 1.12;
    let x = (f32::from(column) - f32::from(in_row - 1) * 0.5) * step + f32::from(row % 2) * step * 0.2;
    let forward = if column == 1 && in_row == 3 { 0.3 * size.z } else { 0.0 };
    let stagger = if single { 0.0 } else { 0.16 * size.z * chance.signed() + forward };
    (Vec3::new(x, 0.0, stagger - f32::from(row) * size.z.max(size.x * 0.8) * 1.08), yaw)
}

/// Adds the copies of a prop to the world; gives where they are.
fn put(world: &mut World, prop: &Prop, group: &Group, chance: &mut Chance) -> Cloud {
    let mut cloud = Cloud { bounds: Bounds::EMPTY, points: Vec::new() };
    let scale = prop.scale * group.spot.shrink;
    let size = prop.size * group.spot.shrink;
    for k in 0..group.copies {
        let (within, yaw) = place_copy(group, size, k, chance);
        let turn = Mat3::from_rotation_y(yaw.to_radians());
        let at = group.spot.at + within;
        for mesh in &prop.meshes {
            let positions: Vec<Vec3> = mesh.positions.iter().map(|p| turn * (*p * scale) + at).collect();
            for p in &positions {
                cloud.bounds.add(*p);
            }
            cloud.points.extend(positions.iter().step_by((positions.len() / 300).max(1)));
            let normals = mesh.normals.iter().map(|n| turn * *n).collect();
            world.meshes.push(Mesh { positions, normals, ..mesh.clone() });
        }
    }
    cloud
}

/// The substance that a place's ground is of.
pub(super) fn ground_of(place: Place) -> Option<Substance> {
    match place {
        Place::Studio => None,
        Place::Room => Some(Substance::Wood),
        Place::Kitchen => Some(Substance::Marble),
        Place::Bathroom => Some(Substance::Tiles),
        Place::Gallery => Some(Substance::Concrete),
        Place::Meadow | Place::Forest => Some(Substance::Grass),
        Place::Beach | Place::Desert => Some(Substance::Sand),
        Place::Street => Some(Substance::Asphalt),
        Place::Snowfield => Some(Substance::Snow),
        Place::Lake => Some(Substance::Water),
    }
}

/// The light that a place has when the prompt names none.
pub(super) fn light_of(place: Place) -> Lighting {
    match place {
        Place::Studio | Place::Gallery | Place::Bathroom => Lighting::Studio,
        Place::Room | Place::Kitchen => Lighting::Window,
        Place::Meadow | Place::Beach | Place::Snowfield | Place::Lake => Lighting::Daylight,
        Place::Forest | Place::Street => Lighting::Overcast,
        Place::Desert => Lighting::GoldenHour,
    }
}
