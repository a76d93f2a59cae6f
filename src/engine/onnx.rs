//! What an ONNX file takes and gives, read from its bytes without loading it: enough to tell which family a pack is of.
//!
//! Walks the protocol buffer (`onnx.proto3`) and looks at nothing but names and shapes. Trusts no length.

use std::collections::BTreeSet;

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
        let graph = fields(model).find_map(|(number, value)| value.bytes().filter(|_| number == 7))?;
        let mut signature = Self::default();
        let mut weights = BTreeSet::new();
        for (number, value) in fields(graph) {
            let Some(body) = value.bytes() else { continue };
            match number {
                5 => weights.extend(text(body, 8)),
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
    let inside = |body, wanted| fields(body).find_map(|(n, value)| value.bytes().filter(|_| n == wanted));
    let tensor = inside(inside(body, 2)?, 1)?;
    let element = fields(tensor).find_map(|(n, value)| value.number().filter(|_| n == 1)).unwrap_or(0);
    let dims = inside(tensor, 2).map(fields).into_iter().flatten();
    let dims = dims.filter_map(|(n, value)| value.bytes().filter(|_| n == 1));
    // A size of zero is how some exporters write that it is open.
    let size = |dim| fields(dim).find_map(|(n, value)| value.number().filter(|v| n == 1 && *v > 0));
    Some(TensorType { name: text(body, 1)?, element, shape: dims.map(size).collect() })
}

fn text(body: &[u8], wanted: u64) -> Option<String> {
    let bytes = fields(body).find_map(|(n, value)| value.bytes().filter(|_| n == wanted))?;
    String::from_utf8(bytes.to_vec()).ok()
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed,
}

impl<'a> Value<'a> {
    const fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    const fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// The fields of a message with their numbers; ends at the first that makes no sense.
fn fields(mut data: &[u8]) -> impl Iterator<Item = (u64, Value<'_>)> {
    std::iter::from_fn(move || {
        let key = varint(&mut data)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut data)?),
            kind @ (1 | 5) => {
                data = data.get(if kind == 1 { 8 } else { 4 }..)?;
                Value::Fixed
            }
            2 => {
                let length = usize::try_from(varint(&mut data)?).ok()?;
                let (body, rest) = data.split_at_checked(length)?;
                data = rest;
                Value::Bytes(body)
            }
            _ => return None,
        };
        Some((key >> 3, value))
    })
}

fn varint(data: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::bundle;

    #[test]
    fn real_models_tell_what_they_take_and_give() {
        let signature = Signature::read(bundle::bytes("minilm/minilm.onnx").unwrap()).unwrap();
        let names: Vec<&str> = signature.inputs.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["input_ids", "attention_mask"]);
        assert_eq!((signature.inputs[0].element, &signature.inputs[0].shape), (7, &vec![None, None]));
        assert!(signature.outputs[0].is_float_of(&[None, Some(384)]));
        assert!(!signature.outputs[0].is_float_of(&[None, Some(385)]) && !signature.outputs[0].is_float_of(&[None]));
        let signature = Signature::read(bundle::bytes("u2netp/u2netp.onnx").unwrap()).unwrap();
        assert_eq!(signature.inputs.len(), 1, "weights are no inputs");
        assert!(signature.inputs[0].is_float_of(&[Some(1), Some(3), Some(320), Some(320)]));
    }

    #[test]
    fn what_is_no_model_is_none_and_nothing_panics() {
        assert_eq!(Signature::read(b""), None);
        assert_eq!(Signature::read(b"not a model at all"), None);
        let model = bundle::bytes("styletransfer/multistyle26.onnx").unwrap();
        for length in (0..model.len().min(20_000)).step_by(131) {
            let _ = Signature::read(&model[..length]);
        }
        let mut broken = model.to_vec();
        for at in (0..broken.len()).step_by(997) {
            broken[at] ^= 0x5A;
        }
        let _ = Signature::read(&broken);
    }
}
