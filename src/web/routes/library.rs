//! The library: what lists take to filter and search, how many items there are of each day, the shape of a sound.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    db::{Day, assets, jobs},
    domain::{clock::Timestamp, ids::AssetId, job::Mode, search},
    web::{
        WebState,
        auth::Auth,
        errors::{
            ApiResult,
            openapi::{ListRefusals, PeaksRefusals},
        },
        extract::{self, Params},
    },
};

/// What a moment in a query must be.
const MOMENT: &str = "a moment in RFC 3339, such as 2026-11-22T09:30:00Z";
/// Most items that a list passes over.
const SKIP_MAX: u32 = 10_000_000;
/// Most peaks of a sound.
const BUCKETS_MAX: u32 = 2000;
/// Peaks of a sound, unless the query asks for another number.
const BUCKETS: u32 = 200;

/// Reads the filter of a list of jobs from the query.
pub(super) fn job_filter(params: &mut Params) -> jobs::Filter {
    let is_status = |text: &str| matches!(text, "queued" | "running" | "completed" | "aborted");
    jobs::Filter {
        words: search::words(&params.text("q").unwrap_or_default()),
        status: params
            .with("status", "queued, running, completed or aborted", |text| is_status(text).then(|| text.to_owned())),
        mode: params.parsed("mode", &Mode::ALL.map(Mode::as_str).join(", ")),
        created_from: params.with("created_from", MOMENT, Timestamp::parse),
        created_after: params.with("created_after", MOMENT, Timestamp::parse),
        created_before: params.with("created_before", MOMENT, Timestamp::parse),
        skip: 0,
    }
}

/// Reads the filter of a list of assets from the query.
pub(super) fn asset_filter(params: &mut Params) -> assets::Filter {
    assets::Filter {
        words: search::words(&params.text("q").unwrap_or_default()),
        kind: params.parsed("kind", "image, audio or video"),
        is_upload: params.with("source", "upload or job", |text| match text {
            "upload" => Some(true),
            "job" => Some(false),
            _ => None,
        }),
        created_from: params.with("created_from", MOMENT, Timestamp::parse),
        created_before: params.with("created_before", MOMENT, Timestamp::parse),
        skip: 0,
    }
}

/// Reads how many items of a list are passed over.
pub(super) fn skip(params: &mut Params) -> u32 {
    let skip = params.with("skip", &format!("a whole number from 0 to {SKIP_MAX}"), |text| {
        text.parse().ok().filter(|skip| *skip <= SKIP_MAX)
    });
    skip.unwrap_or(0)
}

/// A day and how many items are of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Day)]
pub(super) struct DayBody {
    /// The day in UTC.
    #[schema(example = "2026-11-24")]
    day: String,
    /// How many.
    count: u64,
}

/// How many items there are of each day.
#[derive(Serialize, ToSchema)]
#[schema(as = Timeline)]
pub(super) struct TimelineBody {
    /// The days that have items, the latest first.
    data: Vec<DayBody>,
    /// How many items there are in all.
    total: u64,
}

impl From<Vec<Day>> for TimelineBody {
    fn from(days: Vec<Day>) -> Self {
        let total = days.iter().map(|day| day.count).sum();
        Self { data: days.into_iter().map(|Day { day, count }| DayBody { day, count }).collect(), total }
    }
}

/// Tells how many jobs there are of each day: what a list needs to lay itself out without loading them.
#[utoipa::path(
    get, path = "/v1/jobs/timeline", tag = "Library", operation_id = "jobTimeline",
    params(
        ("q" = Option<String>, Query, description = "Words, in whatever case, that all occur in the prompt or the voice text."),
        ("status" = Option<String>, Query, description = "`queued`, `running`, `completed` or `aborted`."),
        ("mode" = Option<String>, Query, description = "`text_to_image`, `image_to_image`, `audio` or `image_to_video`."),
        ("created_from" = Option<String>, Query, description = "Accepted at this moment or later (RFC 3339)."),
        ("created_after" = Option<String>, Query, description = "Accepted later than this moment (RFC 3339)."),
        ("created_before" = Option<String>, Query, description = "Accepted earlier than this moment (RFC 3339)."),
    ),
    responses((status = 200, body = TimelineBody), ListRefusals)
)]
pub(super) async fn job_timeline(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    mut params: Params,
) -> ApiResult<Json<TimelineBody>> {
    let filter = job_filter(&mut params);
    params.finish()?;
    Ok(Json(state.call(move |app| app.job_timeline(&caller, &filter)).await?.into()))
}

/// Tells how many assets there are of each day: what a list needs to lay itself out without loading them.
#[utoipa::path(
    get, path = "/v1/assets/timeline", tag = "Library", operation_id = "assetTimeline",
    params(
        ("q" = Option<String>, Query, description = "Words, in whatever case, that all occur in the file's name or in the prompt of its job."),
        ("kind" = Option<String>, Query, description = "`image`, `audio` or `video`."),
        ("source" = Option<String>, Query, description = "`upload` or `job`."),
        ("created_from" = Option<String>, Query, description = "Stored at this moment or later (RFC 3339)."),
        ("created_before" = Option<String>, Query, description = "Stored earlier than this moment (RFC 3339)."),
    ),
    responses((status = 200, body = TimelineBody), ListRefusals)
)]
pub(super) async fn asset_timeline(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    mut params: Params,
) -> ApiResult<Json<TimelineBody>> {
    let filter = asset_filter(&mut params);
    params.finish()?;
    Ok(Json(state.call(move |app| app.asset_timeline(&caller, &filter)).await?.into()))
}

/// The shape of a sound.
#[derive(Serialize, ToSchema)]
#[schema(as = Peaks)]
pub(super) struct PeaksBody {
    /// How loud each of the equal parts gets, 0 to 1, scaled to the loudest.
    peaks: Vec<f32>,
    /// How long the sound lasts.
    duration_seconds: f64,
}

/// Tells the shape of a sound, or of a film's sound, for a player.
#[utoipa::path(
    get, path = "/v1/assets/{id}/peaks", tag = "Library", operation_id = "getAssetPeaks",
    params(
        ("id" = String, Path, description = "The asset's id."),
        ("buckets" = Option<u32>, Query, minimum = 1, maximum = 2000, description = "Into how many parts; 200 if not given."),
    ),
    responses((status = 200, body = PeaksBody), PeaksRefusals)
)]
pub(super) async fn peaks(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
    mut params: Params,
) -> ApiResult<Response> {
    let buckets = params.with("buckets", &format!("a whole number from 1 to {BUCKETS_MAX}"), |text| {
        text.parse().ok().filter(|buckets| (1..=BUCKETS_MAX).contains(buckets))
    });
    params.finish()?;
    let id: AssetId = extract::id(&id, "asset")?;
    let shape = state.call(move |app| app.asset_peaks(&caller, id, buckets.unwrap_or(BUCKETS))).await?;
    let body = Json(PeaksBody { peaks: shape.peaks, duration_seconds: shape.duration_seconds });
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"))], body).into_response())
}
