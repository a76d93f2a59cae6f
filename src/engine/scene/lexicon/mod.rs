//! The words that the planner knows beside the names of things: colours, materials, surfaces, places, light, camera
//! and style. Only tables and their types; how words hang together is `grammar`'s matter.

use serde::{Deserialize, Serialize};

#[rustfmt::skip] // tables
mod glue;
#[rustfmt::skip] // tables
mod picture;
#[rustfmt::skip] // tables
mod stuff;


/// What something is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Substance {
    Ceramic,
    Clay,
    Glass,
    FrostedGlass,
    BrushedSteel,
    Steel,
    Chrome,
    Iron,
    Gold,
    Silver,
    Copper,
    Brass,
    Bronze,
    Wood,
    DarkWood,
    PaleWood,
    Bamboo,
    Leather,
    Fabric,
    Velvet,
    Linen,
    Wool,
    Plastic,
    Rubber,
    Marble,
    BlackMarble,
    Granite,
    Stone,
    Slate,
    Concrete,
    Plaster,
    Terrazzo,
    Tiles,
    Brick,
    Paper,
    Sand,
    Grass,
    Carpet,
    Water,
    Snow,
    Asphalt,
    Soil,
    Mirror,
    Jade,
    Wax,
    Ice,
}

/// How it is lit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Lighting {
    #[default]
    Studio,
    Soft,
    Window,
    Daylight,
    Overcast,
    GoldenHour,
    Sunset,
    BlueHour,
    Night,
    Candlelight,
    Neon,
    Dramatic,
    HighKey,
    Backlit,
}

/// From how high it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Angle {
    #[default]
    ThreeQuarter,
    EyeLevel,
    Low,
    High,
    TopDown,
    Front,
    Side,
    Isometric,
}

/// From how near it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Distance {
    #[default]
    Product,
    CloseUp,
    Wide,
}

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Place {
    #[default]
    Studio,
    Room,
    Kitchen,
    Bathroom,
    Gallery,
    Meadow,
    Forest,
    Beach,
    Desert,
    /// A paved floor out of doors with a parapet: terrace, balcony, roof.
    Terrace,
    Street,
    /// A lane through open country.
    Road,
    /// A lane before mountains.
    MountainRoad,
    Snowfield,
    Lake,
}

/// How big for its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Size {
    Tiny,
    Small,
    #[default]
    Normal,
    Large,
    Giant,
}

impl Size {
    /// The factor on the real size.
    pub fn factor(self) -> f32 {
        match self {
            Self::Tiny => 0.4,
            Self::Small => 0.7,
            Self::Normal => 1.0,
            Self::Large => 1.4,
            Self::Giant => 2.5,
        }
    }
}

/// How one thing stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Relation {
    #[default]
    Beside,
    On,
    Under,
    Behind,
    InFrontOf,
    LeftOf,
    RightOf,
    /// In a vessel, a box, a cage.
    Inside,
    /// In the air over it.
    Above,
    /// Between two others; the second is [`Placement::and`](super::plan::Placement::and).
    Between,
    /// Tilted, touching it.
    LeaningOn,
    /// Its copies in a ring around it.
    Around,
    /// In the hand of somebody.
    HeldBy,
}

/// What differs from one copy of a thing to the next; ascending and descending are in a row by size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Variety {
    Size,
    Height,
    Color,
    Ascending,
    Descending,
}

/// A word that joins two phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// A comma.
    Then,
    /// `and`.
    And,
    /// `with`: what follows belongs to what was named.
    With,
    /// `without`: what follows is not wanted.
    Without,
    /// `of`.
    Of,
    /// `in`, `at`.
    In,
    /// `against`: what follows is behind.
    Against,
    /// What was named stands so to what follows.
    To(Relation),
    /// What follows stands so to what was named: `topped with`, `surrounded by`.
    From(Relation),
}

/// How a surface is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Finish {
    Matte,
    Glossy,
    Hammered,
    Wet,
    Rough,
    Worn,
}

/// What is painted on something, in its second colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Motif {
    Stripes,
    Dots,
    Checks,
    Floral,
    Gradient,
}

/// When it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Time {
    Dawn,
    Morning,
    Noon,
    Afternoon,
    Evening,
    Sunset,
    Dusk,
    Night,
}

/// What the weather is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Weather {
    Clear,
    Cloudy,
    Fog,
    Rain,
    Snow,
    Storm,
}

/// How it feels. Where a prompt says nothing of light, the mood decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Mood {
    Cosy,
    Dramatic,
    Moody,
    Airy,
    Calm,
    Romantic,
    Playful,
    Luxurious,
    Dreamy,
    Melancholic,
    Festive,
    Futuristic,
}

/// What a picture is painted with, where it is no photograph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Medium {
    OilPainting,
    Impressionist,
    OldMaster,
    Watercolour,
    Pastel,
    Gouache,
    Acrylic,
    PencilSketch,
    ColouredPencil,
    Charcoal,
    PopArt,
    Cubist,
    Expressionist,
    Pointillist,
    StarryNight,
    UkiyoE,
    StainedGlass,
    Mosaic,
    Linocut,
    Woodcut,
    BlackAndWhite,
    Sepia,
}

