//! Things stand where the plan says, touch what carries them and run into nobody: judged by boxes and drop heights.

use std::sync::LazyLock;

use glam::Vec3;

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

    /// The vertices of a subject, where they stand.
    fn points(&self, i: usize) -> Vec<Vec3> {
        let (site, prop) = (self.sites[i], &self.props[i]);
        let place = |pose: &Pose, p: Vec3| (pose.turn * (p * prop.scale) + pose.at) * site.scale + site.at;
        let of = |pose: &Pose| {
            let pose = *pose;
            prop.meshes.iter().flat_map(move |m| m.positions.iter().map(move |p| place(&pose, *p))).collect::<Vec<_>>()
        };
        self.groups[i].poses.iter().flat_map(of).collect()
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
}

#[test]
fn what_leans_is_tilted_and_touches_at_its_foot_and_above() {
    for (prompt, noun, wall) in [
        ("a blue bicycle leaning against a brick wall", "bicycle", None),
        ("an umbrella leaning against a wall", "umbrella", None),
        ("a guitar leaning against a sofa", "guitar", Some("sofa")),
        ("a bicycle leaning against a tree", "bicycle", Some("tree")),
    ] {
        let scene = Arranged::of(prompt);
        let i = scene.index(noun);
        let tilt = scene.groups[i].poses[0].turn.y_axis.normalize().angle_between(Vec3::Y).to_degrees();
        assert!((8.0..20.0).contains(&tilt), "{prompt}: {tilt} degrees");
        let points = scene.points(i);
        let foot = points.iter().map(|p| p.y).fold(f32::MAX, f32::min);
        assert!(foot.abs() < 0.5, "{prompt}: its foot is at {foot}");
        let height = points.iter().map(|p| p.y).fold(0.0, f32::max);
        let behind = points.iter().min_by(|a, b| a.z.total_cmp(&b.z)).unwrap();
        match wall {
            // The wall is where it reaches furthest back, which is its upper part.
            None => assert!(behind.y > 0.5 * height, "{prompt}: it touches at {} of {height}", behind.y),
            Some(other) => {
                let to = scene.bounds(other);
                let below = || points.iter().filter(|p| p.y <= to.high.y);
                let aside = below().map(|p| p.x - to.high.x).fold(f32::MAX, f32::min);
                let before = below().map(|p| p.z - to.high.z).fold(f32::MAX, f32::min);
                assert!(aside.abs().min(before.abs()) < 1.0, "{prompt}: {aside} and {before} cm from it");
            }
        }
    }
}

#[test]
fn what_hovers_has_a_gap_beneath_it_that_is_seen() {
    for (prompt, noun) in [
        ("a floating chrome sphere above rippled water", "sphere"),
        ("a levitating book", "book"),
        ("a floating sofa", "sofa"),
        ("three floating cubes", "cube"),
    ] {
        let scene = Arranged::of(prompt);
        let size = scene.copies(scene.index(noun))[0];
        let gap = scene.bounds(noun).low.y;
        assert!(gap > 0.3 * (size.high - size.low).max_element(), "{prompt}: {gap} cm");
    }
}

#[test]
fn copies_that_differ_have_sizes_of_their_own() {
    let heights = |prompt: &str| {
        let scene = Arranged::of(prompt);
        let mut copies = scene.copies(0);
        copies.sort_by(|a, b| a.low.x.total_cmp(&b.low.x));
        (copies.iter().map(height).collect::<Vec<_>>(), copies.iter().map(|b| b.high.x - b.low.x).collect::<Vec<_>>())
    };
    let (tall, wide) = heights("six cylinders of different heights");
    let mut sorted = tall.clone();
    sorted.sort_by(f32::total_cmp);
    assert!(sorted.windows(2).all(|w| w[1] > 1.1 * w[0]), "{tall:?}");
    assert!(wide.iter().all(|w| (w - wide[0]).abs() < 0.5), "{wide:?}");
    let (tall, wide) = heights("five cubes of different sizes");
    assert!(tall.iter().zip(&wide).all(|(t, w)| w / t > 0.9 && w / t < 1.5), "{tall:?} {wide:?}");
    let (up, _) = heights("five cylinders in ascending order");
    assert!(up.windows(2).all(|w| w[1] > w[0]), "{up:?}");
    let (down, _) = heights("five cylinders in descending order");
    assert!(down.windows(2).all(|w| w[1] < w[0]), "{down:?}");
    let (same, _) = heights("five cylinders");
    assert!(same.windows(2).all(|w| (w[1] - w[0]).abs() < 0.1), "{same:?}");
    assert_eq!(heights("six cylinders of different heights"), heights("six cylinders of different heights"));
}

