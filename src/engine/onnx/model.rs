//! A model whose nodes can be replaced. Weights are never copied but once, when it is written.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use super::{
    FLOAT,
    wire::{all, fields, first, numbers, put_bytes, put_float, put_number, text},
};

/// `TensorProto.data_location` of weights that lie in another file.
const EXTERNAL: u64 = 1;

/// `TensorProto.DataType` of 64-bit integers.
const INT64: u64 = 7;

/// An attribute of a node of ours.
pub(super) enum Attribute {
    Integer(i64),
    Float(f32),
}

/// A `NodeProto`.
#[derive(Clone)]
pub(super) struct Node<'a> {
    /// With the domain before it, but for the standard's.
    pub(super) op: String,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Node<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let texts = |number| -> Option<Vec<String>> {
            all(bytes, number).map(|text| Some(std::str::from_utf8(text).ok()?.to_owned())).collect()
        };
        let op = text(bytes, 4)?;
        let op = match text(bytes, 7).unwrap_or_default() {
            "" | "ai.onnx" => op.to_owned(),
            domain => format!("{domain}.{op}"),
        };
        Some(Self { op, inputs: texts(1)?, outputs: texts(2)?, bytes: bytes.into() })
    }

    /// A new node; its name is that of its output.
    pub(super) fn new(op: (&str, &str), inputs: &[&str], output: &str, attributes: &[(&str, Attribute)]) -> Self {
        let mut bytes = Vec::new();
        for (name, value) in attributes {
            let mut attribute = Vec::new();
            put_bytes(&mut attribute, 1, name.as_bytes());
            match value {
                Attribute::Float(value) => {
                    put_float(&mut attribute, 2, *value);
                    put_number(&mut attribute, 20, 1);
                }
                Attribute::Integer(value) => {
                    put_number(&mut attribute, 3, value.cast_unsigned());
                    put_number(&mut attribute, 20, 2);
                }
            }
            put_bytes(&mut bytes, 5, &attribute);
        }
        Self::with(op, inputs, output, &bytes)
    }

    /// A new node with the attributes of another.
    pub(super) fn like(&self, op: (&str, &str), inputs: &[&str], output: &str) -> Self {
        let attributes = fields(&self.bytes).filter(|(number, ..)| *number == 5);
        let attributes: Vec<u8> = attributes.flat_map(|(.., raw)| raw).copied().collect();
        Self::with(op, inputs, output, &attributes)
    }

    fn with((domain, op): (&str, &str), inputs: &[&str], output: &str, attributes: &[u8]) -> Self {
        let mut bytes = Vec::new();
        for input in inputs {
            put_bytes(&mut bytes, 1, input.as_bytes());
        }
        for (number, text) in [(2, output), (3, output), (4, op), (7, domain)] {
            put_bytes(&mut bytes, number, text.as_bytes());
        }
        bytes.extend_from_slice(attributes);
        Self {
            op: if domain.is_empty() { op.to_owned() } else { format!("{domain}.{op}") },
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
            outputs: vec![output.to_owned()],
            bytes: bytes.into(),
        }
    }

    /// As it stands in a graph.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn attribute(&self, wanted: &str) -> Option<&[u8]> {
        all(&self.bytes, 5).find(|attribute| text(attribute, 1) == Some(wanted))
    }

    /// An attribute of one integer.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        numbers(self.attribute(name)?, 3).first().map(|number| number.cast_signed())
    }

    /// An attribute of several integers; empty where there is none.
    pub(super) fn integers(&self, name: &str) -> Vec<i64> {
        let numbers = self.attribute(name).map(|attribute| numbers(attribute, 8)).unwrap_or_default();
        numbers.into_iter().map(u64::cast_signed).collect()
    }

    /// An attribute of text.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        text(self.attribute(name)?, 4)
    }

    /// An attribute that is a `TensorProto`.
    fn tensor(&self, name: &str) -> Option<&[u8]> {
        first(self.attribute(name)?, 5)
    }

    /// Whether it holds a graph of its own, which may use names of the graph around.
    fn has_graph(&self) -> bool {
        all(&self.bytes, 5).any(|attribute| first(attribute, 6).or_else(|| first(attribute, 11)).is_some())
    }
}

