//! What the operator's packs may run on.

use std::fmt;

use serde::{Serialize, Serializer};

/// A kind of processor, by the name of its execution provider in ONNX Runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Device {
    /// The best that the runtime library has; the CPU with the library in the binary.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// NVIDIA GPUs.
    Cuda,
    /// NVIDIA GPUs through `TensorRT`, which compiles each graph when it first loads.
    TensorRt,
    /// AMD GPUs through `MIGraphX`.
    MiGraphX,
    /// AMD GPUs, in libraries before 1.23.
    Rocm,
    /// Intel processors and GPUs.
    OpenVino,
}

impl Device {
    /// Every one, in the order in which they are told of.
    pub const ALL: [Self; 7] =
        [Self::Auto, Self::Cpu, Self::Cuda, Self::TensorRt, Self::MiGraphX, Self::Rocm, Self::OpenVino];

    /// The name in settings and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::TensorRt => "tensorrt",
            Self::MiGraphX => "migraphx",
            Self::Rocm => "rocm",
            Self::OpenVino => "openvino",
        }
    }

    /// The device of that name; otherwise a message that names them all.
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|device| device.as_str() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|device| device.as_str()).collect();
            format!("`{name}` is no device; there is {}", names.join(", "))
        })
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Device {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