#[test]
fn copies_that_differ_in_colour_take_turns() {
    let dyes = |prompt: &str, seed| {
        let plan = ScenePlan::read(prompt, &CATALOGUE);
        copies::dyes(&plan.subjects[0], plan.palette, &mut Chance::new(seed))
    };
    for prompt in ["six cylinders of different colours", "six pastel cylinders", "six blue cups in different shades"] {
        let mut colors = dyes(prompt, 1);
        assert_eq!(colors, dyes(prompt, 1));
        colors.sort_unstable();
        colors.dedup();
        assert_eq!(colors.len(), 6, "{prompt}: {colors:?}");
    }
    assert!(dyes("six blue cups", 1).is_empty());
    let is_blue = |[r, _, b]: &[u8; 3]| b >= r;
    assert!(dyes("six blue cups in different shades", 1).iter().all(is_blue));
}

#[test]
fn between_two_is_in_their_middle() {
    for prompt in
        ["a vase between two candles", "a mug between a book and a teapot", "a chair between a sofa and a table"]
    {
        let scene = Arranged::of(prompt);
        let p = scene.plan.placements.iter().find(|p| p.and.is_some()).unwrap();
        let [own, a, b] =
            [p.subject, p.to, p.and.unwrap()].map(|i| scene.copies(i).into_iter().fold(Bounds::EMPTY, Bounds::with));
        let (left, right) = (own.low.x - a.high.x, b.low.x - own.high.x);
        assert!(left > 0.0 && right > 0.0, "{prompt}: {left} and {right} cm");
        assert!((left - right).abs() < 0.4 * (own.high.x - own.low.x), "{prompt}: {left} and {right} cm");
    }
}

#[test]
fn a_plinth_is_as_large_as_what_it_carries() {
    for (prompt, noun) in [
        ("three amber glass bottles in a row on a concrete plinth", "bottle"),
        ("a ring on a marble pedestal", "ring"),
        ("a chair on a podium", "chair"),
        ("six apples on a plinth", "apple"),
    ] {
        let scene = Arranged::of(prompt);
        let load = scene.bounds(noun);
        let plinth = scene.plan.subjects.iter().position(|s| s.entry == "shape:plinth").unwrap();
        let base = scene.copies(plinth).into_iter().fold(Bounds::EMPTY, Bounds::with);
        assert!(base.low.x < load.low.x && base.high.x > load.high.x, "{prompt}: {load:?} {base:?}");
        assert!(base.low.z < load.low.z && base.high.z > load.high.z, "{prompt}: {load:?} {base:?}");
        assert!((load.low.y - base.high.y).abs() < 0.3 && base.low.y.abs() < 0.1, "{prompt}: {load:?} {base:?}");
    }
    let steps = Arranged::of("six apples on a plinth");
    assert_eq!(steps.groups[steps.index("plinth")].poses.len(), 2);
}

#[test]
fn what_is_carried_is_in_the_hand_and_an_umbrella_over_the_head() {
    let scene = Arranged::of("a woman with an umbrella");
    let (woman, umbrella) = (scene.bounds("woman"), scene.bounds("umbrella"));
    assert!(umbrella.high.y > woman.high.y && umbrella.low.y > woman.low.y, "{woman:?} {umbrella:?}");
    assert!(umbrella.low.x < woman.center().x && umbrella.high.x > woman.center().x, "{woman:?} {umbrella:?}");
    let scene = Arranged::of("a girl holding a red balloon");
    let (girl, balloon) = (scene.bounds("girl"), scene.bounds("balloon"));
    assert!(balloon.low.y > 0.2 * height(&girl) && balloon.low.y < girl.high.y, "{girl:?} {balloon:?}");
}

#[test]
fn a_slice_sits_on_the_rim_of_its_glass() {
    let scene = Arranged::of("iced tea in a tall glass with a slice of lemon");
    let (slice, glass) = (scene.bounds("lemon"), scene.copies(0)[0]);
    assert!(slice.low.y < glass.high.y && slice.high.y > glass.high.y, "{slice:?} {glass:?}");
    assert!(slice.low.x < glass.high.x && slice.high.x > glass.high.x, "{slice:?} {glass:?}");
    let lying = Arranged::of("a slice of lemon on a plate").bounds("lemon");
    assert!(height(&lying) < 1.5, "{lying:?}");
}

#[test]
fn shoes_are_two_and_stand_on_their_soles() {
    let scene = Arranged::of("white sneakers");
    let copies = scene.copies(0);
    assert_eq!(copies.len(), 2);
    // The rim of a figure's mesh is cut away by its picture.
    assert!(copies.iter().all(|b| b.low.y.abs() < 0.6 && height(b) < 0.75 * (b.high.x - b.low.x)), "{copies:?}");
    assert!(!copies[0].overlaps(&copies[1]), "{copies:?}");
}

#[test]
fn a_plant_beside_furniture_is_one_for_the_floor() {
    let scene = Arranged::of("an armchair, a bookcase and a potted plant");
    let (chair, plant) = (scene.bounds("armchair"), scene.bounds("plant"));
    assert!(height(&plant) > 0.5 * height(&chair) && plant.low.y.abs() < 0.1, "{chair:?} {plant:?}");
    assert!(height(&Arranged::of("a potted plant on a table").bounds("plant")) < 60.0);
}