/// Of an initializer.
pub(super) struct Weights {
    pub(super) shape: Vec<u64>,
    /// `TensorProto.DataType`.
    pub(super) element: u64,
    /// Whether its numbers begin where the processor reads them well, once they are in memory.
    pub(super) is_aligned: bool,
}

impl Weights {
    fn read(tensor: &[u8]) -> Self {
        let entry =
            |wanted| all(tensor, 13).find(|entry| text(entry, 1) == Some(wanted)).and_then(|entry| text(entry, 2));
        let is_external = numbers(tensor, 14).first() == Some(&EXTERNAL);
        let offset = entry("offset").map_or(Some(0), |offset| offset.parse::<u64>().ok());
        Self {
            shape: numbers(tensor, 1),
            element: numbers(tensor, 2).first().copied().unwrap_or(0),
            is_aligned: !is_external || offset.is_some_and(|offset| offset % 4 == 0),
        }
    }
}

/// A `ModelProto`.
pub(super) struct Model<'a> {
    bytes: &'a [u8],
    nodes: Vec<Node<'a>>,
    initializers: HashMap<&'a str, &'a [u8]>,
    outputs: BTreeSet<&'a str>,
    /// Which node makes a tensor.
    producers: HashMap<String, usize>,
    /// Domains that nodes were added of.
    domains: BTreeSet<&'static str>,
}

