//! The last lines of the log, kept in memory for the operator's page.
//!
//! A layer of `tracing` that fills a bounded ring; the log on standard error goes on as it is. Credentials never get
//! in: what looks like one is cut out of every text, whoever logged it. The process has one log and so one book.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::sync::watch;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, Scope, SpanRef},
};

use crate::domain::clock::{Clock, Timestamp};

/// Lines that are kept.
pub const LINES_MAX: usize = 2000;
/// Characters of a message or a field that are kept.
const CHARS_MAX: usize = 1000;
/// What credentials and signed links begin with.
const SECRETS: [&str; 7] = ["mp_live_", "mp_test_", "mp_session_", "whsec_", "token=", "signature=", "invitation="];

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number since the process began, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// How severe.
    pub level: Severity,
    /// The part of the program that wrote it.
    pub target: String,
    /// What it says.
    pub message: String,
    /// What else it tells, with the fields of the spans around it: the request's id, the route.
    pub fields: BTreeMap<String, String>,
}

/// How severe a line is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something failed.
    Error,
    /// Something is not as it should be.
    Warn,
    /// Something happened.
    Info,
    /// For whoever looks for a fault.
    Debug,
    /// Everything.
    Trace,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// The severity of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }

    fn of(level: Level) -> Self {
        match level {
            Level::ERROR => Self::Error,
            Level::WARN => Self::Warn,
            Level::INFO => Self::Info,
            Level::DEBUG => Self::Debug,
            Level::TRACE => Self::Trace,
        }
    }
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// At least as severe as this; `None` takes all.
    pub level: Option<Severity>,
    /// Words that must all occur, in whatever case.
    pub words: Vec<String>,
}

impl Filter {
    fn takes(&self, line: &Line) -> bool {
        if self.level.is_some_and(|level| line.level > level) {
            return false;
        }
        let fields = line.fields.iter().fold(String::new(), |text, (name, value)| format!("{text} {name}={value}"));
        let text = format!("{} {}{fields}", line.target, line.message).to_lowercase();
        self.words.iter().all(|word| text.contains(&word.to_lowercase()))
    }
}

struct Book {
    lines: Mutex<(u64, VecDeque<Line>)>,
    written: watch::Sender<u64>,
}

static BOOK: LazyLock<Book> = LazyLock::new(|| Book { lines: Mutex::default(), written: watch::Sender::new(0) });

impl Book {
    fn lines(&self) -> MutexGuard<'_, (u64, VecDeque<Line>)> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, line: Line) {
        let mut lines = self.lines();
        lines.0 += 1;
        let seq = lines.0;
        if lines.1.len() == LINES_MAX {
            lines.1.pop_front();
        }
        lines.1.push_back(Line { seq, ..line });
        drop(lines);
        self.written.send_replace(seq);
    }
}

/// The latest `limit` lines that the filter takes, the newest first.
pub fn latest(filter: &Filter, limit: usize) -> Vec<Line> {
    BOOK.lines().1.iter().rev().filter(|line| filter.takes(line)).take(limit).cloned().collect()
}

/// The lines behind number `seq` that the filter takes, the oldest first.
pub fn since(filter: &Filter, seq: u64) -> Vec<Line> {
    BOOK.lines().1.iter().filter(|line| line.seq > seq && filter.takes(line)).cloned().collect()
}

/// The number of the latest line; changes with every line.
pub fn watch() -> watch::Receiver<u64> {
    BOOK.written.subscribe()
}

/// The layer that fills the book.
pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>() -> impl Layer<S> {
    Scribe
}

struct Scribe;

/// A span's fields, kept with it.
struct Kept(BTreeMap<String, String>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Scribe {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut notes = Notes::default();
        attributes.record(&mut notes);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Kept(notes.fields));
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let mut notes = Notes::default();
        values.record(&mut notes);
        let Some(span) = context.span(id) else { return };
        if let Some(kept) = span.extensions_mut().get_mut::<Kept>() {
            kept.0.extend(notes.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            extend(&mut fields, &span);
        }
        let mut notes = Notes::default();
        event.record(&mut notes);
        fields.extend(notes.fields);
        BOOK.write(Line {
            seq: 0,
            at: Clock::System.now(),
            level: Severity::of(*event.metadata().level()),
            target: event.metadata().target().to_owned(),
            message: notes.message,
            fields,
        });
    }
}

fn extend<S: Subscriber + for<'a> LookupSpan<'a>>(fields: &mut BTreeMap<String, String>, span: &SpanRef<'_, S>) {
    if let Some(kept) = span.extensions().get::<Kept>() {
        fields.extend(kept.0.clone());
    }
}

#[derive(Default)]
struct Notes {
    message: String,
    fields: BTreeMap<String, String>,
}

impl Visit for Notes {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = censor(value);
        if field.name() == "message" {
            self.message = value;
        } else {
            self.fields.insert(field.name().to_owned(), value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// Cuts out what looks like a credential, and what is too long to be read.
fn censor(text: &str) -> String {
    let mut text = text.to_owned();
    for secret in SECRETS {
        let mut from = 0;
        while let Some(at) = text[from..].find(secret) {
            let begin = from + at + secret.len();
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '=' | '+' | '/' | '%');
            let end = text[begin..].find(|c| !is_part(c)).map_or(text.len(), |length| begin + length);
            text.replace_range(begin..end, "…");
            from = begin + '…'.len_utf8();
        }
    }
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn the_book_is_bounded_filtered_and_knows_the_spans() {
        let log = tracing_subscriber::registry().with(layer());
        let before = *watch().borrow();
        tracing::subscriber::with_default(log, || {
            let span = tracing::info_span!("request", id = "req_logbook", later = tracing::field::Empty);
            let _entered = span.enter();
            span.record("later", 7);
            for i in 0..LINES_MAX + 10 {
                tracing::info!(i, "counting");
            }
            tracing::warn!(error = %"disk", "Careful with the Umlaut Ä");
        });
        let words = |words: &[&str]| Filter { level: None, words: words.iter().map(|w| (*w).to_owned()).collect() };
        let found = latest(&words(&["UMLAUT", "ä", "req_logbook"]), 10);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].level, Severity::Warn);
        assert_eq!((found[0].fields["later"].as_str(), found[0].fields["error"].as_str()), ("7", "disk"));
        assert!(*watch().borrow() > before);
        assert!(latest(&Filter::default(), usize::MAX).len() <= LINES_MAX);
        let severe = Filter { level: Some(Severity::Warn), ..words(&["req_logbook"]) };
        assert_eq!(latest(&severe, 10).len(), 1);
        let counted = latest(&words(&["counting", "req_logbook"]), 3);
        assert!(counted.len() == 3 && counted[0].seq > counted[1].seq);
        let behind = since(&words(&["req_logbook"]), counted[1].seq);
        assert_eq!(behind.len(), 2, "one counting and the warning");
        assert!(behind[0].seq < behind[1].seq);
    }

    #[test]
    fn no_credential_gets_into_the_book() {
        for (text, expected) in [
            ("with mp_live_0123.ab-c_d! and", "with mp_live_…! and"),
            ("mp_session_abc", "mp_session_…"),
            ("http://x/setup?token=abc&x=1", "http://x/setup?token=…&x=1"),
            ("whsec_a+b/c== mp_test_1.2 mp_test_3.4", "whsec_… mp_test_… mp_test_…"),
            ("nothing to hide", "nothing to hide"),
        ] {
            assert_eq!(censor(text), expected);
        }
        assert_eq!(censor(&"é".repeat(2000)).chars().count(), CHARS_MAX + 1);
    }
}
