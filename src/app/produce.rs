//! From an accepted request to finished media: reads the inputs, runs the models, encodes. Knows no job states.

use std::time::Instant;

use serde_json::{Value, json};

use super::{App, AppError, jobs::image_task};
use crate::{
    db::{assets, jobs::Job},
    domain::{
        asset::AssetKind,
        ids::AssetId,
        job::{AbortCode, AbortReason},
        request::{ImageFormat, ImageToImage, ImageToVideo, Request, Soundtrack, Spoken, Subtitles, TextToImage},
    },
    engine::{EngineError, FilmReport, FilmTask, ImageTask, RunContext, Speech, SpeechTask, registry::Engine, speech},
    media::{
        self, MediaError,
        audio::Pcm,
        mp4::track::TextTrack,
        subtitles::{Cue, make_cues},
        video::{FilmFormat, FilmWriter},
    },
    store::{Staged, StoreError},
};

/// Frames a second of a film that asks for no other rate.
const FPS: u32 = 25;

/// A film is never wider or higher than 1920 pixels: a picture beyond this side shows nothing more.
const FILM_PICTURE_SIDE_MAX: u32 = 4096;

/// What a run made, encoded.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) content: Staged,
    pub(super) kind: AssetKind,
    pub(super) content_type: &'static str,
    pub(super) extension: &'static str,
    pub(super) size: Option<(u32, u32)>,
    pub(super) duration_seconds: Option<f64>,
    pub(super) warnings: Vec<String>,
    pub(super) plan: Option<Value>,
    pub(super) motion: Option<String>,
}

/// Why a run made nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// Somebody cancelled it.
    Cancelled,
    /// It failed for this reason, told to the owner; the detail is for the log.
    Aborted(AbortReason, String),
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Cancelled => Self::Cancelled,
            EngineError::Input(message) => {
                Self::Aborted(AbortReason::new(AbortCode::InputUnusable, message.clone()), message)
            }
            EngineError::Model(detail) => {
                let message = "The model failed; the credits were released. The operator's log has the details.";
                Self::Aborted(AbortReason::new(AbortCode::ModelFailed, message), detail)
            }
        }
    }
}

impl From<MediaError> for Failure {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::StorageFull => AppError::StorageFull.into(),
            error => EngineError::Model(error.to_string()).into(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        AppError::from(error).into()
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::StorageFull => Self::Aborted(
                AbortReason::new(AbortCode::StorageFull, "The appliance's disk is full; the credits were released."),
                "disk full".into(),
            ),
            AppError::NotFound(what) => EngineError::Input(format!("An input {what} is not there any more.")).into(),
            AppError::DamagedMedia(message) | AppError::UnsupportedMedia(message) | AppError::TooLarge(message) => {
                EngineError::Input(format!("An input can't be used: {message}.")).into()
            }
            other => EngineError::Model(other.to_string()).into(),
        }
    }
}

/// One run: the appliance, the job, and what the run reports to.
pub(super) struct Run<'a> {
    pub(super) app: &'a App,
    pub(super) job: &'a Job,
    pub(super) request: &'a Request,
    pub(super) ctx: &'a RunContext<'a>,
}

