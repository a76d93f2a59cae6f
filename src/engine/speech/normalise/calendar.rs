//! Times of day, dates, years, decades.

use super::{Found, Reading, numbers};
use crate::engine::speech::Dialect;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const RULES: &[(&str, Reading)] = &[
    (r"\b(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2})(?::\d{2})?Z?)?\b", iso_date),
    (r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b", slash_date),
    (r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b", |found| date(found.group(3), found.group(2), found.group(1), found.dialect)),
    (r"\b(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.?[Mm]\b(\.?))?", time),
    (r"\b(\d{1,2}) ?([AaPp])\.?[Mm]\b(\.?)", |found| {
        let hour = small(found.group(1), 1..=12)?;
        Some(format!("{} {}", numbers::cardinal(hour, found.dialect), half_day(found, 2, 3)))
    }),
    (r"\b(\d{1,3}):(\d{1,2})\b", |found| {
        let read = |i| numbers::number(found.group(i), found.dialect);
        found.stands_alone(":.").then(|| format!("{} to {}", read(1), read(2)))
    }),
    (
        r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)([a-z]*)\.? (\d{1,2})(st|nd|rd|th)?\b(,? \d{4}\b)?",
        month_day,
    ),
    (
        r"\b(the )?(\d{1,2})(?:st|nd|rd|th)? (?:of )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)([a-z]*)\b(\.?)(,? \d{4}\b)?",
        day_month,
    ),
    (r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)([a-z]*)\.? (\d{4})\b", |found| {
        Some(format!("{} {}", month(found.group(1), found.group(2))?, year(found.group(3), found.dialect)?))
    }),
    (r"\b(1\d|20)(\d0)'?s\b", |found| {
        let century: u64 = found.group(1).parse().ok()?;
        let decade = numbers::plural(&numbers::cardinal(found.group(2).parse().ok()?, found.dialect));
        let decade = if found.group(2) == "00" { "hundreds".to_owned() } else { decade };
        if century == 20 && found.group(2) == "00" {
            return Some("two thousands".to_owned());
        }
        Some(format!("{} {decade}", numbers::cardinal(century, found.dialect)))
    }),
    (r"'?\b([2-9]0)'?s\b", |found| Some(numbers::plural(&numbers::number(found.group(1), found.dialect)))),
    // A span of years; the second may be shortened to two digits.
    (r"\b(1[5-9]\d\d|20\d\d) ?[-–] ?(1[5-9]\d\d|20\d\d|\d\d)\b", |found| {
        let alone = found.stands_alone("-.,");
        let (from, to) = (year(found.group(1), found.dialect)?, found.group(2));
        let to = if to.len() == 2 { numbers::number(to, found.dialect) } else { year(to, found.dialect)? };
        alone.then(|| format!("{from} to {to}"))
    }),
    (
        r"\b((?i:in|since|from|until|till|by|of|year|before|after|around|circa|and|to|early|late|mid|spring|summer|autumn|fall|winter)) (1[1-9]\d\d|20\d\d)\b",
        |found| plain_year(found, 2).map(|year| format!("{} {year}", found.group(1))),
    ),
    (r"\b(19\d\d|20\d\d)\b", |found| plain_year(found, 1)),
];

