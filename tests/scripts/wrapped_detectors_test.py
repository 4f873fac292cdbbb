#!/usr/bin/env python3
"""A detector in everything that is put around one gives the graph of its state dict; files that
hold none, two or a part of one are refused by name; what they say of themselves is used or shown.
Ends with 77, which CTest takes for skipped, where there is no torchvision.

    wrapped_detectors_test.py TV2ONNX
"""
import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS.parent / "scripts")]
from support import protobuf

try:
    import torch
    import torchvision
    import find_model
    from gen import random_detectors, wrapped_detectors as made
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

torch.set_num_threads(1)
TOOL = sys.argv.pop(1)
METADATA = 14  # field of ModelProto; tells of the checkpoint, which is another one each time


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.model = made.detector()
        torch.save(cls.model.state_dict(), cls.folder / "plain.pth")
        cls.plain = cls.graph(cls.export(cls.folder / "plain.pth", *made.FLAGS))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def run_tool(cls, *arguments):
        return subprocess.run([TOOL, *map(str, arguments)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)

    @classmethod
    def export(cls, file, *options):
        onnx = cls.folder / "out.onnx"
        result = cls.run_tool("export", file, "-o", onnx, "-f", *options)
        if result.returncode:
            raise AssertionError(f"{file.name}: {result.stdout}")
        cls.said = result.stdout
        return onnx

    @classmethod
    def graph(cls, onnx):
        """Digests of all fields of an ONNX file but its metadata."""
        return [hashlib.sha256(raw).hexdigest()
                for number, _, raw in protobuf.fields(onnx.read_bytes()) if number != METADATA]

    def saved(self, content, **options):
        file = self.folder / "file.pth"
        torch.save(content, file, **options)
        return file

    def error(self, content, *options):
        result = self.run_tool("export", self.saved(content), "-o", self.folder / "none.onnx",
                               *options)
        self.assertEqual(result.returncode, 3, result.stdout)
        self.assertFalse((self.folder / "none.onnx").exists())
        return result.stdout

    def inspected(self, file, *options):
        return json.loads(self.run_tool("inspect", file, "--json", *options).stdout)


class Wrappings(Files):
    def test_state_dicts(self):
        for name, content in made.served(self.model).items():
            with self.subTest(name):
                graph = self.graph(self.export(self.saved(content), *made.FLAGS))
                self.assertEqual(graph, self.plain)

    def test_other_containers(self):
        old = self.saved({"state_dict": made.below("detector.", self.model.state_dict())},
                         _use_new_zipfile_serialization=False)
        self.assertEqual(self.graph(self.export(old, *made.FLAGS)), self.plain)

    def test_modules_state_their_settings(self):
        for name, content in made.served_modules(self.model).items():
            with self.subTest(name):
                self.assertEqual(self.graph(self.export(self.saved(content))), self.plain)
                if name.startswith("bound"):
                    self.assertIn("saved without calling it", self.said)

    def test_archives(self):
        made.save_archives(self.model, self.folder)
        self.assertEqual(self.graph(self.export(self.folder / "scripted.pt")), self.plain)
        traced = self.graph(self.export(self.folder / "traced.pt", *made.FLAGS))
        self.assertEqual(traced, self.plain)
        self.assertIn("not in a state dict", self.said)
        frozen = self.run_tool("export", self.folder / "frozen.pt", "-o", self.folder / "x.onnx")
        self.assertEqual(frozen.returncode, 3, frozen.stdout)
        self.assertIn("torch.jit.freeze", frozen.stdout)

    def test_what_is_beside_the_model_is_said(self):
        content = made.served(self.model)["lightning_with_metrics"]
        self.export(self.saved(content), *made.FLAGS)
        self.assertIn("not used: class_weights (1), map_metric. (1)", self.said)
        content = made.served(self.model)["reference_script_with_average"]
        self.export(self.saved(content), *made.FLAGS)
        self.assertIn("--prefix model_ema takes it", self.said)

    def test_a_member_of_a_class_of_ones_own_is_asked_for(self):
        said = self.error(made.Lit(self.model))
        self.assertIn("error[W005]: the detector is the member 'model' of", said)
        self.assertIn("--prefix model exports the member alone", said)
        file = self.saved(made.Lit(self.model))
        self.assertTrue(self.inspected(file)["next"].endswith("--prefix model"))
        self.assertEqual(self.graph(self.export(file, "--prefix", "model")), self.plain)
        holder = self.saved(made.nn.ModuleDict({"detector": self.model}))
        self.assertEqual(self.graph(self.export(holder)), self.plain)

    def test_several_models(self):
        for name, (content, prefix) in made.several(self.model).items():
            with self.subTest(name):
                said = self.error(content)
                self.assertIn("the file holds 2 detectors", said)
                self.assertIn(f"--prefix {prefix}", said)
                file = self.saved(content)
                self.assertEqual(len(self.inspected(file)["models"]), 2)
                graph = self.graph(self.export(file, "--prefix", prefix, *made.FLAGS))
                self.assertEqual(graph, self.plain)
                wrong = self.run_tool("inspect", file, "--prefix", "nothing")
                self.assertEqual(wrong.returncode, 2, wrong.stdout)


class References(unittest.TestCase):
    """record_reference.py finds the model where the program does."""

    def test_finds_the_same_model(self):
        model = made.detector()
        state = model.state_dict()
        for name, content in made.served(model).items():
            if name.startswith("numpy"):
                continue  # PyTorch cannot use them as they are
            with self.subTest(name):
                found = find_model.find_model(content)
                self.assertEqual(set(found), set(state))
                self.assertTrue(all(found[key].data_ptr() == state[key].data_ptr()
                                    for key in state if state[key].numel()))
        for name, (content, _) in made.several(model).items():
            with self.subTest(name), self.assertRaisesRegex(find_model.NotFound, "2 detectors"):
                find_model.find_model(content)
        self.assertIs(find_model.find_model(made.Lit(model), "model"), model)
        self.assertIs(find_model.find_model({"a": made.Lit(model)}, "a.model"), model)
        self.assertIs(find_model.find_model(made.nn.DataParallel(made.Lit(model)), "model"), model)
        parallel = made.nn.DataParallel(made.nn.DataParallel(model))
        for content in (parallel, {"model": parallel}, made.nn.DataParallel(model)):
            self.assertIs(find_model.find_model(content), model)
        for wrong in (made.Lit(model), state):
            with self.assertRaises(find_model.NotFound):
                find_model.find_model(wrong, "nothing")
        self.assertIs(find_model.find_model({"fn": model.forward}), model)


    def test_takes_the_prefix_of_export(self):
        model = made.detector()
        state = model.state_dict()
        for name, (content, prefix) in made.several(model).items():
            with self.subTest(name):
                found = find_model.find_model(content, prefix)
                self.assertTrue(all(found[key].data_ptr() == value.data_ptr()
                                    for key, value in state.items() if value.numel()))


class VerifiedMembers(Files):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The class of the holder is one of ours, which PyTorch imports.
        os.environ.update(TV2ONNX_PYTHON=sys.executable, PYTHONPATH=str(TESTS))

    def test_a_member_is_verified_with_the_prefix_that_exported_it(self):
        random_detectors.calibrate(self.model, 0)  # else all scores are tied
        file = self.saved({"first": made.Lit(made.detector(5)), "best": made.Lit(self.model)})
        prefix = ["--prefix", "best.model"]
        onnx = self.export(file, "--torchvision", torchvision.__version__, *prefix)
        against = ["verify", onnx, "--against", file, "--sizes", "quick", "--trust"]
        result = self.run_tool(*against, "--with-float64", *prefix)
        self.assertEqual(result.returncode, 0, result.stdout)
        without = self.run_tool(*against)
        self.assertEqual(without.returncode, 3, without.stdout)
        self.assertIn("--prefix chooses", without.stdout)

    def test_a_mask_head_of_more_classes_than_the_box_head(self):
        """As people leave it who replace the box predictor alone."""
        model = made.detector()
        random_detectors.calibrate(model, 0)
        file = self.saved(made.with_masks(model, 91))
        onnx = self.export(file, "--torchvision", torchvision.__version__, *made.FLAGS,
                           "--box-roi-pool.featmap-names", "0,1",
                           "--mask-roi-pool.featmap-names", "0,1")
        result = self.run_tool("verify", onnx, "--against", file, "--sizes", "quick",
                               "--with-float64")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertRegex(result.stdout, r"\d\d masks, worst ")


class Refusals(Files):
    def test_parts_that_are_missing_are_named(self):
        for name, (content, said) in made.incomplete(self.model).items():
            with self.subTest(name):
                self.assertIn(said, self.error(content, *made.ANCHORS))

    def test_quantised_models_are_named(self):
        for name, (content, said) in made.quantised().items():
            with self.subTest(name):
                self.assertIn(said, self.error(content))

    def test_models_of_other_projects_are_named(self):
        for name, keys in made.FOREIGN.items():
            with self.subTest(name):
                said = self.error({key: torch.zeros(2) for key in keys})
                # What stands before a comma is only our name of the case.
                self.assertIn(name.split(", ")[-1].removeprefix("Deformable "), said)
                self.assertIn("error[W001]", said)
                self.assertNotIn("--arch", said)
                self.assertIn("hint", said)


class Facts(Files):
    def test_a_builder_that_a_script_names(self):
        state = made.large()
        name = "fasterrcnn_mobilenet_v3_large_320_fpn"
        for content in [{"model": state, "args": argparse.Namespace(model=name, data_path="x")},
                        {"model_state_dict": state, "model_name": name.replace("net_v3", "netv3")},
                        {"state_dict": state, "hyper_parameters": {"arch": name.upper()}},
                        {"net": state, "config": {"model": {"name": name}}}]:
            found = self.inspected(self.saved(content))
            self.assertEqual(found["architecture"], name)
            self.assertEqual(found["ambiguity"], "")
        found = self.inspected(self.saved({"net": state, "model_name": "mine"}))
        self.assertNotEqual(found["ambiguity"], "")

    def test_settings_beside_the_weights_are_shown(self):
        content = made.lightning(made.below("model.", self.model.state_dict()))
        content["hyper_parameters"]["config"] = {"nms_thresh": 0.05, "min_size": 640}
        file = self.saved(content)
        self.export(file, *made.ANCHORS)
        self.assertIn("in the file, not used: --box-nms-thresh 0.05  "
                      "(hyper_parameters.config.nms_thresh)", self.said)
        self.assertIn("in the file, not used: --min-size 640", self.said)
        self.export(file, "--min-size", "640", *made.ANCHORS)
        self.assertNotIn("not used: --min-size", self.said)

    def test_the_reference_script_says_what_it_passed_on(self):
        name = "fasterrcnn_mobilenet_v3_large_fpn"
        arguments = argparse.Namespace(model=name, data_path="x", rpn_score_thresh=0.02)
        self.export(self.saved({"model": made.large(), "args": arguments}))
        self.assertIn("rpn_score_thresh = 0.02  (args.rpn_score_thresh)", self.said)

    def test_class_names(self):
        state = self.model.state_dict()
        names, objects = made.NAMES, made.NAMES[1:]
        numbered = dict(enumerate(names))
        for beside in [{"class_names": names}, {"CLASSES": objects}, {"id2label": numbered},
                       {"label_dict": {name: k for k, name in numbered.items()}},
                       {"config": {"data": {"nc": 3, "names": objects}}},
                       {"categories": [{"id": k + 1, "name": n} for k, n in enumerate(objects)]},
                       {"classes": ["a", "b"], "config": {"CLASSES": names}}]:
            with self.subTest(beside):
                found = self.inspected(self.saved(dict(beside, model=state)))
                self.assertEqual(found["class_names"], names)
        self.export(self.saved({"model": state, "classes": ["a", "b"]}), *made.ANCHORS)
        self.assertIn("the file has 2 class names in classes for 4 classes", self.said)

    def test_one_stage_models_have_no_background(self):
        model = made.retinanet(1)
        content = made.lightning(made.below("model.", model.state_dict()), label_dict={"Tree": 0})
        self.assertEqual(self.inspected(self.saved(content))["class_names"], ["Tree"])
        flags = [flag.replace("--rpn-", "--") for flag in made.FLAGS]
        self.export(self.saved(content), *flags)
        self.assertIn("1 class\n", self.said)
        self.assertNotIn("with background", self.said)
        names = self.folder / "names.txt"
        names.write_text("Tree\n")
        self.export(self.saved(content), "--class-names", names, *flags)
        names.write_text("Tree\nBird\nCar\n")
        result = self.run_tool("export", self.saved(content), "-o", self.folder / "none.onnx",
                               "--class-names", names, *flags)
        self.assertEqual(result.returncode, 2)
        self.assertIn("1 name", result.stdout)


if __name__ == "__main__":
    unittest.main()
