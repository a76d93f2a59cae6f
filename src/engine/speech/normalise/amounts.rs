//! Quantities: money, percentages, temperatures, measures, sizes.

use std::{collections::HashMap, sync::LazyLock};

use super::{Found, Reading, numbers};
use crate::engine::speech::Dialect;

/// Symbol, singular, plural.
const UNITS: &[(&str, &str, &str)] = &[
    // length, area, volume
    ("km", "kilometer", "kilometers"),
    ("m", "meter", "meters"),
    ("cm", "centimeter", "centimeters"),
    ("mm", "millimeter", "millimeters"),
    ("µm", "micrometer", "micrometers"),
    ("nm", "nanometer", "nanometers"),
    ("mi", "mile", "miles"),
    ("yd", "yard", "yards"),
    ("ft", "foot", "feet"),
    ("sq ft", "square foot", "square feet"),
    ("km²", "square kilometer", "square kilometers"),
    ("m²", "square meter", "square meters"),
    ("cm²", "square centimeter", "square centimeters"),
    ("mm²", "square millimeter", "square millimeters"),
    ("m³", "cubic meter", "cubic meters"),
    ("cm³", "cubic centimeter", "cubic centimeters"),
    ("ha", "hectare", "hectares"),
    ("l", "liter", "liters"),
    ("L", "liter", "liters"),
    ("ml", "milliliter", "milliliters"),
    ("mL", "milliliter", "milliliters"),
    ("cl", "centiliter", "centiliters"),
    ("gal", "gallon", "gallons"),
    ("fl oz", "fluid ounce", "fluid ounces"),
    // mass
    ("kg", "kilogram", "kilograms"),
    ("g", "gram", "grams"),
    ("mg", "milligram", "milligrams"),
    ("µg", "microgram", "micrograms"),
    ("lb", "pound", "pounds"),
    ("lbs", "pound", "pounds"),
    ("oz", "ounce", "ounces"),
    // time and rate
    ("h", "hour", "hours"),
    ("hr", "hour", "hours"),
    ("hrs", "hour", "hours"),
    ("min", "minute", "minutes"),
    ("mins", "minute", "minutes"),
    ("s", "second", "seconds"),
    ("sec", "second", "seconds"),
    ("secs", "second", "seconds"),
    ("ms", "millisecond", "milliseconds"),
    ("µs", "microsecond", "microseconds"),
    ("ns", "nanosecond", "nanoseconds"),
    ("km/h", "kilometer per hour", "kilometers per hour"),
    ("kph", "kilometer per hour", "kilometers per hour"),
    ("mph", "mile per hour", "miles per hour"),
    ("m/s", "meter per second", "meters per second"),
    ("m/s²", "meter per second squared", "meters per second squared"),
    ("mpg", "mile per gallon", "miles per gallon"),
    ("rpm", "R P M", "R P M"),
    ("bpm", "B P M", "B P M"),
    ("fps", "frame per second", "frames per second"),
    ("Hz", "hertz", "hertz"),
    ("kHz", "kilohertz", "kilohertz"),
    ("MHz", "megahertz", "megahertz"),
    ("GHz", "gigahertz", "gigahertz"),
    // data
    ("KB", "kilobyte", "kilobytes"),
    ("kB", "kilobyte", "kilobytes"),
    ("MB", "megabyte", "megabytes"),
    ("GB", "gigabyte", "gigabytes"),
    ("TB", "terabyte", "terabytes"),
    ("PB", "petabyte", "petabytes"),
    ("KiB", "kibibyte", "kibibytes"),
    ("MiB", "mebibyte", "mebibytes"),
    ("GiB", "gibibyte", "gibibytes"),
    ("kbps", "kilobit per second", "kilobits per second"),
    ("Mbps", "megabit per second", "megabits per second"),
    ("Gbps", "gigabit per second", "gigabits per second"),
    ("MB/s", "megabyte per second", "megabytes per second"),
    ("GB/s", "gigabyte per second", "gigabytes per second"),
    ("px", "pixel", "pixels"),
    ("MP", "megapixel", "megapixels"),
    ("dpi", "dot per inch", "dots per inch"),
    // energy, electricity, pressure, sound
    ("W", "watt", "watts"),
    ("kW", "kilowatt", "kilowatts"),
    ("MW", "megawatt", "megawatts"),
    ("GW", "gigawatt", "gigawatts"),
    ("Wh", "watt hour", "watt hours"),
    ("kWh", "kilowatt hour", "kilowatt hours"),
    ("MWh", "megawatt hour", "megawatt hours"),
    ("V", "volt", "volts"),
    ("kV", "kilovolt", "kilovolts"),
    ("mV", "millivolt", "millivolts"),
    ("mA", "milliamp", "milliamps"),
    ("mAh", "milliamp hour", "milliamp hours"),
    ("Ω", "ohm", "ohms"),
    ("J", "joule", "joules"),
    ("kJ", "kilojoule", "kilojoules"),
    ("cal", "calorie", "calories"),
    ("kcal", "kilocalorie", "kilocalories"),
    ("hp", "horsepower", "horsepower"),
    ("Pa", "pascal", "pascals"),
    ("hPa", "hectopascal", "hectopascals"),
    ("kPa", "kilopascal", "kilopascals"),
    ("psi", "P S I", "P S I"),
    ("dB", "decibel", "decibels"),
    ("°C", "degree Celsius", "degrees Celsius"),
    ("°F", "degree Fahrenheit", "degrees Fahrenheit"),
    ("°", "degree", "degrees"),
    ("%", "percent", "percent"),
    ("‰", "per mille", "per mille"),
];

