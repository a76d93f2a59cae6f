//! Number words of English: cardinals, ordinals, years, decimals, digit by digit. British readings say "and".

use super::Dialect;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [&str; 7] = ["", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion"];
/// Longer numbers are read digit by digit.
const LONGEST_DIGITS: usize = 15;

/// "one hundred twenty-three", in British English "one hundred and twenty-three".
pub(super) fn cardinal(n: u64, dialect: Dialect) -> String {
    if n < 1000 {
        return below_thousand(n as usize, dialect);
    }
    let mut words = Vec::new();
    let mut rest = n;
    for scale in SCALES {
        let group = (rest % 1000) as usize;
        rest /= 1000;
        if group > 0 {
            let small = scale.is_empty() && group < 100 && dialect == Dialect::British;
            let group = below_thousand(group, dialect);
            let and = if small { "and " } else { "" };
            words.push(format!("{and}{group} {scale}").trim_end().to_owned());
        }
    }
    words.reverse();
    words.join(" ")
}

fn below_thousand(n: usize, dialect: Dialect) -> String {
    let and = if dialect == Dialect::British { "and " } else { "" };
    match (n / 100, n % 100) {
        (0, rest) => below_hundred(rest),
        (hundreds, 0) => format!("{} hundred", ONES[hundreds]),
        (hundreds, rest) => format!("{} hundred {and}{}", ONES[hundreds], below_hundred(rest)),
    }
}

fn below_hundred(n: usize) -> String {
    match (n / 10, n % 10) {
        (0 | 1, _) => ONES[n].to_owned(),
        (tens, 0) => TENS[tens].to_owned(),
        (tens, ones) => format!("{}-{}", TENS[tens], ONES[ones]),
    }
}

/// "twenty-third".
pub(super) fn ordinal(n: u64, dialect: Dialect) -> String {
    let words = cardinal(n, dialect);
    let cut = words.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (head, last) = words.split_at(cut);
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        _ => last.strip_suffix('y').map_or_else(|| format!("{last}th"), |stem| format!("{stem}ieth")),
    };
    format!("{head}{last}")
}

/// "nineteen oh five", "two thousand five", "twenty twenty-six".
pub(super) fn year(n: u64, dialect: Dialect) -> String {
    let (century, rest) = (n / 100, n % 100);
    if !(1000..10_000).contains(&n) || (century % 10 == 0 && rest < 10) {
        return cardinal(n, dialect);
    }
    let century = below_hundred(century as usize);
    match rest {
        0 => format!("{century} hundred"),
        1..=9 => format!("{century} oh {}", ONES[rest as usize]),
        _ => format!("{century} {}", below_hundred(rest as usize)),
    }
}

/// "nineties", "twenty-tens": the plural of a number's last word.
pub(super) fn plural(words: &str) -> String {
    match words {
        w if w.ends_with('y') => format!("{}ies", &w[..w.len() - 1]),
        w if w.ends_with('x') => format!("{w}es"),
        w => format!("{w}s"),
    }
}

/// Every digit on its own; other characters are skipped.
pub(super) fn digits(text: &str) -> String {
    let words: Vec<&str> = text.chars().filter_map(|c| c.to_digit(10)).map(|d| ONES[d as usize]).collect();
    words.join(" ")
}

/// A written number with thousands separators, a decimal point or leading zeros: "1,234.50" is
/// "one thousand two hundred thirty-four point five zero".
pub(super) fn number(text: &str, dialect: Dialect) -> String {
    let plain = text.replace(',', "");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    let words = match whole.parse::<u64>() {
        _ if whole.is_empty() => String::new(),
        Ok(n) if whole.len() <= LONGEST_DIGITS && !leading_zero => cardinal(n, dialect),
        _ => digits(whole),
    };
    if fraction.is_empty() {
        return words;
    }
    format!("{words} point {}", digits(fraction)).trim_start().to_owned()
}

/// Whether a written number is exactly one, so that its noun is singular.
pub(super) fn is_one(text: &str) -> bool {
    text == "1"
}

/// The value of a Roman numeral in canonical form, 1 to 3999.
pub(super) fn roman(text: &str) -> Option<u64> {
    const STEPS: [(u64, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut rest = text;
    let mut value = 0;
    for (worth, letters) in STEPS {
        while let Some(shorter) = rest.strip_prefix(letters) {
            value += worth;
            rest = shorter;
        }
    }
    // Only the canonical spelling survives the way back.
    let mut canonical = String::new();
    let mut left = value;
    for (worth, letters) in STEPS {
        while left >= worth {
            canonical.push_str(letters);
            left -= worth;
        }
    }
    (rest.is_empty() && (1..4000).contains(&value) && canonical == text).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dialect::{American, British};

    #[test]
    fn reads_numbers_in_both_accents() {
        for (n, american, british) in [
            (0, "zero", "zero"),
            (21, "twenty-one", "twenty-one"),
            (105, "one hundred five", "one hundred and five"),
            (1_001, "one thousand one", "one thousand and one"),
            (12_345, "twelve thousand three hundred forty-five", "twelve thousand three hundred and forty-five"),
            (2_000_000, "two million", "two million"),
            (1_000_000_000_000, "one trillion", "one trillion"),
        ] {
            assert_eq!(cardinal(n, American), american);
            assert_eq!(cardinal(n, British), british);
        }
        assert!(cardinal(u64::MAX, American).starts_with("eighteen quintillion"));
    }

    #[test]
    fn reads_ordinals_years_and_romans() {
        let ordinals: Vec<_> = [1, 2, 12, 20, 23, 100].map(|n| ordinal(n, American)).to_vec();
        assert_eq!(ordinals, ["first", "second", "twelfth", "twentieth", "twenty-third", "one hundredth"]);
        let years: Vec<_> = [1066, 1900, 1905, 2000, 2005, 2026].map(|n| year(n, American)).to_vec();
        let spoken = [
            "ten sixty-six",
            "nineteen hundred",
            "nineteen oh five",
            "two thousand",
            "two thousand five",
            "twenty twenty-six",
        ];
        assert_eq!(years, spoken);
        assert_eq!(roman("XIV"), Some(14));
        assert_eq!(roman("MCMXCIX"), Some(1999));
        for bad in ["IIII", "VX", "IC", "", "IXI", "CIVIL"] {
            assert_eq!(roman(bad), None, "{bad}");
        }
    }

    #[test]
    fn reads_written_numbers() {
        assert_eq!(number("1,234.50", American), "one thousand two hundred thirty-four point five zero");
        assert_eq!(number("007", American), "zero zero seven");
        assert_eq!(number(".5", American), "point five");
        assert_eq!(number("12345678901234567890", American), digits("12345678901234567890"));
    }
}
