#!/usr/bin/env python3
"""Files of segmentation, video and optical flow against the installed torchvision, as users compare
them: exported and verified on the command line, on photos. Ends with 77, which CTest takes for
skipped, where there is no torchvision.

    task_references_test.py build/release/tv2onnx
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy as np
    import torch
    from PIL import Image
    from torch import nn
    from torchvision import models
    from torchvision.models import optical_flow, segmentation, video
    from torchvision.transforms import _presets as presets
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "scripts")]
import record_classifier  # noqa: E402
import record_tasks  # noqa: E402
from record_classifier import pixels_of, prepared  # noqa: E402

TOOL = sys.argv.pop(1)
PHOTOS = sorted((ROOT / "examples" / "shapes" / "photos").glob("*.jpg"))
torch.set_num_threads(1)


def settled(model, *inputs):
    """Statistics of batch normalisation as after training, so that inputs keep apart."""
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
    with torch.no_grad():
        model.train()(*inputs)
    return model.eval()


def noise(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


MODELS = {
    "segmentation": (lambda: settled(segmentation.lraspp_mobilenet_v3_large(
        weights_backbone=None, num_classes=5), noise(2, 3, 64, 72)),
        "--resize-size 64", "lraspp_mobilenet_v3_large"),
    "video": (lambda: settled(video.mc3_18(num_classes=5), noise(2, 3, 8, 32, 32)),
              "--resize-size 40,48 --crop-size 32", "mc3_18"),
    "flow": (optical_flow.raft_small, "--num-flow-updates 3", "raft_small"),
}


class MnasNets(unittest.TestCase):
    """torch itself takes neither form without its metadata, which other files do not keep."""

    def test_both_versions_of_the_stem_load_without_metadata(self):
        first = models.mnasnet0_5()
        old = collections.OrderedDict(first.state_dict())
        old._metadata = {"": {"version": 1}}
        with self.assertRaises(RuntimeError):  # its shapes; the stem is that of version 1 from then on
            first.load_state_dict(old)
        for model, width in ((models.mnasnet0_5(), 16), (first, 32)):
            state = dict(model.state_dict())
            with self.assertRaises(ValueError):
                models.mnasnet0_5().load_state_dict(state)
            loaded = record_classifier.load(state, "mnasnet0_5", {}).state_dict()
            self.assertEqual(len(loaded["layers.0.weight"]), width)
            self.assertTrue(all(torch.equal(loaded[key], value) for key, value in state.items()))


class Heads(unittest.TestCase):
    """Of a state dict alone, as users train them."""

    def answers(self, builder, model):
        model.eval()
        loaded = record_classifier.load(model.state_dict(), builder, {})
        x = noise(1, 3, 224, 224)
        with torch.no_grad():
            self.assertTrue(torch.equal(loaded(x), model(x)), builder)

    def test_what_is_no_linear_layer_in_the_builders_own_head_stays(self):
        self.answers("convnext_tiny", models.convnext_tiny(num_classes=7))
        self.answers("squeezenet1_1", models.squeezenet1_1(num_classes=7))  # a convolution

    def test_a_layer_may_be_a_chain(self):
        chain = lambda width: nn.Sequential(nn.Dropout(), nn.Linear(width, 16), nn.ReLU(), nn.Linear(16, 7))
        model = models.convnext_tiny(num_classes=7)
        model.classifier[2] = chain(768)
        self.answers("convnext_tiny", model)
        model = models.mobilenet_v3_small(num_classes=7)
        model.classifier[3] = chain(1024)
        self.answers("mobilenet_v3_small", model)
        model = models.vit_b_32(num_classes=7)
        model.heads.head = chain(768)
        self.answers("vit_b_32", model)

    def test_the_head_may_be_a_chain_or_one_layer(self):
        model = models.resnet18(num_classes=7)
        model.fc = nn.Sequential(nn.Linear(512, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 7))
        self.answers("resnet18", model)
        model = models.mobilenet_v3_small(num_classes=7)
        model.classifier = nn.Sequential(nn.Linear(576, 16), nn.ReLU(), nn.Linear(16, 7))
        self.answers("mobilenet_v3_small", model)


class Tasks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_tool(self, *words):
        done = subprocess.run([TOOL, *map(str, words)], capture_output=True, text=True,
                              env={**os.environ, "TV2ONNX_PYTHON": sys.executable})
        return done.returncode, done.stdout + done.stderr

    def made(self, task, whole):
        torch.manual_seed(0)
        make, settings, _ = MODELS[task]
        model = make()
        torch.save(model if whole else model.state_dict(), self.folder / "model.pth")
        with torch.no_grad():
            for weight in list(model.parameters())[-3:]:
                weight += 0.3 * weight.std() * torch.randn_like(weight)
        torch.save(model.state_dict(), self.folder / "other.pth")
        code, text = self.run_tool("export", "-f", self.folder / "model.pth", "-o", self.folder / "m.onnx",
                                   *settings.split())
        self.assertEqual(code, 0, text)

    def verify(self, against, *more):
        images = [f"--image={photo}" for photo in PHOTOS[:2]]
        return self.run_tool("verify", self.folder / "m.onnx", "--against", self.folder / against,
                             "--sizes", "quick", *images, *more)

    def test_state_dicts_are_verified_on_photos(self):
        for task in MODELS:
            with self.subTest(task):
                self.made(task, whole=False)
                code, text = self.verify("model.pth", "--json")
                self.assertEqual(code, 0, text)
                report, _ = json.JSONDecoder().raw_decode(text[text.index("{"):])
                self.assertEqual((report["task"], report["verdict"]), (task, "equal"))
                self.assertGreaterEqual(len(report["images"]), 2)
        code, text = self.verify("other.pth")
        self.assertEqual(code, 1, text)
        self.assertIn("another checkpoint", text)

    def test_modules_are_recorded_and_verified(self):
        self.made("segmentation", whole=True)
        reference = self.folder / "ref.safetensors"
        settings = '{"resize_size": 64, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}'
        done = subprocess.run([sys.executable, ROOT / "scripts" / "record_reference.py",
                               self.folder / "model.pth", "--trust", "--task", "segmentation", "-o",
                               reference, "--sizes", "quick", "--settings", settings],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        code, text = self.run_tool("verify", self.folder / "m.onnx", "--against", reference)
        self.assertEqual(code, 0, text)
        self.assertIn("recorded in torch", text)


class Preparation(unittest.TestCase):
    """What is recorded is what torchvision's own transforms do."""

    def test_segmentation(self):
        transforms = presets.SemanticSegmentation(resize_size=70)
        photo = np.asarray(Image.open(PHOTOS[0]).convert("RGB"))
        ours = prepared(pixels_of(photo, transforms), transforms)[0]
        self.assertTrue(torch.equal(ours, transforms(Image.fromarray(photo))))

    def test_clips(self):
        transforms = presets.VideoClassification(crop_size=(40, 40), resize_size=(48, 56))
        frames = record_tasks.moving(np.asarray(Image.open(PHOTOS[1]).convert("RGB")), 5, 20)
        seen = []

        def model(clip):
            seen.append(clip[0])
            return torch.zeros(1, 4)

        record_tasks.video_results(model, frames, transforms, {})
        wanted = transforms(torch.from_numpy(frames).permute(0, 3, 1, 2))
        self.assertTrue(torch.equal(seen[0], wanted))

    def test_pairs(self):
        pair = record_tasks.moving(np.asarray(Image.open(PHOTOS[1]).convert("RGB")), 2, 8)
        seen = []

        def model(first, second):
            seen.extend((first[0], second[0]))
            return [torch.zeros(1, 2, 4, 4)]

        record_tasks.flow_results(model, pair, None, {})
        wanted = presets.OpticalFlow()(*(Image.fromarray(image) for image in pair))
        for ours, theirs in zip(seen, wanted):
            self.assertTrue(torch.equal(ours, theirs))


if __name__ == "__main__":
    unittest.main()
