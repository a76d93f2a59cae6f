//! Where the camera is: a prompt read as a move, and the move at each moment.
//!
//! Pure geometry and words; draws nothing.

/// What the camera sees, as parts (0 to 1) of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shot {
    /// The left edge.
    pub(super) left: f64,
    /// The upper edge.
    pub(super) top: f64,
    /// The width; 1 is the whole picture.
    pub(super) width: f64,
    /// The height; 1 is the whole picture.
    pub(super) height: f64,
}

/// A camera move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Move {
    zoom_start: f64,
    zoom_end: f64,
    /// How far towards the main object it goes, 0 to 1 of the way.
    follow: f64,
    /// From -1 (leftmost) to 1 (rightmost) where the zoom leaves room.
    pan_x: (f64, f64),
    /// From -1 (top) to 1 (bottom).
    pan_y: (f64, f64),
}

/// What zoom leaves a pan room to go.
const PAN_ZOOM: f64 = 1.16;
const ZOOM: f64 = 1.12;
const FOLLOW: f64 = 0.35;

impl Move {
    /// Reads a prompt; the second value says what was understood of it, where it asked for more than a camera can do.
    pub(super) fn read(prompt: &str) -> (Self, Vec<String>) {
        let lower = prompt.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let has = |names: &[&str]| names.iter().any(|name| words.contains(name));
        // "zoom out", "zooming slowly out", "pan gently to the left": the direction within three words.
        let directed = |verbs: &[&str], way: &[&str]| {
            words.iter().enumerate().any(|(i, word)| {
                let near = &words[i..(i + 5).min(words.len())];
                verbs.contains(word) && near.iter().any(|w| way.contains(w))
            })
        };
        let zoom = ["zoom", "zooms", "zooming", "pull", "pulls", "dolly", "move", "moves", "camera"];
        let pan = ["pan", "pans", "panning", "move", "moves", "slide", "truck", "tilt", "tilts", "camera"];
        let amount = if has(&["dramatic", "dramatically", "fast", "strong", "big", "quick", "epic"]) {
            2.0
        } else if has(&["slow", "slowly", "subtle", "subtly", "gentle", "gently", "slight", "calm"]) {
            0.5
        } else {
            1.0
        };
        let far = 1.0 + (ZOOM - 1.0) * amount;
        let held = 1.0 + (PAN_ZOOM - 1.0) * amount;
        let mut path = Self { zoom_start: 1.0, zoom_end: far, follow: FOLLOW, pan_x: (0.0, 0.0), pan_y: (0.0, 0.0) };
        let panned = |x, y| Self { zoom_start: held, zoom_end: held, follow: 0.0, pan_x: x, pan_y: y };
        let mut warnings = Vec::new();
        if has(&["static", "still", "fixed", "motionless"]) || lower.contains("no camera") {
            path.zoom_end = 1.0;
        } else if directed(&pan, &["left", "leftwards"]) {
            path = panned((1.0, -1.0), (0.0, 0.0));
        } else if directed(&pan, &["right", "rightwards"]) {
            path = panned((-1.0, 1.0), (0.0, 0.0));
        } else if directed(&pan, &["up", "upwards"]) {
            path = panned((0.0, 0.0), (1.0, -1.0));
        } else if directed(&pan, &["down", "downwards"]) {
            path = panned((0.0, 0.0), (-1.0, 1.0));
        } else if directed(&zoom, &["out", "back", "away", "outwards", "backwards"]) {
            (path.zoom_start, path.zoom_end) = (far, 1.0);
        }
        if has(&[
            "walk", "walks", "dance", "dances", "wave", "waves", "talk", "talks", "smile", "smiles", "run", "runs",
        ]) {
            warnings.push("Only the camera moves: nothing in the picture itself can.".to_owned());
        }
        (path, warnings)
    }

    /// The largest zoom it reaches.
    pub(super) fn closest_zoom(&self) -> f64 {
        self.zoom_start.max(self.zoom_end)
    }

    /// What the camera sees at `moment` (0 to 1) when the main object is at `centre`.
    pub(super) fn shot(&self, moment: f64, centre: (f64, f64)) -> Shot {
        let eased = moment * moment * (3.0 - 2.0 * moment);
        // Exponential between the ends: the eye takes equal factors for equal speed.
        let zoom = self.zoom_start * (self.zoom_end / self.zoom_start).powf(eased);
        let size = 1.0 / zoom;
        let room = 1.0 - size;
        let near = if self.zoom_end >= self.zoom_start { eased } else { 1.0 - eased };
        let place = |centre: f64, (from, to): (f64, f64)| {
            let aim = 0.5 + (centre - 0.5) * self.follow * 2.0 * near;
            let pan = from + (to - from) * eased;
            (aim - size / 2.0 + pan * room / 2.0).clamp(0.0, room)
        };
        Shot { left: place(centre.0, self.pan_x), top: place(centre.1, self.pan_y), width: size, height: size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_move_the_camera() {
        let ends = |prompt: &str| {
            let path = Move::read(prompt).0;
            (path.shot(0.0, (0.5, 0.5)), path.shot(1.0, (0.5, 0.5)))
        };
        let (first, last) = ends("");
        assert_eq!(first, Shot { left: 0.0, top: 0.0, width: 1.0, height: 1.0 });
        assert!((last.width - 1.0 / 1.12).abs() < 1e-9 && (last.left - (1.0 - last.width) / 2.0).abs() < 1e-9);
        let (first, last) = ends("slowly zoom out");
        assert!(first.width < last.width && (last.width - 1.0).abs() < 1e-9);
        assert!(ends("dramatic zoom").1.width < ends("zoom in").1.width);
        let (first, last) = ends("pan gently to the left");
        assert!(first.left > last.left && last.left.abs() < 1e-9);
        let (first, last) = ends("camera pans right");
        assert!(first.left < last.left);
        let (first, last) = ends("static shot");
        assert_eq!(first, last);
        assert_eq!(Move::read("she waves and smiles").1.len(), 1);
    }

    #[test]
    fn the_camera_never_leaves_the_picture_and_never_jumps() {
        for prompt in ["", "zoom out", "pan left", "dramatic pan down", "move up fast", "static"] {
            let path = Move::read(prompt).0;
            for centre in [(0.0, 0.0), (1.0, 0.3), (0.5, 0.5)] {
                let mut before: Option<Shot> = None;
                for i in 0..=200 {
                    let shot = path.shot(f64::from(i) / 200.0, centre);
                    assert!(shot.left >= 0.0 && shot.left + shot.width <= 1.0 + 1e-9, "{prompt} {shot:?}");
                    assert!(shot.top >= 0.0 && shot.top + shot.height <= 1.0 + 1e-9, "{prompt} {shot:?}");
                    if let Some(old) = before {
                        assert!((shot.left - old.left).abs() < 0.005 && (shot.top - old.top).abs() < 0.005);
                    }
                    before = Some(shot);
                }
            }
        }
    }
}
