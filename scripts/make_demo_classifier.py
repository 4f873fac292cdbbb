#!/usr/bin/env python3
"""Trains the classifier of the demo, and draws its photos.

    make_demo_classifier.py [--minutes 12]

A ShuffleNetV2 x0.5 that tells six shapes, trained from nothing on scenes that are drawn here: one
large shape on a coloured ground with noise and lines. Written are

    examples/shapes/shufflenet_shapes_half.pth   state dict in half precision and class names
    examples/shapes/photos/*.jpg                 scenes that it was not trained on
    tests/golden/shapes/classes.safetensors      what PyTorch says of them

Photos are prepared as torchvision's transforms do it: shorter side 72, the middle 64 x 64,
ImageNet's mean and deviation. Needs torch, torchvision, numpy and Pillow.
"""
import argparse
import io
import json
import math
import pathlib
import time

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
import torchvision
from torchvision import models
from torchvision.transforms._presets import ImageClassification

import record_classifier

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "examples" / "shapes"
REFERENCE = FOLDER.parent.parent / "tests" / "golden" / "shapes" / "classes.safetensors"
CLASSES = ["circle", "square", "triangle", "star", "ring", "cross"]
PREPARE = ImageClassification(resize_size=72, crop_size=64)
LIMIT = 1_000_000


def corners(kind, x, y, radius, turn):
    """Of a shape that is a polygon."""
    def at(angle, far):
        return x + far * math.cos(angle + turn), y + far * math.sin(angle + turn)

    if kind == "square":
        return [at(k * math.pi / 2, radius) for k in range(4)]
    if kind == "triangle":
        return [at(k * 2 * math.pi / 3, radius) for k in range(3)]
    if kind == "star":
        return [at(k * math.pi / 5, radius * (1 if k % 2 == 0 else 0.42)) for k in range(10)]
    arm = 0.32  # of a cross, half of its width
    steps = [(1, -arm), (1, arm), (arm, arm)]
    return [at(math.atan2(b, a) + k * math.pi / 2, radius * math.hypot(a, b))
            for k in range(4) for a, b in steps]


def colour(random):
    return tuple(int(v) for v in random.randint(0, 256, 3))


def scene(random, kind):
    """A PIL image of a random size with one shape near its middle."""
    width, height = (int(v) for v in random.randint(80, 160, 2))
    ground = np.array([colour(random) for _ in range(4)], np.float32).reshape(2, 2, 3)
    image = Image.fromarray(ground.astype(np.uint8)).resize((width, height), Image.BILINEAR)
    draw = ImageDraw.Draw(image)
    for _ in range(random.randint(0, 6)):
        ends = [(int(random.randint(width)), int(random.randint(height))) for _ in range(2)]
        draw.line(ends, fill=colour(random), width=int(random.randint(1, 4)))
    side = min(width, height)
    radius = side * random.uniform(0.22, 0.4)
    x, y = (length / 2 + side * random.uniform(-0.1, 0.1) for length in (width, height))
    fill = colour(random)
    middle = np.asarray(image)[int(y), int(x)]
    while np.abs(np.array(fill, int) - middle).sum() < 180:
        fill = colour(random)
    box = [x - radius, y - radius, x + radius, y + radius]
    if kind == "circle":
        draw.ellipse(box, fill=fill)
    elif kind == "ring":
        draw.ellipse(box, outline=fill, width=max(3, int(radius * random.uniform(0.2, 0.4))))
    else:
        draw.polygon(corners(kind, x, y, radius, random.uniform(0, 2 * math.pi)), fill=fill)
    image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.2)))
    noise = random.normal(0, random.uniform(2, 12), (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def batch(random, count):
    labels = random.randint(0, len(CLASSES), count)
    images = torch.stack([PREPARE(scene(random, CLASSES[label])) for label in labels])
    return images, torch.from_numpy(labels)


def train(model, minutes):
    random = np.random.RandomState(1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    start = time.process_time()
    step, done = 0, 0.0
    while done < 1:
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * min(1, step / 50) * (1 + math.cos(math.pi * done)) / 2
        images, labels = batch(random, 32)
        loss = torch.nn.functional.cross_entropy(model(images), labels, label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        done = (time.process_time() - start) / (60 * minutes)
        if step % 50 == 0:
            print(f"step {step}, {done:.0%}, loss {loss.item():.3f}", flush=True)


def accuracy(model):
    images, labels = batch(np.random.RandomState(2), 300)
    with torch.no_grad():
        return (model(images).argmax(1) == labels).float().mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=12, help="of processor time")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = models.shufflenet_v2_x0_5(num_classes=len(CLASSES))
    train(model, options.minutes)
    state = {key: value.half() if value.is_floating_point() else value
             for key, value in model.state_dict().items()}
    model.load_state_dict(state)
    print(f"right for {accuracy(model.eval()):.1%} of new scenes")
    # Through memory, so that the name of the file does not get into its content.
    buffer = io.BytesIO()
    torch.save({"model": state, "classes": CLASSES}, buffer)
    assert buffer.tell() < LIMIT
    (FOLDER / "photos").mkdir(parents=True, exist_ok=True)
    (FOLDER / "shufflenet_shapes_half.pth").write_bytes(buffer.getvalue())
    random = np.random.RandomState(4)
    for kind in CLASSES:
        scene(random, kind).save(FOLDER / "photos" / f"{kind}.jpg", quality=90)
    record_reference(model)


def record_reference(model):
    """Of some of the photos in their own size, which keeps it small."""
    arrays, names = {}, []
    for path in sorted((FOLDER / "photos").glob("[cs][it]*.jpg")):
        image = np.asarray(Image.open(path).convert("RGB"))
        pixels = record_classifier.pixels_of(image, PREPARE)
        with torch.no_grad():
            logits = model(record_classifier.prepared(pixels, PREPARE))[0]
        names.append(path.stem)
        arrays.update({f"{path.stem}/input": image[None].copy(), f"{path.stem}/0/pixels": pixels,
                       f"{path.stem}/0/logits": logits.numpy()})
    record_classifier.write_safetensors(str(REFERENCE), arrays, {
        "tv2onnx.reference": "2", "task": "classification", "torch": torch.__version__,
        "torchvision": torchvision.__version__, "cases": json.dumps(names)})


if __name__ == "__main__":
    main()
