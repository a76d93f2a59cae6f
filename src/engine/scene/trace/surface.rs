//! Named materials: what a table, a floor or a cup is made of.
//!
//! Owns the numbers behind the names, measured or agreed ones where such exist (metal reflectances after Hoffman's
//! table in Real-Time Rendering). Refuses to know words: whoever reads prompts maps them here.

use glam::Vec3;

use super::world::{Material, Pattern};

/// Everything that can be asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are what they say")]
pub enum Surface {
    BrushedSteel,
    Chrome,
    Gold,
    Copper,
    Aluminium,
    BlackMetal,
    Oak,
    Walnut,
    Pine,
    WoodBlock,
    WhiteMarble,
    BlackMarble,
    GreenMarble,
    Concrete,
    Stone,
    Asphalt,
    Plaster,
    Linen,
    Denim,
    Velvet,
    Leather,
    BlackLeather,
    Paper,
    Cardboard,
    Plastic,
    GlossyPlastic,
    Rubber,
    Ceramic,
    Tiles,
    Brick,
    Terrazzo,
    Glass,
    FrostedGlass,
    Ice,
    Mirror,
    Sand,
    Snow,
    Grass,
    Carpet,
    Water,
    Lacquer,
}

/// Every surface, for contact sheets and tests.
pub const ALL_SURFACES: [Surface; 41] = [
    Surface::BrushedSteel,
    Surface::Chrome,
    Surface::Gold,
    Surface::Copper,
    Surface::Aluminium,
    Surface::BlackMetal,
    Surface::Oak,
    Surface::Walnut,
    Surface::Pine,
    Surface::WoodBlock,
    Surface::WhiteMarble,
    Surface::BlackMarble,
    Surface::GreenMarble,
    Surface::Concrete,
    Surface::Stone,
    Surface::Asphalt,
    Surface::Plaster,
    Surface::Linen,
    Surface::Denim,
    Surface::Velvet,
    Surface::Leather,
    Surface::BlackLeather,
    Surface::Paper,
    Surface::Cardboard,
    Surface::Plastic,
    Surface::GlossyPlastic,
    Surface::Rubber,
    Surface::Ceramic,
    Surface::Tiles,
    Surface::Brick,
    Surface::Terrazzo,
    Surface::Glass,
    Surface::FrostedGlass,
    Surface::Ice,
    Surface::Mirror,
    Surface::Sand,
    Surface::Snow,
    Surface::Grass,
    Surface::Carpet,
    Surface::Water,
    Surface::Lacquer,
];

impl Surface {
    /// The material, life-size.
    pub fn material(self) -> Material {
        self.metal()
            .or_else(|| self.wood())
            .or_else(|| self.mineral())
            .or_else(|| self.soft())
            .unwrap_or_else(|| self.rest())
    }

    /// The material in another colour: a metal's tint, a cloth's dye, a lacquer. Second colours follow.
    pub fn tinted(self, color: Vec3) -> Material {
        let plain = self.material();
        let ratio = color / plain.base_color.max(Vec3::splat(0.02));
        let second = (plain.second_color * ratio).clamp(Vec3::ZERO, Vec3::splat(0.95));
        Material { base_color: color, second_color: second, ..plain }
    }

    fn metal(self) -> Option<Material> {
        let metal = |color: [f32; 3], roughness: f32| Material {
            base_color: Vec3::from_array(color),
            metallic: 1.0,
            roughness,
            ..Material::default()
        };
        let brushed = |m: Material, anisotropy: f32| {
            let second_color = m.base_color;
            Material { pattern: Pattern::Brushed, anisotropy, second_color, ..m }
        };
        Some(match self {
            Self::BrushedSteel => brushed(metal([0.56, 0.57, 0.58], 0.36), 0.85),
            Self::Aluminium => brushed(metal([0.91, 0.92, 0.92], 0.42), 0.6),
            Self::BlackMetal => Material { clearcoat: 0.3, ..metal([0.05, 0.05, 0.055], 0.4) },
            Self::Chrome => metal([0.55, 0.556, 0.554], 0.06),
            Self::Mirror => metal([0.95, 0.95, 0.95], 0.02),
            Self::Gold => metal([1.0, 0.71, 0.29], 0.2),
            Self::Copper => brushed(metal([0.94, 0.52, 0.37], 0.3), 0.4),
            _ => return None,
        })
    }

