//! The vocabulary of restyling: which phrases mean which change, which words mean nothing.
//!
//! Owns tokens and tables. What a whole prompt means is for [`super::plan`] to say.

use super::catalogue::STYLES;

/// What one phrase asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// A style by its place in [`STYLES`].
    Style(usize),
    /// A kind of style that any named style makes definite, by its usual place in [`STYLES`].
    AnyStyle(usize),
    /// The picture's own colours stay.
    KeepColours,
    /// The object alone.
    CutOut,
    /// Everything but the object out of focus.
    BlurBackground,
    /// Grey.
    BlackAndWhite,
    /// Brown.
    Sepia,
    /// Warmer above 0.
    Warmth(f32),
    /// Brighter above 0, in stops.
    Exposure(f32),
    /// More contrast above 0.
    Contrast(f32),
    /// More colour above 0.
    Saturation(f32),
    /// Crisper.
    Sharpen,
    /// Contrast, colour and sharpness, a little of each.
    Enhance,
    /// This many times as wide and as high.
    Upscale(u32),
}

/// A word of a prompt and how it may be spelled in the tables: as it is, and as a singular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) word: String,
    singular: String,
}

impl Token {
    pub(super) fn is(&self, word: &str) -> bool {
        self.word == word || self.singular == word
    }

    pub(super) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }
}

/// The words of a prompt in lower case and British spelling, without articles and marks.
pub(super) fn tokens(prompt: &str) -> Vec<Token> {
    let lower = prompt.to_lowercase().replace(['\'', '\u{2019}'], "");
    let is_part = |c: char| c.is_alphanumeric() || c == '#';
    lower
        .split(|c: char| !is_part(c))
        .filter(|word| !word.is_empty() && !ARTICLES.contains(word))
        .map(|word| {
            let word = word.replace("color", "colour").replace("gray", "grey");
            let plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
            let singular = if plural { word[..word.len() - 1].to_owned() } else { word.clone() };
            Token { word, singular }
        })
        .collect()
}

/// The longest phrase that begins at `at`: its meaning and how many words it has.
pub(super) fn phrase_at(tokens: &[Token], at: usize) -> Option<(Meaning, usize)> {
    let styles = STYLES.iter().enumerate().flat_map(|(i, s)| s.words.iter().map(move |w| (*w, Meaning::Style(i))));
    styles
        .chain(PHRASES.iter().copied())
        .filter_map(|(phrase, meaning)| {
            let mut count = 0;
            let fits = phrase.split(' ').all(|word| {
                count += 1;
                tokens.get(at + count - 1).is_some_and(|token| token.is(word))
            });
            fits.then_some((meaning, count))
        })
        .max_by_key(|(_, count)| *count)
}

/// A colour that begins at `at`: its name, its value and how many words it has.
pub(super) fn colour_at(tokens: &[Token], at: usize) -> Option<(String, [u8; 3], usize)> {
    let token = tokens.get(at)?;
    if let Some(hex) = token.word.strip_prefix('#').filter(|hex| hex.len() == 6) {
        let value = u32::from_str_radix(hex, 16).ok()?;
        return Some((token.word.clone(), [(value >> 16) as u8, (value >> 8) as u8, value as u8], 1));
    }
    let named = |token: &Token| COLOURS.iter().find(|(name, _)| token.is(name)).copied();
    if let Some((name, rgb)) = named(token) {
        // "sky blue" and the like: the first word alone is a colour too, the second is swallowed.
        return Some((name.to_owned(), rgb, 1));
    }
    let shade = |rgb: [u8; 3], toward: u8, share: f32| {
        rgb.map(|v| (f32::from(v) + (f32::from(toward) - f32::from(v)) * share).round() as u8)
    };
    let (name, rgb) = named(tokens.get(at + 1)?)?;
    match token.word.as_str() {
        "light" | "pale" | "pastel" => Some((format!("light {name}"), shade(rgb, 255, 0.5), 2)),
        "dark" | "deep" => Some((format!("dark {name}"), shade(rgb, 0, 0.5), 2)),
        "bright" | "plain" | "solid" | "pure" | "clean" | "soft" | "sky" => Some((name.to_owned(), rgb, 2)),
        _ => None,
    }
}

/// Words that halve what follows, or raise it.
pub(super) fn emphasis(token: &Token) -> Option<f32> {
    if token.is_any(&["slight", "slightly", "subtle", "subtly", "little", "bit", "touch", "hint", "gently", "gentle"]) {
        Some(0.5)
    } else if token.is_any(&[
        "very",
        "much",
        "strong",
        "strongly",
        "heavy",
        "heavily",
        "extremely",
        "intense",
        "mostly",
    ]) {
        Some(1.6)
    } else {
        None
    }
}

/// Whether the word turns what follows into its absence.
pub(super) fn negates(token: &Token) -> bool {
    token.is_any(&["no", "not", "dont", "never", "without", "isnt", "avoid"])
}

