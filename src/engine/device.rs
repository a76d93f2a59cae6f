//! Where the graphs of packs run: the device that the operator asks for, if the runtime library has it and it works on
//! this machine, and otherwise the CPU with a reason. Owns the choice, made once a process; knows no pack.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use ort::{
    ep::{self, ExecutionProvider, ExecutionProviderDispatch},
    session::Session,
    value::Tensor,
};

use serde::Serialize;

use super::runtime;
use crate::config::Device;

/// Where graphs run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placement {
    /// Never [`Device::Auto`].
    pub device: Device,
    /// Why it is not what was asked for.
    #[serde(rename = "device_note")]
    pub note: Option<String>,
}

impl Placement {
    /// The processor, as asked for.
    pub const fn cpu() -> Self {
        Self { device: Device::Cpu, note: None }
    }
}

/// What `auto` tries, the best first. `TensorRT` takes minutes to load a graph: it must be asked for.
const PREFERRED: [Device; 4] = [Device::Cuda, Device::MiGraphX, Device::Rocm, Device::OpenVino];

/// `y = -x` for one float as an ONNX model: the least that a device must be able to do.
const PROBE: &[u8] =
    b"\x08\x08:2\n\x0b\n\x01x\x12\x01y\"\x03Neg\x12\x01pZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\
\x08\x01b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\x11";

/// Where graphs run when `wanted` is asked for. Loads the runtime unless the answer is plain without it; the first call
/// tries the device out, later ones know.
pub fn place(wanted: Device) -> Placement {
    static KNOWN: Mutex<BTreeMap<Device, Placement>> = Mutex::new(BTreeMap::new());
    if wanted == Device::Cpu || (wanted == Device::Auto && !runtime::is_brought()) {
        return Placement::cpu();
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(wanted).or_insert_with(|| find(wanted)).clone()
}

fn find(wanted: Device) -> Placement {
    if wanted != Device::Auto {
        return match try_out(wanted) {
            Ok(()) => Placement { device: wanted, note: None },
            Err(reason) => fall_back(&format!("`{wanted}` was asked for: {reason}")),
        };
    }
    let mut reasons = Vec::new();
    for device in PREFERRED {
        match try_out(device) {
            Ok(()) => return Placement { device, note: None },
            // A library for the CPU alone is nothing to complain of.
            Err(reason) if is_in_library(device) => reasons.push(format!("`{device}`: {reason}")),
            Err(_) => {}
        }
    }
    if reasons.is_empty() { Placement::cpu() } else { fall_back(&reasons.join("; ")) }
}

fn fall_back(reason: &str) -> Placement {
    Placement { device: Device::Cpu, note: Some(format!("{reason}; the CPU is used")) }
}

/// Runs the smallest of graphs on the device: the library may have a provider for which this machine lacks the driver.
fn try_out(device: Device) -> Result<(), String> {
    let environment = runtime::environment().map_err(|error| error.to_string())?;
    if !is_in_library(device) {
        return Err("the runtime library has no such provider".into());
    }
    let Some(provider) = provider(device) else { return Ok(()) };
    let run = || -> Result<(), String> {
        let say = |error: &dyn std::fmt::Display| error.to_string();
        let mut session = Session::builder(environment)
            .and_then(|builder| Ok(builder.with_execution_providers([provider])?))
            .and_then(|mut builder| builder.commit_from_memory(PROBE))
            .map_err(|e| say(&e))?;
        let input = Tensor::from_array(([1_usize], vec![1.0_f32])).map_err(|e| say(&e))?;
        session.run(ort::inputs!["x" => input]).map_err(|e| say(&e))?;
        Ok(())
    };
    // ONNX Runtime's messages may have many lines; the first says it.
    run().map_err(|message| message.lines().next().unwrap_or_default().trim().to_owned())
}

/// Whether the runtime library was built with the device's provider.
fn is_in_library(device: Device) -> bool {
    let available = match device {
        Device::Auto | Device::Cpu => return true,
        Device::Cuda => ep::CUDA::is_available(),
        Device::TensorRt => ep::TensorRT::is_available(),
        Device::MiGraphX => ep::MIGraphX::is_available(),
        Device::Rocm => ep::ROCm::is_available(),
        Device::OpenVino => ep::OpenVINO::is_available(),
    };
    available.unwrap_or(false)
}

/// The provider to register for a device, failing loudly where it can't be; `None` for the CPU, which is always there.
pub(super) fn provider(device: Device) -> Option<ExecutionProviderDispatch> {
    let provider = match device {
        Device::Auto | Device::Cpu => return None,
        // An exhaustive search for the fastest convolution takes longer than a picture.
        Device::Cuda => ep::CUDA::default()
            .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
            .with_arena_extend_strategy(ep::ArenaExtendStrategy::SameAsRequested)
            .build(),
        Device::TensorRt => ep::TensorRT::default().build(),
        Device::MiGraphX => ep::MIGraphX::default().build(),
        Device::Rocm => ep::ROCm::default().build(),
        Device::OpenVino => ep::OpenVINO::default().build(),
    };
    Some(provider.error_on_failure())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_lacks_falls_back_to_the_cpu_and_says_so() {
        if runtime::is_brought() {
            return; // Somebody tries another library: it may have any provider.
        }
        assert_eq!(place(Device::Auto), Placement::cpu());
        assert_eq!(place(Device::Cpu), Placement::cpu());
        let fallen = place(Device::Cuda);
        assert_eq!(fallen.device, Device::Cpu);
        let note = fallen.note.clone().unwrap();
        assert!(note.contains("`cuda` was asked for") && note.ends_with("the CPU is used"), "{note}");
        assert_eq!(place(Device::Cuda), fallen);
    }

    #[test]
    fn the_probe_is_a_graph_that_runs() {
        let mut session = Session::builder(runtime::environment().unwrap()).unwrap().commit_from_memory(PROBE).unwrap();
        let input = Tensor::from_array(([1_usize], vec![2.0_f32])).unwrap();
        let outputs = session.run(ort::inputs!["x" => input]).unwrap();
        assert_eq!(outputs["y"].try_extract_tensor::<f32>().unwrap().1, [-2.0]);
    }
}
