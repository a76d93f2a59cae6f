//! Where faces are: `BlazeFace` (Bazarevsky et al. 2019), full range first, then short range, then parts of the picture.
//!
//! Owns the detectors' input and output conventions: square input in -1..1 padded with black, anchors at the centres of
//! cells, boxes and six key points in pixels relative to them, weighted non-maximum suppression.

use glam::Vec2;
use image::{RgbImage, imageops};

use super::landmarks::Region;
use crate::engine::{
    EngineError, RunContext, bundle,
    restyle::raster,
    session::{Graph, GraphOptions, Value},
};

/// The least score of a detection.
const SCORE_MIN: f32 = 0.5;
/// Boxes that overlap by more are one face.
const OVERLAP_MAX: f32 = 0.3;
/// Values of one box: centre, size, six key points.
const VALUES: usize = 16;

/// One found face.
#[derive(Debug, Clone)]
pub(super) struct Detection {
    /// 0 to 1.
    pub(super) score: f32,
    low: Vec2,
    high: Vec2,
    /// The picture's left eye, then its right one.
    eyes: [Vec2; 2],
}

impl Detection {
    /// Where the landmark network shall look: half as much again as the box, the eyes level.
    pub(super) fn region(&self) -> Region {
        let eyes = self.eyes[1] - self.eyes[0];
        Region {
            centre: (self.low + self.high) / 2.0,
            side: (self.high - self.low).max_element() * 1.5,
            angle: eyes.y.atan2(eyes.x),
        }
    }

    fn moved(mut self, by: Vec2) -> Self {
        self.low += by;
        self.high += by;
        self.eyes = self.eyes.map(|eye| eye + by);
        self
    }
}

/// One detector network.
struct Network {
    graph: Graph,
    side: usize,
    /// Cells a side, and anchors a cell.
    grids: &'static [(usize, usize)],
    /// The names of the outputs: boxes, scores.
    outputs: [&'static str; 2],
}

/// Both networks.
pub(super) struct Detector {
    full: Network,
    short: Network,
}

impl Detector {
    /// Loads both.
    pub(super) fn load() -> Result<Self, EngineError> {
        let graph = |name: &str| Graph::from_bytes(bundle::bytes(name)?, GraphOptions { threads: 1 });
        Ok(Self {
            full: Network {
                graph: graph("face/detect_full.onnx")?,
                side: 192,
                grids: &[(48, 1)],
                outputs: ["reshaped_regressor_face_4", "reshaped_classifier_face_4"],
            },
            short: Network {
                graph: graph("face/detect_short.onnx")?,
                side: 128,
                grids: &[(16, 2), (8, 6)],
                outputs: ["regressors", "classificators"],
            },
        })
    }

    /// Every face, the surest first.
    pub(super) fn find(&mut self, picture: &RgbImage, ctx: &RunContext<'_>) -> Result<Vec<Detection>, EngineError> {
        let mut found = self.full.find(picture, ctx)?;
        if found.is_empty() {
            found = self.short.find(picture, ctx)?;
        }
        if found.is_empty() {
            found = self.find_in_parts(picture, ctx)?;
        }
        Ok(found)
    }

    /// Looks at nine overlapping parts of half the size: faces that are too small in the whole.
    fn find_in_parts(&mut self, picture: &RgbImage, ctx: &RunContext<'_>) -> Result<Vec<Detection>, EngineError> {
        let (width, height) = (picture.width() / 2, picture.height() / 2);
        let mut found = Vec::new();
        if width.min(height) < 64 {
            return Ok(found);
        }
        for i in 0..9 {
            let (x, y) = (width / 2 * (i % 3), height / 2 * (i / 3));
            let part = imageops::crop_imm(picture, x, y, width, height).to_image();
            let corner = Vec2::new(x as f32, y as f32);
            found.extend(self.full.find(&part, ctx)?.into_iter().map(|detection| detection.moved(corner)));
        }
        Ok(suppress(found))
    }
}

impl Network {
    fn find(&mut self, picture: &RgbImage, ctx: &RunContext<'_>) -> Result<Vec<Detection>, EngineError> {
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 {
            return Ok(Vec::new());
        }
        let long = width.max(height) as f32;
        let side = self.side as f32;
        let fitted = |length: u32| ((length as f32 / long * side).round() as u32).max(1);
        let small = raster::resize(picture, fitted(width), fitted(height));
        let (left, top) = ((self.side as u32 - small.width()) / 2, (self.side as u32 - small.height()) / 2);
        let plane = self.side * self.side;
        // Black is -1.
        let mut input = vec![-1.0; 3 * plane];
        for (x, y, pixel) in small.enumerate_pixels() {
            let at = (y + top) as usize * self.side + (x + left) as usize;
            for (channel, &value) in pixel.0.iter().enumerate() {
                input[channel * plane + at] = f32::from(value) / 127.5 - 1.0;
            }
        }
        let outputs = self.run(input, ctx)?;
        // From the square's 0..1 to the picture's pixels.
        let corner = Vec2::new((long - width as f32) / 2.0, (long - height as f32) / 2.0);
        let place = |p: Vec2| p * long - corner;
        let candidates = self.anchors().zip(outputs[0].chunks_exact(VALUES)).zip(&outputs[1]);
        let found = candidates.filter_map(|((anchor, values), &score)| {
            let score = sigmoid(score);
            let pair = |i: usize| Vec2::new(values[2 * i], values[2 * i + 1]) / side;
            let (centre, half) = (anchor + pair(0), pair(1) / 2.0);
            (score >= SCORE_MIN).then(|| Detection {
                score,
                low: place(centre - half),
                high: place(centre + half),
                eyes: [place(anchor + pair(2)), place(anchor + pair(3))],
            })
        });
        Ok(suppress(found.collect()))
    }

