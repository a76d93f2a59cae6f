//! What is left of figures: fractions, ranges, ordinals, versions, letters with digits, plain numbers.

use super::{Reading, numbers};
use crate::engine::speech::Dialect;

pub(super) const RULES: &[(&str, Reading)] = &[
    // 2 1/2, 3/4, 24/7
    (r"\b(\d+) (\d{1,2})/(\d{1,3})\b", |found| {
        let part = fraction(found.group(2), found.group(3), found.dialect)?;
        let part = if part.starts_with("one ") { part.replacen("one", "a", 1) } else { part };
        found.stands_alone("/.").then(|| format!("{} and {part}", numbers::number(found.group(1), found.dialect)))
    }),
    (r"\b(\d+)/(\d+)\b", |found| {
        if !found.stands_alone("/.") {
            return None;
        }
        let read = |i| numbers::number(found.group(i), found.dialect);
        Some(match (found.group(1), found.group(2)) {
            ("24", "7") | ("9", "11") => format!("{} {}", read(1), read(2)),
            (over, under) => {
                fraction(over, under, found.dialect).unwrap_or_else(|| format!("{} over {}", read(1), read(2)))
            }
        })
    }),
    (r"\b(\d[\d,]*(?:\.\d+)?) ?[-–] ?(\d[\d,]*(?:\.\d+)?)\b", |found| {
        let read = |i| numbers::number(found.group(i), found.dialect);
        let alone = found.stands_alone("-–/") && !found.before.is_some_and(|c| ".,".contains(c));
        alone.then(|| format!("{} to {}", read(1), read(2)))
    }),
    (r"\b(\d[\d,]*)(st|nd|rd|th)\b", |found| {
        let n = found.group(1).replace(',', "").parse().ok()?;
        Some(numbers::ordinal(n, found.dialect))
    }),
    // v2.1.3, 192.168.0.1: every part on its own
    (r"\b(?:([Vv])(?:ersion |\.)?)?(\d+(?:\.\d+){2,})\b", |found| {
        let parts: Vec<_> = found.group(2).split('.').map(|part| numbers::number(part, found.dialect)).collect();
        let joined = if parts.len() == 3 { parts.join(" point ") } else { parts.join(" dot ") };
        Some(if found.group(1).is_empty() { joined } else { format!("version {joined}") })
    }),
    (r"\bv(\d+(?:\.\d+)?)\b", |found| Some(format!("version {}", numbers::number(found.group(1), found.dialect)))),
    (r"#(\d[\d,]*)", |found| Some(format!("number {}", numbers::number(found.group(1), found.dialect)))),
    (r"\b(\d[\d,]*(?:\.\d+)?)(k|K|M|B|bn)\b", |found| {
        let words = numbers::number(found.group(1), found.dialect);
        Some(match found.group(2) {
            "k" => format!("{words} thousand"),
            "K" => format!("{words} K"),
            "M" => format!("{words} million"),
            _ => format!("{words} billion"),
        })
    }),
    // GPT-4, COVID-19, MP3, B2B, H.264: apart, the number alone
    (r"(\p{L})[-.]?(\d+)\b", |found| {
        let digits = found.group(2);
        let words = if digits.len() == 3 && found.group(0).contains('.') {
            numbers::digits(digits)
        } else {
            numbers::number(digits, found.dialect)
        };
        Some(format!("{} {words}", found.group(1)))
    }),
    (r"(\p{L})(\d+)(\p{L})", |found| {
        Some(format!("{} {} {}", found.group(1), numbers::number(found.group(2), found.dialect), found.group(3)))
    }),
    (r"(\d)-?(\p{L})", |found| Some(format!("{} {}", found.group(1), found.group(2)))),
    (r"[-−](\d[\d,]*(?:\.\d+)?)", |found| {
        let negative = found.before.is_none_or(|c| c.is_whitespace() || "(=,".contains(c));
        negative.then(|| format!("minus {}", numbers::number(found.group(1), found.dialect)))
    }),
    (r"\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\.\d+|\d+", |found| {
        let words = numbers::number(found.group(0), found.dialect);
        let space = if found.before.is_some_and(char::is_alphabetic) { " " } else { "" };
        Some(format!("{space}{words}"))
    }),
];

/// "three quarters", "one sixteenth"; `None` where that is no usual fraction.
fn fraction(over: &str, under: &str, dialect: Dialect) -> Option<String> {
    let (over, under): (u64, u64) = (over.parse().ok()?, under.parse().ok()?);
    let part = match under {
        2 => "half".to_owned(),
        4 => "quarter".to_owned(),
        3 | 5..=10 | 12 | 16 | 20 | 32 | 50 | 64 | 100 | 1000 => numbers::ordinal(under, dialect),
        _ => return None,
    };
    let part = match over {
        0 => return None,
        1 => part,
        _ if part == "half" => "halves".to_owned(),
        _ => format!("{part}s"),
    };
    Some(format!("{} {part}", numbers::cardinal(over, dialect)))
}
