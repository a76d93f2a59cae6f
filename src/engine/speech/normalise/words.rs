//! Words that are not written as they are said: titles, abbreviations, dotted initials, Roman numerals.

use super::{Found, Reading, numbers};

/// Before a name only.
const TITLES: &[(&str, &str)] = &[
    ("Mr", "Mister"),
    ("Mrs", "Missus"),
    ("Ms", "Miz"),
    ("Dr", "Doctor"),
    ("Prof", "Professor"),
    ("St", "Saint"),
    ("Mt", "Mount"),
    ("Ft", "Fort"),
    ("Gen", "General"),
    ("Gov", "Governor"),
    ("Sen", "Senator"),
    ("Rep", "Representative"),
    ("Capt", "Captain"),
    ("Lt", "Lieutenant"),
    ("Col", "Colonel"),
    ("Sgt", "Sergeant"),
    ("Cmdr", "Commander"),
    ("Rev", "Reverend"),
    ("Hon", "Honorable"),
    ("Pres", "President"),
    ("Cpl", "Corporal"),
    ("Maj", "Major"),
    ("Adm", "Admiral"),
    ("Messrs", "Messers"),
];

/// With their full stop, anywhere.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("e.g.", "for example"),
    ("i.e.", "that is"),
    ("etc.", "et cetera"),
    ("vs.", "versus"),
    ("approx.", "approximately"),
    ("Jr.", "Junior"),
    ("Sr.", "Senior"),
    ("St.", "Street"),
    ("Dr.", "Drive"),
    ("Ave.", "Avenue"),
    ("Blvd.", "Boulevard"),
    ("Rd.", "Road"),
    ("Ln.", "Lane"),
    ("Hwy.", "Highway"),
    ("Apt.", "Apartment"),
    ("Bldg.", "Building"),
    ("Ltd.", "Limited"),
    ("Inc.", "Incorporated"),
    ("Corp.", "Corporation"),
    ("Co.", "Company"),
    ("Bros.", "Brothers"),
    ("Dept.", "Department"),
    ("dept.", "department"),
    ("Univ.", "University"),
    ("est.", "established"),
    ("Est.", "Established"),
    ("vol.", "volume"),
    ("Vol.", "Volume"),
    ("max.", "maximum"),
    ("fig.", "figure"),
    ("Fig.", "Figure"),
    ("cf.", "compare"),
    ("a.k.a.", "also known as"),
    ("tel.", "telephone"),
    ("Mon.", "Monday"),
    ("Tue.", "Tuesday"),
    ("Tues.", "Tuesday"),
    ("Thu.", "Thursday"),
    ("Thurs.", "Thursday"),
    ("Fri.", "Friday"),
    ("incl.", "including"),
    ("misc.", "miscellaneous"),
    ("asst.", "assistant"),
];

/// Before these a Roman numeral counts.
const COUNTED: &str = "Chapter|Part|Act|Scene|Section|Volume|Book|Phase|Article|War|Mark|Type|Level|Stage|Class|Grade|\
                       Bowl|Episode|Round|Apollo|Title|Appendix|Figure|Table|Version|Fantasy|Rocky|Titan";

/// After these a Roman numeral is an ordinal.
const REIGNING: &str = "Henry|Louis|Edward|George|William|Charles|James|Richard|Elizabeth|Napoleon|Pius|Benedict|Leo|\
                        Paul|Ramses|Frederick|Philip|Alexander|Nicholas|Peter|Catherine|Ivan|Gustav|Christian|\
                        Ferdinand|Robert|David|Margaret|Mary|Innocent|Gregory|Clement|Francis|Wilhelm|Leopold";

