//! Layout: who stands where. Copies of one subject make a group (`copies`); groups stand beside, on, in, under and behind each
//! other as the plan says, without running into each other and without hanging in the air.
//!
//! Owns positions, turns and the growth that a relation demands; refuses to know looks, light or camera.

use glam::{Mat3, Vec3};

use super::{
    copies::{Group, Pose},
    footing::Top,
    framing::Bounds,
    lexicon::{Relation, Size},
    plan::{Placement, ScenePlan},
    posture,
    prop::Prop,
};

/// Where a group stands in the scene: scaled, then moved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    pub(super) at: Vec3,
    pub(super) scale: f32,
}

impl Group {
    fn at(&self, site: Site) -> Bounds {
        self.bounds.scaled(site.scale).moved(site.at)
    }
}

/// Decides where every group stands. `groups` of what lies in a vessel are arranged anew.
pub(super) fn arrange(plan: &ScenePlan, props: &[Prop], groups: &mut [Group]) -> Vec<Site> {
    let mut sites = vec![Site { at: Vec3::ZERO, scale: 1.0 }; props.len()];
    let tree = Tree::of(plan, groups);
    fill_vessels(&tree, props, groups, &mut sites);
    gather_bunches(&tree, props, groups);
    tree.pose(props, groups);
    tree.grow_plants(groups, &mut sites);
    let mut placed = vec![false; props.len()];
    tree.settle(None, (props, groups), &mut sites, &mut placed);
    // Who carries is settled before who is carried.
    let mut waiting: Vec<usize> = (0..props.len()).collect();
    while let Some(k) = waiting.iter().position(|i| placed[*i]) {
        let base = waiting.remove(k);
        if !tree.carries(base) {
            continue;
        }
        let riders = tree.settle(Some(base), (props, groups), &mut sites, &mut placed);
        if plan.subjects[base].entry == "shape:plinth" {
            let load = riders.iter().map(|i| groups[*i].at(sites[*i])).fold(Bounds::EMPTY, Bounds::with);
            let many = riders.iter().map(|i| groups[*i].poses.len()).sum::<usize>() > 3;
            groups[base] = posture::plinth(&props[base], load.high - load.low, many);
        }
        if let [slice] = riders[..]
            && plan.subjects[slice].entry == "shape:citrus_slice"
            && ["shape:tumbler", "shape:wine_glass", "shape:cup", "shape:mug"]
                .contains(&plan.subjects[base].entry.as_str())
        {
            let glass = groups[base].at(sites[base]);
            (groups[slice], sites[slice].at) = posture::on_rim(&groups[slice].poses, &props[slice], &glass);
            continue;
        }
        carry(&tree, (base, &riders), (props, groups), &mut sites);
    }
    for (i, _) in plan.subjects.iter().enumerate().filter(|(i, s)| s.floating && tree.on[*i].is_none()) {
        sites[i].at.y += posture::hover(groups[i].bounds.high - groups[i].bounds.low);
    }
    sites
}

/// Which subjects carry others.
pub(super) fn carriers(plan: &ScenePlan) -> Vec<bool> {
    let carries = |i| plan.placements.iter().any(|p| p.to == i && carried(p.relation));
    (0..plan.subjects.len()).map(carries).collect()
}

/// Who is carried by whom, and who stands to whom on the same ground.
struct Tree<'a> {
    plan: &'a ScenePlan,
    /// For every subject what carries it.
    on: Vec<Option<(usize, Relation)>>,
    /// Relations among those with the same carrier.
    beside: Vec<Placement>,
}

fn carried(relation: Relation) -> bool {
    matches!(relation, Relation::On | Relation::Inside | Relation::Above)
}

