#!/usr/bin/env python3
"""tv2onnx triton: what it writes is what protoc takes for Triton's configuration, says what the file
takes and gives, and its script decodes an image as the model wants it. Ends with 77 where there is no
protoc, numpy or Pillow.

    triton_test.py TV2ONNX
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types
import unittest

try:
    import numpy as np
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)
if not shutil.which("protoc"):
    print("skipped: no protoc")
    sys.exit(77)

TOOL = sys.argv.pop(1)
TESTS = pathlib.Path(__file__).resolve().parents[1]
SHAPES = TESTS.parent / "examples/shapes"


class Triton(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def run_tool(self, *arguments, code=0):
        done = subprocess.run([TOOL, *map(str, arguments)], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, code, done.stdout)
        return done.stdout

    def repository(self, checkpoint, name, *options, triton=()):
        model = self.folder / f"{name}.onnx"
        self.run_tool("-q", "export", SHAPES / checkpoint, "-o", model, *options)
        self.run_tool("triton", model, "-o", self.folder / "repository", *triton)
        self.assertEqual((self.folder / "repository" / name / "1/model.onnx").read_bytes(),
                         model.read_bytes())

    def config(self, name):
        """The configuration as protoc reads it, on one line."""
        proto = ["protoc", f"-I{TESTS}/serve", "triton_config.proto"]
        text = (self.folder / "repository" / name / "config.pbtxt").read_text()
        encoded = subprocess.run([*proto, "--encode=inference.ModelConfig"], input=text.encode(),
                                 check=True, stdout=subprocess.PIPE)
        decoded = subprocess.run([*proto, "--decode=inference.ModelConfig"], input=encoded.stdout,
                                 check=True, stdout=subprocess.PIPE)
        return " ".join(decoded.stdout.decode().split())

    def test_a_detector(self):
        self.repository("fasterrcnn_shapes_half.pth", "shapes", "--class-names",
                        SHAPES / "classes.txt", triton=("--max-batch", "3"))
        config = self.config("shapes")
        self.assertIn('platform: "onnxruntime_onnx" max_batch_size: 3', config)
        self.assertIn('name: "input" data_type: TYPE_FP32 dims: 3 dims: -1 dims: -1', config)
        self.assertIn('name: "boxes" data_type: TYPE_FP32 dims: -1 dims: 4 }', config)
        self.assertIn('name: "num_detections" data_type: TYPE_INT64 dims: 1 reshape { }', config)
        self.assertIn("dynamic_batching { max_queue_delay_microseconds: 2000 }", config)
        self.assertNotIn("label_filename", config)
        labels = (self.folder / "repository/shapes/labels.txt").read_text().splitlines()
        self.assertEqual(labels[:2], ["__background__", "circle"])
        ensemble = self.config("shapes_images")
        self.assertIn('name: "image" data_type: TYPE_STRING dims: 1', ensemble)
        self.assertIn('model_name: "shapes_decode"', ensemble)
        self.assertIn('output_map { key: "boxes" value: "boxes" }', ensemble)
        self.assertIn("dims: -1 dims: 3 dims: -1 dims: -1", self.config("shapes_decode"))
        self.assertTrue((self.folder / "repository/shapes_images/1").is_dir())

    def test_its_script_decodes(self):
        self.repository("fasterrcnn_shapes_half.pth", "shapes")
        photo = SHAPES / "images/000.jpg"
        backend = types.SimpleNamespace(
            Tensor=lambda name, array: (name, array), InferenceResponse=lambda tensors: tensors,
            get_input_tensor_by_name=lambda request, name: request[name])
        sys.modules["triton_python_backend_utils"] = backend
        script = (self.folder / "repository/shapes_decode/1/model.py").read_text()
        names = {}
        exec(compile(script, "model.py", "exec"), names)
        bytes_in = types.SimpleNamespace(as_numpy=lambda: np.array([photo.read_bytes()], object))
        ((name, array),), = names["TritonPythonModel"]().execute([{"image": bytes_in}])
        with Image.open(photo) as image:
            pixels = np.asarray(image.convert("RGB"))
        np.testing.assert_array_equal(array, pixels.transpose(2, 0, 1)[None].astype(np.float32)
                                      / np.float32(255))
        self.assertEqual((name, array.flags.c_contiguous), ("input", True))

    def test_lists_are_not_batched(self):
        self.repository("fasterrcnn_shapes_half.pth", "flat", "--outputs", "flat")
        config = self.config("flat")
        self.assertNotIn("dynamic_batching", config)
        self.assertNotIn("max_batch_size", config)  # 0
        self.assertIn('name: "input" data_type: TYPE_FP32 dims: -1 dims: 3 dims: -1 dims: -1', config)

    def test_a_classifier(self):
        size = ("--resize-size", "72", "--crop-size", "64")
        self.repository("shufflenet_shapes_half.pth", "kinds", *size)
        config = self.config("kinds")
        self.assertIn('name: "input" data_type: TYPE_UINT8 dims: -1 dims: -1 dims: 3', config)
        self.assertIn('name: "logits" data_type: TYPE_FP32 dims: 6 label_filename: "labels.txt"',
                      config)
        self.repository("shufflenet_shapes_half.pth", "plain", *size, "--preprocess", "none")
        self.assertFalse((self.folder / "repository/plain_images").exists())

    def test_refusals(self):
        self.repository("shufflenet_shapes_half.pth", "kinds")
        model, repository = self.folder / "kinds.onnx", self.folder / "repository"
        self.assertIn("O004", self.run_tool("triton", model, "-o", repository, code=2))
        self.run_tool("triton", model, "-o", repository, "-f")
        apart = self.folder / "apart.onnx"
        self.run_tool("-q", "export", SHAPES / "shufflenet_shapes_half.pth", "-o", apart,
                      "--external-data")
        self.assertIn("R008", self.run_tool("triton", apart, "-o", repository, code=3))


if __name__ == "__main__":
    unittest.main()
