//! Single characters: what text comes in as, how symbols are read, what can't be spoken.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::{Found, Normalised, Reading};
use crate::engine::EngineError;

/// Symbols that are read wherever they stand.
const SYMBOLS: &[(char, &str)] = &[
    ('&', "and"),
    ('@', "at"),
    ('=', "equals"),
    ('%', "percent"),
    ('§', "section"),
    ('©', "copyright"),
    ('°', "degrees"),
    ('×', "times"),
    ('÷', "divided by"),
    ('±', "plus or minus"),
    ('≈', "about"),
    ('≤', "less than or equal to"),
    ('≥', "greater than or equal to"),
    ('≠', "not equal to"),
    ('∞', "infinity"),
    ('√', "the square root of"),
    ('→', "to"),
    ('−', "minus"),
    ('²', "squared"),
    ('³', "cubed"),
    ('$', "dollars"),
    ('£', "pounds"),
    ('€', "euros"),
    ('Ω', "ohms"),
    ('∑', "the sum of"),
    ('‰', "per mille"),
    ('№', "number"),
    ('♯', "sharp"),
    ('♭', "flat"),
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('θ', "theta"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('µ', "micro"),
    ('π', "pi"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('τ', "tau"),
    ('φ', "phi"),
    ('ω', "omega"),
    ('Δ', "delta"),
    ('Σ', "sigma"),
    ('Φ', "phi"),
];

/// What stays beside letters and white space.
const PUNCTUATION: &str = ".,;:!?—…\"'()-";

pub(super) const RULES: &[(&str, Reading)] = &[
    (r" ?\+ ?", |found| {
        let more = found.after.starts_with(char::is_alphanumeric);
        let end = found.after.is_empty() || found.after.starts_with([' ', '.', ',', '+', '\n']);
        (more || end).then(|| if end { " plus".to_owned() } else { " plus ".to_owned() })
    }),
    (r"\^ ?", |_| Some(" to the power of ".to_owned())),
    (r" [<>] ", |found| Some(if found.group(0) == " < " { " less than " } else { " greater than " }.to_owned())),
    (r"~ ?", |found| {
        let number = found.after.starts_with(char::is_alphabetic) && found.before.is_none_or(char::is_whitespace);
        number.then(|| "about ".to_owned())
    }),
    (r"(\p{L})/(\p{L})", |found| {
        let capitals = [1, 2].iter().all(|&i| found.group(i).chars().all(char::is_uppercase));
        let or = if capitals { " " } else { " or " };
        Some(format!("{}{or}{}", found.group(1), found.group(2)))
    }),
    ("[&@=%§©°×÷±≈≤≥≠∞√→−²³$£€Ω∑‰№♯♭αβγδεθλμµπρστφωΔΣΦ]", symbol),
    // Bullets, bars and the like are pauses; other marks are silent.
    (r" ?[|•·▪‣] ?", |found| Some(if found.before.is_none_or(|c| c == '\n') { "" } else { ", " }.to_owned())),
    (r"[*_#<>/\\~^+`]+", |_| Some(" ".to_owned())),
    (r" -+ |--+", |_| Some(" — ".to_owned())),
    (r"\.{2,}", |_| Some("…".to_owned())),
    (r"[!?]{2,}", |found| Some(if found.group(0).contains('?') { "?" } else { "!" }.to_owned())),
];

fn symbol(found: &Found<'_>) -> Option<String> {
    let c = found.group(0).chars().next()?;
    // A letter of a Greek word is no symbol.
    let greek = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() && script(c) == Some("Greek"));
    if greek(Some(c)) && (greek(found.before) || greek(found.after.chars().next())) {
        return None;
    }
    let word = SYMBOLS.iter().find(|(symbol, _)| *symbol == c)?.1;
    Some(format!(" {word} "))
}

/// One spelling of what Unicode spells in many ways: compatibility forms, quotes, dashes, white space.
pub(super) fn prepare(text: &str) -> String {
    let mut prepared = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '½' | '⅓' | '⅔' | '¼' | '¾' | '⅛' | '⅜' | '⅝' | '⅞' | '⅕' | '⅖' | '⅗' | '⅘' => {
                if prepared.ends_with(|last: char| last.is_ascii_digit()) {
                    prepared.push(' ');
                }
                prepared.extend(std::iter::once(c).nfkc().map(|c| if c == '⁄' { '/' } else { c }));
            }
            '™'
            | '®'
            | '℠'
            | '\u{AD}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2060}'
            | '\u{FEFF}'
            | '\u{FE00}'..='\u{FE0F}' => {}
            _ => prepared.push(c),
        }
    }
    let mut unified = String::with_capacity(prepared.len());
    let mut keep = |c: char| match c {
        '‘' | '’' | '‛' | '′' | 'ʼ' | '´' => unified.push('\''),
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => unified.push('"'),
        '‐' | '‑' | '‒' => unified.push('-'),
        '―' => unified.push('—'),
        '{' | '⟨' => unified.push('('),
        '}' | '⟩' => unified.push(')'),
        '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => unified.push('\n'),
        c if c.is_whitespace() || c.is_control() => unified.push(' '),
        c => unified.push(c),
    };
    for c in prepared.chars() {
        if matches!(c, '²' | '³' | '№' | '´' | '…' | 'µ') {
            keep(c);
        } else {
            std::iter::once(c).nfkc().for_each(&mut keep);
        }
    }
    // Letters and their marks as one character.
    unified.nfc().collect::<String>().replace('μ', "µ")
}

