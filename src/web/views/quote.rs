//! A price in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::jobs::Quote, domain::credits::Credits};

/// What a request would cost and how long it would take.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quote)]
pub(in crate::web) struct QuoteBody {
    /// What would be held; a job is never charged more.
    #[schema(value_type = u32)]
    credits: Credits,
    /// The model that would run.
    model: String,
    /// How long the sound or film would last at most; null for pictures.
    duration_seconds: Option<f64>,
    /// Seconds that the run itself would take.
    estimated_seconds: f64,
    /// Where in the queue it would stand; 1 runs next.
    queue_position: u64,
}

impl From<Quote> for QuoteBody {
    fn from(quote: Quote) -> Self {
        Self {
            credits: quote.credits,
            model: quote.model,
            duration_seconds: (quote.media_seconds > 0.0).then_some(quote.media_seconds),
            estimated_seconds: quote.run_seconds,
            queue_position: quote.jobs_ahead + 1,
        }
    }
}
