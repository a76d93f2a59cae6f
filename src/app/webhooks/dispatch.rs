//! Sends what is in the outbox: a thread of its own that looks, and a few short-lived ones that send.
//!
//! At least once: a delivery leaves the outbox only when its attempt is recorded, so one that was under way at a crash
//! goes out again under the same id. No worker ever waits here, and a silent receiver holds only its account's lanes.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::{
    app::{App, AppError, secrets},
    courier::CourierError,
    db::deliveries::{self, Attempt, Delivery, Next},
    domain::{
        ids::EventId,
        webhook::{Target, retry_after},
    },
    failpoint,
};

/// Deliveries under way at a time.
const LANES: usize = 16;
/// Deliveries of one account under way at a time.
const LANES_OF_AN_ACCOUNT: u32 = 2;
/// How often the outbox is looked into though nobody told of anything new.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// `410 Gone`: the receiver wants no more, says the specification.
const GONE: u16 = 410;

/// The running dispatcher; [`Dispatcher::stop`] ends it.
pub struct Dispatcher {
    app: Arc<App>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Dispatcher {
    /// Starts the dispatcher; where webhooks are off there is nothing to start.
    pub fn start(app: &Arc<App>) -> Result<Self, AppError> {
        let mut dispatcher = Self { app: app.clone(), stopping: Arc::default(), thread: None };
        if app.config.webhooks.is_off() {
            return Ok(dispatcher);
        }
        let (app, stopping) = (app.clone(), dispatcher.stopping.clone());
        let thread = std::thread::Builder::new()
            .name("dispatcher".into())
            .spawn(move || run(&app, &stopping))
            .map_err(|e| AppError::Internal(format!("the dispatcher does not start: {e}")))?;
        dispatcher.thread = Some(thread);
        Ok(dispatcher)
    }

    /// Stops looking. What is under way is not waited for: if it does not end by itself it goes out again at the next
    /// start.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.app.outbox_bell.ring();
        if self.thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the dispatcher's thread panicked");
        }
    }
}

/// The deliveries under way.
#[derive(Default)]
struct Flying(Mutex<HashSet<EventId>>);

impl Flying {
    fn ids(&self) -> MutexGuard<'_, HashSet<EventId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One delivery under way; whatever becomes of its thread, its lane is free again and the dispatcher looks.
struct Flight {
    app: Arc<App>,
    flying: Arc<Flying>,
    id: EventId,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flying.ids().remove(&self.id);
        self.app.outbox_bell.ring();
    }
}

fn run(app: &Arc<App>, stopping: &AtomicBool) {
    let flying = Arc::new(Flying::default());
    while !stopping.load(Ordering::SeqCst) {
        let seen = app.outbox_bell.count();
        match look(app, &flying) {
            Ok(wait) => app.outbox_bell.wait_past(seen, wait),
            Err(error) => {
                tracing::error!(%error, "the outbox could not be looked into");
                std::thread::sleep(LOOK_EVERY);
            }
        }
    }
}

/// Sends what is due and has a lane; how long to wait before the next look.
fn look(app: &Arc<App>, flying: &Arc<Flying>) -> Result<Duration, AppError> {
    let now = app.clock.now();
    // What is under way is still due: it takes its place among its account's, and twice the lanes are looked at.
    let (due, next) = app.db.read(|conn| -> Result<_, AppError> {
        let due = deliveries::due(conn, now, LANES_OF_AN_ACCOUNT, 2 * LANES as u32)?;
        Ok((due, deliveries::next_due_at(conn)?))
    })?;
    for delivery in due {
        let id = delivery.new.id;
        {
            let mut ids = flying.ids();
            if ids.len() >= LANES {
                break;
            }
            if !ids.insert(id) {
                continue;
            }
        }
        let flight = Flight { app: app.clone(), flying: flying.clone(), id };
        let sent = std::thread::Builder::new().name("webhook".into()).spawn(move || flight.app.deliver(&delivery));
        if let Err(error) = sent {
            tracing::error!(%error, "no thread for a webhook");
            break;
        }
    }
    let ahead = next.filter(|next| *next > now).map(|next| next.since(now));
    Ok(ahead.map_or(LOOK_EVERY, |ahead| ahead.min(LOOK_EVERY)))
}

impl App {
    /// Makes one attempt and records it.
    fn deliver(&self, delivery: &Delivery) {
        let id = delivery.new.id;
        let (attempt, next) = self.attempt(delivery);
        failpoint::reach("before_webhook_record");
        match (&attempt.error, next) {
            (None, _) => tracing::debug!(webhook = %id, "delivered"),
            (Some(error), Next::GiveUp) => tracing::warn!(webhook = %id, error, "given up"),
            (Some(error), _) => tracing::info!(webhook = %id, error, "to be tried again"),
        }
        if let Err(error) = self.db.write(move |tx| deliveries::record(tx, id, &attempt, next).map_err(AppError::from))
        {
            tracing::error!(webhook = %id, %error, "an attempt could not be recorded");
            // It is due as before: without a pause it would go out again at once, and again.
            std::thread::sleep(10 * LOOK_EVERY);
        }
    }

    fn attempt(&self, delivery: &Delivery) -> (Attempt, Next) {
        let (at, begun) = (self.clock.now(), Instant::now());
        let result = self.send(delivery, at.millis() / 1000);
        let latency_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (status_code, error, is_final) = match result {
            Ok(status) if (200..300).contains(&status) => (Some(status), None, true),
            Ok(status) => (Some(status), Some(format!("the receiver answered {status}")), status == GONE),
            Err(Refusal::NotPermitted) => (None, Some("the operator's list does not permit it any more".into()), true),
            Err(Refusal::Failed(what)) => (None, Some(what), false),
        };
        let chance = secrets::random::<1>().map_or(0.5, |[byte]| f64::from(byte) / 255.0);
        let next = match (&error, retry_after(delivery.tries + 1, chance)) {
            (None, _) => Next::Done,
            (Some(_), Some(wait)) if !is_final => Next::Retry(self.clock.now().plus(wait)),
            _ => Next::GiveUp,
        };
        (Attempt { at, status_code, error, latency_ms }, next)
    }

    fn send(&self, delivery: &Delivery, at_seconds: i64) -> Result<u16, Refusal> {
        let new = &delivery.new;
        let target = Target::parse(&new.url).ok().filter(|target| self.config.webhooks.permits(target));
        let target = target.ok_or(Refusal::NotPermitted)?;
        let id = new.id.to_string();
        let secrets = self.signing_secrets(new.owner.account).map_err(|error| Refusal::Failed(error.to_string()))?;
        let signatures: Vec<String> = secrets.iter().map(|secret| secret.sign(&id, at_seconds, &new.payload)).collect();
        let (time, signature) = (at_seconds.to_string(), signatures.join(" "));
        let headers = [
            ("webhook-id", id.as_str()),
            ("webhook-timestamp", time.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        Ok(self.courier.post(target.as_str(), &headers, &new.payload)?)
    }
}

/// Why there is no answer.
enum Refusal {
    NotPermitted,
    Failed(String),
}

impl From<CourierError> for Refusal {
    fn from(error: CourierError) -> Self {
        Self::Failed(error.to_string())
    }
}
