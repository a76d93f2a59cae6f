//! Things stand where the plan says, touch what carries them and run into nobody: judged by boxes and drop heights.

use std::sync::LazyLock;

use super::{
    catalogue::Catalogue,
    copies::{self, Group, Pose},
    footing::Top,
    framing::Bounds,
    layout::{self, Site},
    plan::ScenePlan,
    prop::{self, Prop},
    trace::World,
};
use crate::engine::chance::Chance;

static DATA: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    ["scene/scene.pack", "cards/cards.pack"]
        .map(|pack| std::fs::read(format!("{}/models/{pack}", env!("CARGO_MANIFEST_DIR"))).unwrap())
});
static CATALOGUE: LazyLock<Catalogue<'static>> =
    LazyLock::new(|| Catalogue::open(&[DATA[0].as_slice(), DATA[1].as_slice()]).unwrap());

struct Arranged {
    plan: ScenePlan,
    props: Vec<Prop>,
    groups: Vec<Group>,
    sites: Vec<Site>,
}

impl Arranged {
    fn of(prompt: &str) -> Self {
        let plan = ScenePlan::read(prompt, &CATALOGUE);
        let (mut world, mut chance) = (World::default(), Chance::new(3));
        let make = |s| prop::make(s, plan.angle, &CATALOGUE, &mut world).unwrap();
        let props: Vec<Prop> = plan.subjects.iter().map(make).collect();
        let group = |(s, prop): (_, &Prop)| copies::group((s, true), prop, 28.0 * prop.turn, &mut chance);
        let mut groups: Vec<Group> = plan.subjects.iter().zip(&props).map(group).collect();
        let sites = layout::arrange(&plan, &props, &mut groups);
        Self { plan, props, groups, sites }
    }

    fn index(&self, noun: &str) -> usize {
        self.plan
            .subjects
            .iter()
            .position(|s| s.noun.contains(noun))
            .unwrap_or_else(|| panic!("{noun}: {:?}", self.plan))
    }

    /// The box of every copy of a subject.
    fn copies(&self, i: usize) -> Vec<Bounds> {
        let place = |pose: &Pose| {
            let site = self.sites[i];
            self.props[i].extent(pose.turn).moved(pose.at).scaled(site.scale).moved(site.at)
        };
        self.groups[i].poses.iter().map(place).collect()
    }

    fn bounds(&self, noun: &str) -> Bounds {
        self.copies(self.index(noun)).into_iter().fold(Bounds::EMPTY, Bounds::with)
    }

    fn top(&self, noun: &str) -> Top {
        let i = self.index(noun);
        Top::of(&self.groups[i].poses, &self.props[i], self.sites[i])
    }
}

fn height(b: &Bounds) -> f32 {
    b.high.y - b.low.y
}

#[test]
fn those_beside_each_other_keep_apart_and_stay_near() {
    for (prompt, a, b, axis, sign) in [
        ("a mug to the left of a teapot", "mug", "teapot", 0, -1.0),
        ("a teapot to the right of a mug", "teapot", "mug", 0, 1.0),
        ("a vase behind a bowl", "vase", "bowl", 2, -1.0),
        ("a cup in front of a bottle", "cup", "bottle", 2, 1.0),
        ("a cat in front of a sofa", "cat", "sofa", 2, 1.0),
    ] {
        let scene = Arranged::of(prompt);
        let (a, b) = (scene.bounds(a), scene.bounds(b));
        assert!(!a.overlaps(&b), "{prompt}: {a:?} {b:?}");
        assert!((a.center() - b.center())[axis] * sign > 0.0, "{prompt}");
        let gap = if sign > 0.0 { a.low[axis] - b.high[axis] } else { b.low[axis] - a.high[axis] };
        assert!(gap < 0.6 * a.radius().max(b.radius()), "{prompt}: {gap} cm apart");
        assert!(a.low.y.abs() < 0.5 && b.low.y.abs() < 0.5, "{prompt}: in the air");
    }
}

