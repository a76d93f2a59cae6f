//! The words that the planner knows beside the names of things: colours, materials, surfaces, places, light, camera
//! and style. Only tables and their types; how words hang together is `grammar`'s matter.

use serde::{Deserialize, Serialize};

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
    Street,
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
}

/// A word that joins two phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Link {
    And,
    With,
    Without,
    Of,
    In,
    Against,
    To(Relation),
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
    /// How it is lit.
    Lighting(Lighting),
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
    /// What fills a vessel.
    Filling(Filling),
    /// Joins two phrases.
    Link(Link),
    /// Carries no picture: the, very, beautiful.
    Filler,
    /// A part of a thing that can't be shaped apart.
    Part,
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
}

macro_rules! words {
    ($($meaning:expr => $($word:literal)|+;)*) => { &[$(($meaning, &[$($word),+]),)*] };
}

use Meaning as M;

/// Every known phrase with its meaning, lower case, hyphens as spaces; the longest match wins.
pub const WORDS: &[(Meaning, &[&str])] = words! {
    M::Count(1) => "one" | "single" | "lone" | "solitary";
    M::Count(2) => "two" | "a pair of" | "pair of" | "couple of" | "a couple of" | "both" | "twin" | "2";
    M::Count(3) => "three" | "trio of" | "a trio of" | "a few" | "few" | "3";
    M::Count(4) => "four" | "several" | "some" | "many" | "4";
    M::Count(5) => "five" | "5";
    M::Count(6) => "six" | "half a dozen" | "6";

    M::Pile => "stack of" | "a stack of" | "pile of" | "a pile of" | "stacked" | "tower of";

    M::Color([196, 30, 36]) => "red" | "scarlet";
    M::Color([150, 20, 40]) => "crimson" | "ruby";
    M::Color([92, 18, 32]) => "burgundy" | "maroon" | "wine red" | "oxblood" | "bordeaux";
    M::Color([236, 112, 24]) => "orange";
    M::Color([204, 96, 60]) => "terracotta" | "rust" | "burnt orange";
    M::Color([246, 150, 120]) => "coral" | "salmon" | "peach" | "apricot";
    M::Color([246, 196, 34]) => "yellow";
    M::Color([214, 160, 40]) => "mustard" | "ochre" | "amber";
    M::Color([52, 140, 66]) => "green";
    M::Color([24, 84, 56]) => "emerald" | "forest green" | "bottle green" | "racing green";
    M::Color([104, 110, 56]) => "olive" | "olive green" | "khaki" | "moss green";
    M::Color([150, 172, 142]) => "sage" | "sage green" | "celadon";
    M::Color([164, 216, 190]) => "mint" | "mint green" | "seafoam";
    M::Color([146, 200, 40]) => "lime" | "lime green";
    M::Color([26, 130, 134]) => "teal" | "petrol";
    M::Color([64, 190, 190]) => "turquoise" | "cyan" | "aqua";
    M::Color([38, 88, 180]) => "blue" | "cobalt" | "cobalt blue" | "royal blue";
    M::Color([24, 36, 78]) => "navy" | "navy blue" | "midnight blue" | "indigo";
    M::Color([132, 186, 226]) => "sky blue" | "baby blue" | "light blue" | "azure" | "powder blue";
    M::Color([112, 60, 156]) => "purple" | "violet";
    M::Color([190, 166, 216]) => "lavender" | "lilac" | "mauve";
    M::Color([200, 40, 120]) => "magenta" | "fuchsia" | "hot pink";
    M::Color([240, 168, 184]) => "pink" | "blush" | "pastel pink" | "baby pink";
    M::Color([110, 70, 44]) => "brown" | "chocolate brown";
    M::Color([186, 142, 96]) => "tan" | "caramel" | "cognac" | "camel";
    M::Color([222, 204, 176]) => "beige" | "sand colored" | "sand coloured";
    M::Color([242, 232, 208]) => "cream" | "ivory" | "off white" | "eggshell";
    M::Color([244, 243, 240]) => "white" | "snow white";
    M::Color([128, 128, 130]) => "gray" | "grey";
    M::Color([70, 72, 76]) => "charcoal" | "anthracite" | "dark gray" | "dark grey";
    M::Color([190, 190, 192]) => "light gray" | "light grey" | "silver gray" | "silver grey";
    M::Color([20, 20, 22]) => "black" | "jet black" | "onyx" | "matte black" | "matt black";

    M::Shade(1.5) => "light" | "pale" | "pastel";
    M::Shade(0.45) => "dark" | "deep";
    M::Shade(1.0) => "bright" | "vivid" | "vibrant" | "saturated" | "muted" | "matte" | "matt" | "glossy" | "shiny" | "polished" | "glazed" | "coloured" | "colored";

    M::Substance(Substance::Ceramic) => "ceramic" | "porcelain" | "china" | "stoneware" | "enamel" | "earthenware";
    M::Substance(Substance::Clay) => "clay" | "terracotta pot" | "unglazed";
    M::Substance(Substance::Glass) => "glass" | "crystal" | "transparent" | "clear glass" | "made of glass";
    M::Substance(Substance::FrostedGlass) => "frosted glass" | "frosted";
    M::Substance(Substance::BrushedSteel) => "brushed steel" | "brushed stainless steel" | "brushed metal" | "brushed aluminum" | "brushed aluminium" | "stainless steel" | "aluminum" | "aluminium" | "brushed";
    M::Substance(Substance::Steel) => "steel" | "metal" | "metallic" | "polished steel" | "titanium" | "tin" | "pewter" | "zinc";
    M::Substance(Substance::Chrome) => "chrome" | "chromed";
    M::Substance(Substance::Iron) => "iron" | "cast iron" | "wrought iron";
    M::Substance(Substance::Gold) => "gold" | "golden" | "gilded" | "gold plated" | "brushed gold";
    M::Substance(Substance::Silver) => "silver" | "silver plated" | "sterling silver" | "platinum";
    M::Substance(Substance::Copper) => "copper" | "rose gold";
    M::Substance(Substance::Brass) => "brass";
    M::Substance(Substance::Bronze) => "bronze";
    M::Substance(Substance::Wood) => "wood" | "wooden" | "oak" | "teak" | "oak wood" | "cherry wood" | "cherrywood" | "rustic wood" | "timber" | "wood planks" | "wooden planks" | "wooden boards" | "planks" | "plywood" | "parquet" | "hardwood";
    M::Substance(Substance::DarkWood) => "walnut" | "mahogany" | "ebony" | "dark wood" | "dark wooden" | "dark oak" | "rosewood" | "dark walnut" | "black wood";
    M::Substance(Substance::PaleWood) => "pine" | "birch" | "ash" | "maple" | "beech" | "light wood" | "light wooden" | "pale wood" | "pale oak" | "light oak" | "white wood" | "driftwood";
    M::Substance(Substance::Bamboo) => "bamboo wood" | "rattan" | "wicker";
    M::Substance(Substance::Leather) => "leather" | "suede" | "faux leather";
    M::Substance(Substance::Fabric) => "fabric" | "cloth" | "textile" | "cotton" | "upholstered" | "denim" | "canvas" | "felt";
    M::Substance(Substance::Velvet) => "velvet" | "velour" | "silk" | "satin";
    M::Substance(Substance::Linen) => "linen" | "burlap" | "linen cloth" | "linen tablecloth";
    M::Substance(Substance::Wool) => "wool" | "woolen" | "woollen" | "knitted" | "fluffy" | "fur";
    M::Substance(Substance::Plastic) => "plastic" | "acrylic" | "resin" | "lacquered" | "lacquer" | "vinyl";
    M::Substance(Substance::Rubber) => "rubber" | "silicone";
    M::Substance(Substance::Marble) => "marble" | "white marble" | "carrara marble" | "carrara";
    M::Substance(Substance::BlackMarble) => "black marble" | "dark marble";
    M::Substance(Substance::Granite) => "granite" | "black granite";
    M::Substance(Substance::Stone) => "stone" | "limestone" | "sandstone" | "travertine" | "cobblestone" | "cobblestones" | "rocky" | "alabaster";
    M::Substance(Substance::Slate) => "slate" | "basalt";
    M::Substance(Substance::Concrete) => "concrete" | "cement";
    M::Substance(Substance::Plaster) => "plaster" | "stucco" | "gypsum" | "chalk";
    M::Substance(Substance::Terrazzo) => "terrazzo";
    M::Substance(Substance::Tiles) => "tiles" | "tiled" | "tile" | "ceramic tiles" | "white tiles" | "bathroom tiles";
    M::Substance(Substance::Paper) => "paper" | "cardboard" | "colored paper" | "coloured paper" | "kraft paper";
    M::Substance(Substance::Sand) => "sand" | "sandy" | "gravel";
    M::Substance(Substance::Grass) => "grass" | "lawn" | "moss" | "grassy" | "turf";
    M::Substance(Substance::Carpet) => "carpet" | "rug" | "shag carpet";
    M::Substance(Substance::Water) => "water surface" | "rippled water";
    M::Substance(Substance::Snow) => "snow" | "snowy" | "ice" | "icy";
    M::Substance(Substance::Asphalt) => "asphalt" | "tarmac" | "pavement" | "wet asphalt";
    M::Substance(Substance::Soil) => "soil" | "earth" | "dirt" | "mud";
    M::Substance(Substance::Mirror) => "mirror" | "mirrored";
    M::Substance(Substance::Jade) => "jade";
    M::Substance(Substance::Wax) => "wax";

    M::Size(Size::Tiny) => "tiny" | "miniature" | "mini" | "minuscule" | "micro";
    M::Size(Size::Small) => "small" | "little" | "short" | "petite";
    M::Size(Size::Large) => "large" | "big" | "tall" | "oversized";
    M::Size(Size::Giant) => "huge" | "giant" | "gigantic" | "enormous" | "massive" | "colossal" | "monumental";

    M::Lighting(Lighting::Studio) => "studio light" | "studio lighting" | "softbox" | "studio lit" | "professional lighting" | "three point lighting";
    M::Lighting(Lighting::Soft) => "soft light" | "soft lighting" | "diffuse light" | "diffused light" | "gentle light" | "soft shadows" | "soft diffused light" | "even lighting" | "softly lit";
    M::Lighting(Lighting::Window) => "window light" | "by the window" | "natural light" | "natural lighting" | "morning light" | "soft morning light" | "by a window" | "near a window" | "next to a window" | "soft window light" | "soft natural light" | "sunlit" | "in the morning" | "morning";
    M::Lighting(Lighting::Daylight) => "daylight" | "sunlight" | "sunny" | "sunshine" | "midday" | "noon" | "hard light" | "direct sunlight" | "bright sunlight" | "sunny day" | "hard shadows" | "outdoors" | "outside" | "blue sky" | "harsh light";
    M::Lighting(Lighting::Overcast) => "overcast" | "cloudy" | "foggy" | "fog" | "misty" | "mist" | "rainy" | "rain" | "grey sky" | "gray sky";
    M::Lighting(Lighting::GoldenHour) => "golden hour" | "warm light" | "evening light" | "late afternoon" | "warm lighting" | "afternoon" | "afternoon light" | "sunrise" | "dawn" | "at dawn" | "evening sun" | "evening" | "warm sunlight" | "golden light";
    M::Lighting(Lighting::Sunset) => "sunset" | "at sunset" | "setting sun" | "dusk" | "at dusk" | "orange sky";
    M::Lighting(Lighting::BlueHour) => "blue hour" | "twilight" | "cold light" | "cool light" | "cool lighting";
    M::Lighting(Lighting::Night) => "night" | "at night" | "nighttime" | "moonlight" | "moonlit" | "midnight" | "night time" | "in the dark" | "starry night" | "starry sky";
    M::Lighting(Lighting::Candlelight) => "candlelight" | "candle light" | "candlelit" | "firelight" | "by candlelight" | "fireside";
    M::Lighting(Lighting::Neon) => "neon" | "neon light" | "neon lights" | "neon lighting" | "cyberpunk" | "synthwave" | "vaporwave" | "nightclub";
    M::Lighting(Lighting::Dramatic) => "dramatic" | "dramatic light" | "dramatic lighting" | "moody" | "low key" | "dark and moody" | "chiaroscuro" | "spotlight" | "cinematic lighting" | "rim light" | "rim lighting" | "cinematic" | "film noir" | "moody lighting" | "moody light" | "mysterious" | "side light";
    M::Lighting(Lighting::HighKey) => "high key" | "bright and airy" | "airy" | "bright light" | "bright lighting" | "brightly lit";
    M::Lighting(Lighting::Backlit) => "backlit" | "back light" | "backlight" | "backlighting" | "contre jour" | "silhouette";

    M::Angle(Angle::EyeLevel) => "eye level" | "at eye level" | "straight on" | "table level";
    M::Angle(Angle::Low) => "low angle" | "from below" | "worms eye view" | "worm eye view" | "hero shot" | "looking up";
    M::Angle(Angle::High) => "high angle" | "from above" | "isometric" | "looking down" | "45 degree angle";
    M::Angle(Angle::TopDown) => "top down" | "flat lay" | "flatlay" | "overhead" | "top view" | "birds eye view" | "bird eye view" | "knolling" | "overhead shot" | "top down view" | "directly above" | "from directly above";
    M::Angle(Angle::Front) => "front view" | "frontal" | "from the front";
    M::Angle(Angle::Side) => "side view" | "from the side" | "profile view" | "in profile";
    M::Angle(Angle::ThreeQuarter) => "three quarter view" | "three quarters view" | "3/4 view";
    M::Distance(Distance::CloseUp) => "close up" | "closeup" | "macro" | "detail shot" | "extreme close up" | "tight crop" | "close up of" | "macro shot" | "macro photo";
    M::Distance(Distance::Wide) => "wide" | "wide shot" | "wide angle" | "from afar" | "from a distance" | "long shot" | "panorama" | "panoramic" | "full view" | "negative space" | "copy space" | "distant";

    M::Place(Place::Studio) => "studio" | "in a studio" | "photo studio" | "infinity cove" | "cyclorama" | "seamless background" | "seamless";
    M::Place(Place::Room) => "room" | "living room" | "bedroom" | "interior" | "apartment" | "loft" | "office" | "house" | "home" | "indoors" | "lounge" | "hotel room" | "hotel" | "library" | "cafe" | "restaurant" | "bar" | "home office" | "interior design" | "hallway";
    M::Place(Place::Kitchen) => "kitchen" | "kitchen interior";
    M::Place(Place::Bathroom) => "bathroom" | "spa";
    M::Place(Place::Gallery) => "gallery" | "museum" | "showroom" | "art gallery" | "exhibition";
    M::Place(Place::Meadow) => "meadow" | "garden" | "park" | "field" | "backyard" | "countryside" | "hill" | "farm" | "in nature" | "nature" | "landscape" | "picnic";
    M::Place(Place::Forest) => "forest" | "woods" | "woodland" | "jungle";
    M::Place(Place::Beach) => "beach" | "seaside" | "shore" | "coast" | "ocean" | "sea" | "sandy beach" | "tropical beach" | "island";
    M::Place(Place::Desert) => "desert" | "dunes" | "dune" | "sand dune" | "sand dunes" | "mars";
    M::Place(Place::Street) => "street" | "city" | "road" | "parking lot" | "urban" | "sidewalk" | "alley" | "plaza" | "terrace" | "patio" | "rooftop" | "balcony" | "garage";
    M::Place(Place::Snowfield) => "winter" | "snowfield" | "snowy field" | "snowy landscape" | "mountain" | "mountains" | "arctic" | "ski slope" | "snowy mountain" | "snowy mountains";
    M::Place(Place::Lake) => "lake" | "pond" | "pool" | "swimming pool" | "river" | "water" | "puddle";

    M::Style => "editorial" | "minimalist" | "minimal" | "elegant" | "luxury" | "luxurious" | "premium" | "photorealistic" | "realistic" | "hyperrealistic" | "modern" | "vintage" | "retro" | "rustic" | "scandinavian" | "japanese" | "industrial" | "futuristic" | "surreal" | "abstract" | "cozy" | "cosy" | "commercial" | "advertising" | "magazine" | "catalog" | "catalogue" | "fashion" | "lifestyle" | "professional" | "artistic" | "watercolor" | "watercolour" | "oil painting" | "impressionist" | "cubist" | "pencil sketch" | "pencil drawing" | "sketch" | "cartoon" | "anime" | "comic" | "pop art" | "pixel art" | "low poly" | "clay render" | "in the style of" | "van gogh" | "starry night style" | "black and white" | "monochrome" | "sepia" | "film grain" | "bokeh" | "shallow depth of field" | "depth of field" | "still life" | "8k" | "4k" | "hdr" | "uhd" | "octane render" | "unreal engine" | "ray traced" | "highly detailed" | "detailed" | "sharp focus" | "high resolution" | "high quality" | "award winning" | "masterpiece" | "trending on artstation" | "kodak portra" | "dslr" | "85mm" | "50mm" | "35mm" | "e commerce" | "ecommerce" | "dreamy" | "whimsical" | "playful" | "classic" | "wabi sabi" | "mid century" | "mid century modern" | "art deco" | "bauhaus" | "traditional" | "contemporary" | "product" | "food" | "watercolor style";
    M::Picture => "photo" | "photograph" | "photography" | "picture" | "image" | "shot" | "render" | "rendering" | "3d render" | "illustration" | "drawing" | "painting" | "view" | "scene" | "portrait" | "composition" | "product photo" | "product photography" | "product shot" | "food photography" | "stock photo" | "advertisement" | "ad" | "poster" | "wallpaper" | "snapshot" | "photoshoot" | "beauty shot" | "packshot" | "depiction" | "artwork" | "concept art" | "product photograph" | "editorial photo" | "editorial photograph";
    M::Backdrop => "background" | "backdrop" | "wall" | "walls";

    M::Support(Substance::Wood) => "table" | "tabletop" | "table top" | "coffee table" | "dining table" | "desk" | "kitchen table" | "shelf" | "floor" | "workbench" | "bench top" | "sideboard" | "dresser" | "board" | "cutting board" | "chopping board" | "wooden board" | "bar counter" | "nightstand" | "bedside table" | "floorboards" | "picnic table" | "cafe table" | "deck" | "stage";
    M::Support(Substance::Marble) => "counter" | "countertop" | "counter top" | "kitchen counter" | "worktop" | "vanity top" | "plinth" | "pedestal" | "podium" | "slab" | "altar";
    M::Support(Substance::Linen) => "tablecloth" | "napkin" | "place mat" | "placemat" | "blanket" | "bed sheet" | "sheets" | "bed linen" | "picnic blanket";
    M::Support(Substance::Paper) => "surface" | "ground" | "platform" | "base" | "top";
    M::Support(Substance::Steel) => "tray" | "plate of metal" | "sheet metal";

    M::Filling(Filling::Coffee) => "coffee" | "espresso" | "black coffee" | "americano" | "hot coffee";
    M::Filling(Filling::Cocoa) => "latte" | "cappuccino" | "cocoa" | "hot chocolate" | "mocha" | "flat white";
    M::Filling(Filling::Tea) => "tea" | "green tea" | "black tea" | "hot tea" | "whiskey" | "whisky" | "beer" | "honey" | "matcha";
    M::Filling(Filling::Milk) => "milk" | "yogurt";
    M::Filling(Filling::Water) => "water";
    M::Filling(Filling::RedWine) => "red wine" | "wine";
    M::Filling(Filling::WhiteWine) => "white wine" | "champagne";
    M::Filling(Filling::Juice) => "juice" | "orange juice" | "lemonade" | "soup";

    M::Part => "handle" | "handles" | "lid" | "rim" | "leg" | "legs" | "steam" | "reflection" | "reflections" | "shadow" | "shadows" | "logo" | "label" | "texture" | "pattern" | "stripes" | "dots" | "petals" | "leaves" | "details" | "accents" | "straps" | "buttons" | "text" | "bubbles" | "smoke" | "drops" | "water drops" | "droplets";

    M::Link(Link::To(Relation::On)) => "on" | "on top of" | "atop" | "upon" | "onto" | "standing on" | "sitting on" | "resting on" | "placed on" | "lying on" | "over" | "on a piece of";
    M::Link(Link::To(Relation::Beside)) => "beside" | "next to" | "near" | "by" | "alongside" | "close to" | "adjacent to" | "around" | "surrounded by" | "among";
    M::Link(Link::To(Relation::LeftOf)) => "to the left of" | "left of" | "on the left of";
    M::Link(Link::To(Relation::RightOf)) => "to the right of" | "right of" | "on the right of";
    M::Link(Link::To(Relation::Behind)) => "behind" | "in back of";
    M::Link(Link::To(Relation::InFrontOf)) => "in front of" | "before";
    M::Link(Link::To(Relation::Under)) => "under" | "below" | "beneath" | "underneath";
    M::Link(Link::And) => "and" | "plus" | "together with" | "along with" | "as well as" | "accompanied by";
    M::Link(Link::With) => "with" | "filled with" | "full of" | "containing" | "featuring";
    M::Link(Link::Without) => "without" | "no" | "not" | "excluding";
    M::Link(Link::Of) => "of";
    M::Link(Link::In) => "in" | "inside" | "within" | "at" | "from" | "under a" | "into";
    M::Link(Link::Against) => "against" | "in front of a wall";

    M::Filler => "a" | "an" | "the" | "this" | "that" | "its" | "my" | "your" | "our" | "his" | "her" | "their" | "very" | "really" | "nice" | "beautiful" | "gorgeous" | "lovely" | "pretty" | "perfect" | "stunning" | "amazing" | "cute" | "fancy" | "simple" | "plain" | "clean" | "new" | "old" | "fresh" | "is" | "are" | "be" | "being" | "which" | "please" | "make" | "me" | "create" | "generate" | "show" | "draw" | "want" | "i" | "style" | "styled" | "like" | "colour" | "color" | "hue" | "tone" | "tones" | "shade" | "material" | "finish" | "made" | "out" | "some kind" | "kind" | "standing" | "sitting" | "lying" | "resting" | "placed" | "set" | "there" | "it" | "as" | "to" | "for" | "empty" | "hot" | "cold" | "warm" | "soft" | "lit" | "light" | "lighting" | "lights" | "sky" | "day" | "time" | "elegant looking" | "looking" | "round" | "square" | "thin" | "thick" | "delicious" | "ripe" | "freshly" | "baked" | "hanging" | "isolated" | "centered" | "centred" | "focus" | "piece" | "handmade" | "hand made" | "antique" | "comfortable" | "expensive" | "cheap" | "stylish" | "sleek" | "smooth" | "tasty" | "ultra" | "super" | "so" | "quality" | "camera" | "lens" | "left" | "right" | "corner" | "middle" | "center" | "centre" | "air" | "upright";
};
