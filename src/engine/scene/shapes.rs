//! Procedural shapes: the things that look best when they are made rather than stored. Vessels are closed solids with
//! an inside, so that they can be of glass and hold a drink.
//!
//! Owns proportions and parts; refuses to know materials beyond the role of a part.

use glam::{Vec2, Vec3};

use super::{
    accessories,
    form::{Form, curve, lathe, rounded_box, torus, tube},
    furnishings,
};

/// One procedural shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Shape {
    Cup,
    Mug,
    Bowl,
    Vase,
    Bottle,
    Plate,
    WineGlass,
    Tumbler,
    Teapot,
    Candle,
    Sphere,
    Cube,
    Cylinder,
    Cone,
    Torus,
    Ring,
    Book,
    Box,
    Apple,
    Orange,
    Lemon,
    Pear,
    Egg,
    Perfume,
    Jar,
    Phone,
    Laptop,
    FloorLamp,
    Fireplace,
    Tray,
    Balloon,
    HotAirBalloon,
    Banana,
    Plinth,
    CitrusSlice,
    Umbrella,
    Headphones,
}

/// What a part of a shape is, for whoever chooses its material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What a colour or material in a prompt is about.
    Body,
    /// The drink inside.
    Liquid,
    /// Dark and dry: a wick, a stalk.
    Stalk,
    /// A flame.
    Flame,
    /// The leaves of a book.
    Pages,
    /// A ribbon round a box.
    Ribbon,
    /// A cap, a lid.
    Cap,
    /// A dark display.
    Screen,
    /// Keys and such.
    Keys,
    /// A frame or a pole.
    Metal,
    /// A shade with a lamp in it.
    Glow,
    /// Black inside a hearth.
    Soot,
    /// Basketwork.
    Wicker,
    /// The cells of a citrus fruit.
    Pulp,
    /// Bare bright metal: a pole, a rim.
    Steel,
}

/// One part of a shape.
#[derive(Debug, Clone)]
pub struct ShapePart {
    /// What it is.
    pub role: Role,
    /// Its triangles, in cm, standing on y = 0 round the y axis, front towards +z.
    pub form: Form,
}

const SEGMENTS: usize = 112;