    fn run(&mut self, input: Vec<f32>, ctx: &RunContext<'_>) -> Result<[Vec<f32>; 2], EngineError> {
        let value = Value::F32(vec![1, 3, self.side, self.side], input);
        let mut outputs = self.graph.run(vec![("input", value)], ctx.cancel_token())?;
        let mut take = |name: &str| -> Result<Vec<f32>, EngineError> {
            let missing = || EngineError::Model(format!("the face detector gave no `{name}`"));
            Ok(outputs.remove(name).ok_or_else(missing)?.into_f32()?.1)
        };
        Ok([take(self.outputs[0])?, take(self.outputs[1])?])
    }

    /// The centres of the cells, as parts of the input's side, in the order of the outputs.
    fn anchors(&self) -> impl Iterator<Item = Vec2> + use<> {
        self.grids.iter().flat_map(|&(cells, count)| {
            (0..cells * cells * count).map(move |i| {
                let cell = i / count;
                Vec2::new((cell % cells) as f32 + 0.5, (cell / cells) as f32 + 0.5) / cells as f32
            })
        })
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x.clamp(-80.0, 80.0)).exp())
}

/// Weighted non-maximum suppression: what overlaps the surest box is averaged with it by score.
fn suppress(mut found: Vec<Detection>) -> Vec<Detection> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept = Vec::new();
    while let Some(best) = found.first().cloned() {
        let (same, rest): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|other| overlap(&best, other) > OVERLAP_MAX || same_box(&best, other));
        let total: f32 = same.iter().map(|d| d.score).sum();
        let mean = |value: fn(&Detection) -> Vec2| same.iter().map(|d| value(d) * d.score).sum::<Vec2>() / total;
        kept.push(Detection {
            score: best.score,
            low: mean(|d| d.low),
            high: mean(|d| d.high),
            eyes: [mean(|d| d.eyes[0]), mean(|d| d.eyes[1])],
        });
        found = rest;
    }
    kept
}

/// A box without an area overlaps not even itself.
fn same_box(a: &Detection, b: &Detection) -> bool {
    a.low == b.low && a.high == b.high
}

fn overlap(a: &Detection, b: &Detection) -> f32 {
    let area = |low: Vec2, high: Vec2| (high - low).max(Vec2::ZERO).element_product();
    let both = area(a.low.max(b.low), a.high.min(b.high));
    both / (area(a.low, a.high) + area(b.low, b.high) - both).max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detection(x: f32, score: f32) -> Detection {
        Detection { score, low: Vec2::new(x, 0.0), high: Vec2::new(x + 10.0, 10.0), eyes: [Vec2::ZERO; 2] }
    }

    #[test]
    fn overlapping_boxes_become_their_weighted_mean() {
        let kept = suppress(vec![detection(2.0, 0.6), detection(0.0, 0.9), detection(40.0, 0.7)]);
        assert_eq!(kept.len(), 2);
        assert!((kept[0].low.x - 2.0 * 0.6 / 1.5).abs() < 1e-5 && kept[0].score > 0.89);
        assert!((kept[1].low.x - 40.0).abs() < 1e-5);
        let flat = Detection { high: Vec2::ZERO, ..detection(0.0, 0.8) };
        assert_eq!(suppress(vec![flat.clone(), flat]).len(), 1, "boxes without an area end too");
    }

    #[test]
    fn anchors_are_the_cells_centres() {
        let detector = Detector::load().unwrap();
        let full: Vec<Vec2> = detector.full.anchors().collect();
        assert_eq!((full.len(), full[0], full[49]), (2304, Vec2::splat(0.5 / 48.0), Vec2::splat(1.5 / 48.0)));
        let short: Vec<Vec2> = detector.short.anchors().collect();
        assert_eq!((short.len(), short[0], short[1], short[512]), (896, short[1], short[0], Vec2::splat(0.5 / 8.0)));
    }
}
