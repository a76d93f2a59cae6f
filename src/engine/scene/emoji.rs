//! Emoji as words: a prompt may draw what it names.

/// Each with the words that it stands for; a prompt reads as if they had been written.
const NAMES: &[(char, &str)] = &[
    ('\u{2615}', "cup of coffee"), ('🍵', "cup of tea"), ('🫖', "teapot"), ('🍷', "glass of red wine"), ('🍺', "beer mug"),
    ('🍻', "two beer mugs"), ('🥂', "two champagne glasses"), ('🍾', "champagne bottle"), ('🥛', "glass of milk"),
    ('🥃', "whiskey glass"), ('🍸', "cocktail"), ('🍹', "cocktail"), ('🧃', "juice box"), ('🍼', "baby bottle"),
    ('🍎', "red apple"), ('🍏', "green apple"), ('🍐', "pear"), ('🍊', "tangerine"), ('🍋', "lemon"), ('🍌', "banana"),
    ('🍇', "grapes"), ('🍓', "strawberry"), ('🍒', "cherry"), ('🍑', "peach fruit"), ('🍍', "pineapple"), ('🥝', "kiwi"),
    ('🍅', "tomato"), ('🥕', "carrot"), ('🌽', "corn"), ('🥑', "avocado"), ('🍞', "bread"), ('🥐', "croissant"),
    ('🥖', "baguette"), ('🧀', "cheese"), ('🍕', "pizza"), ('🍔', "burger"), ('🌭', "hot dog"), ('🍟', "french fries"),
    ('🍩', "donut"), ('🍪', "cookie"), ('🎂', "birthday cake"), ('🍰', "cake"), ('🧁', "cupcake"), ('🍫', "chocolate"),
    ('🍦', "ice cream"), ('🥚', "egg"), ('🍳', "fried egg"), ('🥗', "salad"), ('🍜', "ramen"), ('🍣', "sushi"),
    ('🐱', "cat"), ('🐈', "cat"), ('🐶', "dog"), ('🐕', "dog"), ('🐴', "horse"), ('🐎', "horse"), ('🐔', "chicken"),
    ('🦌', "deer"), ('🐮', "cow"), ('🐄', "cow"), ('🐷', "pig"), ('🐑', "sheep"), ('🐰', "rabbit"), ('🐇', "rabbit"),
    ('🐻', "bear"), ('🐼', "panda"), ('🦊', "fox"), ('🐺', "wolf"), ('🦁', "lion"), ('🐯', "tiger"), ('🐘', "elephant"),
    ('🦒', "giraffe"), ('🐭', "mouse"), ('🐦', "bird"), ('🦉', "owl"), ('🦆', "duck"), ('🐧', "penguin"), ('🐸', "frog"),
    ('🐢', "turtle"), ('🐟', "fish"), ('🐙', "octopus"), ('🦋', "butterfly"), ('🐝', "bee"), ('🐞', "ladybug"),
    ('🚗', "car"), ('🚙', "suv"), ('🏎', "sports car"), ('🚕', "taxi"), ('🚌', "bus"), ('🚚', "truck"), ('🚛', "truck"),
    ('🚜', "tractor"), ('🚲', "bicycle"), ('🏍', "motorcycle"), ('🛵', "scooter"), ('🚂', "train"), ('✈', "airplane"),
    ('🚁', "helicopter"), ('🚀', "rocket"), ('⛵', "sailing boat"), ('🚢', "ship"), ('🎈', "balloon"),
    ('🛋', "sofa"), ('🪑', "chair"), ('🛏', "bed"), ('🚪', "door"), ('🪞', "mirror"), ('🚽', "toilet"), ('🚿', "shower"),
    ('🕯', "candle"), ('💡', "light bulb"), ('🏮', "paper lantern"), ('📺', "television"), ('💻', "laptop"), ('📱', "phone"),
    ('⌚', "watch"), ('📷', "camera"), ('🎧', "headphones"), ('🎸', "guitar"), ('🎹', "piano"), ('🎻', "violin"),
    ('🥁', "drum"), ('🎺', "trumpet"), ('📚', "stack of books"), ('📖', "book"), ('📕', "red book"), ('📘', "blue book"),
    ('📗', "green book"), ('✂', "scissors"), ('🔑', "key"), ('🔨', "hammer"), ('☂', "umbrella"), ('☔', "umbrella"),
    ('👜', "handbag"), ('💼', "briefcase"), ('🎒', "backpack"), ('👟', "sneakers"), ('👞', "shoes"), ('👠', "high heels"),
    ('👢', "boots"), ('👓', "glasses"), ('🕶', "sunglasses"), ('🎩', "top hat"), ('👑', "crown"), ('💍', "ring"),
    ('💎', "diamond"), ('🎁', "gift box"), ('🧸', "teddy bear"), ('🎲', "dice"), ('🃏', "playing cards"), ('🧩', "puzzle"),
    ('⚽', "soccer ball"), ('🏀', "basketball"), ('🎾', "tennis ball"), ('🎳', "bowling ball"), ('🏆', "trophy"),
    ('🌹', "rose"), ('🌷', "tulip"), ('🌻', "sunflower"), ('🌸', "cherry blossom"), ('💐', "bouquet"), ('🌵', "cactus"),
    ('🌴', "palm tree"), ('🌲', "pine tree"), ('🌳', "tree"), ('🪴', "potted plant"), ('🍄', "mushroom"), ('🪨', "rock"),
    ('🏠', "a house"), ('🏡', "a house"), ('🏰', "a castle"), ('👩', "woman"), ('👨', "man"), ('👧', "girl"), ('👦', "boy"),
    ('👶', "baby"), ('🤖', "robot"), ('👻', "ghost"), ('💀', "skull"), ('⛄', "snowman"), ('🎃', "pumpkin"),
    ('🌅', ", sunrise ,"), ('🌇', ", sunset ,"), ('🌃', ", night ,"), ('🌙', ", moonlight ,"), ('🌞', ", sunny ,"), ('☀', ", sunny ,"),
    ('🌧', ", rain ,"), ('🌫', ", fog ,"), ('❄', ", falling snow ,"), ('🏖', ", on the beach ,"), ('🏔', ", snowy mountain ,"),
    ('🏜', ", desert ,"), ('🎨', ", painting ,"), ('🔴', "red ball"), ('🔵', "blue ball"), ('🟢', "green ball"), ('🟡', "yellow ball"),
];

/// The text with every emoji that is known as its words and every other sign outside of scripts as a space.
pub(super) fn spell(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for c in text.chars() {
        match NAMES.iter().find(|(emoji, _)| *emoji == c) {
            Some((_, words)) => {
                spelt.push(' ');
                spelt.push_str(words);
                spelt.push(' ');
            }
            None if c.is_control() && c != '\n' => spelt.push(' '),
            None => spelt.push(c),
        }
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_read_as_their_names() {
        assert_eq!(spell("a 🐱 on a🛋\u{fe0f}!").split_whitespace().collect::<Vec<_>>().join(" "), "a cat on a sofa \u{fe0f}!");
        assert_eq!(spell("plain"), "plain");
    }

    #[test]
    fn no_emoji_is_named_twice() {
        for (i, (emoji, _)) in NAMES.iter().enumerate() {
            assert!(!NAMES[..i].iter().any(|(other, _)| other == emoji), "{emoji}");
        }
    }
}
