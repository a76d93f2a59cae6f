//! Jobs: create, look, list, cancel, delete, quote.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::library::{job_filter, skip};
use crate::{
    app::{
        AppError,
        jobs::{Idempotency, Submitted},
    },
    db::jobs::Filter,
    domain::{ids::JobId, job::JobState},
    media::subtitles::write_webvtt,
    web::{
        WebState,
        auth::Auth,
        errors::{
            ApiError, ApiResult, Code,
            openapi::{CancelRefusals, DeleteJobRefusals, ListRefusals, ObjectRefusals, QuoteRefusals, SubmitRefusals},
        },
        extract::{self, Base, JsonBody, Params},
        views::{self, JobBody, JobRequest, ListBody, QuoteBody},
    },
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Creates a job.
///
/// Answers after the job, its credit hold and its idempotency record are committed together. With an
/// `Idempotency-Key`, the same request sent again within 24 hours gets the first answer again, and
/// `idempotency-replayed: true`.
#[utoipa::path(
    post, path = "/v1/jobs", tag = "Jobs", operation_id = "createJob",
    params(("Idempotency-Key" = Option<String>, Header, description = "The client's own name for the request, 1 to 255 characters.")),
    request_body(content = JobRequest, content_type = "application/json"),
    responses((status = 201, body = JobBody), SubmitRefusals)
)]
pub(super) async fn create(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Base(base): Base,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> ApiResult<Response> {
    let key = headers.get(IDEMPOTENCY_KEY).map(|value| value.to_str().map(str::to_owned)).transpose();
    let key = key.map_err(|_| ApiError::new(Code::Malformed, "`Idempotency-Key` must be plain ASCII text."))?;
    let (its_base, under) = (base.clone(), base.clone());
    let idempotency = key.map(|key| Idempotency {
        key,
        render: Box::new(move |job, place| {
            serde_json::to_value(JobBody::new(job.clone(), place, None, &its_base)).unwrap_or_default()
        }),
    });
    match state.call(move |app| app.submit(&caller, &body, idempotency, &under)).await? {
        Submitted::New(job, place) => {
            let body = JobBody::new(*job, place, None, &base);
            let location = HeaderValue::from_str(&format!("/v1/jobs/{}", body.id)).ok();
            let mut response = (StatusCode::CREATED, Json(body)).into_response();
            location.map(|location| response.headers_mut().insert(header::LOCATION, location));
            Ok(response)
        }
        Submitted::Replayed { status, body } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED);
            Ok((status, [(IDEMPOTENCY_REPLAYED, "true")], Json(body)).into_response())
        }
    }
}

/// Lists the caller's jobs, the newest first.
#[utoipa::path(
    get, path = "/v1/jobs", tag = "Jobs", operation_id = "listJobs",
    params(
        ("q" = Option<String>, Query, description = "Words, in whatever case, that all occur in the prompt or the voice text."),
        ("status" = Option<String>, Query, description = "`queued`, `running`, `completed` or `aborted`."),
        ("mode" = Option<String>, Query, description = "`text_to_image`, `image_to_image`, `audio` or `image_to_video`."),
        ("created_from" = Option<String>, Query, description = "Accepted at this moment or later (RFC 3339)."),
        ("created_after" = Option<String>, Query, description = "Accepted later than this moment (RFC 3339)."),
        ("created_before" = Option<String>, Query, description = "Accepted earlier than this moment (RFC 3339)."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Items at most; 20 if not given."),
        ("after" = Option<String>, Query, description = "The last item's id of the piece before."),
        ("skip" = Option<u32>, Query, maximum = 10_000_000, description = "Items to pass over before the piece begins: with the timeline, a window of a long list begins anywhere."),
    ),
    responses((status = 200, body = ListBody<JobBody>), ListRefusals)
)]
pub(super) async fn list(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Base(base): Base,
    mut params: Params,
) -> ApiResult<Json<ListBody<JobBody>>> {
    let filter = Filter { skip: skip(&mut params), ..job_filter(&mut params) };
    let page = params.page::<JobId>();
    params.finish()?;
    let (found, progress) = state
        .call(move |app| {
            let found = app.list_jobs(&caller, &filter, page)?;
            // Only running jobs have progress, and only queued ones a place: the list asks for neither in vain.
            let details: Result<Vec<_>, _> = found
                .items
                .iter()
                .map(|job| match job.state {
                    JobState::Queued { .. } => app.job(&caller, job.accepted.id).map(|(_, place)| (place, None)),
                    JobState::Running { .. } => Ok((None, app.progress.get(job.accepted.id))),
                    _ => Ok((None, None)),
                })
                .collect();
            // A job that was deleted between the two looks is shown as it was.
            let details = details.unwrap_or_else(|_| found.items.iter().map(|_| (None, None)).collect());
            Ok((found, details))
        })
        .await?;
    let data = found.items.into_iter().zip(progress);
    let data = data.map(|(job, (place, progress))| JobBody::new(job, place, progress, &base)).collect();
    Ok(Json(ListBody { data, has_more: found.has_more }))
}

