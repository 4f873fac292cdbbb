#!/usr/bin/env python3
"""Records what a torchvision detector gives for some images, in your own PyTorch.

    record_reference.py weights.pth --builder fasterrcnn_mobilenet_v3_large_fpn -o ref.safetensors
    record_reference.py model.pth --trust -o ref.safetensors --image street.jpg --image cat.jpg
    tv2onnx verify model.onnx --against ref.safetensors

With --task the same of a model of classification, segmentation, video (clips) or flow; what is
recorded of them stands in record_classifier.py and record_tasks.py. Of a detector the images
are stored with the results, so that a verification is exact: drawn scenes (or your
photos) at many sizes, a blank image, noise, an image with values 0..255 where the model expects
0..1, and batches of two and three. From Python, with a model of your own making:

    from record_reference import record
    record(model, "ref.safetensors", photos=["street.jpg"])

Needs Python 3.8, torch 1.10 and torchvision or newer, and proposal_ties.py beside it; for
checkpoints also load_detector.py, read_weights.py, find_model.py and the files called fit_*.py.
"""
# The file is safetensors. For each case it has CASE/input, uint8 [n,height,width,3] RGB (the model
# got it divided by 255) or float32 [n,3,height,width] (the model got it as it is), and for image K
# of the case CASE/K/boxes float32 [m,4], CASE/K/labels int64 [m] and CASE/K/scores float32 [m]; of
# models that have them also CASE/K/masks float32 [m,28,28], the probabilities over the box before
# they are pasted into the image, CASE/K/keypoints float32 [m,k,3] (x, y, visibility) and
# CASE/K/keypoints_scores float32 [m,k]. With --with-float64 also CASE/K/boxes64, labels64 and so on,
# computed in double precision. Of R-CNNs also CASE/K/tied/boxes, labels and scores: what is
# found or not as a tie among proposals decides (see proposal_ties.py). The metadata say what the task
# is, which versions of torch and torchvision ran, and with which settings.
import argparse
import copy
import json
import os
import sys

try:
    import numpy as np
    import torch
    import torchvision
    from PIL import Image, ImageOps
except ImportError as missing:
    if __name__ != "__main__":
        raise
    print(f"record_reference.py: error: {missing} in {sys.executable}: this runs your model in "
          "PyTorch and needs torch, torchvision, numpy and Pillow", file=sys.stderr)
    sys.exit(4)

from proposal_ties import watched

FULL_SIZES = [(100, 100), (300, 500), (375, 500), (427, 640), (480, 640), (640, 480), (375, 1242),
              (1080, 1920)]
QUICK_SIZES = [(100, 100), (150, 200), (171, 256)]

# Settings that decide the result: torchvision's keyword, and where the model keeps the value.
SETTINGS = {
    "min_size": "transform.min_size",
    "max_size": "transform.max_size",
    "image_mean": "transform.image_mean",
    "image_std": "transform.image_std",
    "rpn_pre_nms_top_n_test": "rpn._pre_nms_top_n.testing",
    "rpn_post_nms_top_n_test": "rpn._post_nms_top_n.testing",
    "rpn_nms_thresh": "rpn.nms_thresh",
    "rpn_score_thresh": "rpn.score_thresh",
    "rpn_min_size": "rpn.min_size",
    "box_score_thresh": "roi_heads.score_thresh",
    "box_nms_thresh": "roi_heads.nms_thresh",
    "box_detections_per_img": "roi_heads.detections_per_img",
    "score_thresh": "score_thresh",
    "nms_thresh": "nms_thresh",
    "detections_per_img": "detections_per_img",
    "topk_candidates": "topk_candidates",
    "fixed_size": "transform.fixed_size",
    "no_resize": "transform.no_resize",
    "normalized_with": "transform.normalized_with",
}


def drawn_scene(height, width, seed):
    """uint8 [height, width, 3]: a colour gradient with some discs, rings and rectangles on it."""
    random = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    corners = random.uniform(0, 255, (3, 3))
    image = (corners[0] + np.multiply.outer(x / width, corners[1] - corners[0])
             + np.multiply.outer(y / height, corners[2] - corners[0]))
    for _ in range(8):
        radius = random.uniform(0.05, 0.22) * min(height, width)
        center_x, center_y = random.uniform(0, width), random.uniform(0, height)
        colour, kind = random.uniform(0, 255, 3), random.randint(3)
        far = np.hypot(x - center_x, y - center_y)
        if kind == 0:
            inside = far < radius
        elif kind == 1:
            inside = abs(far - 0.8 * radius) < 0.2 * radius
        else:
            inside = (abs(x - center_x) < radius) & (abs(y - center_y) < 0.7 * radius)
        image[inside] = colour
    return np.clip(image, 0, 255).astype(np.uint8)


