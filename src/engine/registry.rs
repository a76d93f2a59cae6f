//! Which models this appliance has, and when they are in memory.
//!
//! Owns loading on first use, unloading when idle, and what may be asked of whom. A family of models is one module
//! and one line in [`Engine::built_in`]. Knows nothing of jobs, accounts or files.

use std::{path::Path, sync::Arc, time::Duration};

use serde::Serialize;

use self::stock::Stock;
use super::{
    AvatarModel, CancelToken, EngineError, FilmReport, FilmTask, FrameSink, ImageModel, ImageResult, ImageTask, Limit,
    ModelInfo, RunContext, Speech, SpeechModel, SpeechTask, Voice, built_in, bundle,
    device::{self, Placement},
    diffusion::Resources,
    fake::{self, Fake},
    installed::Installed,
    lipsync::{self, LipSync},
    memory::Pool,
    packs::{Pack, PackStore},
    scene::library::Library,
    session::GraphOptions,
    slot::{ImageSlot, Maker, Slot, lock},
    speech,
};
use crate::{
    config::Device,
    domain::{
        field::{FieldError, nearest},
        job::Mode,
        request::{ImageToVideo, Request},
    },
};

mod stock;
#[cfg(test)]
mod tests;

/// A model as `GET /v1/models` lists it.
#[derive(Debug, Clone, Serialize)]
pub struct ModelStatus {
    /// What it is and can do.
    #[serde(flatten)]
    pub info: ModelInfo,
    /// Whether it is in memory now.
    pub loaded: bool,
    /// The ranges of the numbers that a job may set, where the model tells.
    pub limits: Vec<Limit>,
    /// Where its graphs run, or will.
    #[serde(flatten)]
    pub placement: Placement,
}

/// A model as the operator sees it.
pub struct ModelDetail {
    /// What it is and can do.
    pub info: ModelInfo,
    /// Whether it is in memory now.
    pub is_loaded: bool,
    /// Where its graphs run, or will.
    pub placement: Placement,
    /// By how much the process grew when the model was loaded and first ran: an estimate, since other runs grow it too.
    pub memory_bytes: Option<u64>,
    /// For how long nobody used it; `None` when nobody has.
    pub idle: Option<Duration>,
    /// Wall seconds that a run takes, on average over the latest; a guess before the first.
    pub run_seconds: f64,
    /// Whether it travels in the binary; the others are the operator's own packs.
    pub is_built_in: bool,
    /// The packs of the binary that it is made of.
    pub packs: Vec<&'static bundle::Pack>,
    /// The pack that the operator brought it in.
    pub installed: Option<Pack>,
}

/// What came of an order to unload a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unloaded {
    /// It is not in memory any more.
    Gone,
    /// It runs and stays.
    Busy,
    /// There is no model of that id.
    Unknown,
}

/// How the built-in models run.
#[derive(Debug, Clone, Copy, Default)]
pub struct EngineOptions {
    /// Threads of one run; 0 takes one a core.
    pub threads: usize,
    /// What the graphs of packs run on; those of the binary are made for the CPU.
    pub device: Device,
}

/// Takes the frame size with every frame.
pub type SizedFrameSink<'a> = dyn FnMut((u32, u32), &image::RgbImage) -> Result<(), EngineError> + 'a;

/// Every model of the appliance.
pub struct Engine {
    images: Stock,
    installed: Option<Installed>,
    speech: Vec<Slot<dyn SpeechModel>>,
    films: Vec<Arc<Slot<dyn AvatarModel>>>,
    voices: Vec<Voice>,
    memory: Arc<Pool>,
    estimate_speech: fn(&str, &str, f32) -> f64,
}

