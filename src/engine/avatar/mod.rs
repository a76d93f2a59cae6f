//! The talking avatar: a portrait speaks a sound.
//!
//! A face is found and measured ([`face`]), put on a rig of blendshapes ([`rig`], [`likeness`]), moved by phonemes or by
//! the sound alone ([`motion`]) as the prompt wishes ([`manner`]), and drawn ([`painter`]). A picture without a face that
//! can speak gets the camera move instead, and the film says so. No weights were trained for lips: the rig is classical.

mod backdrop;
mod colours;
mod expression;
mod eyes;
pub(super) mod face;
mod interior;
mod likeness;
mod manner;
mod mesh;
mod motion;
mod painter;
mod rig;
mod scenery;
mod shot;
pub mod study;
mod texture;

use image::RgbImage;
use serde_json::json;
use sha2::{Digest, Sha256};

use self::{
    backdrop::Backdrop,
    face::{Face, FaceFinder, Fitness},
    likeness::Likeness,
    manner::Manner,
    motion::{Motion as Movement, Score},
    painter::Painter,
    shot::Shot,
};
use super::{
    AvatarModel, EngineError, FilmReport, FilmTask, FrameSink, ModelInfo, Motion, RunContext, bundle,
    film::camera::CameraMove,
    frame_count,
    restyle::{cutout::Cutout, raster},
    session::GraphOptions,
    text::{TextModel, wishes::WishReader},
};
use crate::domain::job::Mode;

/// The id of the model.
pub const MODEL: &str = "avatar";
/// Faces are looked for in a picture of at most this long side.
const LOOK_SIDE_MAX: u32 = 2048;

/// What the model says it is.
pub fn info() -> ModelInfo {
    let packs = ["face", "minilm", "u2netp"].map(bundle::pack);
    let mut hasher = Sha256::new_with_prefix("avatar 2");
    packs.iter().flatten().for_each(|pack| hasher.update(pack.digest()));
    ModelInfo {
        id: MODEL.into(),
        description:
            "Makes a portrait speak: lips, jaw, eyes and head move with the voice. A picture without a face that \
                      can speak gets a camera move."
                .into(),
        modes: vec![Mode::ImageToVideo],
        licence: "Apache-2.0 AND MIT".into(),
        source: packs.iter().flatten().map(|pack| pack.source).collect::<Vec<_>>().join("; "),
        digest: format!("{:x}", hasher.finalize()),
        fields: ["width", "height", "fps", "face"].map(str::to_owned).to_vec(),
    }
}

/// The model. Its networks load on first use.
pub struct Avatar {
    info: ModelInfo,
    finder: Option<FaceFinder>,
    wishes: Option<WishReader>,
    camera: CameraMove,
    options: GraphOptions,
}

/// What was decided about a picture.
enum Choice {
    /// This face speaks.
    Speaks(Box<Face>, Fitness, usize),
    /// None can, for this reason.
    Camera(String),
}

impl Avatar {
    /// A model with no network in memory yet.
    pub fn new(options: GraphOptions) -> Self {
        Self { info: info(), finder: None, wishes: None, camera: CameraMove::new(), options }
    }

    /// Finds the face that shall speak, in pixels of the picture itself.
    fn choose(&mut self, task: &FilmTask, ctx: &RunContext<'_>) -> Result<Choice, EngineError> {
        let mut finder = match self.finder.take() {
            Some(finder) => finder,
            None => FaceFinder::load()?,
        };
        let (width, height) = raster::fit_within(task.picture.dimensions(), LOOK_SIDE_MAX);
        let picture = raster::resize(&task.picture, width, height);
        let faces = finder.find(&picture, ctx);
        self.finder = Some(finder);
        let faces = faces?;
        let count = faces.len();
        let index = task.face.unwrap_or(0) as usize;
        let Some(face) = faces.into_iter().nth(index) else {
            return Ok(Choice::Camera(match (count, index) {
                (0, _) => "No face was found in the picture".into(),
                (1, _) => format!("The picture has one face, so there is no face {index}"),
                _ => format!("The picture has {count} faces, so there is no face {index}"),
            }));
        };
        Ok(match face.judge(&picture) {
            Ok(fitness) => {
                let scale = task.picture.width() as f32 / width as f32;
                Choice::Speaks(Box::new(face.scaled(scale)), fitness, count)
            }
            Err(unfit) => Choice::Camera(format!("A face was found, but {}", unfit.explain())),
        })
    }

