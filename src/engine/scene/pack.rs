//! Scene packs: reads the files of 3D models and of cut-out pictures (cards) that `models/scene/recipe.py` and
//! `models/cards/recipe.py` make.
//!
//! Owns the format, refuses to know words or looks. Every offset, count and index is checked before it is used; a
//! damaged pack is an error that names what is wrong, never a panic or a huge allocation.
//!
//! Layout, little-endian: `MPSCENE\0`, u32 version (1), u32 length of the head, the head (zstd of a JSON [`Index`]),
//! the body. A model is one zstd frame in the body: for each of its parts the vertices as u16 columns (x, y, z in
//! 0..65535 of its box; octahedral normal u, v in 0..4095; where it has a texture, u, v in 0..65535 of the part's uv
//! box), then one u16 a corner: how far the index lies behind the first vertex that was not used yet. A column is
//! delta-coded and zigzagged; all low bytes of a block come before all high bytes.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt as _,
    path::Path,
};

use glam::{Vec2, Vec3};
use serde::Deserialize;

use self::body::Body;
use crate::engine::EngineError;

mod body;

const MAGIC: &[u8; 8] = b"MPSCENE\0";
const VERSION: u32 = 1;
/// What an honest head or model stays far below once unpacked.
const UNPACKED_LIMIT: usize = 64 << 20;

/// A material as the pack tells it; colours are linear.
#[derive(Debug, Clone, Deserialize)]
pub struct PackMaterial {
    /// What it is made of (`wood`, `leather`, `glass`, ...), or empty.
    pub kind: String,
    /// Base colour.
    pub color: [f32; 3],
    /// Perceptual roughness.
    pub roughness: f32,
    /// Strength of the dielectric highlight.
    pub specular: f32,
    /// 0 or 1.
    #[serde(default)]
    pub metallic: f32,
    /// 0 or 1.
    #[serde(default)]
    pub transmission: f32,
    /// Strength of a glaze.
    #[serde(default)]
    pub clearcoat: f32,
    /// Index into [`Index::textures`].
    #[serde(default)]
    pub texture: Option<usize>,
    /// Its share of the model's area, 0 to 1.
    pub area: f32,
    /// Whether a colour or a material in a prompt replaces it.
    pub body: bool,
}

/// One run of triangles of one material.
#[derive(Debug, Clone, Deserialize)]
pub struct PackPart {
    /// Index into [`PackModel::materials`].
    pub material: usize,
    /// Number of vertices, at most 65535.
    pub vertices: usize,
    /// Number of triangles.
    pub triangles: usize,
    /// Lowest u and v, and their extents; absent where the part has no uvs.
    #[serde(default)]
    pub uv: Option<[f32; 4]>,
}

/// One model.
#[derive(Debug, Clone, Deserialize)]
pub struct PackModel {
    /// Its name in plans.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Other words for it.
    pub also: Vec<String>,
    /// Where it belongs: `kitchen`, `living room`, ...
    pub category: String,
    /// Width, height and depth in cm.
    pub size_cm: [f32; 3],
    /// How high above its own foot something put on it rests, in cm; absent where nothing can be put on it.
    pub rest_cm: Option<f32>,
    /// Whether it hangs rather than stands.
    #[serde(default)]
    pub hung: bool,
    /// Turn that shows its best side, added to the stage's.
    #[serde(default)]
    pub yaw_degrees: f32,
    /// Who made it.
    pub author: String,
    /// What its author called it.
    #[serde(default)]
    pub title: String,
    /// SPDX licence.
    pub licence: String,
    /// Where it is from.
    #[serde(default)]
    pub source: String,
    /// Its materials.
    pub materials: Vec<PackMaterial>,
    /// Its triangles.
    pub parts: Vec<PackPart>,
    offset: usize,
    bytes: usize,
    raw_bytes: usize,
}

/// A thing that is only there as a cut-out picture.
#[derive(Debug, Clone, Deserialize)]
pub struct PackCard {
    /// Its name in plans, without the `card:` before it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Other words for it.
    pub also: Vec<String>,
    /// What kind of thing it is: `animal`, `food`, ...
    pub category: String,
    /// Width and height of the picture in cm.
    pub size_cm: [f32; 2],
    /// SPDX licence.
    pub licence: String,
    /// The id of the card whose face this is, where it is one.
    #[serde(default)]
    pub of: Option<String>,
    /// Index into [`Index::textures`].
    texture: usize,
}

