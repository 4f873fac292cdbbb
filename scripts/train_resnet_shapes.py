#!/usr/bin/env python3
"""Trains a Faster R-CNN ResNet-50 FPN on drawn shapes, and draws scenes to judge it by.

    train_resnet_shapes.py OUT [--minutes 240]

Whoever changes what becomes of a ResNet in 8 bits judges the change with this detector, since
untrained ResNets amplify any error. It has the builder's graph, but a box head of 256 features,
and is for images of 96 pixels. Nothing is downloaded: scenes are drawn here, six shapes over
noise like that of photos. Written are

    OUT/state.pth             training so far, every few minutes; a later call goes on from it
    OUT/fasterrcnn_resnet50_shapes.pth   weights in half precision and class names, at the end
    OUT/scenes/NNN.png        64 scenes that it was not trained on
    OUT/scenes/instances.json what is in them, as COCO writes it

Hours on one core and 62 MB, which is why the repository does not have it. Export it with

    tv2onnx export OUT/fasterrcnn_resnet50_shapes.pth --min-size 96 --max-size 192 -o resnet.onnx
"""
import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
from PIL import Image, ImageDraw
import torchvision
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead

from make_demo_classifier import CLASSES, colour, corners

SIZE = (128, 96)
BATCH = 8
SAVED_EVERY = 180  # seconds
RATE = 5e-4


def ground(random, width, height):
    """Noise whose coarse parts are strongest, as in photos."""
    image = np.zeros((height, width, 3), np.float32)
    for octave in range(2, 7):
        cells = random.uniform(-1, 1, (2 ** octave // 2 + 1, 2 ** octave // 2 + 1, 3))
        tile = Image.fromarray((127.5 + 127.5 * cells).astype(np.uint8))
        part = np.asarray(tile.resize((width, height), Image.BICUBIC), np.float32) / 127.5 - 1
        image += part * random.uniform(0.3, 1) * 0.6 ** octave
    image = image * random.uniform(60, 260) + random.uniform(40, 215, 3)
    return Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))


def outline(random, kind, width, height, taken):
    """(middle, radius, turn, box) of a shape beside those that are there, or None."""
    radius = random.uniform(0.11, 0.3) * min(width, height)
    turn = random.uniform(0, 2 * math.pi)
    for _ in range(20):
        x, y = random.uniform(radius, width - radius), random.uniform(radius, height - radius)
        around = (x - radius, y - radius, x + radius, y + radius)
        if all(around[2] < b[0] or around[0] > b[2] or around[3] < b[1] or around[1] > b[3]
               for b in taken):
            break
    else:
        return None
    if kind in ("circle", "ring"):
        return x, y, radius, turn, around
    points = np.array(corners(kind, x, y, radius, turn))
    low, high = points.min(0), points.max(0)
    box = (max(0, low[0]), max(0, low[1]), min(width, high[0]), min(height, high[1]))
    return x, y, radius, turn, box


def scene(random, width, height, most=6):
    """A PIL image, boxes of its shapes and their labels, from 1."""
    double = 2  # drawn at twice the size, for smooth edges
    image = ground(random, width, height).resize((width * double, height * double))
    draw = ImageDraw.Draw(image)
    boxes, labels = [], []
    for _ in range(random.randint(min(1, most), most + 1)):
        kind = random.randint(len(CLASSES))
        found = outline(random, CLASSES[kind], width, height, boxes)
        if found is None:
            continue
        x, y, radius, turn, box = found
        around = [(v + r * radius) * double for r in (-1, 1) for v in (x, y)]
        if CLASSES[kind] == "circle":
            draw.ellipse(around, fill=colour(random))
        elif CLASSES[kind] == "ring":
            draw.ellipse(around, outline=colour(random), width=max(2, int(radius * double * 0.3)))
        else:
            points = corners(CLASSES[kind], x, y, radius, turn)
            draw.polygon([(a * double, b * double) for a, b in points], fill=colour(random))
        boxes.append(box)
        labels.append(kind + 1)
    return image.resize((width, height), Image.LANCZOS), boxes, labels


