#!/usr/bin/env python3
"""Evaluation of segmentation against the installed torch: the figures of `tv2onnx evaluate` are those
of a confusion matrix that torch counts, at the photos' own size and at the network's. Ends with 77,
which CTest takes for skipped, where there is no torchvision.

    segmentation_scores_test.py build/release/tv2onnx
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy as np
    import torch
    from PIL import Image
    from torchvision.models import segmentation
    from torchvision.transforms import InterpolationMode, _presets as presets
    from torchvision.transforms import functional as F
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = sys.argv.pop(1)
CLASSES, RESIZED, IGNORED = 5, 61, 255
torch.set_num_threads(1)


def scores_of(wanted, found, classes):
    """Global accuracy, accuracy and IoU of each class, of the pixels whose class is below the number."""
    counted = (wanted >= 0) & (wanted < classes)
    pairs = classes * wanted[counted] + found[counted]
    matrix = torch.bincount(pairs, minlength=classes ** 2).reshape(classes, classes).double()
    right = matrix.diag()
    return (right.sum() / matrix.sum(), right / matrix.sum(1),
            right / (matrix.sum(1) + matrix.sum(0) - right))


def drawn_labels(shape, k):
    """Blocks of classes with borders that do not count; class 4 is in no map."""
    draw = np.random.default_rng(k)
    coarse = draw.integers(0, CLASSES - 1, (5, 7)).astype(np.uint8)
    labels = np.asarray(Image.fromarray(coarse).resize(shape[::-1], Image.NEAREST)).copy()
    labels[::17] = IGNORED
    labels[:, 5] = IGNORED
    return labels


def saved(labels, path, kind):
    if kind == "palette":
        image = Image.fromarray(labels, "P")
        image.putpalette(list(range(256)) * 3)
    elif kind == "wide":
        image = Image.fromarray(labels.astype(np.uint16))
    else:
        image = Image.fromarray(labels)
    image.save(path)


class Scores(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        torch.manual_seed(0)
        cls.model = segmentation.lraspp_mobilenet_v3_large(weights_backbone=None, num_classes=CLASSES)
        for module in cls.model.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.momentum = 1.0
        with torch.no_grad():
            cls.model.train()(torch.randn(2, 3, 64, 72))
        torch.save(cls.model.eval().state_dict(), cls.folder / "model.pth")
        cls.photos = sorted((ROOT / "examples" / "shapes" / "photos").glob("*.jpg"))[:3]
        (cls.folder / "photos").mkdir()
        (cls.folder / "labels").mkdir()
        for k, photo in enumerate(cls.photos):
            image = Image.open(photo).convert("RGB").resize((150 + 31 * k, 122 - 40 * k))
            image.save(cls.folder / "photos" / f"{k}.png")
            saved(drawn_labels((image.height, image.width), k), cls.folder / "labels" / f"{k}.png",
                  ("palette", "grey", "wide")[k])
        for outputs in ("logits", "labels"):
            cls.run_tool("export", cls.folder / "model.pth", "-o", cls.folder / f"{outputs}.onnx",
                         "--outputs", outputs, "--resize-size", RESIZED)

    @staticmethod
    def run_tool(*words, code=0):
        done = subprocess.run([TOOL, *map(str, words)], capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    def evaluated(self, outputs, *more):
        return json.loads(self.run_tool("evaluate", self.folder / f"{outputs}.onnx",
                                        self.folder / "photos", "--labels", self.folder / "labels",
                                        "--json", *more))

    def by_torch(self, resized):
        transforms = presets.SemanticSegmentation(resize_size=RESIZED)
        wanted, found = [], []
        for k in range(len(self.photos)):
            image = Image.open(self.folder / "photos" / f"{k}.png")
            labels = Image.open(self.folder / "labels" / f"{k}.png")
            with torch.no_grad():
                best = self.model(transforms(image)[None])["out"].argmax(1)
            if resized:
                labels = F.resize(labels, [RESIZED], InterpolationMode.NEAREST)
            else:
                best = torch.nn.functional.interpolate(best[None].float(), (image.height, image.width),
                                                       mode="nearest")[0].long()
            wanted.append(torch.as_tensor(np.array(labels), dtype=torch.int64).flatten())
            found.append(best.flatten())
        return torch.cat(wanted), torch.cat(found)

    def compare(self, report, resized):
        wanted, found = self.by_torch(resized)
        accuracy, of_class, iou = scores_of(wanted, found, CLASSES)
        self.assertEqual(report["pixels"], int((wanted != IGNORED).sum()))
        self.assertAlmostEqual(report["accuracy"], float(accuracy), delta=1e-9)
        for ours, theirs, other in zip(report["classes"], iou, of_class):
            self.assertAlmostEqual(ours["iou"], float(theirs), delta=1e-9)
            if torch.isnan(other):
                self.assertIsNone(ours["accuracy"])
            else:
                self.assertAlmostEqual(ours["accuracy"], float(other), delta=1e-9)
        self.assertAlmostEqual(report["mean_iou"], float(iou.mean()), delta=1e-9)
        self.assertGreater(report["mean_iou"], 0.02)
        self.assertLess(report["mean_iou"], 0.9)

    def test_pixels_of_photos(self):
        self.compare(self.evaluated("labels"), resized=False)
        self.compare(self.evaluated("logits"), resized=False)

    def test_pixels_of_resized_photos(self):
        self.compare(self.evaluated("logits", "--resize-labels"), resized=True)

    def test_what_does_not_fit_is_refused(self):
        model, photos, labels = (self.folder / name for name in ("logits.onnx", "photos", "other"))
        labels.mkdir()

        def refused(code, sentence, *more, name="0.png", model=model):
            message = self.run_tool("evaluate", model, photos, "--labels", labels, *more, code=code)
            self.assertIn(sentence, message)
            for file in labels.iterdir():
                file.unlink()
        refused(3, "I005")
        saved(drawn_labels((122, 150), 0) + 3, labels / "0.png", "grey")
        refused(2, ", where the model has 5")
        saved(drawn_labels((120, 150), 0), labels / "0.png", "grey")
        refused(3, "120x150")
        saved(drawn_labels((122, 150), 0), labels / "9.png", "grey")
        refused(2, "have no photo")
        Image.open(photos / "0.png").save(labels / "0.png")
        refused(3, "a picture in colours")
        saved(drawn_labels((122, 150), 0), labels / "0.png", "grey")
        refused(2, "--outputs logits", "--resize-labels", model=self.folder / "labels.onnx")


if __name__ == "__main__":
    unittest.main()
