//! The stage: a plan and a seed become a world for the tracer: things placed, lit, and framed as a photographer would.
//!
//! Owns the order in which that is done; who stands where is `layout`'s, the camera `framing`'s, the ground `set`'s.
//! Chance comes from the seed alone.

use glam::Vec3;
use image::RgbaImage;

use super::{
    catalogue::Catalogue,
    copies::{self, Group},
    framing::{self, Bounds},
    given,
    layout::{self, Site},
    lexicon::{Angle, Lighting, Place, Substance},
    plan::ScenePlan,
    prop::{self, Prop},
    set,
    trace::{Mesh, World},
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

/// Builds the world of `plan` for a picture of `aspect` (width over height). `given` is the cut-out that
/// [`ScenePlan::GIVEN`] stands for.
pub fn stage(
    plan: &ScenePlan,
    catalogue: &Catalogue<'_>,
    given: Option<&RgbaImage>,
    seed: u32,
    aspect: f32,
) -> Result<Staged, EngineError> {
    let plan = &ScenePlan { place: set::place_of(plan, catalogue), ..plan.clone() };
    let mut world = World::default();
    let mut chance = Chance::new(u64::from(seed) ^ 0x5ce9_e000_0000_0000);
    let mut props = Vec::new();
    for subject in &plan.subjects {
        let seen = (subject, plan.angle);
        props.push(match given.filter(|_| subject.entry == ScenePlan::GIVEN) {
            Some(object) => given::prop(object, seen, catalogue, &mut world)?,
            None => prop::make(subject, plan.angle, catalogue, &mut world)?,
        });
    }
    let yaw = yaw(plan.angle);
    let alone = plan.subjects.len() == 1;
    let mut groups: Vec<Group> = plan
        .subjects
        .iter()
        .zip(&props)
        .map(|(s, prop)| copies::group((s, alone), prop, yaw * prop.turn, &mut chance))
        .collect();
    let sites = layout::arrange(plan, &props, &mut groups);
    let mut clouds = Vec::new();
    for ((prop, group), site) in props.iter().zip(&groups).zip(&sites) {
        clouds.push(put(&mut world, prop, group, *site));
    }
    let (framed, points) = frame_of_interest(&clouds, &layout::carriers(plan));
    world.camera = framing::camera((plan, props[0].seen_from), (framed, &points), aspect, &mut chance);
    let whole = clouds.iter().map(|c| c.bounds).fold(framed, Bounds::with);
    let exposure_bias = set::dress(&mut world, plan, (framed, whole), catalogue, &mut chance)?;
    Ok(Staged { world, exposure_bias })
}

/// Where one group of copies is, and samples of its vertices.
struct Cloud {
    bounds: Bounds,
    points: Vec<Vec3>,
}

/// What the camera frames: everything, unless something is far larger than what the picture is about.
fn frame_of_interest(clouds: &[Cloud], carriers: &[bool]) -> (Bounds, Vec<Vec3>) {
    let main = clouds[0].bounds;
    // Of two, the first counts; of more, how they stand together does. What carries may be cut before others are.
    let limit = if clouds.len() > 2 { 9.0 } else { 5.0 };
    let of = |carrier: bool| if carrier { limit } else { 14.0 };
    let near = |(c, carrier): &(&Cloud, &bool)| c.bounds.radius() <= main.radius() * of(**carrier);
    let shown: Vec<&Cloud> = clouds.iter().zip(carriers).filter(near).map(|(c, _)| c).collect();
    let framed = shown.iter().map(|c| c.bounds).fold(main, Bounds::with);
    (framed, shown.iter().flat_map(|c| c.points.iter().copied()).collect())
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

/// Adds the copies of a prop to the world; gives where they are.
fn put(world: &mut World, prop: &Prop, group: &Group, site: Site) -> Cloud {
    let mut cloud = Cloud { bounds: Bounds::EMPTY, points: Vec::new() };
    for pose in &group.poses {
        for mesh in &prop.meshes {
            let place = |p: &Vec3| (pose.turn * (*p * prop.scale) + pose.at) * site.scale + site.at;
            let positions: Vec<Vec3> = mesh.positions.iter().map(place).collect();
            for p in &positions {
                cloud.bounds.add(*p);
            }
            cloud.points.extend(positions.iter().step_by((positions.len() / 300).max(1)));
            let normals = mesh.normals.iter().map(|n| pose.turn * *n).collect();
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
