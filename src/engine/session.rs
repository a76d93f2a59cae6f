//! Model graphs on ONNX Runtime: with [`super::runtime`], [`super::device`] and [`super::kernels`] all that knows `ort`.
//!
//! Owns loading a graph from bytes and running it with named tensors, interruptibly. Knows no model.

use std::{collections::HashMap, path::Path, sync::Arc};

use half::f16;
use ort::{
    session::{
        RunOptions, Session, SessionInputValue,
        builder::{GraphOptimizationLevel, SessionBuilder},
    },
    value::{Tensor, TensorElementType, ValueType},
};

use super::{CancelToken, EngineError, device, kernels, onnx, runtime};
use crate::config::Device;

/// A tensor that goes into or comes out of a graph: shape (row-major) and values.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// 32-bit floats.
    F32(Vec<usize>, Vec<f32>),
    /// 64-bit integers.
    I64(Vec<usize>, Vec<i64>),
    /// 32-bit integers.
    I32(Vec<usize>, Vec<i32>),
}

impl Value {
    /// Shape and values of a float tensor.
    pub fn into_f32(self) -> Result<(Vec<usize>, Vec<f32>), EngineError> {
        match self {
            Self::F32(shape, values) => Ok((shape, values)),
            other => Err(EngineError::Model(format!("a float tensor was expected, not {:?}", other.shape()))),
        }
    }

    /// Shape and values of an integer tensor.
    pub fn into_i64(self) -> Result<(Vec<usize>, Vec<i64>), EngineError> {
        match self {
            Self::I64(shape, values) => Ok((shape, values)),
            other => Err(EngineError::Model(format!("an integer tensor was expected, not {:?}", other.shape()))),
        }
    }

    fn shape(&self) -> &[usize] {
        match self {
            Self::F32(shape, _) | Self::I64(shape, _) | Self::I32(shape, _) => shape,
        }
    }
}

/// Files of more bytes than these, weights inside them included, are loaded as they are.
const REWRITTEN_BYTES_MAX: u64 = 512 << 20;

/// How a graph runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct GraphOptions {
    /// Threads inside an operator; 0 takes one a core.
    pub threads: usize,
}

/// What a graph declares of one of its inputs or outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its sizes; `None` where any will do.
    pub sizes: Vec<Option<usize>>,
}

/// A loaded model graph.
pub struct Graph {
    session: Session,
    /// Where it runs.
    device: Device,
    /// What each input's elements must be.
    elements: HashMap<String, TensorElementType>,
}

impl Graph {
    /// Loads a graph from the bytes of an ONNX file.
    pub fn from_bytes(bytes: &[u8], options: GraphOptions) -> Result<Self, EngineError> {
        let quiet = CancelToken::default();
        if let Some(faster) = onnx::for_cpu(bytes) {
            match Self::load(options, Device::Cpu, &quiet, |builder| builder.commit_from_memory(&faster)) {
                Ok(graph) => return Ok(graph),
                Err(error) => tracing::warn!(%error, "a graph runs as it was exported"),
            }
        }
        Self::load(options, Device::Cpu, &quiet, |builder| builder.commit_from_memory(bytes))
    }

    /// Loads a graph from an ONNX file; weights that lie in files of their own are found beside it. A graph that
    /// `device` does not take runs on the CPU, with a word in the log. Cancelling `cancel` gives the load up with
    /// [`EngineError::Cancelled`].
    pub fn from_file(
        path: &Path,
        options: GraphOptions,
        device: Device,
        cancel: &CancelToken,
    ) -> Result<Self, EngineError> {
        if device == Device::Cpu
            && let Some(faster) = faster(path)
        {
            match Self::load(options, device, cancel, |builder| commit_beside(builder, &faster, path)) {
                Err(EngineError::Model(error)) => {
                    tracing::warn!(path = %path.display(), error, "the graph runs as it was exported");
                }
                done => return done,
            }
        }
        let loaded = Self::load(options, device, cancel, |builder| builder.commit_from_file(path));
        if let Err(error) = &loaded
            && device != Device::Cpu
            && !cancel.is_cancelled()
        {
            tracing::warn!(path = %path.display(), %device, %error, "the device does not take a graph: the CPU runs it");
            return Self::from_file(path, options, Device::Cpu, cancel);
        }
        loaded.map_err(|error| match error {
            EngineError::Cancelled => EngineError::Cancelled,
            other => EngineError::Model(format!("{}: {other}", path.display())),
        })
    }

