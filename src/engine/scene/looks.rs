//! Looks: what the plan's substances, the pack's materials and the parts of shapes are to the tracer.
//!
//! Only materials; refuses to place anything.

use glam::Vec3;

use super::{
    lexicon::{Filling, Substance},
    pack::PackMaterial,
    shapes::{Role, Shape},
    trace::{Material, Pattern, Surface},
};

/// Linear light of an sRGB colour, kept within what a real surface reflects.
pub fn linear(color: [u8; 3]) -> Vec3 {
    let channel = |c: u8| {
        let c = f32::from(c) / 255.0;
        let l = if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        l.clamp(0.004, 0.88)
    };
    Vec3::new(channel(color[0]), channel(color[1]), channel(color[2]))
}

/// The tracer's surface for a substance, and its colour where that differs.
fn surface(substance: Substance) -> (Surface, Option<Vec3>) {
    let rgb = |r, g, b| Some(Vec3::new(r, g, b));
    match substance {
        Substance::Ceramic => (Surface::Ceramic, None),
        Substance::Clay => (Surface::Plaster, rgb(0.42, 0.17, 0.08)),
        Substance::Glass => (Surface::Glass, None),
        Substance::FrostedGlass => (Surface::FrostedGlass, None),
        Substance::BrushedSteel => (Surface::BrushedSteel, None),
        Substance::Steel => (Surface::Aluminium, rgb(0.62, 0.62, 0.63)),
        Substance::Chrome => (Surface::Chrome, None),
        Substance::Iron => (Surface::BlackMetal, None),
        Substance::Gold => (Surface::Gold, None),
        Substance::Silver => (Surface::Chrome, rgb(0.93, 0.92, 0.90)),
        Substance::Copper => (Surface::Copper, None),
        Substance::Brass => (Surface::Gold, rgb(0.89, 0.68, 0.34)),
        Substance::Bronze => (Surface::Gold, rgb(0.56, 0.36, 0.20)),
        Substance::Wood => (Surface::Oak, None),
        Substance::DarkWood => (Surface::Walnut, None),
        Substance::PaleWood => (Surface::Pine, None),
        Substance::Bamboo => (Surface::Pine, rgb(0.62, 0.46, 0.22)),
        Substance::Leather => (Surface::Leather, None),
        Substance::Fabric => (Surface::Linen, rgb(0.45, 0.43, 0.40)),
        Substance::Velvet => (Surface::Velvet, None),
        Substance::Linen => (Surface::Linen, None),
        Substance::Wool | Substance::Carpet => (Surface::Carpet, None),
        Substance::Plastic => (Surface::GlossyPlastic, None),
        Substance::Rubber => (Surface::Rubber, None),
        Substance::Marble => (Surface::WhiteMarble, None),
        Substance::BlackMarble => (Surface::BlackMarble, None),
        Substance::Granite => (Surface::Terrazzo, rgb(0.22, 0.21, 0.21)),
        Substance::Stone => (Surface::Stone, None),
        Substance::Slate => (Surface::Stone, rgb(0.085, 0.09, 0.095)),
        Substance::Concrete => (Surface::Concrete, None),
        Substance::Plaster => (Surface::Plaster, None),
        Substance::Terrazzo => (Surface::Terrazzo, None),
        Substance::Tiles => (Surface::Tiles, None),
        Substance::Brick => (Surface::Brick, None),
        Substance::Paper => (Surface::Paper, None),
        Substance::Sand => (Surface::Sand, None),
        Substance::Grass => (Surface::Grass, None),
        Substance::Water => (Surface::Water, None),
        Substance::Snow => (Surface::Snow, None),
        Substance::Asphalt => (Surface::Asphalt, None),
        Substance::Soil => (Surface::Sand, rgb(0.16, 0.10, 0.06)),
        Substance::Mirror => (Surface::Mirror, None),
        Substance::Jade => (Surface::Ceramic, rgb(0.16, 0.42, 0.26)),
        Substance::Wax => (Surface::Plastic, rgb(0.84, 0.78, 0.66)),
        Substance::Ice => (Surface::Ice, None),
    }
}

