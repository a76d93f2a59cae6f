//! Looking at the avatar: every mouth shape of a portrait beside each other, and lip sync in figures.
//!
//! The figures come from the landmark network run over the drawn frames, which knows nothing of what was intended.

use glam::Vec2;
use image::RgbImage;

use super::{
    Avatar, Choice,
    expression::{Expression, Mouth},
    face::{Face, FaceFinder},
    manner::Manner,
    mesh::{INNER_LOWER, INNER_UPPER},
    motion::{self, Motion as Movement},
    scenery::View,
    shot::Shot,
};
use crate::engine::{
    AvatarModel as _, CancelToken, EngineError, FilmTask, RunContext, frame_count, session::GraphOptions,
};

/// How well the lips of one film follow.
#[derive(Debug, Clone, Copy)]
pub struct Sync {
    /// Frames measured.
    pub frames: usize,
    /// Correlation of the measured opening with the intended one.
    pub correlation: f32,
    /// Correlation of the measured opening with the sound's own loudness where something is said, at the lag of best
    /// fit, and that lag: positive where the lips are ahead.
    pub correlation_with_loudness: f32,
    /// See [`Sync::correlation_with_loudness`].
    pub lag_seconds: f32,
    /// Closures of p, b and m that were measured.
    pub closures: usize,
    /// How many of them were seen closed.
    pub closed: usize,
    /// The widest measured opening, as a part of the mouth's width.
    pub widest: f32,
    /// The opening that the network sees in the portrait itself where its lips touch: it takes a drawn mouth for an
    /// open one. 0 where they don't.
    pub resting: f32,
}

/// A portrait with every mouth shape, blinks, looks and turns, cropped to the face, with names.
pub fn shapes(task: &FilmTask) -> Result<Vec<(String, RgbImage)>, EngineError> {
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let mut avatar = Avatar::new(GraphOptions::default());
    let Choice::Speaks(face, ..) = avatar.choose(task, &ctx)? else { return Ok(Vec::new()) };
    let manner = Manner { zoom: 0.0, ..Manner::default() };
    let size = avatar.frame_size(task);
    let shot = Shot::plan(task.picture.dimensions(), size, &face, &manner);
    let painter = Avatar::painter(task, &face, &shot, &ctx)?;
    // The whole face and a little round it.
    let (low, high) = face.scaled(shot.working_scale()).bounds();
    let side = (high - low).max_element() * 1.35;
    let view = View { zoom: 420.0 / side, corner: (low + high) / 2.0 - side / 2.0 };
    let mut poses: Vec<(String, Expression)> = vec![("rest".into(), Expression::default())];
    for (name, mouth) in motion::shapes() {
        poses.push((name.into(), Expression { mouth, ..Expression::default() }));
    }
    let closed = Mouth { close: 1.0, ..Mouth::default() };
    for (name, e) in [
        ("half blink", Expression { blink: 0.5, ..Expression::default() }),
        ("blink", Expression { blink: 1.0, ..Expression::default() }),
        ("smile", Expression { smile: 0.55, mouth: closed, ..Expression::default() }),
        ("brow", Expression { brow: 0.3, ..Expression::default() }),
        ("look right", Expression { gaze: Vec2::new(0.06, 0.0), ..Expression::default() }),
        ("turn right", Expression { yaw: 0.06, ..Expression::default() }),
        ("nod", Expression { pitch: -0.06, ..Expression::default() }),
    ] {
        poses.push((name.into(), e));
    }
    Ok(poses
        .into_iter()
        .map(|(name, e)| {
            let mut frame = RgbImage::new(420, 420);
            painter.draw(&e, &view, &mut frame);
            (name, frame)
        })
        .collect())
}

/// The square of the film's first frame that holds the face and a little round it: left, top, side.
pub fn face_box(task: &FilmTask) -> Result<(u32, u32, u32), EngineError> {
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let mut avatar = Avatar::new(GraphOptions::default());
    let (width, height) = avatar.frame_size(task);
    let Choice::Speaks(face, ..) = avatar.choose(task, &ctx)? else { return Ok((0, 0, width.min(height))) };
    let (low, high) = face.scaled(width as f32 / task.picture.width() as f32).bounds();
    let side = ((high - low).max_element() * 1.3).min(width.min(height) as f32);
    let corner = ((low + high - side) / 2.0).clamp(Vec2::ZERO, Vec2::new(width as f32, height as f32) - side);
    Ok((corner.x as u32, corner.y as u32, side as u32))
}

