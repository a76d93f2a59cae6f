//! When each written word is said: the text as it was given, laid along the phonemes that were made of it.
//!
//! Normalisation writes "$5" out as two words and drops what cannot be spoken, so words and spoken words are matched by
//! how long each should be and by their punctuation, the best of all matches that keep the order (dynamic programming).

use super::{Dialect, normalise::normalise};
use crate::{engine::TimedPhoneme, media::subtitles::TimedWord};

/// A written word is at most this many spoken ones: "1,234,567.89" is sixteen.
const SPOKEN_MAX: usize = 24;
/// What a written pause without a spoken one costs, in phonemes, and the other way round.
const MISSED_PAUSE: f64 = 1.0;
const STRAY_PAUSE: f64 = 6.0;
/// What it costs that nothing is said of a word that should be said, in phonemes beyond its own.
const UNSAID: f64 = 2.0;

/// A run of phonemes between spaces.
#[derive(Debug, Clone, Copy)]
struct Spoken {
    start: f64,
    end: f64,
    count: usize,
    /// Whether punctuation follows.
    pauses: bool,
}

/// The words of `text` with the times of `phonemes`. Without phonemes, words are spread over `length_seconds` by their
/// length: a guess, which the caller should call one.
pub fn time_words(text: &str, phonemes: &[TimedPhoneme], length_seconds: f64) -> Vec<TimedWord> {
    let written: Vec<&str> = text.split_whitespace().collect();
    let spoken = spoken_words(phonemes);
    if spoken.is_empty() {
        return spread(&written, length_seconds);
    }
    let wanted: Vec<f64> = (0..written.len()).map(|i| expected_phonemes(&written, i)).collect();
    let counts = align(&written, &wanted, &spoken);
    let mut at = 0;
    let mut last_end = spoken[0].start;
    written
        .iter()
        .zip(counts)
        .map(|(word, count)| {
            let run = &spoken[at..at + count];
            at += count;
            let start_seconds = run.first().map_or(last_end, |s| s.start);
            last_end = run.last().map_or(last_end, |s| s.end);
            TimedWord { text: (*word).to_owned(), start_seconds, end_seconds: last_end }
        })
        .collect()
}

fn spoken_words(phonemes: &[TimedPhoneme]) -> Vec<Spoken> {
    let mut words: Vec<Spoken> = Vec::new();
    let mut is_open = false;
    for phoneme in phonemes {
        let (start, end) = (f64::from(phoneme.start_seconds), f64::from(phoneme.end_seconds));
        if phoneme.symbol.is_alphabetic() {
            match words.last_mut().filter(|_| is_open) {
                Some(word) => (word.end, word.count) = (end, word.count + 1),
                None => words.push(Spoken { start, end, count: 1, pauses: false }),
            }
            is_open = true;
        } else if phoneme.symbol.is_whitespace()
            || ",;:.!?\u{2014}\u{2026}\"()\u{201C}\u{201D}".contains(phoneme.symbol)
        {
            is_open = false;
            if let Some(word) = words.last_mut().filter(|_| !phoneme.symbol.is_whitespace()) {
                word.pauses = true;
            }
        }
        // Stress and length marks belong to the word that they stand in.
    }
    words
}

/// How many phonemes a written word should have: English has five for six letters. "kg" is read by what precedes it,
/// so a word is worth what it adds to the one before.
fn expected_phonemes(written: &[&str], at: usize) -> f64 {
    let letters = |text: &str| {
        let said = normalise(text, Dialect::American).map(|n| n.text).unwrap_or_default();
        said.chars().filter(|c| c.is_alphabetic()).count() as f64
    };
    let before = at.checked_sub(1).map_or("", |before| written[before]);
    let added = letters(&format!("{before} {}", written[at])) - letters(before);
    let own = letters(written[at]);
    0.85 * if before.is_empty() || added <= 0.0 { own } else { added }
}

/// How many spoken words each written one takes; all of them together take every spoken word.
fn align(written: &[&str], wanted: &[f64], spoken: &[Spoken]) -> Vec<usize> {
    let (n, m) = (written.len(), spoken.len());
    let mut sums = vec![0.0; m + 1];
    for (j, word) in spoken.iter().enumerate() {
        sums[j + 1] = sums[j] + word.count as f64;
    }
    let stray: Vec<usize> = std::iter::once(0)
        .chain(spoken.iter().scan(0, |sum, word| {
            *sum += usize::from(word.pauses);
            Some(*sum)
        }))
        .collect();
    let cost = |i: usize, from: usize, until: usize| {
        let length = (wanted[i] - (sums[until] - sums[from])).abs();
        if from == until {
            return length + if wanted[i] > 0.0 { UNSAID } else { 0.0 };
        }
        let pauses = written[i].ends_with(|c: char| !c.is_alphanumeric());
        let inside = (stray[until - 1] - stray[from]) as f64 * STRAY_PAUSE;
        let end = match (pauses, spoken[until - 1].pauses) {
            (true, false) => MISSED_PAUSE,
            (false, true) => STRAY_PAUSE,
            _ => 0.0,
        };
        length + inside + end
    };
    // best[i][j]: the first i words take the first j spoken ones; steps say how many the last of them took.
    let mut best = vec![f64::INFINITY; m + 1];
    best[0] = 0.0;
    let mut steps = vec![vec![0usize; m + 1]; n];
    // Where there are far more spoken words than expected, every word may take more.
    let most = SPOKEN_MAX.max(m.div_ceil(n.max(1)) + 1);
    for (i, row) in steps.iter_mut().enumerate() {
        let mut next = vec![f64::INFINITY; m + 1];
        for (until, slot) in next.iter_mut().enumerate() {
            for count in 0..=most.min(until) {
                let total = best[until - count] + cost(i, until - count, until);
                if total < *slot {
                    (*slot, row[until]) = (total, count);
                }
            }
        }
        best = next;
    }
    let mut counts = vec![0; n];
    let mut left = m;
    for (count, row) in counts.iter_mut().zip(&steps).rev() {
        *count = row[left];
        left -= row[left];
    }
    counts
}