/// Sign or code, singular, plural, hundredth, hundredths.
const CURRENCIES: &[(&str, [&str; 4])] = &[
    ("$", ["dollar", "dollars", "cent", "cents"]),
    ("US$", ["U S dollar", "U S dollars", "cent", "cents"]),
    ("£", ["pound", "pounds", "penny", "pence"]),
    ("€", ["euro", "euros", "cent", "cents"]),
    ("¥", ["yen", "yen", "sen", "sen"]),
    ("₹", ["rupee", "rupees", "paisa", "paise"]),
    ("₩", ["won", "won", "jeon", "jeon"]),
    ("USD", ["U S dollar", "U S dollars", "cent", "cents"]),
    ("GBP", ["pound", "pounds", "penny", "pence"]),
    ("EUR", ["euro", "euros", "cent", "cents"]),
    ("JPY", ["yen", "yen", "sen", "sen"]),
    ("CHF", ["Swiss franc", "Swiss francs", "centime", "centimes"]),
];

pub(super) const RULES: &[(&str, Reading)] = &[
    // $10-15 million, £3.50, -€4
    (
        r"([-−])?(US\$|[$£€¥₹₩]) ?([\d,]*\.?\d+)(?: ?[-–] ?[$£€¥₹₩]?([\d,]*\.?\d+))?(?: ?(hundred|thousand|million|billion|trillion|tn|bn|mn|[kKmMbB])\b)?",
        |found| money(found, 2, 3),
    ),
    (
        r"(\b|[-−])()([\d,]*\.?\d+)() ?(hundred|thousand|million|billion|trillion)?()() ?(USD|GBP|EUR|JPY|CHF|€|£)",
        |found| {
            let cut = found.after.starts_with(char::is_alphanumeric);
            (!cut).then(|| money(found, 8, 3))?
        },
    ),
    (r"([\d.,]*\d) ?¢", |found| {
        let unit = if numbers::is_one(found.group(1)) { "cent" } else { "cents" };
        Some(format!("{} {unit}", numbers::number(found.group(1), found.dialect)))
    }),
    (r"\b(\d+)p\b", |found| {
        let unit = if numbers::is_one(found.group(1)) { "penny" } else { "pence" };
        let pence = format!("{} {unit}", numbers::number(found.group(1), found.dialect));
        (found.dialect == Dialect::British && found.group(1).len() < 3).then_some(pence)
    }),
    // 6'2", then 27"
    (r#"\b(\d)' ?(\d{1,2})(?:"|'')"#, |found| {
        let read = |i| numbers::number(found.group(i), found.dialect);
        Some(format!("{} foot {}", read(1), read(2)))
    }),
    (r#"\b(\d+(?:\.\d+)?)"([ -](?:[a-z]|$))"#, |found| {
        Some(format!("{} inch {}", numbers::number(found.group(1), found.dialect), &found.group(2)[1..]))
    }),
    // 1920x1080, 3 × 4, 2x
    (r"\b(\d+(?:\.\d+)?) ?[x×] ?(\d+(?:\.\d+)?)\b", |found| {
        Some(format!("{} by {}", size(found.group(1), found.dialect), size(found.group(2), found.dialect)))
    }),
    (r"\b(\d+(?:\.\d+)?)[x×](?:\b|$)", |found| {
        Some(format!("{} times", numbers::number(found.group(1), found.dialect)))
    }),
    // 5 km, 10-12 kg, -4.5 °C, 5-km
    (
        r"([-−+±])?(\d[\d,]*(?:\.\d+)?|\.\d+)(?: ?(?:-|–|to) ?(\d[\d,]*(?:\.\d+)?))?([ -])?((?:sq ft|fl oz|[A-Za-zµΩ°%‰][A-Za-z/]*[²³]?))",
        measure,
    ),
];

