//! Webhooks as their owner deals with them: where they go, what signs them, what became of each.

use serde_json::json;

use super::{App, AppError, Caller, note, secrets};
use crate::{
    db::{
        Listing, Page,
        deliveries::{self, Attempt, Delivery, Filter, NewDelivery},
        webhooks,
    },
    domain::{
        clock::Timestamp,
        field::FieldError,
        ids::EventId,
        webhook::{EventType, Secret, Target},
    },
};

mod dispatch;
mod outbox;

pub use dispatch::Dispatcher;
pub(super) use outbox::Outbox;

/// A delivery with the log of its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// Its attempts, the first one first.
    pub attempts: Vec<Attempt>,
}

impl App {
    /// Where the end of the caller's jobs goes, if they name no address of their own.
    pub fn webhook_endpoint(&self, caller: &Caller) -> Result<Option<String>, AppError> {
        caller.require_session()?;
        self.db.read(|conn| Ok(webhooks::endpoint(conn, caller.account)?))
    }

    /// Sets or forgets that address.
    pub fn set_webhook_endpoint(&self, caller: &Caller, url: Option<&str>) -> Result<(), AppError> {
        caller.require_session()?;
        if let Some(url) = url {
            self.check_target("url", url).map_err(|fault| AppError::Invalid(vec![fault]))?;
        }
        let (account, now, fresh) = (caller.account, self.clock.now(), fresh_secret()?);
        let url = url.map(str::to_owned);
        self.db.write(move |tx| -> Result<(), AppError> {
            webhooks::set_endpoint(tx, account, url.as_deref(), &fresh)?;
            Ok(note(tx, now, (&account.to_string(), "webhook.endpoint", &account.to_string()))?)
        })
    }

    /// The secret that signs the caller's webhooks; made when it is first asked for.
    pub fn webhook_secret(&self, caller: &Caller) -> Result<Secret, AppError> {
        caller.require_session()?;
        let newest = self.signing_secrets(caller.account)?.into_iter().next();
        newest.ok_or_else(|| AppError::Internal("a webhook secret that was just kept is not there".into()))
    }

    /// Puts a fresh secret in the place of the present one, which signs beside it for a day.
    pub fn rotate_webhook_secret(&self, caller: &Caller) -> Result<Secret, AppError> {
        caller.require_session()?;
        let (account, now, fresh) = (caller.account, self.clock.now(), fresh_secret()?);
        let kept = fresh.clone();
        self.db.write(move |tx| -> Result<(), AppError> {
            webhooks::rotate_secret(tx, account, &kept, now)?;
            Ok(note(tx, now, (&account.to_string(), "webhook.rotate", &account.to_string()))?)
        })?;
        Ok(fresh)
    }

    /// The deliveries of the caller's account, the newest first. A session sees those of live and test jobs, a key those
    /// of its own side.
    pub fn list_deliveries(
        &self,
        caller: &Caller,
        filter: Filter,
        page: Page<EventId>,
    ) -> Result<Listing<LoggedDelivery>, AppError> {
        let side = caller.require_session().is_err().then_some(caller.livemode);
        let filter = Filter { livemode: side, ..filter };
        self.db.read(|conn| {
            let found = deliveries::list(conn, caller.account, filter, page)?;
            let items: Result<Vec<_>, AppError> =
                found.items.into_iter().map(|delivery| Ok(logged(conn, delivery)?)).collect();
            Ok(Listing { items: items?, has_more: found.has_more })
        })
    }

