#!/usr/bin/env python3
"""For every detector of torchvision: a whole module, its state dict and a training checkpoint give the
same graph. Ends with 77, which CTest takes for skipped, where there is no torchvision.

    checkpoint_kinds_test.py TV2ONNX
"""
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import protobuf

try:
    import torch
    import torchvision.models.detection as detection
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

TOOL = sys.argv.pop(1)
RCNN_SETTINGS = {"min_size": 320, "max_size": 640, "box_score_thresh": 0.25}
SETTINGS = {"ssd": {"score_thresh": 0.25},
            "retinanet": {"min_size": 320, "max_size": 640, "score_thresh": 0.25},
            "fcos": {"min_size": 320, "max_size": 640, "score_thresh": 0.25}}
METADATA = 14  # field of ModelProto; tells of the checkpoint, which is another one each time


def without_metadata(path):
    """Digests of the other fields of an ONNX file."""
    return [hashlib.sha256(raw).hexdigest() for number, _, raw in protobuf.fields(path.read_bytes())
            if number != METADATA]


def contents(model):
    state = model.state_dict()
    return {"module": model, "state": state,
            "training": {"epoch": 1, "optimizer": {"state": {}, "param_groups": []},
                         "model_state_dict": {f"module.{key}": value
                                              for key, value in state.items()}}}


class CheckpointKinds(unittest.TestCase):
    def export(self, checkpoint, *options):
        onnx = checkpoint.with_suffix(".onnx")
        result = subprocess.run([TOOL, "-q", "export", checkpoint, "-o", onnx, "-f", *options],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(result.returncode, 0, result.stdout)
        return without_metadata(onnx)

    def test_give_the_same_graph(self):
        models = subprocess.run([TOOL, "models", "--json"], check=True, stdout=subprocess.PIPE)
        builders = [model["name"] for model in json.loads(models.stdout)
                    if model["task"] == "detection"]
        self.assertEqual(len(builders), 12)
        for builder in builders:
            family = next((name for name in SETTINGS if builder.startswith(name)), None)
            settings = SETTINGS.get(family, RCNN_SETTINGS)
            model = getattr(detection, builder)(weights=None, weights_backbone=None,
                                                num_classes=5, **settings).eval()
            told = ["--arch", builder]
            for key, value in settings.items():
                told += [f"--{key.replace('_', '-')}", str(value)]
            with self.subTest(builder), tempfile.TemporaryDirectory() as folder:
                graphs = {}
                for kind, content in contents(model).items():
                    file = pathlib.Path(folder) / f"{kind}.pth"
                    torch.save(content, file)
                    # The module says itself which builder made it, and with which settings.
                    graphs[kind] = self.export(file, *([] if kind == "module" else told))
                    file.unlink()
                self.assertEqual(graphs["state"], graphs["training"])
                self.assertEqual(graphs["state"], graphs["module"])


if __name__ == "__main__":
    unittest.main()