impl Engine {
    /// The models that travel in the binary.
    pub fn built_in(options: EngineOptions) -> Self {
        let (options, memory): (_, Arc<Pool>) = (GraphOptions { threads: options.threads }, Arc::default());
        let shared = memory.clone();
        Self {
            images: Stock::new(Box::new(move |libraries| built_in::images(options, libraries, &shared))),
            installed: None,
            speech: built_in::speech(options),
            films: built_in::films(options).into_iter().map(Arc::new).collect(),
            voices: speech::voices(),
            memory,
            estimate_speech: speech::estimate_seconds,
        }
    }

    /// Adds the packs of the operator's in `folder`. One that can't be used is named in the log and left out.
    #[must_use]
    pub fn with_packs(mut self, folder: &Path, options: EngineOptions) -> Self {
        let options = GraphOptions { threads: options.threads };
        for found in lipsync::pack::scan(folder) {
            match found.and_then(|pack| lipsync::recognise(&pack).map(|known| (pack, known)).map_err(|e| e.to_string()))
            {
                Ok((pack, _)) if self.models().iter().any(|model| model.info.id == pack.id) => {
                    tracing::warn!(pack = pack.id, "a pack is named like a model that is there; it is left out");
                }
                Ok((pack, Some((info, layout, path)))) => {
                    tracing::info!(pack = pack.id, digest = info.digest, "a pack was added");
                    let its = info.clone();
                    let make = move |cancel: &CancelToken| -> Result<Box<dyn AvatarModel>, EngineError> {
                        Ok(Box::new(LipSync::load(its.clone(), layout.clone(), &path, options, cancel)?))
                    };
                    self.films.push(Arc::new(Slot::new(info, 10.0, Box::new(make))));
                }
                Ok((pack, None)) => tracing::warn!(pack = pack.id, "a pack is of no family that is known"),
                Err(message) => tracing::warn!(message, "a pack can't be used"),
            }
        }
        self
    }

    /// Test patterns in place of every model.
    pub fn fake() -> Self {
        let slot = || -> Maker<dyn ImageModel> { Box::new(|_| Ok(Box::new(Fake::default()))) };
        Self {
            images: Stock::new(Box::new(move |_| {
                vec![Arc::new(ImageSlot::built_in(Slot::new(fake::info(), 0.1, slot())))]
            })),
            installed: None,
            speech: vec![Slot::new(fake::info(), 0.1, Box::new(|_| Ok(Box::new(Fake::default()))))],
            films: vec![Arc::new(Slot::new(fake::info(), 0.1, Box::new(|_| Ok(Box::new(Fake::default())))))],
            voices: fake::voices(),
            memory: Arc::default(),
            estimate_speech: |text, _, speed| fake::speech_seconds(text, speed),
        }
    }

    /// These models and those of the installed packs, which come after them. From now on all of them share the memory
    /// of the budget.
    #[must_use]
    pub fn with_installed(self, store: PackStore, resources: Resources) -> Self {
        self.memory.set_limit(resources.budget_bytes);
        Self { installed: Some(Installed::new(store, resources)), ..self }
    }

    fn image_slots(&self) -> Vec<Arc<ImageSlot>> {
        let Some(installed) = &self.installed else { return self.images.slots(&[]) };
        let libraries: Vec<_> = installed.libraries().into_iter().map(|(library, _)| library).collect();
        let mut slots = self.images.slots(&libraries);
        slots.extend(installed.images());
        slots
    }

    fn film_slots(&self) -> Vec<Arc<Slot<dyn AvatarModel>>> {
        let installed = self.installed.as_ref().map_or_else(Vec::new, Installed::films);
        self.films.iter().cloned().chain(installed).collect()
    }

    /// The libraries of the scene renderer as the lists of models have them: they serve no mode of their own.
    fn libraries(&self) -> Vec<(ModelInfo, Pack)> {
        let all = self.installed.as_ref().map_or_else(Vec::new, Installed::libraries);
        let described = |(library, pack): (Arc<Library>, Pack)| (library.describe(&pack.manifest.source), pack);
        all.into_iter().map(described).collect()
    }

    fn image_slot(&self, id: &str) -> Option<Arc<ImageSlot>> {
        self.image_slots().into_iter().find(|image| image.slot.info.id == id)
    }

