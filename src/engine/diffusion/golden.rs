//! Reads the numbers that Python made: `tests/golden/diffusion`.

use std::path::PathBuf;

use serde_json::Value;

pub(super) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/diffusion").join(name)
}

pub(super) fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

pub(super) fn read(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

pub(super) fn floats(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}