#[test]
fn what_lies_on_something_touches_it_and_does_not_sink_in() {
    for (prompt, above, below) in [
        ("a cat on a chair", "cat", "chair"),
        ("a teddy bear on a sofa", "bear", "sofa"),
        ("a cup on a book", "cup", "book"),
        ("a red apple on a wooden bench", "apple", "bench"),
        ("two teddy bears on a bed", "bear", "bed"),
    ] {
        let scene = Arranged::of(prompt);
        let (above, top) = (scene.bounds(above), scene.top(below));
        let under = top.highest_beneath(&above).unwrap_or_else(|| panic!("{prompt}: nothing beneath"));
        let tolerance = 0.03 * height(&scene.bounds(below)) + 0.3;
        assert!((above.low.y - under).abs() < tolerance, "{prompt}: at {} over {under}", above.low.y);
    }
}

#[test]
fn a_stack_touches_from_one_to_the_next() {
    let scene = Arranged::of("a stack of five books with an apple on top");
    let mut books = scene.copies(scene.index("book"));
    books.sort_by(|a, b| a.low.y.total_cmp(&b.low.y));
    assert_eq!(books.len(), 5);
    assert!(books.windows(2).all(|w| (w[1].low.y - w[0].high.y).abs() < 0.1), "{books:?}");
    assert!((scene.bounds("apple").low.y - books[4].high.y).abs() < 0.5);
}

#[test]
fn copies_have_room_of_their_own() {
    for count in ["two", "three", "four", "five", "six"] {
        for things in ["mugs", "chairs", "cats", "oranges in a bowl", "red balls in a row"] {
            let scene = Arranged::of(&format!("{count} {things}"));
            let copies = scene.copies(0);
            assert!(copies.len() > 1, "{count} {things}: {:?}", scene.plan);
            for (i, a) in copies.iter().enumerate() {
                for b in &copies[i + 1..] {
                    let shared = a.high.min(b.high) - a.low.max(b.low);
                    // Round things in a ring: their boxes share corners, they themselves don't.
                    let deep = shared.min_element() > 0.35 * (a.high - a.low).min_element()
                        && a.center().distance(b.center()) < 0.9 * (a.high - a.low).min_element();
                    assert!(!deep, "{count} {things}: {a:?} {b:?}");
                }
            }
        }
    }
}

#[test]
fn fruit_lies_in_its_bowl_and_the_bowl_is_large_enough() {
    let scene = Arranged::of("three red apples and two green pears in a wooden bowl");
    let bowl = scene.bounds("bowl");
    for i in ["apple", "pear"].map(|noun| scene.index(noun)) {
        for item in scene.copies(i) {
            let middle = item.center();
            assert!(middle.x > bowl.low.x && middle.x < bowl.high.x && middle.z > bowl.low.z && middle.z < bowl.high.z);
            assert!(item.low.y > bowl.low.y && item.low.y < bowl.high.y, "{item:?} {bowl:?}");
        }
    }
}

#[test]
fn under_a_table_is_beneath_it_and_beside_its_legs() {
    let scene = Arranged::of("a cat under a long table");
    let (cat, table) = (scene.bounds("cat"), scene.bounds("table"));
    assert!(cat.high.y < table.high.y && cat.low.y.abs() < 0.5);
    assert!(cat.center().x > table.low.x && cat.center().x < table.high.x, "{cat:?} {table:?}");
}

#[test]
fn who_leans_touches_and_who_floats_does_not() {
    let scene = Arranged::of("a white egg leaning against a black cube");
    let (egg, cube) = (scene.bounds("egg"), scene.bounds("cube"));
    assert!((egg.low.x - cube.high.x).abs() < 0.1 && egg.low.y.abs() < 0.1, "{egg:?} {cube:?}");
    let floating = Arranged::of("a floating chrome sphere");
    assert!(floating.bounds("sphere").low.y > 2.0);
}
