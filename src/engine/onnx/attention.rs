//! Scaled dot-product attention as one node. Written out, as exporters write it, every head's scores of every token with
//! every other one lie in memory, a gigabyte at 512 x 512 pixels; ONNX Runtime's own node goes through them by blocks
//! (Dao et al., 2022, arXiv 2205.14135).

use std::collections::HashMap;

use super::model::{Attribute, Model, Node};

const DOMAIN: &str = "com.microsoft";

/// Replaces each attention that is written out; tells how many.
pub(super) fn fuse(model: &mut Model<'_>) -> usize {
    let softmaxes = model.nodes().iter().filter(|node| node.op == "Softmax");
    let found: HashMap<String, Vec<Node<'_>>> = softmaxes.filter_map(|softmax| attention(model, softmax)).collect();
    let count = found.len();
    model.replace(DOMAIN, found);
    count
}

/// One side of a product: `[batch, token, head * size]` tensors, parted into heads.
struct Side {
    source: String,
    heads: i64,
    /// Scalars that it is multiplied by.
    scales: Vec<String>,
}

/// `softmax(q k^T) v` around a softmax, as the name of its result and the nodes that make it.
///
/// Each side is reshaped from `[batch, token, head * size]` to `[batch, token, head, size]` and turned; scalars may
/// stand on both factors or after their product.
fn attention<'a>(model: &Model<'a>, softmax: &Node<'a>) -> Option<(String, Vec<Node<'a>>)> {
    if !matches!(softmax.integer("axis"), Some(-1 | 3)) {
        return None;
    }
    let mut scales = Vec::new();
    let product = peel(model, softmax.inputs.first()?, &mut scales)?;
    let [left, right] = &product.inputs[..] else { return None };
    if product.op != "MatMul" {
        return None;
    }
    let (mut q, k) = (side(model, left, [0, 2, 1, 3])?, side(model, right, [0, 2, 3, 1])?);
    q.scales.extend(scales);

    let context = only(model, softmax.outputs.first()?, "MatMul")?;
    let [weights, values] = &context.inputs[..] else { return None };
    let v = side(model, values, [0, 2, 1, 3])?;
    let turned = only(model, context.outputs.first()?, "Transpose")?;
    let joined = only(model, turned.outputs.first()?, "Reshape")?;
    let is_whole = *weights == softmax.outputs[0]
        && turned.integers("perm") == [0, 2, 1, 3]
        && v.scales.is_empty()
        && (q.heads, k.heads) == (v.heads, v.heads);
    if !is_whole {
        return None;
    }

    let output = joined.outputs.first()?.clone();
    let mut nodes = Vec::new();
    let mut scaled = |side: &Side, name: &str| {
        side.scales.iter().enumerate().fold(side.source.clone(), |from, (nth, scale)| {
            let to = format!("{output}/{name}{nth}");
            nodes.push(Node::new(("", "Mul"), &[&from, scale], &to, &[]));
            to
        })
    };
    let (query, key) = (scaled(&q, "query"), scaled(&k, "key"));
    let attributes = [("num_heads", Attribute::Integer(q.heads)), ("scale", Attribute::Float(1.0))];
    nodes.push(Node::new((DOMAIN, "MultiHeadAttention"), &[&query, &key, &v.source], &output, &attributes));
    Some((output, nodes))
}

/// The node before any multiplications by scalars, which are noted.
fn peel<'m, 'a>(model: &'m Model<'a>, tensor: &str, scales: &mut Vec<String>) -> Option<&'m Node<'a>> {
    let mut node = model.producer(tensor)?;
    while node.op == "Mul" {
        let [left, right] = &node.inputs[..] else { return None };
        let (scale, other) = if model.is_scalar(right) { (right, left) } else { (left, right) };
        if !model.is_scalar(scale) {
            return None;
        }
        scales.push(scale.clone());
        node = model.producer(other)?;
    }
    Some(node)
}

/// The only node that reads a tensor, besides those that ask for its shape, if it is of that kind.
fn only<'m, 'a>(model: &'m Model<'a>, tensor: &'m str, op: &str) -> Option<&'m Node<'a>> {
    let mut readers = model.consumers(tensor).filter(|node| node.op != "Shape");
    readers.next().filter(|node| node.op == op && readers.next().is_none())
}

/// What was parted into heads and turned by `wanted`, in one or several steps.
fn side(model: &Model<'_>, tensor: &str, wanted: [usize; 4]) -> Option<Side> {
    let mut scales = Vec::new();
    let mut turn = [0, 1, 2, 3];
    let mut node = peel(model, tensor, &mut scales)?;
    while node.op == "Transpose" {
        let perm: Vec<usize> =
            node.integers("perm").into_iter().filter_map(|axis| usize::try_from(axis).ok()).collect();
        let perm: [usize; 4] = perm.try_into().ok()?;
        for axis in &mut turn {
            *axis = *perm.get(*axis)?;
        }
        node = peel(model, node.inputs.first()?, &mut scales)?;
    }
    if node.op != "Reshape" || turn != wanted {
        return None;
    }
    let [source, shape] = &node.inputs[..] else { return None };
    Some(Side { source: source.clone(), heads: heads(model, shape)?, scales })
}

/// How many heads a shape of `[batch, token, head, size]` has.
fn heads(model: &Model<'_>, shape: &str) -> Option<i64> {
    let heads = if let Some(sizes) = model.integers(shape) {
        sizes.get(2).copied().filter(|_| sizes.len() == 4)
    } else {
        let concat = model.producer(shape).filter(|node| node.op == "Concat")?;
        let [_, _, heads, _] = &concat.inputs[..] else { return None };
        model.integers(heads).filter(|heads| heads.len() == 1).map(|heads| heads[0])
    };
    heads.filter(|heads| *heads > 0)
}
