#!/usr/bin/env python3
"""Tests of scripts/record_reference.py and scripts/load_detector.py. Ends with 77, which CTest
takes for skipped, where there is no torchvision."""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

try:
    import numpy as np
    import torch
    from PIL import Image
    from torchvision.models.detection import (fasterrcnn_mobilenet_v3_large_320_fpn,
                                              maskrcnn_resnet50_fpn,
                                              ssdlite320_mobilenet_v3_large)
    from torchvision.models import mobilenet_v2, resnet18
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.backbone_utils import _resnet_fpn_extractor
    from torchvision.models.detection.faster_rcnn import (FasterRCNN, FastRCNNConvFCHead,
                                                          FastRCNNPredictor, TwoMLPHead)
    from torchvision.ops import MultiScaleRoIAlign
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts" / "record_reference.py"
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "gen")]
from fake_reference import FakeDetector, cases  # noqa: E402
from load_detector import Unusable, load_detector, read_safetensors  # noqa: E402
from record_reference import (channels_of, chosen, record, standard_cases,  # noqa: E402
                              write_safetensors)

BUILDER = "fasterrcnn_mobilenet_v3_large_320_fpn"
SETTINGS = {"min_size": 64, "max_size": 96, "box_score_thresh": 0.2}


def metadata(path):
    data = pathlib.Path(path).read_bytes()
    return json.loads(data[8:8 + int.from_bytes(data[:8], "little")])["__metadata__"]


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name):
        return str(self.folder / name)


class Cases(unittest.TestCase):
    def test_chosen_by_name(self):
        made = standard_cases(quick=True)
        self.assertEqual(list(chosen(made, ["noise", "blank"])), ["blank", "noise"])
        self.assertEqual(list(chosen(made, [])), list(made))
        with self.assertRaisesRegex(ValueError, "no case 'photo'; the cases are scene_100x100"):
            chosen(made, ["photo"])


class TinyRoiModel(torch.nn.Module):
    """Finds two boxes, and what it is told to find in them; masks are pasted afterwards."""

    class Heads(torch.nn.Module):
        def forward(self, found, count):
            boxes = {"boxes": torch.tensor([[1., 2, 3, 4], [2, 3, 8, 9]]),
                     "labels": torch.tensor([1, 2]), "scores": torch.tensor([0.9, 0.8])}
            return [{**boxes, **found} for _ in range(count)], {}

    def __init__(self, **found):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.roi_heads = self.Heads()
        self.found = found

    def forward(self, images):
        results, _losses = self.roi_heads(self.found, len(images))
        for result, image in zip(results, images):
            if "masks" in result:
                result["masks"] = torch.zeros(2, 1, *image.shape[1:])
        return results


