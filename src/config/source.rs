//! Every setting with its value, its default and where the value is from: for the operator, who asks why something is
//! as it is. Made from the settings themselves, so that a new one can't be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::{Config, File};

/// Where a setting's value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Nobody set it.
    Default,
    /// `magicpixels.toml`.
    File,
    /// A `MAGICPIXELS_…` variable.
    Environment,
    /// The command line.
    #[serde(rename = "command line")]
    CommandLine,
}

impl Source {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::CommandLine => "command line",
        }
    }
}

/// A setting and where its value is from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// Its name, with dots between the tables: `limits.upload_bytes`.
    pub name: String,
    /// What holds now.
    pub value: Value,
    /// What would hold if nobody had set it.
    pub default: Value,
    /// Where the value is from.
    pub source: Source,
}

/// Who set what.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sources {
    /// The names that the file sets.
    pub(super) file: BTreeSet<String>,
    /// What the command line and the environment set, with which of the two it was.
    pub(super) overrides: BTreeMap<&'static str, Source>,
}

impl Sources {
    /// The names that this settings file sets; an array is one setting.
    pub(super) fn of_file(text: &str) -> BTreeSet<String> {
        let table = text.parse::<toml::Table>().unwrap_or_default();
        let value = serde_json::to_value(table).unwrap_or_default();
        flatten(&value).into_keys().collect()
    }
}

impl Config {
    /// Tells which of the overrides, or of `data`, are from the environment and which from the command line.
    #[must_use]
    pub fn with_sources(mut self, known: &[(&'static str, Source)]) -> Self {
        self.sources.overrides.extend(known.iter().copied());
        self
    }

    /// Every setting by name. Nothing in them is a secret; should one ever be named like one, its value is withheld.
    pub fn settings(&self) -> Vec<Setting> {
        let mut present = self.file.clone();
        present.listen = self.listen.to_string();
        present.public_url = self.public_url.clone().unwrap_or_default();
        let flat = |file: &File| flatten(&serde_json::to_value(file).unwrap_or_default());
        let (values, mut defaults) = (flat(&present), flat(&File::default()));
        let data = Setting {
            name: "data".into(),
            value: self.data.display().to_string().into(),
            default: super::DATA_DEFAULT.into(),
            source: self.sources.overrides.get("data").copied().unwrap_or(Source::Default),
        };
        let rest = values.into_iter().map(|(name, value)| Setting {
            source: self.source(&name),
            default: withhold(&name, defaults.remove(&name).unwrap_or_default()),
            value: withhold(&name, value),
            name,
        });
        std::iter::once(data).chain(rest).collect()
    }

    fn source(&self, name: &str) -> Source {
        let is_in_file = self.sources.file.contains(name);
        let overridden = self.sources.overrides.get(name).copied();
        overridden.unwrap_or(if is_in_file { Source::File } else { Source::Default })
    }
}

fn withhold(name: &str, value: Value) -> Value {
    let is_secret = ["secret", "password", "token"].iter().any(|word| name.ends_with(word));
    if is_secret { "(withheld)".into() } else { value }
}

/// The leaves of nested tables by their dotted names; an empty table has none.
fn flatten(value: &Value) -> BTreeMap<String, Value> {
    fn walk(prefix: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
        if let Value::Object(fields) = value {
            for (name, value) in fields {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                walk(&name, value, found);
            }
        } else {
            found.insert(prefix.to_owned(), value.clone());
        }
    }
    let mut found = BTreeMap::new();
    walk("", value, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FILE_NAME, Overrides};

    #[test]
    fn every_setting_tells_where_its_value_is_from() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE_NAME), "public_url = 'http://a'\nlisten = 'bad'\n[prices]\nimage = 3\n")
            .unwrap();
        let overrides = Overrides { listen: Some("127.0.0.1:9".into()), public_url: None };
        let config = Config::load(dir.path(), overrides).unwrap();
        let find = |config: &Config, name: &str| config.settings().into_iter().find(|s| s.name == name).unwrap();
        let listen = find(&config, "listen");
        assert_eq!((listen.value, listen.source), ("127.0.0.1:9".into(), Source::CommandLine));
        let config = config.with_sources(&[("listen", Source::Environment), ("data", Source::CommandLine)]);
        for (name, source) in [
            ("listen", Source::Environment),
            ("data", Source::CommandLine),
            ("public_url", Source::File),
            ("prices.image", Source::File),
            ("prices.video_per_second", Source::Default),
            ("plan", Source::Default),
        ] {
            assert_eq!(find(&config, name).source, source, "{name}");
        }
        let image = find(&config, "prices.image");
        assert_eq!((image.value, image.default), (3.into(), 1.into()));
    }

    #[test]
    fn what_is_named_like_a_secret_is_withheld() {
        assert_eq!(withhold("webhooks.secret", "s".into()), "(withheld)");
        assert_eq!(withhold("listen", "s".into()), "s");
    }
}
