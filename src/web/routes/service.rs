//! Models, voices, and what the operator's tools ask.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    web::{
        WebState,
        auth::Auth,
        errors::{
            ApiResult,
            openapi::{ObjectRefusals, Refusals, ServiceRefusals},
        },
        extract::Base,
        metrics as recorder,
        views::{ListBody, ModelBody, VoiceBody},
    },
};

/// Lists the models, in the order in which they are preferred.
#[utoipa::path(
    get, path = "/v1/models", tag = "Catalogue", operation_id = "listModels",
    responses((status = 200, body = ListBody<ModelBody>), Refusals)
)]
pub(super) async fn models(State(state): State<WebState>, _: Auth) -> ApiResult<Json<ListBody<ModelBody>>> {
    let models = state.call(|app| Ok(app.models())).await?;
    Ok(Json(ListBody::whole(models.into_iter().map(Into::into).collect())))
}

/// Lists the voices, the default one first.
#[utoipa::path(
    get, path = "/v1/voices", tag = "Catalogue", operation_id = "listVoices",
    responses((status = 200, body = ListBody<VoiceBody>), Refusals)
)]
pub(super) async fn voices(State(state): State<WebState>, _: Auth, Base(base): Base) -> Json<ListBody<VoiceBody>> {
    Json(ListBody::whole(state.app().voices().iter().map(|voice| VoiceBody::new(voice, &base)).collect()))
}

/// Sends a WAV in which the voice introduces itself.
#[utoipa::path(
    get, path = "/v1/voices/{id}/sample", tag = "Catalogue", operation_id = "getVoiceSample",
    params(("id" = String, Path, description = "The voice's id.")),
    responses((status = 200, description = "The sound.", content_type = "audio/wav"), ObjectRefusals)
)]
pub(super) async fn voice_sample(
    State(state): State<WebState>,
    _: Auth,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let sound = state.call(move |app| app.voice_sample(&id)).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("audio/wav")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")),
    ];
    Ok((headers, sound).into_response())
}

/// That the appliance answers.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
    /// The appliance's version.
    version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Answers while the process lives.
#[utoipa::path(
    get, path = "/healthz", tag = "Service", operation_id = "health", security(()),
    responses((status = 200, body = Health), ServiceRefusals)
)]
pub(super) async fn health() -> Json<Health> {
    Json(OK)
}

/// Answers 200 while the appliance can serve, 503 otherwise.
#[utoipa::path(
    get, path = "/readyz", tag = "Service", operation_id = "ready", security(()),
    responses((status = 200, body = Health), ServiceRefusals)
)]
pub(super) async fn ready(State(state): State<WebState>) -> ApiResult<Json<Health>> {
    state.call(App::is_ready).await?;
    Ok(Json(OK))
}

/// Figures in Prometheus' text format.
#[utoipa::path(
    get, path = "/metrics", tag = "Service", operation_id = "metrics", security(()),
    responses((status = 200, description = "The figures.", body = String, content_type = "text/plain"), ServiceRefusals)
)]
pub(super) async fn metrics(State(state): State<WebState>) -> ApiResult<Response> {
    let figures = state.call(App::figures).await?;
    let text = recorder::render(&figures);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
