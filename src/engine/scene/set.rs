//! The set: ground, backdrop, walls and light around what is staged.
//!
//! Owns what is not a subject; refuses to move subjects or camera.

use glam::Vec3;

use super::{
    catalogue::{Catalogue, Entry},
    form::rounded_box,
    framing::Bounds,
    lexicon::{Lighting, Place, Substance},
    looks,
    plan::{Cover, ScenePlan},
    scenery::{Painter, Range},
    shapes::Shape,
    stage::{ground_of, light_of},
    trace::{self, Environment, LightingPreset, Material, Mesh, Surface, World, light, shape},
    treatment,
};
use crate::engine::{EngineError, chance::Chance};

/// How high a table is.
const TABLE_CM: f32 = 74.0;
/// Furniture from here on stands on a floor, what is smaller on a table.
const FURNITURE_CM: f32 = 55.0;

/// Lights the world and puts a ground and a backdrop into it. `framed` is what the camera frames, `whole` everything.
/// `heading` is how far the first thing is turned from facing the camera, in radians. Gives the stops to add when the
/// picture is developed.
pub(super) fn dress(
    world: &mut World,
    plan: &ScenePlan,
    (framed, whole, heading): (Bounds, Bounds, f32),
    catalogue: &Catalogue<'_>,
    chance: &mut Chance,
) -> Result<f32, EngineError> {
    let place = plan.place;
    let chosen = plan.lighting.unwrap_or_else(|| light_of(place));
    let subject = trace::Subject {
        center: framed.center(),
        radius: framed.radius(),
        toward_camera: world.camera.position - framed.center(),
    };
    let lighting = lights(chosen, &subject);
    lighting.apply(world);
    if let Some(cover) = plan.backdrop {
        let color = cover.color.map_or_else(
            || average(&looks::substance(cover.substance.unwrap_or(Substance::Plaster), None)),
            looks::linear,
        );
        world.backdrop = Some(seamless(color, chosen));
    }
    let reach = whole.reach().max(framed.reach());
    let indoors = matches!(place, Place::Room | Place::Kitchen | Place::Bathroom | Place::Gallery);
    let large = framed.high.y - framed.low.y > FURNITURE_CM;
    let open = is_open(plan);
    // What is small stands on the terrace's table.
    let table = Cover { substance: Some(Substance::Wood), ..Cover::default() };
    let on_table = place == Place::Terrace && !large && open;
    let surface = plan.surface.or_else(|| on_table.then_some(table)).or_else(|| natural_ground(plan));
    let mut floor = whole.low.y.min(0.0);
    let mut albedo = 0.3;
    match surface {
        Some(cover) => {
            let material = top(cover, world.camera.position - world.camera.target);
            // A metal shows its surroundings, not itself.
            albedo = looks::luminance(average(&material)) * (1.0 - 0.6 * material.metallic);
            let bench = !large && plan.backdrop.is_none() && is_bench(cover);
            if bench && (open || matches!(chosen, Lighting::Window | Lighting::Daylight) || indoors) {
                slab(world, material, (framed, reach));
                if open {
                    let below = natural_ground(plan).unwrap_or_default();
                    let below = looks::substance(below.substance.unwrap_or(Substance::Grass), below.color);
                    floor -= TABLE_CM;
                    ground(world, below, reach.max(60.0), floor);
                }
            } else {
                ground(world, material, reach, whole.low.y.min(0.0));
            }
            if indoors && large {
                room(world, plan, whole);
            } else {
                backing(world, plan, whole);
            }
        }
        None => {
            if let Some(color) = cyclorama(world, plan, &lighting, (reach, whole)) {
                albedo = looks::luminance(color);
            }
        }
    }
    // A dark ground that fades into a white backdrop would look like fog.
    if !open
        && plan.backdrop.is_none()
        && let Some(backdrop) = &mut world.backdrop
    {
        let dim = (albedo / 0.3).clamp(0.1, 1.0);
        for light in [&mut backdrop.zenith, &mut backdrop.horizon, &mut backdrop.nadir] {
            *light *= dim;
        }
    }
    if open {
        let dark = matches!(chosen, Lighting::Night | Lighting::BlueHour | Lighting::Neon);
        let mut painter =
            Painter { world, catalogue, chance, range: Range::behind(reach), ground: floor, dark, heading };
        painter.open_view(place)?;
    }
    Ok(lighting.exposure_bias)
}

