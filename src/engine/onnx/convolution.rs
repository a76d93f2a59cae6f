//! Convolutions that [`kernels`] does faster than ONNX Runtime.

use std::collections::HashMap;

use super::{
    FLOAT,
    model::{Model, Node},
};
use crate::engine::kernels;

/// With fewer channels on either side, transforming costs more than it saves. The tests' packs have few, and shall go
/// through our operator all the same.
const CHANNELS_MIN: u64 = if cfg!(test) { 2 } else { 32 };

/// Replaces each convolution that fits, on processors on which that pays; tells how many.
pub(super) fn replace(model: &mut Model<'_>) -> usize {
    if !kernels::are_fast() {
        return 0;
    }
    let found: HashMap<String, Vec<Node<'_>>> =
        model.nodes().iter().filter_map(|node| replacement(model, node)).collect();
    let count = found.len();
    model.replace(kernels::DOMAIN, found);
    count
}

fn replacement<'a>(model: &Model<'a>, node: &Node<'a>) -> Option<(String, Vec<Node<'a>>)> {
    let is_or_none = |name, wanted: &[i64]| {
        let values = node.integers(name);
        values.is_empty() || values == wanted
    };
    let fits = node.op == "Conv"
        && node.integers("pads") == [1; 4]
        && is_or_none("strides", &[1; 2])
        && is_or_none("dilations", &[1; 2])
        && node.integer("group").is_none_or(|group| group == 1)
        && node.word("auto_pad").is_none_or(|pad| pad == "NOTSET");
    if !fits {
        return None;
    }
    let weights = model.weights(node.inputs.get(1)?)?;
    let [rows, channels, 3, 3] = weights.shape[..] else { return None };
    if weights.element != FLOAT || !weights.is_aligned || rows.min(channels) < CHANNELS_MIN {
        return None;
    }
    let inputs: Vec<&str> = node.inputs.iter().map(String::as_str).collect();
    let output = node.outputs.first()?.clone();
    let ours = Node::new((kernels::DOMAIN, kernels::CONVOLUTION), &inputs, &output, &[]);
    Some((output, vec![ours]))
}