fn spread(written: &[&str], length_seconds: f64) -> Vec<TimedWord> {
    let weight = |word: &str| word.chars().count() as f64 + 1.0;
    let total: f64 = written.iter().map(|word| weight(word)).sum();
    let mut at = 0.0;
    written
        .iter()
        .map(|word| {
            let start_seconds = at;
            at += weight(word) / total * length_seconds;
            TimedWord { text: (*word).to_owned(), start_seconds, end_seconds: at }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        CancelToken, RunContext, SpeechModel as _, SpeechTask, session::GraphOptions, speech::HibariModel,
    };

    /// A tenth of a second a symbol.
    fn phonemes(symbols: &str) -> Vec<TimedPhoneme> {
        let time = |i: usize| i as f32 / 10.0;
        let timed = |(i, symbol)| TimedPhoneme { symbol, start_seconds: time(i), end_seconds: time(i + 1) };
        symbols.chars().enumerate().map(timed).collect()
    }

    #[test]
    fn a_unit_is_as_long_as_it_is_read() {
        let written = ["3.5", "kg.", "It's"];
        assert!(expected_phonemes(&written, 1) > 6.0 && expected_phonemes(&written, 2) < 5.0);
    }

    #[test]
    fn numbers_take_as_many_spoken_words_as_they_need() {
        let spoken = phonemes(" hiː peɪd twɛnti faɪv dɑlɚz, ænd smaɪld.");
        let words = time_words("He paid $25, \u{1F642} and smiled.", &spoken, 4.0);
        let starts: Vec<(String, i32)> =
            words.iter().map(|w| (w.text.clone(), (w.start_seconds * 10.0).round() as i32)).collect();
        let at = |part: &str| {
            " hiː peɪd twɛnti faɪv dɑlɚz, ænd smaɪld."[..]
                .chars()
                .collect::<String>()
                .find(part)
                .map(|byte| " hiː peɪd twɛnti faɪv dɑlɚz, ænd smaɪld."[..byte].chars().count() as i32)
        };
        assert_eq!(starts[2], ("$25,".into(), at("twɛnti").unwrap()));
        assert_eq!(starts[4], ("and".into(), at("ænd").unwrap()));
        assert!((words[2].end_seconds - words[3].start_seconds).abs() < 1e-6, "what is not said takes no time");
        assert!((words[5].end_seconds - 3.8).abs() < 0.11, "{words:?}");
    }

    #[test]
    fn without_times_words_are_spread_by_their_length() {
        let words = time_words("a bbbbb c", &[], 5.0);
        assert!((words[1].start_seconds - 1.0).abs() < 1e-9 && (words[1].end_seconds - 4.0).abs() < 1e-9);
        assert!(time_words("", &[], 5.0).is_empty());
        assert!(time_words("", &phonemes("a b"), 5.0).is_empty());
        assert_eq!(time_words("one", &phonemes("a b c d"), 5.0).len(), 1);
    }

    #[test]
    fn spoken_words_are_where_the_voice_says_them() {
        let text = "On Jan 5th, 2024, Dr. Smith paid $1,250.75 for 3.5 kg. It's fine.";
        let task = SpeechTask { text: text.into(), voice: "hibari".into(), speed: 1.0, seed: 1 };
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        let speech = HibariModel::load(GraphOptions::default()).unwrap().speak(&task, &ctx).unwrap();
        let length = speech.audio.duration_seconds();
        let words = time_words(text, &speech.phonemes, length);
        assert_eq!(words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" "), text);
        assert!(words.windows(2).all(|w| w[0].end_seconds <= w[1].start_seconds + 1e-6));
        let word = |text: &str| words.iter().find(|w| w.text == text).unwrap();
        let lasts = |text: &str| word(text).end_seconds - word(text).start_seconds;
        assert!(lasts("$1,250.75") > 3.0 * lasts("Smith"), "{words:?}");
        assert!(lasts("2024,") > lasts("On") && lasts("Smith") < 0.8, "{words:?}");
        assert!(length - word("fine.").end_seconds < 0.3 && lasts("fine.") < 1.0, "{words:?}");
        // "Kilograms" is the unit's, not the next sentence's.
        assert!(lasts("kg.") > 0.5 && lasts("It's") < 0.4, "{words:?}");
    }
}