#[derive(Debug, Clone, Deserialize)]
struct PackTexture {
    offset: usize,
    bytes: usize,
}

#[derive(Debug, Deserialize)]
struct Index {
    version: u32,
    models: Vec<PackModel>,
    #[serde(default)]
    cards: Vec<PackCard>,
    textures: Vec<PackTexture>,
}

/// Triangles of one part: in cm, standing on y = 0, centred on the y axis, facing +z.
#[derive(Debug, Clone)]
pub struct PartGeometry {
    /// Index into [`PackModel::materials`].
    pub material: usize,
    /// Vertices.
    pub positions: Vec<Vec3>,
    /// Unit normals, one a vertex.
    pub normals: Vec<Vec3>,
    /// One a vertex, or empty.
    pub uvs: Vec<Vec2>,
    /// Triples of vertex indices, all in range.
    pub triangles: Vec<[u32; 3]>,
}

/// An opened pack. Cheap: models and textures are decoded when asked for.
#[derive(Debug)]
pub struct Pack<'a> {
    index: Index,
    body: Body<'a>,
}

/// Bytes before the head.
const HEAD_START: usize = 16;

fn damaged(what: impl std::fmt::Display) -> EngineError {
    EngineError::Model(format!("the scene pack is damaged: {what}"))
}

/// Unpacks a zstd frame that says it holds at most `limit` bytes.
fn unpack(data: &[u8], limit: usize, what: &str) -> Result<Vec<u8>, EngineError> {
    let decoder = zstd::stream::read::Decoder::with_buffer(data).map_err(|e| damaged(format!("{what}: {e}")))?;
    let mut out = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut out).map_err(|e| damaged(format!("{what}: {e}")))?;
    if out.len() > limit { Err(damaged(format!("{what} unpacks to more than {limit} bytes"))) } else { Ok(out) }
}

impl<'a> Pack<'a> {
    /// Opens a pack: reads and checks the index.
    pub fn open(data: &'a [u8]) -> Result<Self, EngineError> {
        let body_start = Self::body_start(data)?;
        let head = data.get(HEAD_START..body_start).ok_or_else(|| damaged("its head is cut off"))?;
        Self::new(head, Body::Memory(data.get(body_start..).unwrap_or_default()))
    }

    fn new(head: &[u8], body: Body<'a>) -> Result<Self, EngineError> {
        let head = unpack(head, UNPACKED_LIMIT, "the head")?;
        let index: Index = serde_json::from_slice(&head).map_err(|e| damaged(format!("the head: {e}")))?;
        let pack = Self { index, body };
        pack.check()?;
        Ok(pack)
    }

    /// Where the body begins, as the first bytes of the pack say.
    fn body_start(data: &[u8]) -> Result<usize, EngineError> {
        let (Some(magic), Some(version), Some(length)) = (data.get(..8), word(data, 8), word(data, 12)) else {
            return Err(damaged("it is cut off"));
        };
        if magic != MAGIC {
            return Err(damaged("it does not begin as a scene pack"));
        }
        if version != VERSION {
            return Err(damaged(format!("version {version} is not the known one, {VERSION}")));
        }
        Ok(HEAD_START.saturating_add(length as usize))
    }

