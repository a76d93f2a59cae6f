//! Words for things that the pack does not name itself: names of the procedural shapes, what stands in for common
//! things that are in neither. Only tables.

use super::shapes::Shape;

/// Names of the procedural shapes; they win over models of the same name.
pub(super) const SHAPES: &[(Shape, &[&str])] = &[
    (Shape::Cup, &["cup", "teacup", "tea cup", "espresso cup", "coffee cup", "cup of coffee", "cup of tea", "chai", "demitasse"]),
    (Shape::Mug, &["mug", "coffee mug", "tea mug", "travel mug"]),
    (Shape::Bowl, &["bowl", "salad bowl", "fruit bowl", "soup bowl", "cereal bowl", "basin", "ramen bowl"]),
    (Shape::Vase, &["vase", "flower vase", "urn", "amphora", "pottery", "pot", "flower pot", "flowerpot", "jug", "pitcher", "carafe"]),
    (Shape::Bottle, &["bottle", "wine bottle", "bottle of wine", "glass bottle", "beer bottle", "water bottle", "champagne bottle", "olive oil", "oil bottle", "bottle of champagne", "bottle of water"]),
    (Shape::Plate, &["plate", "dinner plate", "dish", "platter", "dessert plate"]),
    (Shape::WineGlass, &["wine glass", "wineglass", "glass of wine", "goblet", "glass of red wine", "glass of white wine", "champagne glass", "glass of champagne", "chalice"]),
    (Shape::Tumbler, &["glass", "tumbler", "drinking glass", "water glass", "glass of water", "glass of milk", "glass of juice", "whiskey glass", "whisky glass", "glass of orange juice", "drink", "whiskey", "glass of whiskey", "glass of lemonade", "lemonade", "smoothie"]),
    (Shape::Teapot, &["teapot", "tea pot", "kettle", "coffee pot"]),
    (Shape::Candle, &["candle", "pillar candle", "scented candle", "candlestick"]),
    (Shape::Sphere, &["sphere", "ball", "orb", "bead", "pearl", "marble ball", "bowling ball"]),
    (Shape::Cube, &["cube", "block", "ice cube", "brick block"]),
    (Shape::Cylinder, &["cylinder", "column", "pillar", "can", "tin can", "drum", "soda can"]),
    (Shape::Cone, &["cone", "pyramid", "traffic cone"]),
    (Shape::Torus, &["torus", "tire", "tyre"]),
    (Shape::Ring, &["ring", "wedding ring", "engagement ring", "bracelet", "bangle", "jewelry", "jewellery"]),
    (Shape::Book, &["book", "notebook", "novel", "diary", "journal", "bible", "dictionary", "hardcover", "textbook", "magazine issue"]),
    (Shape::Box, &["box", "gift box", "gift", "present", "packet", "jewelry box", "shoebox", "packaging", "carton box"]),
    (Shape::Apple, &["apple", "fruit", "plum", "nectarine"]),
    (Shape::Orange, &["orange fruit", "tangerine", "mandarin", "clementine", "grapefruit", "citrus", "orange"]),
    (Shape::Lemon, &["lemon", "lime fruit", "citron"]),
    (Shape::Pear, &["pear", "fig", "quince"]),
    (Shape::Egg, &["egg", "easter egg"]),
    (Shape::Perfume, &["perfume", "perfume bottle", "fragrance", "cologne", "bottle of perfume", "eau de parfum", "fragrance bottle", "perfume flask"]),
    (Shape::Jar, &["jar", "jam jar", "honey jar", "mason jar", "jar of honey", "jar of jam", "spice jar", "glass jar", "cookie jar"]),
    (Shape::Phone, &["phone", "smartphone", "mobile phone", "cell phone", "cellphone", "tablet", "smart phone", "mobile"]),
    (Shape::FloorLamp, &["floor lamp", "standing lamp"]),
    (Shape::Fireplace, &["fireplace", "hearth", "mantelpiece"]),
    (Shape::Tray, &["tray", "serving tray"]),
    (Shape::Balloon, &["balloon", "party balloon", "helium balloon"]),
    (Shape::HotAirBalloon, &["hot air balloon", "air balloon"]),
    (Shape::Banana, &["banana", "plantain"]),
    (Shape::Plinth, &["plinth", "pedestal", "podium", "dais", "display stand", "display block", "display plinth", "museum plinth"]),
    (Shape::CitrusSlice, &["lemon slice", "slice of lemon", "lime slice", "slice of lime", "orange slice", "slice of orange", "lemon wedge", "lime wedge", "citrus slice", "wedge of lemon", "wedge of lime"]),
    (Shape::Umbrella, &["open umbrella", "opened umbrella", "opened up umbrella"]),
    (Shape::Headphones, &["headphones", "headphone", "headset", "head phones", "over ear headphones", "earphones"]),
    (Shape::Laptop, &["laptop", "laptop computer", "computer", "notebook computer", "pc"]),
];

