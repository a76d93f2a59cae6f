//! The queue and all jobs.

use axum::{
    Json,
    extract::{Path, State},
};

use crate::{
    app::{App, AppError},
    db::{Listing, jobs::Wanted},
    domain::{
        ids::{AccountId, JobId},
        job::Mode,
        search,
    },
    web::{
        WebState,
        auth::Admin,
        errors::{
            ApiResult,
            openapi::{AdminActRefusals, AdminRefusals},
        },
        extract::{self, Params},
        views::{
            ListBody,
            admin::{AdminJobBody, QueueBody},
        },
    },
};

/// Tells of the queue and the workers.
#[utoipa::path(
    get, path = "/v1/admin/queue", tag = "Admin", operation_id = "adminQueue",
    responses((status = 200, body = QueueBody), AdminRefusals)
)]
pub(super) async fn queue(State(state): State<WebState>, _: Admin) -> ApiResult<Json<QueueBody>> {
    Ok(Json(state.call(App::queue).await?.into()))
}

/// Begins no more jobs, live or test, until the queue is resumed; a restart changes nothing about it.
///
/// What runs goes on to its end. Jobs are accepted as before and answer `queue_paused: true` while they wait.
#[utoipa::path(
    post, path = "/v1/admin/queue/pause", tag = "Admin", operation_id = "adminPauseQueue",
    responses((status = 200, body = QueueBody), AdminActRefusals)
)]
pub(super) async fn pause(State(state): State<WebState>, Admin { operator, .. }: Admin) -> ApiResult<Json<QueueBody>> {
    let report = state.call(move |app| app.pause_queue(&operator).and_then(|()| app.queue())).await?;
    Ok(Json(report.into()))
}

/// Begins jobs again.
#[utoipa::path(
    post, path = "/v1/admin/queue/resume", tag = "Admin", operation_id = "adminResumeQueue",
    responses((status = 200, body = QueueBody), AdminActRefusals)
)]
pub(super) async fn resume(State(state): State<WebState>, Admin { operator, .. }: Admin) -> ApiResult<Json<QueueBody>> {
    let report = state.call(move |app| app.resume_queue(&operator).and_then(|()| app.queue())).await?;
    Ok(Json(report.into()))
}

/// Lists everyone's jobs, the newest first.
#[utoipa::path(
    get, path = "/v1/admin/jobs", tag = "Admin", operation_id = "adminListJobs",
    params(
        ("q" = Option<String>, Query, description = "Words, in whatever case, that all occur in the prompt or the voice text."),
        ("account" = Option<String>, Query, description = "An account's id or e-mail address."),
        ("mode" = Option<String>, Query, description = "`text_to_image`, `image_to_image`, `audio` or `image_to_video`."),
        ("status" = Option<String>, Query, description = "`queued`, `running`, `completed` or `aborted`."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Items at most; 20 if not given."),
        ("after" = Option<String>, Query, description = "The last item's id of the piece before."),
    ),
    responses((status = 200, body = ListBody<AdminJobBody>), AdminRefusals)
)]
pub(super) async fn jobs(
    State(state): State<WebState>,
    _: Admin,
    mut params: Params,
) -> ApiResult<Json<ListBody<AdminJobBody>>> {
    let is_status = |text: &str| matches!(text, "queued" | "running" | "completed" | "aborted");
    let account = params.text("account");
    let wanted = Wanted {
        words: search::words(&params.text("q").unwrap_or_default()),
        account: None,
        mode: params.parsed("mode", &Mode::ALL.map(Mode::as_str).join(", ")),
        status: params
            .with("status", "queued, running, completed or aborted", |text| is_status(text).then(|| text.to_owned())),
    };
    let page = params.page::<JobId>();
    params.finish()?;
    let found = state
        .call(move |app| {
            let account = account.map(|named| -> Result<AccountId, AppError> {
                named.parse().or_else(|_| app.account_by_email(&named).map(|account| account.id))
            });
            match account.transpose() {
                // Nobody of that name has jobs.
                Err(AppError::NotFound(_)) => Ok(Listing { items: Vec::new(), has_more: false }),
                account => app.survey_jobs(&Wanted { account: account?, ..wanted }, page),
            }
        })
        .await?;
    Ok(Json(ListBody { data: found.items.into_iter().map(Into::into).collect(), has_more: found.has_more }))
}

/// Cancels anyone's queued or running job: it ends `aborted` with `cancelled`, and its whole hold is released.
#[utoipa::path(
    post, path = "/v1/admin/jobs/{id}/cancel", tag = "Admin", operation_id = "adminCancelJob",
    params(("id" = String, Path, description = "The job's id.")),
    responses((status = 200, body = AdminJobBody), AdminActRefusals)
)]
pub(super) async fn cancel(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
) -> ApiResult<Json<AdminJobBody>> {
    let id: JobId = extract::id(&id, "job")?;
    Ok(Json(state.call(move |app| app.cancel_any_job(&operator, id)).await?.into()))
}