    fn load(
        options: GraphOptions,
        device: Device,
        cancel: &CancelToken,
        commit: impl FnOnce(&mut SessionBuilder) -> ort::Result<Session>,
    ) -> Result<Self, EngineError> {
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            n => n,
        };
        // The builder's errors are not Send: they become text at once.
        let build = || -> Result<Session, String> {
            let environment = runtime::environment().map_err(|e| e.to_string())?;
            Session::builder(environment)
                .and_then(|b| Ok(b.with_optimization_level(GraphOptimizationLevel::All)?))
                .and_then(|b| Ok(b.with_intra_threads(threads)?))
                .and_then(|b| Ok(b.with_inter_threads(1)?))
                // Spinning burns the other core of a shared workstation between operators.
                .and_then(|b| Ok(b.with_intra_op_spinning(false)?))
                .and_then(|b| Ok(b.with_execution_providers(device::provider(device).as_slice())?))
                .and_then(|b| Ok(b.with_operators(kernels::operators(threads)?)?))
                .and_then(|mut b| {
                    let canceler = b.canceler();
                    let interrupt = Box::new(move || {
                        let _ = canceler.cancel();
                    });
                    cancel.while_interruptible(interrupt, || commit(&mut b))
                })
                .map_err(|e| e.to_string())
        };
        let built = build();
        if cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let session = built.map_err(|e| EngineError::Model(format!("the graph does not load: {e}")))?;
        let element = |port: &ort::value::Outlet| Some((port.name().to_owned(), port.dtype().tensor_type()?));
        let elements = session.inputs().iter().filter_map(element).collect();
        Ok(Self { session, device, elements })
    }

    /// Loads a graph and makes the inner float tensors of these names outputs of it too.
    pub fn from_bytes_with_outputs(bytes: &[u8], names: &[&str], options: GraphOptions) -> Result<Self, EngineError> {
        let mut extended = bytes.to_vec();
        for name in names {
            extended.extend(onnx::more_output(name));
        }
        Self::from_bytes(&extended, options)
    }

    /// Where the graph runs; what a device can't compute of it, the CPU does.
    pub const fn device(&self) -> Device {
        self.device
    }

    /// The names of the graph's inputs.
    pub fn input_names(&self) -> Vec<String> {
        self.session.inputs().iter().map(|input| input.name().to_owned()).collect()
    }

    /// The names of the graph's outputs.
    pub fn output_names(&self) -> Vec<String> {
        self.session.outputs().iter().map(|output| output.name().to_owned()).collect()
    }

    /// What the graph declares of its inputs.
    pub fn inputs(&self) -> Vec<Port> {
        self.session.inputs().iter().map(port).collect()
    }

    /// What the graph declares of its outputs.
    pub fn outputs(&self) -> Vec<Port> {
        self.session.outputs().iter().map(port).collect()
    }

    /// Runs the graph. Values are brought to the element types that it declares; 16-bit floats come out as 32-bit ones.
    /// Cancelling `cancel` stops it between operators with [`EngineError::Cancelled`].
    pub fn run(
        &mut self,
        inputs: Vec<(&str, Value)>,
        cancel: &CancelToken,
    ) -> Result<HashMap<String, Value>, EngineError> {
        let fail = |e: ort::Error| EngineError::Model(format!("the graph does not run: {e}"));
        let inputs = inputs
            .into_iter()
            .map(|(name, value)| Ok((name.to_owned(), to_ort(value, self.elements.get(name).copied())?)))
            .collect::<ort::Result<Vec<_>>>()
            .map_err(fail)?;
        let options = Arc::new(RunOptions::new().map_err(fail)?);
        let interrupt = options.clone();
        let session = &mut self.session;
        let result = cancel.while_interruptible(
            Box::new(move || {
                let _ = interrupt.terminate();
            }),
            || session.run_with_options(inputs, &*options).and_then(|outputs| from_ort(&outputs)),
        );
        match result {
            _ if cancel.is_cancelled() => Err(EngineError::Cancelled),
            other => other.map_err(fail),
        }
    }
}

/// A file's graph as the CPU runs it faster; `None` where nothing is to be gained, or where all weights would have to be
/// copied for it.
fn faster(path: &Path) -> Option<Vec<u8>> {
    let bytes = std::fs::metadata(path).ok()?.len();
    let model = (bytes <= REWRITTEN_BYTES_MAX).then(|| std::fs::read(path).ok()).flatten()?;
    onnx::for_cpu(&model)
}

/// Loads a graph from memory whose weights lie in files beside `path`.
fn commit_beside(builder: &mut SessionBuilder, model: &[u8], path: &Path) -> ort::Result<Session> {
    let folder = path.parent().unwrap_or_else(|| Path::new("")).to_string_lossy();
    let folder_key = "session.model_external_initializers_file_folder_path";
    builder.clone().with_config_entry(folder_key, folder)?.commit_from_memory(model)
}

fn port(outlet: &ort::value::Outlet) -> Port {
    let sizes = match outlet.dtype() {
        ValueType::Tensor { shape, .. } => shape.iter().map(|&n| usize::try_from(n).ok()).collect(),
        _ => Vec::new(),
    };
    Port { name: outlet.name().to_owned(), sizes }
}