/// A substance as a material, in its own colour or another.
pub fn substance(substance: Substance, color: Option<[u8; 3]>) -> Material {
    let (base, own) = surface(substance);
    let mut material = match color.map(linear).or(own) {
        // A coloured glass is a tint all through, not a pigment.
        Some(c) if matches!(base, Surface::Glass | Surface::FrostedGlass | Surface::Ice) => {
            Material { base_color: Vec3::splat(0.25) + c * 0.75, absorption: (Vec3::ONE - c) * 0.14, ..base.material() }
        }
        Some(c) if base == Surface::WhiteMarble => marble(c),
        Some(c) => base.tinted(c),
        None => base.material(),
    };
    match substance {
        Substance::Granite => {
            material = Material { pattern_scale: 0.22, second_color: material.base_color * 0.25, ..material };
        }
        // Yarn and loops, finer than a rug's.
        Substance::Wool => material = Material { pattern_scale: 0.4, relief: 0.5, ..material },
        _ => {}
    }
    // Fuzz on black cloth would make it grey.
    material.sheen *= (luminance(material.base_color) * 5.0).clamp(0.1, 1.0);
    material
}

/// A marble of another colour: no stone is as bright or as pure as a dye.
fn marble(color: Vec3) -> Material {
    let light = luminance(color);
    if light > 0.45 {
        return Surface::WhiteMarble.tinted(color);
    }
    let muted = Vec3::splat(light).lerp(color, 0.6) * 0.45;
    Material { base_color: muted, second_color: Vec3::splat(0.4) + color * 0.2, ..Surface::WhiteMarble.material() }
}

/// Relative luminance of a linear colour.
pub fn luminance(c: Vec3) -> f32 {
    c.dot(Vec3::new(0.2126, 0.7152, 0.0722))
}

/// A substance as the material of a thing rather than of a table: one block of wood, no planks.
pub fn body(of: Substance, color: Option<[u8; 3]>) -> Material {
    let mut material = substance(of, color);
    if material.pattern == Pattern::Planks {
        material.pattern = Pattern::Wood;
    }
    if matches!(material.pattern, Pattern::Tiles | Pattern::Bricks) {
        material.pattern = Pattern::None;
    }
    material
}

/// What the pack says of a material; the texture is the stage's matter.
pub fn packed(m: &PackMaterial) -> Material {
    let color = Vec3::from(m.color);
    let mut material = Material {
        base_color: color,
        roughness: m.roughness,
        specular: m.specular,
        metallic: m.metallic,
        clearcoat: m.clearcoat,
        ..Material::default()
    };
    let plain = m.texture.is_none();
    match m.kind.as_str() {
        "glass" => {
            material.transmission = 1.0;
            material.thin = true;
            material.base_color = color.max(Vec3::splat(0.75));
        }
        "fabric" if plain => {
            material = Material { sheen: 0.3, ..Surface::Linen.tinted(color) };
        }
        "leather" if plain => material = Surface::Leather.tinted(color),
        "wood" => material.clearcoat = 0.25,
        _ => {}
    }
    material
}

/// A pack material that the prompt recolours: of another substance, or its own in another colour.
pub fn repainted(m: &PackMaterial, of: Option<Substance>, color: Option<[u8; 3]>) -> Material {
    if let Some(of) = of {
        return body(of, color);
    }
    let mut material = packed(m);
    if let Some(color) = color {
        let color = linear(color);
        let ratio = color / material.base_color.max(Vec3::splat(0.02));
        material.second_color = (material.second_color * ratio).clamp(Vec3::ZERO, Vec3::splat(0.95));
        material.base_color = color;
    }
    material
}

