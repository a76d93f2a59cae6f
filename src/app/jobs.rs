//! Jobs as their owner deals with them: quote, submit, look, cancel, delete.
//!
//! [`App::submit`] answers only after the job, its hold and its idempotency record are committed together.

use serde_json::Value;

use super::{App, AppError, Caller, Credential, rehearsal, secrets};
use crate::{
    db::{
        Listing, Page,
        assets::{self, Asset},
        idempotency::{self, Begun, Scope},
        jobs::{self, Filter, Job, JobInput, NewJob, Outcome, Place},
    },
    domain::{
        asset::AssetKind,
        credits::Credits,
        digest::Digest,
        field::FieldError,
        ids::JobId,
        job::{JobEvent, JobState},
        request::{ImageToImage, ImageToVideo, Request, Soundtrack, TextToImage},
    },
    engine::{ImageTask, ModelInfo, registry::Engine},
};

/// What a request would cost and how long it would take.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// What would be held; a job is never charged more.
    pub credits: Credits,
    /// The model that would run.
    pub model: String,
    /// How long the sound or film would last at most; 0 for pictures.
    pub media_seconds: f64,
    /// Wall seconds of the run itself.
    pub run_seconds: f64,
    /// Jobs that would run before it.
    pub jobs_ahead: u64,
}

/// A request's answer, to be kept with its idempotency key.
pub type Render = Box<dyn FnOnce(&Job, Option<Place>) -> Value + Send>;

/// The client's own name for a request, so that sending it twice does it once.
pub struct Idempotency {
    /// The `Idempotency-Key` header.
    pub key: String,
    /// Makes the answer that later requests with the key get.
    pub render: Render,
}

/// What came of a submission.
#[derive(Debug, Clone, PartialEq)]
pub enum Submitted {
    /// A job was made.
    New(Box<Job>, Option<Place>),
    /// The request was made before and answered so.
    Replayed {
        /// The HTTP status of the first answer.
        status: u16,
        /// Its body.
        body: Value,
    },
}

/// The status of an answer that made a job.
const CREATED: u16 = 201;