impl Shape {
    /// Its name for people and in plans.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cup => "cup",
            Self::Mug => "mug",
            Self::Bowl => "bowl",
            Self::Vase => "vase",
            Self::Bottle => "bottle",
            Self::Plate => "plate",
            Self::WineGlass => "wine_glass",
            Self::Tumbler => "tumbler",
            Self::Teapot => "teapot",
            Self::Candle => "candle",
            Self::Sphere => "sphere",
            Self::Cube => "cube",
            Self::Cylinder => "cylinder",
            Self::Cone => "cone",
            Self::Torus => "torus",
            Self::Ring => "ring",
            Self::Book => "book",
            Self::Box => "box",
            Self::Apple => "apple",
            Self::Orange => "orange",
            Self::Lemon => "lemon",
            Self::Pear => "pear",
            Self::Egg => "egg",
            Self::Perfume => "perfume",
            Self::Jar => "jar",
            Self::Phone => "phone",
            Self::Laptop => "laptop",
            Self::FloorLamp => "floor_lamp",
            Self::Fireplace => "fireplace",
            Self::Tray => "tray",
            Self::Balloon => "balloon",
            Self::HotAirBalloon => "hot_air_balloon",
            Self::Banana => "banana",
            Self::Plinth => "plinth",
            Self::CitrusSlice => "citrus_slice",
            Self::Umbrella => "umbrella",
            Self::Headphones => "headphones",
        }
    }

    /// Width, height and depth in cm.
    pub fn size_cm(self) -> [f32; 3] {
        let parts = self.parts(false);
        let points = parts.iter().flat_map(|p| &p.form.positions);
        let (low, high) = points.fold((Vec3::MAX, Vec3::MIN), |(l, h), p| (l.min(*p), h.max(*p)));
        (high - low).to_array()
    }

    /// How high something put on or into it rests, in cm, and within what radius a heap of it lies (0 where it lies in rows).
    pub fn rest_cm(self) -> Option<(f32, f32)> {
        match self {
            Self::Bowl => Some((1.6, 6.0)),
            Self::Plate => Some((0.9, 8.5)),
            Self::Book => Some((3.0, 8.0)),
            Self::Box => Some((12.6, 7.0)),
            Self::Cube => Some((10.0, 4.5)),
            Self::Cylinder => Some((14.0, 4.5)),
            Self::Cup => Some((6.8, 3.5)),
            Self::Mug => Some((9.4, 3.5)),
            Self::Tray => Some((1.2, 0.0)),
            _ => None,
        }
    }

    /// Its parts; `filled` puts a drink into what can hold one.
    pub fn parts(self, filled: bool) -> Vec<ShapePart> {
        let body = |form: Form| ShapePart { role: Role::Body, form };
        let liquid = |profile: &[[f32; 2]]| ShapePart { role: Role::Liquid, form: turned(profile) };
        let mut parts = match self {
            Self::Cup => vec![body(cup())],
            Self::Mug => vec![body(mug())],
            Self::Bowl => vec![body(turned(BOWL))],
            Self::Vase => vec![body(turned(VASE))],
            Self::Bottle => vec![body(turned(BOTTLE))],
            Self::Plate => vec![body(turned(PLATE))],
            Self::WineGlass => vec![body(turned(WINE_GLASS))],
            Self::Tumbler => vec![body(turned(TUMBLER))],
            Self::Teapot => vec![body(teapot())],
            Self::Candle => candle(),
            Self::Sphere => vec![body(ball(5.0))],
            Self::Cube => vec![body(rounded_box(Vec3::splat(10.0), 0.35))],
            Self::Cylinder => vec![body(drum(5.0, 14.0))],
            Self::Cone => vec![body(cone())],
            Self::Torus => vec![body(torus(4.0, 1.7))],
            Self::Ring => vec![body(torus(1.0, 0.16))],
            Self::Book => book(),
            Self::Box => gift(),
            Self::Apple => apple(),
            Self::Orange => vec![body(ball(3.9).bent(|p| Vec3::new(p.x, p.y * 0.94, p.z))), stalk(7.22, 0.35, 0.12)],
            Self::Lemon => vec![body(turned(LEMON).bent(|p| Vec3::new(p.y - 4.3, p.x + 2.75, p.z)))],
            Self::Pear => vec![body(turned(PEAR).bent(wobble)), stalk(9.1, 0.1, 1.5)],
            Self::Egg => vec![body(turned(EGG))],
            Self::Perfume => perfume(),
            Self::Jar => vec![body(turned(JAR)), ShapePart { role: Role::Cap, form: drum(3.75, 1.5).moved(Vec3::Y * 9.3) }],
            Self::Phone => phone(),
            Self::Laptop => laptop(),
            Self::FloorLamp => furnishings::floor_lamp(),
            Self::Fireplace => furnishings::fireplace(),
            Self::Tray => furnishings::tray(),
            Self::Balloon => furnishings::balloon(),
            Self::HotAirBalloon => furnishings::hot_air_balloon(),
            Self::Banana => furnishings::banana(),
            Self::Plinth => accessories::plinth(),
            Self::CitrusSlice => accessories::citrus_slice(),
            Self::Umbrella => accessories::umbrella(),
            Self::Headphones => accessories::headphones(),
        };
        if filled {
            match self {
                Self::Cup => parts.push(liquid(&[[0.0, 0.62], [2.2, 0.9], [3.1, 1.75], [3.68, 3.4], [3.87, 5.2], [3.89, 5.75], [3.8, 5.7], [0.0, 5.7]])),
                Self::Mug => parts.push(liquid(&[[0.0, 0.7], [3.2, 0.8], [3.72, 1.4], [3.74, 7.9], [3.65, 7.86], [0.0, 7.86]])),
                Self::Bowl => parts.push(liquid(&[[0.0, 0.9], [3.6, 1.6], [6.0, 3.6], [6.6, 4.62], [6.5, 4.6], [0.0, 4.6]])),
                Self::WineGlass => parts.push(liquid(&[[0.0, 9.42], [1.6, 9.9], [3.2, 11.6], [3.72, 13.3], [3.66, 13.32], [0.0, 13.3]])),
                Self::Tumbler => parts.push(liquid(&[[0.0, 1.22], [3.0, 1.25], [3.16, 1.5], [3.36, 7.0], [3.3, 7.0], [0.0, 6.98]])),
                Self::Jar => parts.push(liquid(&[[0.0, 0.72], [3.7, 0.75], [4.06, 1.1], [4.08, 6.6], [4.0, 6.7], [0.0, 6.7]])),
                Self::Bottle => parts.push(liquid(&[[0.0, 0.85], [3.1, 0.9], [3.42, 1.4], [3.44, 17.5], [3.3, 17.5], [0.0, 17.5]])),
                _ => {}
            }
        }
        parts
    }
}