/// The lights of a mood round the subject.
fn lights(chosen: Lighting, subject: &trace::Subject) -> trace::Lighting {
    let (preset, bias) = preset(chosen);
    let mut lighting = light::light(preset, subject);
    grade(&mut lighting, chosen);
    if chosen == Lighting::Candlelight {
        light_candles(&mut lighting, subject);
    }
    lighting.exposure_bias += bias;
    lighting
}

/// What is on the ground at the place of a plan that names no surface.
fn natural_ground(plan: &ScenePlan) -> Option<Cover> {
    // Before a wall of bricks there is a pavement, not a paper.
    let walled = plan.backdrop.is_some_and(|cover| cover.substance.is_some_and(|of| of != Substance::Paper));
    let of = ground_of(plan.place).or_else(|| walled.then_some(Substance::Concrete))?;
    // Warm stone flags, not the white tiles of a bath.
    let color = (plan.place == Place::Terrace).then_some([202, 178, 150]);
    Some(Cover { substance: Some(of), color, ..Cover::default() })
}

/// The place of a plan: where the prompt names none, the ground or the furniture tells it.
pub(super) fn place_of(plan: &ScenePlan, catalogue: &Catalogue<'_>) -> Place {
    let ground = plan.surface.and_then(|cover| cover.substance);
    let in_studio = matches!(plan.lighting, Some(Lighting::Studio | Lighting::Soft | Lighting::HighKey));
    let furnished = plan.subjects.iter().filter_map(|s| catalogue.by_id(&s.entry)).any(|entry| {
        let room = catalogue.model(entry).is_some_and(|(_, m)| !OUTDOOR.contains(&m.category.as_str()));
        room && catalogue.size_cm(entry)[1] > FURNITURE_CM || entry == Entry::Shape(Shape::Fireplace)
    });
    match (plan.place, ground) {
        (Place::Studio, None) if furnished && !in_studio => Place::Room,
        (Place::Studio, _) if in_studio || plan.backdrop.is_some() => Place::Studio,
        (Place::Studio, Some(Substance::Grass)) => Place::Meadow,
        (Place::Studio, Some(Substance::Asphalt)) => Place::Street,
        (Place::Studio, Some(Substance::Snow | Substance::Ice)) => Place::Snowfield,
        (Place::Studio, Some(Substance::Water)) => Place::Lake,
        (place, _) => place,
    }
}

/// Categories of the pack whose things stand out of doors, or anywhere.
const OUTDOOR: [&str; 5] = ["exterior", "vehicles", "characters", "lights", "miscellaneous"];

/// Whether there is sky and a horizon behind things.
pub(super) fn is_open(plan: &ScenePlan) -> bool {
    use Lighting::{BlueHour, Daylight, GoldenHour, Night, Overcast, Sunset};
    plan.backdrop.is_none()
        && match plan.place {
            Place::Room | Place::Kitchen | Place::Bathroom | Place::Gallery => false,
            Place::Studio => {
                matches!(plan.lighting, Some(Daylight | Overcast | GoldenHour | Sunset | BlueHour | Night))
            }
            _ => true,
        }
}

/// Whether something of this kind is rather the top of a table than a ground.
fn is_bench(cover: Cover) -> bool {
    use Substance::{
        Bamboo, BlackMarble, BrushedSteel, Copper, DarkWood, Glass, Granite, Linen, Marble, PaleWood, Slate, Steel,
        Terrazzo, Tiles, Wood,
    };
    cover.substance.is_some_and(|of| {
        matches!(
            of,
            Bamboo
                | BlackMarble
                | BrushedSteel
                | Copper
                | DarkWood
                | Glass
                | Granite
                | Linen
                | Marble
                | PaleWood
                | Slate
                | Steel
                | Tiles
                | Terrazzo
                | Wood
        )
    })
}

