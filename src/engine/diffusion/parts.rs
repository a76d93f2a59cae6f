//! The graphs of one pack in memory: loaded when first needed, put away again when the memory budget asks.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use super::{
    Resources,
    layout::{Layout, Part},
    loader::Loader,
};
use crate::{
    config::Device,
    engine::{
        CancelToken, EngineError, device,
        session::{Graph, Port, Value},
    },
};

/// A graph with what it declares.
pub(super) struct Loaded {
    graph: Graph,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
    bytes: u64,
    /// Counts up with every use.
    used: u64,
}

impl Loaded {
    /// The declared input of that name.
    pub(super) fn input(&self, name: &str) -> Option<&Port> {
        self.inputs.iter().find(|port| port.name == name)
    }

    /// The graph's first input whose name is `name`, or else its only one.
    pub(super) fn input_name(&self, name: &str) -> Result<String, EngineError> {
        let only = || if self.inputs.len() == 1 { self.inputs.first() } else { None };
        self.input(name).or_else(only).map(|port| port.name.clone()).ok_or_else(|| {
            let names: Vec<&str> = self.inputs.iter().map(|port| port.name.as_str()).collect();
            EngineError::Model(format!("the graph has no input `{name}`; it has {}", names.join(", ")))
        })
    }

    /// Where the graph runs.
    pub(super) const fn device(&self) -> Device {
        self.graph.device()
    }

    /// Runs the graph.
    pub(super) fn run(
        &mut self,
        inputs: Vec<(&str, Value)>,
        cancel: &CancelToken,
    ) -> Result<HashMap<String, Value>, EngineError> {
        self.graph.run(inputs, cancel)
    }

    /// Runs a graph and gives the output of that name, or its first one.
    pub(super) fn run_for(
        &mut self,
        inputs: Vec<(&str, Value)>,
        output: &str,
        cancel: &CancelToken,
    ) -> Result<(Vec<usize>, Vec<f32>), EngineError> {
        let named = self.outputs.iter().find(|port| port.name == output).or_else(|| self.outputs.first());
        let name = named.map(|port| port.name.clone()).unwrap_or_default();
        let mut outputs = self.graph.run(inputs, cancel)?;
        outputs.remove(&name).ok_or_else(|| EngineError::Model(format!("the graph gave no `{name}`")))?.into_f32()
    }
}

/// What judges a part's folder before its graph is loaded; stops when it is cancelled.
pub type PartCheck = Box<dyn Fn(&str, &CancelToken) -> Result<(), EngineError> + Send>;

/// Every graph of a pack that is in memory.
pub(super) struct Parts {
    resources: Resources,
    /// Asked before a graph is loaded.
    pub(super) check: Option<PartCheck>,
    loaded: BTreeMap<Part, Loaded>,
    loader: Loader,
    uses: u64,
}

impl Parts {
    pub(super) fn new(resources: Resources) -> Self {
        Self { resources, check: None, loaded: BTreeMap::new(), loader: Loader::default(), uses: 0 }
    }

    /// The part, loaded now if it isn't yet.
    pub(super) fn get(
        &mut self,
        layout: &Layout,
        part: Part,
        cancel: &CancelToken,
    ) -> Result<&mut Loaded, EngineError> {
        self.uses += 1;
        if !self.loaded.contains_key(&part) {
            if let Some(check) = &self.check {
                check(part.folder(), cancel)?;
            }
            let path = layout.graph(part);
            let bytes = folder_bytes(&layout.folder.join(part.folder()));
            self.make_room(bytes);
            let (device, options) = (device::place(self.resources.device).device, self.resources.graphs);
            let token = cancel.clone();
            let graph = self.loader.load(move || Graph::from_file(&path, options, device, &token), cancel)?;
            let (inputs, outputs) = (graph.inputs(), graph.outputs());
            self.loaded.insert(part, Loaded { graph, inputs, outputs, bytes, used: 0 });
        }
        let uses = self.uses;
        let loaded = self.loaded.get_mut(&part).ok_or_else(|| EngineError::Model("a part vanished".into()))?;
        loaded.used = uses;
        Ok(loaded)
    }

    /// Puts away what was used longest ago until `bytes` more fit the budget.
    fn make_room(&mut self, bytes: u64) {
        let Some(budget) = self.resources.budget_bytes else { return };
        while self.loaded.values().map(|part| part.bytes).sum::<u64>() + bytes > budget {
            let oldest = self.loaded.iter().min_by_key(|(_, part)| part.used).map(|(part, _)| *part);
            let Some(oldest) = oldest else { return };
            self.loaded.remove(&oldest);
            tracing::debug!(part = oldest.folder(), "put away: the memory budget is smaller than the pack");
        }
    }

    /// The parts in memory.
    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.loaded.keys().map(|part| part.folder()).collect()
    }
}

/// Bytes of the files in a folder: the graph and whatever weights lie beside it.
fn folder_bytes(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|entry| entry.metadata().ok()).filter(std::fs::Metadata::is_file).map(|file| file.len()).sum()
}
