//! What a picture is made of: plain data that whoever stages a scene fills in and the tracer reads.
//!
//! Owns the types and their neutral defaults; refuses to trace, to read files or to choose looks (surfaces and
//! lighting presets live beside it). Lengths are centimetres, Y is up, colours are linear Rec. 709.

use glam::{Vec2, Vec3};

/// Everything the tracer needs for one picture.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// All geometry, already where it belongs (no instances); the ground or cyclorama is a mesh too.
    pub meshes: Vec<Mesh>,
    /// What [`Mesh::material`] points into; a missing index draws as neutral grey.
    pub materials: Vec<Material>,
    /// What a material's texture fields point into; a missing index is ignored.
    pub textures: Vec<Texture>,
    /// Lights beside the environment.
    pub lights: Vec<Light>,
    /// The light that comes from everywhere else.
    pub environment: Environment,
    /// What the camera sees where it sees nothing, if not the environment; reflections still see the environment.
    pub backdrop: Option<Environment>,
    /// The distance in cm over which what the camera sees fades by a factor of e into the backdrop, so that a wide
    /// ground has no hard horizon; `None` for clear air.
    pub haze_distance: Option<f32>,
    /// From where it is seen.
    pub camera: Camera,
}

/// Indexed triangles of one material. Both sides are seen.
#[derive(Debug, Clone, Default)]
pub struct Mesh {
    /// Vertices in cm.
    pub positions: Vec<Vec3>,
    /// One a vertex, or empty for flat faces. Need not be of unit length; a zero one falls back to the face's.
    pub normals: Vec<Vec3>,
    /// One a vertex, or empty. (0, 0) is the lower left corner of a texture, as in OBJ; outside 0..1 it repeats.
    pub uvs: Vec<Vec2>,
    /// Triples of vertex indices, counter-clockwise from outside; a triple out of range is skipped.
    pub triangles: Vec<[u32; 3]>,
    /// Index into [`World::materials`].
    pub material: usize,
}

/// A picture wrapped around a mesh: sRGB bytes, decoded to linear light when it is looked up.
#[derive(Debug, Clone)]
pub struct Texture {
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
    /// `width * height` RGBA, rows from the top; alpha is coverage.
    pub rgba: Vec<[u8; 4]>,
}

/// A small principled material after Burley, "Physically Based Shading at Disney" (2012) and "Extending the Disney
/// BRDF to a BSDF" (2015). All parameters are 0 to 1 where nothing else is said.
#[derive(Debug, Clone)]
pub struct Material {
    /// Diffuse colour, or the reflectance at normal incidence of a metal, or the tint of a glass.
    pub base_color: Vec3,
    /// Index of a texture that multiplies `base_color`; its alpha cuts the mesh out.
    pub base_texture: Option<usize>,
    /// Coverage of the whole mesh: 0 is not there, 1 is there.
    pub opacity: f32,
    /// Index of a texture whose brightness multiplies the coverage.
    pub opacity_texture: Option<usize>,
    /// 0 dielectric, 1 metal.
    pub metallic: f32,
    /// Perceptual roughness; the microfacet alpha is its square.
    pub roughness: f32,
    /// How much longer highlights are across the brushing direction than along it.
    pub anisotropy: f32,
    /// The brushing direction in world space, projected onto the surface; zero takes a default.
    pub tangent: Vec3,
    /// Strength of the dielectric highlight: 0.5 is 4 % at normal incidence.
    pub specular: f32,
    /// A second, always dielectric highlight above everything: lacquer, glaze.
    pub clearcoat: f32,
    /// Its roughness.
    pub clearcoat_roughness: f32,
    /// Retroreflective fuzz of cloth at grazing angles.
    pub sheen: f32,
    /// How much light goes through instead of being scattered: glass, water.
    pub transmission: f32,
    /// Index of refraction of what transmits.
    pub ior: f32,
    /// A transmitting surface without a volume (window, soap film): light passes straight. Right for models that are
    /// not closed.
    pub thin: bool,
    /// Beer-Lambert absorption inside a solid that transmits, per cm and channel.
    pub absorption: Vec3,
    /// Light of its own: linear radiance.
    pub emission: Vec3,
    /// A procedural look laid over the parameters above.
    pub pattern: Pattern,
    /// Size of the pattern: 1 is life-size.
    pub pattern_scale: f32,
    /// The pattern's second colour: veins, grout, dark grain.
    pub second_color: Vec3,
    /// Strength of the pattern's relief, 1 as it is in life.
    pub relief: f32,
}

impl Default for Material {
    /// Matt neutral grey plastic.
    fn default() -> Self {
        Self {
            base_color: Vec3::splat(0.6),
            base_texture: None,
            opacity: 1.0,
            opacity_texture: None,
            metallic: 0.0,
            roughness: 0.5,
            anisotropy: 0.0,
            tangent: Vec3::ZERO,
            specular: 0.5,
            clearcoat: 0.0,
            clearcoat_roughness: 0.05,
            sheen: 0.0,
            transmission: 0.0,
            ior: 1.5,
            thin: false,
            absorption: Vec3::ZERO,
            emission: Vec3::ZERO,
            pattern: Pattern::None,
            pattern_scale: 1.0,
            second_color: Vec3::splat(0.2),
            relief: 1.0,
        }
    }
}

