//! How a prompt wants a face to move: the wishes of [`WishReader`](crate::engine::text::wishes::WishReader) as amounts.

use serde::Serialize;

use crate::engine::text::wishes::{Way, Wish};

/// Amounts of manner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Manner {
    /// How much head and brows move: 0.45 calm, 1 natural, 1.6 lively.
    pub(super) energy: f32,
    /// -0.4 (grave) to 1 (smiles).
    pub(super) smile: f32,
    /// How much the head nods on its own account, 0 to 1.
    pub(super) nod: f32,
    /// How firmly the eyes stay on the camera, 0 to 1.
    pub(super) gaze: f32,
    /// How still the head is held, 0 to 1.
    pub(super) stillness: f32,
    /// How near the camera comes: 0 not at all, 1 a slow zoom. A background that stands still costs no bytes.
    pub(super) zoom: f32,
}

impl Default for Manner {
    fn default() -> Self {
        Self { energy: 1.0, smile: 0.0, nod: 0.0, gaze: 0.4, stillness: 0.0, zoom: 0.0 }
    }
}

impl Manner {
    /// The manner that these wishes ask for; what they don't name stays natural.
    pub(super) fn from_wishes(wishes: &[Wish]) -> Self {
        let mut manner = Self::default();
        for wish in wishes {
            match (wish.way, wish.is_wanted) {
                (Way::Calm, true) | (Way::Lively, false) => manner.energy = 0.45,
                (Way::Lively, true) => manner.energy = 1.6,
                (Way::Calm, false) => manner.energy = 1.3,
                (Way::Smiling, true) => manner.smile = 1.0,
                (Way::Serious, true) => {
                    manner.smile = -0.4;
                    manner.energy = manner.energy.min(0.75);
                }
                (Way::Smiling, false) => manner.smile = manner.smile.min(0.0),
                (Way::Serious, false) => manner.smile = manner.smile.max(0.4),
                (Way::Looking, true) => manner.gaze = 1.0,
                (Way::Looking, false) => manner.gaze = 0.0,
                (Way::Nodding, true) => manner.nod = 1.0,
                (Way::Nodding, false) => manner.nod = -0.5,
                (Way::Zooming, true) => manner.zoom = 1.0,
                (Way::Zooming, false) => manner.zoom = 0.0,
                (Way::Still, true) => {
                    manner.stillness = 0.9;
                    manner.zoom = 0.0;
                }
                (Way::Still, false) => manner.stillness = 0.0,
            }
        }
        manner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner(ways: &[(Way, bool)]) -> Manner {
        let wishes: Vec<Wish> = ways.iter().map(|&(way, is_wanted)| Wish { way, is_wanted, score: 1.0 }).collect();
        Manner::from_wishes(&wishes)
    }

    #[test]
    fn wishes_become_amounts() {
        assert_eq!(manner(&[]), Manner::default());
        assert!(manner(&[(Way::Calm, true)]).energy < 1.0 && manner(&[(Way::Lively, true)]).energy > 1.0);
        let both = manner(&[(Way::Smiling, true), (Way::Looking, true)]);
        assert_eq!((both.smile, both.gaze, both.energy), (1.0, 1.0, 1.0));
        assert!(manner(&[(Way::Serious, true)]).smile < 0.0);
        let still = manner(&[(Way::Zooming, true), (Way::Still, true)]);
        assert!(still.zoom == 0.0 && still.stillness > 0.5);
        assert!(manner(&[(Way::Nodding, false)]).nod < 0.0);
    }
}
