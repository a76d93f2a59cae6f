//! Bodies, queries and path parts as the handlers take them, refused in the documented shape.

use std::{ops::RangeInclusive, str::FromStr, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{FromRef, FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde_json::Value;

use super::{
    WebState,
    errors::{ApiError, ApiResult, Code},
    origin,
};
use crate::{
    db::Page,
    domain::field::{FieldError, nearest},
};

/// Items of a list, unless the query asks for another number.
const PAGE_LIMIT: u32 = 20;
/// Most items of a list.
const PAGE_LIMIT_MAX: u32 = 100;

/// Most bytes of a JSON body.
pub(super) const BODY_BYTES_MAX: usize = 256 << 10;
/// Longest wait for a JSON body.
const BODY_WAIT: Duration = Duration::from_secs(30);

/// Reads a small body whole.
async fn read(body: Body) -> ApiResult<Bytes> {
    let whole = tokio::time::timeout(BODY_WAIT, axum::body::to_bytes(body, BODY_BYTES_MAX)).await;
    let whole = whole.map_err(|_| ApiError::new(Code::Malformed, "The body did not arrive in time."))?;
    whole.map_err(|error| {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(inner) = cause {
            if inner.to_string().contains("length limit exceeded") {
                return ApiError::new(Code::TooLarge, format!("The body is larger than {BODY_BYTES_MAX} bytes."));
            }
            cause = inner.source();
        }
        ApiError::new(Code::Malformed, "The body broke off before its end.")
    })
}

/// The body's media type without its parameters, in lower case.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A JSON body, whatever it says.
pub(super) struct JsonBody(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Self> {
        let kind = media_type(request.headers());
        if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
            let message = "The body must be JSON, sent with `Content-Type: application/json`.";
            return Err(ApiError::new(Code::UnsupportedMediaType, message));
        }
        let bytes = read(request.into_body()).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| ApiError::new(Code::InvalidJson, format!("The body is not JSON: {error}.")))
    }
}

/// The query's parameters; [`Params::finish`] refuses those that no one asked for.
pub(super) struct Params {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
    faults: Vec<FieldError>,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|error| ApiError::new(Code::Malformed, format!("The query can't be read: {error}.")))?;
        Ok(Self { pairs: pairs.0, known: Vec::new(), faults: Vec::new() })
    }
}

impl Params {
    /// The parameter as it came.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    /// The parameter, parsed; `expected` says what it must be.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str, expected: &str) -> Option<T> {
        self.with(name, expected, |text| text.parse().ok())
    }

    /// The parameter, read by `parse`; `expected` says what it must be.
    pub(super) fn with<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.faults.push(FieldError::new(name, "invalid", format!("`{name}` must be {expected}.")));
        }
        value
    }

    /// The piece of a list that `limit` and `after` ask for.
    pub(super) fn page<Id: FromStr>(&mut self) -> Page<Id> {
        let limit = self.with("limit", &format!("a whole number from 1 to {PAGE_LIMIT_MAX}"), |text| {
            text.parse().ok().filter(|limit| (1..=PAGE_LIMIT_MAX).contains(limit))
        });
        let after = self.parsed("after", "the id of the last item of the piece before");
        Page { limit: limit.unwrap_or(PAGE_LIMIT), after }
    }

    /// Fails with everything that is wrong with the query.
    pub(super) fn finish(mut self) -> ApiResult<()> {
        for (name, _) in self.pairs.iter().filter(|(name, _)| !self.known.contains(&name.as_str())) {
            let hint = nearest(name, &self.known).map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
            self.faults.push(FieldError::new(name, "unknown", format!("`{name}` is no parameter here.{hint}")));
        }
        if self.faults.is_empty() { Ok(()) } else { Err(ApiError::fields(&self.faults)) }
    }
}

/// The base of absolute URLs in the answer, without a trailing slash.
pub(super) struct Base(pub(super) String);

impl<S> FromRequestParts<S> for Base
where
    S: Send + Sync,
    WebState: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let state = WebState::from_ref(state);
        Ok(Self(origin::base(&state.app().config, &parts.uri, &parts.headers)))
    }
}

/// An id in a path. What is no id of that kind names nothing.
pub(super) fn id<T: FromStr>(text: &str, what: &str) -> ApiResult<T> {
    text.parse().map_err(|_| ApiError::not_found(what))
}

/// The fields of a small JSON object: texts, flags, numbers, lists of texts.
pub(super) struct Object {
    fields: serde_json::Map<String, Value>,
    known: Vec<&'static str>,
    faults: Vec<FieldError>,
}

