//! Addresses: e-mail, web, handles, tags, telephone numbers.

use super::{Found, Reading, numbers};
use crate::engine::speech::Dialect;

pub(super) const RULES: &[(&str, Reading)] = &[
    // [text](address) of Markdown: the text alone.
    (r"\[([^\[\]\n]+)\]\((?:https?://|/|mailto:)[^()\s]*\)", |found| Some(found.group(1).to_owned())),
    (r"(?i)\b[\w.+%-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}\b", |found| Some(spell(found.group(0)))),
    (r#"(?i)\b(?:https?://|www\.)[^\s<>"()]*[\w/]"#, |found| Some(spell(strip_scheme(found.group(0))))),
    (
        r"(?i)\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|dev|app|edu|gov|info|co\.uk|uk|eu|de|fr|co|me|tv)\b(?:/[\w./?=&#%-]*[\w/])?",
        |found| (found.before != Some('@')).then(|| spell(found.group(0))),
    ),
    (r"@(\w{2,})", |found| {
        let alone = !found.before.is_some_and(char::is_alphanumeric);
        alone.then(|| format!("at {}", spell(found.group(1))))
    }),
    (r"#([A-Za-z]\w+)", |found| {
        let alone = !found.before.is_some_and(char::is_alphanumeric);
        alone.then(|| format!("hashtag {}", split_camel_case(found.group(1))))
    }),
    (r"(?:(\+\d{1,3})[ .-]?)?(?:\((\d{2,5})\)[ .-]?|(\d{3,5})[ .-])(\d{3,4})[ .-](\d{3,4})\b", phone),
    (r"\b(\d{3})-(\d{4})\b", |found| {
        found.stands_alone("-.").then(|| format!("{}, {}", group_digits(found, 1), group_digits(found, 2)))
    }),
    (r"\+(\d{8,15})\b", |found| Some(format!("plus {}", telephone_digits(found.group(1), found.dialect)))),
];

fn strip_scheme(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.strip_prefix("www.").unwrap_or(rest).trim_end_matches('/')
}

/// An address as it is dictated: "example dot com slash docs".
fn spell(address: &str) -> String {
    let mut words = String::new();
    for c in address.chars() {
        let word = match c {
            '.' => "dot",
            '/' => "slash",
            '@' => "at",
            '-' => "dash",
            '_' => "underscore",
            '+' => "plus",
            '?' => "question mark",
            '=' => "equals",
            '&' => "and",
            '#' => "hash",
            '%' => "percent",
            ':' => "colon",
            '~' => "tilde",
            _ => {
                let digit_begins = c.is_ascii_digit() && words.ends_with(char::is_alphabetic);
                let digit_ends = c.is_alphabetic() && words.ends_with(|last: char| last.is_ascii_digit());
                if digit_begins || digit_ends {
                    words.push(' ');
                }
                words.push(c);
                continue;
            }
        };
        words = format!("{} {word} ", words.trim_end());
    }
    // Country and other short top-level names are letters, not words.
    let letters = |word: &str| match word {
        "io" | "ai" | "uk" | "eu" | "de" | "fr" | "tv" | "html" | "php" | "faq" | "api" => word.to_uppercase(),
        _ => word.to_owned(),
    };
    words.split_whitespace().map(letters).collect::<Vec<_>>().join(" ")
}

/// `ThrowBack` as `Throw Back`.
fn split_camel_case(tag: &str) -> String {
    let mut words = String::new();
    for c in tag.chars() {
        if c == '_' || (c.is_uppercase() && words.ends_with(char::is_lowercase)) {
            words.push(' ');
        }
        if c != '_' {
            words.push(c);
        }
    }
    words
}

fn phone(found: &Found<'_>) -> Option<String> {
    if !found.stands_alone("-.,/:$£€%") {
        return None;
    }
    let country = found.group(1).strip_prefix('+').map(|code| format!("plus {}", numbers::digits(code)));
    let groups = (2..=5).filter(|&i| !found.group(i).is_empty()).map(|i| group_digits(found, i));
    Some(country.into_iter().chain(groups).collect::<Vec<_>>().join(", "))
}

fn group_digits(found: &Found<'_>, index: usize) -> String {
    match found.group(index) {
        "800" => "eight hundred".to_owned(),
        digits => telephone_digits(digits, found.dialect),
    }
}

fn telephone_digits(digits: &str, dialect: Dialect) -> String {
    let words = numbers::digits(digits);
    if dialect == Dialect::British { words.replace("zero", "oh") } else { words }
}