/// The material of a shape's part.
pub fn part(shape: Shape, role: Role, look: (Option<Substance>, Option<[u8; 3]>), drink: Option<Filling>) -> Material {
    let plain =
        |color: [f32; 3], roughness: f32| Material { base_color: Vec3::from(color), roughness, ..Material::default() };
    match role {
        Role::Body => shape_body(shape, look),
        // Tea in a glass is clear, in a cup its depth makes it dark.
        Role::Liquid if drink == Some(Filling::Tea) && matches!(shape, Shape::Tumbler | Shape::WineGlass) => {
            Material { absorption: Vec3::new(0.10, 0.36, 1.1), ..liquid(Filling::Water) }
        }
        Role::Liquid => drink.map_or_else(|| scent(look.1), liquid),
        Role::Stalk => plain([0.06, 0.035, 0.02], 0.8),
        Role::Flame => Material { base_color: Vec3::ZERO, emission: Vec3::new(26.0, 13.0, 3.6), ..Material::default() },
        Role::Pages => plain([0.80, 0.75, 0.64], 0.9),
        Role::Ribbon => {
            Material { sheen: 0.4, clearcoat: 0.5, clearcoat_roughness: 0.25, ..plain([0.72, 0.55, 0.25], 0.45) }
        }
        Role::Cap => Material { metallic: 1.0, ..plain([0.85, 0.66, 0.36], 0.22) },
        Role::Screen => Material { clearcoat: 1.0, clearcoat_roughness: 0.02, ..plain([0.012, 0.014, 0.02], 0.12) },
        Role::Metal => Material { metallic: 1.0, ..plain([0.78, 0.60, 0.36], 0.28) },
        Role::Glow => Material { emission: Vec3::new(3.4, 2.3, 1.15), ..plain([0.85, 0.78, 0.66], 0.9) },
        Role::Soot => plain([0.018, 0.016, 0.015], 0.9),
        Role::Wicker => plain([0.30, 0.17, 0.08], 0.85),
        // Wet cells let some light through; lighter than the rind.
        Role::Pulp => {
            let color = linear(look.1.unwrap_or([248, 214, 60]));
            Material {
                base_color: color.lerp(Vec3::splat(0.85), 0.15),
                clearcoat: 0.9,
                clearcoat_roughness: 0.15,
                ..plain([0.9, 0.7, 0.2], 0.4)
            }
        }
        Role::Steel => Material { metallic: 1.0, ..plain([0.62, 0.62, 0.63], 0.3) },
        Role::Keys => plain([0.02, 0.02, 0.022], 0.6),
    }
}

