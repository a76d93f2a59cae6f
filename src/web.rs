//! web
use std::sync::Arc;
/// router
pub fn router(_app: Arc<crate::app::App>) -> axum::Router {
    axum::Router::new()
}
