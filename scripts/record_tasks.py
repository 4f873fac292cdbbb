"""Records what torchvision's models of segmentation, video and optical flow give for some photos,
in your own PyTorch. For record_reference.py; from Python, with a model of your own making and its
own transforms (of flow None):

    from record_tasks import record
    record(model, "ref.safetensors", "segmentation", weights.transforms(), photos=["street.jpg"])

The tensors of each case, beside CASE/input uint8 [n,height,width,3] RGB:
segmentation, n = 1: CASE/0/pixels uint8 [h,w,3], the photo as the transforms resize it; labels uint8
    or int64 [h,w], the class of each of these pixels; margin float32 [h,w], by how much its logit is
    larger than the second one; logits float32 [classes,h/4,w/4] of every fourth pixel in each
    direction, likewise aux of the auxiliary head
video, n frames of one clip: CASE/0/pixels uint8 [n,h,w,3]; logits float32 [classes]
flow, n = 2, the image and the later one: CASE/0/flow float32 [2,height,width]
"""
import json

import numpy as np
import torch
import torchvision
from torchvision.transforms import functional as F

from record_classifier import builder_of, cases_of, load, pixels_of, prepared
from record_reference import QUICK_SIZES, drawn_scene, photo_scene, write_safetensors

STEP = 4  # of recorded logits, which would be large
PAIR_SIZES = [(128, 128), (136, 200), (240, 320), (200, 136)]
FRAMES = 16


def larger_scenes(photos, sizes, more):
    """{name: uint8 [height + more, width + more, 3]}, for frames to be cut out of."""
    scenes = {}
    for k, (height, width) in enumerate(sizes):
        size = height + more, width + more
        scenes[f"{'photo' if photos else 'scene'}_{height}x{width}"] = (
            photo_scene(photos[k % len(photos)], *size) if photos else drawn_scene(*size, k + 1))
    return scenes


