//! Rewrites a graph's `ConvInteger` nodes as float convolutions, on the bytes of the ONNX file.
//!
//! ONNX Runtime up to 1.28 has no fast kernel for `ConvInteger`: Kokoro spends five sixths of its time there, and runs
//! 2.4 times as fast with float convolutions over the same integers. The products are the same; only sums above 2^24
//! are rounded, relatively by 1e-7. Knows the few fields of onnx.proto3 it needs, and copies all else as it is.

use crate::engine::EngineError;

/// Field numbers of onnx.proto3.
mod field {
    pub(super) const MODEL_GRAPH: u64 = 7;
    pub(super) const GRAPH_NODE: u64 = 1;
    pub(super) const NODE_INPUT: u64 = 1;
    pub(super) const NODE_OUTPUT: u64 = 2;
    pub(super) const NODE_OPERATOR: u64 = 4;
    pub(super) const NODE_ATTRIBUTE: u64 = 5;
    pub(super) const ATTRIBUTE_NAME: u64 = 1;
    pub(super) const ATTRIBUTE_INTEGER: u64 = 3;
    pub(super) const ATTRIBUTE_TYPE: u64 = 20;
}

/// `TensorProto.DataType` and `AttributeProto.AttributeType`.
const FLOAT: u64 = 1;
const INT32: u64 = 6;
const ATTRIBUTE_IS_INTEGER: u64 = 2;

/// The wire type of strings, bytes and messages.
const LENGTH_DELIMITED: u64 = 2;

/// One field of a message.
struct Field<'m> {
    number: u64,
    /// The content of a length-delimited field, else empty.
    content: &'m [u8],
    /// The whole field as it stands in the message.
    raw: &'m [u8],
}

/// The model with every `ConvInteger` replaced; bytes that are no protobuf message are refused.
pub(super) fn with_float_convolutions(model: &[u8]) -> Result<Vec<u8>, EngineError> {
    let rewritten = || -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(model.len() + 64 * 1024);
        for part in fields(model)? {
            if part.number == field::MODEL_GRAPH {
                put_bytes(&mut out, field::MODEL_GRAPH, &rewrite_graph(part.content)?);
            } else {
                out.extend_from_slice(part.raw);
            }
        }
        Some(out)
    };
    rewritten().ok_or_else(|| EngineError::Model("the graph is not a well-formed ONNX file".to_owned()))
}

fn rewrite_graph(graph: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(graph.len() + 64 * 1024);
    for (index, part) in fields(graph)?.into_iter().enumerate() {
        let replaced = if part.number == field::GRAPH_NODE { replace_node(part.content, index)? } else { None };
        match replaced {
            Some(nodes) => nodes.iter().for_each(|node| put_bytes(&mut out, field::GRAPH_NODE, node)),
            None => out.extend_from_slice(part.raw),
        }
    }
    Some(out)
}

/// `Some(Some(nodes))` in place of a `ConvInteger`, `Some(None)` for any other node, `None` for a damaged one.
#[expect(clippy::option_option, reason = "the outer is this module's damage, the inner the answer")]
fn replace_node(node: &[u8], index: usize) -> Option<Option<Vec<Vec<u8>>>> {
    let parts = fields(node)?;
    let text = |number: u64| {
        parts.iter().filter(move |part| part.number == number).filter_map(|part| std::str::from_utf8(part.content).ok())
    };
    if text(field::NODE_OPERATOR).next() != Some("ConvInteger") {
        return Some(None);
    }
    let inputs: Vec<&str> = text(field::NODE_INPUT).collect();
    let output = text(field::NODE_OUTPUT).next()?;
    let attributes: Vec<u8> =
        parts.iter().filter(|part| part.number == field::NODE_ATTRIBUTE).flat_map(|part| part.raw).copied().collect();
    let mut nodes = Vec::new();
    // Data and weights: cast to float, less their zero point where they have one.
    let mut float = |role: &str, tensor: &str, zero: Option<&&str>| -> String {
        let name = format!("float_convolution_{index}_{role}");
        nodes.push(write_node("Cast", &[tensor], &name, &cast_to(FLOAT)));
        let Some(zero) = zero.filter(|zero| !zero.is_empty()) else { return name };
        let (zero_name, shifted) = (format!("{name}_zero"), format!("{name}_shifted"));
        nodes.push(write_node("Cast", &[zero], &zero_name, &cast_to(FLOAT)));
        nodes.push(write_node("Sub", &[&name, &zero_name], &shifted, &[]));
        shifted
    };
    let data = float("data", inputs.first()?, inputs.get(2));
    let weights = float("weights", inputs.get(1)?, inputs.get(3));
    let sum = format!("float_convolution_{index}_sum");
    nodes.push(write_node("Conv", &[&data, &weights], &sum, &attributes));
    nodes.push(write_node("Cast", &[&sum], output, &cast_to(INT32)));
    Some(Some(nodes))
}

/// A `NodeProto`; `attributes` are its attribute fields as they stand on the wire.
fn write_node(operator: &str, inputs: &[&str], output: &str, attributes: &[u8]) -> Vec<u8> {
    let mut node = Vec::new();
    for input in inputs {
        put_bytes(&mut node, field::NODE_INPUT, input.as_bytes());
    }
    put_bytes(&mut node, field::NODE_OUTPUT, output.as_bytes());
    put_bytes(&mut node, field::NODE_OPERATOR, operator.as_bytes());
    node.extend_from_slice(attributes);
    node
}