/// Whether the word carries no wish of its own.
pub(super) fn is_filler(token: &Token) -> bool {
    token.is_any(FILLERS) || negates(token) || emphasis(token).is_some()
}

const ARTICLES: &[&str] = &["a", "an", "the", "its", "my", "our", "your", "this", "that", "these", "those", "s"];

const FILLERS: &[&str] = &[
    "in",
    "of",
    "with",
    "and",
    "or",
    "to",
    "as",
    "like",
    "style",
    "styled",
    "make",
    "turn",
    "it",
    "into",
    "on",
    "at",
    "for",
    "by",
    "from",
    "be",
    "is",
    "are",
    "photo",
    "picture",
    "image",
    "photograph",
    "please",
    "look",
    "looks",
    "looking",
    "between",
    "mix",
    "blend",
    "blended",
    "mixed",
    "plus",
    "then",
    "also",
    "more",
    "less",
    "give",
    "convert",
    "transform",
    "change",
    "apply",
    "effect",
    "filter",
    "add",
    "create",
    "render",
    "redo",
    "restyle",
    "stylise",
    "stylize",
    "but",
    "some",
    "colour",
    "artwork",
    "art",
    "version",
    "so",
    "too",
    "bit",
    "me",
    "i",
    "want",
    "would",
    "can",
    "you",
    "just",
    "only",
    "all",
    "everything",
    "them",
    "background",
    "backdrop",
    "object",
    "subject",
    "person",
    "product",
    "portrait",
    "using",
    "use",
    "do",
    "nice",
    "beautiful",
    "beautifully",
    "artistic",
    "classic",
    "famous",
    "half",
    "part",
    "feel",
    "feeling",
    "vibe",
    "mood",
    "tone",
    "same",
    "should",
    "if",
    "was",
    "were",
    "work",
];

const PHRASES: &[(&str, Meaning)] = &[
    ("painting", Meaning::AnyStyle(4)),
    ("painted", Meaning::AnyStyle(4)),
    ("drawing", Meaning::AnyStyle(11)),
    ("drawn", Meaning::AnyStyle(11)),
    ("poster", Meaning::AnyStyle(20)),
    ("keep colour", Meaning::KeepColours),
    ("keep original colour", Meaning::KeepColours),
    ("keeping colour", Meaning::KeepColours),
    ("original colour", Meaning::KeepColours),
    ("preserve colour", Meaning::KeepColours),
    ("preserve original colour", Meaning::KeepColours),
    ("same colour", Meaning::KeepColours),
    ("natural colour", Meaning::KeepColours),
    ("cut out", Meaning::CutOut),
    ("cutout", Meaning::CutOut),
    ("cut it out", Meaning::CutOut),
    ("isolate", Meaning::CutOut),
    ("isolated", Meaning::CutOut),
    ("remove background", Meaning::CutOut),
    ("remove bg", Meaning::CutOut),
    ("background removed", Meaning::CutOut),
    ("background removal", Meaning::CutOut),
    ("delete background", Meaning::CutOut),
    ("no background", Meaning::CutOut),
    ("without background", Meaning::CutOut),
    ("transparent background", Meaning::CutOut),
    ("transparent", Meaning::CutOut),
    ("sticker", Meaning::CutOut),
    ("portrait mode", Meaning::BlurBackground),
    ("bokeh", Meaning::BlurBackground),
    ("blur background", Meaning::BlurBackground),
    ("blurry background", Meaning::BlurBackground),
    ("blurred background", Meaning::BlurBackground),
    ("background blur", Meaning::BlurBackground),
    ("background blurred", Meaning::BlurBackground),
    ("out of focus background", Meaning::BlurBackground),
    ("shallow depth of field", Meaning::BlurBackground),
    ("depth of field", Meaning::BlurBackground),
    ("black and white", Meaning::BlackAndWhite),
    ("black white", Meaning::BlackAndWhite),
    ("b w", Meaning::BlackAndWhite),
    ("bw", Meaning::BlackAndWhite),
    ("monochrome", Meaning::BlackAndWhite),
    ("greyscale", Meaning::BlackAndWhite),
    ("sepia", Meaning::Sepia),
    ("vintage", Meaning::Sepia),
    ("old photo", Meaning::Sepia),
    ("antique", Meaning::Sepia),
    ("warm", Meaning::Warmth(1.0)),
    ("warmer", Meaning::Warmth(1.0)),
    ("golden hour", Meaning::Warmth(1.6)),
    ("golden light", Meaning::Warmth(1.3)),
    ("cool", Meaning::Warmth(-1.0)),
    ("cooler", Meaning::Warmth(-1.0)),
    ("cold", Meaning::Warmth(-1.3)),
    ("colder", Meaning::Warmth(-1.3)),
    ("bright", Meaning::Exposure(0.5)),
    ("brighter", Meaning::Exposure(0.5)),
    ("brighten", Meaning::Exposure(0.5)),
    ("lighter", Meaning::Exposure(0.5)),
    ("lighten", Meaning::Exposure(0.5)),
    ("dark", Meaning::Exposure(-0.6)),
    ("darker", Meaning::Exposure(-0.6)),
    ("darken", Meaning::Exposure(-0.6)),
    ("contrast", Meaning::Contrast(0.7)),
    ("high contrast", Meaning::Contrast(1.0)),
    ("punchy", Meaning::Contrast(0.7)),
    ("dramatic", Meaning::Contrast(0.8)),
    ("low contrast", Meaning::Contrast(-0.5)),
    ("less contrast", Meaning::Contrast(-0.5)),
    ("faded", Meaning::Contrast(-0.5)),
    ("vivid", Meaning::Saturation(0.3)),
    ("vibrant", Meaning::Saturation(0.3)),
    ("saturated", Meaning::Saturation(0.3)),
    ("saturation", Meaning::Saturation(0.3)),
    ("colourful", Meaning::Saturation(0.3)),
    ("less saturated", Meaning::Saturation(-0.35)),
    ("less colourful", Meaning::Saturation(-0.35)),
    ("desaturated", Meaning::Saturation(-0.45)),
    ("muted", Meaning::Saturation(-0.35)),
    ("sharpen", Meaning::Sharpen),
    ("sharper", Meaning::Sharpen),
    ("sharp", Meaning::Sharpen),
    ("crisp", Meaning::Sharpen),
    ("enhance", Meaning::Enhance),
    ("improve", Meaning::Enhance),
    ("better quality", Meaning::Enhance),
    ("upscale", Meaning::Upscale(4)),
    ("upscaled", Meaning::Upscale(4)),
    ("upscaling", Meaning::Upscale(4)),
    ("enlarge", Meaning::Upscale(4)),
    ("super resolution", Meaning::Upscale(4)),
    ("high resolution", Meaning::Upscale(4)),
    ("higher resolution", Meaning::Upscale(4)),
    ("bigger", Meaning::Upscale(2)),
    ("larger", Meaning::Upscale(2)),
    ("double size", Meaning::Upscale(2)),
    ("2x", Meaning::Upscale(2)),
    ("x2", Meaning::Upscale(2)),
    ("4x", Meaning::Upscale(4)),
    ("x4", Meaning::Upscale(4)),
    ("upscale 2x", Meaning::Upscale(2)),
    ("upscale x2", Meaning::Upscale(2)),
    ("upscale by 2", Meaning::Upscale(2)),
    ("4k", Meaning::Upscale(4)),
];