impl<'a> Tree<'a> {
    fn of(plan: &'a ScenePlan, groups: &[Group]) -> Self {
        let n = groups.len();
        let valid = |p: &&Placement| p.subject < n && p.to < n && p.subject != p.to;
        let mut tree = Self { plan, on: vec![None; n], beside: Vec::new() };
        for p in plan.placements.iter().filter(valid).filter(|p| carried(p.relation)) {
            // Nobody carries his carrier.
            let mut below = Some(p.to);
            while let Some(b) = below.filter(|b| *b != p.subject) {
                below = tree.on[b].map(|(next, _)| next);
            }
            if below.is_none() && tree.on[p.subject].is_none() {
                tree.on[p.subject] = Some((p.to, p.relation));
            }
        }
        let table = |i: usize| ["table", "desk"].iter().any(|word| plan.subjects[i].entry.contains(word));
        for p in plan.placements.iter().filter(valid).filter(|p| !carried(p.relation)) {
            match p.and.filter(|and| p.relation == Relation::Between && *and < n && *and != p.subject) {
                // In the middle of two: one on either side of it.
                Some(and) => tree.beside.extend([
                    Placement::new(p.subject, Relation::RightOf, p.to),
                    Placement::new(and, Relation::RightOf, p.subject),
                ]),
                None => tree.beside.push(*p),
            }
            // A lamp beside a table is on it: nobody puts one on the floor.
            for (small, large) in [(p.subject, p.to), (p.to, p.subject)] {
                let (s, l) = (groups[small].bounds, groups[large].bounds);
                let set_down = s.high.y < 60.0 && l.high.y > 40.0 && s.radius() < 0.6 * l.radius();
                let alive = plan.subjects[small].entry.starts_with("card:");
                if p.relation == Relation::Beside && set_down && !alive && table(large) && tree.on[small].is_none() {
                    tree.on[small] = Some((large, Relation::On));
                }
            }
        }
        tree.share_carriers(groups);
        tree
    }

    /// What stands beside something on a table stands on the table too, if there is room for it; else beside the table.
    fn share_carriers(&mut self, groups: &[Group]) {
        let size = |i: usize| groups[i].bounds.high - groups[i].bounds.low;
        for k in (0..self.beside.len()).chain(0..self.beside.len()) {
            let p = self.beside[k];
            let (new, old) = match (self.on[p.subject], self.on[p.to]) {
                (None, Some(_)) => (p.subject, p.to),
                (Some(_), None) => (p.to, p.subject),
                _ => continue,
            };
            let Some((base, Relation::On)) = self.on[old] else { continue };
            let (s, b) = (size(new), size(base));
            let fits = s.x.max(s.z) < 0.75 * b.x.max(b.z) && s.y < 1.2 * b.y.max(b.x) && p.relation != Relation::Under;
            if new != base && fits && !self.rests_on(base, new) {
                self.on[new] = Some((base, Relation::On));
            } else if new != base {
                let stands = if new == p.subject { (new, base) } else { (base, new) };
                (self.beside[k].subject, self.beside[k].to) = stands;
            }
        }
    }

    /// Tilts what leans on something and puts what is around something into a ring.
    fn pose(&self, props: &[Prop], groups: &mut [Group]) {
        for p in &self.beside {
            let copies = groups[p.subject].poses.len();
            let size = groups[p.to].bounds.high - groups[p.to].bounds.low;
            let mut poses = groups[p.subject].poses.clone();
            match p.relation {
                Relation::LeaningOn => {
                    groups[p.subject] = posture::leaned(&poses, &props[p.subject]);
                    continue;
                }
                Relation::HeldBy => {
                    groups[p.subject] = posture::held(self.entry(p.subject), &poses, &props[p.subject]);
                    continue;
                }
                Relation::Around if copies > 2 => {
                    let own = 0.5 * props[p.subject].size.x.max(props[p.subject].size.z);
                    let touching = own / (std::f32::consts::PI / copies as f32).sin() * 1.1;
                    let ring = touching.max(0.5 * size.x.hypot(size.z) + 1.2 * own);
                    for (k, pose) in poses.iter_mut().enumerate() {
                        let (sin, cos) = (std::f32::consts::TAU * (k as f32 + 0.5) / copies as f32).sin_cos();
                        pose.at = Vec3::new(cos * ring, 0.0, sin * ring);
                        // Chairs look at the table.
                        pose.turn = Mat3::from_rotation_y(
                            std::f32::consts::FRAC_PI_2 * 3.0
                                - std::f32::consts::TAU * (k as f32 + 0.5) / copies as f32,
                        );
                    }
                }
                _ => continue,
            }
            groups[p.subject] = Group::of(poses, &props[p.subject]);
        }
    }

    fn entry(&self, subject: usize) -> &str {
        &self.plan.subjects[subject].entry
    }

    /// Beside furniture stands a plant for the floor, not one for the table.
    fn grow_plants(&self, groups: &[Group], sites: &mut [Site]) {
        const TALLEST_CM: f32 = 115.0;
        let height = |i: usize| groups[i].bounds.high.y - groups[i].bounds.low.y;
        let on_floor = |i: &usize| self.on[*i].is_none();
        let tallest = (0..groups.len()).filter(on_floor).map(height).fold(0.0, f32::max);
        let is_plant = |i: usize| {
            let noun = self.plan.subjects[i].noun.strip_suffix('s').unwrap_or(&self.plan.subjects[i].noun);
            ["plant", "fern", "ficus", "monstera", "palm", "cactus"].iter().any(|name| noun.ends_with(name))
        };
        for i in (0..groups.len()).filter(on_floor) {
            let as_said = self.plan.subjects[i].size == Size::Normal && self.plan.subjects[i].height_cm.is_none();
            if as_said && is_plant(i) && tallest > 60.0 && height(i) < 0.5 * tallest {
                sites[i].scale *= (0.62 * tallest).min(TALLEST_CM) / height(i);
            }
        }
    }

