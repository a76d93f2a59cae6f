//! Words of the picture as a whole: light, time, weather, camera, place, style and mood.

use super::{Angle, Distance, Lighting, Meaning as M, Medium, Mood, Place, Row, Substance, Time, Weather};

pub(super) const WORDS: &[Row] = super::rows! {
    M::Lighting(Lighting::Studio) => "studio light" | "studio lighting" | "softbox" | "studio lit" | "professional lighting" | "three point lighting";
    M::Lighting(Lighting::Soft) => "soft light" | "soft lighting" | "diffuse light" | "diffused light" | "gentle light" | "soft shadows" | "soft diffused light" | "even lighting" | "softly lit";
    M::Lighting(Lighting::Window) => "window light" | "by the window" | "natural light" | "natural lighting" | "by a window" | "near a window" | "next to a window" | "soft window light" | "soft natural light";
    M::Lighting(Lighting::Daylight) => "daylight" | "hard light" | "hard shadows" | "outdoors" | "outside" | "harsh light";

    M::Lighting(Lighting::GoldenHour) => "warm light" | "warm lighting" | "warm sunlight" | "golden light";

    M::Lighting(Lighting::BlueHour) => "cold light" | "cool light" | "cool lighting";

    M::Lighting(Lighting::Candlelight) => "fireplace" | "candlelight" | "candle light" | "by the fire" | "campfire" | "firelit" | "lamplight" | "by lamplight" | "candlelit" | "firelight" | "by candlelight" | "fireside";
    M::Lighting(Lighting::Neon) => "neon" | "neon light" | "neon lights" | "neon lighting" | "neon lit" | "neon glow" | "neon reflections" | "neon signs" | "neon sign" | "cyberpunk" | "synthwave" | "vaporwave" | "nightclub" | "disco" | "disco lights" | "led lights";
    M::Lighting(Lighting::Dramatic) => "dramatic light" | "dramatic lighting" | "low key" | "low key lighting" | "chiaroscuro" | "chiaroscuro lighting" | "spotlight" | "cinematic lighting" | "rim light" | "rim lighting" | "film noir" | "moody lighting" | "moody light" | "side light" | "side lighting" | "side lit" | "dramatic shadows" | "single light source" | "harsh shadows" | "dramatic rim light" | "stage light" | "spotlit";
    M::Lighting(Lighting::HighKey) => "high key" | "high key lighting" | "well lit" | "bright light" | "bright lighting" | "brightly lit";
    M::Lighting(Lighting::Backlit) => "backlit" | "back light" | "backlight" | "backlighting" | "contre jour" | "silhouette";

    M::Time(Time::Dawn) => "dawn" | "at dawn" | "sunrise" | "at sunrise" | "daybreak" | "early morning" | "first light";
    M::Time(Time::Morning) => "morning" | "in the morning" | "morning light" | "soft morning light" | "morning sun" | "sunny morning" | "morning sunlight" | "this morning" | "warm morning light";
    M::Time(Time::Noon) => "midday" | "noon" | "at noon" | "daytime" | "by day" | "in the daytime" | "during the day";
    M::Time(Time::Afternoon) => "afternoon" | "in the afternoon" | "late afternoon" | "afternoon light" | "afternoon sun" | "late afternoon light";
    M::Time(Time::Evening) => "evening" | "in the evening" | "evening light" | "evening sun" | "warm evening light" | "golden hour" | "at golden hour" | "the golden hour";
    M::Time(Time::Sunset) => "sunset" | "at sunset" | "setting sun" | "orange sky" | "sundown" | "sunset light" | "sunset sky" | "red sky" | "during sunset";
    M::Time(Time::Dusk) => "dusk" | "at dusk" | "twilight" | "blue hour" | "at twilight" | "gloaming" | "nightfall";
    M::Time(Time::Night) => "night" | "at night" | "nighttime" | "moonlight" | "moonlit" | "midnight" | "night time" | "in the dark" | "starry night" | "starry sky" | "by night" | "at midnight" | "by moonlight" | "night sky" | "night scene" | "under the stars" | "full moon";

    M::Weather(Weather::Clear) => "blue sky" | "sunny" | "sunny day" | "clear sky" | "clear blue sky" | "cloudless" | "sunshine" | "sunlight" | "bright sunlight" | "direct sunlight" | "in the sun" | "bright sunny day" | "summer day" | "summer" | "sunlit";
    M::Weather(Weather::Cloudy) => "overcast" | "cloudy" | "grey sky" | "gray sky" | "clouds" | "cloudy sky" | "cloudy day" | "overcast sky" | "overcast day" | "autumn" | "autumn day";
    M::Weather(Weather::Fog) => "foggy" | "fog" | "misty" | "mist" | "haze" | "hazy" | "in the fog" | "in the mist" | "morning mist" | "morning fog";
    M::Weather(Weather::Rain) => "rainy" | "rain" | "in the rain" | "raining" | "rainy day" | "drizzle" | "heavy rain" | "after the rain" | "rainy night";
    M::Weather(Weather::Snow) => "snowing" | "snowfall" | "falling snow" | "blizzard" | "in a snowstorm" | "snowstorm" | "in the snow" | "snowy day";
    M::Weather(Weather::Storm) => "storm" | "stormy" | "thunderstorm" | "lightning" | "stormy sky" | "dark clouds" | "storm clouds" | "thunder" | "windy";

    M::Mood(Mood::Cosy) => "cozy" | "cosy" | "homely" | "hygge" | "snug" | "inviting" | "warm atmosphere" | "warm and cozy" | "warm and cosy" | "comforting" | "intimate";
    M::Mood(Mood::Dramatic) => "dramatic" | "epic" | "cinematic" | "powerful" | "intense" | "theatrical" | "dramatic mood" | "heroic";
    M::Mood(Mood::Moody) => "moody" | "dark and moody" | "mysterious" | "gloomy" | "gothic" | "eerie" | "spooky" | "sinister" | "ominous" | "haunting" | "creepy" | "brooding" | "dark moody" | "moody atmosphere" | "scary" | "dark academia" | "noir";
    M::Mood(Mood::Airy) => "airy" | "bright and airy" | "light and airy" | "fresh and clean" | "bright and fresh" | "spring" | "springtime" | "spring like" | "ethereal light";
    M::Mood(Mood::Calm) => "serene" | "peaceful" | "tranquil" | "zen" | "zen like" | "calming" | "meditative" | "relaxing" | "quiet" | "soothing" | "spa like" | "wabi sabi" | "japandi" | "contemplative";
    M::Mood(Mood::Romantic) => "romantic" | "sensual" | "valentines" | "valentines day" | "date night" | "wedding" | "loving" | "tender";
    M::Mood(Mood::Playful) => "playful" | "fun" | "cheerful" | "joyful" | "whimsical" | "quirky" | "funny" | "kawaii" | "childlike" | "energetic" | "summery" | "lively";
    M::Mood(Mood::Luxurious) => "luxury" | "luxurious" | "premium" | "opulent" | "glamorous" | "lavish" | "exclusive" | "high end" | "sumptuous" | "regal";
    M::Mood(Mood::Dreamy) => "dreamy" | "ethereal" | "surreal" | "magical" | "fairy tale" | "fairytale" | "dreamlike" | "otherworldly" | "enchanted" | "fantasy" | "mystical";
    M::Mood(Mood::Melancholic) => "melancholic" | "melancholy" | "sad mood" | "lonely" | "wistful" | "nostalgic" | "bleak" | "somber" | "sombre" | "desolate";
    M::Mood(Mood::Festive) => "festive" | "christmas" | "christmassy" | "celebration" | "party" | "halloween" | "holiday" | "birthday" | "new year";
    M::Mood(Mood::Futuristic) => "futuristic" | "sci fi" | "science fiction" | "high tech" | "space age" | "techno";

    M::Medium(Medium::OilPainting) => "oil painting" | "oil paint" | "oil on canvas" | "in oil" | "painted in oil" | "painted" | "as an oil painting" | "in oils" | "oil painting style" | "an oil painting" | "painting" | "a painting";
    M::Medium(Medium::Impressionist) => "impressionist" | "impressionism" | "impressionistic" | "monet" | "claude monet" | "renoir" | "impressionist painting" | "impasto" | "brush strokes" | "brushstrokes";
    M::Medium(Medium::OldMaster) => "old master" | "old masters" | "renaissance" | "baroque" | "rembrandt" | "caravaggio" | "vermeer" | "dutch still life" | "dutch golden age" | "flemish" | "old master painting" | "vanitas" | "renaissance painting" | "baroque painting" | "dutch master";
    M::Medium(Medium::Watercolour) => "watercolor" | "watercolour" | "water color" | "water colour" | "aquarelle" | "watercolor painting" | "watercolour painting" | "watercolor style" | "in watercolor" | "in watercolour" | "a watercolour" | "a watercolor" | "ink wash";
    M::Medium(Medium::Pastel) => "pastel drawing" | "pastel painting" | "chalk drawing" | "chalk pastel" | "soft pastel drawing" | "degas";
    M::Medium(Medium::Gouache) => "gouache" | "storybook illustration" | "childrens book illustration" | "childrens book" | "illustration" | "flat illustration" | "vector illustration" | "digital illustration" | "an illustration" | "vector art" | "digital painting" | "digital art";
    M::Medium(Medium::Acrylic) => "acrylic painting" | "fauvist" | "fauvism" | "matisse" | "acrylic paint";
    M::Medium(Medium::PencilSketch) => "pencil sketch" | "pencil drawing" | "sketch" | "sketched" | "line drawing" | "ink drawing" | "pen and ink" | "ink sketch" | "drawing" | "hand drawn" | "line art" | "doodle" | "engraving" | "etching" | "pencil" | "a sketch" | "a drawing" | "graphite" | "blueprint";
    M::Medium(Medium::ColouredPencil) => "colored pencil" | "coloured pencil" | "crayon" | "crayon drawing" | "colored pencil drawing" | "coloured pencil drawing";
    M::Medium(Medium::Charcoal) => "charcoal drawing" | "charcoal sketch" | "in charcoal";
    M::Medium(Medium::PopArt) => "pop art" | "cartoon" | "comic" | "comic book" | "anime" | "manga" | "warhol" | "lichtenstein" | "comic style" | "cartoon style" | "pop art painting" | "anime style" | "cartoonish" | "cel shaded" | "comic book style" | "pop art style";
    M::Medium(Medium::Cubist) => "cubist" | "cubism" | "picasso" | "cubist painting" | "braque";
    M::Medium(Medium::Expressionist) => "expressionist" | "expressionism" | "munch" | "edvard munch";
    M::Medium(Medium::Pointillist) => "pointillist" | "pointillism" | "seurat";
    M::Medium(Medium::StarryNight) => "van gogh" | "vincent van gogh" | "starry night style" | "post impressionist";
    M::Medium(Medium::UkiyoE) => "ukiyo e" | "hokusai" | "japanese woodblock print" | "japanese print" | "woodblock print";
    M::Medium(Medium::StainedGlass) => "stained glass" | "art nouveau" | "mucha" | "stained glass window style";
    M::Medium(Medium::Mosaic) => "mosaic" | "tapestry" | "byzantine mosaic" | "klimt" | "gustav klimt" | "embroidery";
    M::Medium(Medium::Linocut) => "linocut" | "screen print" | "screenprint" | "risograph" | "stencil" | "graffiti" | "silkscreen" | "letterpress";
    M::Medium(Medium::Woodcut) => "woodcut" | "wood engraving";
    M::Medium(Medium::BlackAndWhite) => "black and white photo" | "black and white photograph" | "black and white photography" | "monochrome" | "greyscale" | "grayscale" | "black white" | "b/w" | "bw" | "in black and white" | "black and white";
    M::Medium(Medium::Sepia) => "sepia" | "sepia tone" | "sepia toned" | "old photograph" | "vintage photo" | "vintage photograph" | "daguerreotype";

    M::Focus(1.8) => "bokeh" | "shallow depth of field" | "blurred background" | "blurry background" | "soft focus" | "selective focus" | "out of focus background" | "depth of field" | "shallow focus" | "blurred" | "background blur";
    M::Focus(16.0) => "deep focus" | "everything in focus" | "deep depth of field" | "sharp throughout" | "tack sharp" | "all in focus";

    M::Angle(Angle::EyeLevel) => "eye level" | "at eye level" | "straight on" | "table level";
    M::Angle(Angle::Low) => "low angle" | "low angle shot" | "ground level" | "seen from below" | "from below" | "worms eye view" | "worm eye view" | "hero shot" | "looking up";
    M::Angle(Angle::Isometric) => "isometric" | "isometric view" | "isometric style" | "orthographic";
    M::Angle(Angle::High) => "high angle" | "from above" | "seen from above" | "looking down" | "45 degree angle";
    M::Angle(Angle::TopDown) => "top down" | "flat lay" | "flatlay" | "overhead" | "top view" | "birds eye view" | "bird eye view" | "knolling" | "overhead shot" | "top down view" | "directly above" | "from directly above";
    M::Angle(Angle::Front) => "front view" | "frontal" | "from the front";
    M::Angle(Angle::Side) => "side view" | "from the side" | "profile view" | "in profile";
    M::Angle(Angle::ThreeQuarter) => "three quarter view" | "three quarters view" | "3/4 view";
    M::Distance(Distance::CloseUp) => "close up" | "closeup" | "macro" | "detail shot" | "extreme close up" | "tight crop" | "close up of" | "macro shot" | "macro photo";
    M::Distance(Distance::Wide) => "wide" | "wide shot" | "wide angle" | "from afar" | "from a distance" | "long shot" | "panorama" | "panoramic" | "full view" | "negative space" | "copy space" | "distant";

    M::Place(Place::Studio) => "studio" | "in a studio" | "photo studio" | "infinity cove" | "cyclorama" | "studio setting";
    M::Place(Place::Room) => "room" | "reading nook" | "nook" | "reading corner" | "living room" | "dining room" | "lobby" | "classroom" | "nursery" | "kids room" | "study" | "salon" | "pub" | "bakery" | "shop" | "store" | "boutique" | "attic" | "basement" | "workshop" | "music room" | "tv room" | "conference room" | "coffee shop" | "empty room" | "white room" | "castle interior" | "cabin interior" | "studio apartment" | "conservatory" | "gym" | "laboratory" | "hospital" | "theater" | "theatre" | "bedroom" | "interior" | "apartment" | "loft" | "office" | "house" | "home" | "indoors" | "lounge" | "hotel room" | "hotel" | "library" | "cafe" | "restaurant" | "diner" | "bar" | "home office" | "interior design" | "hallway";
    M::Place(Place::Kitchen) => "kitchen island" | "farmhouse kitchen" | "kitchenette" | "kitchen" | "kitchen interior";
    M::Place(Place::Bathroom) => "shower room" | "sauna" | "washroom" | "restroom" | "bathroom" | "spa";
    M::Place(Place::Gallery) => "church" | "cathedral" | "temple" | "castle" | "palace" | "gallery" | "white gallery" | "white cube" | "temple interior" | "church interior" | "marble hall" | "hall" | "museum" | "showroom" | "art gallery" | "exhibition";
    M::Place(Place::Meadow) => "meadow" | "garden" | "vineyard" | "orchard" | "lawn chair garden" | "prairie" | "savanna" | "savannah" | "pasture" | "flower field" | "flower meadow" | "grassland" | "valley" | "golf course" | "zen garden" | "garden party" | "park" | "field" | "backyard" | "countryside" | "hill" | "farm" | "in nature" | "nature" | "landscape" | "picnic";
    M::Place(Place::Forest) => "forest" | "woods" | "woodland" | "jungle";
    M::Place(Place::Beach) => "beach" | "seaside" | "shore" | "coast" | "ocean" | "sea" | "seashore" | "coastline" | "by the sea" | "at the beach" | "seafront" | "sandy beach" | "tropical beach" | "island";
    M::Place(Place::Desert) => "desert" | "sahara" | "moon surface" | "lunar surface" | "on mars" | "canyon" | "badlands" | "dunes" | "dune" | "sand dune" | "sand dunes" | "mars";
    M::Place(Place::Terrace) => "terrace" | "patio" | "rooftop" | "balcony" | "porch" | "veranda" | "roof terrace" | "rooftop terrace" | "sun terrace" | "courtyard" | "loggia" | "pool deck" | "roof garden";
    M::Place(Place::Road) => "road" | "highway" | "country road" | "country lane" | "open road" | "dirt road" | "rural road" | "motorway" | "winding road" | "coastal road" | "long road" | "empty road" | "roadside";
    M::Place(Place::MountainRoad) => "mountain road" | "mountain pass" | "alpine road" | "alpine pass" | "mountain highway" | "winding mountain road" | "mountain track";
    M::Place(Place::Street) => "street" | "city street" | "city streets" | "city" | "town" | "racetrack" | "race track" | "bridge" | "crosswalk" | "downtown" | "marketplace" | "market" | "station" | "airport" | "parking garage" | "driveway" | "construction site" | "parking lot" | "urban" | "sidewalk" | "alley" | "plaza" | "garage";
    M::Place(Place::Snowfield) => "winter" | "winter landscape" | "glacier" | "alps" | "mountain top" | "mountaintop" | "north pole" | "antarctica" | "tundra" | "snowfield" | "snowy field" | "snowy landscape" | "mountain" | "mountains" | "arctic" | "ski slope" | "snowy mountain" | "snowy mountains";
    M::Place(Place::Lake) => "lake" | "pond" | "calm lake" | "mountain lake" | "harbor" | "harbour" | "open sea" | "calm water" | "still water" | "waterfall" | "stream" | "marina" | "canal" | "fjord" | "bay" | "lagoon" | "pool" | "swimming pool" | "river" | "water" | "puddle";

    M::Style => "editorial" | "minimalist" | "minimal" | "elegant" | "photorealistic" | "realistic" | "hyperrealistic" | "modern" | "vintage" | "retro" | "rustic" | "scandinavian" | "japanese" | "industrial" | "abstract" | "commercial" | "advertising" | "magazine" | "catalog" | "catalogue" | "fashion" | "lifestyle" | "professional" | "artistic" | "pixel art" | "low poly" | "clay render" | "film grain" | "still life" | "8k" | "4k" | "hdr" | "uhd" | "octane render" | "unreal engine" | "ray traced" | "highly detailed" | "detailed" | "sharp focus" | "high resolution" | "high quality" | "award winning" | "masterpiece" | "trending on artstation" | "kodak portra" | "e commerce" | "ecommerce" | "classic" | "mid century" | "mid century modern" | "art deco" | "bauhaus" | "traditional" | "contemporary" | "product" | "food";
    M::Picture => "photo" | "photograph" | "photography" | "picture" | "image" | "shot" | "render" | "rendering" | "3d render" | "view" | "scene" | "portrait" | "portrait photo" | "portrait photograph" | "portrait shot" | "headshot" | "head shot" | "composition" | "product photo" | "product photography" | "product shot" | "food photography" | "stock photo" | "advertisement" | "ad" | "poster" | "snapshot" | "photoshoot" | "beauty shot" | "packshot" | "depiction" | "artwork" | "concept art" | "product photograph" | "editorial photo" | "editorial photograph";
    M::Backdrop => "background" | "backdrop" | "wall" | "walls" | "seamless background" | "seamless backdrop" | "studio background" | "paper background" | "paper backdrop" | "plain background" | "solid background" | "studio backdrop" | "bg" | "wallpaper";

    M::Support(Substance::Wood) => "windowsill" | "window sill" | "mantelpiece" | "mantel" | "side table" | "end table" | "oak desk" | "wooden desk" | "serving board" | "rustic table" | "sill" | "ledge" | "bar top" | "bar counter" | "table" | "tabletop" | "table top" | "coffee table" | "dining table" | "desk" | "kitchen table" | "shelf" | "floor" | "workbench" | "bench top" | "sideboard" | "dresser" | "board" | "cutting board" | "chopping board" | "wooden board" | "bar counter" | "nightstand" | "bedside table" | "floorboards" | "picnic table" | "cafe table" | "deck" | "stage";
    M::Support(Substance::Marble) => "counter" | "countertop" | "counter top" | "kitchen counter" | "worktop" | "vanity top" | "slab" | "altar";
    M::Support(Substance::Linen) => "tablecloth" | "table cloth" | "table runner" | "bedspread" | "quilt" | "duvet" | "white cloth" | "bedsheets" | "napkin" | "place mat" | "placemat" | "blanket" | "bed sheet" | "sheets" | "bed linen" | "picnic blanket";
    M::Support(Substance::Paper) => "surface" | "desk pad" | "sheet" | "ground" | "platform" | "base" | "top";
    M::Support(Substance::Steel) => "metal tray" | "silver tray" | "baking tray" | "plate of metal" | "sheet metal";
};