def photo_scene(path, height, width):
    """uint8 [height, width, 3]: the photo, upright, scaled to the size."""
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        return np.asarray(upright.resize((width, height), Image.BILINEAR)).copy()


def as_channels(image, channels):
    """uint8 [height, width, 3] as an image of so many channels: grey by PIL's formula for one, the
    colours again and again for more than three."""
    if channels == 1:
        return np.asarray(Image.fromarray(image).convert("L"))[..., None].copy()
    return np.ascontiguousarray(image[..., np.arange(channels) % 3])


def standard_cases(photos=(), quick=False, channels=3, size=None):
    """{name: uint8 [n, height, width, channels] or float32 [n, channels, height, width]}: what models
    trip over. size: (height, width) of all of them, for files that take no other."""
    count = 0

    def scene(height, width):
        return as_channels(colour_scene(height, width), channels)

    def colour_scene(height, width):
        nonlocal count
        count += 1
        if not photos:
            return drawn_scene(height, width, count)
        image = photo_scene(photos[(count - 1) % len(photos)], height, width)
        # Mirrored every other round, so that a batch has different images even of a single photo.
        return image[:, ::-1].copy() if (count - 1) // len(photos) % 2 else image

    kind = "photo" if photos else "scene"
    cases = {f"{kind}_{height}x{width}": scene(height, width)[None]
             for height, width in ([size] if size else QUICK_SIZES if quick else FULL_SIZES)}
    unit = 1 if quick else 2
    height, width = size or (120 * unit, 163 * unit)
    tall, narrow = size or (width, height)
    cases["blank"] = np.zeros((1, height, width, channels), np.uint8)
    noise = np.random.RandomState(0).randint(0, 256, (1, height, width, channels))
    cases["noise"] = noise.astype(np.uint8)
    cases["range_0_255"] = np.ascontiguousarray(
        scene(height, width).transpose(2, 0, 1)[None].astype(np.float32))
    cases["batch_2"] = np.stack([scene(height, width) for _ in range(2)])
    cases["batch_3"] = np.stack([scene(tall, narrow), np.zeros((tall, narrow, channels), np.uint8),
                                 scene(tall, narrow)])
    return cases


def channels_of(model):
    """How many channels the first convolution takes."""
    return next((layer.in_channels for layer in model.modules()
                 if isinstance(layer, torch.nn.Conv2d)), 3)


def as_case(name, images):
    """The array of a case that a caller gave, checked; single images become a batch of one."""
    array = images.cpu().numpy() if isinstance(images, torch.Tensor) else np.asarray(images)
    if array.ndim == 3:
        array = array[None]
    if array.ndim != 4 or array.dtype not in (np.uint8, np.float32) or array.size == 0:
        raise ValueError(f"images of case {name!r} are {array.dtype} {list(array.shape)}; expected "
                         "uint8 [n, height, width, channels] or float32 [n, channels, height, width]")
    return np.ascontiguousarray(array)


def model_input(array, device):
    """The list of float tensors that torchvision's detectors take."""
    if array.dtype == np.uint8:
        images = torch.from_numpy(array).permute(0, 3, 1, 2).to(torch.float32).div(255)
    else:
        images = torch.from_numpy(array)
    return [image.contiguous().to(device) for image in images]


def setting_of(model, path):
    """The value at a dotted path through attributes and dictionaries, or None."""
    value = model
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else getattr(value, step, None)
    # torchvision's transform takes the last of several sizes in evaluation.
    if path == "transform.min_size" and isinstance(value, (list, tuple)):
        value = value[-1]
    return list(value) if isinstance(value, tuple) else value


def describe(model):
    found = {name: setting_of(model, path) for name, path in SETTINGS.items()}
    return {"tv2onnx.reference": "2", "task": "detection", "torch": torch.__version__,
            "torchvision": torchvision.__version__, "model": type(model).__name__,
            "settings": json.dumps({k: v for k, v in found.items() if v is not None})}


