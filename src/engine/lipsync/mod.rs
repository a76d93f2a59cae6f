//! Learned mouths that the operator brings: packs of Wav2Lip's layout.
//!
//! A pack is a folder with one ONNX file that takes a mel spectrogram, f32 [batch, 1, 80, 16], and a face twice, f32
//! [batch, 6, 96, 96], and gives a face, f32 [batch, 3, 96, 96]; it is known by these shapes, whatever its tensors are
//! called. Owns the preparation that such networks were trained with ([`mel`], [`paste`]). No weights travel with the
//! appliance: those of the paper are for research only.

mod mel;
pub mod pack;
mod paste;

use std::path::{Path, PathBuf};

use image::RgbImage;

use self::{
    mel::{BANDS, COLUMNS, Mel},
    pack::Pack,
    paste::{FACE, FaceBox, SIDE},
};
use super::{
    AvatarModel, CancelToken, EngineError, FilmReport, FilmTask, FrameSink, ModelInfo, Motion, RunContext,
    avatar::face::FaceFinder,
    film::camera,
    frame_count,
    onnx::{Signature, TensorType},
    restyle::raster,
    session::{Graph, GraphOptions, Value},
};
use crate::{config::Device, domain::job::Mode, media::audio::Pcm};

/// Frames of one run of the network, where it takes any number.
const BATCH: usize = 8;
/// How far below the chin the face box reaches, of its height, as the authors pad it.
const CHIN: f32 = 0.06;

/// The tensors of a Wav2Lip network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    sound: String,
    face: String,
    mouth: String,
    /// How many frames a run takes.
    batch: usize,
}

impl Layout {
    /// The layout, where the signature is Wav2Lip's.
    pub fn recognise(signature: &Signature) -> Option<Self> {
        let some = |sizes: &[usize]| -> Vec<Option<u64>> {
            std::iter::once(None).chain(sizes.iter().map(|&n| Some(n as u64))).collect()
        };
        let find = |tensors: &[TensorType], sizes: &[usize]| {
            let mut found = tensors.iter().filter(|tensor| tensor.is_float_of(&some(sizes)));
            found.next().filter(|_| found.next().is_none()).cloned()
        };
        if signature.inputs.len() != 2 || signature.outputs.len() != 1 {
            return None;
        }
        let sound = find(&signature.inputs, &[1, BANDS, COLUMNS])?;
        let face = find(&signature.inputs, &[6, SIDE, SIDE])?;
        let mouth = find(&signature.outputs, &[3, SIDE, SIDE])?;
        let batch = [&sound, &face, &mouth].iter().find_map(|tensor| tensor.shape[0]);
        let batch = batch.map_or(BATCH, |batch| batch as usize);
        let differ = sound.name != face.name && (1..=256).contains(&batch);
        differ.then_some(Self { sound: sound.name, face: face.name, mouth: mouth.name, batch })
    }
}

/// What the model of a pack says it is, its layout and its file; `None` where the pack is of another family.
///
/// # Errors
/// [`EngineError::Model`] where a file can't be read.
pub fn recognise(pack: &Pack) -> Result<Option<(ModelInfo, Layout, PathBuf)>, EngineError> {
    let [path] = &pack.graphs()[..] else { return Ok(None) };
    let bytes = std::fs::read(path).map_err(|e| EngineError::Model(format!("{}: {e}", path.display())))?;
    let Some(layout) = Signature::read(&bytes).as_ref().and_then(Layout::recognise) else { return Ok(None) };
    drop(bytes);
    let say = |text: &Option<String>, otherwise: &str| text.clone().unwrap_or_else(|| otherwise.to_owned());
    let info = ModelInfo {
        id: pack.id.clone(),
        description: say(
            &pack.manifest.description,
            "Learned lip movement of Wav2Lip's layout, brought by the operator.",
        ),
        modes: vec![Mode::ImageToVideo],
        licence: say(&pack.manifest.licence, "LicenseRef-unknown"),
        source: say(&pack.manifest.source, "a pack of the operator's"),
        digest: pack::digest_file(path)?,
        fields: ["width", "height", "fps"].map(str::to_owned).to_vec(),
    };
    Ok(Some((info, layout, path.clone())))
}

/// The model of one pack.
pub struct LipSync {
    info: ModelInfo,
    layout: Layout,
    graph: Graph,
    finder: Option<FaceFinder>,
}