    fn rests_on(&self, mut above: usize, below: usize) -> bool {
        while let Some((next, _)) = self.on[above] {
            if next == below {
                return true;
            }
            above = next;
        }
        false
    }

    fn carries(&self, base: usize) -> bool {
        self.on.iter().any(|on| on.is_some_and(|(to, _)| to == base))
    }

    /// Arranges those that `base` carries, or those on the ground, round the first of them on y = 0; gives who they are.
    fn settle(
        &self,
        base: Option<usize>,
        (props, groups): (&[Prop], &[Group]),
        sites: &mut [Site],
        placed: &mut [bool],
    ) -> Vec<usize> {
        let mine: Vec<usize> = (0..groups.len()).filter(|i| self.on[*i].map(|(to, _)| to) == base).collect();
        let Some(mut first) = mine.first() else { return mine };
        // Who leans on, sits under or stands around something comes after that.
        for _ in 0..mine.len() {
            let after = |p: &&Placement| {
                use Relation::{Around, HeldBy, LeaningOn, Under};
                p.subject == *first && matches!(p.relation, LeaningOn | Under | Around | HeldBy)
            };
            let before = self.beside.iter().find(after).and_then(|p| mine.iter().find(|i| **i == p.to));
            first = before.unwrap_or(first);
        }
        placed[*first] = true;
        let mut side = 1.0f32;
        loop {
            let next = self
                .beside
                .iter()
                .find(|p| mine.contains(&p.subject) && mine.contains(&p.to) && placed[p.subject] != placed[p.to]);
            let (new, to, relation) = match next {
                Some(p) if placed[p.to] => (p.subject, p.to, p.relation),
                Some(p) => (p.to, p.subject, inverse(p.relation)),
                None => match mine.iter().find(|i| !placed[**i]) {
                    Some(i) => (*i, *first, Relation::Beside),
                    None => return mine,
                },
            };
            let neighbour = groups[to].at(sites[to]);
            let way = way_of(relation, &groups[new].bounds.scaled(sites[new].scale), &neighbour, &mut side);
            sites[new].at = way.from;
            let mut others: Vec<usize> = mine.iter().copied().filter(|i| placed[*i]).collect();
            if relation == Relation::Around && groups[new].poses.len() > 2 {
                placed[new] = true;
                continue;
            }
            if relation == Relation::LeaningOn {
                let leaning = (&props[new], &groups[new], sites[new].scale);
                let (at, away) = posture::touch(leaning, &neighbour);
                sites[new].at = at;
                others.retain(|i| *i != to);
                let others: Vec<Bounds> = others.into_iter().map(|i| groups[i].at(sites[i])).collect();
                clear(&groups[new], &mut sites[new], &others, away);
                placed[new] = true;
                continue;
            }
            if relation == Relation::HeldBy {
                let (at, scale) = posture::in_hand((self.entry(new), &groups[new]), &neighbour);
                sites[new] = Site { at, scale };
                placed[new] = true;
                continue;
            }
            if way.within {
                if let Some(free) = beneath(props, groups, sites, (new, to)) {
                    sites[new].at = free;
                    others.retain(|i| *i != to);
                } else {
                    sites[new].at = way_of(Relation::InFrontOf, &groups[new].bounds, &neighbour, &mut side).from;
                }
            }
            let others: Vec<Bounds> = others.into_iter().map(|i| groups[i].at(sites[i])).collect();
            clear(&groups[new], &mut sites[new], &others, way.away);
            placed[new] = true;
        }
    }
}

/// How the other stands to the one.
fn inverse(relation: Relation) -> Relation {
    match relation {
        Relation::Behind => Relation::InFrontOf,
        Relation::InFrontOf => Relation::Behind,
        Relation::LeftOf => Relation::RightOf,
        Relation::RightOf | Relation::LeaningOn => Relation::LeftOf,
        Relation::HeldBy => Relation::Beside,
        other => other,
    }
}

/// Where something goes, and where it moves on to if somebody is there.
struct Way {
    from: Vec3,
    away: Vec3,
    /// Whether it belongs into the other's box.
    within: bool,
}

