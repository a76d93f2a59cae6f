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
    plan::{ScenePlan, Subject},
    posture,
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
    let mut dyed: Vec<Vec<Prop>> = Vec::new();
    for (i, subject) in plan.subjects.iter().enumerate() {
        let mut chance = Chance::new(u64::from(seed) ^ 0xd1e5_0000_0000 ^ i as u64);
        let colors = copies::dyes(subject, plan.palette, &mut chance);
        let in_color = |color| prop::make(&Subject { color, ..subject.clone() }, plan.angle, catalogue, &mut world);
        dyed.push(colors.into_iter().map(Some).map(in_color).collect::<Result<_, _>>()?);
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
        let dyed = &dyed[clouds.len()];
        clouds.push(put(&mut world, (prop, dyed), group, *site));
    }
    let (framed, points) = frame_of_interest(plan, &clouds);
    world.camera = framing::camera((plan, props[0].seen_from), (framed, &points), aspect, &mut chance);
    let whole = clouds.iter().map(|c| c.bounds).fold(framed, Bounds::with);
    // What is only there as a picture goes across, models go as they are turned.
    let heading = (if props[0].turn < 0.5 { 90.0 - yaw * props[0].turn } else { yaw }).to_radians();
    let exposure_bias = set::dress(&mut world, plan, (framed, whole, heading), catalogue, &mut chance)?;
    Ok(Staged { world, exposure_bias })
}

/// Where one group of copies is, and samples of its vertices.
struct Cloud {
    bounds: Bounds,
    points: Vec<Vec3>,
}

/// What the camera frames: everything, unless something is far larger than what the picture is about.
fn frame_of_interest(plan: &ScenePlan, clouds: &[Cloud]) -> (Bounds, Vec<Vec3>) {
    let carriers = layout::carriers(plan);
    let main = clouds[0].bounds;
    // Of two, the first counts; of more, how they stand together does. What carries may be cut before others are.
    let limit = if clouds.len() > 2 { 9.0 } else { 5.0 };
    let of = |carrier: bool| if carrier { limit } else { 14.0 };
    let near = |(c, carrier): &(&Cloud, &bool)| c.bounds.radius() <= main.radius() * of(**carrier);
    let shown: Vec<&Cloud> = clouds.iter().zip(&carriers).filter(near).map(|(c, _)| c).collect();
    let mut framed = shown.iter().map(|c| c.bounds).fold(main, Bounds::with);
    let mut points: Vec<Vec3> = shown.iter().flat_map(|c| c.points.iter().copied()).collect();
    // What hovers is seen with the ground beneath it and a part of its reflection there.
    let height = framed.high.y - framed.low.y;
    if plan.subjects.iter().any(|s| s.floating) && framed.low.y > 0.0 && height < posture::SKY_CM {
        let (middle, mirrored) = (framed.center(), -framed.low.y - 0.12 * height);
        framed.low.y = 0.0;
        points.push(Vec3::new(middle.x, mirrored, middle.z));
    }
    (framed, points)
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

/// Adds the copies of a prop to the world, in turn those in other colours where there are some; gives where they are.
fn put(world: &mut World, (prop, dyed): (&Prop, &[Prop]), group: &Group, site: Site) -> Cloud {
    let mut cloud = Cloud { bounds: Bounds::EMPTY, points: Vec::new() };
    for (k, pose) in group.poses.iter().enumerate() {
        let look = if dyed.is_empty() { prop } else { &dyed[k % dyed.len()] };
        // Normals of what is stretched turn the other way.
        let upright = pose.turn.inverse().transpose();
        for mesh in &look.meshes {
            let place = |p: &Vec3| (pose.turn * (*p * prop.scale) + pose.at) * site.scale + site.at;
            let positions: Vec<Vec3> = mesh.positions.iter().map(place).collect();
            for p in &positions {
                cloud.bounds.add(*p);
            }
            cloud.points.extend(positions.iter().step_by((positions.len() / 300).max(1)));
            let normals = mesh.normals.iter().map(|n| (upright * *n).normalize_or(*n)).collect();
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
        Place::Bathroom | Place::Terrace => Some(Substance::Tiles),
        Place::Gallery => Some(Substance::Concrete),
        Place::Meadow | Place::Forest | Place::Road | Place::MountainRoad => Some(Substance::Grass),
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
        Place::Meadow
        | Place::Beach
        | Place::Snowfield
        | Place::Lake
        | Place::Terrace
        | Place::Road
        | Place::MountainRoad => Lighting::Daylight,
        Place::Forest | Place::Street => Lighting::Overcast,
        Place::Desert => Lighting::GoldenHour,
    }
}
