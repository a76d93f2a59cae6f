//! The painted styles by name: which words of a prompt choose which of the network's 26 styles.
//!
//! Owns names and words only. They were given by looking at every style on a portrait and on a still life; style 17
//! leaves nothing of the picture and is not offered.

/// One style of the network.
#[derive(Debug, PartialEq, Eq)]
pub struct Style {
    /// Its index among the network's `style_weights`.
    pub index: usize,
    /// The name that a plan shows.
    pub name: &'static str,
    /// Words and phrases that choose it, in lower case, without plurals.
    pub words: &'static [&'static str],
}

/// How many styles the network has.
pub const STYLE_COUNT: usize = 26;

const fn style(index: usize, name: &'static str, words: &'static [&'static str]) -> Style {
    Style { index, name, words }
}

/// Every style on offer.
pub const STYLES: [Style; 25] = [
    style(0, "soft oil", &["soft oil", "post impressionist", "post impressionism", "cezanne", "gauguin", "tempera"]),
    style(1, "cubist lines", &["cubist", "cubism", "picasso", "abstract line", "bold line", "braque", "leger"]),
    style(2, "gouache", &["gouache", "illustration", "storybook", "children book", "pale painting"]),
    style(3, "neon mosaic", &["psychedelic", "neon", "glitch", "abstract", "kandinsky", "expressionist abstract"]),
    style(4, "oil on canvas", &["oil painting", "oil paint", "oil on canvas", "canvas", "oil"]),
    style(
        5,
        "impressionist oil",
        &["impressionist", "impressionism", "brush stroke", "brushstroke", "impasto", "renoir"],
    ),
    style(6, "night dots", &["pointillist", "pointillism", "seurat", "dot", "dotted", "aboriginal"]),
    style(
        7,
        "bold acrylic",
        &["acrylic", "fauvist", "fauvism", "matisse", "bold colour", "poster paint", "franz marc"],
    ),
    style(8, "coloured pencil", &["coloured pencil", "pencil crayon", "crayon", "pencil colour"]),
    style(9, "linocut", &["linocut", "lino print", "block print", "printmaking", "stencil", "graffiti"]),
    style(10, "old master", &["old master", "renaissance", "rembrandt", "baroque", "copper", "classical painting"]),
    style(
        11,
        "ink sketch",
        &[
            "sketch",
            "sketched",
            "ink",
            "pen and ink",
            "pencil",
            "pencil drawing",
            "hatching",
            "engraving",
            "etching",
            "line drawing",
            "da vinci",
            "leonardo",
        ],
    ),
    style(12, "pastel", &["pastel", "monet", "soft painting", "dreamy", "water lily", "chalk", "chalk pastel"]),
    style(13, "jungle print", &["jungle", "psychedelic poster", "retro poster", "tropical", "rousseau"]),
    style(14, "watercolour", &["watercolour", "watercolor", "water colour", "aquarelle", "wash", "ink wash"]),
    style(15, "stained glass", &["stained glass", "leaded glass", "line art", "art nouveau", "mucha", "contour"]),
    style(16, "blue crayon", &["wax crayon", "blue crayon", "chagall", "blue period", "melancholic"]),
    style(18, "wood carving", &["wood carving", "woodcut", "wood cut", "carved", "relief", "bas relief"]),
    style(19, "starry night", &["starry night", "starry", "van gogh", "vincent van gogh", "gogh", "swirl", "swirly"]),
    style(20, "crimson", &["crimson", "infernal", "horror", "hellish", "blood red", "rothko"]),
    style(
        21,
        "comic",
        &["comic", "comic book", "cartoon", "pop art", "lichtenstein", "warhol", "anime", "manga", "flat colour"],
    ),
    style(22, "expressionist", &["expressionist", "expressionism", "munch", "scream", "kirchner", "schiele"]),
    style(23, "charcoal", &["charcoal", "noir", "film noir", "matte painting", "smoky", "moody", "gloomy"]),
    style(24, "great wave", &["great wave", "hokusai", "ukiyo e", "ukiyoe", "japanese print", "japanese", "wave"]),
    style(25, "tapestry", &["mosaic", "tapestry", "byzantine", "tile", "woven", "embroidery", "klimt"]),
];

/// What a picture gets when its prompt names no style and no other change.
pub const DEFAULT_STYLE: &Style = &STYLES[12];

/// The style at that index of the network, if it is on offer.
pub fn by_index(index: usize) -> Option<&'static Style> {
    STYLES.iter().find(|style| style.index == index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_chooses_two_styles_and_no_style_is_offered_twice() {
        let mut words: Vec<_> = STYLES.iter().flat_map(|s| s.words).collect();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
        let mut indices: Vec<_> = STYLES.iter().map(|s| s.index).collect();
        indices.dedup();
        assert_eq!(indices.len(), STYLES.len());
        assert!(STYLES.iter().all(|s| s.index < STYLE_COUNT && by_index(s.index) == Some(s)));
        assert!(by_index(17).is_none(), "style 17 destroys the picture");
        assert_eq!(DEFAULT_STYLE.name, "pastel");
    }
}
