//! The mouth from phonemes and their times: coarticulation, closures, pauses.

use super::{
    MouthTracks, RATE,
    loudness::Loudness,
    track::Track,
    viseme::{self, Reading, Viseme},
};
use crate::engine::{TimedPhoneme, avatar::expression::MOUTH_TRACKS};

/// The lips are ahead of what is heard.
const LEAD_SECONDS: f32 = 0.03;
/// How wide each track is smoothed, in milliseconds, in the order of `Mouth::to_array`: heavy things are slow.
const WIDTHS: [f32; MOUTH_TRACKS] = [38.0, 32.0, 32.0, 55.0, 55.0, 20.0, 45.0, 0.0, 25.0, 30.0];
/// How long lips stay shut at least, and how long they take to shut.
const CLOSED_SECONDS: f32 = 0.06;
const RAMP_SECONDS: f32 = 0.045;

// Indices into the mouth's tracks.
const JAW: usize = 0;
const UPPER_LIP: usize = 1;
const LOWER_LIP: usize = 2;
const WIDE: usize = 3;
const PRESS: usize = 5;
const CLOSE: usize = 6;
const SEAL: usize = 7;
const TONGUE: usize = 8;
const LOWER_TEETH: usize = 9;

/// A shape for a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Segment {
    pub(super) viseme: Viseme,
    pub(super) start: f32,
    pub(super) end: f32,
}

/// The mouth's tracks, and the middles of its closures.
pub(super) fn follow(phonemes: &[TimedPhoneme], loudness: &Loudness) -> (MouthTracks, Vec<f32>) {
    let segments = segments(phonemes, loudness);
    let n = loudness.len();
    let mut tracks: MouthTracks = std::array::from_fn(|_| Track::zeros(n));
    let first = segments.iter().find(|s| s.viseme != Viseme::Silence).map_or(0.0, |s| s.start);
    let last = segments.iter().rfind(|s| s.viseme != Viseme::Silence).map_or(0.0, |s| s.end);
    for segment in &segments {
        let mut values = segment.viseme.mouth().to_array();
        let (start, end) = (segment.start - LEAD_SECONDS, segment.end - LEAD_SECONDS);
        if segment.viseme == Viseme::Silence && segment.start > first && segment.end <= last {
            // Between words the mouth does not go back to the portrait's smile.
            values[CLOSE] = 0.9;
        }
        for (track, value) in tracks.iter_mut().zip(values) {
            track.fill(start, end, value);
        }
        if segment.viseme.is_vowel() {
            let middle = start.midpoint(end);
            tracks[JAW].fill(start, end, values[JAW] * loudness.relative.at(middle.max(0.0)).clamp(0.6, 1.12));
        }
    }
    for (track, width) in tracks.iter_mut().zip(WIDTHS) {
        let wide = track.smoothed(140.0);
        *track = track.smoothed(width);
        if width == WIDTHS[CLOSE] {
            // Opens to the smile again slower than it closes.
            *track = track.zip(&wide, |quick, slow| quick.max(slow.min(0.5)));
        }
    }
    breathe_in(&segments, &mut tracks);
    let bite = closure(&segments, Viseme::Teeth, n).map(|v| 0.9 * v);
    let teeth = Viseme::Teeth.mouth().to_array();
    for i in [JAW, UPPER_LIP, LOWER_LIP] {
        tracks[i] = tracks[i].zip(&bite, |v, bite| v * (1.0 - bite) + teeth[i] * bite);
    }
    let shut = closure(&segments, Viseme::Lips, n);
    for i in [JAW, UPPER_LIP, LOWER_LIP, TONGUE, LOWER_TEETH] {
        tracks[i] = tracks[i].zip(&shut, |v, shut| v * (1.0 - 0.92 * shut));
    }
    tracks[WIDE] = tracks[WIDE].zip(&shut, |v, shut| v * (1.0 - 0.5 * shut));
    tracks[PRESS] = shut.map(|v| 0.25 * v);
    tracks[CLOSE] = tracks[CLOSE].zip(&shut, f32::max);
    tracks[SEAL] = shut;
    let closures = segments.iter().filter(|s| s.viseme == Viseme::Lips).map(|s| s.start.midpoint(s.end) - LEAD_SECONDS);
    (tracks, closures.filter(|t| *t >= 0.0).collect())
}

/// 1 where a shape holds, with ramps; its plateau is never shorter than [`CLOSED_SECONDS`].
fn closure(segments: &[Segment], viseme: Viseme, length: usize) -> Track {
    let mut track = Track::zeros(length);
    for segment in segments.iter().filter(|s| s.viseme == viseme) {
        let centre = segment.start.midpoint(segment.end) - LEAD_SECONDS;
        let half = ((segment.end - segment.start) / 2.0).max(CLOSED_SECONDS / 2.0);
        let reach = half + RAMP_SECONDS;
        let first = ((centre - reach) * RATE).max(0.0) as usize;
        let last = (((centre + reach) * RATE).ceil().max(0.0) as usize).min(length);
        for i in first..last {
            let away = ((i as f32 / RATE - centre).abs() - half) / RAMP_SECONDS;
            let ramp = (1.0 - away).clamp(0.0, 1.0);
            track.values[i] = track.values[i].max(ramp * ramp * (3.0 - 2.0 * ramp));
        }
    }
    track
}

/// Before the first word, and after a pause, the lips part for a breath.
fn breathe_in(segments: &[Segment], tracks: &mut MouthTracks) {
    for pair in segments.windows(2) {
        let (pause, word) = (pair[0], pair[1]);
        let bilabial = word.viseme == Viseme::Lips;
        if pause.viseme != Viseme::Silence || pause.end - pause.start < 0.3 || bilabial {
            continue;
        }
        let middle = pause.end - 0.16;
        let first = ((middle - 0.2) * RATE).max(0.0) as usize;
        let last = (((middle + 0.2) * RATE).max(0.0) as usize).min(tracks[JAW].values.len());
        for i in first..last {
            let away = (i as f32 / RATE - middle) / 0.09;
            tracks[JAW].values[i] += 0.10 * (-away * away).exp();
        }
    }
}

/// Shapes one after another without gaps; marks and unheard pauses give their time to neighbours.
pub(super) fn segments(phonemes: &[TimedPhoneme], loudness: &Loudness) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut waiting: Option<f32> = None;
    for phoneme in phonemes {
        let (start, end) = (phoneme.start_seconds, phoneme.end_seconds.max(phoneme.start_seconds));
        match viseme::read(phoneme.symbol) {
            Reading::Shapes(shapes) => {
                let start = waiting.take().unwrap_or(start);
                let mut from = start;
                for (viseme, share) in shapes {
                    let to = from + (end - start) * share;
                    segments.push(Segment { viseme: *viseme, start: from, end: to });
                    from = to;
                }
            }
            Reading::Stresses => {
                waiting.get_or_insert(start);
            }
            Reading::Pause if end - start >= 0.06 && loudness.is_silent(start, end) => {
                let start = waiting.take().unwrap_or(start);
                match segments.last_mut() {
                    Some(last) if last.viseme == Viseme::Silence => last.end = end,
                    _ => segments.push(Segment { viseme: Viseme::Silence, start, end }),
                }
            }
            Reading::Lengthens | Reading::Pause => match segments.last_mut() {
                Some(last) => last.end = end,
                None => segments.push(Segment { viseme: Viseme::Silence, start, end }),
            },
        }
    }
    segments
}