fn turned(profile: &[[f32; 2]]) -> Form {
    lathe(&[curve(profile, 10)], SEGMENTS)
}

const BOWL: &[[f32; 2]] = &[
    [0.0, 0.35], [3.0, 0.35], [3.2, 0.0], [3.7, 0.0], [3.9, 0.4], [5.6, 1.9], [7.0, 4.2], [7.6, 6.3], [7.62, 6.5],
    [7.5, 6.58], [7.36, 6.45], [6.7, 4.3], [5.4, 2.4], [3.6, 1.3], [1.8, 0.92], [0.0, 0.85],
];
const VASE: &[[f32; 2]] = &[
    [0.0, 0.3], [3.6, 0.3], [3.8, 0.0], [4.3, 0.0], [4.6, 0.5], [6.6, 4.5], [7.7, 9.5], [7.3, 14.0], [5.2, 18.6], [3.0, 22.0],
    [2.45, 24.6], [2.7, 26.6], [3.4, 28.0], [3.42, 28.2], [3.25, 28.25], [3.05, 28.0], [2.35, 26.5], [2.1, 24.6], [2.6, 21.8],
    [4.7, 18.4], [6.8, 14.0], [7.2, 9.5], [6.1, 4.6], [4.2, 1.2], [0.0, 1.0],
];
const BOTTLE: &[[f32; 2]] = &[
    [0.0, 0.9], [1.6, 0.6], [2.9, 0.05], [3.4, 0.0], [3.72, 0.35], [3.75, 1.0], [3.75, 10.0], [3.75, 18.2], [3.5, 20.2], [2.6, 22.0],
    [1.75, 23.6], [1.5, 25.2], [1.42, 29.4], [1.44, 29.6], [1.62, 29.7], [1.64, 30.3], [1.5, 30.45], [1.2, 30.4], [1.0, 30.2],
    [1.0, 25.2], [1.3, 23.4], [2.2, 21.7], [3.15, 20.0], [3.42, 18.2], [3.42, 10.0], [3.42, 1.4], [3.1, 0.9], [1.6, 1.0], [0.0, 1.3],
];
const PLATE: &[[f32; 2]] = &[
    [0.0, 0.3], [7.6, 0.3], [7.8, 0.0], [8.2, 0.0], [8.4, 0.35], [10.4, 1.1], [13.2, 1.95], [13.4, 2.08], [13.3, 2.2], [13.0, 2.2],
    [10.3, 1.45], [9.2, 1.0], [8.2, 0.75], [0.0, 0.7],
];
const WINE_GLASS: &[[f32; 2]] = &[
    [0.0, 0.0], [3.3, 0.0], [3.5, 0.07], [3.45, 0.17], [2.4, 0.3], [0.9, 0.62], [0.45, 1.3], [0.38, 3.0], [0.38, 6.5], [0.5, 8.2],
    [1.1, 9.0], [2.5, 10.1], [3.5, 11.8], [3.92, 13.8], [3.75, 16.2], [3.2, 19.6], [3.16, 19.66], [3.08, 19.6], [3.62, 16.2],
    [3.79, 13.8], [3.36, 11.9], [2.35, 10.3], [1.0, 9.5], [0.0, 9.35],
];
const TUMBLER: &[[f32; 2]] = &[
    [0.0, 0.12], [2.8, 0.12], [3.0, 0.0], [3.25, 0.02], [3.4, 0.25], [3.45, 1.0], [3.75, 9.0], [3.74, 9.12], [3.66, 9.18], [3.56, 9.1],
    [3.42, 7.0], [3.16, 1.5], [2.9, 1.22], [1.5, 1.2], [0.0, 1.2],
];
const LEMON: &[[f32; 2]] = &[
    [0.0, 0.0], [0.5, 0.12], [0.75, 0.5], [1.5, 1.1], [2.4, 2.3], [2.75, 3.9], [2.55, 5.4], [1.8, 6.9], [0.9, 7.8], [0.6, 8.3],
    [0.4, 8.6], [0.0, 8.7],
];
const PEAR: &[[f32; 2]] = &[
    [0.0, 0.35], [0.5, 0.1], [1.3, 0.0], [2.5, 0.7], [3.35, 2.3], [3.3, 3.9], [2.6, 5.6], [1.75, 7.2], [1.4, 8.4], [0.95, 9.1],
    [0.35, 9.25], [0.0, 9.1],
];
const EGG: &[[f32; 2]] = &[
    [0.0, 0.0], [0.9, 0.18], [1.75, 0.85], [2.15, 1.95], [2.05, 3.3], [1.55, 4.5], [0.8, 5.3], [0.0, 5.6],
];
const JAR: &[[f32; 2]] = &[
    [0.0, 0.4], [3.2, 0.2], [3.7, 0.0], [4.3, 0.3], [4.4, 0.9], [4.4, 7.2], [4.2, 8.1], [3.6, 8.7], [3.45, 9.2], [3.45, 10.3], [3.3, 10.4],
    [3.15, 10.3], [3.15, 8.9], [3.9, 7.8], [4.1, 7.1], [4.1, 1.0], [3.8, 0.6], [0.0, 0.7],
];