pub(super) const RULES: &[(&str, Reading)] = &[
    (
        r"\b(Mr|Mrs|Ms|Dr|Prof|St|Mt|Ft|Gen|Gov|Sen|Rep|Capt|Lt|Col|Sgt|Cmdr|Rev|Hon|Pres|Cpl|Maj|Adm|Messrs)(\.? )(\p{Lu})",
        title,
    ),
    (r"\b(?:No|no|Nos|nos)\. ?(\d)", |found| {
        let plural = found.group(0).contains(['s']);
        Some(format!("number{} {}", if plural { "s" } else { "" }, found.group(1)))
    }),
    (r"\b(pp?)\. ?(\d)", |found| {
        Some(format!("page{} {}", if found.group(1) == "pp" { "s" } else { "" }, found.group(2)))
    }),
    (r"\bmin\. ", |_| Some("minimum ".to_owned())),
    (r"\b(?:[Ee]\.g|[Ii]\.e|a\.k\.a|\p{L}{2,6})\.", abbreviation),
    (r"\bPh\. ?D\b\.?", |found| Some(kept_stop(found, "PhD".to_owned()))),
    (r"\b(?:\p{L}\.){2,}", |found| {
        let letters: String = found.group(0).chars().filter(|c| *c != '.').collect();
        Some(kept_stop(found, letters.to_uppercase()))
    }),
    (r"\bvs\b", |_| Some("versus".to_owned())),
    (r"\b[Ww]/o\b", |_| Some("without".to_owned())),
    (r"\b[Ww]/ ", |_| Some("with ".to_owned())),
    (r"\b[Nn]/[Aa]\b", |_| Some("N A".to_owned())),
    (r"\band/or\b", |_| Some("and or".to_owned())),
    (r"\bAT&T\b", |_| Some("A T and T".to_owned())),
    (r"\b(\p{Lu}\w+) ([IVXLC]+)\b", roman),
    (r"\b([IVX]+) century\b", |found| {
        Some(format!("{} century", numbers::ordinal(numbers::roman(found.group(1))?, found.dialect)))
    }),
];

/// A title before a name; "St." and "Dr." after a name, too, when they are no street.
fn title(found: &Found<'_>) -> Option<String> {
    let word = TITLES.iter().find(|(short, _)| *short == found.group(1))?.1;
    // "Fr", "Gen" and the like without a full stop are words of their own.
    let plain = ["Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Mt"].contains(&found.group(1));
    (plain || found.group(2).starts_with('.')).then(|| format!("{word} {}", found.group(3)))
}

fn abbreviation(found: &Found<'_>) -> Option<String> {
    let key = found.group(0);
    let lowered = key.replacen('E', "e", 1).replacen('I', "i", 1);
    let key = if lowered == "e.g." || lowered == "i.e." { lowered.as_str() } else { key };
    let words = ABBREVIATIONS.iter().find(|(short, _)| *short == key)?.1;
    Some(kept_stop(found, words.to_owned()))
}

/// The words with the full stop that also ended the sentence.
fn kept_stop(found: &Found<'_>, words: String) -> String {
    let rest = found.after.trim_start_matches(['"', ')', '\'']);
    // A capital after initials is more often a name ("the U.S. Senate") than a new sentence.
    if found.group(0).ends_with('.') && (rest.is_empty() || rest.starts_with('\n')) { words + "." } else { words }
}

/// "Chapter IV", "Henry VIII", "Windows XI"; a lone I, V or X after other words stays a letter.
fn roman(found: &Found<'_>) -> Option<String> {
    let (word, numeral) = (found.group(1), found.group(2));
    let value = numbers::roman(numeral)?;
    if REIGNING.split('|').any(|name| name == word) && (numeral.len() > 1 || numeral != "I" || !continues(found)) {
        return Some(format!("{word} the {}", numbers::ordinal(value, found.dialect)));
    }
    let counted = COUNTED.split('|').any(|name| name == word);
    let plausible = numeral.len() > 1 && value < 40 && numeral.chars().all(|c| "IVX".contains(c));
    ((counted && !numeral.contains(['L', 'C'])) || plausible)
        .then(|| format!("{word} {}", numbers::cardinal(value, found.dialect)))
}

/// Whether a small letter follows, as in "Paul I think".
fn continues(found: &Found<'_>) -> bool {
    let verb = found.after.strip_prefix(' ').or_else(|| found.after.strip_prefix('\'')).unwrap_or("");
    verb.starts_with(|c: char| c.is_lowercase())
        && !["of", "was", "is", "and", "had", "died", "ruled"].iter().any(|w| verb.starts_with(w))
}