/// The place of `new` (a box round its own origin) in `relation` to a neighbour.
fn way_of(relation: Relation, new: &Bounds, to: &Bounds, side: &mut f32) -> Way {
    let (n, t) = (new.high - new.low, to.high - to.low);
    let gap = 0.1 * n.x.max(n.z).min(t.x.max(t.z)) + 0.3;
    let middle = to.center();
    let ground = to.low.y;
    // What is smaller stands a little forward, what is larger a little back.
    let step = if n.y < t.y * 0.8 { 0.22 * t.z.min(2.0 * n.z) } else { -0.18 * n.z.min(2.0 * t.z) };
    let beside = |side: f32| {
        let x = if side > 0.0 { to.high.x - new.low.x + gap } else { to.low.x - new.high.x - gap };
        Way { from: Vec3::new(x, ground, middle.z + step - new.center().z), away: Vec3::X * side, within: false }
    };
    let depth = |forward: f32, shift: f32| {
        let z = if forward > 0.0 { to.high.z - new.low.z + gap } else { to.low.z - new.high.z - gap };
        let from = Vec3::new(middle.x + shift - new.center().x, ground, z);
        Way { from, away: Vec3::Z * forward, within: false }
    };
    match relation {
        // Somebody behind must be seen: who isn't much taller or wider looks out at the side.
        Relation::Behind => {
            depth(-1.0, if n.y > 1.3 * t.y || n.x > 1.5 * t.x { 0.3 * n.x } else { 0.5 * t.x.max(0.6 * n.x) })
        }
        Relation::InFrontOf => {
            depth(1.0, if t.y > 1.3 * n.y || t.x > 1.5 * n.x { -0.12 * t.x } else { -0.5 * n.x.max(0.6 * t.x) })
        }
        Relation::LeftOf => beside(-1.0),
        Relation::RightOf | Relation::Between => beside(1.0),
        Relation::Under | Relation::Around => {
            let from = Vec3::new(middle.x, ground, middle.z) - Vec3::new(new.center().x, 0.0, new.center().z);
            Way { from, away: Vec3::X, within: true }
        }
        _ => {
            let way = beside(*side);
            *side = -*side;
            way
        }
    }
}

/// Where `new` stands beneath `to` without touching it: in the middle, or beside the pole or trunk of it.
fn beneath(props: &[Prop], groups: &[Group], sites: &[Site], (new, to): (usize, usize)) -> Option<Vec3> {
    let (over, site) = (groups[to].at(sites[to]), sites[to]);
    let room = over.high - over.low;
    let place = |pose: &Pose, p: Vec3| (pose.turn * (p * props[to].scale) + pose.at) * site.scale + site.at;
    let points: Vec<Vec3> = groups[to]
        .poses
        .iter()
        .flat_map(|pose| props[to].meshes.iter().flat_map(move |m| m.positions.iter().map(move |p| place(pose, *p))))
        .collect();
    [(0.0, 0.0), (-0.26, 0.0), (0.26, 0.0), (0.0, 0.26), (-0.3, 0.3)].into_iter().find_map(|(x, z)| {
        let at = Vec3::new(over.center().x + x * room.x, over.low.y, over.center().z + z * room.z);
        let own = groups[new].bounds.scaled(sites[new].scale).moved(at);
        let touched = points.iter().any(|p| p.cmpgt(own.low).all() && p.cmplt(own.high).all());
        (!touched && own.high.y < over.high.y).then_some(at)
    })
}

/// Moves a group along `away` until it runs into nobody.
fn clear(group: &Group, site: &mut Site, others: &[Bounds], away: Vec3) {
    for _ in 0..others.len() * 2 {
        let own = group.at(*site);
        let Some(other) = others.iter().find(|o| o.overlaps(&own)) else { return };
        let step = if away.x > 0.0 {
            other.high.x - own.low.x
        } else if away.x < 0.0 {
            own.high.x - other.low.x
        } else if away.z > 0.0 {
            other.high.z - own.low.z
        } else {
            own.high.z - other.low.z
        };
        site.at += away * (step + 0.2 + 0.03 * (own.high - own.low).max_element());
    }
}

