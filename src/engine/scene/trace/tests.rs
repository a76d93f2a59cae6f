//! What keeps the tracer honest as a whole: furnaces, closed forms, the same bytes on any number of threads.

use std::f32::consts::PI;

use glam::{Vec2, Vec3};

use super::*;
use crate::engine::{CancelToken, EngineError, RunContext};

fn take(world: &World, settings: &RenderSettings) -> Film {
    render(world, settings, &RunContext::new(CancelToken::default(), &|_| {})).unwrap()
}

fn uniform(radiance: f32) -> Environment {
    let v = Vec3::splat(radiance);
    Environment { zenith: v, horizon: v, nadir: v, falloff: 1.0, ..Environment::default() }
}

fn close_up(target: Vec3, position: Vec3) -> Camera {
    Camera { position, target, fov_degrees: 8.0, ..Camera::default() }
}

fn settings(size: u32, samples: u32) -> RenderSettings {
    RenderSettings {
        width: size,
        height: size,
        samples,
        max_depth: 24,
        firefly_clamp: 0.0,
        ..RenderSettings::default()
    }
}

fn mean(film: &Film) -> Vec3 {
    film.color.iter().sum::<Vec3>() / film.color.len() as f32
}

/// Energy that a material may create or, of single scattering, lose: the tables of the highlights' albedo are coarse.
const CREATED: f32 = 0.02;
const LOST: f32 = 0.04;
/// Rough glass scatters once only: what its microfacets shadow is lost.
const LOST_IN_ROUGH_GLASS: f32 = 0.16;

/// What a sphere of a material sends back in a uniform world, as a share of what falls on it.
fn furnace(material: Material) -> f32 {
    let world = World {
        meshes: vec![shape::sphere(Vec3::ZERO, 1.0, 64, 0)],
        materials: vec![material],
        environment: uniform(0.7),
        camera: Camera { position: Vec3::new(0.0, 0.0, 12.0), fov_degrees: 7.0, ..Camera::default() },
        ..World::default()
    };
    mean(&take(&world, &settings(12, 64))).x / 0.7
}

#[test]
fn white_things_vanish_in_a_white_furnace() {
    let white = Material { base_color: Vec3::ONE, ..Material::default() };
    let glass = Material { transmission: 1.0, roughness: 0.0, ..white.clone() };
    for (name, material, lost) in [
        ("plastic", white.clone(), LOST),
        ("matt", Material { roughness: 1.0, specular: 0.0, ..white.clone() }, LOST),
        ("metal", Material { metallic: 1.0, roughness: 0.5, ..white.clone() }, LOST),
        ("polished metal", Material { metallic: 1.0, roughness: 0.02, ..white.clone() }, LOST),
        ("rough metal", Material { metallic: 1.0, roughness: 1.0, ..white.clone() }, LOST),
        ("brushed metal", Material { metallic: 1.0, anisotropy: 0.85, roughness: 0.36, ..white.clone() }, 2.0 * LOST),
        ("coated metal", Material { metallic: 1.0, clearcoat: 1.0, ..white.clone() }, LOST),
        ("glaze", Material { clearcoat: 1.0, ..white.clone() }, LOST),
        ("cloth", Material { sheen: 1.0, roughness: 0.9, specular: 0.2, ..white.clone() }, LOST),
        ("glass", glass.clone(), LOST),
        ("pane", Material { thin: true, ..glass.clone() }, LOST),
        ("frosted pane", Material { thin: true, roughness: 0.35, ..glass.clone() }, LOST),
        ("frosted glass", Material { roughness: 0.35, ..glass.clone() }, LOST_IN_ROUGH_GLASS),
        ("half glass", Material { transmission: 0.5, ..glass }, LOST),
        ("half there", Material { opacity: 0.5, ..white }, LOST),
    ] {
        let share = furnace(material);
        assert!(share < 1.0 + CREATED && share > 1.0 - lost, "{name} returns {share} of the light");
    }
}

#[test]
fn no_material_by_name_makes_light() {
    for surface in surface::ALL_SURFACES {
        let own = surface.material();
        let share = furnace(Material { base_color: Vec3::ONE, second_color: Vec3::ONE, ..own.clone() });
        assert!(share < 1.0 + CREATED, "white {surface:?} returns {share} of the light");
        assert!(furnace(own) < share + CREATED, "{surface:?} returns more than when it is white");
    }
}