def write_safetensors(path, arrays, metadata):
    """arrays: {name: numpy array}. Larger element types first, so that all are aligned."""
    names = {np.dtype(np.float64): "F64", np.dtype(np.int64): "I64", np.dtype(np.float32): "F32",
             np.dtype(np.uint8): "U8"}
    order = sorted(arrays, key=lambda name: -arrays[name].dtype.itemsize)
    header, offset = {"__metadata__": metadata}, 0
    for name in order:
        array = arrays[name]
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    parts = [len(text).to_bytes(8, "little"), text] + [arrays[name].tobytes() for name in order]
    if path == "-":
        sys.stdout.buffer.writelines(parts)
        sys.stdout.buffer.flush()
        return
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.writelines(parts)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def run_with_roi_masks(model, inputs):
    """The model's results, but with masks as they are before they are pasted into the image."""
    masks = []

    def keep(_heads, _inputs, outputs):
        masks.extend(result["masks"][:, 0] for result in outputs[0] if "masks" in result)

    heads = getattr(model, "roi_heads", None)
    hook = heads.register_forward_hook(keep) if isinstance(heads, torch.nn.Module) else None
    try:
        with torch.no_grad():
            results = model(inputs)
    finally:
        if hook is not None:
            hook.remove()
    return [{**result, "masks": masks[k]} if masks else result for k, result in enumerate(results)]


def as_arrays(result, real=np.float32):
    """The tensors of one image as they are recorded."""
    kinds = {"boxes": real, "labels": np.int64, "scores": real, "masks": real, "keypoints": real,
             "keypoints_scores": real}
    return {key: np.ascontiguousarray(result[key].cpu().numpy(), dtype=kind)
            for key, kind in kinds.items() if key in result}


def results_of(model, inputs):
    """[{"boxes": array, ...}] for each image, and what ties among proposals decide."""
    with watched(model) as tied_detections:
        results = run_with_roi_masks(model, inputs)
        ties = tied_detections(inputs) or [{} for _ in inputs]
    return [{**as_arrays(result), **{f"tied/{key}": array for key, array in as_arrays(tie).items()}}
            for result, tie in zip(results, ties)]


def results_in_double(model, inputs):
    """[{"boxes64": array, ...}] for each image."""
    results = run_with_roi_masks(model, [image.double() for image in inputs])
    return [{f"{key}64": array for key, array in as_arrays(result, np.float64).items()}
            for result in results]


def record(model, path, cases=None, photos=(), quick=False, with_float64=False, metadata=None,
           log=None):
    """Runs `model` (a torchvision detector, float32) on the cases and writes the reference.

    cases: {name: images}, as standard_cases() gives them, which is also the default.
    """
    say = log or (lambda text: None)
    cases = standard_cases(photos, quick, channels_of(model)) if cases is None else cases
    cases = {name: as_case(name, images) for name, images in cases.items()}
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    in_double = copy.deepcopy(model).double() if with_float64 else None
    arrays = {}
    for number, (name, images) in enumerate(cases.items(), 1):
        arrays[f"{name}/input"] = images
        inputs = model_input(images, device)
        results = results_of(model, inputs)
        if with_float64:
            results = [{**single, **double}
                       for single, double in zip(results, results_in_double(in_double, inputs))]
        for k, result in enumerate(results):
            arrays.update({f"{name}/{k}/{key}": value for key, value in result.items()})
        counts = ", ".join(str(len(arrays[f"{name}/{k}/scores"])) for k in range(len(images)))
        say(f"[{number}/{len(cases)}] {name}: {counts} detections")
    model.train(was_training)
    texts = {**describe(model), "cases": json.dumps(list(cases)), **(metadata or {})}
    write_safetensors(path, arrays, texts)


def chosen(cases, names):
    """Those of the cases that have one of the names; without names all."""
    unknown = [name for name in names if name not in cases]
    if unknown:
        raise ValueError(f"there is no case {unknown[0]!r}; the cases are {', '.join(cases)}")
    return {name: images for name, images in cases.items() if not names or name in names}


def height_and_width(text):
    """(640, 640) of "640x640"."""
    height, width = map(int, text.split("x"))
    if min(height, width) < 1:
        raise ValueError(text)
    return height, width


def keyword(text):
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"the value of {text!r} is not a number, list or true/false")