/// A wall of the material that is said to be behind things.
fn backing(world: &mut World, plan: &ScenePlan, whole: Bounds) {
    let Some((cover, of)) = plan.backdrop.and_then(|cover| Some((cover, cover.substance?))) else { return };
    let index = world.materials.len();
    world.materials.push(looks::substance(of, cover.color));
    let reach = whole.reach();
    let gap = if plan.subjects.iter().any(|s| s.leaning) { 0.0 } else { 0.25 * reach + 2.0 };
    let foot = Vec3::new(0.0, whole.low.y.min(0.0) + 20.0 * reach, whole.low.z - gap);
    world.meshes.push(shape::quad(foot, Vec3::X * 30.0 * reach, Vec3::Y * 20.0 * reach, index));
    world.haze_distance = None;
}

/// The top of a table whose far edge is seen a little behind what stands on it.
fn slab(world: &mut World, material: Material, (framed, reach): (Bounds, f32)) {
    let index = world.materials.len();
    world.materials.push(material);
    let back = framed.low.z - 1.5 * reach.max(9.0);
    let front = world.camera.position.z.max(framed.high.z) + 2.0 * reach;
    let size = Vec3::new(24.0 * reach.max(20.0), 3.6, front - back);
    let board = rounded_box(size, 0.5).moved(Vec3::new(0.0, -3.6, (front + back) * 0.5));
    world.meshes.push(Mesh {
        positions: board.positions,
        normals: board.normals,
        uvs: vec![],
        triangles: board.triangles,
        material: index,
    });
}

/// The tracer's preset for a light, and stops to add.
fn preset(lighting: Lighting) -> (LightingPreset, f32) {
    match lighting {
        Lighting::Studio | Lighting::Soft => (LightingPreset::Studio, 0.0),
        Lighting::HighKey => (LightingPreset::Studio, 0.5),
        Lighting::Window => (LightingPreset::Window, 0.0),
        Lighting::Daylight => (LightingPreset::Daylight, 0.0),
        Lighting::Overcast => (LightingPreset::Overcast, 0.0),
        Lighting::BlueHour => (LightingPreset::Overcast, -0.7),
        Lighting::GoldenHour => (LightingPreset::GoldenHour, 0.0),
        Lighting::Sunset | Lighting::Backlit => (LightingPreset::Sunset, 0.0),
        Lighting::Night => (LightingPreset::Night, 0.0),
        Lighting::Candlelight => (LightingPreset::Moody, 0.6),
        Lighting::Dramatic => (LightingPreset::Moody, -0.7),
        Lighting::Neon => (LightingPreset::Neon, 0.0),
    }
}

/// Tints what a preset lacks.
fn grade(lighting: &mut trace::Lighting, chosen: Lighting) {
    // Between the tubes some plain light, so that a white thing is still seen to be white.
    if let (Lighting::Neon, Some(trace::Light::Rectangle { radiance, .. })) = (chosen, lighting.lights.last_mut()) {
        *radiance = Vec3::new(4.6, 4.4, 4.9);
    }
    let (lights, sky) = match chosen {
        Lighting::Soft => (Vec3::splat(0.55), Vec3::splat(1.9)),
        Lighting::HighKey => (Vec3::splat(0.9), Vec3::splat(1.8)),
        Lighting::BlueHour => (Vec3::ONE, Vec3::new(0.42, 0.62, 1.15)),
        _ => return,
    };
    for light in &mut lighting.lights {
        match light {
            trace::Light::Rectangle { radiance, .. } => *radiance *= lights,
            trace::Light::Sun { irradiance, .. } => *irradiance *= lights,
        }
    }
    for environment in std::iter::once(&mut lighting.environment).chain(lighting.backdrop.as_mut()) {
        environment.zenith *= sky;
        environment.horizon *= sky;
        environment.nadir *= sky;
    }
}