    fn check(&self) -> Result<(), EngineError> {
        if self.index.version != VERSION {
            return Err(damaged("its head is of another version"));
        }
        for model in &self.index.models {
            let fail = |what: &str| Err(damaged(format!("{}: {what}", model.id)));
            if !self.body.holds(model.offset, model.bytes) {
                return fail("it is cut off");
            }
            if model.raw_bytes > UNPACKED_LIMIT || !model.size_cm.iter().all(|s| s.is_finite() && *s > 0.0) {
                return fail("impossible size");
            }
            if model.parts.iter().any(|p| p.material >= model.materials.len() || p.vertices > 65535) {
                return fail("a part is out of range");
            }
            let row = |p: &PackPart| if p.uv.is_some() { 14 } else { 10 };
            let bytes = model.parts.iter().try_fold(0usize, |sum, p| {
                sum.checked_add(p.vertices.checked_mul(row(p))?)?.checked_add(p.triangles.checked_mul(6)?)
            });
            if bytes != Some(model.raw_bytes) {
                return fail("its parts do not add up");
            }
            if model.materials.iter().any(|m| m.texture.is_some_and(|t| t >= self.index.textures.len())) {
                return fail("a texture is missing");
            }
        }
        for card in &self.index.cards {
            if card.texture >= self.index.textures.len() || !card.size_cm.iter().all(|s| s.is_finite() && *s > 0.0) {
                return Err(damaged(format!("{}: its picture or its size is missing", card.id)));
            }
        }
        match self.index.textures.iter().position(|t| !self.body.holds(t.offset, t.bytes)) {
            Some(i) => Err(damaged(format!("texture {i} is cut off"))),
            None => Ok(()),
        }
    }

    /// All models, in the order of the pack.
    pub fn models(&self) -> &[PackModel] {
        &self.index.models
    }

    /// All cards, in the order of the pack.
    pub fn cards(&self) -> &[PackCard] {
        &self.index.cards
    }

    /// Decodes a card's picture.
    pub fn picture(&self, card: &PackCard) -> Result<image::RgbaImage, EngineError> {
        self.texture(card.texture)
    }

    /// Decodes a model's triangles.
    pub fn geometry(&self, model: &PackModel) -> Result<Vec<PartGeometry>, EngineError> {
        let data = self.body.slice(model.offset, model.bytes)?;
        let data = data.ok_or_else(|| damaged(format!("{} is cut off", model.id)))?;
        let raw = unpack(&data, model.raw_bytes, &model.id)?;
        if raw.len() != model.raw_bytes {
            return Err(damaged(format!("{} unpacks to {} bytes, not {}", model.id, raw.len(), model.raw_bytes)));
        }
        let mut rest = &raw[..];
        model.parts.iter().map(|part| decode_part(part, model, &mut rest)).collect()
    }

    /// Decodes a texture into RGBA, rows from the top.
    pub fn texture(&self, index: usize) -> Result<image::RgbaImage, EngineError> {
        let missing = || damaged(format!("texture {index} is missing"));
        let lies = self.index.textures.get(index).ok_or_else(missing)?;
        let data: Cow<'_, [u8]> = self.body.slice(lies.offset, lies.bytes)?.ok_or_else(missing)?;
        let mut reader = image::ImageReader::new(std::io::Cursor::new(data))
            .with_guessed_format()
            .map_err(|e| damaged(format!("texture {index}: {e}")))?;
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(4096);
        limits.max_image_height = Some(4096);
        reader.limits(limits);
        Ok(reader.decode().map_err(|e| damaged(format!("texture {index}: {e}")))?.into_rgba8())
    }
}

impl Pack<'static> {
    /// Opens the pack in a file, of which only the head is read now; the rest is when it is needed.
    pub fn open_file(path: &Path) -> Result<Self, EngineError> {
        let failed = |e: io::Error| EngineError::Model(format!("{}: {e}", path.display()));
        let file = File::open(path).map_err(failed)?;
        let whole = file.metadata().map_err(failed)?.len();
        let mut start = vec![0; usize::try_from(whole).unwrap_or(usize::MAX).min(HEAD_START)];
        file.read_exact_at(&mut start, 0).map_err(failed)?;
        let body_start = Self::body_start(&start)?;
        // Nothing is allocated for a head that the file can't hold.
        let Some(bytes) = whole.checked_sub(body_start as u64) else { return Err(damaged("its head is cut off")) };
        let mut head = vec![0; body_start - HEAD_START];
        file.read_exact_at(&mut head, HEAD_START as u64).map_err(failed)?;
        let bytes = usize::try_from(bytes).map_err(|_| damaged("it is too large"))?;
        Self::new(&head, Body::File { file, start: body_start as u64, bytes })
    }
}

