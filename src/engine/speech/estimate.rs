//! How long a text will take to say, without a model or a dictionary: it decides the credits held for a job, so it must
//! be quick and should rather be too long than too short.
//!
//! A linear model over the written-out text, fitted to the durations of 34 texts that Kokoro's `af_heart` spoke (standard
//! deviation 6 %), times the pace of each voice, times a margin.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    Dialect,
    normalise::normalise,
    voices::{pace, resolve},
};

/// Seconds for each of what is counted, at natural speed.
const BASE: f64 = 0.36;
const CONSONANT: f64 = 0.025;
const SYLLABLE: f64 = 0.124;
const WORD: f64 = 0.098;
const FUNCTION_SYLLABLE: f64 = 0.101;
const CLAUSE: f64 = 0.10;
const SENTENCE: f64 = 0.31;
const PARAGRAPH: f64 = 0.45;
const SPELLED_LETTER: f64 = 0.235;
/// What the fit may be too short by.
const MARGIN: f64 = 1.15;
/// Sounds are rounded to whole frames of 25 ms, which counts for more when they are short.
const FAST_MARGIN: f64 = 0.08;

/// Words that are said without stress, quickly.
const FUNCTION_WORDS: &[&str] = &[
    "the", "a", "an", "to", "of", "in", "on", "at", "by", "for", "and", "or", "but", "is", "are", "was", "were", "be",
    "been", "it", "its", "he", "she", "we", "they", "you", "i", "me", "my", "your", "his", "her", "our", "their",
    "this", "that", "with", "from", "as", "if", "so", "do", "have", "has", "had", "will", "can", "not", "up", "out",
    "all", "no",
];

/// An upper bound in seconds of how long `voice` takes to say `text` at `speed`, some 15 % above the truth on average.
///
/// A text that can't be spoken takes no time. An unknown voice is taken for the slowest one.
pub fn estimate_seconds(text: &str, voice: &str, speed: f32) -> f64 {
    let speaker = resolve(voice);
    let dialect = speaker.map_or(Dialect::American, |speaker| speaker.dialect);
    let Ok(written) = normalise(text, dialect) else { return 0.0 };
    let speed = f64::from(if speed.is_finite() { speed.clamp(0.5, 2.0) } else { 1.0 });
    let hurry = 1.0 + FAST_MARGIN * (speed - 1.0).max(0.0);
    natural_seconds(&written.text) * pace(speaker) * MARGIN * hurry / speed
}

/// The fitted duration of a written-out text in `af_heart`'s voice.
fn natural_seconds(written: &str) -> f64 {
    let words: f64 = written.split(|c: char| !c.is_alphabetic() && c != '\'').map(word_seconds).sum();
    let marks: f64 = written
        .chars()
        .map(|c| match c {
            ',' | ';' | ':' | '—' | '…' | '(' | ')' | '"' => CLAUSE,
            '.' | '!' | '?' => SENTENCE,
            '\n' => PARAGRAPH,
            _ => 0.0,
        })
        .sum();
    BASE + words + marks
}

fn word_seconds(word: &str) -> f64 {
    let word = word.trim_matches('\'');
    let letters = word.chars().count();
    if letters == 0 {
        return 0.0;
    }
    let spelled = word.chars().all(char::is_uppercase) && letters < 6 && !matches!(word, "A" | "I");
    if spelled {
        return SPELLED_LETTER * letters as f64;
    }
    let word = word.to_lowercase();
    if FUNCTION_WORDS.contains(&word.as_str()) {
        return FUNCTION_SYLLABLE * syllables(&word);
    }
    WORD + SYLLABLE * syllables(&word) + CONSONANT * consonants(&word)
}

fn is_vowel(c: char) -> bool {
    "aeiouyáàâäãåæéèêëíìîïóòôöõøúùûüýÿœ".contains(c)
}

/// Vowel groups, less a silent final e, ed or es.
fn syllables(word: &str) -> f64 {
    #[expect(clippy::unwrap_used, reason = "a constant pattern, compiled in the tests")]
    static SILENT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("([^aeiouy])e$|([^aeioudt])ed$|([^aeiouscxz])es$").unwrap());
    let spoken = SILENT.replace(word, "$1$2$3");
    let mut groups = 0;
    let mut within = false;
    for c in spoken.chars() {
        groups += usize::from(is_vowel(c) && !within);
        within = is_vowel(c);
    }
    groups.max(1) as f64
}