fn cup() -> Form {
    let bowl = turned(&[
        [0.0, 0.3], [2.0, 0.3], [2.15, 0.05], [2.35, 0.0], [2.6, 0.05], [2.72, 0.3], [3.1, 0.9], [3.62, 2.0], [4.0, 3.6],
        [4.18, 5.3], [4.24, 6.6], [4.22, 6.74], [4.12, 6.8], [4.02, 6.74], [3.94, 6.4], [3.86, 5.2], [3.66, 3.4], [3.1, 1.75],
        [2.2, 0.9], [1.1, 0.64], [0.0, 0.6],
    ]);
    let path = curve(&[[4.0, 5.55], [4.9, 5.75], [5.95, 5.35], [6.25, 4.2], [5.7, 2.95], [4.7, 2.2], [3.62, 2.05]], 12);
    bowl.join(&tube(&path, |t| [0.42 + 0.18 * (2.0 * t - 1.0).powi(4), 0.26 + 0.12 * (2.0 * t - 1.0).powi(6)], false))
}

fn mug() -> Form {
    let wall = turned(&[
        [0.0, 0.35], [3.2, 0.35], [3.4, 0.05], [3.65, 0.0], [3.95, 0.15], [4.1, 0.6], [4.12, 2.0], [4.12, 8.8], [4.1, 9.3], [4.0, 9.42],
        [3.86, 9.4], [3.76, 9.2], [3.72, 8.6], [3.72, 1.4], [3.2, 0.8], [1.6, 0.7], [0.0, 0.7],
    ]);
    let path = curve(&[[3.9, 7.7], [5.0, 7.85], [6.35, 7.3], [6.8, 5.3], [6.3, 3.2], [5.0, 2.2], [3.9, 2.2]], 12);
    wall.join(&tube(&path, |t| [0.62 + 0.2 * (2.0 * t - 1.0).powi(4), 0.38 + 0.12 * (2.0 * t - 1.0).powi(6)], false))
}

fn teapot() -> Form {
    let body = turned(&[
        [0.0, 0.3], [3.6, 0.3], [3.8, 0.0], [4.2, 0.0], [4.5, 0.4], [6.6, 2.4], [7.6, 5.4], [7.0, 8.6], [5.2, 10.8], [3.9, 11.4],
        [3.7, 11.7], [3.5, 11.75], [2.2, 12.5], [0.9, 12.9], [0.55, 13.2], [0.6, 13.6], [0.95, 14.1], [0.8, 14.7], [0.0, 14.95],
    ]);
    let spout = curve(&[[5.6, 4.2], [8.2, 5.2], [9.6, 7.4], [10.4, 9.8], [11.9, 11.3]], 12);
    let handle = curve(&[[-5.0, 10.4], [-8.2, 11.4], [-11.0, 9.8], [-11.4, 6.8], [-9.6, 4.0], [-6.6, 3.4]], 12);
    body.join(&tube(&spout, |t| [1.9 - 1.25 * t, 1.7 - 1.05 * t], true)).join(&tube(&handle, |_| [0.75, 0.48], false))
}

fn ball(radius: f32) -> Form {
    let stroke = (0..=72).map(|i| {
        let (sin, cos) = (std::f32::consts::PI * i as f32 / 72.0).sin_cos();
        Vec2::new(radius * sin, radius - radius * cos)
    });
    lathe(&[stroke.collect()], 128)
}

