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

    /// The path over a picture whose main object is `subject`: the same words, but nothing of the object that the
    /// picture shows whole is ever cut off.
    pub(super) fn over(&self, subject: &Subject) -> Path {
        let kept = subject.kept();
        // An object that stands free on both sides must fit between the edges.
        let span = (kept.right - kept.left).max(kept.bottom - kept.top).clamp(0.1, 1.0);
        let zoom_max = (1.0 / span).powf(1.0 / (1.0 + DEPTH));
        let end = |zoom: f64, near: f64, (pan_x, pan_y): (f64, f64)| {
            let size = 1.0 / zoom.min(zoom_max);
            let room = 1.0 - size;
            let place = |centre: f64, pan: f64, (low, high): (f64, f64)| {
                let aim = 0.5 + (centre - 0.5) * self.follow * 2.0 * near;
                let at = (aim - size / 2.0 + pan * room / 2.0).clamp(0.0, room);
                hold(at, size, (low, high))
            };
            Shot {
                left: place(subject.centre.0, pan_x, (kept.left, kept.right)),
                top: place(subject.centre.1, pan_y, (kept.top, kept.bottom)),
                width: size,
                height: size,
            }
        };
        let comes_near = self.zoom_end >= self.zoom_start;
        let near = |is_end: bool| if is_end == comes_near { 1.0 } else { 0.0 };
        Path {
            first: end(self.zoom_start, near(false), (self.pan_x.0, self.pan_y.0)),
            last: end(self.zoom_end, near(true), (self.pan_x.1, self.pan_y.1)),
        }
    }

    /// The largest zoom that either layer may come to.
    pub(super) fn closest_zoom(&self) -> f64 {
        self.zoom_start.max(self.zoom_end).powf(1.0 + DEPTH)
    }

    /// Whether anything moves at all.
    pub(super) fn is_still(&self) -> bool {
        (self.zoom_start - self.zoom_end).abs() < 1e-9 && self.pan_x == (0.0, 0.0) && self.pan_y == (0.0, 0.0)
    }
}

/// The place nearest to `at` for a shot of `size` that keeps what lies between `low` and `high`; where that is larger
/// than the shot, its start.
fn hold(at: f64, size: f64, (low, high): (f64, f64)) -> f64 {
    at.max((high - size).max(0.0)).min(low.min(1.0 - size)).max(0.0)
}

/// The main object: its centre, and the box around it, in parts of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Subject {
    /// Its centre of mass.
    pub(super) centre: (f64, f64),
    /// Left, top, right, bottom.
    pub(super) bounds: (f64, f64, f64, f64),
}

/// What must stay in the shot.
struct Kept {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// The air left around an object.
const MARGIN: f64 = 0.02;
/// An object as near as this to the border is cut off by it already.
const CUT: f64 = 0.012;

impl Subject {
    /// Nothing stands out: the middle, and no box.
    pub(super) const NONE: Self = Self { centre: (0.5, 0.5), bounds: (0.0, 0.0, 1.0, 1.0) };

    /// The box with some air, open where the picture itself cuts the object off. A side that is open may be cut further;
    /// a box that is open on two opposite sides may be cut on both.
    fn kept(&self) -> Kept {
        let (left, top, right, bottom) = self.bounds;
        let low = |edge: f64| if edge <= CUT { None } else { Some((edge - MARGIN).max(0.0)) };
        let high = |edge: f64| if edge >= 1.0 - CUT { None } else { Some((edge + MARGIN).min(1.0)) };
        let span = |low: Option<f64>, high: Option<f64>| match (low, high) {
            (Some(low), Some(high)) => (low, high),
            (Some(low), None) => (low, low),
            (None, Some(high)) => (high, high),
            (None, None) => (1.0, 0.0),
        };
        let ((left, right), (top, bottom)) = (span(low(left), high(right)), span(low(top), high(bottom)));
        Kept { left, top, right, bottom }
    }
}

/// How much nearer the object is than the background: its zoom is the camera's to this power more.
const DEPTH: f64 = 0.35;
/// How far it drifts sideways against the background, in parts of the picture's width.
const DRIFT: f64 = 0.010;
/// And how far of the camera's own way it is ahead: what it uncovers is only guessed.
const AHEAD: f64 = 0.10;

/// A camera's way from its first to its last shot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Path {
    first: Shot,
    last: Shot,
}

impl Path {
    /// What the camera sees at `moment`, 0 to 1.
    pub(super) fn shot(&self, moment: f64) -> Shot {
        let eased = ease(moment);
        let (from, to) = (self.first.width, self.last.width);
        // Exponential between the ends: the eye takes equal factors for equal speed.
        let size = from * (to / from).powf(eased);
        // Straight in size, so that a point of the picture stays where it is on the screen, and every shot lies between
        // the two ends: what both of them keep is kept all the way.
        let part = if (to - from).abs() > 1e-9 { (size - from) / (to - from) } else { eased };
        let mix = |a: f64, b: f64| a + (b - a) * part;
        let (left, top) = (mix(self.first.left, self.last.left), mix(self.first.top, self.last.top));
        Shot { left, top, width: size, height: size }
    }

