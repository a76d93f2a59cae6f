//! What is behind the head: the picture without its person, so that a head moves before its background instead of
//! bending it. Straight lines behind a head stay straight, and what doesn't move costs a film no bytes.
//!
//! The person comes from the cut-out network; what the person hid is filled in from around.

use glam::Vec2;
use image::RgbImage;

use super::{
    colours::contains,
    likeness::Likeness,
    mesh::OVAL,
    texture::{Light, Texture, mix},
};
use crate::engine::{
    film::layers::{self, Layer},
    restyle::raster::{self, Plane},
};

/// The most cells of the grid: what is filled in is soft, and an outline needs no more.
const CELLS_MAX: f32 = 1.2e6;
/// How much of the face the outline must hold to be believed.
const HELD_MIN: f32 = 0.9;

/// One place of the grid.
#[derive(Clone, Copy, Default)]
struct Cell {
    /// What is filled in behind the person.
    filled: Light,
    /// How far the background here is filled in rather than seen, 0 to 1.
    hidden: f32,
    /// How far this is the person, 0 to 1.
    person: f32,
}

/// The background of one portrait.
pub(super) struct Backdrop {
    width: usize,
    height: usize,
    /// Cells a pixel of the working picture.
    scale: Vec2,
    cells: Vec<Cell>,
}

impl Backdrop {
    /// The size at which the outline of the person in a working picture is wanted.
    pub(super) fn size((width, height): (u32, u32)) -> (u32, u32) {
        let scale = (CELLS_MAX / (width as f32 * height as f32)).sqrt().min(1.0);
        let side = |v: u32| ((v as f32 * scale).round() as u32).max(1);
        (side(width), side(height))
    }

    /// The background of a working picture along the outline of its person, which is of [`Backdrop::size`]; `None`
    /// where the outline is unsure or isn't that of the face.
    pub(super) fn new(picture: &RgbImage, person: &Plane, face: &Likeness) -> Option<Self> {
        let (width, height) = (person.width, person.height);
        let scale = Vec2::new(width as f32 / picture.width() as f32, height as f32 / picture.height() as f32);
        let outline: Vec<Vec2> = OVAL.iter().map(|&i| face.rest[i] * scale).collect();
        let mut person = person.clone();
        let (mut sum, mut count) = (0.0, 0.0f32);
        for (i, value) in person.values.iter_mut().enumerate() {
            if contains(&outline, Vec2::new((i % width) as f32 + 0.5, (i / width) as f32 + 0.5)) {
                sum += *value;
                count += 1.0;
                *value = 1.0;
            }
        }
        if !layers::is_sure(&person) || sum < HELD_MIN * count {
            return None;
        }
        let whole = Layer::opaque(&raster::resize(picture, width as u32, height as u32));
        let (filled, hidden) = layers::uncover(&whole, &person);
        let cells = filled.pixels.iter().zip(&hidden.values).zip(&person.values);
        let cells =
            cells.map(|((&[r, g, b, _], &hidden), &person)| Cell { filled: [r, g, b], hidden, person }).collect();
        Some(Self { width, height, scale, cells })
    }

    /// The light where the moved person shows the place `from` of the still picture, and the still background is at
    /// `at`. Where nothing moves it is the picture's own, exactly.
    pub(super) fn show(&self, texture: &Texture, from: Vec2, at: Vec2) -> Light {
        let picture = texture.sample(from);
        if from.distance_squared(at) < 1e-8 {
            return picture;
        }
        let cell = self.read(from);
        if cell.person > 0.998 {
            return picture;
        }
        // The picture is person and background mixed; only the background's part is exchanged.
        let before = mix(picture, cell.filled, cell.hidden);
        let behind = self.read(at);
        let now =
            if behind.hidden > 0.998 { behind.filled } else { mix(texture.sample(at), behind.filled, behind.hidden) };
        std::array::from_fn(|c| picture[c] + (1.0 - cell.person) * (now[c] - before[c]))
    }

    /// The grid between its cells; borders repeat.
    fn read(&self, at: Vec2) -> Cell {
        let p = (at * self.scale - 0.5).clamp(Vec2::ZERO, Vec2::new(self.width as f32 - 1.0, self.height as f32 - 1.0));
        let (column, row) = (p.x as usize, p.y as usize);
        let (fx, fy) = (p.x - column as f32, p.y - row as f32);
        let right = usize::from(column + 1 < self.width);
        let below = if row + 1 < self.height { self.width } else { 0 };
        let base = row * self.width + column;
        let corners = [base, base + right, base + below, base + below + right].map(|i| &self.cells[i]);
        let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
        let mut sum = Cell::default();
        for (cell, weight) in corners.into_iter().zip(weights) {
            sum.filled = std::array::from_fn(|c| sum.filled[c] + cell.filled[c] * weight);
            sum.hidden += cell.hidden * weight;
            sum.person += cell.person * weight;
        }
        sum
    }
}