/// The light of candles beside the picture: near, low and warm, so that it falls off into the dark around; what is
/// behind glows a little, so that a glass stands out from it.
fn light_candles(lighting: &mut trace::Lighting, subject: &trace::Subject) {
    let flat = Vec3::new(subject.toward_camera.x, 0.0, subject.toward_camera.z).normalize_or(Vec3::Z);
    let right = Vec3::Y.cross(flat);
    let candle = |aside: f32, forward: f32, up: f32, radiance: Vec3| {
        let toward = (right * aside + flat * forward + Vec3::Y * up) * subject.radius;
        let (side, half) = (Vec3::Y.cross(toward).normalize_or(Vec3::X), 0.42 * subject.radius);
        trace::Light::Rectangle {
            center: subject.center + toward,
            half_u: side * -half,
            half_v: toward.cross(side).normalize_or(Vec3::Y) * half,
            radiance,
            visible: false,
        }
    };
    let flame = Vec3::new(37.0, 22.0, 11.5);
    lighting.lights = vec![candle(-1.9, 1.0, 1.5, flame), candle(1.5, -1.5, 1.3, flame * 0.8)];
    lighting.environment = Environment {
        zenith: Vec3::new(0.030, 0.020, 0.012),
        horizon: Vec3::new(0.05, 0.03, 0.015),
        nadir: Vec3::new(0.012, 0.008, 0.005),
        falloff: 2.0,
        ..Environment::default()
    };
    let behind =
        trace::Glow { direction: -flat + Vec3::Y * 0.05, radiance: Vec3::new(0.34, 0.19, 0.09), sharpness: 12.0 };
    lighting.backdrop = Some(Environment { glows: vec![behind], ..lighting.environment.clone() });
    lighting.cyclorama = Some(Vec3::new(0.24, 0.18, 0.125));
}

/// A wall of one colour far behind, brighter where the background light falls on it.
fn seamless(color: Vec3, lighting: Lighting) -> Environment {
    let level = match lighting {
        Lighting::Dramatic | Lighting::Candlelight | Lighting::Neon => 0.18,
        Lighting::Night | Lighting::BlueHour => 0.08,
        _ => 1.0,
    };
    let color = color * level;
    Environment {
        zenith: color * 0.62,
        horizon: color * 1.15,
        nadir: color * 0.9,
        falloff: 1.6,
        ..Environment::default()
    }
}

fn average(material: &Material) -> Vec3 {
    material.base_color * 0.9 + material.second_color * 0.1
}

/// The material of a ground; brushing runs across the picture so that highlights stretch towards the camera.
fn top(cover: Cover, toward_camera: Vec3) -> Material {
    let of = cover.substance.unwrap_or(Substance::Paper);
    let mut material = treatment::finish(looks::substance(of, cover.color), cover.finish);
    let flat = Vec3::new(toward_camera.x, 0.0, toward_camera.z).normalize_or(Vec3::Z);
    material.tangent = Vec3::Y.cross(flat);
    if of == Substance::Ice {
        // A sheet of it over deep water: no light comes back from below.
        material = Material { transmission: 0.0, base_color: Vec3::new(0.10, 0.20, 0.26), roughness: 0.12, ..material };
    }
    if of == Substance::Glass {
        // A sheet of glass over something dark: seen from above nothing else tells it from air.
        material = Material {
            base_color: Vec3::new(0.03, 0.045, 0.045),
            roughness: 0.03,
            clearcoat: 1.0,
            ..Material::default()
        };
    }
    material
}

fn ground(world: &mut World, material: Material, reach: f32, height: f32) {
    let index = world.materials.len();
    world.materials.push(material);
    let extent = (reach * 160.0).max(1500.0);
    world.meshes.push(shape::plane(Vec3::new(0.0, height.min(0.0), 0.0), extent, extent, index));
}