#[test]
fn grey_things_return_their_albedo() {
    let material = Material { base_color: Vec3::new(0.2, 0.5, 0.8), specular: 0.0, ..Material::default() };
    let world = World {
        meshes: vec![shape::plane(Vec3::ZERO, 50.0, 50.0, 0)],
        materials: vec![material],
        environment: uniform(1.0),
        camera: close_up(Vec3::ZERO, Vec3::new(0.0, 20.0, 0.1)),
        ..World::default()
    };
    let got = mean(&take(&world, &settings(8, 64)));
    // Grazing reflection is left even without a highlight at normal incidence.
    assert!(got.distance(Vec3::new(0.2, 0.5, 0.8)) < 0.06, "{got}");
}

/// Irradiance below the corner of a rectangle, times pi over its radiance (Lambert's formula for a parallel one).
fn corner_factor(a: f32, b: f32, height: f32) -> f32 {
    let (x, y) = (a / height, b / height);
    let (p, q) = ((1.0 + x * x).sqrt(), (1.0 + y * y).sqrt());
    (x / p * (y / p).atan() + y / q * (x / q).atan()) / (2.0 * PI)
}

#[test]
fn a_rectangle_lights_a_plane_as_the_closed_form_says() {
    let radiance = 6.0;
    let (half_u, half_v, height) = (2.0, 1.0, 3.0);
    let world = World {
        meshes: vec![shape::plane(Vec3::ZERO, 50.0, 50.0, 0)],
        materials: vec![Material {
            base_color: Vec3::splat(0.5),
            specular: 0.0,
            roughness: 1.0,
            ..Material::default()
        }],
        lights: vec![Light::Rectangle {
            center: Vec3::Y * height,
            half_u: Vec3::X * half_u,
            half_v: Vec3::Z * half_v,
            radiance: Vec3::splat(radiance),
            visible: false,
        }],
        camera: Camera { fov_degrees: 0.5, ..close_up(Vec3::ZERO, Vec3::new(0.0, 9.0, 0.01)) },
        ..World::default()
    };
    let mut darker = settings(4, 512);
    darker.max_depth = 1;
    let got = mean(&take(&world, &darker)).x;
    let factor = 4.0 * corner_factor(half_u, half_v, height);
    let expected = 0.5 * radiance * factor;
    assert!((got / expected - 1.0).abs() < 0.05, "{got} instead of {expected}");
}

/// A matt grey plane seen from above: what it sends back is a measure of what falls on it.
fn grey_plane(world: World) -> f32 {
    let material = Material { base_color: Vec3::splat(0.5), specular: 0.0, roughness: 1.0, ..Material::default() };
    let mut meshes = world.meshes.clone();
    meshes.push(shape::plane(Vec3::ZERO, 50.0, 50.0, world.materials.len()));
    let mut materials = world.materials.clone();
    materials.push(material);
    let camera = Camera { fov_degrees: 0.5, ..close_up(Vec3::ZERO, Vec3::new(0.0, 9.0, 0.01)) };
    let once = RenderSettings { max_depth: 1, ..settings(4, 1024) };
    mean(&take(&World { meshes, materials, camera, ..world }, &once)).x
}

#[test]
fn skies_suns_and_glowing_spheres_light_a_plane_as_closed_forms_say() {
    let near = |name: &str, got: f32, expected: f32| {
        assert!((got / expected - 1.0).abs() < 0.04, "{name}: {got} instead of {expected}");
    };
    // A sky that fades linearly with height: 2 integral y * y dy.
    let fading = Environment { zenith: Vec3::ONE, falloff: 1.0, ..Environment::default() };
    near("sky", grey_plane(World { environment: fading, ..World::default() }), 0.5 * 2.0 / 3.0);
    let direction = Vec3::new(0.6, 0.8, 0.0);
    let sun = Light::Sun { direction, irradiance: Vec3::splat(3.0), angular_radius_degrees: 0.5 };
    near("sun", grey_plane(World { lights: vec![sun], ..World::default() }), 0.5 * 3.0 * 0.8 / PI);
    // A sphere of radius r at distance d, straight above, is as bright as a hole of (r / d) squared. It hides the
    // camera's own sight of the plane's middle, so it stands a little aside: d is along the slope, times its cosine.
    let (center, radius) = (Vec3::new(4.0, 6.0, 0.0), 2.0f32);
    let glowing = World {
        meshes: vec![shape::sphere(center, radius, 96, 0)],
        materials: vec![Material { base_color: Vec3::ZERO, emission: Vec3::splat(8.0), ..Material::default() }],
        ..World::default()
    };
    let cosine = center.y / center.length();
    near("sphere", grey_plane(glowing), 0.5 * 8.0 * cosine * radius * radius / center.length_squared());
}

