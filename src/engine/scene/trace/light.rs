//! Lighting presets: the lights, the sky and the backdrop of a named mood, sized to the subject.
//!
//! Owns the positions a photographer would choose (key, fill, rim; sun heights; windows). Refuses to know prompts, and
//! adds no ground: whoever stages the scene does, or takes the cyclorama that [`Lighting::cyclorama`] asks for.

use glam::Vec3;

use super::world::{Environment, Glow, Light, Panel, World};

/// A mood by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LightingPreset {
    /// Seamless light backdrop, two softboxes and a rim light.
    Studio,
    /// Clear sky and a high sun.
    Daylight,
    /// A red sun on the horizon.
    Sunset,
    /// A low warm sun.
    GoldenHour,
    /// An even grey sky.
    Overcast,
    /// Moonlight and a few far lamps.
    Night,
    /// One hard key in the dark.
    Moody,
    /// Pink and cyan tubes in the dark.
    Neon,
    /// A room lit by one large window.
    Window,
}

/// Every preset, for contact sheets and tests.
pub const ALL_LIGHTING: [LightingPreset; 9] = [
    LightingPreset::Studio,
    LightingPreset::Daylight,
    LightingPreset::Sunset,
    LightingPreset::GoldenHour,
    LightingPreset::Overcast,
    LightingPreset::Night,
    LightingPreset::Moody,
    LightingPreset::Neon,
    LightingPreset::Window,
];

/// What is to be lit.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// Its middle.
    pub center: Vec3,
    /// Half of its largest extent in cm, above 0.
    pub radius: f32,
    /// From it to the camera; only the horizontal part counts.
    pub toward_camera: Vec3,
}

/// A preset made for a subject.
#[derive(Debug, Clone, Default)]
pub struct Lighting {
    /// Lights beside the environment.
    pub lights: Vec<Light>,
    /// What surrounds everything.
    pub environment: Environment,
    /// What the camera sees instead of the environment.
    pub backdrop: Option<Environment>,
    /// See [`World::haze_distance`].
    pub haze_distance: Option<f32>,
    /// The colour of a seamless backdrop, where the mood wants one behind a subject without a surface of its own.
    pub cyclorama: Option<Vec3>,
    /// Stops to add when the picture is developed: night stays dark.
    pub exposure_bias: f32,
}

impl Lighting {
    /// Puts everything but the cyclorama into `world`, in place of what lights it had.
    pub fn apply(&self, world: &mut World) {
        world.lights.clone_from(&self.lights);
        world.environment = self.environment.clone();
        world.backdrop.clone_from(&self.backdrop);
        world.haze_distance = self.haze_distance;
    }
}

/// Directions as the photographer sees them.
struct Set {
    center: Vec3,
    radius: f32,
    camera: Vec3,
    right: Vec3,
}

impl Set {
    fn new(subject: &Subject) -> Self {
        let flat = Vec3::new(subject.toward_camera.x, 0.0, subject.toward_camera.z);
        let camera = flat.normalize_or(Vec3::Z);
        Self { center: subject.center, radius: subject.radius.max(0.01), camera, right: Vec3::Y.cross(camera) }
    }

    /// A direction `right` degrees to the right of the camera's side and `up` degrees high.
    fn toward(&self, right: f32, up: f32) -> Vec3 {
        let (sin, cos) = right.to_radians().sin_cos();
        let (rise, flat) = up.to_radians().sin_cos();
        (self.camera * cos + self.right * sin) * flat + Vec3::Y * rise
    }

    /// A rectangle that looks at the subject from a direction; lengths in radii of the subject.
    fn softbox(&self, toward: Vec3, distance: f32, (width, height): (f32, f32), radiance: Vec3) -> Light {
        let side = Vec3::Y.cross(toward).normalize_or(Vec3::X);
        let up = toward.cross(side);
        Light::Rectangle {
            center: self.center + toward * distance * self.radius,
            // Its front is towards the subject.
            half_u: side * -0.5 * width * self.radius,
            half_v: up * 0.5 * height * self.radius,
            radiance,
            visible: false,
        }
    }
}

fn rgb(r: f32, g: f32, b: f32) -> Vec3 {
    Vec3::new(r, g, b)
}

fn gradient(zenith: Vec3, horizon: Vec3, nadir: Vec3, falloff: f32) -> Environment {
    Environment { zenith, horizon, nadir, falloff, ..Environment::default() }
}