/// A seamless paper or, for a mood without one, a dark floor.
fn cyclorama(
    world: &mut World,
    plan: &ScenePlan,
    lighting: &trace::Lighting,
    (reach, whole): (f32, Bounds),
) -> Option<Vec3> {
    let named = plan.backdrop.map(|c| {
        c.color
            .map_or_else(|| average(&looks::substance(c.substance.unwrap_or(Substance::Plaster), None)), looks::linear)
    });
    let Some(color) = named.or_else(|| lighting.cyclorama.map(|c| c * paper(plan))) else {
        // Out of doors without a ground named: grass by day, asphalt by night.
        let dark = matches!(plan.lighting, Some(Lighting::Night | Lighting::BlueHour | Lighting::Sunset));
        let of = if whole.high.y < FURNITURE_CM {
            Substance::Stone
        } else if dark {
            Substance::Asphalt
        } else {
            Substance::Concrete
        };
        ground(world, looks::substance(of, None), reach, whole.low.y);
        return None;
    };
    let index = world.materials.len();
    world.materials.push(Material { base_color: color, roughness: 0.9, specular: 0.15, ..Material::default() });
    let front = (world.camera.position.length() * 1.3).max(reach * 8.0);
    let back = reach * 3.2 - whole.low.z.min(0.0);
    let mut mesh = shape::cyclorama(front, back, reach * 16.0, reach * 3.0, index);
    mesh.positions.iter_mut().for_each(|p| p.y += whole.low.y.min(0.0));
    world.meshes.push(mesh);
    // The paper is the backdrop; haze in front of it would only grey it.
    world.haze_distance = None;
    Some(color)
}

/// White things get a warm grey paper, so that they stand out.
fn paper(plan: &ScenePlan) -> Vec3 {
    let pale = plan.subjects.iter().take(1).any(|s| match (s.color, s.substance) {
        (Some(c), _) => c.iter().map(|c| u32::from(*c)).sum::<u32>() > 660,
        (None, Some(of)) => {
            matches!(of, Substance::Ceramic | Substance::Marble | Substance::Plaster | Substance::Glass)
        }
        (None, None) => s.entry.starts_with("shape:"),
    });
    if pale { Vec3::new(0.62, 0.57, 0.51) } else { Vec3::new(0.98, 0.96, 0.93) }
}

/// A room round furniture: a wall behind it and one on the right with skirting boards, and a window where light is said
/// to come from one.
fn room(world: &mut World, plan: &ScenePlan, whole: Bounds) {
    let color = plan.backdrop.and_then(|c| c.color).map(looks::linear);
    let tiled = plan.place == Place::Bathroom;
    let material = match plan.backdrop.and_then(|c| c.substance) {
        Some(of) => looks::substance(of, plan.backdrop.and_then(|c| c.color)),
        None if tiled => looks::substance(Substance::Tiles, None),
        None => Surface::Plaster.tinted(color.unwrap_or(Vec3::new(0.66, 0.64, 0.58))),
    };
    let index = world.materials.len();
    world.materials.push(material);
    world.materials.push(Material { base_color: Vec3::splat(0.78), roughness: 0.4, ..Material::default() });
    // What leans touches the wall.
    let gap = if plan.subjects.iter().any(|s| s.leaning) { 0.0 } else { 12.0 + 0.06 * whole.reach() };
    let back = whole.low.z - gap;
    let right = whole.high.x + 0.9 * whole.reach().max(70.0);
    let height = 420.0f32.max(whole.high.y * 2.0);
    let width = whole.reach() * 15.0 + 400.0;
    let middle = Vec3::new(right - width, height * 0.5, back);
    world.meshes.push(shape::quad(middle, Vec3::X * width, Vec3::Y * height * 0.5, index));
    // The wall on the right ends before the camera.
    let depth = (world.camera.position.z - back) * 0.8;
    let side = Vec3::new(right, height * 0.5, back + depth * 0.5);
    world.meshes.push(shape::quad(side, Vec3::Z * depth * 0.5, Vec3::Y * height * 0.5, index));
    if !tiled {
        let long = rounded_box(Vec3::new(width * 2.0, 9.0, 1.6), 0.4).moved(Vec3::new(right - width, 0.0, back + 0.8));
        let short = rounded_box(Vec3::new(1.6, 9.0, depth), 0.4).moved(Vec3::new(right - 0.8, 0.0, back + depth * 0.5));
        for board in [long, short] {
            world.meshes.push(Mesh {
                positions: board.positions,
                normals: board.normals,
                uvs: vec![],
                triangles: board.triangles,
                material: index + 1,
            });
        }
    }
    world.haze_distance = None;
}