#[test]
fn light_that_goes_round_in_a_closed_room_adds_up() {
    // Every wall glows with L and returns the share r: everything is L / (1 - r) bright.
    let grey = Material { base_color: Vec3::splat(0.5), specular: 0.0, roughness: 1.0, ..Material::default() };
    let plane = World {
        meshes: vec![shape::plane(Vec3::ZERO, 50.0, 50.0, 0)],
        materials: vec![grey.clone()],
        environment: uniform(1.0),
        camera: close_up(Vec3::ZERO, Vec3::new(0.0, 14.0, 14.0)),
        ..World::default()
    };
    let returned = mean(&take(&plane, &settings(8, 256))).x;
    let room = World {
        meshes: vec![shape::sphere(Vec3::ZERO, 10.0, 48, 0)],
        materials: vec![Material { emission: Vec3::splat(0.25), ..grey }],
        camera: Camera { position: Vec3::new(3.0, 1.0, 0.0), target: Vec3::X * -9.0, ..Camera::default() },
        ..World::default()
    };
    let got = mean(&take(&room, &RenderSettings { max_depth: 60, ..settings(12, 128) })).x;
    let expected = 0.25 / (1.0 - returned);
    assert!((got / expected - 1.0).abs() < 0.03, "{got} instead of {expected}");
}

#[test]
fn the_firefly_clamp_darkens_nothing_diffuse() {
    let subject = Subject { center: Vec3::Y * 4.0, radius: 5.0, toward_camera: Vec3::Z };
    let mut world = World {
        meshes: vec![shape::plane(Vec3::ZERO, 400.0, 400.0, 0), shape::sphere(Vec3::Y * 4.0, 4.0, 32, 0)],
        materials: vec![Material { specular: 0.0, roughness: 1.0, ..Material::default() }],
        camera: Camera { position: Vec3::new(0.0, 14.0, 34.0), target: Vec3::Y * 3.0, ..Camera::default() },
        ..World::default()
    };
    light(LightingPreset::Studio, &subject).apply(&mut world);
    let with = |clamp: f32| mean(&take(&world, &RenderSettings { firefly_clamp: clamp, ..settings(24, 64) })).x;
    let (free, held) = (with(0.0), with(RenderSettings::default().firefly_clamp));
    assert!((held / free - 1.0).abs() < 0.01, "{held} instead of {free}");
}

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/still_life.json");
const REFERENCE_SIDE: u32 = 24;

/// The picture that the next test compares with: 4,096 samples a pixel, no clamp. It is made again where
/// `MAKE_REFERENCE` is set, by hand, when the still life is meant to look different.
fn make_reference() {
    let many = RenderSettings { seed: 1, max_depth: 16, ..settings(REFERENCE_SIDE, 4096) };
    let film = take(&still_life(), &many);
    let values: Vec<f32> = film.color.iter().flat_map(Vec3::to_array).map(|v| (v * 1e4).round() / 1e4).collect();
    std::fs::write(REFERENCE, serde_json::to_string(&values).unwrap() + "\n").unwrap();
}

#[test]
fn a_still_life_is_what_it_was() {
    if std::env::var_os("MAKE_REFERENCE").is_some() {
        make_reference();
    }
    let values: Vec<f32> = serde_json::from_str(&std::fs::read_to_string(REFERENCE).unwrap()).unwrap();
    let reference: Vec<Vec3> = values.chunks(3).map(Vec3::from_slice).collect();
    let film = take(&still_life(), &RenderSettings { seed: 2, max_depth: 16, ..settings(REFERENCE_SIDE, 256) });
    let whole = |c: &[Vec3]| c.iter().sum::<Vec3>() / c.len() as f32;
    let drift = (whole(&film.color) / whole(&reference) - Vec3::ONE).abs().max_element();
    assert!(drift < 0.015, "the whole is {drift} off");
    let error = |(a, b): (&Vec3, &Vec3)| (*a - *b).length_squared() / (b.length_squared() + 0.01);
    let error = film.color.iter().zip(&reference).map(error).sum::<f32>() / reference.len() as f32;
    assert!(error < 0.004, "relative squared error {error}");
}

fn still_life() -> World {
    let subject = Subject { center: Vec3::Y * 4.0, radius: 5.0, toward_camera: Vec3::new(0.2, 0.3, 1.0) };
    let mut world = World {
        meshes: vec![
            shape::plane(Vec3::ZERO, 400.0, 400.0, 0),
            shape::cup(8.0, 1),
            shape::sphere(Vec3::new(7.0, 2.5, 1.0), 2.5, 16, 2),
        ],
        materials: vec![Surface::Oak.material(), Surface::Ceramic.material(), Surface::Glass.material()],
        camera: Camera {
            position: Vec3::new(8.0, 14.0, 34.0),
            target: Vec3::Y * 3.0,
            aperture_radius: 0.4,
            ..Camera::default()
        },
        ..World::default()
    };
    light(LightingPreset::Studio, &subject).apply(&mut world);
    world
}