fn glow(direction: Vec3, radiance: Vec3, sharpness: f32) -> Glow {
    Glow { direction, radiance, sharpness }
}

fn panel(
    direction: Vec3,
    (half_width_degrees, half_height_degrees): (f32, f32),
    softness: f32,
    radiance: Vec3,
) -> Panel {
    Panel { direction, half_width_degrees, half_height_degrees, softness, radiance }
}

/// The lights of `preset` around `subject`.
pub fn light(preset: LightingPreset, subject: &Subject) -> Lighting {
    let set = Set::new(subject);
    match preset {
        LightingPreset::Studio => studio(&set),
        LightingPreset::Daylight => daylight(&set),
        LightingPreset::Sunset => sunset(&set),
        LightingPreset::GoldenHour => golden_hour(&set),
        LightingPreset::Overcast => overcast(),
        LightingPreset::Night => night(&set),
        LightingPreset::Moody => moody(&set),
        LightingPreset::Neon => neon(&set),
        LightingPreset::Window => window(&set),
    }
}

fn studio(set: &Set) -> Lighting {
    let grey = |v: f32| Vec3::splat(v);
    let mut environment = gradient(grey(0.24), grey(0.14), grey(0.09), 1.4);
    environment.panels = vec![
        panel(set.toward(-100.0, 12.0), (14.0, 40.0), 0.25, grey(1.6)),
        panel(set.toward(150.0, 30.0), (30.0, 10.0), 0.4, grey(1.2)),
    ];
    Lighting {
        lights: vec![
            set.softbox(set.toward(-48.0, 46.0), 5.0, (3.6, 3.6), rgb(10.5, 10.1, 9.6)),
            set.softbox(set.toward(66.0, 24.0), 6.0, (2.6, 4.4), rgb(0.95, 1.0, 1.1)),
            set.softbox(set.toward(160.0, 42.0), 6.0, (3.4, 1.6), rgb(4.5, 4.5, 4.6)),
        ],
        environment,
        backdrop: Some(gradient(grey(0.75), grey(1.15), grey(1.0), 2.0)),
        haze_distance: Some(set.radius * 90.0),
        cyclorama: Some(grey(0.78)),
        exposure_bias: 0.15,
    }
}

fn daylight(set: &Set) -> Lighting {
    let sun = set.toward(-55.0, 48.0);
    let mut environment = gradient(rgb(0.20, 0.42, 0.95), rgb(0.85, 0.95, 1.08), rgb(0.30, 0.29, 0.26), 3.2);
    environment.glows = vec![glow(sun, rgb(2.6, 2.3, 1.8), 14.0)];
    environment.panels = clouds(set, rgb(0.5, 0.5, 0.5));
    Lighting {
        lights: vec![Light::Sun { direction: sun, irradiance: rgb(6.0, 5.5, 4.7), angular_radius_degrees: 0.9 }],
        environment,
        haze_distance: Some((set.radius * 120.0).max(2500.0)),
        exposure_bias: 0.1,
        ..Lighting::default()
    }
}

/// A few long, very soft bands low in the sky.
fn clouds(set: &Set, radiance: Vec3) -> Vec<Panel> {
    [
        (172.0, 13.0, 34.0, 4.5, 0.9),
        (-148.0, 21.0, 26.0, 3.5, 0.6),
        (140.0, 27.0, 20.0, 3.0, 0.5),
        (-175.0, 6.0, 46.0, 3.0, 0.7),
    ]
    .map(|(right, up, width, height, share)| panel(set.toward(right, up), (width, height), 1.0, radiance * share))
    .to_vec()
}

fn sunset(set: &Set) -> Lighting {
    // Behind the subject and beside it: rims of light and long shadows towards the camera.
    let sun = set.toward(132.0, 8.0);
    let mut environment = gradient(rgb(0.17, 0.20, 0.36), rgb(1.20, 0.62, 0.30), rgb(0.10, 0.07, 0.07), 3.4);
    environment.glows =
        vec![glow(sun, rgb(7.0, 2.9, 0.85), 11.0), glow(set.toward(-30.0, 34.0), rgb(0.30, 0.29, 0.34), 1.6)];
    environment.panels = clouds(set, rgb(1.5, 0.42, 0.30));
    Lighting {
        lights: vec![Light::Sun { direction: sun, irradiance: rgb(7.0, 3.7, 1.4), angular_radius_degrees: 1.4 }],
        environment,
        haze_distance: Some((set.radius * 110.0).max(2000.0)),
        exposure_bias: -0.2,
        ..Lighting::default()
    }
}

