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

#[test]
fn white_things_vanish_in_a_white_furnace() {
    let white = Material { base_color: Vec3::ONE, ..Material::default() };
    for (name, material) in [
        ("plastic", white.clone()),
        ("metal", Material { metallic: 1.0, roughness: 0.5, ..white.clone() }),
        ("glaze", Material { clearcoat: 1.0, ..white.clone() }),
        ("glass", Material { transmission: 1.0, roughness: 0.0, ..white.clone() }),
        ("pane", Material { transmission: 1.0, roughness: 0.0, thin: true, ..white.clone() }),
        ("half there", Material { opacity: 0.5, ..white }),
    ] {
        let world = World {
            meshes: vec![shape::sphere(Vec3::ZERO, 1.0, 64, 0)],
            materials: vec![material],
            environment: uniform(0.7),
            camera: Camera { position: Vec3::new(0.0, 0.0, 12.0), fov_degrees: 7.0, ..Camera::default() },
            ..World::default()
        };
        let got = mean(&take(&world, &settings(12, 64))).x;
        assert!((got / 0.7 - 1.0).abs() < 0.03, "{name}: {got} instead of 0.7");
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
    assert_eq!(denoise(&one, 1.0), denoise(&three, 1.0));
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
    let error =
        |c: &[Vec3]| -> f32 { c.iter().zip(&reference.color).map(|(p, q)| (*p - *q).length_squared()).sum::<f32>() };
    assert!(error(&denoise(&quick, 1.0)) < error(&quick.color), "denoising must bring it nearer to the truth");
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