fn word(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

/// Takes `columns` columns of `rows` u16 from the front of `rest`, the low bytes before the high ones.
fn take_block(rest: &mut &[u8], rows: usize, columns: usize) -> Option<Vec<u16>> {
    let n = rows.checked_mul(columns)?;
    let (low, high, after) = (rest.get(..n)?, rest.get(n..2 * n)?, rest.get(2 * n..)?);
    *rest = after;
    Some(low.iter().zip(high).map(|(l, h)| u16::from_le_bytes([*l, *h])).collect())
}

/// Undoes zigzag and delta of one column in place.
fn undelta(column: &mut [u16]) {
    let mut value = 0u16;
    for v in column {
        let step = (*v >> 1) ^ (*v & 1).wrapping_neg();
        value = value.wrapping_add(step);
        *v = value;
    }
}

fn decode_part(part: &PackPart, model: &PackModel, rest: &mut &[u8]) -> Result<PartGeometry, EngineError> {
    let fail = || damaged(format!("{}: a part is cut off", model.id));
    let columns = if part.uv.is_some() { 7 } else { 5 };
    let mut block = take_block(rest, part.vertices, columns).ok_or_else(fail)?;
    if part.vertices > 0 {
        block.chunks_mut(part.vertices).for_each(undelta);
    }
    let column = |c: usize| &block[c * part.vertices..(c + 1) * part.vertices];
    let size = Vec3::from(model.size_cm);
    let unit = |v: u16| f32::from(v) / 65535.0;
    let at = |c: usize, i: usize| column(c)[i];
    let positions = (0..part.vertices)
        .map(|i| (Vec3::new(unit(at(0, i)), unit(at(1, i)), unit(at(2, i))) - Vec3::new(0.5, 0.0, 0.5)) * size)
        .collect();
    let normals = (0..part.vertices).map(|i| octahedral(at(3, i), at(4, i))).collect();
    let uvs = part.uv.map_or_else(Vec::new, |[u, v, du, dv]| {
        (0..part.vertices).map(|i| Vec2::new(u + du * unit(at(5, i)), v + dv * unit(at(6, i)))).collect()
    });
    let back = take_block(rest, part.triangles, 3).ok_or_else(fail)?;
    let mut fresh = 0u32;
    let mut triangles = Vec::with_capacity(part.triangles);
    for corner in back.chunks_exact(3) {
        let mut triangle = [0; 3];
        for (slot, b) in triangle.iter_mut().zip(corner) {
            *slot = fresh.checked_sub(u32::from(*b)).ok_or_else(fail)?;
            fresh += u32::from(*b == 0);
        }
        triangles.push(triangle);
    }
    if fresh as usize > part.vertices {
        return Err(damaged(format!("{}: an index is out of range", model.id)));
    }
    Ok(PartGeometry { material: part.material, positions, normals, uvs, triangles })
}

/// A unit vector from 12-bit octahedral coordinates (Cigolle et al., "A Survey of Efficient Representations for
/// Independent Unit Vectors", 2014).
fn octahedral(u: u16, v: u16) -> Vec3 {
    let (x, y) = (f32::from(u.min(4095)) / 2047.5 - 1.0, f32::from(v.min(4095)) / 2047.5 - 1.0);
    let z = 1.0 - x.abs() - y.abs();
    let fold = (-z).max(0.0);
    Vec3::new(x - fold.copysign(x), y - fold.copysign(y), z).normalize_or(Vec3::Y)
}

#[cfg(test)]
pub(in crate::engine) mod sample;

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<u8> {
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/scene/scene.pack")).unwrap()
    }

    #[test]
    fn every_model_and_texture_decodes_into_its_box() {
        let data = bytes();
        let pack = Pack::open(&data).unwrap();
        assert!(pack.models().len() > 120);
        for model in pack.models() {
            let parts = pack.geometry(model).unwrap();
            let size = Vec3::from(model.size_cm);
            let (mut low, mut high) = (Vec3::splat(f32::MAX), Vec3::splat(f32::MIN));
            for part in &parts {
                assert!(part.triangles.iter().flatten().all(|i| (*i as usize) < part.positions.len()));
                assert!(part.normals.iter().all(|n| (n.length() - 1.0).abs() < 1e-3));
                low = part.positions.iter().fold(low, |a, p| a.min(*p));
                high = part.positions.iter().fold(high, |a, p| a.max(*p));
            }
            // A part may have been left out of a model, so it fills its box nearly, and never leaves it.
            assert!(((high - low) / size).min_element() > 0.7, "{} {low} {high}", model.id);
            assert!(low.y >= -1e-3 && ((high - low) / size).max_element() < 1.001, "{}", model.id);
            assert!(model.materials.iter().any(|m| m.body), "{}", model.id);
            assert_eq!(model.licence, "CC0-1.0");
            for texture in model.materials.iter().filter_map(|m| m.texture) {
                let image = pack.texture(texture).unwrap();
                assert!(image.width() <= 512 && image.height() <= 512);
            }
        }
    }

    #[test]
    fn every_card_is_a_cut_out_of_its_shape() {
        let data = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/cards/cards.pack")).unwrap();
        let pack = Pack::open(&data).unwrap();
        assert!(pack.cards().len() > 500 && pack.models().is_empty());
        for card in pack.cards() {
            let picture = pack.picture(card).unwrap();
            let (shape, size) = (picture.width() as f32 / picture.height() as f32, card.size_cm[0] / card.size_cm[1]);
            assert!((shape / size - 1.0).abs() < 0.05, "{}: {shape} {size}", card.id);
            assert_eq!(picture.width().max(picture.height()), 512, "{}", card.id);
            let opaque = picture.pixels().filter(|p| p.0[3] > 200).count() as f32;
            let share = opaque / (picture.width() * picture.height()) as f32;
            assert!(share > 0.06, "{}: {share} of it is opaque", card.id);
            assert_eq!(card.licence, "MIT");
            let figure = |id: &String| pack.cards().iter().any(|other| other.id == *id && other.size_cm[1] > 100.0);
            assert!(card.of.iter().all(figure), "{} is the face of no whole figure", card.id);
        }
    }

    #[test]
    fn octahedral_normals_are_what_was_packed() {
        for n in [Vec3::X, Vec3::Y, Vec3::Z, -Vec3::Z, Vec3::new(-0.48, 0.6, -0.64)] {
            let p = n / n.abs().element_sum();
            let folded = |a: f32, b: f32| if p.z < 0.0 { (1.0 - b.abs()).copysign(a) } else { a };
            let q = |a: f32| ((a * 0.5 + 0.5) * 4095.0).round() as u16;
            let back = octahedral(q(folded(p.x, p.y)), q(folded(p.y, p.x)));
            assert!(back.distance(n) < 2e-3, "{n} became {back}");
        }
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let data = bytes();
        assert!(Pack::open(b"").is_err());
        assert!(Pack::open(&[0; 64]).unwrap_err().to_string().contains("does not begin"));
        let open = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bad = data.clone();
            change(&mut bad);
            Pack::open(&bad).err().map(|e| e.to_string())
        };
        assert!(open(&|d| d[8] = 9).unwrap().contains("version 9"));
        assert!(open(&|d| d.truncate(40)).unwrap().contains("head is cut off"));
        assert!(open(&|d| d.truncate(d.len() / 2)).unwrap().contains("cut off"));
        assert!(open(&|d| d[12..16].fill(0xff)).is_some());
        assert!(open(&|d| d[40] ^= 0x55).is_some());
        // Flipped bytes in the body: any answer but a panic or a vertex that isn't there.
        let pack = Pack::open(&data).unwrap();
        let start = Pack::body_start(&data).unwrap();
        let mut bad = data.clone();
        for k in 0..400 {
            let model = &pack.models()[k % pack.models().len()];
            bad[start + model.offset + (k * 7919) % model.bytes] ^= 1 << (k % 8);
        }
        let broken = Pack::open(&bad).unwrap();
        let mut refused = 0;
        for model in broken.models() {
            match broken.geometry(model) {
                Err(_) => refused += 1,
                Ok(parts) => {
                    let inside =
                        |p: &PartGeometry| p.triangles.iter().flatten().all(|i| (*i as usize) < p.positions.len());
                    assert!(parts.iter().all(inside));
                }
            }
        }
        assert!(refused > 0);
    }
}