fn golden_hour(set: &Set) -> Lighting {
    let sun = set.toward(-72.0, 17.0);
    let mut environment = gradient(rgb(0.26, 0.40, 0.72), rgb(1.25, 0.95, 0.62), rgb(0.22, 0.17, 0.12), 2.6);
    environment.glows = vec![glow(sun, rgb(5.0, 3.1, 1.3), 8.0)];
    environment.panels = clouds(set, rgb(0.9, 0.6, 0.38));
    Lighting {
        lights: vec![Light::Sun { direction: sun, irradiance: rgb(7.0, 4.5, 2.1), angular_radius_degrees: 1.2 }],
        environment,
        haze_distance: Some((set.radius * 120.0).max(2500.0)),
        exposure_bias: 0.0,
        ..Lighting::default()
    }
}

fn overcast() -> Lighting {
    Lighting {
        environment: gradient(rgb(1.5, 1.55, 1.6), rgb(0.5, 0.53, 0.56), rgb(0.24, 0.24, 0.24), 1.2),
        haze_distance: Some(3000.0),
        exposure_bias: 0.05,
        ..Lighting::default()
    }
}

fn night(set: &Set) -> Lighting {
    let moon = set.toward(118.0, 38.0);
    let mut environment = gradient(rgb(0.008, 0.012, 0.032), rgb(0.035, 0.045, 0.085), rgb(0.006, 0.006, 0.010), 3.0);
    environment.glows = vec![glow(moon, rgb(0.10, 0.13, 0.22), 20.0)];
    let mut backdrop = environment.clone();
    // Far lamps out of focus: round, soft, warm and cold.
    for (right, up, share) in [
        (166.0, 3.0, 1.0),
        (175.5, 1.2, 0.6),
        (-171.0, 4.5, 0.8),
        (-160.0, 2.0, 1.0),
        (158.0, 6.5, 0.4),
        (-177.0, 7.5, 0.5),
    ] {
        let warm = if share > 0.55 { rgb(1.5, 0.75, 0.25) } else { rgb(0.35, 0.6, 1.2) };
        backdrop.glows.push(glow(set.toward(right, up), warm * share, 5200.0));
    }
    Lighting {
        lights: vec![
            Light::Sun { direction: moon, irradiance: rgb(0.34, 0.44, 0.72), angular_radius_degrees: 2.0 },
            set.softbox(set.toward(-58.0, 38.0), 5.0, (1.3, 1.3), rgb(2.6, 1.45, 0.62)),
        ],
        environment,
        backdrop: Some(backdrop),
        haze_distance: Some(set.radius * 70.0),
        exposure_bias: -1.1,
        ..Lighting::default()
    }
}

fn moody(set: &Set) -> Lighting {
    let mut environment = gradient(rgb(0.020, 0.022, 0.028), rgb(0.035, 0.038, 0.045), rgb(0.01, 0.01, 0.012), 2.0);
    environment.panels = vec![panel(set.toward(112.0, 15.0), (6.0, 42.0), 0.4, rgb(0.50, 0.58, 0.72))];
    let mut backdrop = gradient(rgb(0.012, 0.013, 0.016), rgb(0.05, 0.05, 0.056), rgb(0.012, 0.012, 0.014), 2.5);
    backdrop.glows = vec![glow(set.toward(180.0, 4.0), rgb(0.16, 0.15, 0.15), 9.0)];
    Lighting {
        lights: vec![
            set.softbox(set.toward(-78.0, 44.0), 5.0, (1.8, 1.8), rgb(9.0, 7.6, 6.0)),
            set.softbox(set.toward(148.0, 36.0), 5.0, (0.7, 2.6), rgb(5.0, 5.6, 6.6)),
        ],
        environment,
        backdrop: Some(backdrop),
        haze_distance: Some(set.radius * 40.0),
        cyclorama: Some(Vec3::splat(0.05)),
        exposure_bias: -0.9,
    }
}