class Record(Folder):
    def test_file_holds_images_and_results(self):
        record(FakeDetector(), self.file("r"), cases=cases())
        arrays = read_safetensors(self.file("r"))
        self.assertEqual(list(arrays["wide/input"].shape), [1, 40, 57, 3])
        self.assertEqual(arrays["wide/0/boxes"].dtype, torch.float32)
        self.assertEqual(arrays["wide/0/labels"].tolist(), [1, 2, 3, 1])
        self.assertEqual(list(arrays["batch_3/1/boxes"].shape), [0, 4])
        self.assertEqual(json.loads(metadata(self.file("r"))["cases"]), list(cases()))
        self.assertEqual(metadata(self.file("r"))["task"], "detection")
        settings = json.loads(metadata(self.file("r"))["settings"])
        self.assertEqual(settings, {"min_size": 100, "max_size": 200, "box_score_thresh": 0.5,
                                    "box_nms_thresh": 0.5, "box_detections_per_img": 8})

    def test_same_input_gives_the_same_bytes(self):
        for name in ("a", "b"):
            record(FakeDetector(), self.file(name), cases=cases())
        self.assertEqual((self.folder / "a").read_bytes(), (self.folder / "b").read_bytes())

    def test_arrays_are_aligned(self):
        write_safetensors(self.file("r"), {"odd": np.zeros(3, np.uint8), "f": np.zeros(2, np.float32),
                                           "d": np.zeros(1, np.float64)}, {})
        data = (self.folder / "r").read_bytes()
        length = int.from_bytes(data[:8], "little")
        for row in json.loads(data[8:8 + length]).values():
            if "dtype" in row:
                size = {"U8": 1, "F32": 4, "F64": 8}[row["dtype"]]
                self.assertEqual((8 + length + row["data_offsets"][0]) % size, 0)

    def test_double_precision(self):
        record(FakeDetector(), self.file("r"), cases={"a": cases()["wide"]}, with_float64=True)
        arrays = read_safetensors(self.file("r"))
        self.assertEqual(arrays["a/0/scores64"].dtype, torch.float64)
        error = (arrays["a/0/scores64"] - arrays["a/0/scores"]).abs().max()
        self.assertLess(error, 1e-6)

    def test_masks_are_those_before_pasting(self):
        model = TinyRoiModel(masks=torch.rand(2, 1, 7, 7))
        record(model, self.file("r"), cases={"a": cases()["wide"]}, with_float64=True)
        arrays = read_safetensors(self.file("r"))
        torch.testing.assert_close(arrays["a/0/masks"], model.found["masks"][:, 0])
        self.assertEqual(list(arrays["a/0/masks64"].shape), [2, 7, 7])
        self.assertEqual(arrays["a/0/masks64"].dtype, torch.float64)
        self.assertNotIn("a/0/keypoints", arrays)
        self.assertEqual(len(model.roi_heads._forward_hooks), 0)

    def test_keypoints(self):
        model = TinyRoiModel(keypoints=torch.rand(2, 5, 3), keypoints_scores=torch.rand(2, 5))
        record(model, self.file("r"), cases={"a": cases()["wide"]}, with_float64=True)
        arrays = read_safetensors(self.file("r"))
        torch.testing.assert_close(arrays["a/0/keypoints"], model.found["keypoints"])
        self.assertEqual(list(arrays["a/0/keypoints_scores64"].shape), [2, 5])
        self.assertNotIn("a/0/masks", arrays)

    def test_the_model_stays_as_it_was(self):
        model = FakeDetector().train()
        record(model, self.file("r"), cases=cases())
        self.assertTrue(model.training)

    def test_images_of_wrong_kind_are_named(self):
        for wrong in (np.zeros((3, 4, 4), np.float64), np.zeros((4, 4, 3), np.int16),
                      np.zeros((4, 4), np.uint8), np.zeros((0, 4, 4, 3), np.uint8)):
            with self.assertRaisesRegex(ValueError, "case 'a'"):
                record(FakeDetector(), self.file("r"), cases={"a": wrong})
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_standard_cases(self):
        found = standard_cases()
        for name in ("scene_375x500", "scene_427x640", "scene_375x1242", "scene_1080x1920"):
            self.assertIn(name, found)
        self.assertEqual(found["batch_3"].shape[0], 3)
        self.assertGreater(found["range_0_255"].max(), 200)
        self.assertEqual(found["range_0_255"].dtype, np.float32)


    def test_batch_of_a_single_photo_has_different_images(self):
        Image.fromarray(np.array([[[0, 0, 0], [250, 250, 250]]], np.uint8)).save(self.file("p.png"))
        found = standard_cases([self.file("p.png")], quick=True)
        self.assertIn("photo_171x256", found)
        for first, last in (found["batch_2"], found["batch_3"][::2]):
            self.assertNotEqual(first[0, 0, 0], last[0, 0, 0])