def moving(scene, frames, more):
    """uint8 [frames, height, width, 3]: a window that moves over the scene."""
    height, width = scene.shape[0] - more, scene.shape[1] - more
    offsets = [round(more * k / max(frames - 1, 1)) for k in range(frames)]
    return np.stack([scene[y // 2:y // 2 + height, y:y + width] for y in offsets])


def segmentation_cases(model, photos, quick):
    return {name: image[None] for name, image in cases_of(photos, quick).items()}


def video_cases(model, photos, quick):
    size = getattr(getattr(model, "pos_encoding", None), "temporal_size", None)
    frames = FRAMES if size is None else size * model.conv_proj.stride[0]
    scenes = larger_scenes(photos, QUICK_SIZES if quick else [*QUICK_SIZES, (240, 320), (320, 240)], 24)
    return {name: moving(scene, frames, 24) for name, scene in scenes.items()}


def flow_cases(model, photos, quick):
    scenes = larger_scenes(photos, PAIR_SIZES[:2] if quick else PAIR_SIZES, 8)
    return {name: moving(scene, 2, 8) for name, scene in scenes.items()}


def segmentation_results(model, images, transforms, settings):
    pixels = pixels_of(images[0], transforms)
    found = model(prepared(pixels, transforms))
    best = found["out"][0].topk(min(2, found["out"].shape[1]), 0)
    labels = best.indices[0].numpy()
    # Of one class no other can win.
    second = best.values[1] if len(best.values) > 1 else torch.full_like(best.values[0], -torch.inf)
    kind = np.uint8 if found["out"].shape[1] <= 256 else np.int64
    results = {"pixels": pixels, "labels": labels.astype(kind),
               "margin": (best.values[0] - second).numpy(),
               "logits": found["out"][0, :, ::STEP, ::STEP].numpy()}
    if "aux" in found:
        results["aux"] = found["aux"][0, :, ::STEP, ::STEP].numpy()
    return results, f"{len(np.unique(labels))} classes"


def video_results(model, frames, transforms, settings):
    video = torch.from_numpy(frames).permute(0, 3, 1, 2)  # frames are no Pillow images in torchvision
    if transforms.resize_size:
        video = F.resize(video, list(transforms.resize_size), transforms.interpolation,
                         antialias=getattr(transforms, "antialias", False))
    if transforms.crop_size:
        video = F.center_crop(video, list(transforms.crop_size))
    pixels = video.permute(0, 2, 3, 1).contiguous().numpy()
    clip = torch.cat([prepared(frame, transforms) for frame in pixels]).permute(1, 0, 2, 3)
    logits = model(clip[None])[0]
    return {"pixels": pixels, "logits": logits.numpy()}, f"class {int(logits.argmax())}"


def flow_results(model, pair, transforms, settings):
    both = F.convert_image_dtype(torch.from_numpy(pair).permute(0, 3, 1, 2), torch.float)
    first, second = F.normalize(both, [0.5] * 3, [0.5] * 3).split(1)
    updates = {"num_flow_updates": settings["num_flow_updates"]} if settings.get(
        "num_flow_updates") else {}
    flow = model(first.contiguous(), second.contiguous(), **updates)[-1][0]
    return {"flow": flow.numpy()}, f"{float(flow.square().sum(0).sqrt().mean()):.2f} px"


TASKS = {"segmentation": (segmentation_cases, segmentation_results),
         "video": (video_cases, video_results), "flow": (flow_cases, flow_results)}


def require_default(settings, name, default):
    if settings.get(name, default) != default:
        raise ValueError(f"torchvision's builder cannot make {name} = {settings[name]}; record the "
                         "reference where your own code makes the model")


def load_segmentation(state, builder, settings):
    require_default(settings, "replace_stride_with_dilation", [False, True, True])
    require_default(settings, "dilated", True)
    last = "classifier.low_classifier.weight" if builder.startswith("lraspp") else "classifier.4.weight"
    keywords = {} if builder.startswith("lraspp") else {
        "aux_loss": any(key.startswith("aux_classifier.") for key in state)}
    none = {"weights_backbone": None} if hasattr(torchvision.models, "get_model_weights") else {
        "pretrained_backbone": False}
    model = builder_of(builder)(num_classes=state[last].shape[0], **keywords, **none)
    for branch, rate in zip(model.classifier[0].convs[1:] if builder.startswith("deeplab") else [],
                            settings.get("atrous_rates") or []):
        branch[0].dilation = branch[0].padding = (rate, rate)
    return finished(model, state)


def finished(model, state):
    model.load_state_dict({key: value.float() if value.is_floating_point() else value
                           for key, value in state.items()})
    return model.float().eval()


def load_task(task, state, builder, settings):
    """The builder's model with these weights, float32 and in evaluation mode."""
    if task == "video":
        return load(state, builder, settings)
    if task == "segmentation":
        return load_segmentation(state, builder, settings)
    return finished(builder_of(builder)(), state)


def record(model, path, task, transforms=None, photos=(), quick=False, settings=None, metadata=None,
           log=None):
    """Runs `model` (float32) on the cases of the task and writes the reference."""
    say = log or (lambda text: None)
    make_cases, results_of = TASKS[task]
    model = model.float().eval()
    cases, arrays = make_cases(model, list(photos), quick), {}
    for number, (name, images) in enumerate(cases.items(), 1):
        with torch.no_grad():
            results, summary = results_of(model, images, transforms, settings or {})
        arrays[f"{name}/input"] = np.ascontiguousarray(images)
        arrays.update({f"{name}/0/{key}": np.ascontiguousarray(value)
                       for key, value in results.items()})
        say(f"[{number}/{len(cases)}] {name}: {summary}")
    texts = {"tv2onnx.reference": "2", "task": task, "torch": torch.__version__,
             "torchvision": torchvision.__version__, "model": type(model).__name__,
             "cases": json.dumps(list(cases)), **(metadata or {})}
    write_safetensors(path, arrays, texts)
