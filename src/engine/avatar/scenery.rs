//! What moves with the head beside the face: hair and neck softly, the chest with the breath, the picture with the
//! camera. Owns the field of displacement round the head, forwards and backwards.

use glam::Vec2;

use super::{expression::Expression, likeness::Likeness};
use crate::engine::ease::smoothstep;

/// The part of the working picture that a frame shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// Frame pixels a pixel of the working picture.
    pub(super) zoom: f32,
    /// The place of the working picture that is the frame's corner.
    pub(super) corner: Vec2,
}

impl View {
    /// A place of the working picture in the frame.
    pub(super) fn show(&self, p: Vec2) -> Vec2 {
        (p - self.corner) * self.zoom
    }

    /// A place of the frame in the working picture.
    pub(super) fn find(&self, p: Vec2) -> Vec2 {
        p / self.zoom + self.corner
    }
}

/// How much of the head's movement a place of the picture takes.
pub(super) struct Scenery {
    centre: Vec2,
    right: Vec2,
    down: Vec2,
    half: Vec2,
    scale: f32,
    /// Where the neck turns.
    pivot: Vec2,
    /// Whether the person alone moves, before a background of its own.
    is_apart: bool,
}

impl Scenery {
    pub(super) fn new(face: &Likeness, is_apart: bool) -> Self {
        Self {
            is_apart,
            centre: face.centre,
            right: face.right,
            down: face.down,
            half: face.half,
            scale: face.scale,
            pivot: face.centre + face.down * (2.0 * face.half.y),
        }
    }

    /// 1 on the head, 0 far from it.
    fn weight(&self, p: Vec2) -> f32 {
        let d = p - self.centre;
        let x = d.dot(self.right) / (self.half.x * 1.05);
        let y = (d.dot(self.down) + 0.15 * self.half.y) / (self.half.y * 1.25);
        // With no background to bend, hair goes with the head as a whole; from the chin down it is neck and shoulders.
        let hair = if self.is_apart { 1.0 - smoothstep(0.2, 1.1, d.dot(self.down) / self.half.y) } else { 0.0 };
        1.0 - smoothstep(1.05, 2.3, (x * x + y * y).sqrt() * (1.0 - 0.4 * hair))
    }

    /// How far the head takes what is wholly its own.
    fn rigid(&self, p: Vec2, held: &Held) -> Vec2 {
        let arm = p - self.pivot;
        held.turn.rotate(arm) - arm + held.shift
    }

    /// How far a place of the still picture goes.
    fn displacement(&self, p: Vec2, held: &Held) -> Vec2 {
        let chest = ((p - self.centre).dot(self.down) - self.half.y * 1.1) / (self.half.y * 1.2);
        self.rigid(p, held) * self.weight(p) - self.down * (held.breath * smoothstep(0.0, 1.0, chest))
    }

    /// How the head is held in one expression, in pixels.
    pub(super) fn hold(&self, e: &Expression) -> Held {
        // The neck's axis lies behind the face: a turn takes the whole head with it.
        let shift = e.shift + Vec2::new(3.0 * e.yaw, 2.0 * e.pitch);
        Held {
            turn: Vec2::from_angle(e.roll),
            shift: (self.right * shift.x - self.down * shift.y) * self.scale,
            breath: e.breath * self.scale,
        }
    }

    /// Where a place of the still picture goes.
    pub(super) fn forward(&self, p: Vec2, held: &Held) -> Vec2 {
        p + self.displacement(p, held)
    }

    /// Which place of the still picture comes to `p`; exact to a hundredth of a pixel where the field is gentle.
    pub(super) fn backward(&self, p: Vec2, held: &Held) -> Vec2 {
        let mut source = p;
        for _ in 0..5 {
            source = p - self.displacement(source, held);
        }
        source
    }

    /// [`Scenery::backward`] for places on the face itself, where the head is rigid.
    pub(super) fn backward_on_face(&self, p: Vec2, held: &Held) -> Vec2 {
        self.pivot + Vec2::new(held.turn.x, -held.turn.y).rotate(p - held.shift - self.pivot)
    }
}

/// How the head is held, in pixels of the working picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    turn: Vec2,
    shift: Vec2,
    breath: f32,
}