static UNITS_BY_SYMBOL: LazyLock<HashMap<&str, (&str, &str)>> =
    LazyLock::new(|| UNITS.iter().map(|(symbol, one, many)| (*symbol, (*one, *many))).collect());

/// Whether the text begins with the symbol of a unit.
pub(super) fn begins_with_unit(text: &str) -> bool {
    let end = text.find(|c: char| c.is_whitespace() || ",.;:!?)".contains(c)).unwrap_or(text.len());
    UNITS_BY_SYMBOL.contains_key(&text[..end])
}

/// A pixel count is read in pairs: "nineteen twenty by ten eighty".
fn size(text: &str, dialect: Dialect) -> String {
    match text.parse::<u64>() {
        Ok(n @ 1001..=9999) if n % 1000 != 0 => numbers::year(n, dialect),
        _ => numbers::number(text, dialect),
    }
}

fn sign(text: &str) -> &'static str {
    match text {
        "-" | "−" => "minus ",
        "+" => "plus ",
        "±" => "plus or minus ",
        _ => "",
    }
}

fn money(found: &Found<'_>, currency: usize, amount: usize) -> Option<String> {
    let currency = found.group(currency);
    let [one, many, hundredth, hundredths] = CURRENCIES.iter().find(|(sign, _)| *sign == currency)?.1;
    let from = match found.group(amount).trim_start_matches(',').rsplit_once(',') {
        // A comma before two digits is a European decimal point.
        Some((whole, fraction)) if fraction.len() == 2 => format!("{whole}.{fraction}"),
        _ => found.group(amount).trim_start_matches(',').to_owned(),
    };
    let (from, to) = (from.as_str(), found.group(amount + 1));
    let read = |text: &str| numbers::number(text, found.dialect);
    let sign = sign(found.group(1));
    let scale = match found.group(5) {
        "k" | "K" => "thousand",
        "m" | "M" | "mn" => "million",
        "b" | "B" | "bn" => "billion",
        "tn" => "trillion",
        word => word,
    };
    if !to.is_empty() {
        return Some(format!("{sign}{} to {} {scale} {many}", read(from), read(to)).replace("  ", " "));
    }
    if !scale.is_empty() {
        return Some(format!("{sign}{} {scale} {many}", read(from)));
    }
    let unit = |count: &str, one: &'static str, many: &'static str| if numbers::is_one(count) { one } else { many };
    let Some((whole, fraction)) = from.split_once('.').filter(|(_, fraction)| fraction.len() == 2) else {
        return Some(format!("{sign}{} {}", read(from), unit(from, one, many)));
    };
    let small = format!(
        "{} {}",
        read(&fraction.parse::<u8>().ok()?.to_string()),
        unit(fraction.trim_start_matches('0'), hundredth, hundredths)
    );
    Some(match (whole.trim_start_matches('0'), fraction) {
        ("", "00") => format!("{sign}zero {many}"),
        ("", _) => format!("{sign}{small}"),
        (_, "00") => format!("{sign}{} {}", read(whole), unit(whole, one, many)),
        // Pounds and pence are read without their smaller unit.
        _ if currency == "£" => {
            format!("{sign}{} {} {}", read(whole), unit(whole, one, many), read(fraction.trim_start_matches('0')))
        }
        _ => format!("{sign}{} {} and {small}", read(whole), unit(whole, one, many)),
    })
}

fn measure(found: &Found<'_>) -> Option<String> {
    let (from, to, symbol) = (found.group(2), found.group(3), found.group(5));
    let (one, many) = UNITS_BY_SYMBOL.get(symbol)?;
    let glued = found.before.is_some_and(|c| c.is_alphanumeric() || ".,/".contains(c))
        || found.after.starts_with(|c: char| c.is_alphanumeric() || "²³/'".contains(c));
    // "5-s" or "3-m" is more often a name than a measure, and so are "4 L" and the like without a space: "4L" is not.
    let adjective = found.group(4) == "-";
    if glued || (adjective && symbol.chars().count() == 1 && symbol != "m") {
        return None;
    }
    // A hyphen after a word or number joins, it does not negate.
    let sign = sign(found.group(1));
    let read = |text: &str| numbers::number(text, found.dialect);
    let amount = if to.is_empty() { read(from) } else { format!("{} to {}", read(from), read(to)) };
    let unit = if adjective || (numbers::is_one(from) && to.is_empty()) { one } else { many };
    Some(format!("{sign}{amount} {unit}"))
}
