//! Tests on how prompts are read.

use super::{
    catalogue::Catalogue,
    lexicon::{Angle, Distance, Filling, Lighting, Place, Relation, Size, Substance},
    plan::{Cover, Placement, ScenePlan},
};

fn bytes() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/scene/scene.pack")).unwrap()
}

fn read(prompt: &str) -> ScenePlan {
    let data = bytes();
    ScenePlan::read(prompt, &Catalogue::open(&data).unwrap())
}

fn entries(plan: &ScenePlan) -> Vec<&str> {
    plan.subjects.iter().map(|s| s.entry.as_str()).collect()
}

#[test]
fn the_editorial_cup_is_exactly_that() {
    let plan = read("Editorial product photo of a ceramic cup on brushed steel");
    assert_eq!(entries(&plan), ["shape:cup"]);
    assert_eq!(plan.subjects[0].substance, Some(Substance::Ceramic));
    assert_eq!((plan.subjects[0].count, plan.subjects[0].color), (1, None));
    assert_eq!(plan.surface, Some(Cover { substance: Some(Substance::BrushedSteel), color: None }));
    assert_eq!(plan.styles, ["editorial"]);
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
}

#[test]
fn a_cup_on_a_table_is_not_a_table_on_a_cup() {
    let cup = read("a cup on a wooden table");
    assert_eq!(entries(&cup), ["shape:cup"]);
    assert_eq!(cup.surface.unwrap().substance, Some(Substance::Wood));
    let table = read("a table on a cup");
    assert_eq!(entries(&table), ["oak-table", "shape:cup"]);
    assert_eq!(table.placements, [Placement { subject: 0, relation: Relation::On, to: 1 }]);
    assert_eq!(table.surface, None);
}

#[test]
fn modifiers_belong_to_their_own_noun() {
    let plan = read("a red leather sofa and two small blue vases beside it, black and white, at sunset");
    assert_eq!(entries(&plan), ["chesterfield-sofa", "shape:vase"]);
    assert_eq!(plan.subjects[0].color, Some([196, 30, 36]));
    assert_eq!(
        (plan.subjects[1].count, plan.subjects[1].size, plan.subjects[1].color),
        (2, Size::Small, Some([38, 88, 180]))
    );
    assert_eq!(plan.lighting, Some(Lighting::Sunset));
    assert_eq!(plan.styles, ["black and white"]);
    let plan = read("a black and gold vase on pink marble");
    assert_eq!(plan.subjects[0].color, Some([20, 20, 22]));
    assert_eq!(plan.subjects[0].substance, Some(Substance::Gold));
    assert_eq!(plan.surface, Some(Cover { substance: Some(Substance::Marble), color: Some([240, 168, 184]) }));
}

#[test]
fn counts_and_relations_are_read() {
    let plan = read("three apples in a bowl");
    assert_eq!(entries(&plan), ["shape:apple", "shape:bowl"]);
    assert_eq!(plan.subjects[0].count, 3);
    assert_eq!(plan.placements[0].relation, Relation::On);
    let plan = read("a bowl of lemons");
    assert_eq!(plan.placements, [Placement { subject: 1, relation: Relation::On, to: 0 }]);
    assert_eq!(plan.subjects[1].count, 3);
    assert_eq!(read("a lamp behind an armchair").placements[0].relation, Relation::Behind);
    assert_eq!(read("a chair in front of a piano").placements[0].relation, Relation::InFrontOf);
    assert_eq!(read("a pair of shoes").subjects[0].count, 1);
    assert_eq!(read("99 bottles, several mugs").subjects[1].count, 4);
    assert!(read("a stack of books").subjects[0].piled);
}