fn to_ort(value: Value, wanted: Option<TensorElementType>) -> ort::Result<SessionInputValue<'static>> {
    use TensorElementType::{Float16, Float32, Float64, Int32, Int64};
    fn cast<A: Copy, B>(values: &[A], convert: impl Fn(A) -> B) -> Vec<B> {
        values.iter().map(|v| convert(*v)).collect()
    }
    Ok(match (value, wanted) {
        (Value::F32(shape, v), Some(Float16)) => Tensor::from_array((shape, cast(&v, f16::from_f32)))?.into(),
        (Value::F32(shape, v), Some(Float64)) => Tensor::from_array((shape, cast(&v, f64::from)))?.into(),
        (Value::F32(shape, v), Some(Int64)) => Tensor::from_array((shape, cast(&v, |x| x as i64)))?.into(),
        (Value::F32(shape, v), Some(Int32)) => Tensor::from_array((shape, cast(&v, |x| x as i32)))?.into(),
        (Value::I64(shape, v), Some(Int32)) => Tensor::from_array((shape, cast(&v, |x| x as i32)))?.into(),
        (Value::I64(shape, v), Some(Float32)) => Tensor::from_array((shape, cast(&v, |x| x as f32)))?.into(),
        (Value::I32(shape, v), Some(Int64)) => Tensor::from_array((shape, cast(&v, i64::from)))?.into(),
        (Value::F32(shape, values), _) => Tensor::from_array((shape, values))?.into(),
        (Value::I64(shape, values), _) => Tensor::from_array((shape, values))?.into(),
        (Value::I32(shape, values), _) => Tensor::from_array((shape, values))?.into(),
    })
}

fn from_ort(outputs: &ort::session::SessionOutputs<'_>) -> ort::Result<HashMap<String, Value>> {
    let sizes = |shape: &[i64]| shape.iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect::<Vec<_>>();
    outputs
        .iter()
        .map(|(name, value)| {
            let value = if let Ok((shape, values)) = value.try_extract_tensor::<f32>() {
                Value::F32(sizes(shape), values.to_vec())
            } else if let Ok((shape, values)) = value.try_extract_tensor::<f16>() {
                Value::F32(sizes(shape), values.iter().map(|v| v.to_f32()).collect())
            } else if let Ok((shape, values)) = value.try_extract_tensor::<i32>() {
                Value::I32(sizes(shape), values.to_vec())
            } else {
                let (shape, values) = value.try_extract_tensor::<i64>()?;
                Value::I64(sizes(shape), values.to_vec())
            };
            Ok((name.to_owned(), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::bundle;

    #[test]
    fn runs_a_real_graph_and_names_what_is_wrong() {
        let bytes = bundle::bytes("styletransfer/multistyle26.onnx").unwrap();
        let mut graph = Graph::from_bytes(bytes, GraphOptions::default()).unwrap();
        let side = 32;
        let image = Value::F32(vec![1, 3, side, side], vec![0.5; 3 * side * side]);
        let mut weights = vec![0.0; 26];
        weights[19] = 1.0;
        let inputs = || vec![("image", image.clone()), ("style_weights", Value::F32(vec![26], weights.clone()))];
        let mut outputs = graph.run(inputs(), &CancelToken::default()).unwrap();
        let (shape, values) = outputs.remove("stylized").unwrap().into_f32().unwrap();
        assert_eq!(shape, [1, 3, side, side]);
        assert!(values.iter().all(|v| v.is_finite()));
        assert!(values.iter().any(|v| (v - 0.5).abs() > 0.01), "a style must change a grey picture");

        let wrong = vec![("picture", image.clone())];
        assert!(matches!(graph.run(wrong, &CancelToken::default()), Err(EngineError::Model(_))));
        let cancelled = CancelToken::default();
        cancelled.cancel();
        assert!(matches!(graph.run(inputs(), &cancelled), Err(EngineError::Cancelled)));
        assert!(graph.run(inputs(), &CancelToken::default()).is_ok(), "a cancelled graph still works");
    }

    #[test]
    fn a_cancelled_load_stops_inside_the_runtime() {
        let bytes = bundle::bytes("styletransfer/multistyle26.onnx").unwrap();
        let cancelled = CancelToken::default();
        cancelled.cancel();
        let mut said = None;
        let loaded = Graph::load(GraphOptions::default(), Device::Cpu, &cancelled, |builder| {
            builder.commit_from_memory(bytes).inspect_err(|error| said = Some(error.code()))
        });
        assert!(matches!(loaded, Err(EngineError::Cancelled)));
        assert_eq!(said, Some(ort::ErrorCode::ModelLoadCanceled));
        assert!(Graph::from_bytes(bytes, GraphOptions::default()).is_ok(), "the next load is another");
    }

    #[test]
    fn bytes_that_are_no_graph_are_refused() {
        assert!(matches!(Graph::from_bytes(b"not a graph", GraphOptions::default()), Err(EngineError::Model(_))));
    }

    #[test]
    fn an_inner_tensor_becomes_an_output() {
        let bytes = bundle::bytes("hibari/hibari.onnx").unwrap();
        let graph = Graph::from_bytes_with_outputs(bytes, &["/Clip_output_0"], GraphOptions::default()).unwrap();
        assert!(graph.output_names().contains(&"/Clip_output_0".to_owned()));
    }
}