/// A four-digit number read as a year, unless it is part of something else.
fn plain_year(found: &Found<'_>, group: usize) -> Option<String> {
    let follows = found.after.trim_start_matches(' ');
    let glued = found.after.starts_with(|c: char| c.is_alphanumeric() || "%°/:^*=+".contains(c))
        || [",", "."].iter().any(|mark| {
            found.after.strip_prefix(mark).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
        || found.before.is_some_and(|c| "$£€¥.,/+=*#".contains(c))
        || found.after.starts_with('-') && found.after[1..].starts_with(|c: char| c.is_ascii_digit());
    // "2000 km", "2048 x 1080", "1999 %" are quantities.
    let quantity = super::amounts::begins_with_unit(follows);
    (!glued && !quantity).then(|| year(found.group(group), found.dialect))?
}

fn year(text: &str, dialect: Dialect) -> Option<String> {
    text.parse().ok().map(|n| numbers::year(n, dialect))
}

fn small(text: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
    text.parse().ok().filter(|n| range.contains(n))
}

/// "AM" or "PM", and the full stop that also ended the sentence.
fn half_day(found: &Found<'_>, letter: usize, stop: usize) -> String {
    let stop = if found.group(stop).is_empty() || !found.ends_sentence() { "" } else { "." };
    format!("{}M{stop}", found.group(letter).to_uppercase())
}

fn time(found: &Found<'_>) -> Option<String> {
    let (hour, minute) = (small(found.group(1), 0..=24)?, small(found.group(2), 0..=59)?);
    let read = |n| numbers::cardinal(n, found.dialect);
    let half = !found.group(4).is_empty();
    let mut words = match minute {
        0 if half => read(hour),
        0 if (1..=12).contains(&hour) => format!("{} o'clock", read(hour)),
        0 => format!("{} hundred", read(hour)),
        1..=9 => format!("{} oh {}", read(hour), read(minute)),
        _ => format!("{} {}", read(hour), read(minute)),
    };
    if !found.group(3).is_empty() {
        let seconds = small(found.group(3), 0..=59)?;
        words = format!("{words} and {} second{}", read(seconds), if seconds == 1 { "" } else { "s" });
    }
    if half {
        words = format!("{words} {}", half_day(found, 4, 5));
    }
    Some(words)
}

/// "May third, twenty twenty-six"; in British English "the third of May, twenty twenty-six".
fn date(year_text: &str, month_text: &str, day_text: &str, dialect: Dialect) -> Option<String> {
    let month = MONTHS[small(month_text, 1..=12)? as usize - 1];
    let day = numbers::ordinal(small(day_text, 1..=31)?, dialect);
    let year = year(year_text, dialect)?;
    Some(match dialect {
        Dialect::American => format!("{month} {day}, {year}"),
        Dialect::British => format!("the {day} of {month}, {year}"),
    })
}

fn iso_date(found: &Found<'_>) -> Option<String> {
    let day = date(found.group(1), found.group(2), found.group(3), found.dialect)?;
    Some(match found.group(4) {
        "" => day,
        time => format!("{day}, {time}"), // the next rule reads it
    })
}

/// Month first in American English, day first in British, unless only the other way is a date.
fn slash_date(found: &Found<'_>) -> Option<String> {
    let (first, second) = (found.group(1), found.group(2));
    let year = match found.group(3) {
        short if short.len() == 2 => format!("{}{short}", if small(short, 0..=49).is_some() { "20" } else { "19" }),
        long => long.to_owned(),
    };
    let month_first = date(&year, first, second, found.dialect);
    let day_first = date(&year, second, first, found.dialect);
    match found.dialect {
        Dialect::American => month_first.or(day_first),
        Dialect::British => day_first.or(month_first),
    }
}

/// The full name of a month from its first letters and the rest of the word, if that is a month.
fn month(abbreviation: &str, rest: &str) -> Option<&'static str> {
    let name = MONTHS.into_iter().find(|name| name.starts_with(&abbreviation[..3]))?;
    (rest.is_empty() || format!("{abbreviation}{rest}") == name).then_some(name)
}

/// The year that may follow a day, ready to be appended.
fn year_after(found: &Found<'_>, group: usize) -> Option<String> {
    match found.group(group) {
        "" => Some(String::new()),
        text => Some(format!(", {}", year(text.trim_start_matches([',', ' ']), found.dialect)?)),
    }
}

fn month_day(found: &Found<'_>) -> Option<String> {
    let month = month(found.group(1), found.group(2))?;
    let day = numbers::ordinal(small(found.group(3), 1..=31)?, found.dialect);
    let year = year_after(found, 5)?;
    let the = if found.dialect == Dialect::British { "the " } else { "" };
    (!found.after.starts_with([':', '%'])).then(|| format!("{month} {the}{day}{year}"))
}

fn day_month(found: &Found<'_>) -> Option<String> {
    let month = month(found.group(3), found.group(4))?;
    let day = numbers::ordinal(small(found.group(2), 1..=31)?, found.dialect);
    let the = if found.group(1).is_empty() { "the " } else { found.group(1) };
    let stop = if found.group(6).is_empty() && found.ends_sentence() { found.group(5) } else { "" };
    Some(format!("{the}{day} of {month}{}{stop}", year_after(found, 6)?))
}
