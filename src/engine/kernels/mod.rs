//! Operators of our own for ONNX Runtime's graphs, where it has none as fast on the CPU. Knows `ort`, as
//! [`super::session`] does, and no model; [`super::onnx`] says which nodes of a graph become ours.

#![expect(clippy::inline_always, reason = "vectors are as wide as the function into which they are inlined")]

mod convolution;
mod product;
mod winograd;

use std::sync::Arc;

use ort::{
    operator::{ComputeContext, Kernel, KernelContext, Operator, OperatorDomain, OperatorInput, OperatorOutput},
    value::TensorElementType,
};
use pulp::Arch;

use self::convolution::{Problem, Scratch, convolve};

/// The domain of our operators.
pub(super) const DOMAIN: &str = "magicpixels";

/// `Conv` with 3 x 3 weights, all strides and dilations 1, one group, and one zero around: inputs X
/// `[N, C, H, W]`, W `[K, C, 3, 3]`, and B `[K]` or nothing, all floats; output `[N, K, H, W]`.
pub(super) const CONVOLUTION: &str = "Conv3x3";

/// Whether this processor has the fused multiply-add of vectors without which the runtime's own operators are faster.
pub(super) fn are_fast() -> bool {
    !matches!(Arch::new(), Arch::Scalar)
}

/// Our operators, for graphs that run on so many threads. Buffers are shared by the graph's nodes.
pub(super) fn operators(threads: usize) -> ort::Result<OperatorDomain> {
    OperatorDomain::new(DOMAIN)?.add(Convolution { threads, scratch: Arc::default() })
}

struct Convolution {
    threads: usize,
    scratch: Arc<Scratch>,
}

impl Operator for Convolution {
    type Kernel<'attr> = ConvolutionKernel;

    fn name(&self) -> &str {
        CONVOLUTION
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        let float = TensorElementType::Float32;
        [OperatorInput::required(float), OperatorInput::required(float), OperatorInput::optional(float)]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(TensorElementType::Float32)]
    }

    fn create_kernel<'attr>(&self, _: &KernelContext<'attr>) -> ort::Result<Self::Kernel<'attr>> {
        Ok(ConvolutionKernel { threads: self.threads, scratch: self.scratch.clone() })
    }
}

struct ConvolutionKernel {
    threads: usize,
    scratch: Arc<Scratch>,
}

impl Kernel for ConvolutionKernel {
    fn compute(&mut self, ctx: &ComputeContext) -> ort::Result<()> {
        let missing = || ort::Error::new("Conv3x3: a tensor is missing");
        let (x, w) = (ctx.input(0)?.ok_or_else(missing)?, ctx.input(1)?.ok_or_else(missing)?);
        let ((x_shape, input), (w_shape, weights)) = (x.try_extract_tensor::<f32>()?, w.try_extract_tensor::<f32>()?);
        let size = |n: &i64| usize::try_from(*n).unwrap_or(0);
        let x_shape: Vec<usize> = x_shape.iter().map(size).collect();
        let w_shape: Vec<usize> = w_shape.iter().map(size).collect();
        let ([images, channels, height, width], [rows, of, 3, 3]) = (&x_shape[..], &w_shape[..]) else {
            return Err(ort::Error::new(format!("Conv3x3: {x_shape:?} is not convolved with {w_shape:?}")));
        };
        let b = ctx.input(2)?;
        let bias = match &b {
            Some(bias) => bias.try_extract_tensor::<f32>()?.1.to_vec(),
            None => vec![0.0; *rows],
        };
        if channels != of || bias.len() != *rows {
            return Err(ort::Error::new(format!("Conv3x3: {x_shape:?} has not the channels of {w_shape:?}")));
        }
        let mut y = ctx.output(0, [*images, *rows, *height, *width].map(|n| n as i64))?.ok_or_else(missing)?;
        let (_, output) = y.try_extract_tensor_mut::<f32>()?;
        let problem =
            Problem { input, images: *images, channels: *channels, size: (*height, *width), weights, bias: &bias };
        if output.is_empty() {
            return Ok(());
        }
        // The runtime's own threads: what it refuses to share out runs here.
        let parallel = |count: usize, work: &(dyn Fn(usize) + Send + Sync)| {
            if count == 1 || ctx.par_for(count, count, work).is_err() {
                (0..count).for_each(work);
            }
        };
        convolve(&problem, output, (self.threads, &parallel), &self.scratch);
        Ok(())
    }
}
