"""Tiny random-weight packs of every family, exported by Optimum, and what Optimum's own pipelines make of them.

    HF_HUB_OFFLINE=1 python packs.py BPE_VOCAB_GZ

Writes packs.tar.zst (the packs), runs.json (requests and final latents) and runs.png (their pictures, one below the
other). The weights are multiples of 1/64 so that they compress; fixed seeds make them the same everywhere.
"""
import io, json, pathlib, shutil, subprocess, sys, tarfile, tempfile
import numpy, torch
from PIL import Image
from diffusers import (AutoencoderKL, AutoencoderTiny, DDIMScheduler, EulerAncestralDiscreteScheduler,
                       EulerDiscreteScheduler, LatentConsistencyModelPipeline, LCMScheduler, PNDMScheduler,
                       StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel)
from optimum.exporters.onnx import main_export
from optimum.onnxruntime import ORTPipelineForImage2Image, ORTPipelineForText2Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer
from text import merges_of

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT, HIDDEN, MERGES = 64, 48, 8, 400
SD = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
torch.set_num_threads(1)


def coarse(model, gain):
    """Weights to multiples of 1/64; `gain` makes outputs depend on inputs more than tiny random models do."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter * (gain if parameter.dim() > 1 else 1) * 64).round() / 64)
    return model.eval().requires_grad_(False)


def tokenizer(merges, folder, pad):
    known = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    characters = [chr(b) for b in known] + [chr(256 + i) for i in range(256 - len(known))]
    tokens = characters + [c + "</w>" for c in characters] + [m.replace(" ", "") for m in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), pad_token=pad, model_max_length=77), len(tokens)


def text_encoder(size, act="quick_gelu", cls=CLIPTextModel):
    return coarse(cls(CLIPTextConfig(vocab_size=size, hidden_size=HIDDEN, intermediate_size=2 * HIDDEN, num_hidden_layers=2,
                                     num_attention_heads=2, hidden_act=act, projection_dim=HIDDEN, bos_token_id=size - 2,
                                     eos_token_id=size - 1, pad_token_id=size - 1)), 4)


def vae(scaling):
    return coarse(AutoencoderKL(down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
                                block_out_channels=(4, 4, 8, 8), layers_per_block=1, norm_num_groups=4, latent_channels=4,
                                sample_size=64, scaling_factor=scaling), 1.5)


def unet(cross, **more):
    return coarse(UNet2DConditionModel(sample_size=8, layers_per_block=1, block_out_channels=(8, 16), norm_num_groups=4,
                                       down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
                                       up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), cross_attention_dim=cross,
                                       attention_head_dim=2, **more), 1.5)


def models(merges, folder):
    torch.manual_seed(0)
    first, size = tokenizer(merges, folder / "tok1", "<|endoftext|>")
    second, _ = tokenizer(merges, folder / "tok2", "!")
    decoder, clip, gelu = vae(0.18215), text_encoder(size), text_encoder(size, "gelu")
    bare = dict(safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    linear = unet(HIDDEN, use_linear_projection=True)
    yield "sd15", StableDiffusionPipeline(decoder, clip, first, unet(HIDDEN), PNDMScheduler(
        **SD, steps_offset=1, skip_prk_steps=True, set_alpha_to_one=False), **bare)
    yield "sd21", StableDiffusionPipeline(decoder, gelu, second, linear, DDIMScheduler(
        **SD, prediction_type="v_prediction", steps_offset=1, clip_sample=False, set_alpha_to_one=False), **bare)
    yield "turbo", StableDiffusionPipeline(decoder, gelu, second, linear, EulerDiscreteScheduler(
        **SD, timestep_spacing="trailing", steps_offset=1), **bare)
    yield "lcm", LatentConsistencyModelPipeline(decoder, clip, first, unet(HIDDEN, time_cond_proj_dim=16), LCMScheduler(
        **SD, original_inference_steps=50), **bare)
    large = unet(2 * HIDDEN, use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=4,
                 projection_class_embeddings_input_dim=HIDDEN + 6 * 4, transformer_layers_per_block=(1, 2))
    parts = [vae(0.13025), clip, text_encoder(size, "gelu", CLIPTextModelWithProjection), first, second, large]
    yield "sdxl", StableDiffusionXLPipeline(*parts, EulerDiscreteScheduler(
        **SD, timestep_spacing="leading", steps_offset=1), force_zeros_for_empty_prompt=True)
    yield "sdxl-turbo", StableDiffusionXLPipeline(*parts, EulerAncestralDiscreteScheduler(
        **SD, timestep_spacing="trailing", steps_offset=1), force_zeros_for_empty_prompt=True)


RUNS = {
    "sd15": [dict(steps=4, guidance=7.5, seed=42), dict(steps=5, guidance=5.0, negative="blurry, ugly!", seed=7),
             dict(steps=5, guidance=7.5, strength=0.6, seed=3), dict(steps=2, guidance=1.0, seed=1)],
    "sd21": [dict(steps=4, guidance=7.5, seed=42), dict(steps=6, guidance=4.0, strength=0.5, negative="red!", seed=9)],
    "turbo": [dict(steps=1, guidance=0.0, seed=42), dict(steps=4, guidance=0.0, seed=5), dict(steps=4, guidance=0.0, strength=0.5, seed=6)],
    "lcm": [dict(steps=4, guidance=8.5, seed=42), dict(steps=4, guidance=3.0, strength=0.5, seed=8)],
    "sdxl": [dict(steps=4, guidance=5.0, seed=42), dict(steps=3, guidance=6.0, negative="blue", seed=2),
             dict(steps=5, guidance=5.0, strength=0.7, seed=4)],
    "sdxl-turbo": [dict(steps=1, guidance=0.0, seed=42), dict(steps=3, guidance=0.0, seed=11), dict(steps=4, guidance=0.0, strength=0.5, seed=12)],
}


def gradient():
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    return Image.fromarray(numpy.stack([x * 4, y * 5, (x * y) % 256], -1).astype("uint8"))


def run(pipelines, folder, family, request):
    with_picture = "strength" in request
    if with_picture not in pipelines:
        kind = ORTPipelineForImage2Image if with_picture else ORTPipelineForText2Image
        pipelines[with_picture] = kind.from_pretrained(folder, local_files_only=True)
        pipelines[with_picture].set_progress_bar_config(disable=True)
    prompt = "a cup of coffee, 3d render 🙂"
    call = dict(prompt=prompt, num_inference_steps=request["steps"], guidance_scale=request["guidance"])
    if "negative" in request:
        call["negative_prompt"] = request["negative"]
    if with_picture:
        call.update(image=gradient(), strength=request["strength"])
    else:
        call.update(width=WIDTH, height=HEIGHT)
    again = lambda kind: pipelines[with_picture](generator=torch.Generator("cpu").manual_seed(request["seed"]), output_type=kind, **call).images
    latents, picture = numpy.asarray(again("latent"))[0], again("pil")[0]
    print(family, request, "latents", latents.std().round(3), "pixels", numpy.asarray(picture).std().round(1), flush=True)
    return dict(pack=family, prompt=prompt, **request, latents=[float(f"{v:.7g}") for v in latents.ravel().tolist()]), picture


def main():
    merges = merges_of(sys.argv[1])[:MERGES]
    records, pictures = [], []
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for name, pipeline in models(merges, work):
            pipeline.save_pretrained(work / f"{name}-pt")
            main_export(str(work / f"{name}-pt"), output=str(work / "packs" / name), task="text-to-image", opset=17,
                        do_validation=False, local_files_only=True)
            pipelines = {}
            for request in RUNS[name]:
                record, picture = run(pipelines, work / "packs" / name, name, request)
                records.append(record)
                pictures.append(picture)
        # A tiny decoder as TAESD has it, for `vae_decoder` to be exchanged with.
        torch.manual_seed(1)
        tiny = coarse(AutoencoderTiny(encoder_block_out_channels=(4, 4, 4, 4), decoder_block_out_channels=(4, 4, 4, 4)), 1.5)
        (work / "packs" / "taesd").mkdir()
        export(tiny.decoder, (torch.randn(1, 4, 6, 8),), work / "packs" / "taesd" / "model.onnx", ["latent_sample"], ["sample"])
        (work / "packs" / "taesd" / "config.json").write_text(json.dumps({k: v for k, v in tiny.config.items() if not isinstance(v, tuple)}))
        old_layout(work, "sd15", "old")
        pack(work / "packs", HERE / "packs.tar.zst")
    (HERE / "runs.json").write_text("[\n" + ",\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in records) + "\n]\n")
    strip = Image.new("RGB", (WIDTH, HEIGHT * len(pictures)))
    for at, picture in enumerate(pictures):
        strip.paste(picture, (0, at * HEIGHT))
    strip.save(HERE / "runs.png", optimize=True)


class Call(torch.nn.Module):
    """A part of a pipeline as one function of its inputs."""

    def __init__(self, model, call):
        super().__init__()
        self.model, self.call = model, call

    def forward(self, *inputs):
        return self.call(self.model, *inputs)


def export(module, inputs, path, names, outputs):
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = {name: {0: "b", **({2: "h", 3: "w"} if "sample" in name else {})} for name in names + outputs if name != "timestep"}
    torch.onnx.export(module, inputs, str(path), input_names=names, output_names=outputs, dynamic_axes=axes, opset_version=17, dynamo=False)


def old_layout(work, source, name):
    """As diffusers' first ONNX exporter wrote them: 16-bit floats, 32-bit ids, a timestep of one dimension, weights in a
    file of their own, an encoder that gives the latents themselves, no configuration of the parts."""
    import onnx
    pipeline, folder = StableDiffusionPipeline.from_pretrained(work / f"{source}-pt").to(torch.float16), work / "packs" / name
    half = lambda *shape: torch.randn(*shape).half()
    export(Call(pipeline.unet, lambda m, x, t, c: m(x, t, c, return_dict=False)[0]),
           (half(2, 4, 6, 8), torch.tensor([1]), half(2, 77, HIDDEN)), folder / "unet/model.onnx",
           ["sample", "timestep", "encoder_hidden_states"], ["out_sample"])
    export(Call(pipeline.text_encoder, lambda m, i: tuple(m(i, return_dict=False))), (torch.zeros(1, 77, dtype=torch.int32),),
           folder / "text_encoder/model.onnx", ["input_ids"], ["last_hidden_state", "pooler_output"])
    export(Call(pipeline.vae, lambda m, x: m.encode(x).latent_dist.mode()), (half(1, 3, 48, 64),),
           folder / "vae_encoder/model.onnx", ["sample"], ["latent_sample"])
    export(Call(pipeline.vae, lambda m, z: m.decode(z, return_dict=False)[0]), (half(1, 4, 6, 8),),
           folder / "vae_decoder/model.onnx", ["latent_sample"], ["sample"])
    graph = onnx.load(folder / "unet/model.onnx")
    onnx.save_model(graph, folder / "unet/model.onnx", save_as_external_data=True, location="weights.pb", size_threshold=0)
    for part in ("scheduler", "tokenizer"):
        shutil.copytree(work / "packs" / source / part, folder / part)
    index = json.loads((work / "packs" / source / "model_index.json").read_text())
    index["_class_name"] = "OnnxStableDiffusionPipeline"
    (folder / "model_index.json").write_text(json.dumps(index))


def pack(folder, target):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        # By kind of part, then by pack: equal files lie side by side.
        files = sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: (p.parent.name, p.name, str(p)))
        for path in files:
            entry = tarfile.TarInfo(str(path.relative_to(folder)))
            entry.size, entry.mode = path.stat().st_size, 0o644
            archive.addfile(entry, io.BytesIO(path.read_bytes()))
    packed = subprocess.run(["zstd", "-19", "--ultra", "--long=27", "-c"], input=plain.getvalue(), stdout=subprocess.PIPE, check=True).stdout
    target.write_bytes(packed)
    print("packs", len(plain.getvalue()), "bytes,", len(packed), "compressed")


if __name__ == "__main__":
    main()