/// Leaves words and punctuation, and names what was left out of `original`.
pub(super) fn finish(written: &str, original: &str) -> Result<Normalised, EngineError> {
    let mut text = String::with_capacity(written.len());
    let mut left_out: BTreeMap<&'static str, usize> = BTreeMap::new();
    for c in written.chars() {
        match c {
            '[' => text.push('('),
            ']' => text.push(')'),
            '–' => text.push('—'),
            c if PUNCTUATION.contains(c) || c == ' ' || c == '\n' => text.push(c),
            c if c.is_alphabetic() => match script(c) {
                None => text.push(c),
                Some(name) => {
                    *left_out.entry(name).or_default() += 1;
                    text.push(' ');
                }
            },
            _ => text.push(' '),
        }
    }
    let text = tidy(&text);
    let emoji = original.chars().filter(|c| is_pictograph(*c)).count();
    if !text.chars().any(char::is_alphabetic) {
        let what = match left_out.iter().max_by_key(|(_, count)| **count) {
            Some((name, _)) => format!("it is written in {name} letters and the voices speak English"),
            None => "it has no words".to_owned(),
        };
        return Err(EngineError::Input(format!("The text can't be spoken: {what}.")));
    }
    let mut warnings: Vec<String> = left_out
        .into_iter()
        .map(|(name, count)| {
            format!(
                "{count} {name} letter{} can't be spoken and {} left out.",
                if count == 1 { "" } else { "s" },
                if count == 1 { "was" } else { "were" }
            )
        })
        .collect();
    if emoji > 0 {
        warnings.push("Emoji are not spoken.".to_owned());
    }
    Ok(Normalised { text, warnings })
}

/// One space between words, none before punctuation, no empty brackets or quotes, no empty lines.
fn tidy(text: &str) -> String {
    #[expect(clippy::unwrap_used, reason = "constant patterns, compiled in the tests")]
    static RULES: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
        [
            (r"[ ]+", " "),
            (r"\( ?\)|\x22 ?\x22", ""),
            (r" +([,.;:!?…)])", "$1"),
            (r"([,;:—]) ?([.!?…,;:])", "$2"),
            (r"\( ", "("),
            (r" *\n[\s,;:—-]*", "\n"),
        ]
        .map(|(pattern, with)| (Regex::new(pattern).unwrap(), with))
    });
    let mut text = text.to_owned();
    for (pattern, with) in RULES.iter() {
        text = pattern.replace_all(&text, *with).into_owned();
    }
    text.replace("  ", " ").trim().trim_start_matches([',', ';', ':', ' ', '-', '—']).to_owned()
}

/// The name of the script of a letter that the voices can't speak; `None` for Latin letters.
fn script(c: char) -> Option<&'static str> {
    Some(match u32::from(c) {
        0..=0x24F | 0x1E00..=0x1EFF | 0x250..=0x2FF | 0x300..=0x36F => return None,
        0x370..=0x3FF | 0x1F00..=0x1FFF => "Greek",
        0x400..=0x52F => "Cyrillic",
        0x530..=0x58F => "Armenian",
        0x590..=0x5FF => "Hebrew",
        0x600..=0x6FF | 0x750..=0x77F | 0xFB50..=0xFDFF | 0xFE70..=0xFEFF => "Arabic",
        0x900..=0x97F => "Devanagari",
        0x980..=0xDFF => "Indic",
        0xE00..=0xE7F => "Thai",
        0x10A0..=0x10FF => "Georgian",
        0x1100..=0x11FF | 0xAC00..=0xD7AF => "Korean",
        0x3040..=0x30FF => "Japanese",
        0x3400..=0x9FFF | 0x20000..=0x3FFFF | 0xF900..=0xFAFF => "Chinese",
        _ => "foreign",
    })
}

fn is_pictograph(c: char) -> bool {
    matches!(u32::from(c), 0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2B50 | 0x2B55 | 0x231A..=0x23FF)
}
