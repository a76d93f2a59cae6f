//! Framing: where the camera stands so that what matters fills the picture well and is sharp.
//!
//! Owns the camera, refuses to know what is in the box that it frames.

use glam::Vec3;

use super::{
    lexicon::{Angle, Distance, Place},
    plan::ScenePlan,
    set,
    trace::Camera,
};
use crate::engine::chance::Chance;

/// An axis-aligned box in cm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Lowest corner.
    pub low: Vec3,
    /// Highest corner.
    pub high: Vec3,
}

impl Bounds {
    /// Holds nothing.
    pub const EMPTY: Self = Self { low: Vec3::MAX, high: Vec3::MIN };

    /// Grows to hold a point.
    pub fn add(&mut self, p: Vec3) {
        self.low = self.low.min(p);
        self.high = self.high.max(p);
    }

    /// The box around both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// It elsewhere.
    #[must_use]
    pub fn moved(self, by: Vec3) -> Self {
        Self { low: self.low + by, high: self.high + by }
    }

    /// It larger or smaller, seen from the origin.
    #[must_use]
    pub fn scaled(self, by: f32) -> Self {
        Self { low: self.low * by, high: self.high * by }
    }

    /// Whether both have room in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.low.cmplt(other.high).all() && other.low.cmplt(self.high).all()
    }

    /// Its middle.
    pub fn center(&self) -> Vec3 {
        (self.low + self.high) * 0.5
    }

    /// Half of its largest extent.
    pub fn radius(&self) -> f32 {
        ((self.high - self.low).max_element() * 0.5).max(0.5)
    }

    /// Half of its diagonal.
    pub fn reach(&self) -> f32 {
        ((self.high - self.low).length() * 0.5).max(0.5)
    }

    #[cfg(test)]
    fn corners(&self) -> [Vec3; 8] {
        std::array::from_fn(|i| {
            let pick = |bit: usize, axis: usize| if i >> bit & 1 == 1 { self.high[axis] } else { self.low[axis] };
            Vec3::new(pick(0, 0), pick(1, 1), pick(2, 2))
        })
    }
}

/// How high the camera stands, in degrees above the subject's middle.
fn elevation(plan: &ScenePlan, framed: Bounds) -> f32 {
    let size = framed.high - framed.low;
    match plan.angle {
        Angle::EyeLevel | Angle::Front => 5.0,
        Angle::Side => 9.0,
        Angle::Low => 1.0,
        Angle::High => 42.0,
        Angle::Isometric => 35.26,
        Angle::TopDown => 84.0,
        // Flat things are seen from higher up, furniture from standing height.
        Angle::ThreeQuarter => {
            let flat = size.y / size.x.max(size.z).max(0.1);
            // What is in a cup is seen from above its rim.
            let filled = plan.subjects.first().is_some_and(|s| s.filling.is_some());
            let base = if framed.high.y > 60.0 { 11.0 } else { 17.0 } + if filled { 8.0 } else { 0.0 };
            let up = if plan.place == Place::Studio || framed.high.y < 60.0 {
                base + (0.6 - flat).max(0.0) * 34.0
            } else {
                base
            };
            let up = if plan.place == Place::MountainRoad { up.min(7.0) } else { up };
            // Out of doors the horizon belongs into the picture, unless the subject is as flat as a plate.
            if set::is_open(plan) {
                // Of what hovers over a ground one sees the ground.
                let hovers = plan.subjects.iter().any(|s| s.floating) && framed.low.y <= 0.0;
                let least = if hovers { 8.0 } else { 5.0 };
                up.min(least + (0.5 - flat).max(0.0) * 24.0)
            } else {
                up
            }
        }
    }
}

