//! Prometheus: what is counted of requests, and the text of `/metrics`.

use std::{sync::OnceLock, time::Duration};

use axum::http::{Method, StatusCode};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::app::service::Figures;

/// Upper bounds of the latency histogram's buckets, in seconds.
const BUCKETS_SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The process has one recorder, however many routers tests build.
static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to record; what is counted before is lost. Safe to call again.
pub fn install() {
    handle();
}

fn handle() -> Option<&'static PrometheusHandle> {
    let installed = HANDLE.get_or_init(|| {
        let matcher = Matcher::Full("magicpixels_http_request_seconds".into());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(matcher, &BUCKETS_SECONDS);
        let handle = builder.and_then(PrometheusBuilder::install_recorder);
        handle.inspect_err(|error| tracing::warn!(%error, "metrics are not recorded")).ok()
    });
    let handle = installed.as_ref();
    if handle.is_some() {
        metrics::describe_counter!("magicpixels_http_requests_total", "Requests answered, by route template.");
        metrics::describe_histogram!("magicpixels_http_request_seconds", "Time to the answer's first byte.");
        metrics::describe_gauge!("magicpixels_jobs", "Jobs that wait or run now.");
        metrics::describe_gauge!("magicpixels_models_loaded", "Models in memory now.");
        metrics::describe_gauge!("magicpixels_model_bytes", "Bytes of the weights of the models in memory.");
        metrics::describe_gauge!("magicpixels_model_bytes_max", "Bytes of weights that may be in memory at once.");
    }
    handle
}

/// Counts one answered request. `route` is the template, never the path: ids would make a series each.
pub(super) fn count(method: &Method, route: &str, status: StatusCode, latency: Duration) {
    let labels = [
        ("method", known_method(method).to_owned()),
        ("route", route.to_owned()),
        ("status", status.as_u16().to_string()),
    ];
    metrics::counter!("magicpixels_http_requests_total", &labels).increment(1);
    metrics::histogram!("magicpixels_http_request_seconds", &labels[..2]).record(latency.as_secs_f64());
}

/// A client may send any word as its method; series are made for the standard ones only.
fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The text that Prometheus scrapes, with the figures of the moment.
pub(super) fn render(figures: &Figures) -> String {
    metrics::gauge!("magicpixels_jobs", "status" => "queued").set(figures.jobs_queued as f64);
    metrics::gauge!("magicpixels_jobs", "status" => "running").set(figures.jobs_running as f64);
    metrics::gauge!("magicpixels_models_loaded").set(figures.models_loaded as f64);
    metrics::gauge!("magicpixels_model_bytes").set(figures.model_bytes as f64);
    if let Some(bytes) = figures.model_bytes_max {
        metrics::gauge!("magicpixels_model_bytes_max").set(bytes as f64);
    }
    handle().map_or_else(String::new, |handle| {
        handle.run_upkeep();
        handle.render()
    })
}
