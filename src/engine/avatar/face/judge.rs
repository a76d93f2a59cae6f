//! Whether a face can be made to speak, how freely, and whether it is drawn rather than photographed.

use image::RgbImage;

use super::Face;

/// Pixels between the outer corners of the eyes below which a face has no mouth to speak of.
const EYES_MIN: f32 = 14.0;
/// Degrees of yaw: free up to the first, less up to the second, refused above the third.
const YAW_FREE: f32 = 20.0;
const YAW_LESS: f32 = 32.0;
const YAW_MAX: f32 = 36.0;
const PITCH_MAX: f32 = 36.0;

/// Photographs of faces have under a tenth of flat places, drawings over a fifth.
const FLAT_SHARE: f32 = 0.17;

/// How the head is turned, in degrees: to the picture's right, up, and clockwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::engine::avatar) struct Pose {
    pub(in crate::engine::avatar) yaw: f32,
    pub(in crate::engine::avatar) pitch: f32,
    pub(in crate::engine::avatar) roll: f32,
}

/// What a usable face allows.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine::avatar) struct Fitness {
    pub(in crate::engine::avatar) pose: Pose,
    /// How much of the full movement it bears, 0 to 1.
    pub(in crate::engine::avatar) freedom: f32,
    /// A drawing: flat colours and lines.
    pub(in crate::engine::avatar) drawn: bool,
}

/// Why a face cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::avatar) enum Unfit {
    /// Too few pixels.
    Small,
    /// Turned too far to the side.
    Profile,
    /// Turned too far up or down.
    Tilted,
    /// Mouth or eyes lie outside the picture.
    Cut,
    /// The landmarks don't make a face.
    Unclear,
}

impl Unfit {
    /// The reason, for the owner of the job.
    pub(in crate::engine::avatar) fn explain(self) -> &'static str {
        match self {
            Self::Small => "the face is too small to speak",
            Self::Profile => "the face is turned too far to the side",
            Self::Tilted => "the face is tilted too far up or down",
            Self::Cut => "the face is cut off by the picture's border",
            Self::Unclear => "no face could be made out clearly",
        }
    }
}

pub(super) fn judge(face: &Face, picture: &RgbImage) -> Result<Fitness, Unfit> {
    let points = &face.points;
    if points[33].distance(points[263]) < EYES_MIN {
        return Err(Unfit::Small);
    }
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let inside = |i: &usize| {
        let p = points[*i];
        p.x >= 0.0 && p.y >= 0.0 && p.x < width && p.y < height
    };
    // Brows may be cut; eyes, mouth and the point of the chin may not.
    if ![33, 133, 362, 263, 61, 291, 0, 17].iter().all(inside) {
        return Err(Unfit::Cut);
    }
    let fit = face.fit();
    let pose = fit.pose();
    // A fit that misses by more than this (in heads' own centimetres) is no face, or none like ours.
    let error = fit.error(points) / fit.scale();
    if !error.is_finite() || error > 1.0 {
        return Err(Unfit::Unclear);
    }
    if pose.yaw.abs() > YAW_MAX {
        return Err(Unfit::Profile);
    }
    if pose.pitch.abs() > PITCH_MAX {
        return Err(Unfit::Tilted);
    }
    let over = ((pose.yaw.abs() - YAW_FREE) / (YAW_LESS - YAW_FREE)).clamp(0.0, 1.0);
    Ok(Fitness { pose, freedom: 1.0 - 0.5 * over, drawn: is_drawn(face, picture) })
}

/// Drawings are made of flat areas and lines: nearly no step between neighbours, or a large one.
fn is_drawn(face: &Face, picture: &RgbImage) -> bool {
    let (low, high) = face.bounds();
    let clip = |v: f32, most: u32| (v.max(0.0) as u32).min(most.saturating_sub(2));
    let (x0, x1) = (clip(low.x, picture.width()), clip(high.x, picture.width()));
    let (y0, y1) = (clip(low.y, picture.height()), clip(high.y, picture.height()));
    let (mut flat, mut count) = (0u32, 0u32);
    // Neighbours a fixed part of the face apart, so that enlarged photographs don't look flat.
    let reach = ((high.x - low.x) / 64.0).round().max(1.0) as u32;
    for y in (y0..=y1).step_by(reach as usize) {
        for x in (x0..=x1).step_by(reach as usize) {
            let right = (x + reach).min(picture.width() - 1);
            let down = (y + reach).min(picture.height() - 1);
            let (here, beside, below) =
                (picture.get_pixel(x, y), picture.get_pixel(right, y), picture.get_pixel(x, down));
            let step = |other: &image::Rgb<u8>| (0..3).map(|c| here.0[c].abs_diff(other.0[c])).max().unwrap_or(0);
            flat += u32::from(step(beside).max(step(below)) <= 2);
            count += 1;
        }
    }
    flat as f32 > FLAT_SHARE * count.max(1) as f32
}
