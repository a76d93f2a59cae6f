"""A pack of Stable Diffusion 1.5's shape with random weights, and how long Optimum's own pipeline takes with it.

    HF_HUB_OFFLINE=1 python bench.py make BPE_VOCAB_GZ DIR [CHANNELS]    the pack, in DIR/pack; 320 channels: about 4 GB
    HF_HUB_OFFLINE=1 python bench.py run DIR/pack SIDE STEPS

`run` prints wall and CPU seconds of the second picture and the peak memory of the process;
`cargo bench --bench diffusion -- DIR/pack SIDE STEPS` does the same with our engine.
"""
import json, pathlib, resource, sys, time
import torch

torch.set_num_threads(2)


def fill(model):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.numel()).view_as(parameter) * 0.02 if parameter.dim() > 1 else torch.full_like(parameter, 0.5))
    return model.eval().requires_grad_(False)


def make(vocabulary, target, channels=320):
    import torch.nn.init as init
    for name in ("kaiming_uniform_", "uniform_", "normal_", "xavier_uniform_", "trunc_normal_"):
        setattr(init, name, lambda tensor, *a, **k: tensor)
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from optimum.exporters.onnx import main_export
    from transformers import CLIPTextConfig, CLIPTextModel
    import packs
    from text import merges_of
    target, channels = pathlib.Path(target), int(channels)
    small = max(16, channels * 2 // 5 // 16 * 16)
    target.mkdir(parents=True, exist_ok=True)
    tokenizer, size = packs.tokenizer(merges_of(vocabulary), target / "tokenizer-files", "<|endoftext|>")
    text = CLIPTextModel(CLIPTextConfig(vocab_size=size, hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
                                        num_attention_heads=12, bos_token_id=size - 2, eos_token_id=size - 1))
    unet = UNet2DConditionModel(sample_size=64, layers_per_block=2, block_out_channels=(channels, 2 * channels, 4 * channels, 4 * channels),
                                cross_attention_dim=768, attention_head_dim=8)
    vae = AutoencoderKL(block_out_channels=(small, 2 * small, 4 * small, 4 * small), norm_num_groups=16, down_block_types=("DownEncoderBlock2D",) * 4,
                        up_block_types=("UpDecoderBlock2D",) * 4, layers_per_block=2, sample_size=512)
    pipeline = StableDiffusionPipeline(fill(vae), fill(text), tokenizer, fill(unet), DDIMScheduler(
        **packs.SD, steps_offset=1, clip_sample=False, set_alpha_to_one=False),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    pipeline.save_pretrained(target / "pt")
    del pipeline, unet, vae, text
    main_export(str(target / "pt"), output=str(target / "pack"), task="text-to-image", opset=17, do_validation=False, local_files_only=True)


def run(folder, side, steps):
    import onnxruntime
    from optimum.onnxruntime import ORTPipelineForText2Image
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    pipeline = ORTPipelineForText2Image.from_pretrained(folder, session_options=options, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    for _ in range(2):
        begun, worked = time.perf_counter(), time.process_time()
        pipeline("a cup", width=side, height=side, num_inference_steps=steps, guidance_scale=7.5, generator=torch.Generator("cpu").manual_seed(1))
        seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(dict(side=side, steps=steps, seconds=round(seconds, 2), cpu_seconds=round(worked, 2), peak_mib=round(peak))))


if __name__ == "__main__":
    make(*sys.argv[2:]) if sys.argv[1] == "make" else run(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
