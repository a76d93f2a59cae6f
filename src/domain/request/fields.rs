//! Takes typed fields out of a JSON object and collects what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{ImageFormat, Subtitles, Text};
use crate::domain::{
    field::{FieldError, nearest},
    ids::AssetId,
    job::Mode,
    webhook::Target,
};

/// The fields of one request; every field asked for is a known one.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    mode: Mode,
    known: BTreeSet<&'static str>,
    faults: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a Map<String, Value>, mode: Mode) -> Self {
        Self { object, mode, known: BTreeSet::from(["mode"]), faults: Vec::new() }
    }

    /// The faults found, those of unknown fields included.
    pub(super) fn finish(mut self) -> Vec<FieldError> {
        let known: Vec<&str> = self.known.iter().copied().collect();
        for name in self.object.keys().filter(|name| !self.known.contains(name.as_str())) {
            let hint = nearest(name, &known).map_or(String::new(), |n| format!(" Did you mean `{n}`?"));
            let message = format!("`{name}` is not a field of {} jobs.{hint}", self.mode);
            self.faults.push(FieldError::new(name.clone(), "unknown", message));
        }
        self.faults
    }

    /// Whether the request sets the field; `null` counts as not set.
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    pub(super) fn fault(&mut self, field: &'static str, code: &'static str, what: &str) {
        self.faults.push(FieldError::new(field, code, format!("`{field}`: {what}.")));
    }

    /// Notes that the field is missing, unless something else is wrong with it already.
    pub(super) fn missing(&mut self, field: &'static str, message: &str) {
        if !self.faults.iter().any(|fault| fault.field == field) {
            self.faults.push(FieldError::new(field, "missing", message));
        }
    }

    fn take(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.insert(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn string(&mut self, name: &'static str) -> Option<&'a str> {
        let value = self.take(name)?;
        let text = value.as_str();
        if text.is_none() {
            self.fault(name, "type", "must be a string");
        }
        text
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<Text> {
        match Text::parse(self.string(name)?) {
            Ok(text) => Some(text),
            Err((code, message)) => {
                self.faults.push(FieldError::new(name, code, format!("`{name}` {message}.")));
                None
            }
        }
    }

    pub(super) fn required_text(&mut self, name: &'static str) -> Option<Text> {
        let text = self.text(name);
        if text.is_none() {
            self.missing(name, &format!("`{name}` is required."));
        }
        text
    }

    /// A short identifier such as a model's or a voice's name.
    pub(super) fn name(&mut self, name: &'static str) -> Option<String> {
        let text = self.string(name)?;
        if text.is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
            self.fault(name, "invalid", "must be a name of 1 to 100 characters");
            return None;
        }
        Some(text.to_owned())
    }

    pub(super) fn asset(&mut self, name: &'static str) -> Option<AssetId> {
        let id = self.string(name)?.parse().ok();
        if id.is_none() {
            self.fault(name, "invalid", "is not an asset id; upload the file with POST /v1/assets first");
        }
        id
    }

    pub(super) fn required_asset(&mut self, name: &'static str) -> Option<AssetId> {
        let id = self.asset(name);
        if id.is_none() {
            self.missing(name, &format!("`{name}` is required: the id of an uploaded asset."));
        }
        id
    }

    pub(super) fn integer(&mut self, name: &'static str, min: u32, max: u32) -> Option<u32> {
        let value = self.take(name)?;
        if !value.is_number() {
            self.fault(name, "type", "must be a whole number");
            return None;
        }
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| (min..=max).contains(n));
        if number.is_none() {
            self.fault(name, "out_of_range", &format!("must be a whole number from {min} to {max}"));
        }
        number
    }

    pub(super) fn number(&mut self, name: &'static str, min: f64, max: f64) -> Option<f32> {
        let value = self.take(name)?;
        let Some(number) = value.as_f64() else {
            self.fault(name, "type", "must be a number");
            return None;
        };
        if !(min..=max).contains(&number) {
            self.fault(name, "out_of_range", &format!("must be a number from {min} to {max}"));
            return None;
        }
        Some(number as f32)
    }

    pub(super) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let value = self.take(name)?;
        let truth = value.as_bool();
        if truth.is_none() {
            self.fault(name, "type", "must be true or false");
        }
        truth
    }

    fn one_of<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.string(name)?;
        let choice = choices.iter().find(|(spelling, _)| *spelling == text).map(|(_, value)| *value);
        if choice.is_none() {
            let names: Vec<&str> = choices.iter().map(|(spelling, _)| *spelling).collect();
            self.fault(name, "invalid", &format!("must be one of {}", names.join(", ")));
        }
        choice
    }

    pub(super) fn format(&mut self) -> ImageFormat {
        let choices = [
            ("png", ImageFormat::Png),
            ("jpeg", ImageFormat::Jpeg),
            ("jpg", ImageFormat::Jpeg),
            ("webp", ImageFormat::Webp),
        ];
        self.one_of("format", &choices).unwrap_or_default()
    }

    /// Speech is WAV; the field is known so that saying so is no fault.
    pub(super) fn audio_format(&mut self) {
        let _ = self.one_of("format", &[("wav", ())]);
    }

    /// Films are MP4; the field is known so that saying so is no fault.
    pub(super) fn video_format(&mut self) {
        let _ = self.one_of("format", &[("mp4", ())]);
    }

    pub(super) fn subtitles(&mut self) -> Subtitles {
        let choices = [("none", Subtitles::None), ("track", Subtitles::Track), ("vtt", Subtitles::Vtt)];
        self.one_of("subtitles", &choices).unwrap_or_default()
    }

    /// An address that a webhook can be sent to.
    pub(super) fn webhook_url(&mut self) -> Option<String> {
        let text = self.string("webhook_url")?;
        match Target::parse(text) {
            Ok(_) => Some(text.to_owned()),
            Err(what) => {
                self.fault("webhook_url", "invalid", what);
                None
            }
        }
    }

    /// At most 16 short strings of the client's own.
    pub(super) fn metadata(&mut self) -> BTreeMap<String, String> {
        let Some(value) = self.take("metadata") else { return BTreeMap::new() };
        let map = value.as_object().and_then(|object| {
            let pairs = object.iter().map(|(key, value)| value.as_str().map(|text| (key.clone(), text.to_owned())));
            pairs.collect::<Option<BTreeMap<_, _>>>()
        });
        let Some(map) = map else {
            self.fault("metadata", "type", "must be an object whose values are strings");
            return BTreeMap::new();
        };
        let fits = |(key, text): (&String, &String)| key.chars().count() <= 40 && text.chars().count() <= 500;
        if map.len() > 16 || !map.iter().all(fits) {
            self.fault("metadata", "too_long", "takes at most 16 pairs, keys of 40 and values of 500 characters");
        }
        map
    }
}