def pixels(image):
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1).float() / 255


def batch(random):
    images, targets = [], []
    for _ in range(BATCH):
        image, boxes, labels = scene(random, *SIZE)
        images.append(pixels(image))
        targets.append({"boxes": torch.tensor(boxes).float().reshape(-1, 4),
                        "labels": torch.tensor(labels).long()})
    return images, targets


def build():
    model = torchvision.models.detection.fasterrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, min_size=96, max_size=192,
        box_batch_size_per_image=32, rpn_pre_nms_top_n_train=300, rpn_post_nms_top_n_train=200)
    model.roi_heads.box_head = TwoMLPHead(256 * 7 * 7, 256)
    model.roi_heads.box_predictor = FastRCNNPredictor(256, len(CLASSES) + 1)
    for name, module in model.named_modules():
        if name.endswith(".bn3"):  # each block begins as what it adds to
            torch.nn.init.zeros_(module.weight)
    return model


def faster(backbone):
    """Training in bfloat16 where it counts; the rest of a detector has no kernels for it."""
    forward = backbone.forward

    def run(x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = forward(x)
        return {key: value.float() for key, value in found.items()}

    backbone.forward = run


def train(out, minutes):
    model = build().train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-2)
    step, spent, path = 0, 0.0, out / "state.pth"
    if path.exists():
        state = torch.load(path)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        step, spent = state["step"], state["spent"]
    faster(model.backbone)
    start, saved, losses = time.process_time() - spent, time.time(), []
    while spent < 60 * minutes:
        for group in optimiser.param_groups:
            fall = (1 + math.cos(math.pi * spent / (60 * minutes))) / 2
            group["lr"] = RATE * min(1, step / 100) * fall
        parts = model(*batch(np.random.RandomState(step)))
        loss = sum(parts.values())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimiser.step()
        step += 1
        losses.append(loss.item())
        spent = time.process_time() - start
        if step % 20 == 0:
            print(f"step {step}, {spent / 60:.1f} min, loss {np.mean(losses[-20:]):.3f}",
                  {key: round(value.item(), 3) for key, value in parts.items()}, flush=True)
        if time.time() - saved > SAVED_EVERY:
            save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step,
                  "spent": spent}, path)
            saved = time.time()
    return model


def save(what, path):
    """Whole or not at all: a call that is stopped leaves the last one."""
    unfinished = path.with_suffix(".tmp")
    torch.save(what, unfinished)
    unfinished.rename(path)


def draw_scenes(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(2 ** 31 + 1)
    names = enumerate(CLASSES, 1)
    coco = {"images": [], "annotations": [],
            "categories": [{"id": k, "name": name} for k, name in names]}
    for k in range(64):
        width, height = [(128, 96), (96, 128), (160, 120), (144, 90)][k % 4]
        image, boxes, labels = scene(random, width, height, most=0 if k % 16 == 15 else 6)
        image.save(folder / f"{k:03d}.png")
        coco["images"].append({"id": k, "file_name": f"{k:03d}.png", "width": width,
                               "height": height})
        for (x, y, right, bottom), label in zip(boxes, labels):
            size = [round(v, 2) for v in (x, y, right - x, bottom - y)]
            coco["annotations"].append({
                "id": len(coco["annotations"]) + 1, "image_id": k, "category_id": label,
                "iscrowd": 0, "bbox": size, "area": round(size[2] * size[3], 2)})
    (folder / "instances.json").write_text(json.dumps(coco))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=240, help="of processor time, all calls")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    draw_scenes(options.out / "scenes")
    model = train(options.out, options.minutes)
    state = {key: value.half() if value.is_floating_point() else value
             for key, value in model.state_dict().items()}
    save({"model": state, "classes": ["__background__", *CLASSES]},
         options.out / "fasterrcnn_resnet50_shapes.pth")


if __name__ == "__main__":
    main()
