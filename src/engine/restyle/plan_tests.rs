//! What prompts are read as.

use proptest::prelude::*;

use super::*;

/// A plan in few words.
fn told(prompt: &str) -> String {
    let (plan, _) = read(prompt, None, false);
    let words = plan.operations.iter().map(|operation| match operation {
        Operation::Style { blend, strength, keep_colours } => {
            let blend: Vec<String> =
                blend.iter().map(|s| format!("{} {}", s.name, (s.weight * 100.0).round())).collect();
            let kept = if *keep_colours { " kept" } else { "" };
            format!("style[{}]@{}{kept}", blend.join("+"), (strength * 100.0).round())
        }
        Operation::StyleOfPicture { .. } => "like".into(),
        Operation::CutOut { backdrop: Backdrop::Transparent } => "cut".into(),
        Operation::CutOut { backdrop: Backdrop::Colour { name, .. } } => format!("cut on {name}"),
        Operation::BlurBackground => "blur".into(),
        Operation::BlackAndWhite => "bw".into(),
        Operation::Sepia => "sepia".into(),
        Operation::Warmth { amount } => format!("warmth {amount:.1}"),
        Operation::Exposure { stops } => format!("exposure {stops:.1}"),
        Operation::Contrast { amount } => format!("contrast {amount:.1}"),
        Operation::Saturation { amount } => format!("saturation {amount:.1}"),
        Operation::Sharpen { amount } => format!("sharpen {amount:.1}"),
        Operation::Upscale { factor } => format!("x{factor}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn reads_prompts_as_people_mean_them() {
    let table = [
        ("oil painting", "style[oil on canvas 100]@85"),
        ("Turn it into a watercolor painting", "style[watercolour 100]@85"),
        ("make it look like Van Gogh's Starry Night", "style[starry night 100]@85"),
        ("between watercolour and sketch", "style[watercolour 50+ink sketch 50]@85"),
        ("cubist portrait, keep the original colours", "style[cubist lines 100]@85 kept"),
        ("a subtle coloured pencil effect", "style[coloured pencil 100]@50"),
        ("very strong charcoal", "style[charcoal 100]@100"),
        ("charcoal drawing", "style[charcoal 100]@85"),
        ("make it a painting", "style[oil on canvas 100]@85"),
        ("comic book", "style[comic 100]@85"),
        ("remove the background", "cut"),
        ("no background", "cut"),
        ("cut out the person on a white background", "cut on white"),
        ("on a dark blue background", "cut on dark blue"),
        ("change the background to #ff8000", "cut on #ff8000"),
        ("change the background to pink please", "cut on pink"),
        ("don't remove the background, just make it warmer", "warmth 1.0"),
        ("portrait mode", "blur"),
        ("black and white with more contrast", "bw, contrast 0.7"),
        ("less contrast", "contrast -0.5"),
        ("slightly brighter and much cooler", "exposure 0.2, warmth -1.6"),
        ("upscale 4x and sharpen", "x4, sharpen 0.6"),
        ("upscale by 2", "x2"),
        ("watercolour, then cut it out, warmer, 2x", "style[watercolour 100]@85, warmth 1.0, x2, cut"),
        ("sepia, not a sketch", "sepia"),
        ("less saturated", "saturation -0.3"),
    ];
    for (prompt, expected) in table {
        assert_eq!(told(prompt), expected, "{prompt}");
    }
}

#[test]
fn says_what_it_could_not_honour() {
    let (plan, warnings) = read("add a purple hat and a dragon, oil painting", None, false);
    assert_eq!(plan.operations.len(), 1);
    assert!(warnings.len() == 1 && warnings[0].contains("purple, hat, dragon"), "{warnings:?}");
    let (_, warnings) = read("oil painting", None, false);
    assert!(warnings.is_empty(), "{warnings:?}");
    let (plan, warnings) = read("a dog riding a unicorn", None, false);
    assert!(warnings[0].contains("default style, pastel"), "{warnings:?}");
    assert!(warnings[1].contains("unicorn"));
    assert!(matches!(&plan.operations[..], [Operation::Style { blend, .. }] if blend[0].style == 12));
}

#[test]
fn a_second_picture_gives_the_style_unless_the_prompt_does() {
    assert!(matches!(read("", Some(0.4), true).0.operations[..],
        [Operation::StyleOfPicture { strength, .. }] if (strength - 0.4).abs() < 1e-6));
    let (plan, warnings) = read("watercolour", None, true);
    assert!(matches!(plan.operations[..], [Operation::Style { .. }]) && warnings.len() == 1);
}

#[test]
fn hostile_prompts_are_only_words() {
    let long = "watercolour ".repeat(400);
    let endless = "\u{1f600}".repeat(500);
    for prompt in [
        "",
        " ",
        "####",
        "#\u{20ac}\u{20ac}",
        "background",
        "background to",
        "to background",
        "no",
        "x",
        "2x 4x x2",
        "'; DROP TABLE jobs; --",
        "<script>alert(1)</script>",
        "\u{0}\u{202e}gnitniap",
        "\u{130}\u{df}S\u{17f}s",
        long.as_str(),
        endless.as_str(),
    ] {
        let (plan, warnings) = read(prompt, Some(f32::NAN), false);
        assert!(!plan.operations.is_empty() && warnings.iter().all(|w| w.len() < 700), "{prompt:?}");
    }
}

proptest! {
    #[test]
    fn any_prompt_gives_a_plan_that_can_be_stored(prompt in "\\PC{0,200}", strength in proptest::option::of(-2f32..3.0)) {
        let (plan, _) = read(&prompt, strength, false);
        prop_assert!(!plan.operations.is_empty());
        prop_assert!(plan.operations.is_sorted_by_key(Operation::rank));
        for operation in &plan.operations {
            if let Operation::Style { blend, strength, .. } = operation {
                prop_assert!((blend.iter().map(|s| s.weight).sum::<f32>() - 1.0).abs() < 1e-5);
                prop_assert!((0.0..=1.0).contains(strength));
            }
        }
        let stored = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
    }

    #[test]
    fn any_words_in_any_order_give_a_plan(words in proptest::collection::vec(
        proptest::sample::select(vec!["no", "background", "dark", "blue", "to", "sketch", "slightly", "2x", "remove",
            "white", "less", "contrast", "keep", "colours", "#00ff00", "with", "cut", "out"]), 0..14)) {
        let (plan, _) = read(&words.join(" "), None, true);
        prop_assert!(!plan.operations.is_empty());
    }
}

#[test]
fn what_is_no_change_is_left_over() {
    assert!(!leaves_words("make it a watercolour painting, please"));
    assert!(!leaves_words("on a red background"));
    assert!(leaves_words("put this on a marble counter"));
    assert!(!leaves_words(""));
}