    fn wood(self) -> Option<Material> {
        let wood = |light: [f32; 3], dark: [f32; 3]| Material {
            base_color: Vec3::from_array(light),
            second_color: Vec3::from_array(dark),
            roughness: 0.42,
            specular: 0.5,
            clearcoat: 0.2,
            clearcoat_roughness: 0.3,
            pattern: Pattern::Planks,
            ..Material::default()
        };
        Some(match self {
            Self::Oak => wood([0.45, 0.25, 0.105], [0.19, 0.082, 0.027]),
            Self::Walnut => wood([0.20, 0.096, 0.046], [0.065, 0.026, 0.012]),
            Self::Pine => wood([0.66, 0.44, 0.22], [0.42, 0.21, 0.075]),
            Self::WoodBlock => Material { pattern: Pattern::Wood, ..wood([0.46, 0.25, 0.11], [0.22, 0.095, 0.034]) },
            _ => return None,
        })
    }

    fn mineral(self) -> Option<Material> {
        let mineral = |first: [f32; 3], second: [f32; 3], roughness: f32, pattern: Pattern| Material {
            base_color: Vec3::from_array(first),
            second_color: Vec3::from_array(second),
            roughness,
            pattern,
            ..Material::default()
        };
        let polished = |m: Material| Material { clearcoat: 0.6, clearcoat_roughness: 0.06, ..m };
        Some(match self {
            Self::WhiteMarble => polished(mineral([0.82, 0.81, 0.79], [0.22, 0.23, 0.25], 0.22, Pattern::Marble)),
            Self::BlackMarble => polished(mineral([0.008, 0.008, 0.009], [0.55, 0.52, 0.47], 0.2, Pattern::Marble)),
            Self::GreenMarble => polished(mineral([0.014, 0.066, 0.038], [0.42, 0.55, 0.45], 0.2, Pattern::Marble)),
            Self::Concrete => mineral([0.46, 0.45, 0.43], [0.24, 0.235, 0.23], 0.75, Pattern::Concrete),
            Self::Stone => {
                Material { pattern_scale: 0.4, ..mineral([0.40, 0.37, 0.33], [0.22, 0.205, 0.19], 0.8, Pattern::Grain) }
            }
            Self::Asphalt => mineral([0.09, 0.09, 0.095], [0.03, 0.03, 0.032], 0.85, Pattern::Grain),
            Self::Plaster => {
                Material { relief: 0.5, ..mineral([0.80, 0.78, 0.75], [0.70, 0.68, 0.65], 0.9, Pattern::Grain) }
            }
            Self::Terrazzo => polished(mineral([0.74, 0.71, 0.67], [0.32, 0.15, 0.10], 0.3, Pattern::Terrazzo)),
            Self::Brick => mineral([0.40, 0.135, 0.085], [0.50, 0.46, 0.41], 0.85, Pattern::Bricks),
            Self::Tiles => mineral([0.78, 0.80, 0.80], [0.42, 0.41, 0.40], 0.16, Pattern::Tiles),
            Self::Sand => mineral([0.72, 0.55, 0.36], [0.46, 0.32, 0.18], 0.95, Pattern::Sand),
            Self::Snow => {
                Material { relief: 0.7, ..mineral([0.93, 0.95, 0.98], [0.84, 0.88, 0.95], 0.7, Pattern::Sand) }
            }
            _ => return None,
        })
    }