/// The attribute field of a `Cast`.
fn cast_to(data_type: u64) -> Vec<u8> {
    let mut attribute = Vec::new();
    put_bytes(&mut attribute, field::ATTRIBUTE_NAME, b"to");
    put_integer(&mut attribute, field::ATTRIBUTE_INTEGER, data_type);
    put_integer(&mut attribute, field::ATTRIBUTE_TYPE, ATTRIBUTE_IS_INTEGER);
    let mut out = Vec::new();
    put_bytes(&mut out, field::NODE_ATTRIBUTE, &attribute);
    out
}

fn put_bytes(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    put_varint(out, number << 3 | LENGTH_DELIMITED);
    put_varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn put_integer(out: &mut Vec<u8>, number: u64, value: u64) {
    put_varint(out, number << 3);
    put_varint(out, value);
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        out.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The fields of a message in order; `None` when it is damaged.
fn fields(message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut found = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let begin = rest;
        let key = take_varint(&mut rest)?;
        let mut content: &[u8] = &[];
        match key & 7 {
            0 => {
                take_varint(&mut rest)?;
            }
            1 => rest = rest.get(8..)?,
            LENGTH_DELIMITED => {
                let length = usize::try_from(take_varint(&mut rest)?).ok()?;
                (content, rest) = rest.split_at_checked(length)?;
            }
            5 => rest = rest.get(4..)?,
            _ => return None,
        }
        found.push(Field { number: key >> 3, content, raw: &begin[..begin.len() - rest.len()] });
    }
    Some(found)
}

fn take_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, others) = rest.split_first()?;
        *rest = others;
        value |= u64::from(first & 127) << shift;
        if first & 128 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        CancelToken,
        session::{Graph, GraphOptions, Value},
    };

    fn message(parts: &[(u64, Vec<u8>)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (number, content) in parts {
            put_bytes(&mut out, *number, content);
        }
        out
    }

    /// A `ValueInfoProto` of a float tensor of rank 3.
    fn value(name: &str, data_type: u64) -> Vec<u8> {
        let mut dimension = Vec::new();
        put_bytes(&mut dimension, 2, b"d");
        let shape = message(&[
            (1, dimension.clone()),
            (1, message(&[(2, b"e".to_vec())])),
            (1, message(&[(2, b"f".to_vec())])),
        ]);
        let mut tensor = Vec::new();
        put_integer(&mut tensor, 1, data_type);
        put_bytes(&mut tensor, 2, &shape);
        message(&[(1, name.as_bytes().to_vec()), (2, message(&[(1, tensor)]))])
    }

    /// int8(x) and int8(w) convolved, the result cast back to float.
    fn model() -> Vec<u8> {
        const INT8: u64 = 3;
        let nodes = [
            write_node("Cast", &["x"], "xq", &cast_to(INT8)),
            write_node("Cast", &["w"], "wq", &cast_to(INT8)),
            write_node("ConvInteger", &["xq", "wq"], "sum", &[]),
            write_node("Cast", &["sum"], "y", &cast_to(FLOAT)),
        ];
        let mut graph: Vec<(u64, Vec<u8>)> = nodes.into_iter().map(|node| (field::GRAPH_NODE, node)).collect();
        graph.push((2, b"g".to_vec()));
        graph.extend([(11, value("x", FLOAT)), (11, value("w", FLOAT)), (12, value("y", FLOAT))]);
        let mut opset = Vec::new();
        put_integer(&mut opset, 2, 17);
        let mut model = Vec::new();
        put_integer(&mut model, 1, 8);
        model.extend(message(&[(field::MODEL_GRAPH, message(&graph)), (8, opset)]));
        model
    }

    #[test]
    fn the_rewritten_graph_computes_the_same() {
        let run = |bytes: &[u8]| {
            let mut graph = Graph::from_bytes(bytes, GraphOptions { threads: 1 }).unwrap();
            let x = Value::F32(vec![1, 2, 5], (0..10).map(|i| (i * 7 % 11 - 5) as f32).collect());
            let w = Value::F32(vec![3, 2, 2], (0..12).map(|i| (i * 5 % 13 - 6) as f32).collect());
            graph.run(vec![("x", x), ("w", w)], &CancelToken::default()).unwrap().remove("y").unwrap()
        };
        let rewritten = with_float_convolutions(&model()).unwrap();
        assert!(!rewritten.windows(11).any(|window| window == b"ConvInteger"));
        assert_eq!(run(&rewritten), run(&model()));
    }

    #[test]
    fn damage_is_refused_and_other_graphs_are_untouched() {
        let bytes = crate::engine::bundle::bytes("hibari/oov.onnx").unwrap();
        assert_eq!(with_float_convolutions(bytes).unwrap(), bytes);
        for damaged in [&bytes[..bytes.len() - 1], b"\xFF\xFF\xFF", b"\x3A\xFF\x7F"] {
            assert!(with_float_convolutions(damaged).is_err());
        }
    }
}