fn shape_body(shape: Shape, (of, color): (Option<Substance>, Option<[u8; 3]>)) -> Material {
    if let Some(of) = of {
        return body(of, color);
    }
    let or = |default: [u8; 3]| Some(color.unwrap_or(default));
    match shape {
        Shape::Cup | Shape::Mug | Shape::Bowl | Shape::Vase | Shape::Plate | Shape::Teapot => {
            body(Substance::Ceramic, color)
        }
        Shape::WineGlass | Shape::Tumbler | Shape::Jar | Shape::Perfume => body(Substance::Glass, color),
        Shape::Bottle => body(Substance::Glass, or([70, 110, 60])),
        Shape::Candle => Material { roughness: 0.5, ..body(Substance::Wax, color) },
        Shape::Sphere => body(Substance::Ceramic, or([178, 60, 48])),
        Shape::Cube | Shape::Cylinder | Shape::Cone => body(Substance::Plaster, color),
        Shape::Torus | Shape::Ring => body(Substance::Gold, color),
        Shape::Book => Material { specular: 0.35, ..body(Substance::Fabric, or([36, 62, 88])) },
        Shape::Box => body(Substance::Paper, or([150, 44, 46])),
        Shape::Apple => fruit(or([170, 26, 24]), Some([214, 160, 60]), 0.35),
        Shape::Pear => fruit(or([176, 176, 60]), Some([150, 110, 50]), 0.25),
        Shape::Orange => Material { relief: 0.6, ..fruit(or([238, 124, 16]), Some([220, 100, 10]), 0.3) },
        Shape::Lemon => Material { relief: 0.6, ..fruit(or([246, 206, 40]), Some([230, 180, 30]), 0.3) },
        Shape::Egg => Material { roughness: 0.55, ..body(Substance::Plaster, or([226, 190, 156])) },
        Shape::Phone => Material { metallic: 0.9, roughness: 0.25, ..body(Substance::Plastic, or([60, 62, 68])) },
        Shape::FloorLamp => body(Substance::Brass, color),
        Shape::Fireplace => body(Substance::Plaster, or([226, 220, 208])),
        Shape::Tray => body(Substance::DarkWood, color),
        Shape::Balloon => Material { clearcoat: 0.8, ..body(Substance::Rubber, or([206, 36, 44])) },
        Shape::HotAirBalloon => Material { sheen: 0.1, ..body(Substance::Fabric, or([214, 60, 40])) },
        Shape::Banana => fruit(or([248, 206, 60]), Some([226, 176, 40]), 0.12),
        Shape::Plinth => body(Substance::Plaster, or([232, 229, 223])),
        Shape::CitrusSlice => fruit(or([240, 196, 30]), Some([226, 180, 30]), 0.3),
        Shape::Umbrella => body(Substance::Fabric, or([158, 26, 34])),
        Shape::Headphones => Material { roughness: 0.42, clearcoat: 0.1, ..body(Substance::Plastic, or([38, 39, 43])) },
        Shape::Laptop => body(Substance::Steel, or([206, 208, 212])),
    }
}

/// Waxed skin with a second tone.
fn fruit(color: Option<[u8; 3]>, second: Option<[u8; 3]>, clearcoat: f32) -> Material {
    let base_color = color.map_or(Vec3::splat(0.5), linear);
    Material {
        base_color,
        // A blush, no second fruit.
        second_color: base_color.lerp(second.map_or(Vec3::splat(0.4), linear), 0.4),
        roughness: 0.45,
        clearcoat,
        clearcoat_roughness: 0.2,
        pattern: Pattern::Concrete,
        pattern_scale: 0.12,
        relief: 0.1,
        ..Material::default()
    }
}

fn liquid(filling: Filling) -> Material {
    let opaque = |color: [f32; 3]| Material {
        base_color: Vec3::from(color),
        roughness: 0.12,
        specular: 0.16,
        ..Material::default()
    };
    let clear = |absorption: [f32; 3]| Material {
        base_color: Vec3::splat(0.98),
        transmission: 1.0,
        roughness: 0.0,
        ior: 1.33,
        absorption: Vec3::from(absorption),
        ..Material::default()
    };
    match filling {
        Filling::Coffee => opaque([0.045, 0.017, 0.006]),
        Filling::Cocoa => opaque([0.30, 0.15, 0.07]),
        Filling::Tea => opaque([0.20, 0.055, 0.008]),
        Filling::Milk => opaque([0.84, 0.82, 0.77]),
        Filling::Water => clear([0.010, 0.004, 0.003]),
        Filling::RedWine => clear([0.45, 2.6, 2.2]),
        Filling::WhiteWine => clear([0.02, 0.05, 0.22]),
        Filling::Whiskey => clear([0.04, 0.20, 0.75]),
        Filling::Juice => opaque([0.80, 0.36, 0.03]),
    }
}

fn scent(color: Option<[u8; 3]>) -> Material {
    let tint = color.map_or(Vec3::new(0.86, 0.56, 0.28), linear);
    Material {
        base_color: Vec3::splat(0.98),
        transmission: 1.0,
        roughness: 0.0,
        ior: 1.36,
        absorption: (Vec3::ONE - tint) * 0.45,
        ..Material::default()
    }
}