    fn soft(self) -> Option<Material> {
        let soft = |first: [f32; 3], second: [f32; 3], pattern: Pattern| Material {
            base_color: Vec3::from_array(first),
            second_color: Vec3::from_array(second),
            roughness: 0.85,
            specular: 0.2,
            pattern,
            ..Material::default()
        };
        Some(match self {
            Self::Linen => Material { sheen: 0.25, ..soft([0.72, 0.65, 0.54], [0.44, 0.37, 0.28], Pattern::Weave) },
            Self::Denim => Material { sheen: 0.2, ..soft([0.11, 0.17, 0.33], [0.028, 0.045, 0.11], Pattern::Weave) },
            // Pile so short that only its nap is seen.
            Self::Velvet => Material {
                sheen: 1.0,
                pattern_scale: 0.12,
                relief: 0.25,
                ..soft([0.22, 0.02, 0.045], [0.12, 0.01, 0.022], Pattern::Carpet)
            },
            Self::Leather => Material {
                roughness: 0.42,
                specular: 0.5,
                pattern_scale: 0.5,
                relief: 0.6,
                ..soft([0.30, 0.125, 0.05], [0.11, 0.04, 0.018], Pattern::Leather)
            },
            Self::BlackLeather => Material {
                roughness: 0.38,
                specular: 0.5,
                pattern_scale: 0.5,
                relief: 0.6,
                ..soft([0.022, 0.021, 0.021], [0.008, 0.008, 0.008], Pattern::Leather)
            },
            Self::Paper => soft([0.86, 0.85, 0.82], [0.74, 0.72, 0.68], Pattern::Paper),
            Self::Cardboard => soft([0.50, 0.35, 0.21], [0.36, 0.24, 0.14], Pattern::Paper),
            Self::Grass => soft([0.17, 0.30, 0.045], [0.05, 0.115, 0.014], Pattern::Grass),
            Self::Carpet => Material { sheen: 0.4, ..soft([0.52, 0.47, 0.41], [0.33, 0.29, 0.25], Pattern::Carpet) },
            _ => return None,
        })
    }

    fn rest(self) -> Material {
        let base = Material::default();
        match self {
            Self::Glass | Self::FrostedGlass => Material {
                base_color: Vec3::new(0.97, 0.99, 0.98),
                transmission: 1.0,
                roughness: if self == Self::Glass { 0.0 } else { 0.35 },
                ..base
            },
            Self::Ice => Material {
                base_color: Vec3::new(0.93, 0.97, 0.99),
                second_color: Vec3::new(0.86, 0.92, 0.96),
                transmission: 1.0,
                roughness: 0.0,
                ior: 1.31,
                // Deeper than life, so that a hand's breadth is already blue.
                absorption: Vec3::new(0.045, 0.014, 0.007),
                pattern: Pattern::Ice,
                ..base
            },
            Self::Ceramic => Material {
                base_color: Vec3::new(0.84, 0.82, 0.78),
                roughness: 0.4,
                clearcoat: 1.0,
                clearcoat_roughness: 0.06,
                ..base
            },
            Self::Lacquer => Material {
                base_color: Vec3::new(0.42, 0.012, 0.016),
                roughness: 0.4,
                clearcoat: 1.0,
                clearcoat_roughness: 0.03,
                ..base
            },
            Self::GlossyPlastic => Material { base_color: Vec3::new(0.75, 0.75, 0.76), roughness: 0.14, ..base },
            Self::Rubber => Material { base_color: Vec3::splat(0.03), roughness: 0.75, specular: 0.3, ..base },
            Self::Water => Material {
                base_color: Vec3::new(0.012, 0.07, 0.085),
                second_color: Vec3::new(0.03, 0.16, 0.17),
                roughness: 0.03,
                specular: 0.26,
                pattern: Pattern::Water,
                ..base
            },
            _ => Material { base_color: Vec3::new(0.72, 0.72, 0.73), roughness: 0.38, ..base },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_surface_is_possible() {
        for surface in ALL_SURFACES {
            let m = surface.material();
            for color in [m.base_color, m.second_color] {
                assert!(color.min_element() >= 0.0 && color.max_element() <= 1.0, "{surface:?}");
            }
            assert!(
                surface == Surface::Plastic || (m.roughness - 0.38).abs() > 1e-6 || m.pattern != Pattern::None,
                "{surface:?} has no look"
            );
        }
    }

    #[test]
    fn a_tint_changes_colour_and_nothing_else() {
        let red = Vec3::new(0.6, 0.02, 0.02);
        let m = Surface::Leather.tinted(red);
        assert_eq!(m.base_color, red);
        assert_eq!(m.pattern, Pattern::Leather);
        assert!(m.second_color.x > m.second_color.y && m.second_color.max_element() <= 0.95);
    }
}
