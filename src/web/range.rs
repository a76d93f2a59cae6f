//! Parts of files: `Range`, `If-Range` and `If-None-Match` as RFC 9110 has them, for a file that never changes.

use axum::http::{HeaderMap, HeaderName, header};

/// What of the file is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selection {
    /// Nothing: the client has it.
    NotModified,
    /// All of it.
    Whole,
    /// Bytes `first..=last`.
    Part {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// The range lies outside.
    Unsatisfiable,
}

/// What the request's headers select of a file of `length` bytes whose strong tag is `etag` (quotes included).
///
/// Several ranges, other units and ranges that can't be read are answered with the whole file, as the RFC allows.
pub(super) fn select(headers: &HeaderMap, etag: &str, length: u64) -> Selection {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_NONE_MATCH).is_some_and(|tags| matches_weakly(tags, etag)) {
        return Selection::NotModified;
    }
    let Some(range) = text(header::RANGE) else { return Selection::Whole };
    // A date can't match either: files have no dates here, only tags.
    if headers.contains_key(header::IF_RANGE) && text(header::IF_RANGE) != Some(etag) {
        return Selection::Whole;
    }
    parse(range, length)
}

fn matches_weakly(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

fn parse(range: &str, length: u64) -> Selection {
    let Some((unit, spec)) = range.split_once('=') else { return Selection::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Selection::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") || spec.contains(',') {
        return Selection::Whole;
    }
    // Digits only, and a number beyond u64 is simply far behind the end.
    let number = |text: &str| -> Option<u64> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    match (first.trim(), last.trim()) {
        ("", suffix) => match number(suffix) {
            None => Selection::Whole,
            Some(0) => Selection::Unsatisfiable,
            Some(_) if length == 0 => Selection::Unsatisfiable,
            Some(count) => Selection::Part { first: length.saturating_sub(count), last: length - 1 },
        },
        (first, "") => match number(first) {
            None => Selection::Whole,
            Some(first) if first < length => Selection::Part { first, last: length - 1 },
            Some(_) => Selection::Unsatisfiable,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first > last => Selection::Whole,
            (Some(first), Some(last)) if first < length => Selection::Part { first, last: last.min(length - 1) },
            (Some(_), Some(_)) => Selection::Unsatisfiable,
            _ => Selection::Whole,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(HeaderName, &str)]) -> Selection {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(name.clone(), value.parse().unwrap());
        }
        select(&headers, "\"tag\"", 10)
    }

    #[test]
    fn reads_single_ranges() {
        let part = |first, last| Selection::Part { first, last };
        for (range, expected) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=2-5", part(2, 5)),
            ("bytes=2-", part(2, 9)),
            ("bytes=2-99", part(2, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-99", part(0, 9)),
            ("bytes=0-99999999999999999999999", part(0, 9)),
            ("bytes=10-", Selection::Unsatisfiable),
            ("bytes=10-12", Selection::Unsatisfiable),
            ("bytes=-0", Selection::Unsatisfiable),
            ("bytes=5-2", Selection::Whole),
            ("bytes=0-1,4-5", Selection::Whole),
            ("bytes=a-b", Selection::Whole),
            ("bytes=+1-2", Selection::Whole),
            ("lines=0-1", Selection::Whole),
            ("bytes", Selection::Whole),
        ] {
            assert_eq!(with(&[(header::RANGE, range)]), expected, "{range}");
        }
        assert_eq!(select(&HeaderMap::new(), "\"tag\"", 0), Selection::Whole);
    }

    #[test]
    fn conditions_come_first() {
        let range = (header::RANGE, "bytes=0-1");
        assert_eq!(with(&[range.clone(), (header::IF_NONE_MATCH, "\"x\", W/\"tag\"")]), Selection::NotModified);
        assert_eq!(with(&[(header::IF_NONE_MATCH, "*")]), Selection::NotModified);
        assert_eq!(with(&[(header::IF_NONE_MATCH, "\"x\"")]), Selection::Whole);
        assert_eq!(with(&[range.clone(), (header::IF_RANGE, "\"x\"")]), Selection::Whole);
        assert_eq!(with(&[range.clone(), (header::IF_RANGE, "W/\"tag\"")]), Selection::Whole);
        assert_eq!(with(&[range, (header::IF_RANGE, "\"tag\"")]), Selection::Part { first: 0, last: 1 });
    }
}