/// Arranges what lies in bowls and on plates, all kinds of one vessel in one ring, and makes the vessel large enough.
fn fill_vessels(tree: &Tree<'_>, props: &[Prop], groups: &mut [Group], sites: &mut [Site]) {
    for base in 0..props.len() {
        let Some(room) = props[base].room else { continue };
        let mine: Vec<usize> = (0..props.len()).filter(|i| tree.on[*i].is_some_and(|(to, _)| to == base)).collect();
        let copies: usize = mine.iter().map(|i| groups[*i].poses.len()).sum();
        if copies == 0 || (copies == 1 && !props[base].hollow) {
            continue;
        }
        let item = mine.iter().map(|i| 0.5 * props[*i].size.x.max(props[*i].size.z)).fold(0.0, f32::max);
        // More than five: one lies on top in the middle.
        let around = if copies > 5 { copies - 1 } else { copies };
        let ring = if around > 1 { item / (std::f32::consts::PI / around as f32).sin() * 1.03 } else { 0.0 };
        let slope = if props[base].hollow { 0.28 * ring } else { 0.0 };
        let mut k = 0;
        for i in mine {
            for pose in &mut groups[i].poses {
                let (sin, cos) = (std::f32::consts::TAU * (k as f32 / around as f32 + 0.08)).sin_cos();
                pose.at =
                    if k < around { Vec3::new(cos * ring, slope, sin * ring) } else { Vec3::Y * (slope + 1.1 * item) };
                k += 1;
            }
            groups[i] = Group::of(std::mem::take(&mut groups[i].poses), &props[i]);
        }
        sites[base].scale = ((ring + item) / room).max(1.0);
    }
}

/// Flowers in a vase lean apart from one foot.
fn gather_bunches(tree: &Tree<'_>, props: &[Prop], groups: &mut [Group]) {
    for i in 0..props.len() {
        let Some((base, Relation::Inside)) = tree.on[i] else { continue };
        let copies = groups[i].poses.len();
        if copies == 1 || props[base].hollow || props[i].size.y < 0.55 * props[base].size.y {
            continue;
        }
        let poses = (0..copies).map(|k| {
            let apart = k as f32 - (copies - 1) as f32 * 0.5;
            let at = Vec3::new(0.05 * apart, 0.0, 0.5 * props[i].size.z * apart.abs());
            Pose { turn: Mat3::from_rotation_z(-0.42 * apart), at: at * Vec3::new(props[i].size.x, 1.0, 1.0) }
        });
        groups[i] = Group::of(poses.collect(), &props[i]);
    }
}

/// Puts the `riders`, arranged round their own origin, onto or into `base`, which stands already.
fn carry(tree: &Tree<'_>, (base, riders): (usize, &[usize]), (props, groups): (&[Prop], &[Group]), sites: &mut [Site]) {
    let under = groups[base].at(sites[base]);
    let prop = &props[base];
    let rest = prop.rest.map(|rest| rest * sites[base].scale);
    let copies: usize = riders.iter().map(|i| groups[*i].poses.len()).sum();
    let all = riders.iter().map(|i| groups[*i].at(sites[*i])).fold(Bounds::EMPTY, Bounds::with);
    let (size, room) = (all.high - all.low, under.high - under.low);
    let middle = Vec3::new(under.center().x, under.low.y, under.center().z);
    let relation = riders.first().and_then(|i| tree.on[*i]).map_or(Relation::On, |(_, relation)| relation);
    if prop.room.is_some() && (copies > 1 || prop.hollow) {
        // Arranged in a ring already, each kind round the vessel's axis.
        for i in riders {
            sites[*i].at = sites[base].at + Vec3::Y * rest.unwrap_or(0.0);
        }
        return;
    }
    let inside = relation == Relation::Inside;
    let mut scale = 1.0f32;
    let lift = if relation == Relation::Above {
        Vec3::Y * (room.y + 0.3 * size.y.max(room.y.min(2.0 * size.y)))
    } else if inside && size.y > 0.55 * room.y {
        // Flowers in a vase: the stems are in it, the blossoms above.
        scale = (1.15 * room.y / size.y).min(1.0);
        Vec3::Y * 0.5 * room.y
    } else if inside {
        scale = (0.6 * room.x.min(room.z) / size.x.max(size.z)).min(1.0);
        Vec3::Y * 0.06 * room.y
    } else {
        // Nothing hangs far over, and nothing small carries a giant: the candle on a cake is a small one.
        scale = (1.5 * room.x.max(room.z) / size.x.max(size.z)).min(1.0);
        if room.max_element() < 12.0 && copies == 1 {
            scale = scale.min(0.9 * room.max_element() / size.max_element());
        }
        let top = Top::of(&groups[base].poses, prop, sites[base]);
        let spot = top.spot(size * scale, rest.map(|rest| rest + under.low.y));
        spot - middle
    };
    let foot = Vec3::new(all.center().x, all.low.y, all.center().z);
    for i in riders {
        let site = &mut sites[*i];
        site.at = middle + lift + (site.at - foot) * scale;
        site.scale *= scale;
    }
}
