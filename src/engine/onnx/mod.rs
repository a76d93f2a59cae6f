//! ONNX files as bytes (`onnx.proto3`), without loading them: what a graph takes and gives, enough to tell which family a
//! pack is of; and graphs rewritten to run faster on the CPU. Trusts no length.

mod attention;
mod convolution;
mod model;
mod quantised;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeSet;

use self::{
    model::Model,
    wire::{all, fields, first, numbers, text},
};

/// Takes and gives of a graph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signature {
    /// What must be given; weights that are listed as inputs too are left out.
    pub inputs: Vec<TensorType>,
    /// What comes out.
    pub outputs: Vec<TensorType>,
}

/// A tensor's name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorType {
    /// Its name in the graph.
    pub name: String,
    /// `TensorProto.DataType`: 1 is a 32-bit float, 7 a 64-bit integer.
    pub element: u64,
    /// Its sizes; `None` where any size will do.
    pub shape: Vec<Option<u64>>,
}

/// The element type of 32-bit floats.
pub const FLOAT: u64 = 1;

impl TensorType {
    /// Whether it is of 32-bit floats and of this shape, open sizes fitting everything.
    pub fn is_float_of(&self, shape: &[Option<u64>]) -> bool {
        let fits = |(mine, wanted): (&Option<u64>, &Option<u64>)| mine.is_none() || wanted.is_none() || mine == wanted;
        self.element == FLOAT && self.shape.len() == shape.len() && self.shape.iter().zip(shape).all(fits)
    }
}

impl Signature {
    /// Reads the signature of a model; `None` where the bytes are no ONNX model.
    pub fn read(model: &[u8]) -> Option<Self> {
        let graph = first(model, 7)?;
        let mut signature = Self::default();
        let mut weights = BTreeSet::new();
        for (number, value, _) in fields(graph) {
            let Some(body) = value.bytes() else { continue };
            match number {
                5 => weights.extend(text(body, 8).map(str::to_owned)),
                11 => signature.inputs.push(tensor_type(body)?),
                12 => signature.outputs.push(tensor_type(body)?),
                _ => {}
            }
        }
        signature.inputs.retain(|input| !weights.contains(&input.name));
        (!signature.outputs.is_empty()).then_some(signature)
    }
}

/// A `ValueInfoProto`.
fn tensor_type(body: &[u8]) -> Option<TensorType> {
    let tensor = first(first(body, 2)?, 1)?;
    let element = numbers(tensor, 1).first().copied().unwrap_or(0);
    let dims = first(tensor, 2).map(|shape| all(shape, 1)).into_iter().flatten();
    // A size of zero is how some exporters write that it is open.
    let size = |dim| numbers(dim, 1).into_iter().find(|size| *size > 0);
    Some(TensorType { name: text(body, 1)?.to_owned(), element, shape: dims.map(size).collect() })
}

/// The same model with nodes that the CPU runs faster: attention in one node, convolutions of our own, floats for
/// integers. `None` where there is nothing to gain, or what can't be understood.
///
/// Results differ in the last bits of a 32-bit float.
pub(in crate::engine) fn for_cpu(model: &[u8]) -> Option<Vec<u8>> {
    let mut model = Model::read(model)?;
    let changed = quantised::to_float(&mut model) + attention::fuse(&mut model) + convolution::replace(&mut model);
    (changed > 0).then(|| model.write())
}

/// What, appended to a model's bytes, makes the inner float tensor of that name an output of it too: a message may be
/// continued by appending to it, and the graph's list of outputs goes on.
pub(in crate::engine) fn more_output(name: &str) -> Vec<u8> {
    let field = |number, body: &[u8]| {
        let mut out = Vec::new();
        wire::put_bytes(&mut out, number, body);
        out
    };
    let mut element = Vec::new();
    wire::put_number(&mut element, 1, FLOAT);
    let mut output = field(1, name.as_bytes());
    output.extend(field(2, &field(1, &element)));
    field(7, &field(12, &output))
}