/// Tells of one job. Poll until `status` is `completed` or `aborted`.
#[utoipa::path(
    get, path = "/v1/jobs/{id}", tag = "Jobs", operation_id = "getJob",
    params(("id" = String, Path, description = "The job's id.")),
    responses((status = 200, body = JobBody), ObjectRefusals)
)]
pub(super) async fn get(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Base(base): Base,
    Path(id): Path<String>,
) -> ApiResult<Json<JobBody>> {
    let id: JobId = extract::id(&id, "job")?;
    let (job, place) = state.call(move |app| app.job(&caller, id)).await?;
    let progress = state.app().progress.get(id);
    Ok(Json(JobBody::new(job, place, progress, &base)))
}

/// Deletes a queued or finished job and its media that nothing else uses.
///
/// Credits charged for the job are not refunded: a queued job keeps what it holds. To stop a job and have its credits
/// back, cancel it.
#[utoipa::path(
    delete, path = "/v1/jobs/{id}", tag = "Jobs", operation_id = "deleteJob",
    params(("id" = String, Path, description = "The job's id.")),
    responses((status = 204, description = "It is gone."), DeleteJobRefusals)
)]
pub(super) async fn delete(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let id: JobId = extract::id(&id, "job")?;
    state.call(move |app| app.delete_job(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Cancels a queued or running job: it ends `aborted` with `cancelled`, and its whole hold is released.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/cancel", tag = "Jobs", operation_id = "cancelJob",
    params(("id" = String, Path, description = "The job's id.")),
    responses((status = 200, body = JobBody), CancelRefusals)
)]
pub(super) async fn cancel(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Base(base): Base,
    Path(id): Path<String>,
) -> ApiResult<Json<JobBody>> {
    let id: JobId = extract::id(&id, "job")?;
    let job = state.call(move |app| app.cancel_job(&caller, id)).await?;
    Ok(Json(JobBody::new(job, None, None, &base)))
}

/// The subtitles of a film that was asked for some, as `WebVTT`.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/subtitles", tag = "Jobs", operation_id = "getSubtitles",
    params(("id" = String, Path, description = "The job's id.")),
    responses((status = 200, content_type = "text/vtt", body = String), ObjectRefusals)
)]
pub(super) async fn subtitles(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let id: JobId = extract::id(&id, "job")?;
    let (job, _) = state.call(move |app| app.job(&caller, id)).await?;
    let cues = views::subtitles(job.plan.as_ref()).ok_or(AppError::NotFound("subtitles"))?;
    let headers = [(header::CONTENT_TYPE, "text/vtt; charset=utf-8"), (header::CACHE_CONTROL, "private, no-cache")];
    Ok((headers, write_webvtt(&cues)).into_response())
}

/// Tells what a request would cost and how long it would take. Charges nothing.
#[utoipa::path(
    post, path = "/v1/quote", tag = "Jobs", operation_id = "quoteJob",
    request_body(content = JobRequest, content_type = "application/json"),
    responses((status = 200, body = QuoteBody), QuoteRefusals)
)]
pub(super) async fn quote(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    JsonBody(body): JsonBody,
) -> ApiResult<Json<QuoteBody>> {
    Ok(Json(state.call(move |app| app.quote(&caller, &body)).await?.into()))
}