/// Consonant sounds: digraphs and doubled letters count once.
fn consonants(word: &str) -> f64 {
    let mut count = 0;
    let mut previous = ' ';
    for c in word.chars().filter(|c| c.is_alphabetic()) {
        let digraph = (c == 'h' && "tscpgw".contains(previous)) || (c == 'k' && previous == 'c') || c == previous;
        count += usize::from(!is_vowel(c) && !digraph);
        previous = c;
    }
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        CancelToken, RunContext, SpeechModel as _, SpeechTask, session::GraphOptions, speech::HibariModel,
    };

    /// What Kokoro took, from the first to the last sound, for texts of all kinds.
    const MEASURED: &[(&str, &str, f64)] = &[
        ("af_heart", "Ship it.", 0.90),
        ("af_heart", "Call 555-1234 before 5 pm.", 4.05),
        ("af_heart", "Here is a quick launch update from the studio.", 2.62),
        ("af_heart", "In 2026, we sold 1,234,567 units across 48 countries.", 8.12),
        ("af_heart", "The meeting is on Tuesday, March 15, 2027 at 3:30 pm in room 204.", 6.80),
        ("af_heart", "Our new processor runs at 3.2 GHz with 64 GB of memory.", 5.33),
        ("af_heart", "Visit https://example.com/docs for more.", 2.83),
        (
            "af_heart",
            "A quiet morning by the lake. Mist rises. Birds call to each other, and the water hardly moves.",
            6.15,
        ),
        (
            "af_heart",
            "Unfortunately, internationalization and interoperability considerations significantly complicate \
             implementation.",
            7.68,
        ),
        (
            "af_heart",
            "The US, the UK and the EU met with NASA, IBM, the BBC and the FBI about API and GPU exports.",
            8.53,
        ),
        (
            "af_heart",
            "This is a longer announcement. We have worked for eighteen months on the new studio, and today it is \
             finally ready. You can draw, speak and film with it, all on your own machine, without sending a single \
             byte to anybody else. Try it this week, and tell us what you think. We read every message.",
            17.58,
        ),
        (
            "af_heart",
            "Good evening everyone, and thank you so much for joining us on this beautiful autumn night at the \
             riverside gallery, where, over the next ninety minutes, we will walk you through the work of twelve \
             young photographers from all over the world, each of whom has spent the last year documenting one \
             street, one family, or one single tree.",
            19.10,
        ),
        ("af_heart", "$1,250.75 is due on 12/31/2026.", 7.22),
        ("af_heart", "Dr. Smith measured 25°C in the room and 5 km of cable outside.", 6.18),
    ];

    #[test]
    fn it_is_an_upper_bound_and_not_a_wild_one() {
        for (voice, text, seconds) in MEASURED {
            let ratio = estimate_seconds(text, voice, 1.0) / seconds;
            let most = if *seconds < 3.0 { 1.45 } else { 1.25 };
            assert!((1.0..most).contains(&ratio), "{ratio:.2} times {seconds} s: {text}");
        }
    }

    #[test]
    fn it_bounds_what_hibari_really_takes_at_any_speed() {
        let mut model = HibariModel::load(GraphOptions { threads: 1 }).unwrap();
        let ctx = RunContext::new(CancelToken::default(), &|_| {});
        for (_, text, _) in &MEASURED[2..10] {
            for speed in [0.7, 1.0, 1.8] {
                let task = SpeechTask { text: (*text).to_owned(), voice: "hibari".to_owned(), speed, seed: 1 };
                let seconds = model.speak(&task, &ctx).unwrap().audio.duration_seconds();
                let ratio = estimate_seconds(text, "hibari", speed) / seconds;
                assert!((1.0..1.5).contains(&ratio), "{ratio:.2} at speed {speed}: {text}");
            }
        }
    }

    #[test]
    fn odd_input_has_a_finite_estimate() {
        assert!(estimate_seconds("", "casual_male", 1.0).abs() < f64::EPSILON);
        assert!(
            estimate_seconds("Hello there.", "nobody", f32::NAN) > estimate_seconds("Hello there.", "af_heart", 1.0)
        );
        assert!(estimate_seconds(&"long ".repeat(10_000), "hibari", 2.0).is_finite());
    }
}