#[test]
fn ambiguous_words_mean_what_their_place_says() {
    assert_eq!(entries(&read("an orange on a plate")), ["shape:orange", "shape:plate"]);
    assert_eq!(read("an orange chair").subjects[0].color, Some([236, 112, 24]));
    assert_eq!(entries(&read("a glass of water")), ["shape:tumbler"]);
    assert_eq!(read("a glass of water").subjects[0].filling, Some(Filling::Water));
    assert_eq!(read("a glass vase").subjects[0].substance, Some(Substance::Glass));
    let plan = read("coffee on a marble counter");
    assert_eq!((entries(&plan), plan.subjects[0].filling), (vec!["shape:cup"], Some(Filling::Coffee)));
    assert_eq!(plan.surface.unwrap().substance, Some(Substance::Marble));
    assert_eq!(read("a mug with tea").subjects[0].filling, Some(Filling::Tea));
}

#[test]
fn light_camera_place_and_backdrop_are_read() {
    let plan = read("Close-up of a teddy bear on the beach, golden hour, low angle");
    assert_eq!((plan.distance, plan.angle, plan.place), (Distance::CloseUp, Angle::Low, Place::Beach));
    assert_eq!(plan.lighting, Some(Lighting::GoldenHour));
    let plan = read("top-down flat lay of scissors on a pink background, studio lighting");
    assert_eq!((plan.angle, plan.lighting), (Angle::TopDown, Some(Lighting::Studio)));
    assert_eq!(plan.backdrop.unwrap().color, Some([240, 168, 184]));
    let plan = read("a sofa in a living room at night");
    assert_eq!((plan.place, plan.lighting), (Place::Room, Some(Lighting::Night)));
    assert_eq!(read("a vase against a green wall").backdrop.unwrap().color, Some([52, 140, 66]));
}

#[test]
fn what_cannot_be_depicted_is_said() {
    let said = |prompt: &str, word: &str| {
        let plan = read(prompt);
        assert!(plan.warnings.iter().any(|w| w.contains(word)), "{prompt}: {:?}", plan.warnings);
        plan
    };
    assert_eq!(entries(&said("a cat on a sofa", "stands in")), ["teddy-bear", "fabric-sofa"]);
    assert_eq!(entries(&said("an iPhone on slate", "brands")), ["shape:phone"]);
    assert_eq!(entries(&said("a teapto on wood", "teapot")), ["shape:teapot"]);
    assert_eq!(entries(&said("a frobnicator on wood", "frobnicator")), ["shape:sphere"]);
    assert_eq!(entries(&said("a cup without a saucer", "saucer")), ["shape:cup"]);
}

#[test]
fn any_text_gives_a_plan() {
    let long = "on of with a the red and, ".repeat(20);
    let hostile = [
        "",
        " ",
        "a",
        "the of on",
        "☕🛋️",
        "чашка на столе",
        "一个杯子",
        ",,,,",
        "red",
        "on",
        "steel",
        "\u{0}\u{7f}\u{202e}",
        "'; DROP TABLE jobs;--",
        "on on on on",
        "of of cup of of",
        "without",
        "no cup",
        "ﬁ ǅ ß İstanbul",
        "-----",
        "{}[]<>",
        "a a a a a a a a a",
        "1 2 3 4 5 6",
        &long,
    ];
    for prompt in hostile {
        let plan = read(prompt);
        assert!(!plan.subjects.is_empty() && plan.subjects.len() <= ScenePlan::MAX_SUBJECTS, "{prompt}");
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<ScenePlan>(&text).unwrap(), plan);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]
    #[test]
    fn random_words_never_panic(words in proptest::collection::vec("cup|table|on|of|red|glass|orange|wall|two|with|in|,|night|wine|stone|the|chairs|xqz|water|and|photo|behind|no", 0..24)) {
        static DATA: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(bytes);
        static CATALOGUE: std::sync::LazyLock<Catalogue<'static>> = std::sync::LazyLock::new(|| Catalogue::open(&DATA).unwrap());
        let plan = ScenePlan::read(&words.join(" "), &CATALOGUE);
        proptest::prop_assert!(!plan.subjects.is_empty());
        let staged = super::stage::stage(&plan, &CATALOGUE, 3, 1.0).unwrap();
        let camera = &staged.world.camera;
        proptest::prop_assert!(camera.position.is_finite() && camera.target.is_finite() && camera.aperture_radius > 0.0);
        proptest::prop_assert!(staged.world.meshes.iter().all(|m| m.material < staged.world.materials.len()));
    }
}