/// Things of which one has two: named in the plural without a number they are a pair.
const PAIRED: &[&str] = &[
    "sneaker", "shoe", "boot", "running shoe", "trainer", "sandal", "slipper", "heel", "loafer", "glove", "mitten", "earring", "sock", "ski",
    "chopstick", "cymbal", "maraca", "moccasin", "flip flop", "ballet shoe", "ice skate", "roller skate", "hiking boot", "drumstick",
];

/// Whether `words` name such a thing, in the singular or plural.
pub(super) fn comes_in_pairs(words: &str) -> bool {
    let one = words.strip_suffix('s').unwrap_or(words);
    PAIRED.iter().any(|name| one == *name || one.strip_suffix(name).is_some_and(|front| front.ends_with(' ')))
}

/// Common things that are in neither, and the name of what comes nearest.
pub(super) const NEAREST: &[(&str, &[&str])] = &[
    ("horse", &["cow", "donkey", "zebra", "unicorn", "camel animal", "mule", "goat", "sheep", "bull", "giraffe"]),
    ("deer figurine", &["elk", "moose", "antelope", "gazelle", "sculpture", "trophy", "animal", "award", "fox", "wolf"]),
    ("teddy bear", &["cat", "dog", "golden retriever", "kitten", "puppy", "rabbit", "bunny", "panda", "monkey", "lion", "tiger", "elephant", "pet", "hamster", "koala", "mouse", "raccoon", "baby", "child", "creature", "monster"]),
    ("chicken", &["duck", "goose", "owl", "eagle", "parrot", "penguin", "turkey", "pigeon", "swan", "crow"]),
    ("wooden doll", &["person", "man", "woman", "girl", "boy", "robot", "astronaut", "human", "people", "king", "queen", "knight", "soldier", "wizard", "model", "puppet", "statue of liberty", "character"]),
    ("truck", &["car", "bus", "van", "vehicle", "train", "tractor", "automobile", "sports car", "suv", "ambulance", "taxi"]),
    ("toy motorbike", &["bicycle", "scooter", "moped"]),
    ("toy biplane", &["helicopter", "rocket", "spaceship", "drone", "jet", "spacecraft", "ufo"]),
    ("perfume bottle", &["lipstick", "makeup", "nail polish", "serum", "cosmetic bottle", "essential oil"]),
    ("cosmetics jar", &["cosmetic product", "cream product", "ointment"]),
    ("smartphone", &["camera", "watch", "smartwatch", "calculator", "gadget", "device", "remote", "wallet", "passport", "credit card"]),
    ("television", &["display", "computer monitor", "projector", "cinema"]),
    ("speaker", &["radio", "amplifier", "microphone", "record player", "turntable"]),
    ("electric guitar", &["violin", "cello", "ukulele", "banjo", "acoustic guitar", "instrument", "harp"]),
    ("grand piano", &["keyboard", "organ", "synthesizer"]),
    ("bread", &["burger", "hamburger", "cheese", "croissant", "pizza", "pie", "food", "meal", "breakfast", "bun"]),
    ("cupcake", &["ice cream", "cookie", "chocolate", "candy", "brownie", "pancake", "pancakes", "tart", "pudding", "sweets", "sundae"]),
    ("apple", &["strawberry", "berry", "grape", "grapes", "pomegranate", "vegetable", "pepper", "onion", "potato", "blueberry"]),
    ("lemon", &["banana", "mango", "pineapple", "melon", "papaya", "kiwi"]),
    ("orchid", &["bouquet", "sunflower", "peony", "blossoms", "roses", "tulips", "lilies", "hydrangea"]),
    ("potted plant", &["fern", "monstera", "ficus", "shrub"]),
    ("small tree", &["pine tree", "christmas tree", "oak tree", "cherry tree", "maple tree", "apple tree"]),
    ("stone lantern", &["temple", "tower", "castle", "church", "cathedral", "house", "home model", "palace", "windmill", "barn", "mosque", "arch", "tent", "igloo", "house model", "monument", "skyscraper", "building", "lighthouse", "hut", "cabin", "cottage"]),
    ("rock", &["cliff", "gem", "diamond", "gemstone", "crystal rock", "meteorite", "volcano", "fossil"]),
    ("box", &["drawer box", "case", "safe", "toolbox", "lunchbox", "basket"]),
    ("headphones", &["earbuds", "glasses", "sunglasses", "helmet", "goggles"]),
    ("umbrella", &["sword", "cane", "broom", "walking stick"]),
    ("scissors", &["hammer", "screwdriver", "wrench", "tool", "pliers", "spoon", "fork", "cutlery", "chopsticks", "key", "keys", "pen", "pencil"]),
    ("table lamp", &["light bulb", "bulb", "torch", "flashlight"]),
    ("ankle boots", &["footwear", "loafers", "oxfords", "trainers", "hat", "cap", "clothing", "shirt", "dress", "jacket"]),
    ("armchair", &["throne", "seat", "beanbag", "ottoman", "pouf", "rocking chair"]),
    ("basketball", &["football", "soccer ball", "volleyball", "tennis ball", "baseball"]),
    ("vase", &["fountain", "flask", "decanter", "thermos", "lampshade"]),
    ("box", &["sponge", "toaster", "microwave", "printer", "battery"]),
    ("long table", &["workbench table", "ping pong table"]),
];