/// Makes a film and measures its lips. Needs a picture with a usable face; `None` without one.
pub fn measure(task: &FilmTask) -> Result<Option<Sync>, EngineError> {
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    let mut avatar = Avatar::new(GraphOptions::default());
    let Choice::Speaks(face, fitness, _) = avatar.choose(task, &ctx)? else { return Ok(None) };
    let size = avatar.frame_size(task);
    let manner = Manner::default();
    let shot = Shot::plan(task.picture.dimensions(), size, &face, &manner);
    let painter = Avatar::painter(task, &face, &shot, &ctx)?;
    let movement = Avatar::movement(task, &manner, fitness);
    let mut finder = FaceFinder::load()?;
    let total = frame_count(task);
    let mut frame = RgbImage::new(size.0, size.1);
    let (mut seen, mut meant, mut loud) = (Vec::new(), Vec::new(), Vec::new());
    let mut look = |e: &Expression, view: &View| -> Result<f32, EngineError> {
        painter.draw(e, view, &mut frame);
        let mut near = face.scaled(shot.working_scale());
        near.points.iter_mut().for_each(|p| *p = view.show(*p));
        Ok(opening(&finder.follow(&frame, &near, &ctx)?))
    };
    let resting = if painter.face().is_open { 0.0 } else { look(&Expression::default(), &shot.view(0.0))? };
    for index in 0..total {
        let seconds = index as f32 / task.fps.max(1) as f32;
        let e = movement.at(seconds);
        let view = shot.view(index as f32 / total.max(2) as f32);
        seen.push(look(&e, &view)?);
        let likeness = painter.face();
        meant.push(likeness.opening(&likeness.pose(&e).places));
        loud.push(movement.loudness_at(seconds));
    }
    let (correlation_with_loudness, lag) = best_lag(&seen, &loud, task.fps);
    Ok(Some(Sync {
        correlation: correlate(&seen, &meant),
        correlation_with_loudness,
        lag_seconds: lag as f32 / task.fps.max(1) as f32,
        resting,
        ..closures(&movement, task.fps, &seen, resting)
    }))
}

/// How far apart the inner lips are, as a part of the mouth's width.
fn opening(face: &Face) -> f32 {
    let p = &face.points;
    let width = p[61].distance(p[291]).max(1.0);
    // The middle and its neighbours: one landmark alone trembles.
    (3..8).map(|i| p[INNER_UPPER[i]].distance(p[INNER_LOWER[i]])).sum::<f32>() / 5.0 / width
}

/// Counts the closures that are seen.
fn closures(movement: &Movement, fps: u32, seen: &[f32], resting: f32) -> Sync {
    let widest = seen.iter().copied().fold(0.0, f32::max);
    let mut sorted = seen.to_vec();
    sorted.sort_by(f32::total_cmp);
    let usual = sorted.get(sorted.len() * 9 / 10).copied().unwrap_or(0.0);
    // Closed for an eye: a gap of a fiftieth of the mouth's width, or a sixth of what is usual in this film; or no more
    // than what is seen of lips that touch.
    let shut = 0.02f32.max(usual / 6.0).max(1.1 * resting);
    let (mut closures, mut closed) = (0, 0);
    for seconds in &movement.closures_seconds {
        let middle = (seconds * fps as f32).round() as usize;
        let near = seen.get(middle.saturating_sub(1)..(middle + 2).min(seen.len())).unwrap_or_default();
        if let Some(least) = near.iter().copied().reduce(f32::min) {
            closures += 1;
            closed += usize::from(least <= shut);
        }
    }
    Sync {
        frames: seen.len(),
        correlation: 0.0,
        correlation_with_loudness: 0.0,
        lag_seconds: 0.0,
        closures,
        closed,
        widest,
        resting,
    }
}

/// Where something is said this loudly beside the usual.
const SPOKEN_MIN: f32 = 0.25;

/// The highest correlation of the opening with the loudness within a fifth of a second, over frames where something is
/// said, and at how many frames of delay of the sound.
fn best_lag(seen: &[f32], loud: &[f32], fps: u32) -> (f32, i32) {
    let most = (fps / 5) as i32;
    let at = |lag: i32| {
        let pairs = seen.iter().enumerate().filter_map(|(i, seen)| {
            let loud = *loud.get(usize::try_from(i as i32 + lag).ok()?)?;
            (loud > SPOKEN_MIN).then_some((*seen, loud))
        });
        let (seen, loud): (Vec<f32>, Vec<f32>) = pairs.unzip();
        (correlate(&seen, &loud), lag)
    };
    (-most..=most).map(at).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, 0))
}

/// Pearson's correlation.
fn correlate(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len().max(1) as f32;
    let mean = |v: &[f32]| v.iter().sum::<f32>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let both: f32 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
    let power = |v: &[f32], m: f32| v.iter().map(|x| (x - m).powi(2)).sum::<f32>();
    both / (power(a, ma) * power(b, mb)).sqrt().max(1e-9)
}