impl Medium {
    /// The painted style of `restyle` by its name there; `None` for what is only a change of colours.
    pub fn painted_style(self) -> Option<&'static str> {
        Some(match self {
            Self::OilPainting => "oil on canvas",
            Self::Impressionist => "impressionist oil",
            Self::OldMaster => "old master",
            Self::Watercolour => "watercolour",
            Self::Pastel => "pastel",
            Self::Gouache => "gouache",
            Self::Acrylic => "bold acrylic",
            Self::PencilSketch => "ink sketch",
            Self::ColouredPencil => "coloured pencil",
            Self::Charcoal => "charcoal",
            Self::PopArt => "comic",
            Self::Cubist => "cubist lines",
            Self::Expressionist => "expressionist",
            Self::Pointillist => "night dots",
            Self::StarryNight => "starry night",
            Self::UkiyoE => "great wave",
            Self::StainedGlass => "stained glass",
            Self::Mosaic => "tapestry",
            Self::Linocut => "linocut",
            Self::Woodcut => "wood carving",
            Self::BlackAndWhite | Self::Sepia => return None,
        })
    }
}

/// Which colours a picture has; things without a colour of their own take theirs from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Palette {
    Pastel,
    Warm,
    Cool,
    Earth,
    Vivid,
    Neutral,
    Dark,
}

impl Palette {
    /// Its colours, sRGB: the backdrop's first, then those of things.
    pub fn colors(self) -> [[u8; 3]; 4] {
        match self {
            Self::Pastel => [[238, 222, 226], [168, 208, 192], [246, 198, 174], [186, 176, 220]],
            Self::Warm => [[226, 196, 160], [196, 84, 52], [222, 158, 58], [140, 52, 44]],
            Self::Cool => [[200, 214, 226], [62, 112, 166], [92, 166, 170], [112, 104, 168]],
            Self::Earth => [[214, 200, 178], [158, 104, 66], [122, 118, 78], [188, 150, 108]],
            Self::Vivid => [[250, 206, 60], [228, 48, 92], [34, 150, 210], [48, 176, 104]],
            Self::Neutral => [[222, 219, 213], [190, 184, 174], [150, 146, 140], [232, 230, 226]],
            Self::Dark => [[34, 34, 38], [70, 72, 76], [92, 18, 32], [24, 36, 78]],
        }
    }
}

/// What a word or phrase is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meaning {
    /// A number of things.
    Count(u8),
    /// A colour, sRGB.
    Color([u8; 3]),
    /// Lightens or darkens the colour that follows.
    Shade(f32),
    /// A material.
    Substance(Substance),
    /// Size for its kind.
    Size(Size),
    /// How its surface is worked.
    Finish(Finish),
    /// What is painted on it.
    Motif(Motif),
    /// A figure carved of it: `statue of`.
    Carved,
    /// How it is lit.
    Lighting(Lighting),
    /// When it is.
    Time(Time),
    /// What the weather is.
    Weather(Weather),
    /// How it feels.
    Mood(Mood),
    /// What it is painted with.
    Medium(Medium),
    /// Which colours it has.
    Palette(Palette),
    /// How much of it is sharp, as an f-number.
    Focus(f32),
    /// A lens, in millimetres of 35 mm film.
    Lens(u16),
    /// A height in cm.
    Height(f32),
    /// Height of the camera.
    Angle(Angle),
    /// Distance of the camera.
    Distance(Distance),
    /// Where it is.
    Place(Place),
    /// A word of style, kept for whoever styles the picture.
    Style,
    /// The picture itself: photo, render, shot.
    Picture,
    /// `background`, `backdrop`, `wall`.
    Backdrop,
    /// Something that can be the surface: table, floor, shelf; with the material it has by default.
    Support(Substance),
    /// The things that follow lie on top of each other.
    Pile,
    /// They stand in one row.
    Row,
    /// Copies are not alike: different, assorted.
    Differs,
    /// What is said to differ: heights, colours; says nothing without [`Meaning::Differs`].
    Aspect(Variety),
    /// Both in one: multicoloured, in ascending order.
    Varied(Variety),
    /// It hangs in the air.
    Floating,
    /// Stands for what was named before: it, them.
    Pronoun,
    /// A relation to what was named before: `on top`, `nearby`.
    There(Relation),
    /// What has been uploaded, where a prompt is about that: `the product`.
    Given,
    /// What fills a vessel.
    Filling(Filling),
    /// Joins two phrases.
    Link(Link),
    /// Carries no picture: the, very, beautiful.
    Filler,
    /// A part of a thing that can't be shaped apart.
    Part,
    /// Comes by itself with every picture: shadows, reflections.
    Natural,
}

/// What fills a vessel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Filling {
    Coffee,
    Tea,
    Milk,
    Water,
    RedWine,
    WhiteWine,
    Juice,
    Cocoa,
    Whiskey,
}

/// Phrases that mean the same.
type Row = (Meaning, &'static [&'static str]);

macro_rules! rows {
    ($($meaning:expr => $($word:literal)|+;)*) => { &[$(($meaning, &[$($word),+]),)*] };
}
use rows;

/// Every known phrase with its meaning, lower case, hyphens as spaces; the longest match wins.
pub fn words() -> impl Iterator<Item = &'static Row> {
    glue::WORDS.iter().chain(stuff::WORDS).chain(picture::WORDS)
}
