//! The table of readings.

use super::*;
use Dialect::{American, British};

fn read(text: &str, dialect: Dialect) -> String {
    normalise(text, dialect).unwrap_or_else(|e| panic!("{text}: {e}")).text
}

#[track_caller]
fn check(table: &[(&str, &str)], dialect: Dialect) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(text, spoken)| {
            let got = read(text, dialect);
            (got != *spoken).then(|| format!("{text:?}\n   got {got:?}\n  want {spoken:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn numbers_ordinals_years() {
    check(
        &[
            ("I have 23 cups.", "I have twenty-three cups."),
            ("1,234,567 people", "one million two hundred thirty-four thousand five hundred sixty-seven people"),
            ("pi is 3.14", "pi is three point one four"),
            ("the 1st, 2nd and 23rd", "the first, second and twenty-third"),
            ("It was -5 outside", "It was minus five outside"),
            ("in 1905 and in 2026.", "in nineteen oh five and in twenty twenty-six."),
            ("since 1776", "since seventeen seventy-six"),
            ("the 1990s and the '80s", "the nineteen nineties and the eighties"),
            ("from 1990-1995", "from nineteen ninety to nineteen ninety-five"),
            ("agent 007", "agent zero zero seven"),
            ("10k steps, 5M users", "ten thousand steps, five million users"),
            ("pages 10-12", "pages ten to twelve"),
            ("a well-known 5-star hotel", "a well-known five star hotel"),
            ("#1 in sales", "number one in sales"),
            ("version v2.1.3", "version version two point one point three"),
            ("GPT-4, MP3 and COVID-19", "GPT four, MP three and COVID nineteen"),
            ("1600 rooms", "one thousand six hundred rooms"),
        ],
        American,
    );
}

#[test]
fn money() {
    check(
        &[
            ("$2.5 million", "two point five million dollars"),
            ("$45.20 for 12", "forty-five dollars and twenty cents for twelve"),
            ("$1", "one dollar"),
            ("$0.99", "ninety-nine cents"),
            ("$1,000.", "one thousand dollars."),
            ("$10-15", "ten to fifteen dollars"),
            ("$5k", "five thousand dollars"),
            ("-$20", "minus twenty dollars"),
            ("99¢", "ninety-nine cents"),
            ("€7", "seven euros"),
            ("3,50 €", "three euros and fifty cents"),
            ("100 USD", "one hundred U S dollars"),
            ("¥500", "five hundred yen"),
        ],
        American,
    );
    check(
        &[("£3.50", "three pounds fifty"), ("£1", "one pound"), ("£0.50", "fifty pence"), ("50p", "fifty pence")],
        British,
    );
}

#[test]
fn times_and_dates() {
    check(
        &[
            ("at 3:05 pm", "at three oh five PM"),
            ("at 3:05 p.m. Then", "at three oh five PM. Then"),
            ("at 10 a.m. on Monday", "at ten AM on Monday"),
            ("9:00", "nine o'clock"),
            ("14:30", "fourteen thirty"),
            ("7pm.", "seven PM."),
            ("On May 3rd, 2026, we", "On May third, twenty twenty-six, we"),
            ("Jan. 5", "January fifth"),
            ("2026-11-22", "November twenty-second, twenty twenty-six"),
            ("12/25/2026", "December twenty-fifth, twenty twenty-six"),
            ("3 May 2026", "the third of May, twenty twenty-six"),
            ("March 2027", "March twenty twenty-seven"),
            ("a 16:9 screen", "a sixteen to nine screen"),
            ("March 15 people came", "March fifteenth people came"),
        ],
        American,
    );
    check(
        &[
            ("12/03/2026", "the twelfth of March, twenty twenty-six"),
            ("May 3", "May the third"),
            ("105 cups", "one hundred and five cups"),
        ],
        British,
    );
}

#[test]
fn units_and_symbols() {
    check(
        &[
            ("5 km", "five kilometers"),
            ("1 kg", "one kilogram"),
            ("10-12 kg.", "ten to twelve kilograms."),
            ("3.2 GHz", "three point two gigahertz"),
            ("25°C", "twenty-five degrees Celsius"),
            ("-4 °F", "minus four degrees Fahrenheit"),
            ("a 5-km run", "a five kilometer run"),
            ("100 km/h", "one hundred kilometers per hour"),
            ("20 m²", "twenty square meters"),
            ("50% off", "fifty percent off"),
            ("5-10%", "five to ten percent"),
            ("16GB", "sixteen gigabytes"),
            ("1920x1080", "nineteen twenty by ten eighty"),
            ("2x faster", "two times faster"),
            ("1/2 cup and 3/4", "one half cup and three quarters"),
            ("1½ cups", "one and a half cups"),
            ("24/7", "twenty-four seven"),
            ("6'2\" tall", "six foot two tall"),
            ("salt & pepper", "salt and pepper"),
            ("2 + 2 = 4", "two plus two equals four"),
            ("~50 people", "about fifty people"),
            ("10 × 4", "ten by four"),
            ("x² and π", "x squared and pi"),
            ("and/or he/she", "and or he or she"),
            ("TCP/IP", "TCP IP"),
            ("C++ and 10+ years", "C plus plus and ten plus years"),
        ],
        American,
    );
}

#[test]
fn addresses() {
    check(
        &[
            ("https://example.com/docs", "example dot com slash docs"),
            ("Visit www.magicpixels.ai.", "Visit magicpixels dot AI."),
            ("mail jane.doe@example.co.uk", "mail jane dot doe at example dot co dot UK"),
            ("call 555-1234", "call five five five, one two three four"),
            ("(415) 555-0132", "four one five, five five five, zero one three two"),
            ("+1 800 555 0199", "plus one, eight hundred, five five five, zero one nine nine"),
            ("@pixels #LaunchDay", "at pixels hashtag Launch Day"),
            ("see [our docs](https://a.io/x)", "see our docs"),
        ],
        American,
    );
    check(&[("020 7946 0958", "oh two oh, seven nine four six, oh nine five eight")], British);
}

#[test]
fn abbreviations_and_romans() {
    check(
        &[
            ("Dr. Smith met Mr. Lee.", "Doctor Smith met Mister Lee."),
            ("St. Paul, 5 Main St.", "Saint Paul, five Main Street."),
            ("fruit, e.g. apples, i.e. food, etc.", "fruit, for example apples, that is food, et cetera."),
            ("cats vs. dogs", "cats versus dogs"),
            ("the U.S. Senate in the U.K.", "the US Senate in the UK."),
            ("a Ph.D. student", "a PhD student"),
            ("No. 5", "number five"),
            ("Chapter IV", "Chapter four"),
            ("Henry VIII", "Henry the eighth"),
            ("World War II", "World War two"),
            ("Paul I think so", "Paul I think so"),
            ("Acme Inc. grew", "Acme Incorporated grew"),
            ("AT&T", "A T and T"),
        ],
        American,
    );
}

#[test]
fn characters() {
    check(
        &[
            ("“Hello,” she said — ‘yes’…", "\"Hello,\" she said — 'yes'…"),
            ("Great 🎉 work!!!", "Great work!"),
            ("What?!", "What?"),
            ("wait...", "wait…"),
            ("one - two -- three", "one — two — three"),
            ("**bold** and `code`", "bold and code"),
            ("• first\n• second", "first\nsecond"),
            ("ﬁne ｗｉｄｅ", "fine wide"),
            ("soft\u{AD}hyphen\u{200B}s", "softhyphens"),
            ("café naïve", "café naïve"),
            ("[Nguyen](/wrong/)", "Nguyen"),
        ],
        American,
    );
}

#[test]
fn what_cannot_be_spoken_is_named() {
    for (text, word) in
        [("Привет мир", "Cyrillic"), ("你好", "Chinese"), ("🎉🎉", "no words"), ("...", "no words"), ("", "no words")]
    {
        match normalise(text, American) {
            Err(EngineError::Input(message)) => assert!(message.contains(word), "{message}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let partly = normalise("Hello 世界 🎉", American).unwrap();
    assert_eq!(partly.text, "Hello");
    assert_eq!(partly.warnings, ["2 Chinese letters can't be spoken and were left out.", "Emoji are not spoken."]);
    assert!(normalise("plain", American).unwrap().warnings.is_empty());
}

proptest::proptest! {
    /// Any text at all: no panic, and what comes out holds no digit and no symbol.
    #[test]
    fn only_words_and_punctuation_are_left(text in "[\\PC\\n]{0,60}|[-0-9.,:/$£€%°# apmkgxAPM'\"@()\\[\\]+]{0,40}") {
        for dialect in [American, British] {
            if let Ok(normalised) = normalise(&text, dialect) {
                for c in normalised.text.chars() {
                    proptest::prop_assert!(c.is_alphabetic() || " \n.,;:!?—…\"'()-".contains(c), "{c:?} of {text:?}");
                }
            }
        }
    }
}