    /// Every model, in the order in which they are preferred.
    pub fn models(&self) -> Vec<ModelStatus> {
        fn status<M: ?Sized + Send + 'static>(slot: &Slot<M>) -> ModelStatus {
            let (info, loaded) = (slot.info.clone(), slot.is_loaded());
            ModelStatus { info, loaded, limits: Vec::new(), placement: slot.placement() }
        }
        let images = self.image_slots();
        let image = |image: &Arc<ImageSlot>| ModelStatus { limits: image.limits.clone(), ..status(&image.slot) };
        let mut all: Vec<ModelStatus> = images.iter().map(image).collect();
        all.extend(self.speech.iter().map(status));
        all.extend(self.film_slots().iter().map(|slot| status(slot)));
        all.extend(self.libraries().into_iter().map(|(info, _)| ModelStatus {
            info,
            loaded: false,
            limits: Vec::new(),
            placement: device::place(Device::Cpu),
        }));
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|model| seen.insert(model.info.id.clone()));
        all
    }

    /// Every model with what its use told of it, in the order in which they are preferred.
    pub fn details(&self) -> Vec<ModelDetail> {
        let mut all: Vec<ModelDetail> = self.image_slots().iter().map(|image| image.slot.detail()).collect();
        all.extend(self.speech.iter().map(Slot::detail));
        all.extend(self.film_slots().iter().map(|slot| slot.detail()));
        all.extend(self.libraries().into_iter().map(|(info, pack)| ModelDetail {
            info,
            is_loaded: false,
            placement: device::place(Device::Cpu),
            memory_bytes: None,
            idle: None,
            run_seconds: 0.0,
            is_built_in: false,
            packs: Vec::new(),
            installed: Some(pack),
        }));
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|model| seen.insert(model.info.id.clone()));
        all
    }

    /// Takes a model out of memory, unless it runs.
    pub fn unload(&self, id: &str) -> Unloaded {
        fn unload<M: ?Sized + Send + 'static>(slot: &Slot<M>, id: &str) -> Option<Unloaded> {
            (slot.info.id == id).then(|| slot.unload().map_or(Unloaded::Busy, |_| Unloaded::Gone))
        }
        let (slots, films) = (self.image_slots(), self.film_slots());
        let images = slots.iter().filter_map(|image| unload(&image.slot, id));
        let speech = self.speech.iter().filter_map(|slot| unload(slot, id));
        let films = films.iter().filter_map(|slot| unload(slot, id));
        images.chain(speech).chain(films).fold(Unloaded::Unknown, |all, one| match (all, one) {
            (Unloaded::Busy, _) | (_, Unloaded::Busy) => Unloaded::Busy,
            _ => one,
        })
    }

    /// Bytes of the weights in memory, and the most that may be.
    pub fn memory_bytes(&self) -> (u64, Option<u64>) {
        self.memory.bytes()
    }

    /// Every voice, the default one first.
    pub fn voices(&self) -> &[Voice] {
        &self.voices
    }

    /// The voice of that id.
    pub fn voice(&self, id: &str) -> Option<&Voice> {
        self.voices.iter().find(|voice| voice.id == id)
    }

    /// Spoken length of a text in seconds, estimated high and without running a model.
    pub fn estimate_speech_seconds(&self, text: &str, voice: &str, speed: f32) -> f64 {
        (self.estimate_speech)(text, voice, speed)
    }

    /// How long a run of this request would take, in seconds, for a person; `media_seconds` is how long its sound
    /// or film lasts.
    pub fn estimate_run_seconds(&self, request: &Request, media_seconds: f64) -> f64 {
        let model = request.common().model.as_deref().unwrap_or_default();
        match request.mode() {
            Mode::TextToImage | Mode::ImageToImage => {
                self.image_slot(model).map_or(1.0, |image| *lock(&image.slot.run_seconds))
            }
            Mode::Audio => 0.5 + 0.5 * media_seconds,
            Mode::ImageToVideo => 1.0 + media_seconds * if request.speech().is_some() { 1.2 } else { 0.7 },
        }
    }

    /// Fills in the model and the voice that the request leaves open and checks that the model honours every field
    /// that the request sets. Returns the chosen model's description.
    pub fn resolve(&self, request: &mut Request) -> Result<ModelInfo, Vec<FieldError>> {
        let mut faults = Vec::new();
        let voice_model = self.resolve_voice(request, &mut faults);
        let mode = request.mode();
        let (images, films) = (self.image_slots(), self.film_slots());
        let candidates: Vec<&ModelInfo> = match mode {
            Mode::TextToImage | Mode::ImageToImage => images.iter().map(|image| &image.slot.info).collect(),
            Mode::Audio => self.speech.iter().map(|slot| &slot.info).collect(),
            Mode::ImageToVideo => films.iter().map(|slot| &slot.info).collect(),
        };
        let serving: Vec<&ModelInfo> = candidates.into_iter().filter(|info| info.modes.contains(&mode)).collect();
        let chosen = match (&request.common().model, voice_model) {
            (Some(wanted), voice_model) => {
                let found = serving.iter().find(|info| info.id == *wanted).copied();
                if found.is_none() {
                    let ids: Vec<&str> = serving.iter().map(|info| info.id.as_str()).collect();
                    let hint = nearest(wanted, &ids).map_or(String::new(), |id| format!(" Did you mean `{id}`?"));
                    let message = format!("No model `{wanted}` serves {mode}; there is {}.{hint}", ids.join(", "));
                    faults.push(FieldError::new("model", "unknown", message));
                } else if mode == Mode::Audio && voice_model.as_ref().is_some_and(|model| model != wanted) {
                    let message = format!("The model `{wanted}` does not speak this voice.");
                    faults.push(FieldError::new("voice_id", "unsupported", message));
                }
                found
            }
            (None, Some(model)) if mode == Mode::Audio => serving.iter().find(|info| info.id == model).copied(),
            _ => serving.first().copied(),
        };
        let Some(info) = chosen else {
            if faults.is_empty() {
                faults.push(FieldError::new("mode", "unsupported", format!("No installed model serves {mode}.")));
            }
            return Err(faults);
        };
        faults.extend(unsupported(request, info));
        if faults.is_empty() {
            request.common_mut().model = Some(info.id.clone());
            Ok(info.clone())
        } else {
            Err(faults)
        }
    }

    /// Fills in the voice, and returns the model that speaks it.
    fn resolve_voice(&self, request: &mut Request, faults: &mut Vec<FieldError>) -> Option<String> {
        let speech = match request {
            Request::Audio(audio) => &mut audio.speech,
            Request::ImageToVideo(ImageToVideo {
                soundtrack: crate::domain::request::Soundtrack::Spoken(speech),
                ..
            }) => speech,
            _ => return None,
        };
        let wanted = speech.voice_id.clone().or_else(|| self.voices.first().map(|voice| voice.id.clone()))?;
        let Some(voice) = self.voice(&wanted) else {
            let ids: Vec<&str> = self.voices.iter().map(|voice| voice.id.as_str()).collect();
            let hint = nearest(&wanted, &ids).map_or(String::new(), |id| format!(" Did you mean `{id}`?"));
            let message = format!("There is no voice `{wanted}`; GET /v1/voices lists them.{hint}");
            faults.push(FieldError::new("voice_id", "unknown", message));
            return None;
        };
        speech.voice_id = Some(wanted);
        speech.speed.get_or_insert(1.0);
        Some(voice.model.clone())
    }

    /// What the model cannot do of an image task, by field.
    pub fn check_image(&self, model: &str, task: &ImageTask) -> Result<Vec<FieldError>, EngineError> {
        self.image_slot(model).ok_or_else(|| missing(model))?.check(task)
    }

    /// Makes a picture.
    pub fn paint(&self, model: &str, task: &ImageTask, ctx: &RunContext<'_>) -> Result<ImageResult, EngineError> {
        let image = self.image_slot(model).ok_or_else(|| missing(model))?;
        image.slot.with(&self.memory, ctx.cancel_token(), |m| m.generate(task, ctx))
    }

    /// Speaks a text with the model that the voice belongs to.
    pub fn speak(&self, task: &SpeechTask, ctx: &RunContext<'_>) -> Result<Speech, EngineError> {
        let voice = self.voice(&task.voice).ok_or_else(|| missing(&task.voice))?;
        let slot = self.speech.iter().find(|slot| slot.info.id == voice.model);
        slot.ok_or_else(|| missing(&voice.model))?.with(&self.memory, ctx.cancel_token(), |m| m.speak(task, ctx))
    }

    /// Makes a film; `frames` takes its frames in order.
    pub fn film(
        &self,
        model: &str,
        task: &FilmTask,
        frames: &mut SizedFrameSink<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<FilmReport, EngineError> {
        let slot = self.film_slots().into_iter().find(|slot| slot.info.id == model);
        slot.ok_or_else(|| missing(model))?.with(&self.memory, ctx.cancel_token(), |m| {
            let size = m.frame_size(task);
            let mut sink = |frame: &image::RgbImage| frames(size, frame);
            let sink: &mut FrameSink<'_> = &mut sink;
            m.animate(task, sink, ctx)
        })
    }

    /// Drops the models that nobody used for that long; returns their ids.
    pub fn unload_idle(&self, idle: Duration) -> Vec<String> {
        fn unload<M: ?Sized + Send + 'static>(slot: &Slot<M>, idle: Duration) -> Option<String> {
            slot.unload_if_idle(idle).then(|| slot.info.id.clone())
        }
        let (slots, films) = (self.image_slots(), self.film_slots());
        let images = slots.iter().filter_map(|image| unload(&image.slot, idle));
        let speech = self.speech.iter().filter_map(|slot| unload(slot, idle));
        images.chain(speech).chain(films.iter().filter_map(|slot| unload(slot, idle))).collect()
    }
}