impl Run<'_> {
    /// Makes what the request asks for.
    pub(super) fn produce(&self) -> Result<(Product, Value), Failure> {
        let begun = Instant::now();
        let product = match self.request {
            Request::TextToImage(request) => self.text_to_image(request),
            Request::ImageToImage(request) => self.image_to_image(request),
            Request::Audio(request) => self.audio(&request.speech),
            Request::ImageToVideo(request) => self.image_to_video(request),
        }?;
        let seconds = (begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        Ok((product, json!({"run_seconds": seconds})))
    }

    fn engine(&self) -> &Engine {
        self.app.engine_for(self.job.accepted.owner.livemode)
    }

    fn seed(&self) -> u32 {
        self.job.accepted.seed
    }

    fn task(&self) -> Result<ImageTask, Failure> {
        image_task(self.request).ok_or_else(|| EngineError::Model("not an image request".into()).into())
    }

    fn text_to_image(&self, request: &TextToImage) -> Result<Product, Failure> {
        self.paint(&self.task()?, (request.format, request.embed_parameters))
    }

    fn image_to_image(&self, request: &ImageToImage) -> Result<Product, Failure> {
        let mut task = self.task()?;
        task.input = Some(self.picture(request.input_image_asset_id)?);
        if let Some(style) = request.style_image_asset_id {
            task.style = Some(media::image::flatten(&self.picture(style)?, WHITE));
        }
        self.paint(&task, (request.format, request.embed_parameters))
    }

    fn paint(&self, task: &ImageTask, (format, embed): (ImageFormat, Option<bool>)) -> Result<Product, Failure> {
        let ctx = self.ctx.part("loading", 0.0, 0.98);
        let made = self.engine().paint(&self.job.accepted.model, task, &ctx)?;
        self.ctx.part("encoding", 0.98, 1.0).step(0, 1)?;
        let (picture, credits) = (&made.image, credit_lines(made.plan.as_ref()));
        let (bytes, content_type, extension) = match format {
            ImageFormat::Png => {
                let parameters = (embed != Some(false)).then(|| self.parameters(made.plan.as_ref()));
                (encode_png(picture, parameters.as_deref(), &credits)?, "image/png", "png")
            }
            ImageFormat::Jpeg => {
                let flat = media::image::flatten(picture, WHITE);
                (media::image::encode_credited_jpeg(&flat, 92, &credits)?, "image/jpeg", "jpg")
            }
            ImageFormat::Webp => (media::image::encode_credited_webp(picture, &credits)?, "image/webp", "webp"),
        };
        Ok(Product {
            content: self.stage(&bytes)?,
            kind: AssetKind::Image,
            content_type,
            extension,
            size: Some(made.image.dimensions()),
            duration_seconds: None,
            warnings: made.warnings,
            plan: made.plan,
            motion: None,
        })
    }

    /// What made a picture, so that it can be made again.
    fn parameters(&self, plan: Option<&Value>) -> String {
        let job = &self.job.accepted;
        let parameters = json!({
            "mode": job.mode, "model": job.model, "model_digest": job.model_digest, "seed": job.seed,
            "prompt": self.request.prompt(), "plan": plan,
        });
        parameters.to_string()
    }

    fn audio(&self, speech: &Spoken) -> Result<Product, Failure> {
        let spoken = self.speak(speech, &self.ctx.part("loading", 0.0, 0.98))?;
        let info = [("ISFT", "MagicPixels appliance")];
        Ok(Product {
            content: self.stage(&media::audio::encode_wav(&spoken.audio, &info)?)?,
            kind: AssetKind::Audio,
            content_type: "audio/wav",
            extension: "wav",
            size: None,
            duration_seconds: Some(spoken.audio.duration_seconds()),
            warnings: spoken.warnings,
            plan: None,
            motion: None,
        })
    }

    fn speak(&self, speech: &Spoken, ctx: &RunContext<'_>) -> Result<Speech, Failure> {
        let task = SpeechTask {
            text: speech.voice_text.as_str().into(),
            voice: speech.voice_id.clone().unwrap_or_default(),
            speed: speech.speed.unwrap_or(1.0),
            seed: self.seed(),
        };
        Ok(self.engine().speak(&task, ctx)?)
    }

    fn image_to_video(&self, request: &ImageToVideo) -> Result<Product, Failure> {
        let picture = media::image::reduce(self.picture(request.input_image_asset_id)?, FILM_PICTURE_SIDE_MAX);
        let (speech, filming_from) = match &request.soundtrack {
            Soundtrack::Spoken(speech) => (self.speak(speech, &self.ctx.part("speaking", 0.0, 0.4))?, 0.4),
            Soundtrack::Asset { audio_asset_id } => {
                (Speech { audio: self.sound(*audio_asset_id)?, phonemes: Vec::new(), warnings: Vec::new() }, 0.05)
            }
        };
        let task = FilmTask {
            picture: media::image::flatten(&picture, WHITE),
            audio: speech.audio,
            phonemes: speech.phonemes,
            prompt: request.prompt.as_ref().map_or(String::new(), |prompt| prompt.as_str().into()),
            width: request.size.width,
            height: request.size.height,
            fps: request.fps.unwrap_or(FPS),
            face: request.face,
            seed: self.seed(),
        };
        drop(picture);
        let mut warnings = speech.warnings;
        let cues = subtitle_cues(request, &task, &mut warnings);
        let (writer, size, report) = self.film(&task, &self.ctx.part("filming", filming_from, 0.97))?;
        self.ctx.part("encoding", 0.97, 1.0).step(0, 1)?;
        let track = cues.clone().filter(|_| request.subtitles == Subtitles::Track);
        let mut content = self.app.store.stage(u64::MAX)?;
        writer.finish(track.map(|cues| TextTrack { cues, language: self.language(request) }), &mut content)?;
        let motion = serde_json::to_value(report.motion).ok().and_then(|m| m.as_str().map(str::to_owned));
        Ok(Product {
            content,
            kind: AssetKind::Video,
            content_type: "video/mp4",
            extension: "mp4",
            size: Some(size),
            duration_seconds: Some(task.audio.duration_seconds()),
            warnings: warnings.into_iter().chain(report.warnings).collect(),
            plan: film_plan(report.plan, cues.as_deref()),
            motion,
        })
    }

    /// Renders the film, encoding beside it. Also answers the size of its frames.
    fn film(&self, task: &FilmTask, ctx: &RunContext<'_>) -> Result<(FilmWriter, (u32, u32), FilmReport), Failure> {
        let spool = Box::new(self.app.store.spool()?);
        let mut begun: Option<(FilmWriter, (u32, u32))> = None;
        let (mut spool, mut failed) = (Some(spool), None);
        let mut sink = |(width, height): (u32, u32), frame: &image::RgbImage| {
            let mut push = || {
                if let Some(spool) = spool.take() {
                    let format = FilmFormat { width, height, fps: task.fps };
                    begun = Some((FilmWriter::new(format, &task.audio, spool)?, (width, height)));
                }
                begun.as_mut().map_or(Ok(()), |(writer, _)| writer.push(frame))
            };
            push().map_err(|error: MediaError| {
                let message = error.to_string();
                failed = Some(error);
                EngineError::Model(message)
            })
        };
        let report = self.engine().film(&self.job.accepted.model, task, &mut sink, ctx);
        // What the encoder said is more than what the model made of it.
        if let Some(error) = failed {
            return Err(error.into());
        }
        let report = report?;
        let (writer, size) = begun.ok_or_else(|| EngineError::Model("the film has no frames".into()))?;
        Ok((writer, size, report))
    }

    /// The language of the film's voice as ISO 639-2/T.
    fn language(&self, request: &ImageToVideo) -> [u8; 3] {
        let Soundtrack::Spoken(Spoken { voice_id: Some(voice), .. }) = &request.soundtrack else { return *b"und" };
        match self.engine().voice(voice) {
            Some(voice) if voice.language.starts_with("en") => *b"eng",
            _ => *b"und",
        }
    }

    fn stage(&self, bytes: &[u8]) -> Result<Staged, Failure> {
        let mut staged = self.app.store.stage(bytes.len() as u64)?;
        staged.append(bytes)?;
        Ok(staged)
    }

    /// The bytes' asset, which the job was accepted with; its owner may have lost it since.
    fn picture(&self, id: AssetId) -> Result<image::RgbaImage, Failure> {
        let asset = self.input(id)?;
        let bytes = self.app.store.read_all(&asset.sha256).map_err(AppError::from)?;
        media::image::decode(&bytes, &self.app.media_limits()).map_err(|e| AppError::from(e).into())
    }

    fn sound(&self, id: AssetId) -> Result<Pcm, Failure> {
        let asset = self.input(id)?;
        let (file, _) = self.app.store.read(&asset.sha256).map_err(AppError::from)?;
        media::audio::decode(file, &self.app.media_limits()).map_err(|e| AppError::from(e).into())
    }

    fn input(&self, id: AssetId) -> Result<assets::Asset, Failure> {
        let owner = self.job.accepted.owner;
        let found = self.app.db.read(|conn| assets::find(conn, owner, id)?.ok_or(AppError::NotFound("asset")));
        Ok(found?)
    }
}