    fn manner(&mut self, prompt: &str, ctx: &RunContext<'_>) -> Result<Manner, EngineError> {
        if prompt.trim().is_empty() {
            return Ok(Manner::default());
        }
        let mut reader = match self.wishes.take() {
            Some(reader) => reader,
            None => WishReader::new(TextModel::load(self.options)?),
        };
        let wishes = reader.read(prompt, ctx.cancel_token());
        self.wishes = Some(reader);
        Ok(Manner::from_wishes(&wishes?))
    }

    fn movement(task: &FilmTask, manner: &Manner, fitness: Fitness) -> Movement {
        Movement::new(&Score {
            audio: &task.audio,
            phonemes: &task.phonemes,
            manner,
            seed: task.seed,
            freedom: fitness.freedom,
            blinks: !fitness.drawn,
        })
    }

    /// The portrait at working size, on the rig.
    fn painter(task: &FilmTask, face: &Face, shot: &Shot, ctx: &RunContext<'_>) -> Result<Painter, EngineError> {
        let (width, height) = shot.working_size();
        let picture = raster::resize(&task.picture, width, height);
        let mut likeness = Likeness::new(&face.scaled(shot.working_scale()))?;
        likeness.look_at_lips(&picture);
        let (width, height) = Backdrop::size(picture.dimensions());
        // Loaded for this once: the network loads quickly, and its memory is more than a film's.
        let person = Cutout::load()?.alpha(&raster::resize(&picture, width, height), ctx)?;
        let backdrop = Backdrop::new(&picture, &person, &likeness);
        Painter::new(&picture, likeness, backdrop)
    }

    fn speak(
        &mut self,
        task: &FilmTask,
        (face, fitness, count): (&Face, Fitness, usize),
        frames: &mut FrameSink<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<FilmReport, EngineError> {
        let looking = ctx.part("looking", 0.01, 0.04);
        let manner = self.manner(&task.prompt, &looking)?;
        let size = self.frame_size(task);
        let shot = Shot::plan(task.picture.dimensions(), size, face, &manner);
        let movement = Self::movement(task, &manner, fitness);
        let painter = Self::painter(task, face, &shot, &looking)?;
        looking.step(1, 1)?;
        let total = frame_count(task);
        let filming = ctx.part("filming", 0.04, 1.0);
        let mut frame = RgbImage::new(size.0, size.1);
        for index in 0..total {
            filming.step(index, total)?;
            let seconds = index as f32 / task.fps.max(1) as f32;
            let moment = if total > 1 { index as f32 / (total - 1) as f32 } else { 0.0 };
            painter.draw(&movement.at(seconds), &shot.view(moment), &mut frame);
            frames(&frame)?;
        }
        filming.step(total, total)?;
        let mut warnings = Vec::new();
        if count > 1 && task.face.is_none() {
            warnings.push(format!("The picture has {count} faces; the largest speaks. `face` chooses another."));
        }
        let plan = json!({
            "face": task.face.unwrap_or(0), "faces": count, "drawn": fitness.drawn, "manner": manner,
            "yaw_degrees": fitness.pose.yaw.round(), "pitch_degrees": fitness.pose.pitch.round(),
        });
        Ok(FilmReport { motion: Motion::Face, warnings, plan: Some(plan) })
    }
}

impl AvatarModel for Avatar {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn frame_size(&self, task: &FilmTask) -> (u32, u32) {
        self.camera.frame_size(task)
    }

    fn animate(
        &mut self,
        task: &FilmTask,
        frames: &mut FrameSink<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<FilmReport, EngineError> {
        if task.picture.width() == 0 || task.picture.height() == 0 {
            return Err(EngineError::Input("The picture is empty.".into()));
        }
        let looking = ctx.part("looking", 0.0, 0.01);
        looking.step(0, 1)?;
        match self.choose(task, &looking)? {
            Choice::Speaks(face, fitness, count) => self.speak(task, (&face, fitness, count), frames, ctx),
            Choice::Camera(reason) => {
                let mut report = self.camera.animate(task, frames, ctx)?;
                report.warnings.insert(0, format!("{reason}: a camera moves over it instead."));
                Ok(report)
            }
        }
    }
}

#[cfg(test)]
mod tests;
