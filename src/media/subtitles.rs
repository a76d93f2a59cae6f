//! Subtitles: timed words to cues that can be read, cues to `WebVTT` and to the text samples of an MP4.
//!
//! Cues follow what broadcasters agree on (BBC Subtitle Guidelines, Netflix Timed Text Style Guide): two lines of 42
//! characters, breaks at the ends of sentences and clauses, neither shorter than a glance nor longer than a breath.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// A word and when it is said, in seconds from the start.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedWord {
    /// As it is written, with its punctuation.
    pub text: String,
    /// When it begins.
    pub start_seconds: f64,
    /// When it ends.
    pub end_seconds: f64,
}

/// What is shown at a time, in seconds from the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cue {
    /// When it appears.
    pub start_seconds: f64,
    /// When it goes.
    pub end_seconds: f64,
    /// One or two lines.
    pub text: String,
}

/// Characters of one line.
const LINE_CHARS: usize = 42;
/// Lines of a cue.
const LINES: usize = 2;
/// A cue is ended after this.
const LENGTH_MAX_SECONDS: f64 = 6.0;
/// A cue stays this long where the next one leaves room.
const LENGTH_MIN_SECONDS: f64 = 1.2;
/// And this long after its last word.
const LINGER_SECONDS: f64 = 0.4;
/// A silence as long as this ends a cue.
const PAUSE_SECONDS: f64 = 0.9;

/// Puts words, which are in order, together to cues that never overlap and end by `length_seconds`.
pub fn make_cues(words: &[TimedWord], length_seconds: f64) -> Vec<Cue> {
    let mut groups: Vec<Vec<&TimedWord>> = Vec::new();
    let mut open: Vec<&TimedWord> = Vec::new();
    for (i, word) in words.iter().enumerate() {
        open.push(word);
        let Some(next) = words.get(i + 1) else { break };
        let chars = open.iter().map(|w| w.text.chars().count() + 1).sum::<usize>() - 1;
        let is_full = lay_out(open.iter().copied().chain([next])).is_none();
        let is_long = next.end_seconds - open[0].start_seconds > LENGTH_MAX_SECONDS;
        let is_pause = next.start_seconds - word.end_seconds > PAUSE_SECONDS;
        let is_clause = ends_with(&word.text, &[',', ';', ':', '\u{2014}']) && chars > LINE_CHARS;
        if is_full || is_long || is_pause || is_clause || ends_with(&word.text, &['.', '!', '?', '\u{2026}']) {
            groups.push(std::mem::take(&mut open));
        }
    }
    if !open.is_empty() {
        groups.push(open);
    }
    let mut cues: Vec<Cue> = Vec::new();
    for (i, group) in groups.iter().enumerate() {
        let (first, last) = (group[0], group[group.len() - 1]);
        let next = groups.get(i + 1).map_or(length_seconds, |next| next[0].start_seconds);
        let start = first.start_seconds.max(cues.last().map_or(0.0, |cue| cue.end_seconds)).min(length_seconds);
        let wanted = (last.end_seconds + LINGER_SECONDS).max(start + LENGTH_MIN_SECONDS);
        let end = wanted.min(next.max(last.end_seconds)).min(length_seconds);
        if end > start {
            let text = lay_out(group.iter().copied()).unwrap_or_else(|| join(group));
            cues.push(Cue { start_seconds: round(start), end_seconds: round(end), text });
        }
    }
    cues
}

