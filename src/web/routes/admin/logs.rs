//! The last lines of the log, and those that come.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    Json,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use tokio::{sync::watch, time::Instant};

use crate::{
    domain::search,
    logbook::{self, Filter, LINES_MAX, Severity},
    web::{
        WebState,
        auth::Admin,
        errors::{ApiResult, openapi::AdminRefusals},
        extract::Params,
        views::{ListBody, admin::LogLineBody},
    },
};

/// Lines of an answer, unless the query asks for another number.
const LIMIT: usize = 200;
/// How often a stream looks whether its session is still an admin's.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often a comment keeps the connection open.
const HEARTBEAT: Duration = Duration::from_secs(15);

fn filter(params: &mut Params) -> Filter {
    let names = Severity::ALL.map(Severity::as_str).join(", ");
    Filter {
        level: params.with("level", &names, Severity::parse),
        words: search::words(&params.text("q").unwrap_or_default()),
    }
}

/// Lists the last lines of the log, the newest first. The last 2,000 are kept, in memory; credentials are never in them.
#[utoipa::path(
    get, path = "/v1/admin/logs", tag = "Admin", operation_id = "adminLogs",
    params(
        ("level" = Option<String>, Query, description = "At least as severe as this: `error`, `warn`, `info`, `debug` or `trace`."),
        ("q" = Option<String>, Query, description = "Words, in whatever case, that all occur in a line or its fields."),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 2000, description = "Lines at most; 200 if not given."),
    ),
    responses((status = 200, body = ListBody<LogLineBody>), AdminRefusals)
)]
pub(super) async fn list(_: Admin, mut params: Params) -> ApiResult<Json<ListBody<LogLineBody>>> {
    let filter = filter(&mut params);
    let limit = params.with("limit", &format!("a whole number from 1 to {LINES_MAX}"), |text| {
        text.parse().ok().filter(|limit| (1..=LINES_MAX).contains(limit))
    });
    params.finish()?;
    let limit = limit.unwrap_or(LIMIT);
    let mut lines = logbook::latest(&filter, limit + 1);
    let has_more = lines.len() > limit;
    lines.truncate(limit);
    Ok(Json(ListBody { data: lines.into_iter().map(Into::into).collect(), has_more }))
}

/// Follows the log by server-sent events: each event `log` is one new line. Ends with the session.
#[utoipa::path(
    get, path = "/v1/admin/logs/events", tag = "Admin", operation_id = "adminFollowLogs",
    params(
        ("level" = Option<String>, Query, description = "At least as severe as this: `error`, `warn`, `info`, `debug` or `trace`."),
        ("q" = Option<String>, Query, description = "Words, in whatever case, that all occur in a line or its fields."),
    ),
    responses((status = 200, description = "The events.", body = LogLineBody, content_type = "text/event-stream"), AdminRefusals)
)]
pub(super) async fn events(
    State(state): State<WebState>,
    Admin { token, .. }: Admin,
    mut params: Params,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let filter = filter(&mut params);
    params.finish()?;
    let changes = logbook::watch();
    let seen = *changes.borrow();
    let tail = Tail { state, token, filter, changes, seen, waiting: VecDeque::new(), looked_at: Instant::now() };
    let stream = stream::unfold(tail, |mut tail| async move {
        let event = tail.next().await?;
        Some((Ok(event), tail))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

struct Tail {
    state: WebState,
    token: String,
    filter: Filter,
    changes: watch::Receiver<u64>,
    seen: u64,
    waiting: VecDeque<LogLineBody>,
    looked_at: Instant,
}

impl Tail {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.looked_at.elapsed() >= LOOK_EVERY {
                if !self.is_admin().await {
                    return None;
                }
                self.looked_at = Instant::now();
            }
            if let Some(line) = self.waiting.pop_front() {
                return Event::default().event("log").json_data(&line).ok();
            }
            let latest = *self.changes.borrow_and_update();
            if latest > self.seen {
                let lines = logbook::since(&self.filter, self.seen);
                self.seen = latest.max(lines.last().map_or(0, |line| line.seq));
                self.waiting.extend(lines.into_iter().map(LogLineBody::from));
                continue;
            }
            // The book lives as long as the process: there is nothing to hear but a line or the time.
            let _ = tokio::time::timeout(LOOK_EVERY, self.changes.changed()).await;
        }
    }

    /// Whether the session is still good and its account runs the appliance.
    async fn is_admin(&self) -> bool {
        let token = self.token.clone();
        self.state.call(move |app| app.operator(&app.authenticate(&token)?).map(drop)).await.is_ok()
    }
}