const COLOURS: &[(&str, [u8; 3])] = &[
    ("white", [255, 255, 255]),
    ("black", [0, 0, 0]),
    ("grey", [128, 128, 128]),
    ("red", [208, 44, 44]),
    ("orange", [240, 140, 48]),
    ("yellow", [248, 212, 72]),
    ("green", [64, 160, 88]),
    ("mint", [176, 228, 204]),
    ("teal", [32, 136, 140]),
    ("turquoise", [72, 200, 196]),
    ("blue", [52, 108, 208]),
    ("navy", [24, 40, 88]),
    ("purple", [128, 72, 176]),
    ("violet", [140, 92, 208]),
    ("lavender", [204, 192, 232]),
    ("pink", [244, 164, 188]),
    ("magenta", [212, 56, 148]),
    ("brown", [124, 84, 56]),
    ("beige", [232, 220, 196]),
    ("cream", [250, 244, 224]),
    ("ivory", [252, 250, 238]),
    ("gold", [212, 172, 72]),
    ("silver", [196, 200, 204]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_wins_in_any_spelling() {
        let meaning = |text: &str| phrase_at(&tokens(text), 0);
        assert_eq!(meaning("Remove the Background!"), Some((Meaning::CutOut, 2)));
        assert_eq!(meaning("keep my original colors"), Some((Meaning::KeepColours, 3)));
        let name = |text: &str| match meaning(text) {
            Some((Meaning::Style(i), _)) => STYLES[i].name,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(name("watercolors"), "watercolour");
        assert_eq!(name("Coloured-pencil"), "coloured pencil");
        assert_eq!(name("oil painting"), "oil on canvas");
        assert_eq!(name("charcoal"), "charcoal");
        assert_eq!(meaning("zebra"), None);
    }

    #[test]
    fn no_phrase_means_two_things() {
        let mut all: Vec<&str> = PHRASES.iter().map(|(phrase, _)| *phrase).collect();
        all.extend(STYLES.iter().flat_map(|s| s.words));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn reads_colours() {
        let colour = |text: &str| colour_at(&tokens(text), 0);
        assert_eq!(colour("#ff8000"), Some(("#ff8000".into(), [255, 128, 0], 1)));
        assert_eq!(colour("dark blue").map(|c| (c.0, c.2)), Some(("dark blue".into(), 2)));
        assert_eq!(colour("#ff80"), None);
        assert_eq!(colour("#\u{e9}\u{e9}\u{e9}"), None);
        assert_eq!(colour("ugly"), None);
    }
}