fn light(preset: LightingPreset, subject: &Subject) -> Lighting {
    super::light::light(preset, subject)
}

#[test]
fn any_number_of_threads_makes_the_same_bytes() {
    let world = still_life();
    let quick =
        RenderSettings { width: 40, height: 32, samples: 24, noise_target: 0.02, seed: 5, ..RenderSettings::default() };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| take(&world, &quick))
    };
    let (one, three) = (on(1), on(3));
    assert_eq!(one, three);
    let other = take(&world, &RenderSettings { seed: 6, ..quick });
    assert_ne!(one.color, other.color, "the seed must matter");
    assert!(
        one.samples.iter().any(|n| *n < 24) && one.samples.contains(&24),
        "nothing adapted: {:?}",
        one.samples.iter().max()
    );
}

#[test]
fn few_samples_see_the_same_as_many() {
    let world = still_life();
    let film = |samples, seed| {
        take(&world, &RenderSettings { width: 24, height: 24, samples, seed, ..RenderSettings::default() })
    };
    let reference = film(256, 1);
    let quick = film(16, 2);
    let (a, b) = (mean(&reference), mean(&quick));
    assert!((a - b).abs().max_element() < 0.03 * a.max_element(), "{a} {b}");
    // A few pixels alone are those of the film.
    let at = [[3, 4], [12, 12], [23, 0]];
    let alone = RenderSettings { width: 24, height: 24, samples: 256, seed: 1, ..RenderSettings::default() };
    let pixels = render_pixels(&world, &alone, &at).unwrap();
    for ([x, y], color) in at.iter().zip(pixels) {
        assert_eq!(color, reference.color[(y * 24 + x) as usize]);
    }
    assert!(render_pixels(&world, &alone, &[[24, 0]]).is_err());
}

#[test]
fn bad_worlds_give_plain_pictures() {
    let quick = RenderSettings { width: 8, height: 8, samples: 4, ..RenderSettings::default() };
    let empty = take(&World::default(), &quick);
    assert!(empty.color.iter().all(|c| *c == Vec3::ZERO));
    let corners = vec![Vec3::ZERO, Vec3::X * 9.0, Vec3::Y * 9.0, Vec3::NAN, Vec3::ZERO];
    let bad = Mesh {
        positions: corners,
        normals: vec![Vec3::NAN, Vec3::ZERO, Vec3::INFINITY],
        uvs: vec![Vec2::NAN],
        triangles: vec![[0, 1, 2], [0, 4, 0], [0, 1, 3], [7, 8, 9]],
        material: 99,
    };
    let mut world = World { meshes: vec![bad], environment: uniform(1.0), ..World::default() };
    world.textures.push(Texture { width: 4, height: 4, rgba: vec![[1, 2, 3, 4]] });
    world.materials = vec![Material {
        base_color: Vec3::NAN,
        base_texture: Some(0),
        roughness: -3.0,
        ior: 0.0,
        ..Material::default()
    }];
    world.meshes.push(shape::plane(Vec3::NEG_Y, 99.0, 99.0, 0));
    world.camera.target = world.camera.position;
    for target in [Vec3::ZERO, world.camera.position, world.camera.position - Vec3::Y] {
        world.camera.target = target;
        assert!(take(&world, &quick).color.iter().all(|c| c.is_finite() && c.min_element() >= 0.0));
    }
}

#[test]
fn bad_settings_are_refused_and_cancelling_stops() {
    let world = still_life();
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    for (width, height, samples) in [(0, 8, 1), (8, 9000, 1), (8, 8, 0)] {
        let bad = RenderSettings { width, height, samples, ..RenderSettings::default() };
        assert!(matches!(render(&world, &bad, &ctx), Err(EngineError::Input(_))));
    }
    let token = CancelToken::default();
    let stop = token.clone();
    let seen = std::sync::Mutex::new(Vec::new());
    let report = |p: crate::engine::Progress| {
        seen.lock().unwrap().push(p.fraction);
        if p.fraction > 0.2 {
            stop.cancel();
        }
    };
    let long = RenderSettings { width: 16, height: 16, samples: 64, ..RenderSettings::default() };
    assert!(matches!(render(&world, &long, &RunContext::new(token, &report)), Err(EngineError::Cancelled)));
    let seen = seen.into_inner().unwrap();
    assert!(seen.windows(2).all(|p| p[0] <= p[1]) && *seen.last().unwrap() < 0.5, "{seen:?}");
}
