//! What a face does at one moment: the numbers between motion and drawing.

use glam::Vec2;

/// The mouth. Centimetres of the canonical head unless said otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Mouth {
    pub(super) jaw: f32,
    pub(super) upper_lip: f32,
    pub(super) lower_lip: f32,
    pub(super) wide: f32,
    pub(super) pucker: f32,
    /// How much the lips thin, as a fraction.
    pub(super) press: f32,
    /// How much of an opening that the portrait itself shows is closed, 0 to 1.
    pub(super) close: f32,
    /// How firmly the lips are shut, 0 to 1; at 1 nothing shows between them whatever the rest says.
    pub(super) seal: f32,
    /// How far the tongue is up, 0 to 1.
    pub(super) tongue: f32,
    /// How much of the lower teeth shows.
    pub(super) lower_teeth: f32,
}

/// Names of the mouth's tracks, in the order of [`Mouth::to_array`].
pub(super) const MOUTH_TRACKS: usize = 10;

impl Mouth {
    pub(super) fn to_array(self) -> [f32; MOUTH_TRACKS] {
        [
            self.jaw,
            self.upper_lip,
            self.lower_lip,
            self.wide,
            self.pucker,
            self.press,
            self.close,
            self.seal,
            self.tongue,
            self.lower_teeth,
        ]
    }

    pub(super) fn from_array(v: [f32; MOUTH_TRACKS]) -> Self {
        let [jaw, upper_lip, lower_lip, wide, pucker, press, close, seal, tongue, lower_teeth] = v;
        Self { jaw, upper_lip, lower_lip, wide, pucker, press, close, seal, tongue, lower_teeth }
    }
}

/// The whole face and how the head is held.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Expression {
    pub(super) mouth: Mouth,
    pub(super) smile: f32,
    pub(super) brow: f32,
    /// How far the lids are shut, 0 to 1.
    pub(super) blink: f32,
    /// How far the irises are from where the portrait has them: right, up.
    pub(super) gaze: Vec2,
    /// Radians to the picture's right, up, and clockwise, beside the portrait's own.
    pub(super) yaw: f32,
    pub(super) pitch: f32,
    pub(super) roll: f32,
    /// How far the head is moved: right, up.
    pub(super) shift: Vec2,
    /// How far the chest is raised.
    pub(super) breath: f32,
}