/// The assets that a request works from, each with the field that names it.
type Inputs = Vec<(&'static str, Asset)>;

/// A request with everything settled but its acceptance.
struct Planned {
    request: Request,
    model: ModelInfo,
    inputs: Vec<JobInput>,
    price: Credits,
    media_seconds: f64,
    run_seconds: f64,
    /// The address under which the request came.
    base_url: String,
}

impl App {
    /// What the request would cost and how long it would take; charges nothing.
    pub fn quote(&self, caller: &Caller, body: &Value) -> Result<Quote, AppError> {
        let planned = self.plan(caller, body)?;
        let (queued, running) = self.db.read(|conn| jobs::count_unfinished(conn).map_err(AppError::from))?;
        Ok(Quote {
            credits: planned.price,
            model: planned.model.id,
            media_seconds: planned.media_seconds,
            run_seconds: planned.run_seconds,
            jobs_ahead: if caller.livemode { queued + running } else { 0 },
        })
    }

    /// Accepts a job, or answers again what was answered to the same request before. The URLs that its webhook tells
    /// begin with `base_url`, unless the operator has a `public_url`.
    pub fn submit(
        &self,
        caller: &Caller,
        body: &Value,
        idempotency: Option<Idempotency>,
        base_url: &str,
    ) -> Result<Submitted, AppError> {
        let plan = || self.plan(caller, body).map(|planned| Planned { base_url: base_url.to_owned(), ..planned });
        let Some(Idempotency { key, render }) = idempotency else {
            return self.accept(caller, &plan()?, None);
        };
        if key.is_empty() || key.len() > 255 || key.chars().any(char::is_control) {
            return Err(AppError::Malformed("Idempotency-Key must have 1 to 255 printable characters".into()));
        }
        let scope = Scope { account: caller.account, livemode: caller.livemode, key };
        let (hash, now, wanted) = (Digest::of(body.to_string().as_bytes()), self.clock.now(), scope.clone());
        match self.db.write(move |tx| idempotency::begin(tx, &wanted, &hash, now).map_err(AppError::from))? {
            Begun::Replay { status, body } => return Ok(Submitted::Replayed { status, body }),
            Begun::InFlight => return Err(AppError::IdempotencyInFlight),
            Begun::Mismatch => return Err(AppError::IdempotencyMismatch),
            Begun::Fresh => {}
        }
        let done = scope.clone();
        let result = plan().and_then(|planned| self.accept(caller, &planned, Some((scope, render))));
        if result.is_err() {
            // A refused request did nothing, so the same key may be used for the corrected one.
            self.db.write(move |tx| idempotency::abandon(tx, &done).map_err(AppError::from))?;
        }
        result
    }

    fn accept(
        &self,
        caller: &Caller,
        planned: &Planned,
        record: Option<(Scope, Render)>,
    ) -> Result<Submitted, AppError> {
        if !caller.livemode {
            rehearsal::admit(&planned.request, planned.price)?;
        }
        let new = self.new_job(caller, planned)?;
        let limits = &self.config.file.limits;
        let (mine_max, all_max) = (u64::from(limits.queued_jobs_per_account), u64::from(limits.queued_jobs));
        let (job, place) = self.db.write(move |tx| -> Result<_, AppError> {
            if jobs::count_queued(tx, new.owner.account)? >= mine_max {
                return Err(AppError::QueueFull(format!("the account has {mine_max} queued jobs, which is the most")));
            }
            if jobs::count_unfinished(tx)?.0 >= all_max {
                return Err(AppError::QueueFull(format!("the appliance has {all_max} queued jobs, which is the most")));
            }
            jobs::insert(tx, &new)?;
            let job = jobs::find(tx, new.owner, new.id)?.ok_or(AppError::NotFound("job"))?;
            let place = jobs::place(tx, new.owner.livemode, new.id)?;
            if let Some((scope, render)) = record {
                idempotency::complete(tx, &scope, CREATED, &render(&job, place))?;
            }
            Ok((job, place))
        })?;
        self.announce();
        Ok(Submitted::New(Box::new(job), place))
    }

    fn new_job(&self, caller: &Caller, planned: &Planned) -> Result<NewJob, AppError> {
        let mut request = planned.request.clone();
        let seed = match request.common().seed {
            Some(seed) => seed,
            None => u32::from_le_bytes(secrets::random()?),
        };
        request.common_mut().seed = Some(seed);
        let json = |value| serde_json::to_value(value).map_err(|e| AppError::Internal(e.to_string()));
        Ok(NewJob {
            id: JobId::new(),
            owner: caller.owner(),
            key: match caller.credential {
                Credential::Key(id) => Some(id),
                Credential::Session(_) => None,
            },
            mode: request.mode(),
            held: if caller.livemode { planned.price } else { Credits::ZERO },
            metadata: Value::Object(
                request.common().metadata.iter().map(|(key, text)| (key.clone(), text.clone().into())).collect(),
            ),
            request: json(&request)?,
            model: planned.model.id.clone(),
            model_digest: planned.model.digest.clone(),
            seed,
            estimated_seconds: planned.run_seconds,
            webhook_url: request.common().webhook_url.clone(),
            base_url: Some(planned.base_url.clone()),
            inputs: planned.inputs.clone(),
            created_at: self.clock.now(),
        })
    }

    /// The models that serve the caller: the real ones, or the test patterns.
    pub(super) fn engine_for(&self, livemode: bool) -> &Engine {
        if livemode { &self.engine } else { &self.test_engine }
    }

    /// Reads the request, settles what it leaves open and checks everything that can be checked before a run.
    fn plan(&self, caller: &Caller, body: &Value) -> Result<Planned, AppError> {
        let mut request = Request::parse(body).map_err(AppError::Invalid)?;
        if let Some(url) = &request.common().webhook_url {
            self.check_target("webhook_url", url).map_err(|fault| AppError::Invalid(vec![fault]))?;
        }
        self.settle_embedding(&mut request);
        let engine = self.engine_for(caller.livemode);
        let model = engine.resolve(&mut request).map_err(AppError::Invalid)?;
        let (inputs, faults) = self.inputs(caller, &request)?;
        if !faults.is_empty() {
            return Err(AppError::Invalid(faults));
        }
        if let Some(task) = image_task(&request) {
            let faults = engine.check_image(&model.id, &task).map_err(|e| AppError::Internal(e.to_string()))?;
            if !faults.is_empty() {
                return Err(AppError::Invalid(faults));
            }
        }
        let media_seconds = match (&request, request.speech()) {
            (_, Some(speech)) => {
                let (voice, speed) = (speech.voice_id.as_deref().unwrap_or_default(), speech.speed.unwrap_or(1.0));
                engine.estimate_speech_seconds(speech.voice_text.as_str(), voice, speed)
            }
            (Request::ImageToVideo(ImageToVideo { soundtrack: Soundtrack::Asset { audio_asset_id }, .. }), _) => inputs
                .iter()
                .find(|(_, asset)| asset.id == *audio_asset_id)
                .and_then(|(_, asset)| asset.duration_seconds)
                .unwrap_or(0.0),
            _ => 0.0,
        };
        let longest = self.config.file.limits.film_seconds;
        if matches!(request, Request::ImageToVideo(_)) && media_seconds > longest {
            let message = format!("The film would last {media_seconds:.1} s; at most {longest} s are made.");
            return Err(AppError::Invalid(vec![FieldError::new("audio_asset_id", "too_long", message)]));
        }
        let price = self.config.file.prices.price(request.mode(), media_seconds);
        let run_seconds = engine.estimate_run_seconds(&request, media_seconds);
        Ok(Planned {
            inputs: inputs.iter().map(|(_, asset)| JobInput { role: asset.kind, asset: asset.id }).collect(),
            price: price.ok_or_else(|| AppError::Internal("the price is beyond what can be counted".into()))?,
            request,
            model,
            media_seconds,
            run_seconds,
            base_url: String::new(),
        })
    }

    /// Notes on the job whether its file tells what made it, so that the job gives the same bytes when the setting has
    /// changed. Jobs that don't say do tell, as all did before there was a setting.
    fn settle_embedding(&self, request: &mut Request) {
        let (Request::TextToImage(TextToImage { embed_parameters, .. })
        | Request::ImageToImage(ImageToImage { embed_parameters, .. })) = request
        else {
            return;
        };
        if !self.config.file.embed_parameters {
            embed_parameters.get_or_insert(false);
        }
    }

    /// The assets that the request names, each once, and what is wrong with them.
    fn inputs(&self, caller: &Caller, request: &Request) -> Result<(Inputs, Vec<FieldError>), AppError> {
        let mut inputs = Inputs::new();
        let mut faults = Vec::new();
        for (field, id) in request.inputs() {
            let asset = self.asset(caller, id)?;
            let wanted = if field == "audio_asset_id" { AssetKind::Audio } else { AssetKind::Image };
            if asset.kind != wanted {
                let message = format!("`{field}` must be {wanted}; {id} is {}.", asset.kind);
                faults.push(FieldError::new(field, "wrong_kind", message));
            }
            if !inputs.iter().any(|(_, known)| known.id == id) {
                inputs.push((field, asset));
            }
        }
        Ok((inputs, faults))
    }

    /// The caller's job.
    pub fn job(&self, caller: &Caller, id: JobId) -> Result<(Job, Option<Place>), AppError> {
        let owner = caller.owner();
        self.db.read(|conn| {
            let job = jobs::find(conn, owner, id)?.ok_or(AppError::NotFound("job"))?;
            Ok((job, jobs::place(conn, owner.livemode, id)?))
        })
    }

    /// The caller's jobs, the newest first.
    pub fn list_jobs(&self, caller: &Caller, filter: &Filter, page: Page<JobId>) -> Result<Listing<Job>, AppError> {
        self.db.read(|conn| Ok(jobs::list(conn, caller.owner(), filter, page)?))
    }

    /// Cancels a queued or running job: it ends aborted and its whole hold goes back.
    pub fn cancel_job(&self, caller: &Caller, id: JobId) -> Result<Job, AppError> {
        let (owner, now, outbox) = (caller.owner(), self.clock.now(), self.outbox());
        let job = self.db.write(move |tx| -> Result<Job, AppError> {
            jobs::find(tx, owner, id)?.ok_or(AppError::NotFound("job"))?;
            outbox.apply(tx, (id, &JobEvent::Cancelled), &Outcome::default(), now)?;
            jobs::find(tx, owner, id)?.ok_or(AppError::NotFound("job"))
        })?;
        // After the commit: the run that stops finds its job ended and leaves it so.
        self.progress.cancel(id);
        self.announce();
        Ok(job)
    }

    /// Deletes a queued or finished job and the media that nothing else uses. A queued one keeps its credits.
    pub fn delete_job(&self, caller: &Caller, id: JobId) -> Result<(), AppError> {
        let (owner, now) = (caller.owner(), self.clock.now());
        let freed = self.db.write(move |tx| -> Result<Option<Digest>, AppError> {
            let job = jobs::find(tx, owner, id)?.ok_or(AppError::NotFound("job"))?;
            if matches!(job.state, JobState::Running { .. }) {
                return Err(AppError::JobRunning);
            }
            Ok(jobs::delete(tx, owner, id, now)?.freed)
        })?;
        self.discard(freed);
        self.announce();
        Ok(())
    }
}

/// What an image model would be asked, but for the pictures themselves.
pub(super) fn image_task(request: &Request) -> Option<ImageTask> {
    let text = |text: &Option<crate::domain::request::Text>| text.as_ref().map(|text| text.as_str().to_owned());
    let task = match request {
        Request::TextToImage(TextToImage { prompt, negative_prompt, size, steps, guidance, .. }) => ImageTask {
            prompt: prompt.as_str().into(),
            negative_prompt: text(negative_prompt),
            width: size.width,
            height: size.height,
            steps: *steps,
            guidance: *guidance,
            seed: 0,
            strength: None,
            input: None,
            style: None,
        },
        Request::ImageToImage(ImageToImage { prompt, negative_prompt, strength, size, steps, guidance, .. }) => {
            ImageTask {
                prompt: prompt.as_str().into(),
                negative_prompt: text(negative_prompt),
                width: size.width,
                height: size.height,
                steps: *steps,
                guidance: *guidance,
                seed: 0,
                strength: *strength,
                input: None,
                style: None,
            }
        }
        _ => return None,
    };
    Some(ImageTask { seed: request.common().seed.unwrap_or(0), ..task })
}

impl App {
    /// Removes the file of bytes that nobody owns any more. A failure leaves an orphan for the sweeper.
    pub(super) fn discard(&self, freed: Option<Digest>) {
        let Some(digest) = freed else { return };
        let is_live = || self.db.read(|conn| assets::is_blob_live(conn, &digest).map_err(AppError::from));
        if let Err(error) = self.store.remove(&digest, is_live) {
            tracing::warn!(%digest, %error, "a file that nobody owns stays for the sweeper");
        }
    }
}