/// A cylinder with slightly rounded edges.
fn drum(radius: f32, height: f32) -> Form {
    let e = 0.12f32.min(height * 0.2);
    turned(&[
        [0.0, 0.0], [radius - 2.0 * e, 0.0], [radius - e, 0.0], [radius - e * 0.3, e * 0.3], [radius, e], [radius, 2.0 * e],
        [radius, height - 2.0 * e], [radius, height - e], [radius - e * 0.3, height - e * 0.3], [radius - e, height],
        [radius - 2.0 * e, height], [0.0, height],
    ])
}

fn cone() -> Form {
    turned(&[[0.0, 0.0], [5.2, 0.0], [5.6, 0.05], [5.65, 0.25], [5.4, 0.9], [0.6, 12.4], [0.25, 12.95], [0.0, 13.1]])
}

fn stalk(from: f32, lean: f32, length: f32) -> ShapePart {
    let path = curve(&[[0.0, from - 0.5], [lean * 0.2, from + length * 0.5], [lean + 0.15, from + length]], 8);
    ShapePart { role: Role::Stalk, form: tube(&path, |t| [0.11 + 0.06 * t, 0.11 + 0.06 * t], true) }
}

/// No fruit is a solid of revolution.
fn wobble(p: Vec3) -> Vec3 {
    let a = p.z.atan2(p.x);
    let k = 1.0 + 0.018 * (2.0 * a + 0.6).sin() + 0.012 * (5.0 * a + p.y * 0.3).sin();
    Vec3::new(p.x * k + 0.05 * p.y, p.y, p.z * k)
}

fn apple() -> Vec<ShapePart> {
    let skin = turned(&[
        [0.0, 0.9], [0.45, 0.62], [1.0, 0.12], [1.6, 0.0], [2.7, 0.7], [3.6, 2.4], [3.85, 4.2], [3.45, 5.9], [2.4, 6.9], [1.3, 7.0],
        [0.7, 6.6], [0.3, 6.1], [0.0, 5.9],
    ]);
    vec![ShapePart { role: Role::Body, form: skin.bent(wobble) }, stalk(6.3, 0.5, 1.7)]
}

fn candle() -> Vec<ShapePart> {
    let wax = turned(&[
        [0.0, 0.0], [3.3, 0.0], [3.5, 0.1], [3.6, 0.4], [3.6, 10.9], [3.5, 11.3], [3.2, 11.35], [2.8, 11.0], [1.5, 10.7], [0.0, 10.6],
    ]);
    let wick = tube(&curve(&[[0.0, 10.4], [0.02, 11.4], [0.12, 12.0]], 6), |_| [0.09, 0.09], true);
    let flame = turned(&[[0.0, 11.8], [0.25, 11.95], [0.46, 12.5], [0.42, 13.2], [0.2, 14.3], [0.0, 15.1]]);
    vec![
        ShapePart { role: Role::Body, form: wax },
        ShapePart { role: Role::Stalk, form: wick },
        ShapePart { role: Role::Flame, form: flame.moved(Vec3::new(0.1, 0.0, 0.0)) },
    ]
}

fn book() -> Vec<ShapePart> {
    let board = |y: f32| rounded_box(Vec3::new(15.0, 0.25, 21.5), 0.1).moved(Vec3::Y * y);
    let spine = rounded_box(Vec3::new(0.28, 3.0, 21.5), 0.13).moved(Vec3::new(-7.45, 0.0, 0.0));
    let pages = rounded_box(Vec3::new(14.3, 2.52, 20.8), 0.04).moved(Vec3::new(-0.1, 0.24, 0.0));
    vec![
        ShapePart { role: Role::Body, form: board(0.0).join(&board(2.75)).join(&spine) },
        ShapePart { role: Role::Pages, form: pages },
    ]
}