class Load(Folder):
    @classmethod
    def setUpClass(cls):
        torch.manual_seed(0)
        cls.model = fasterrcnn_mobilenet_v3_large_320_fpn(
            weights=None, weights_backbone=None, num_classes=3, **SETTINGS).eval()
        cls.image = torch.rand(3, 50, 70, generator=torch.Generator().manual_seed(1))

    def assert_same(self, model, expected=None):
        with torch.no_grad():
            found = model([self.image])[0]
            wanted = (expected or self.model)([self.image])[0]
        for key in ("boxes", "labels", "scores"):
            torch.testing.assert_close(found[key], wanted[key], rtol=0, atol=1e-5)

    def test_state_dict(self):
        torch.save(self.model.state_dict(), self.file("m.pth"))
        model, about = load_detector(self.file("m.pth"), BUILDER, settings=SETTINGS)
        self.assert_same(model)
        self.assertEqual(about, {"builder": BUILDER})

    def test_training_checkpoint_with_prefix(self):
        state = {f"module.{name}": value for name, value in self.model.state_dict().items()}
        torch.save({"epoch": 3, "model_state_dict": state, "classes": ["a", "b", "c"]},
                   self.file("m.pth"))
        model, about = load_detector(self.file("m.pth"), BUILDER, settings=SETTINGS)
        self.assert_same(model)
        self.assertEqual(json.loads(about["class_names"]), ["a", "b", "c"])

    def test_detector_among_other_weights(self):
        weights = self.model.state_dict()
        extra = torch.zeros(3)
        wrapped = {
            "lightning": {**{f"model.{k}": v for k, v in weights.items()}, "metric.total": extra},
            "compiled": {k.replace("backbone.", "backbone._orig_mod."): v
                         for k, v in weights.items()},
            "deep": {**{f"net.module.detector.{k}": v for k, v in weights.items()},
                     "net.module.loss.weight": extra},
            "beside": {**weights, "criterion.weight": extra}}
        for name, state in wrapped.items():
            with self.subTest(name):
                torch.save({"state_dict" if name == "lightning" else "mine": state, "epoch": 1},
                           self.file("m.pth"))
                self.assert_same(load_detector(self.file("m.pth"), BUILDER, settings=SETTINGS)[0])

    def test_safetensors(self):
        write_safetensors(self.file("m"), {k: np.atleast_1d(v.numpy()) if v.dim() else v.numpy()
                                           for k, v in self.model.state_dict().items()}, {})
        self.assert_same(load_detector(self.file("m"), BUILDER, settings=SETTINGS)[0])

    def test_settings_of_tv2onnx(self):
        settings = {**SETTINGS, "size_divisible": 32, "fixed_size": None, "norm_eps": 1e-5,
                    "box_roi_pool.featmap_names": ["0", "1", "2", "3"],
                    "box_roi_pool.output_size": 7, "box_roi_pool.sampling_ratio": 2,
                    "rpn_anchor_generator.sizes": [[32, 64, 128, 256, 512]] * 3,
                    "rpn_anchor_generator.aspect_ratios": [[0.5, 1.0, 2.0]] * 3,
                    "image_mean": [0.485, 0.456, 0.406], "bbox_reg_weights": [10, 10, 5, 5]}
        torch.save(self.model.state_dict(), self.file("m.pth"))
        self.assert_same(load_detector(self.file("m.pth"), BUILDER, settings=settings)[0])
        settings["norm_eps"] = 0.5
        with self.assertRaises(AssertionError):
            self.assert_same(load_detector(self.file("m.pth"), BUILDER, settings=settings)[0])

    def test_one_stage_settings_of_tv2onnx(self):
        made = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=3,
                                             score_thresh=0.4).eval()
        torch.save(made.state_dict(), self.file("m.pth"))
        boxes = made.anchor_generator
        settings = {"min_size": 320, "max_size": 320, "fixed_size": [320, 320],
                    "size_divisible": 1, "norm_eps": 1e-3, "score_thresh": 0.4, "nms_thresh": 0.55,
                    "anchor_generator.aspect_ratios": boxes.aspect_ratios,
                    "anchor_generator.scales": boxes.scales, "anchor_generator.steps": None,
                    "anchor_generator.clip": True}
        load = lambda: load_detector(self.file("m.pth"), "ssdlite320_mobilenet_v3_large",
                                     settings=settings)[0]
        self.assert_same(load(), made)
        settings["anchor_generator.scales"] = [scale / 2 for scale in boxes.scales]
        self.assertEqual(load().anchor_generator.scales[0], boxes.scales[0] / 2)

    def test_roi_pooling_of_every_branch(self):
        made = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=3)
        torch.save(made.state_dict(), self.file("m.pth"))
        settings = {"mask_roi_pool.output_size": 12, "mask_roi_pool.sampling_ratio": 1,
                    "box_roi_pool.featmap_names": ["0", "1"]}
        model, _ = load_detector(self.file("m.pth"), "maskrcnn_resnet50_fpn", settings=settings)
        mask, box = model.roi_heads.mask_roi_pool, model.roi_heads.box_roi_pool
        self.assertEqual((mask.output_size, mask.sampling_ratio), ((12, 12), 1))
        self.assertEqual(mask.featmap_names, ["0", "1", "2", "3"])
        self.assertEqual((box.output_size, box.featmap_names), ((7, 7), ["0", "1"]))

    def test_box_head_of_another_width(self):
        other = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None,
                                                      num_classes=3, **SETTINGS).eval()
        other.roi_heads.box_head = TwoMLPHead(256 * 7 * 7, 64)
        other.roi_heads.box_predictor = FastRCNNPredictor(64, 3)
        torch.save(other.state_dict(), self.file("m.pth"))
        self.assert_same(load_detector(self.file("m.pth"), BUILDER, settings=SETTINGS)[0], other)

    def assert_rebuilt(self, made, builder, settings):
        """The builder's model gets the parts that the weights of `made` are for."""
        made.eval()
        torch.save(made.state_dict(), self.file("m.pth"))
        common = {"box_score_thresh": 0.0, "min_size": 64, "max_size": 96}
        loaded, _ = load_detector(self.file("m.pth"), builder, settings={**common, **settings})
        made.roi_heads.score_thresh = 0.0
        made.transform.min_size, made.transform.max_size = (64,), 96
        image = torch.rand(channels_of(made), 50, 70)
        with torch.no_grad():
            found, wanted = loaded([image])[0], made([image])[0]
        self.assertGreater(len(wanted["scores"]), 10)
        self.assertEqual(found.keys(), wanted.keys())
        for key in wanted:
            torch.testing.assert_close(found[key], wanted[key], rtol=0, atol=1e-5)

    def test_mask_head_of_more_classes_than_the_box_head(self):
        made = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=91)
        made.roi_heads.box_head = TwoMLPHead(256 * 7 * 7, 32)
        made.roi_heads.box_predictor = FastRCNNPredictor(32, 7)
        self.assert_rebuilt(made, "maskrcnn_resnet50_fpn", {})

    def test_another_backbone_of_another_number_of_channels(self):
        """Without the pooled level; convolutions in the box head; two sizes and one channel."""
        body = _resnet_fpn_extractor(resnet18(), 5, returned_layers=[2, 3, 4])
        body.fpn.extra_blocks = None
        body.body.conv1 = torch.nn.Conv2d(1, 64, 7, 2, 3, bias=False)
        sizes, ratios = ((32, 48), (64, 96), (128, 196)), ((0.5, 1.0),) * 3
        made = FasterRCNN(body, None, image_mean=[0.5], image_std=[0.25],
                          rpn_anchor_generator=AnchorGenerator(sizes, ratios),
                          box_roi_pool=MultiScaleRoIAlign(["0", "1"], 5, 1),
                          box_head=FastRCNNConvFCHead((256, 5, 5), [16], [32]),
                          box_predictor=FastRCNNPredictor(32, 3))
        self.assert_rebuilt(made, "fasterrcnn_resnet50_fpn", {
            "image_mean": 0.5, "image_std": [0.25], "rpn_anchor_generator.sizes": sizes,
            "rpn_anchor_generator.aspect_ratios": ratios, "box_roi_pool.featmap_names": ["0", "1"],
            "box_roi_pool.output_size": 5, "box_roi_pool.sampling_ratio": 1})

    def test_features_of_a_classifier(self):
        body = mobilenet_v2().features
        body.out_channels = 1280
        sizes, ratios = ((32, 64, 128, 256, 512),), ((0.5, 1.0, 2.0),)
        made = FasterRCNN(body, None, rpn_anchor_generator=AnchorGenerator(sizes, ratios),
                          box_roi_pool=MultiScaleRoIAlign(["0"], 7, 2),
                          box_head=TwoMLPHead(1280 * 49, 16),
                          box_predictor=FastRCNNPredictor(16, 3))
        self.assert_rebuilt(made, "fasterrcnn_resnet50_fpn", {
            "rpn_anchor_generator.sizes": sizes, "rpn_anchor_generator.aspect_ratios": ratios,
            "box_roi_pool.featmap_names": ["0"]})

    def test_images_are_prepared_as_around_the_model(self):
        mean, std = [0.4, 0.5, 0.6], [0.2, 0.25, 0.3]
        torch.save(self.model, self.file("m.pth"))
        settings = {"no_resize": True, "normalized_with": [mean, std]}
        model, _ = load_detector(self.file("m.pth"), settings=settings, trust=True)
        transform = copy.deepcopy(self.model.transform)
        transform.resize = lambda image, target=None: (image, target)
        outer = (self.image - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
        wanted, found = transform([outer])[0], model.transform([self.image])[0]
        self.assertEqual(found.image_sizes, [(50, 70)])
        torch.testing.assert_close(found.tensors, wanted.tensors, rtol=0, atol=1e-6)
        record(model, self.file("r"), cases={"a": self.image.numpy()})
        recorded = json.loads(metadata(self.file("r"))["settings"])
        self.assertEqual({key: recorded[key] for key in settings}, settings)

    def test_a_class_that_is_not_here(self):
        module = types.ModuleType("theirs")
        exec("import torch\nclass Theirs(torch.nn.Linear): pass", module.__dict__)
        module.Theirs.__module__ = "theirs"
        sys.modules["theirs"] = module
        torch.save(module.Theirs(1, 1), self.file("m.pth"))
        del sys.modules["theirs"]
        with self.assertRaisesRegex(Unusable, "theirs(.|\n)*from record_reference import record"):
            load_detector(self.file("m.pth"), trust=True)

    def test_frozen_norms(self):
        state = {name: value for name, value in self.model.state_dict().items()
                 if not name.endswith("num_batches_tracked")}
        torch.save(state, self.file("m.pth"))
        model = load_detector(self.file("m.pth"), BUILDER, settings=SETTINGS)[0]
        self.assertFalse(any(isinstance(m, torch.nn.BatchNorm2d) for m in model.modules()))
        self.assert_same(model)

    def test_half_precision_is_widened(self):
        state = {name: value.half() if value.is_floating_point() else value
                 for name, value in self.model.state_dict().items()}
        torch.save(state, self.file("m.pth"))
        model = load_detector(self.file("m.pth"), BUILDER, settings=SETTINGS)[0]
        self.assertEqual(next(model.parameters()).dtype, torch.float32)

    def test_whole_module_only_with_trust(self):
        torch.save(self.model, self.file("m.pth"))
        with self.assertRaisesRegex(Unusable, "--trust"):
            load_detector(self.file("m.pth"))
        self.assert_same(load_detector(self.file("m.pth"), trust=True)[0])
        with self.assertRaisesRegex(Unusable, "--builder"):
            load_detector(self.file("m.pth"), BUILDER, trust=True)

    def test_clear_refusals(self):
        torch.save(self.model.state_dict(), self.file("m.pth"))
        torch.save({"optimizer": {}}, self.file("o.pth"))
        for arguments, text in (((self.file("m.pth"),), "say with --builder"),
                                ((self.file("m.pth"), "fasterrcnn_mobilenet"), "no builder"),
                                ((self.file("m.pth"), "retinanet_resnet50_fpn"), "do not fit"),
                                ((self.file("m.pth"), BUILDER, 9), "do not fit"),
                                ((self.file("m.pth"), BUILDER, None, {"mini": 1}), "mini"),
                                ((self.file("o.pth"), BUILDER), "no weights")):
            with self.assertRaisesRegex(Unusable, text):
                load_detector(*arguments)


class CommandLine(Folder):
    def run_script(self, *arguments):
        return subprocess.run([sys.executable, str(SCRIPT), *map(str, arguments)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_state_dict_to_standard_output(self):
        model = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None,
                                                      num_classes=3)
        torch.save(model.state_dict(), self.file("m.pth"))
        result = self.run_script(self.file("m.pth"), "--output=-", "--builder", BUILDER,
                                 "--keyword", "min_size=64", "--keyword", "max_size=96",
                                 "--sizes=quick")
        self.assertEqual(result.returncode, 0, result.stderr)
        (self.folder / "r").write_bytes(result.stdout)
        self.assertIn("scene_171x256/input", read_safetensors(self.file("r")))
        self.assertEqual(json.loads(metadata(self.file("r"))["settings"])["min_size"], 64)

    def test_errors_have_codes_and_leave_nothing(self):
        (self.folder / "bad.pth").write_bytes(b"nothing")
        for arguments, code in (((), 2), (("--keyword", "x"), 2), (("--image", "/none.jpg"), 3)):
            result = self.run_script(self.file("bad.pth"), "-o", self.file("r"), *arguments)
            self.assertEqual(result.returncode, 3 if not arguments else code, result.stderr)
            self.assertNotIn(b"Traceback", result.stderr)
        self.assertEqual([file.name for file in self.folder.iterdir()], ["bad.pth"])

    def test_output_is_not_overwritten(self):
        (self.folder / "r").write_bytes(b"kept")
        result = self.run_script(self.file("m.pth"), "-o", self.file("r"))
        self.assertEqual(result.returncode, 3)
        self.assertIn(b"-f overwrites", result.stderr)
        self.assertEqual((self.folder / "r").read_bytes(), b"kept")


if __name__ == "__main__":
    unittest.main()
