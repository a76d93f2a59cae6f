//! Understanding of texts: how near two of them are in meaning, by all-MiniLM-L6-v2.
//!
//! Owns the tokenizer, the network, [`Phrasebook`]s that rank meanings, what nouns are kinds of ([`kinds`]), and the
//! reading of motion prompts ([`wishes`]). Knows nothing of films or scenes: they bring their own phrasings.

use std::{collections::HashMap, sync::Arc};

use super::{
    CancelToken, EngineError, bundle,
    session::{Graph, GraphOptions, Value},
};

pub mod clauses;
pub mod kinds;
mod phrasebook;
pub mod wishes;
mod wordpiece;

pub use phrasebook::{Match, Phrasebook};
use wordpiece::WordPiece;

/// How many texts a model remembers; beyond that it forgets all of them.
const KNOWN_MAX: usize = 4096;

/// A text as a direction of length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding(Arc<[f32]>);

impl Embedding {
    /// From numbers that are of length 1 together.
    pub fn new(values: Vec<f32>) -> Self {
        Self(values.into())
    }

    /// How near the other one is: 1 means the same, 0 has nothing to do with it.
    pub fn cosine(&self, other: &Self) -> f32 {
        self.0.iter().zip(&*other.0).map(|(a, b)| a * b).sum()
    }
}

/// The network with its tokenizer and the texts it has read before.
pub struct TextModel {
    graph: Graph,
    tokenizer: WordPiece,
    known: HashMap<String, Embedding>,
}

impl TextModel {
    /// Loads the network: about 0.2 s and 60 MB.
    pub fn load(options: GraphOptions) -> Result<Self, EngineError> {
        let vocabulary = std::str::from_utf8(bundle::bytes("minilm/vocabulary.txt")?)
            .map_err(|e| EngineError::Model(format!("minilm/vocabulary.txt: {e}")))?;
        Ok(Self {
            graph: Graph::from_bytes(bundle::bytes("minilm/minilm.onnx")?, options)?,
            tokenizer: WordPiece::new(vocabulary)?,
            known: HashMap::new(),
        })
    }

    /// The direction of a text; of a long one, its first 126 tokens count.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`], [`EngineError::Model`].
    pub fn embed(&mut self, text: &str, cancel: &CancelToken) -> Result<Embedding, EngineError> {
        if let Some(known) = self.known.get(text) {
            return Ok(known.clone());
        }
        let ids = self.tokenizer.encode(text);
        // One text a run: then its numbers never depend on what else is asked.
        let shape = vec![1, ids.len()];
        let mask = Value::I64(shape.clone(), vec![1; ids.len()]);
        let inputs = vec![("input_ids", Value::I64(shape, ids)), ("attention_mask", mask)];
        let output = self.graph.run(inputs, cancel)?.remove("embedding");
        let missing = || EngineError::Model("the text network gave no embedding".into());
        let (_, values) = output.ok_or_else(missing)?.into_f32()?;
        let embedding = Embedding::new(values);
        if self.known.len() >= KNOWN_MAX {
            self.known.clear();
        }
        self.known.insert(text.to_owned(), embedding.clone());
        Ok(embedding)
    }

    /// A phrasebook of these meanings and phrasings.
    ///
    /// # Errors
    /// As [`TextModel::embed`].
    pub fn phrasebook<K: Copy + PartialEq>(
        &mut self,
        phrasings: &[(K, &[&str])],
        cancel: &CancelToken,
    ) -> Result<Phrasebook<K>, EngineError> {
        let mut entries = Vec::new();
        for (key, phrases) in phrasings {
            for phrase in *phrases {
                entries.push((*key, self.embed(phrase, cancel)?));
            }
        }
        Ok(Phrasebook::new(entries))
    }
}

#[cfg(test)]
mod tests;
