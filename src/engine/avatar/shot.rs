//! What the camera shows of the picture while a face speaks, and how fine the working picture has to be for it.

use glam::Vec2;

use super::{face::Face, manner::Manner, scenery::View};

/// A face that is less of the frame's short side than this is brought nearer, up to [`NEARER_MAX`].
const FACE_SHARE_MIN: f32 = 0.26;
const NEARER_MAX: f32 = 2.4;
/// How near a slow zoom comes.
const ZOOM: f32 = 0.14;
/// The most pixels a working picture may have.
const WORKING_MAX: f32 = 5.0e6;

/// The camera of one film.
pub(super) struct Shot {
    picture: Vec2,
    frame: Vec2,
    /// Working pixels a pixel of the picture.
    scale: f32,
    /// Where the camera goes, in pixels of the picture.
    target: Vec2,
    zoom_end: f32,
}

impl Shot {
    /// Plans the camera for a face in a picture, both in pixels of the picture.
    pub(super) fn plan(picture: (u32, u32), frame: (u32, u32), face: &Face, manner: &Manner) -> Self {
        let picture = Vec2::new(picture.0 as f32, picture.1 as f32);
        let frame = Vec2::new(frame.0 as f32, frame.1 as f32);
        let fit = (frame / picture).max_element();
        let (low, high) = face.bounds();
        let share = (high - low).y / picture.min_element();
        let nearer = if manner.stillness > 0.5 { 1.0 } else { (FACE_SHARE_MIN / share).clamp(1.0, NEARER_MAX) };
        let zoom_end = nearer * (1.0 + ZOOM * manner.zoom);
        // Fine enough for the nearest view, but no finer than memory or twice the picture bears.
        let most = (WORKING_MAX / picture.element_product()).sqrt();
        let scale = (fit * zoom_end).min(most).max(fit.min(most));
        // A face in the upper third sits well; the chest shall stay in view.
        let target = (low + high) / 2.0 + Vec2::new(0.0, 0.35 * (high - low).y);
        Self { picture, frame, scale, target, zoom_end }
    }

    /// Working pixels a pixel of the picture.
    pub(super) fn working_scale(&self) -> f32 {
        self.working_size().0 as f32 / self.picture.x
    }

    /// The size of the working picture.
    pub(super) fn working_size(&self) -> (u32, u32) {
        let side = |v: f32| ((v * self.scale).round() as u32).max(1);
        (side(self.picture.x), side(self.picture.y))
    }

    /// The view at `moment`, 0 to 1 of the film.
    pub(super) fn view(&self, moment: f32) -> View {
        let eased = moment * moment * (3.0 - 2.0 * moment);
        let near = self.zoom_end.powf(eased);
        let working = self.picture * self.working_scale();
        let whole = (self.frame / working).max_element();
        let zoom = whole * near;
        let shown = self.frame / zoom;
        // From the middle towards the face, as far as the picture goes.
        let centre =
            (working / 2.0).lerp(self.target * self.working_scale(), eased * (1.0 - 1.0 / near).min(0.5) * 2.0);
        let corner = (centre - shown / 2.0).clamp(Vec2::ZERO, (working - shown).max(Vec2::ZERO));
        View { zoom, corner }
    }
}