impl<'a> Model<'a> {
    /// `None` where the bytes are no model, or one with graphs inside nodes.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        // A message that was continued by appending to it has its graph in several pieces.
        let pieces = |number| all(bytes, 7).flat_map(move |graph| all(graph, number));
        let nodes = pieces(1).map(Node::read).collect::<Option<Vec<_>>>()?;
        if nodes.is_empty() || nodes.iter().any(Node::has_graph) {
            return None;
        }
        let initializers = pieces(5).filter_map(|tensor| Some((text(tensor, 8)?, tensor))).collect();
        let outputs = pieces(12).filter_map(|output| text(output, 1)).collect();
        let mut model =
            Self { bytes, nodes, initializers, outputs, producers: HashMap::new(), domains: BTreeSet::new() };
        model.index();
        Some(model)
    }

    fn index(&mut self) {
        let outputs =
            self.nodes.iter().enumerate().flat_map(|(at, node)| node.outputs.iter().map(move |o| (o.clone(), at)));
        self.producers = outputs.collect();
    }

    pub(super) fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// The node that makes a tensor.
    pub(super) fn producer(&self, tensor: &str) -> Option<&Node<'a>> {
        self.producers.get(tensor).and_then(|at| self.nodes.get(*at))
    }

    /// The nodes that read a tensor.
    pub(super) fn consumers<'m>(&'m self, tensor: &'m str) -> impl Iterator<Item = &'m Node<'a>> {
        self.nodes.iter().filter(move |node| node.inputs.iter().any(|input| input == tensor))
    }

    /// The initializer of that name, or of what an `Identity` or a `Cast` to 32-bit floats hands on of one.
    pub(super) fn weights(&self, name: &str) -> Option<Weights> {
        if let Some(tensor) = self.initializers.get(name) {
            return Some(Weights::read(tensor));
        }
        let node = self.producer(name)?;
        let weights = Weights::read(self.initializers.get(node.inputs.first()?.as_str())?);
        match (node.op.as_str(), node.integer("to")) {
            ("Identity", _) => Some(weights),
            // The runtime does it once, when it loads the graph.
            ("Cast", Some(1)) => Some(Weights { element: FLOAT, is_aligned: true, ..weights }),
            _ => None,
        }
    }

    /// The integers of a constant.
    pub(super) fn integers(&self, name: &str) -> Option<Vec<i64>> {
        let constant =
            || self.producer(name).filter(|node| node.op == "Constant").and_then(|node| node.tensor("value"));
        let tensor = self.initializers.get(name).copied().or_else(constant)?;
        if numbers(tensor, 2) != [INT64] || numbers(tensor, 14).first() == Some(&EXTERNAL) {
            return None;
        }
        Some(match first(tensor, 9) {
            Some(raw) => raw.as_chunks().0.iter().map(|eight| i64::from_le_bytes(*eight)).collect(),
            None => numbers(tensor, 7).into_iter().map(u64::cast_signed).collect(),
        })
    }

    /// Whether a tensor has exactly one number: a constant, or what is reckoned from one size of a tensor.
    pub(super) fn is_scalar(&self, name: &str) -> bool {
        let count = |tensor: &[u8]| numbers(tensor, 1).iter().product::<u64>();
        if let Some(tensor) = self.initializers.get(name) {
            return count(tensor) == 1;
        }
        let Some(node) = self.producer(name) else { return false };
        match (node.op.as_str(), &node.inputs[..]) {
            ("Constant", _) => node.tensor("value").is_some_and(|tensor| count(tensor) == 1),
            ("Sqrt" | "Cast" | "Identity" | "Reciprocal", [of]) => self.is_scalar(of),
            ("Div" | "Mul" | "Pow", [left, right]) => self.is_scalar(left) && self.is_scalar(right),
            // The last size.
            ("Slice", [shape, start, end, ..]) => {
                self.producer(shape).is_some_and(|node| node.op == "Shape")
                    && self.integers(start).as_deref() == Some(&[-1])
                    && matches!(self.integers(end).as_deref(), Some(&[end]) if end >= i64::from(i32::MAX))
            }
            ("Gather", [shape, index]) => {
                self.producer(shape).is_some_and(|node| node.op == "Shape")
                    && self.integers(index).is_some_and(|index| index.len() == 1)
            }
            _ => false,
        }
    }

    /// Puts other nodes in the place of some, by the name of their first output; a node whose outputs nobody reads any more goes.
    pub(super) fn replace(&mut self, domain: &'static str, mut replacements: HashMap<String, Vec<Node<'a>>>) {
        if replacements.is_empty() {
            return;
        }
        self.domains.insert(domain);
        let mut nodes: Vec<Node<'a>> = Vec::with_capacity(self.nodes.len());
        for node in self.nodes.drain(..) {
            match node.outputs.first().and_then(|output| replacements.remove(output)) {
                Some(others) => nodes.extend(others),
                None => nodes.push(node),
            }
        }
        let mut read: BTreeSet<String> = self.outputs.iter().map(|&output| output.to_owned()).collect();
        let mut kept: Vec<Node<'a>> = Vec::with_capacity(nodes.len());
        for node in nodes.into_iter().rev() {
            if node.outputs.iter().any(|output| read.contains(output)) {
                read.extend(node.inputs.iter().cloned());
                kept.push(node);
            }
        }
        kept.reverse();
        self.nodes = kept;
        self.index();
    }

    /// The model's bytes, with the nodes as they are now.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len() + self.bytes.len() / 64);
        let mut imported = BTreeSet::from([""]);
        // All in the first piece of the graph.
        let mut nodes = &self.nodes[..];
        for (number, value, raw) in fields(self.bytes) {
            match (number, value.bytes()) {
                (7, Some(graph)) => {
                    let nodes = std::mem::take(&mut nodes);
                    let length: usize = graph.len() + nodes.iter().map(|node| node.bytes.len() + 8).sum::<usize>();
                    let mut body = Vec::with_capacity(length);
                    for node in nodes {
                        put_bytes(&mut body, 1, &node.bytes);
                    }
                    for (number, _, raw) in fields(graph) {
                        if number != 1 {
                            body.extend_from_slice(raw);
                        }
                    }
                    put_bytes(&mut out, 7, &body);
                }
                (8, Some(import)) => {
                    imported.extend(text(import, 1));
                    out.extend_from_slice(raw);
                }
                _ => out.extend_from_slice(raw),
            }
        }
        for domain in &self.domains {
            if !imported.contains(domain) {
                let mut import = Vec::new();
                put_bytes(&mut import, 1, domain.as_bytes());
                put_number(&mut import, 2, 1);
                put_bytes(&mut out, 8, &import);
            }
        }
        out
    }
}