impl Object {
    pub(super) fn new(body: Value) -> ApiResult<Self> {
        match body {
            Value::Object(fields) => Ok(Self { fields, known: Vec::new(), faults: Vec::new() }),
            _ => Err(ApiError::field("", "type", "The request body must be a JSON object.")),
        }
    }

    /// A required text.
    pub(super) fn text(&mut self, name: &'static str) -> String {
        self.known.push(name);
        let fault = match self.fields.get(name) {
            Some(Value::String(text)) => return text.clone(),
            None | Some(Value::Null) => ("missing", format!("`{name}` is required.")),
            Some(_) => ("type", format!("`{name}` must be a string.")),
        };
        self.faults.push(FieldError::new(name, fault.0, fault.1));
        String::new()
    }

    /// A flag, `false` where it is not set.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        self.known.push(name);
        match self.fields.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                self.faults.push(FieldError::new(name, "type", format!("`{name}` must be true or false.")));
                false
            }
        }
    }

    /// A text that may be left out or null, read by `parse`; `expected` says what it must be.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.known.push(name);
        let value = self.fields.get(name).filter(|value| !value.is_null())?;
        let (code, read) = match value.as_str() {
            Some(text) => ("invalid", parse(text)),
            None => ("type", None),
        };
        if read.is_none() {
            self.fault(name, code, format!("`{name}` must be {expected}."));
        }
        read
    }

    /// A whole number that may be left out or null.
    pub(super) fn number(&mut self, name: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        self.known.push(name);
        let value = self.fields.get(name).filter(|value| !value.is_null())?;
        let number = value.as_u64().filter(|number| range.contains(number));
        if number.is_none() {
            let code = if value.is_number() { "out_of_range" } else { "type" };
            let message = format!("`{name}` must be a whole number from {} to {}.", range.start(), range.end());
            self.fault(name, code, message);
        }
        number
    }

    /// A list of texts, empty where it is not set.
    pub(super) fn texts(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        let Some(value) = self.fields.get(name).filter(|value| !value.is_null()) else { return Vec::new() };
        let texts = value.as_array().and_then(|items| {
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
        });
        if texts.is_none() {
            self.fault(name, "type", format!("`{name}` must be a list of strings."));
        }
        texts.unwrap_or_default()
    }

    /// Notes that something is wrong with a field.
    pub(super) fn fault(&mut self, name: &'static str, code: &'static str, message: impl Into<String>) {
        self.faults.push(FieldError::new(name, code, message));
    }

    /// Fails with everything that is wrong with the object.
    pub(super) fn finish(mut self) -> ApiResult<()> {
        for name in self.fields.keys().filter(|name| !self.known.contains(&name.as_str())) {
            let hint = nearest(name, &self.known).map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
            self.faults.push(FieldError::new(name, "unknown", format!("`{name}` is no field here.{hint}")));
        }
        if self.faults.is_empty() { Ok(()) } else { Err(ApiError::fields(&self.faults)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params(query: &str) -> Params {
        let Query(pairs) =
            Query::<Vec<(String, String)>>::try_from_uri(&format!("/?{query}").parse().unwrap()).unwrap();
        Params { pairs, known: Vec::new(), faults: Vec::new() }
    }

    #[test]
    fn a_query_is_refused_with_all_its_faults() {
        let mut query = params("limit=many&staus=queued");
        assert_eq!(query.parsed::<u32>("limit", "a number"), None);
        assert_eq!(query.text("status"), None);
        let fields = query.finish().unwrap_err().details.unwrap();
        let fields = fields["fields"].as_array().unwrap();
        assert_eq!(fields.len(), 2);
        assert!(fields[1]["message"].as_str().unwrap().contains("`status`"), "{fields:?}");
        let mut good = params("limit=5");
        assert_eq!(good.parsed("limit", "a number"), Some(5));
        assert!(good.finish().is_ok());
    }

    #[test]
    fn an_object_is_refused_with_all_its_faults() {
        let mut object = Object::new(json!({"email": 3, "test": "yes", "x": 1})).unwrap();
        let _ = object.text("email");
        let _ = object.text("password");
        let _ = object.flag("test");
        let details = object.finish().unwrap_err().details.unwrap();
        let codes: Vec<&str> =
            details["fields"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["type", "missing", "type", "unknown"]);
        assert!(Object::new(json!([])).is_err());
    }
}