fn missing(what: &str) -> EngineError {
    EngineError::Model(format!("`{what}` is not installed any more"))
}

/// The optional fields that the request sets and the model does not honour.
fn unsupported(request: &Request, info: &ModelInfo) -> Vec<FieldError> {
    let set: Vec<&str> = match request {
        Request::TextToImage(r) => optional(&[
            ("negative_prompt", r.negative_prompt.is_some()),
            ("width", r.size.width.is_some()),
            ("height", r.size.height.is_some()),
            ("steps", r.steps.is_some()),
            ("guidance", r.guidance.is_some()),
        ]),
        Request::ImageToImage(r) => optional(&[
            ("style_image_asset_id", r.style_image_asset_id.is_some()),
            ("negative_prompt", r.negative_prompt.is_some()),
            ("strength", r.strength.is_some()),
            ("width", r.size.width.is_some()),
            ("height", r.size.height.is_some()),
            ("steps", r.steps.is_some()),
            ("guidance", r.guidance.is_some()),
        ]),
        // A voice's speed is every speech model's own; films take the size and the rate.
        Request::Audio(_) => Vec::new(),
        Request::ImageToVideo(r) => optional(&[
            ("width", r.size.width.is_some()),
            ("height", r.size.height.is_some()),
            ("fps", r.fps.is_some()),
            ("face", r.face.is_some()),
        ]),
    };
    set.into_iter()
        .filter(|field| !info.fields.iter().any(|known| known == field))
        .map(|field| {
            let message = format!("The model `{}` has no `{field}`; it takes {}.", info.id, info.fields.join(", "));
            FieldError::new(field, "unsupported", message)
        })
        .collect()
}

fn optional(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    fields.iter().filter(|(_, set)| *set).map(|(field, _)| *field).collect()
}
