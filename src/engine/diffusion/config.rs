//! Reads the small files of a diffusers folder.

use std::path::Path;

use regex::Regex;
use serde_json::Value;

use crate::engine::EngineError;

/// No configuration is longer; a vocabulary of a million tokens is not either.
const BYTES_MAX: u64 = 64 << 20;

/// The text of a file, which must not be huge.
pub(super) fn read_text(path: &Path) -> Result<String, EngineError> {
    let fail = |e: &dyn std::fmt::Display| EngineError::Model(format!("{}: {e}", path.display()));
    let length = std::fs::metadata(path).map_err(|e| fail(&e))?.len();
    if length > BYTES_MAX {
        return Err(fail(&format_args!("{length} bytes are too many for a configuration")));
    }
    std::fs::read_to_string(path).map_err(|e| fail(&e))
}

/// A JSON file. Python writes infinities into JSON; they become null here, as they stand for no limit.
pub(super) fn read_json(path: &Path) -> Result<Value, EngineError> {
    let text = read_text(path)?;
    serde_json::from_str(&text).or_else(|error| {
        let lenient = Regex::new(r":\s*-?(?:Infinity|NaN)\b").map(|odd| odd.replace_all(&text, ": null").into_owned());
        lenient
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .ok_or_else(|| EngineError::Model(format!("{}: {error}", path.display())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pythons_infinities_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        std::fs::write(&path, r#"{"lambda_min_clipped": -Infinity, "b": 1}"#).unwrap();
        assert_eq!(read_json(&path).unwrap(), serde_json::json!({"lambda_min_clipped": null, "b": 1}));
        std::fs::write(&path, "{").unwrap();
        assert!(read_json(&path).unwrap_err().to_string().contains("a.json"));
    }
}
