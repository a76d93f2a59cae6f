//! Packs of plain boxes for tests, laid out as `models/scene/recipe.py` lays out its own. Depends on nothing of the
//! crate: the black-box tests use it too.

#![allow(clippy::unwrap_used, unreachable_pub, reason = "only tests come here, those of another binary too")]

use serde_json::{Value, json};

/// One box and whose it is.
#[derive(Debug, Clone)]
pub struct Thing {
    /// Its id and its name.
    pub name: &'static str,
    /// Other words for it.
    pub also: &'static [&'static str],
    /// Who made it.
    pub author: &'static str,
    /// SPDX licence.
    pub licence: &'static str,
    /// Linear.
    pub color: [f32; 3],
    /// Width, height and depth in cm.
    pub size_cm: [f32; 3],
}

impl Thing {
    /// A grey box of somebody's under CC-BY-3.0.
    pub const fn new(name: &'static str, also: &'static [&'static str]) -> Self {
        Self { name, also, author: "A. Maker", licence: "CC-BY-3.0", color: [0.4; 3], size_cm: [20.0, 30.0, 20.0] }
    }
}

/// The file.
pub fn pack(things: &[Thing]) -> Vec<u8> {
    let (mut body, mut models) = (Vec::new(), Vec::new());
    for thing in things {
        let raw = solid();
        let packed = zstd::encode_all(&raw[..], 3).unwrap();
        models.push(entry(thing, (body.len(), packed.len(), raw.len())));
        body.extend(packed);
    }
    let head = json!({"version": 1, "models": models, "textures": []}).to_string();
    let head = zstd::encode_all(head.as_bytes(), 3).unwrap();
    let mut file = b"MPSCENE\0".to_vec();
    file.extend(1u32.to_le_bytes());
    file.extend((head.len() as u32).to_le_bytes());
    file.extend(head);
    file.extend(body);
    file
}

fn entry(thing: &Thing, (offset, bytes, raw_bytes): (usize, usize, usize)) -> Value {
    json!({
        "id": thing.name.replace(' ', "-"), "name": thing.name, "also": thing.also, "category": "miscellaneous",
        "size_cm": thing.size_cm, "rest_cm": thing.size_cm[1], "author": thing.author, "title": thing.name,
        "licence": thing.licence, "source": "https://models.example/1",
        "materials": [{"kind": "", "color": thing.color, "roughness": 0.6, "specular": 0.5, "area": 1.0, "body": true}],
        "parts": [{"material": 0, "vertices": 24, "triangles": 12}],
        "offset": offset, "bytes": bytes, "raw_bytes": raw_bytes,
    })
}

/// A box that fills its extent: four vertices and two triangles a side.
fn solid() -> Vec<u8> {
    let mut columns = [const { Vec::<u16>::new() }; 5];
    let mut corners: Vec<u16> = Vec::new();
    for side in 0..6usize {
        let (axis, is_high) = (side / 2, side % 2 == 1);
        let (u, v) = if is_high { ((axis + 1) % 3, (axis + 2) % 3) } else { ((axis + 2) % 3, (axis + 1) % 3) };
        for (a, b) in [(0u16, 0u16), (1, 0), (1, 1), (0, 1)] {
            let mut at = [0u16; 3];
            at[axis] = u16::from(is_high) * u16::MAX;
            (at[u], at[v]) = (a * u16::MAX, b * u16::MAX);
            (0..3).for_each(|k| columns[k].push(at[k]));
            // Octahedral, 12 bits: the middle is +z, the rim the plane, the corner -z.
            let (x, y) = match side {
                0 => (0, 2048),
                1 => (4095, 2048),
                2 => (2048, 0),
                3 => (2048, 4095),
                4 => (0, 0),
                _ => (2048, 2048),
            };
            columns[3].push(x);
            columns[4].push(y);
        }
        let first = 4 * side as u16;
        corners.extend([0, 1, 2, 0, 2, 3].map(|k| first + k));
    }
    let mut values: Vec<u16> = Vec::new();
    for column in &columns {
        let mut before = 0u16;
        for value in column {
            let delta = value.wrapping_sub(before);
            values.push((delta << 1) ^ if delta & 0x8000 == 0 { 0 } else { u16::MAX });
            before = *value;
        }
    }
    let mut out = planes(&values);
    let mut fresh = 0u16;
    let back: Vec<u16> = corners
        .iter()
        .map(|corner| {
            let back = fresh - corner;
            fresh += u16::from(back == 0);
            back
        })
        .collect();
    out.extend(planes(&back));
    out
}

/// All low bytes, then all high ones.
fn planes(values: &[u16]) -> Vec<u8> {
    let low = values.iter().map(|v| v.to_le_bytes()[0]);
    low.chain(values.iter().map(|v| v.to_le_bytes()[1])).collect()
}