/// Whole milliseconds, as both formats have them.
fn round(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// Whether a word ends so, quotes and brackets aside.
fn ends_with(word: &str, marks: &[char]) -> bool {
    word.trim_end_matches(['"', '\'', ')', ']', '\u{201D}', '\u{2019}']).ends_with(marks)
}

fn join(words: &[&TimedWord]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// The words in at most two lines, as even as can be; `None` where they need more.
fn lay_out<'a>(words: impl Iterator<Item = &'a TimedWord>) -> Option<String> {
    let words: Vec<&TimedWord> = words.collect();
    let whole = join(&words);
    let length = whole.chars().count();
    if length <= LINE_CHARS || words.len() == 1 {
        return Some(whole);
    }
    if length > LINE_CHARS * LINES + 1 {
        return None;
    }
    let cut = (1..words.len()).map(|at| (join(&words[..at]), join(&words[at..])));
    let longest = |(a, b): &(String, String)| a.chars().count().max(b.chars().count());
    let best = cut.min_by_key(longest)?;
    (longest(&best) <= LINE_CHARS).then(|| format!("{}\n{}", best.0, best.1))
}

/// The cues as a `WebVTT` file (W3C `WebVTT`, section 4).
pub fn write_webvtt(cues: &[Cue]) -> String {
    let mut out = String::from("WEBVTT\n");
    for cue in cues {
        let text = cue.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = write!(out, "\n{} --> {}\n{text}\n", clock(cue.start_seconds), clock(cue.end_seconds));
    }
    out
}

fn clock(seconds: f64) -> String {
    let millis = (seconds.max(0.0) * 1000.0).round() as u64;
    let (hours, minutes, rest) = (millis / 3_600_000, millis / 60_000 % 60, millis % 60_000);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", rest / 1000, rest % 1000)
}

/// The cues as 3GPP timed text samples (TS 26.245 5.17.1) that fill `duration` ticks of `1 / timescale` seconds without
/// a gap: how long each is shown, and its bytes. Between cues the sample is empty.
pub(super) fn text_samples(cues: &[Cue], timescale: u32, duration: u32) -> Vec<(u32, Vec<u8>)> {
    let ticks = |seconds: f64| ((seconds.max(0.0) * f64::from(timescale)).round() as u32).min(duration);
    let mut samples = Vec::new();
    let mut at = 0;
    let mut push = |until: u32, text: &str| {
        if until > at {
            let mut bytes = (text.len() as u16).to_be_bytes().to_vec();
            bytes.extend_from_slice(text.as_bytes());
            samples.push((until - at, bytes));
            at = until;
        }
    };
    for cue in cues {
        push(ticks(cue.start_seconds), "");
        push(ticks(cue.end_seconds), &cue.text);
    }
    push(duration, "");
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, seconds_a_word: f64) -> Vec<TimedWord> {
        let timed = |(i, word): (usize, &str)| TimedWord {
            text: word.into(),
            start_seconds: i as f64 * seconds_a_word,
            end_seconds: (i as f64 + 0.9) * seconds_a_word,
        };
        text.split(' ').enumerate().map(timed).collect()
    }

    #[test]
    fn cues_are_short_even_and_apart() {
        let text = "Here is a quick launch update from the studio. We have three things to tell you today, and the last \
                    of them is the one that everybody in the whole company has been waiting for since the spring.";
        let words = words(text, 0.3);
        let cues = make_cues(&words, 12.0);
        let joined: Vec<String> = cues.iter().map(|cue| cue.text.replace('\n', " ")).collect();
        assert_eq!(joined.join(" "), text, "no word is lost");
        assert_eq!(joined[0], "Here is a quick launch update from the studio.");
        assert_eq!(cues[0].text, "Here is a quick launch\nupdate from the studio.");
        for cue in &cues {
            assert!(cue.text.lines().count() <= LINES && cue.text.lines().all(|l| l.chars().count() <= LINE_CHARS));
            assert!(cue.end_seconds - cue.start_seconds <= LENGTH_MAX_SECONDS + LINGER_SECONDS);
            assert!(cue.end_seconds > cue.start_seconds && cue.end_seconds <= 12.0);
        }
        assert!(cues.windows(2).all(|w| w[0].end_seconds <= w[1].start_seconds));
        // A cue appears with its first word.
        assert!((cues[1].start_seconds - words[9].start_seconds).abs() < 1e-3);
    }

    #[test]
    fn a_short_word_stays_long_enough_and_a_long_one_is_shown() {
        let cues = make_cues(&words("Hi", 0.2), 3.0);
        assert!((cues[0].end_seconds - LENGTH_MIN_SECONDS).abs() < 1e-9);
        assert!((make_cues(&words("Hi", 0.2), 0.2)[0].end_seconds - 0.2).abs() < 1e-9, "not beyond the film");
        let long = "x".repeat(90);
        assert_eq!(make_cues(&words(&long, 1.0), 3.0)[0].text, long);
        assert!(make_cues(&[], 3.0).is_empty());
    }

    #[test]
    fn webvtt_is_written_as_its_standard_says() {
        let cue = |start_seconds, end_seconds, text: &str| Cue { start_seconds, end_seconds, text: text.into() };
        let text = write_webvtt(&[cue(0.0, 1.5, "a < b & c --> d"), cue(61.25, 3661.0, "two\nlines")]);
        let expected = "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\na &lt; b &amp; c --&gt; d\n\n\
                        00:01:01.250 --> 01:01:01.000\ntwo\nlines\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn samples_fill_the_whole_film() {
        let cue = |start_seconds, end_seconds| Cue { start_seconds, end_seconds, text: "é".into() };
        let samples = text_samples(&[cue(0.5, 1.0), cue(1.0, 2.0)], 1000, 2500);
        assert_eq!(samples.iter().map(|s| s.0).collect::<Vec<_>>(), [500, 500, 1000, 500]);
        assert_eq!((samples[0].1.as_slice(), samples[1].1.as_slice()), (&[0, 0][..], &[0, 2, 0xC3, 0xA9][..]));
        assert_eq!(text_samples(&[], 1000, 1000), [(1000, vec![0, 0])]);
    }
}
