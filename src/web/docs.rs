//! The API's documentation for programs: `/openapi.json`, made from the code, with the table of errors in it.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};

use super::WebState;

pub(super) fn routes() -> Router<WebState> {
    Router::new().route("/openapi.json", get(document))
}

async fn document(State(state): State<WebState>) -> Response {
    Json(&state.shared.spec).into_response()
}