    /// Sends a delivery again, whatever became of it before, with all of its tries before it.
    pub fn replay_delivery(&self, caller: &Caller, id: EventId) -> Result<LoggedDelivery, AppError> {
        caller.require_session()?;
        let (account, now) = (caller.account, self.clock.now());
        let known = self.db.read(|conn| deliveries::find(conn, account, id)?.ok_or(AppError::NotFound("delivery")))?;
        self.check_target("id", &known.new.url).map_err(|fault| AppError::Invalid(vec![fault]))?;
        let replayed = self.db.write(move |tx| -> Result<_, AppError> {
            if !deliveries::replay(tx, account, id, now)? {
                return Err(AppError::NotFound("delivery"));
            }
            note(tx, now, (&account.to_string(), "webhook.replay", &id.to_string()))?;
            let delivery = deliveries::find(tx, account, id)?.ok_or(AppError::NotFound("delivery"))?;
            Ok(logged(tx, delivery)?)
        })?;
        self.outbox_bell.ring();
        Ok(replayed)
    }

    /// Sends a test to `url`, or to the account's own address.
    pub fn send_test_webhook(&self, caller: &Caller, url: Option<&str>) -> Result<LoggedDelivery, AppError> {
        caller.require_session()?;
        let own = if url.is_none() { self.webhook_endpoint(caller)? } else { None };
        let Some(url) = url.map(str::to_owned).or(own) else {
            let message = "`url` is required while the account has no address of its own.";
            return Err(AppError::Invalid(vec![FieldError::new("url", "missing", message)]));
        };
        self.check_target("url", &url).map_err(|fault| AppError::Invalid(vec![fault]))?;
        let now = self.clock.now();
        let new = NewDelivery {
            id: EventId::new(),
            owner: caller.owner(),
            event: EventType::Test,
            job: None,
            url,
            payload: payload(EventType::Test, now, &json!({"account_id": caller.account})),
            created_at: now,
        };
        let id = new.id;
        let delivery = self.db.write(move |tx| -> Result<_, AppError> {
            deliveries::enqueue(tx, &new)?;
            note(tx, now, (&new.owner.account.to_string(), "webhook.test", &id.to_string()))?;
            deliveries::find(tx, new.owner.account, id)?.ok_or(AppError::NotFound("delivery"))
        })?;
        self.outbox_bell.ring();
        Ok(LoggedDelivery { delivery, attempts: Vec::new() })
    }

    /// Whether the operator lets a webhook go there; the fault names `field`.
    pub(super) fn check_target(&self, field: &'static str, url: &str) -> Result<(), FieldError> {
        let allow = &self.config.webhooks;
        if allow.is_off() {
            let message =
                "Webhooks are off on this appliance; the operator names permitted origins in `webhooks.allow`.";
            return Err(FieldError::new(field, "unsupported", message));
        }
        let target =
            Target::parse(url).map_err(|what| FieldError::new(field, "invalid", format!("`{field}` {what}.")))?;
        if allow.permits(&target) {
            return Ok(());
        }
        let message = "The operator's list `webhooks.allow` has not this address's origin.";
        Err(FieldError::new(field, "unsupported", message))
    }

    /// The secrets that sign at this moment, the newest first; one is made if there is none.
    fn signing_secrets(&self, account: crate::domain::ids::AccountId) -> Result<Vec<Secret>, AppError> {
        let now = self.clock.now();
        let known = self.db.read(|conn| webhooks::secrets(conn, account, now).map_err(AppError::from))?;
        if !known.is_empty() {
            return Ok(known);
        }
        let fresh = fresh_secret()?;
        self.db.write(move |tx| -> Result<_, AppError> {
            webhooks::ensure_secret(tx, account, &fresh)?;
            Ok(webhooks::secrets(tx, account, now)?)
        })
    }
}

fn fresh_secret() -> Result<Secret, AppError> {
    Ok(Secret::new(secrets::random()?))
}

fn logged(conn: &crate::db::Connection, delivery: Delivery) -> Result<LoggedDelivery, crate::db::DbError> {
    Ok(LoggedDelivery { attempts: deliveries::attempts(conn, delivery.new.id)?, delivery })
}

/// The body of a webhook.
fn payload(event: EventType, created_at: Timestamp, data: &impl serde::Serialize) -> String {
    json!({"type": event.as_str(), "created_at": created_at, "data": data}).to_string()
}
