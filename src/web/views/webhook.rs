//! Webhooks in JSON.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{app::webhooks::LoggedDelivery, config::Config, db::deliveries::Attempt, domain::clock::Timestamp};

/// Where the end of jobs goes that name no address of their own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub(in crate::web) struct EndpointBody {
    /// The address; null where there is none.
    #[schema(example = "https://hooks.example.com/magicpixels")]
    url: Option<String>,
    /// Whether the operator permits any webhooks.
    enabled: bool,
    /// The origins that the operator permits; `*` is any public https host.
    #[schema(example = json!(["https://hooks.example.com"]))]
    allow: Vec<String>,
}

impl EndpointBody {
    /// The address, and where the operator permits one to be.
    pub(in crate::web) fn new(url: Option<String>, config: &Config) -> Self {
        Self { url, enabled: !config.webhooks.is_off(), allow: config.file.webhooks.allow.clone() }
    }
}

/// What signs the account's webhooks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookSecret)]
pub(in crate::web) struct SecretBody {
    /// The secret; libraries for Standard Webhooks take it as it is.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub(in crate::web) secret: String,
}

/// One attempt to deliver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub(in crate::web) struct AttemptBody {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The status that the receiver answered; null when no answer came.
    status_code: Option<u16>,
    /// What went wrong; null when it arrived.
    error: Option<String>,
    /// Milliseconds until the answer, or until it was given up.
    latency_ms: u64,
}

impl From<Attempt> for AttemptBody {
    fn from(attempt: Attempt) -> Self {
        let Attempt { at, status_code, error, latency_ms } = attempt;
        Self { at, status_code, error, latency_ms }
    }
}

/// A webhook and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(in crate::web) struct DeliveryBody {
    /// The event's id: the receiver finds it in `webhook-id`, on every attempt the same.
    id: String,
    /// The job that ended; null for a test. It may be deleted by now.
    job_id: Option<String>,
    /// `job.completed`, `job.aborted` or `webhook.test`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "job.completed")]
    event: &'static str,
    /// Where it goes.
    url: String,
    /// `pending`, `delivered` or `failed`.
    #[schema(value_type = String, example = "delivered")]
    status: &'static str,
    /// Whether it tells of a live job.
    livemode: bool,
    /// Every attempt so far, the first one first.
    attempts: Vec<AttemptBody>,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it is tried next; null once it is delivered or given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Timestamp>,
    /// When it arrived.
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    /// What is sent: `{type, created_at, data}`, where `data` is the job as it ended.
    #[schema(value_type = Object)]
    payload: Value,
}

impl From<LoggedDelivery> for DeliveryBody {
    fn from(LoggedDelivery { delivery, attempts }: LoggedDelivery) -> Self {
        let status = delivery.status().as_str();
        let new = delivery.new;
        Self {
            id: new.id.to_string(),
            job_id: new.job.map(|id| id.to_string()),
            event: new.event.as_str(),
            url: new.url,
            status,
            livemode: new.owner.livemode,
            attempts: attempts.into_iter().map(Into::into).collect(),
            created_at: new.created_at,
            next_attempt_at: delivery.next_attempt_at,
            delivered_at: delivery.delivered_at,
            payload: serde_json::from_str(&new.payload).unwrap_or_default(),
        }
    }
}
