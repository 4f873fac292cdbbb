#!/usr/bin/env python3
"""Whole modules of real torchvision that somebody changed: refused with the module and what it has, or
exported with what was set. Makes its files itself; odd_modules.py has those with one row for each attribute.
Ends with 77, which CTest takes for skipped, where there is no torchvision.

    changed_modules_test.py TV2ONNX
"""
import copy
import functools
import json
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS.parent / "scripts"), str(TESTS / "gen")]

try:
    import numpy as np
    import torch
    import torchvision
    from torch import nn
    from torchvision.models.detection import FasterRCNN
    from gen import odd_modules, wrapped_detectors as made
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

torch.set_num_threads(1)
TOOL = sys.argv.pop(1)


class Renamed(FasterRCNN):
    """Does nothing of its own, but that is in its code only."""


class Mapper:
    """Levels of boxes, as LevelMapper tells them, by another rule."""

    def __call__(self, boxes):
        return torch.zeros(len(boxes[0]), dtype=torch.int64)


class Passes(nn.Module):
    def forward(self, x, *more):
        return x


def other(*arguments):
    return arguments[0]


def halved(module, arguments, output):
    return output * 0.5


def own_mapper(m):
    m.roi_heads.box_roi_pool.map_levels = Mapper()
    m.roi_heads.box_roi_pool.scales = [1 / 32, 1 / 64]


def fused(m):
    torch.ao.quantization.fuse_modules(m.rpn.head.conv[0], [["0", "1"]], inplace=True)


def without_statistics(m):
    norm = m.backbone.body["0"][1]
    norm.running_mean = norm.running_var = None


def of_norms(name, value):
    def change(m):
        for norm in m.backbone.body.modules():
            if isinstance(norm, torchvision.ops.misc.FrozenBatchNorm2d):
                setattr(norm, name, value)
    return change


def set_to(path, value):
    """The change that sets an attribute."""
    *modules, last = path.split(".")

    def change(m):
        for name in modules:
            m = getattr(m, name) if hasattr(m, name) else m[int(name)]
        setattr(m, last, value)
    return change


POOL = nn.AvgPool2d(3, 1, 1)
PARTIAL = functools.partial(other, 1)
# What is done to the detector, and what is said of it.
REFUSED = {
    "a method of an object": (set_to("rpn.box_coder.decode", other),
                              "rpn.box_coder.decode is replaced on the object"),
    "one that another method calls": (set_to("roi_heads.box_coder.decode_single", other),
                                      "roi_heads.box_coder.decode_single is replaced on the"),
    "a partial function for a method": (
        set_to("roi_heads.postprocess_detections", PARTIAL),
        "roi_heads.postprocess_detections is replaced on the object by {\"__class__\":\"functools"),
    "forward in a block": (
        lambda m: setattr(m.backbone.body["3"].block[1], "forward", types.MethodType(other, m)),
        "backbone.body.3.block.1.forward is replaced on the object"),
    "forward of the preparation": (set_to("transform.forward", other), "transform.forward is"),
    "a property in evaluation": (set_to("rpn.post_nms_top_n", other), "rpn.post_nms_top_n is"),
    "an object of another class": (own_mapper, "box_roi_pool.map_levels.__class__ is \"__main__"),
    "a hook deep inside": (
        lambda m: m.backbone.body["5"].block[0][2].register_forward_hook(halved),
        "backbone.body.5.block.0.2 has the hook __main__.halved"),
    "modules that torch has fused": (fused, "rpn.head.conv.0.0 is torch.ao.nn.intrinsic"),
    "a subclass": (lambda m: setattr(m, "__class__", Renamed),
                   "the model is __main__.Renamed; its code is not in the file"),
    "a tensor for a number": (of_norms("eps", torch.tensor(0.1)), "which is no number"),
    "a tensor for a threshold": (set_to("roi_heads.score_thresh", torch.tensor(0.3)),
                                 "roi_heads.score_thresh of the module is"),
    "a tensor for numbers": (set_to("transform.image_mean", torch.tensor([0.1, 0.2, 0.3])),
                             "transform.image_mean of the module is"),
    "a flag for a threshold": (set_to("roi_heads.score_thresh", False), "0 to 1"),
    "a pyramid's last level": (set_to("backbone.fpn.extra_blocks", Passes()),
                               "backbone.fpn.extra_blocks is __main__.Passes"),
    "a mask head without weights": (set_to("roi_heads.mask_head", Passes()),
                                    "roi_heads.mask_head is __main__.Passes, which runs there"),
}
# Without weights, so that nothing but the module shows them: builder, change, sentence.
OPTIONAL = {
    "resnet18": (set_to("layer1.0.downsample", nn.Sequential(nn.MaxPool2d(3, 1, 1))),
                 "layer1.0.downsample is torch.nn.modules.container.Sequential, which runs there"),
    "resnet50": (set_to("layer2.1.downsample", POOL), "layer2.1.downsample is"),
    "regnet_y_400mf": (lambda m: setattr(m.trunk_output.block3[1], "proj", POOL),
                       "block3-1.proj is torch.nn.modules.pooling.AvgPool2d, which runs there"),
    "video.r3d_18": (set_to("layer1.0.downsample", nn.AvgPool3d(3, 1, 1)), "layer1.0.downsample"),
    "video.mvit_v2_s": (set_to("blocks.0.project", nn.AvgPool1d(3, 1, 1)), "blocks.0.project is"),
    "segmentation.fcn_resnet50": (set_to("backbone.layer1.1.downsample", POOL),
                                  "backbone.layer1.1.downsample is"),
    "densenet121": (set_to("features.transition1.pool.divisor_override", 1),
                    "features.transition1.pool.divisor_override is 1, torchvision has null"),
}
# Numbers of numpy, and lists for tuples, count as what they are: option of the same value.
SERVED = {
    "roi_heads.score_thresh": (np.float64(0.25), "--box-score-thresh", "0.25"),
    "roi_heads.detections_per_img": (np.int32(5), "--box-detections-per-img", "5"),
    "transform.min_size": ((np.int64(160),), "--min-size", "160"),
    "transform.fixed_size": ([320, 200], "--fixed-size", "320,200"),
    "rpn._post_nms_top_n": ({"training": 2000, "testing": np.int64(20)},
                            "--rpn-post-nms-top-n-test", "20"),
    "roi_heads.box_coder.weights": (tuple(np.float32([8, 9, 4, 6])), "--bbox-reg-weights",
                                    "8,9,4,6"),
}