    /// What it sees of the main object's layer, which is nearer: it grows and moves a little more.
    pub(super) fn near_shot(&self, moment: f64, subject: &Subject) -> Shot {
        let shot = self.shot(moment);
        let kept = subject.kept();
        let (_, top, _, bottom) = subject.bounds;
        let widest = self.first.width.max(self.last.width);
        let size = shot.width * (shot.width / widest).powf(DEPTH);
        // An object grows from where it stands; one that the picture cuts off below grows out of the picture.
        let anchor = (subject.centre.0, if bottom >= 1.0 - CUT { top.max(kept.top) } else { bottom });
        let ratio = size / shot.width;
        let drift = if self.first == self.last { 0.0 } else { DRIFT * ease(moment) };
        let place = |anchor: f64, at: f64, shift: f64, kept: (f64, f64)| {
            hold(anchor - (anchor - at) * ratio + shift, size, kept)
        };
        let ahead = ((shot.left - self.first.left) * AHEAD, (shot.top - self.first.top) * AHEAD);
        Shot {
            left: place(anchor.0, shot.left, ahead.0 - drift, (kept.left, kept.right)),
            top: place(anchor.1, shot.top, ahead.1, (kept.top, kept.bottom)),
            width: size,
            height: size,
        }
    }
}

fn ease(moment: f64) -> f64 {
    moment * moment * (3.0 - 2.0 * moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: Subject = Subject { centre: (0.5, 0.5), bounds: (0.3, 0.3, 0.7, 0.7) };
    /// A portrait: cut off below, hair near the top.
    const PORTRAIT: Subject = Subject { centre: (0.48, 0.62), bounds: (0.2, 0.05, 0.85, 1.0) };

    #[test]
    fn words_move_the_camera() {
        let ends = |prompt: &str| {
            let path = Move::read(prompt).0.over(&MIDDLE);
            (path.shot(0.0), path.shot(1.0))
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
        assert!(Move::read("static shot").0.is_still() && !Move::read("pan left").0.is_still());
        assert_eq!(Move::read("she waves and smiles").1.len(), 1);
    }

    #[test]
    fn the_camera_never_leaves_the_picture_and_never_jumps() {
        let corner = Subject { centre: (0.95, 0.1), bounds: (0.9, 0.0, 1.0, 0.2) };
        for prompt in ["", "zoom out", "pan left", "dramatic pan down", "move up fast", "static"] {
            for subject in [MIDDLE, PORTRAIT, Subject::NONE, corner] {
                let movement = Move::read(prompt).0;
                let path = movement.over(&subject);
                let mut before: Option<(Shot, Shot)> = None;
                for i in 0..=200 {
                    let moment = f64::from(i) / 200.0;
                    let shots = (path.shot(moment), path.near_shot(moment, &subject));
                    for shot in [shots.0, shots.1] {
                        assert!(shot.left >= 0.0 && shot.left + shot.width <= 1.0 + 1e-9, "{prompt} {shot:?}");
                        assert!(shot.top >= 0.0 && shot.top + shot.height <= 1.0 + 1e-9, "{prompt} {shot:?}");
                        assert!(1.0 / shot.width <= movement.closest_zoom() + 1e-9);
                    }
                    if let Some(old) = before {
                        for (old, new) in [(old.0, shots.0), (old.1, shots.1)] {
                            assert!((new.left - old.left).abs() < 0.005 && (new.top - old.top).abs() < 0.005);
                        }
                    }
                    before = Some(shots);
                }
            }
        }
    }

    #[test]
    fn a_head_is_never_cut_off() {
        for prompt in ["", "dramatic zoom in", "zoom out", "pan left", "dramatic pan down", "pan up"] {
            let path = Move::read(prompt).0.over(&PORTRAIT);
            for i in 0..=50 {
                let moment = f64::from(i) / 50.0;
                for shot in [path.shot(moment), path.near_shot(moment, &PORTRAIT)] {
                    assert!(shot.top <= PORTRAIT.bounds.1, "{prompt} at {moment}: {shot:?}");
                }
            }
        }
        // And an object that stands free stays whole.
        let wide = Subject { centre: (0.5, 0.5), bounds: (0.06, 0.2, 0.96, 0.9) };
        let path = Move::read("dramatic zoom in").0.over(&wide);
        let last = path.shot(1.0);
        assert!(last.left <= 0.06 && last.left + last.width >= 0.96 && last.width < 1.0, "{last:?}");
    }

    #[test]
    fn the_object_is_nearer_than_the_background() {
        let path = Move::read("").0.over(&MIDDLE);
        let (near, far) = (path.near_shot(1.0, &MIDDLE), path.shot(1.0));
        assert!(near.width < far.width, "it grows more");
        assert_eq!(path.near_shot(0.0, &MIDDLE), path.shot(0.0), "at first both are where the picture has them");
        let still = Move::read("static").0.over(&MIDDLE);
        assert_eq!(still.near_shot(1.0, &MIDDLE), still.shot(1.0));
    }
}