/// A procedural look, evaluated in 3D world space so that it needs no uvs and has no resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pattern {
    /// As the parameters say.
    #[default]
    None,
    /// Fine parallel streaks along the tangent.
    Brushed,
    /// Boards with growth rings, fibres and joints.
    Planks,
    /// One solid block of wood without joints.
    Wood,
    /// Warped turbulent veins.
    Marble,
    /// Cloudy cement with pores.
    Concrete,
    /// Over-under threads.
    Weave,
    /// Pebbled creases.
    Leather,
    /// Faint fibres.
    Paper,
    /// Stone chips in cement.
    Terrazzo,
    /// Grains and wind ripples.
    Sand,
    /// Short blades or pile seen as shaded tufts.
    Grass,
    /// Deep pile.
    Carpet,
    /// Waves.
    Water,
    /// Square tiles with grout.
    Tiles,
    /// Bricks in running bond with mortar.
    Bricks,
    /// Tiny uneven grain as of cast stone, plaster or asphalt.
    Grain,
    /// Beaten metal: round dents with ridges between them.
    Hammered,
    /// Clear, melted smooth, with cracks and bubbles that let no light through.
    Ice,
    /// Painted: level bands.
    Stripes,
    /// Painted: dots.
    Dots,
    /// Painted: a chessboard.
    Checks,
}

/// A light that the tracer aims at.
#[derive(Debug, Clone)]
pub enum Light {
    /// A rectangle that shines to the side of `half_u x half_v`: a softbox, a window, a neon tube.
    Rectangle {
        /// Its middle.
        center: Vec3,
        /// From the middle to an edge.
        half_u: Vec3,
        /// From the middle to a neighbouring edge.
        half_v: Vec3,
        /// Emitted radiance.
        radiance: Vec3,
        /// Whether the camera sees it directly; reflections always do.
        visible: bool,
    },
    /// A disc infinitely far away.
    Sun {
        /// Towards it.
        direction: Vec3,
        /// What it sheds on a surface that faces it.
        irradiance: Vec3,
        /// Half of its apparent size, in degrees: the sun's is 0.27, a larger one has softer shadows.
        angular_radius_degrees: f32,
    },
}

/// Light from infinitely far away, as formulas: it has no pixels however much it is enlarged.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Radiance straight up.
    pub zenith: Vec3,
    /// Radiance at the horizon.
    pub horizon: Vec3,
    /// Radiance straight down.
    pub nadir: Vec3,
    /// How closely the horizon's colour hugs the horizon: 1 is an even gradient, 4 a thin band.
    pub falloff: f32,
    /// Soft round lights.
    pub glows: Vec<Glow>,
    /// Soft rectangular lights.
    pub panels: Vec<Panel>,
}

/// A soft round light in an [`Environment`]: `radiance * exp(sharpness * (cos - 1))`, a spherical Gaussian.
#[derive(Debug, Clone)]
pub struct Glow {
    /// Towards its middle.
    pub direction: Vec3,
    /// Radiance in its middle.
    pub radiance: Vec3,
    /// 2 covers a quarter of the sky, 100 a hand at arm's length.
    pub sharpness: f32,
}

/// A soft rectangular light in an [`Environment`]: a window or a softbox far away.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Towards its middle.
    pub direction: Vec3,
    /// Half of its width as seen from the middle of the world, in degrees (below 80).
    pub half_width_degrees: f32,
    /// Half of its height, in degrees (below 80).
    pub half_height_degrees: f32,
    /// How much of it is soft edge, 0 to 1.
    pub softness: f32,
    /// Radiance in its middle.
    pub radiance: Vec3,
}

/// A thin-lens camera. The aspect ratio is the film's ([`RenderSettings`]).
#[derive(Debug, Clone)]
pub struct Camera {
    /// Where it stands.
    pub position: Vec3,
    /// What it looks at, in the middle of the picture.
    pub target: Vec3,
    /// The angle over the shorter side of the picture, in degrees, 1 to 150.
    pub fov_degrees: f32,
    /// Radius of the lens in cm; 0 is sharp everywhere.
    pub aperture_radius: f32,
    /// Distance in cm of the plane that is sharp; 0 or less takes the distance to the target.
    pub focus_distance: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            position: Vec3::new(0.0, 30.0, 80.0),
            target: Vec3::ZERO,
            fov_degrees: 30.0,
            aperture_radius: 0.0,
            focus_distance: 0.0,
        }
    }
}

/// How well a picture is made.
#[derive(Debug, Clone)]
pub struct RenderSettings {
    /// Film width in pixels, 1 to 8192.
    pub width: u32,
    /// Film height in pixels, 1 to 8192.
    pub height: u32,
    /// Samples a pixel on average at most, at least 1.
    pub samples: u32,
    /// The second half of the samples goes where noise is: by the estimated error of what is shown (0 to 1), and not
    /// at all where that is below this. 0 gives every pixel the same.
    pub noise_target: f32,
    /// Bounces at most; specular ones through glass included.
    pub max_depth: u32,
    /// Indirect radiance above this many times the picture's typical one is cut (fireflies); 0 cuts nothing.
    pub firefly_clamp: f32,
    /// The only source of chance.
    pub seed: u32,
}

impl Default for RenderSettings {
    fn default() -> Self {
        Self { width: 320, height: 320, samples: 48, noise_target: 0.0, max_depth: 8, firefly_clamp: 12.0, seed: 0 }
    }
}