fn neon(set: &Set) -> Lighting {
    let mut environment = gradient(rgb(0.010, 0.008, 0.026), rgb(0.055, 0.022, 0.085), rgb(0.012, 0.006, 0.018), 2.2);
    let pink = rgb(2.6, 0.14, 1.15);
    let cyan = rgb(0.10, 1.35, 2.3);
    environment.panels = vec![
        panel(set.toward(-118.0, 14.0), (5.0, 40.0), 0.5, pink * 1.6),
        panel(set.toward(118.0, 14.0), (5.0, 40.0), 0.5, cyan * 1.6),
    ];
    let mut backdrop = environment.clone();
    backdrop.panels = vec![
        panel(set.toward(163.0, 14.0), (1.6, 12.0), 0.8, cyan * 0.9),
        panel(set.toward(-166.0, 12.0), (1.6, 13.0), 0.8, pink * 0.9),
    ];
    backdrop.glows =
        vec![glow(set.toward(163.0, 12.0), cyan * 0.14, 22.0), glow(set.toward(-166.0, 10.0), pink * 0.14, 22.0)];
    Lighting {
        lights: vec![
            set.softbox(set.toward(-80.0, 28.0), 4.5, (0.9, 4.0), pink * 4.2),
            set.softbox(set.toward(80.0, 28.0), 4.5, (0.9, 4.0), cyan * 4.2),
            // From the camera's side, so that what is white is seen to be white between two colours.
            set.softbox(set.toward(10.0, 50.0), 6.0, (3.0, 3.0), rgb(2.1, 2.0, 2.2)),
        ],
        environment,
        backdrop: Some(backdrop),
        haze_distance: Some(set.radius * 45.0),
        cyclorama: Some(Vec3::splat(0.12)),
        exposure_bias: -0.6,
    }
}

fn window(set: &Set) -> Lighting {
    let mut environment = gradient(rgb(0.34, 0.32, 0.29), rgb(0.27, 0.245, 0.215), rgb(0.14, 0.12, 0.10), 1.3);
    environment.panels = vec![
        panel(set.toward(-104.0, 22.0), (9.0, 25.0), 0.2, rgb(4.6, 5.0, 5.6)),
        panel(set.toward(-80.0, 22.0), (9.0, 25.0), 0.2, rgb(4.6, 5.0, 5.6)),
    ];
    // A room out of focus: wall, a bright opening at the side, something darker on the other.
    let mut backdrop = gradient(rgb(0.52, 0.50, 0.47), rgb(0.66, 0.62, 0.57), rgb(0.42, 0.38, 0.33), 1.5);
    backdrop.panels = vec![
        panel(set.toward(-152.0, 12.0), (12.0, 24.0), 0.9, rgb(0.85, 0.9, 1.0)),
        panel(set.toward(160.0, 2.0), (9.0, 13.0), 0.9, rgb(-0.22, -0.22, -0.22)),
    ];
    Lighting {
        lights: vec![set.softbox(set.toward(-82.0, 34.0), 7.0, (5.0, 5.0), rgb(4.6, 4.75, 5.0))],
        environment,
        backdrop: Some(backdrop),
        haze_distance: Some(set.radius * 120.0),
        cyclorama: Some(rgb(0.62, 0.58, 0.53)),
        exposure_bias: 0.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_softbox_faces_the_subject() {
        let subject =
            Subject { center: Vec3::new(3.0, 8.0, -2.0), radius: 5.0, toward_camera: Vec3::new(1.0, 0.4, 1.0) };
        for preset in ALL_LIGHTING {
            let lighting = light(preset, &subject);
            for light in &lighting.lights {
                match light {
                    Light::Rectangle { center, half_u, half_v, .. } => {
                        let normal = half_u.cross(*half_v).normalize();
                        let away = (subject.center - *center).normalize();
                        assert!(normal.dot(away) > 0.95, "{preset:?}");
                        assert!(center.y > 0.0, "{preset:?}: a light under the floor");
                    }
                    Light::Sun { direction, .. } => assert!(direction.y > 0.0, "{preset:?}"),
                }
            }
        }
    }

    #[test]
    fn lights_grow_with_the_subject() {
        let lit = |radius| {
            light(LightingPreset::Studio, &Subject { center: Vec3::ZERO, radius, toward_camera: Vec3::Z }).lights
        };
        match (&lit(1.0)[0], &lit(10.0)[0]) {
            (Light::Rectangle { center: a, .. }, Light::Rectangle { center: b, .. }) => {
                assert!((*a * 10.0).distance(*b) < 1e-3);
            }
            _ => panic!("the studio's key is a softbox"),
        }
    }
}