def json_object(text):
    try:
        value = json.loads(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"not JSON: {problem}")
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError("not a JSON object")
    return value


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("model", help="state dict, training checkpoint or whole module (.pth), or .safetensors")
    add("-o", "--output", required=True, help="reference to write, or - for standard output")
    add("-f", "--force", action="store_true", help="overwrite the output")
    add("--trust", action="store_true",
        help="load a whole module although that runs code from the file")
    add("--prefix", default="", metavar="NAME",
        help="which model, if the file holds several: its place (model_ema) or what its keys begin "
             "with (student.), as for tv2onnx export")
    add("--builder", help="for weights alone: the function of torchvision.models.detection that "
                          "makes the model, e.g. fasterrcnn_mobilenet_v3_large_fpn")
    add("--task", choices=["detection", "classification", "segmentation", "video", "flow"],
        default="detection",
        help="what the model is for")
    add("--weights", help="of all but detectors: torchvision's own weights, whose transforms prepare the "
                          "photos, e.g. IMAGENET1K_V2; default: as --settings say")
    add("--num-classes", type=int, help="with background; default: as the weights say")
    add("--keyword", type=keyword, action="append", default=[], metavar="NAME=VALUE",
        help="keyword argument of the builder, e.g. min_size=320; repeatable")
    add("--settings", type=json_object, default={}, metavar="JSON",
        help="keyword arguments as one JSON object, e.g. the tv2onnx.config of an exported file")
    add("--image", action="append", default=[], metavar="FILE",
        help="photo to use instead of drawn scenes; repeatable")
    add("--case", action="append", default=[], metavar="NAME",
        help="only this one of the cases, e.g. noise; repeatable")
    add("--sizes", choices=["quick", "full"], default="full",
        help="quick: three small sizes; full: eight from 100x100 to 1080x1920 (default)")
    add("--size", type=height_and_width, metavar="HEIGHTxWIDTH",
        help="of detectors: images of this size alone, for files that take no other")
    add("--with-float64", action="store_true",
        help="also record what double precision gives, to judge untrained weights")
    add("-q", "--quiet", action="store_true", help="no progress")
    return parser.parse_args()


def record_task(options, settings, log):
    """The same of models that are no detectors."""
    import record_classifier
    import record_tasks
    from load_detector import Unusable
    from find_model import find_model
    from read_weights import read_checkpoint
    model = find_model(read_checkpoint(options.model, options.trust), options.prefix or "")
    if not isinstance(model, torch.nn.Module):
        try:
            record_classifier.builder_of(options.builder or "")
        except StopIteration:
            raise Unusable("the file holds weights alone; say with --builder which function of "
                           "torchvision.models makes their model")
        model = (record_classifier.load(model, options.builder, settings)
                 if options.task == "classification"
                 else record_tasks.load_task(options.task, model, options.builder, settings))
    transforms = (None if options.task == "flow" else
                  record_classifier.transforms_of(options.builder, options.weights, settings))
    if options.task == "classification":
        record_classifier.record(model.float(), options.output, transforms, options.image,
                                 options.sizes == "quick", log=log)
    else:
        record_tasks.record(model, options.output, options.task, transforms, options.image,
                            options.sizes == "quick", settings, log=log)


def main():
    options = arguments()
    from load_detector import Unusable, load_detector
    log = None if options.quiet else lambda text: print(text, file=sys.stderr, flush=True)
    try:
        if options.output != "-" and os.path.exists(options.output) and not options.force:
            raise Unusable(f"{options.output} exists; -f overwrites it")
        settings = {**options.settings, **dict(options.keyword)}
        if options.task != "detection":
            record_task(options, settings, log)
            return 0
        model, about = load_detector(options.model, options.builder, options.num_classes, settings,
                                     options.trust, options.prefix)
        torch.set_flush_denormal(True)  # untrained weights make them, and they are very slow
        cases = standard_cases(options.image, options.sizes == "quick", channels_of(model),
                               options.size)
        record(model, options.output, chosen(cases, options.case),
               with_float64=options.with_float64, metadata=about, log=log)
    except (Unusable, OSError, ValueError, RuntimeError, AttributeError, TypeError) as problem:
        kind = "" if isinstance(problem, (Unusable, OSError)) else f"{type(problem).__name__}: "
        print(f"record_reference.py: error: {kind}{problem}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