fn gift() -> Vec<ShapePart> {
    let base = rounded_box(Vec3::new(17.4, 10.0, 17.4), 0.15);
    let lid = rounded_box(Vec3::new(18.0, 3.4, 18.0), 0.15).moved(Vec3::Y * 9.2);
    let band = |x: f32, z: f32| rounded_box(Vec3::new(x, 12.75, z), 0.1);
    let bow = [0.0f32, 1.0].map(|side| {
        let s = 1.0 - 2.0 * side;
        let path = curve(&[[0.0, 12.8], [s * 2.2, 15.2], [s * 4.6, 15.6], [s * 4.7, 13.6], [s * 2.2, 12.9], [0.0, 12.8]], 10);
        tube(&path, |_| [1.1, 0.08], true)
    });
    let ribbon = band(18.2, 2.0).join(&band(2.0, 18.2)).join(&bow[0]).join(&bow[1]).join(&rounded_box(Vec3::new(1.6, 1.2, 2.0), 0.4).moved(Vec3::Y * 12.5));
    vec![ShapePart { role: Role::Body, form: base.join(&lid) }, ShapePart { role: Role::Ribbon, form: ribbon }]
}

fn perfume() -> Vec<ShapePart> {
    let glass = rounded_box(Vec3::new(6.4, 8.2, 3.4), 0.55);
    let scent = rounded_box(Vec3::new(5.4, 6.4, 2.4), 0.35).moved(Vec3::Y * 0.9);
    let collar = drum(0.95, 0.9).moved(Vec3::Y * 8.15);
    let cap = rounded_box(Vec3::new(2.6, 2.8, 2.6), 0.25).moved(Vec3::Y * 8.9);
    vec![
        ShapePart { role: Role::Body, form: glass },
        ShapePart { role: Role::Liquid, form: scent },
        ShapePart { role: Role::Cap, form: collar.join(&cap) },
    ]
}

fn phone() -> Vec<ShapePart> {
    // Leaning back a little on nothing visible, as on a product page.
    let lean = |p: Vec3| {
        let (sin, cos) = 0.32f32.sin_cos();
        Vec3::new(p.x, p.y * cos + p.z * sin + 0.15, p.z * cos - p.y * sin)
    };
    let case = rounded_box(Vec3::new(7.2, 14.8, 0.8), 0.38).bent(lean);
    let screen = rounded_box(Vec3::new(6.7, 14.2, 0.06), 0.02).moved(Vec3::new(0.0, 0.3, 0.4)).bent(lean);
    vec![ShapePart { role: Role::Body, form: case }, ShapePart { role: Role::Screen, form: screen }]
}

fn laptop() -> Vec<ShapePart> {
    let open = |p: Vec3| {
        let (sin, cos) = 0.3f32.sin_cos();
        Vec3::new(p.x, p.y * cos + p.z * sin + 1.5, p.z * cos - p.y * sin - 11.0)
    };
    let base = rounded_box(Vec3::new(32.0, 1.5, 22.0), 0.45);
    let lid = rounded_box(Vec3::new(32.0, 21.5, 0.6), 0.28).bent(open);
    let screen = rounded_box(Vec3::new(30.6, 19.8, 0.06), 0.02).moved(Vec3::new(0.0, 0.9, 0.31)).bent(open);
    let mut keys = rounded_box(Vec3::new(9.6, 0.03, 6.0), 0.01).moved(Vec3::new(0.0, 1.5, 7.0));
    for row in 0..5 {
        for column in 0..14 {
            let at = Vec3::new((column as f32 - 6.5) * 2.05, 1.48, -7.6 + row as f32 * 1.95);
            keys = keys.join(&rounded_box(Vec3::new(1.75, 0.16, 1.65), 0.07).moved(at));
        }
    }
    vec![
        ShapePart { role: Role::Body, form: base.join(&lid) },
        ShapePart { role: Role::Screen, form: screen },
        ShapePart { role: Role::Keys, form: keys },
    ]
}

#[cfg(test)]
mod tests {
    use crate::engine::scene::nouns::SHAPES;

    #[test]
    fn every_shape_stands_on_the_ground_with_sound_triangles() {
        for (shape, _) in SHAPES {
            for part in shape.parts(true) {
                let form = part.form;
                assert_eq!(form.positions.len(), form.normals.len());
                assert!(!form.triangles.is_empty());
                assert!(form.triangles.iter().flatten().all(|i| (*i as usize) < form.positions.len()));
                assert!(form.normals.iter().all(|n| (n.length() - 1.0).abs() < 1e-2), "{}", shape.name());
                let low = form.positions.iter().map(|p| p.y).fold(f32::MAX, f32::min);
                assert!(low > -0.12, "{} sinks to {low}", shape.name());
            }
            let [w, h, d] = shape.size_cm();
            assert!(w > 1.0 && h > 0.3 && d > 0.5 && w < 2000.0 && h < 2600.0 && d < 2000.0, "{}", shape.name());
        }
    }
}
