//! At a glance: overview, settings, audit log, metrics, the doctor's findings.

use std::time::Duration;

use axum::{Json, extract::State};

use crate::{
    app::App,
    web::{
        WebState,
        auth::Admin,
        errors::{ApiResult, openapi::AdminRefusals},
        extract::Params,
        views::{
            ListBody,
            admin::{AuditBody, FindingBody, HistoryBody, OverviewBody, SettingBody},
        },
    },
};

/// For how long the doctor reads media whole while somebody waits for the page.
const MEDIA_TIME: Duration = Duration::from_secs(5);

/// Tells of the appliance at a glance.
#[utoipa::path(
    get, path = "/v1/admin/overview", tag = "Admin", operation_id = "adminOverview",
    responses((status = 200, body = OverviewBody), AdminRefusals)
)]
pub(super) async fn overview(State(state): State<WebState>, _: Admin) -> ApiResult<Json<OverviewBody>> {
    let (overview, staged) = state.call(|app| Ok((app.look_over()?, app.staged_restore()))).await?;
    Ok(Json(OverviewBody::new(overview, staged)))
}

/// Lists every setting, its default and where its value is from.
#[utoipa::path(
    get, path = "/v1/admin/settings", tag = "Admin", operation_id = "adminSettings",
    responses((status = 200, body = ListBody<SettingBody>), AdminRefusals)
)]
pub(super) async fn settings(State(state): State<WebState>, _: Admin) -> Json<ListBody<SettingBody>> {
    Json(ListBody::whole(state.app().settings().into_iter().map(Into::into).collect()))
}

/// Lists what was done and by whom, the latest first.
#[utoipa::path(
    get, path = "/v1/admin/audit", tag = "Admin", operation_id = "adminAudit",
    params(
        ("q" = Option<String>, Query, description = "Words, in whatever case, that all occur in an entry."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Items at most; 20 if not given."),
        ("after" = Option<i64>, Query, description = "The last item's `seq` of the piece before."),
    ),
    responses((status = 200, body = ListBody<AuditBody>), AdminRefusals)
)]
pub(super) async fn audit(
    State(state): State<WebState>,
    _: Admin,
    mut params: Params,
) -> ApiResult<Json<ListBody<AuditBody>>> {
    let query = params.text("q").unwrap_or_default();
    let page = params.page::<i64>();
    params.finish()?;
    let found = state.call(move |app| app.audit(&query, page)).await?;
    Ok(Json(ListBody { data: found.items.into_iter().map(Into::into).collect(), has_more: found.has_more }))
}

/// Tells how the appliance has been: jobs by the hour, memory, processor and requests every 10 seconds.
#[utoipa::path(
    get, path = "/v1/admin/metrics", tag = "Admin", operation_id = "adminMetrics",
    responses((status = 200, body = HistoryBody), AdminRefusals)
)]
pub(super) async fn history(State(state): State<WebState>, _: Admin) -> ApiResult<Json<HistoryBody>> {
    Ok(Json(state.call(App::history).await?.into()))
}

/// Looks whether the machine and the instance are fit: the findings of `magicpixels doctor`.
///
/// Media are read whole for five seconds; where there are more, the rest are looked at for being there and as long as
/// they should be. The command reads all of them.
#[utoipa::path(
    get, path = "/v1/admin/doctor", tag = "Admin", operation_id = "adminDoctor",
    responses((status = 200, body = ListBody<FindingBody>), AdminRefusals)
)]
pub(super) async fn doctor(State(state): State<WebState>, _: Admin) -> ApiResult<Json<ListBody<FindingBody>>> {
    let findings = state.call(|app| Ok(app.examine(Some(MEDIA_TIME)))).await?;
    Ok(Json(ListBody::whole(findings.into_iter().map(Into::into).collect())))
}