class ChangedModules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.model = made.detector()
        torch.save(cls.model, cls.folder / "plain.pth")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def export(self, file, name, *options):
        return subprocess.run([TOOL, "export", file, "-o", self.folder / name, "-f", *options],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def expect_refused(self, model, said):
        torch.save(model, self.folder / "changed.pth")
        (self.folder / "none.onnx").unlink(missing_ok=True)
        result = self.export(self.folder / "changed.pth", "none.onnx")
        self.assertEqual(result.returncode, 3, result.stdout)
        self.assertIn("error[W005]", result.stdout)
        self.assertIn(said, result.stdout)
        self.assertFalse((self.folder / "none.onnx").exists())

    def test_unchanged_they_are_exported(self):
        self.assertEqual(self.export(self.folder / "plain.pth", "plain.onnx").returncode, 0)
        result = self.export(self.folder / "plain.pth", "plain.onnx", "--assume-torchvision")
        self.assertNotIn("warning", result.stdout)

    def test_detectors_that_compute_something_else_are_refused(self):
        for name, (change, said) in REFUSED.items():
            with self.subTest(name):
                model = copy.deepcopy(self.model)
                change(model)
                self.expect_refused(model, said)

    def test_normalisation_without_statistics_is_refused(self):
        model = copy.deepcopy(self.model)
        without_statistics(model)
        torch.save(model, self.folder / "changed.pth")
        result = self.export(self.folder / "changed.pth", "none.onnx")
        self.assertEqual(result.returncode, 3, result.stdout)
        self.assertIn("missing     backbone.body.0.1.running_mean", result.stdout)

    def test_children_that_torchvision_runs_if_there_are_refused(self):
        for name, (change, said) in OPTIONAL.items():
            with self.subTest(name):
                module = torchvision.models
                for part in name.split("."):
                    module = getattr(module, part)
                keywords = {"weights_backbone": None} if name.startswith("segmentation") else {}
                model = odd_modules.no_values(module(weights=None, **keywords))
                torch.save(model, self.folder / "plain_one.pth")
                plain = self.export(self.folder / "plain_one.pth", "one.onnx")
                self.assertEqual(plain.returncode, 0, plain.stdout)
                change(model)
                self.expect_refused(model, said)

    def test_numbers_of_other_types_count(self):
        for place, (value, option, text) in SERVED.items():
            with self.subTest(place):
                model = copy.deepcopy(self.model)
                set_to(place, value)(model)
                torch.save(model, self.folder / "changed.pth")
                result = self.export(self.folder / "changed.pth", "changed.onnx", "--json")
                self.assertEqual(result.returncode, 0, result.stdout)
                stated = json.loads(result.stdout)["settings"]
                setting = option[2:].replace("-", "_")
                self.assertEqual(stated[setting]["origin"], "checkpoint")
                given = self.export(self.folder / "plain.pth", "given.onnx", option, text)
                self.assertEqual(given.returncode, 0, given.stdout)
                self.assertEqual(graph(self.folder / "changed.onnx"),
                                 graph(self.folder / "given.onnx"))


def graph(file):
    """All fields of an ONNX file but its metadata, which tells of the checkpoint."""
    from support import protobuf
    return [raw for number, _, raw in protobuf.fields(file.read_bytes()) if number != 14]


if __name__ == "__main__":
    unittest.main()