/// What shows through transparent pixels where a picture must have none.
const WHITE: [u8; 3] = [255, 255, 255];

/// A PNG that carries what made it, where that is wanted; whose the things in it are, it carries in any case, since their
/// licences ask for it.
fn encode_png(picture: &image::RgbaImage, parameters: Option<&str>, credits: &str) -> Result<Vec<u8>, Failure> {
    let mut texts = Vec::new();
    if let Some(parameters) = parameters {
        texts.extend([("Software", "MagicPixels appliance"), ("parameters", parameters)]);
    }
    if !credits.is_empty() {
        texts.push(("Copyright", credits));
    }
    Ok(media::image::encode_png(picture, &texts)?)
}

/// Whose the things in a picture are, a line each, as its plan says.
fn credit_lines(plan: Option<&Value>) -> String {
    let credits = plan.and_then(|plan| plan["credits"].as_array());
    let lines = credits.into_iter().flatten().filter_map(|credit| credit["text"].as_str());
    lines.collect::<Vec<_>>().join("\n")
}

/// How the model read the request, and the cues of the subtitles where there are any.
fn film_plan(plan: Option<Value>, cues: Option<&[Cue]>) -> Option<Value> {
    let Some(cues) = cues else { return plan };
    let mut plan = plan.filter(Value::is_object).unwrap_or_else(|| json!({}));
    plan["subtitles"] = json!(cues);
    Some(plan)
}

/// The cues that the request wants of what is spoken.
fn subtitle_cues(request: &ImageToVideo, task: &FilmTask, warnings: &mut Vec<String>) -> Option<Vec<Cue>> {
    let Soundtrack::Spoken(Spoken { voice_text, .. }) = &request.soundtrack else { return None };
    if request.subtitles == Subtitles::None {
        return None;
    }
    if task.phonemes.is_empty() {
        warnings.push("The voice tells no times: those of the subtitles are estimated.".into());
    }
    let length_seconds = task.audio.duration_seconds();
    Some(make_cues(&speech::time_words(voice_text.as_str(), &task.phonemes, length_seconds), length_seconds))
}