/// The camera for `framed` in a picture of `aspect`.
///
/// `points` are samples of what is in the box: the box of something turned is looser than the thing. `seen_from` is from
/// how many degrees above the horizon the picture has to be taken, where that is given.
pub(super) fn camera(
    (plan, seen_from): (&ScenePlan, Option<f32>),
    (framed, points): (Bounds, &[Vec3]),
    aspect: f32,
    chance: &mut Chance,
) -> Camera {
    let furniture = framed.high.y - framed.low.y > 60.0;
    let fov_degrees: f32 = match (plan.distance, furniture) {
        (Distance::CloseUp, _) => 22.0,
        (Distance::Product, false) => 25.0,
        (Distance::Product, true) => 32.0,
        (Distance::Wide, _) => 40.0,
    };
    // 35 mm film is 24 mm high.
    let fov_degrees =
        plan.lens_mm.map_or(fov_degrees, |mm| (2.0 * (12.0 / f32::from(mm)).atan().to_degrees()).clamp(10.0, 75.0));
    let open = set::is_open(plan);
    let hovers = plan.subjects.iter().any(|s| s.floating) && framed.low.y <= 0.0;
    let fill = match plan.distance {
        Distance::CloseUp => 0.92,
        // A landscape wants room round what stands in it.
        // What hovers has its room below already.
        Distance::Product if open && !hovers => 0.58,
        Distance::Product => 0.7,
        Distance::Wide => 0.34,
    };
    let up =
        (seen_from.unwrap_or_else(|| elevation(plan, framed)) + 1.5 * chance.signed()).clamp(0.5, 86.0).to_radians();
    // A tilt backwards is seen from the side.
    let aside = if plan.subjects.iter().any(|s| s.leaning) { 26.0 } else { 0.0 };
    let around = (aside + 3.0 * chance.signed()).to_radians();
    let toward = Vec3::new(around.sin() * up.cos(), up.sin(), around.cos() * up.cos());
    let center = framed.center();
    let distance = fit((center, points), toward, (fov_degrees, aspect), fill);
    let tan = (fov_degrees.to_radians() * 0.5).tan();
    // A little air above, and by the rule of thirds aside when there is much of it.
    let air = if open { 0.17 } else { 0.09 };
    let lift = if plan.angle == Angle::TopDown { 0.0 } else { air * distance * tan };
    let aside = if plan.distance == Distance::Wide { 0.3 * distance * tan * aspect.max(1.0) } else { 0.0 };
    let target = center + Vec3::new(aside, lift, 0.0);
    let mut position = target + toward * distance;
    position.y = position.y.max(framed.low.y + 0.06 * framed.reach() + 0.5);
    let near = (position - center).length() - 0.35 * framed.reach();
    let blur = match plan.distance {
        Distance::CloseUp => 0.012,
        Distance::Product => 0.008,
        Distance::Wide => 0.003,
    };
    let blur = plan.f_number.map_or(blur, |stop| (0.03 / stop as f32).clamp(0.0004, 0.014));
    Camera { position, target, fov_degrees, aperture_radius: blur * distance, focus_distance: near.max(0.1) }
}

/// The distance at which the points fill `fill` of the picture.
fn fit((center, points): (Vec3, &[Vec3]), toward: Vec3, (fov_degrees, aspect): (f32, f32), fill: f32) -> f32 {
    let short = (fov_degrees.to_radians() * 0.5).tan();
    let (tan_x, tan_y) = (short * aspect.max(1.0), short * (1.0 / aspect).max(1.0));
    let right = Vec3::Y.cross(toward).normalize_or(Vec3::X);
    let up = toward.cross(right);
    points.iter().fold(1.0f32, |distance, corner| {
        let d = *corner - center;
        let needed = (d.dot(right).abs() / tan_x).max(d.dot(up).abs() / tan_y) / fill + d.dot(toward);
        distance.max(needed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_fills_the_picture_and_no_more() {
        let framed = Bounds { low: Vec3::new(-10.0, 0.0, -5.0), high: Vec3::new(10.0, 30.0, 5.0) };
        for aspect in [0.5, 1.0, 2.0] {
            for distance in [Distance::CloseUp, Distance::Product, Distance::Wide] {
                let plan = ScenePlan { distance, ..ScenePlan::default() };
                let camera = camera((&plan, None), (framed, &framed.corners()), aspect, &mut Chance::new(1));
                let forward = (camera.target - camera.position).normalize();
                let right = forward.cross(Vec3::Y).normalize();
                let up = right.cross(forward);
                let tan = (camera.fov_degrees.to_radians() * 0.5).tan();
                let (tx, ty) = (tan * f32::max(aspect, 1.0), tan * f32::max(1.0 / aspect, 1.0));
                let most = framed.corners().iter().fold(0.0f32, |m, c| {
                    let d = *c - camera.position;
                    let z = d.dot(forward);
                    m.max((d.dot(right) / z / tx).abs()).max((d.dot(up) / z / ty).abs())
                });
                assert!(most < 1.04, "{distance:?} at {aspect} is cut: {most}");
                assert!(most > 0.3, "{distance:?} at {aspect} is lost: {most}");
                assert!(camera.position.y > 0.0);
            }
        }
    }
}