impl LipSync {
    /// Loads the network.
    ///
    /// # Errors
    /// [`EngineError::Model`] where it can't be read or loaded, [`EngineError::Cancelled`] once it is cancelled.
    pub fn load(
        info: ModelInfo,
        layout: Layout,
        path: &Path,
        options: GraphOptions,
        cancel: &CancelToken,
    ) -> Result<Self, EngineError> {
        Ok(Self { info, layout, graph: Graph::from_file(path, options, Device::Cpu, cancel)?, finder: None })
    }

    /// Runs the network once over silence and a black face, to see that it works.
    ///
    /// # Errors
    /// [`EngineError::Model`] where it doesn't.
    pub fn try_out(&mut self, ctx: &RunContext<'_>) -> Result<(), EngineError> {
        let silence = Mel::new(&Pcm { samples: vec![0.0; 16_000], rate: 16_000 })?;
        self.speak((&silence, 25), &vec![0.0; 2 * FACE], 0..1, ctx).map(drop)
    }

    /// The face that speaks, in pixels of `frame`.
    fn find_face(&mut self, frame: &RgbImage, ctx: &RunContext<'_>) -> Result<FaceBox, EngineError> {
        let mut finder = match self.finder.take() {
            Some(finder) => finder,
            None => FaceFinder::load()?,
        };
        let faces = finder.find(frame, ctx);
        self.finder = Some(finder);
        let faces = faces?;
        let none = || EngineError::Input("No face was found in the picture, and this model moves nothing else.".into());
        let (low, high) = faces.first().ok_or_else(none)?.bounds();
        let chin = (high.y - low.y) * CHIN;
        FaceBox::within((low.x, low.y), (high.x, high.y + chin), frame.dimensions()).ok_or_else(none)
    }

    /// The network's faces for the frames `range`.
    fn speak(
        &mut self,
        (mel, fps): (&Mel, u32),
        face: &[f32],
        range: std::ops::Range<usize>,
        ctx: &RunContext<'_>,
    ) -> Result<Vec<f32>, EngineError> {
        let batch = self.layout.batch;
        // A fixed batch is filled up with the last frame; an open one takes what there is.
        let sound: Vec<f32> = (0..batch).flat_map(|i| mel.window((range.start + i).min(range.end - 1), fps)).collect();
        let inputs = vec![
            (self.layout.sound.as_str(), Value::F32(vec![batch, 1, BANDS, COLUMNS], sound)),
            (self.layout.face.as_str(), Value::F32(vec![batch, 6, SIDE, SIDE], face.repeat(batch))),
        ];
        let output = self.graph.run(inputs, ctx.cancel_token())?.remove(&self.layout.mouth);
        let wrong = || EngineError::Model("the pack's network gave no faces".into());
        let (_, values) = output.ok_or_else(wrong)?.into_f32()?;
        if values.len() == batch * FACE { Ok(values) } else { Err(wrong()) }
    }
}

impl AvatarModel for LipSync {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn frame_size(&self, task: &FilmTask) -> (u32, u32) {
        camera::frame_size(task.picture.dimensions(), task.width, task.height)
    }

    fn animate(
        &mut self,
        task: &FilmTask,
        frames: &mut FrameSink<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<FilmReport, EngineError> {
        let looking = ctx.part("looking", 0.0, 0.05);
        looking.step(0, 1)?;
        let (width, height) = self.frame_size(task);
        let still = raster::resize(&task.picture, width, height);
        let place = self.find_face(&still, &looking)?;
        let (face, mel) = (place.cut(&still), Mel::new(&task.audio)?);
        let filming = ctx.part("filming", 0.05, 1.0);
        let count = frame_count(task);
        for start in (0..count).step_by(self.layout.batch) {
            filming.step(start, count)?;
            let range = start..(start + self.layout.batch).min(count);
            let mouths = self.speak((&mel, task.fps), &face, range.clone(), &filming)?;
            for (_, mouth) in range.zip(mouths.chunks_exact(FACE)) {
                let mut frame = still.clone();
                place.paste(mouth, &mut frame);
                frames(&frame)?;
            }
        }
        filming.step(count, count)?;
        Ok(FilmReport { motion: Motion::Face, warnings: Vec::new(), plan: None })
    }
}

#[cfg(test)]
mod tests;
