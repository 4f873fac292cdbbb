#!/usr/bin/env python3
"""tv2onnx serve on a free port of this machine: answers equal to the program's, errors of the protocol,
clients that are idle, slow, cut off or malicious, and its end. Requests are written from the
specification of the Open Inference Protocol. Ends with 77 where there is no numpy or Pillow.

    serve_test.py TV2ONNX
"""
import concurrent.futures
import contextlib
import http.client
import io
import json
import pathlib
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import numpy as np
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

TOOL = sys.argv.pop(1)
SHAPES = pathlib.Path(__file__).resolve().parents[2] / "examples/shapes"
PHOTOS = sorted((SHAPES / "images").glob("*.jpg"))
TYPES = {"FP32": np.float32, "INT64": np.int64, "UINT8": np.uint8}


FOLDER = tempfile.TemporaryDirectory()
MODELS = pathlib.Path(FOLDER.name)


def setUpModule():
    def export(checkpoint, name, *options):
        subprocess.run([TOOL, "-q", "export", SHAPES / checkpoint, "-o", MODELS / name, *options],
                       check=True, stderr=subprocess.DEVNULL)
    export("fasterrcnn_shapes_half.pth", "shapes.onnx", "--class-names", SHAPES / "classes.txt")
    export("shufflenet_shapes_half.pth", "names.onnx", "--resize-size", "72", "--crop-size", "64")
    (MODELS / "damaged.onnx").write_bytes((MODELS / "names.onnx").read_bytes()[:300_000])


def tearDownModule():
    FOLDER.cleanup()


class Server:
    """The program with some models; ends with the block."""

    def __init__(self, *arguments):
        command = [TOOL, "serve", *map(str, arguments), "--port", "0", "--metrics-port", "0",
                   "--threads", "1", "--grace", "10"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        self.port = int(self.process.stdout.readline().rstrip("/\n").rsplit(":")[-1])
        self.log = ""
        while "health and metrics" not in self.log:
            self.log += self.process.stderr.readline()
        self.operators = int(self.log.rsplit(":", 1)[1].split("/")[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)

    def ask(self, method, path, body=None, headers=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers

    def json(self, *arguments, **options):
        status, body, _ = self.ask(*arguments, **options)
        return status, json.loads(body)

    def infer(self, model, inputs, binary_output=True):
        """`inputs`: name to array or list of files. The outputs as arrays."""
        head, tail = [], b""
        for name, value in inputs.items():
            if isinstance(value, list):
                data = b"".join(struct.pack("<I", len(piece)) + piece for piece in value)
                head.append({"name": name, "shape": [len(value)], "datatype": "BYTES"})
            else:
                data = value.tobytes()
                kind = next(key for key, dtype in TYPES.items() if value.dtype == dtype)
                head.append({"name": name, "shape": list(value.shape), "datatype": kind})
            head[-1]["parameters"] = {"binary_data_size": len(data)}
            tail += data
        text = json.dumps({"id": "7", "inputs": head,
                           "parameters": {"binary_data_output": binary_output}}).encode()
        status, body, headers = self.ask("POST", f"/v2/models/{model}/versions/1/infer", text + tail,
                                         {"Inference-Header-Content-Length": str(len(text))})
        assert status == 200, body
        length = int(headers.get("Inference-Header-Content-Length", len(body)))
        answer, rest = json.loads(body[:length]), body[length:]
        assert answer["id"] == "7" and answer["model_name"] == model
        outputs = {}
        for output in answer["outputs"]:
            dtype = TYPES[output["datatype"]]
            if binary_output:
                size = output["parameters"]["binary_data_size"]
                data, rest = np.frombuffer(rest[:size], dtype), rest[size:]
            else:
                data = np.array(output["data"], dtype)
            outputs[output["name"]] = data.reshape(output["shape"])
        assert not rest
        return outputs

    def memory(self):
        """Resident MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def what_was_found(report):
    image = report["images"][0]
    return {key: image[key] for key in image if key != "file"}


def png_of_size(width, height):
    """A PNG that announces this size and has no data."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + struct.pack(">II", width, height) + b"\x08\x02" + bytes(7)


class Serve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(MODELS / "shapes.onnx", f"kinds={MODELS}/names.onnx",
                            MODELS / "damaged.onnx", "absent.onnx", "--max-body", "2",
                            "--max-pixels", "1")
        cls.expected = {}
        for model, file in (("shapes", "shapes.onnx"), ("kinds", "names.onnx")):
            done = subprocess.run([TOOL, "predict", MODELS / file, *PHOTOS, "--json", "-",
                                   "--threads", "1"], check=True, stdout=subprocess.PIPE)
            images = json.loads(done.stdout)["images"]
            cls.expected[model] = [what_was_found({"images": [image]}) for image in images]

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def assert_same(self, found, expected):
        """Equal but for the rounding of a run with other images beside it."""
        lists = [key for key in ("detections", "classes") if key in expected]
        self.assertEqual(found["width"], expected["width"])
        for ours, theirs in zip(found[lists[0]], expected[lists[0]], strict=True):
            self.assertEqual(ours["class"], theirs["class"])
            self.assertAlmostEqual(ours["score"], theirs["score"], delta=1e-5)
            for a, b in zip(ours.get("box", []), theirs.get("box", []), strict=True):
                self.assertAlmostEqual(a, b, delta=0.01)

    def test_answers_are_those_of_predict(self):
        for model, path in (("shapes", "/detect"), ("kinds", "/predict?model=kinds")):
            for photo, expected in zip(PHOTOS, self.expected[model]):
                status, report = self.server.json("POST", path, photo.read_bytes())
                self.assertEqual((status, report["model"]), (200, model))
                self.assertEqual(what_was_found(report), expected)

    def test_many_at_once_get_their_own_answers(self):
        def one(k):
            model = "shapes" if k % 4 == 0 else "kinds"
            photo = k % len(PHOTOS)
            _, report = self.server.json("POST", f"/predict?model={model}", PHOTOS[photo].read_bytes())
            self.assert_same(what_was_found(report), self.expected[model][photo])
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            list(pool.map(one, range(96)))

    def test_tensors_images_and_numbers_agree(self):
        stream = io.BytesIO()
        with Image.open(PHOTOS[0]) as photo:
            photo.save(stream, "PNG")
            pixels = np.asarray(photo.convert("RGB"))
        floats = np.ascontiguousarray(pixels[None].transpose(0, 3, 1, 2).astype(np.float32) / 255)
        by_tensor = self.server.infer("shapes", {"input": floats})
        for inputs, binary in (({"input": [PHOTOS[0].read_bytes()]}, True),
                               ({"input": [stream.getvalue()]}, False)):
            other = self.server.infer("shapes", inputs, binary)
            for name, values in by_tensor.items():
                np.testing.assert_array_equal(other[name], values, name)
        boxes = [one["box"] for one in self.expected["shapes"][0]["detections"]]
        np.testing.assert_array_equal(by_tensor["boxes"][0][:len(boxes)], np.float32(boxes))
        small = np.ascontiguousarray(pixels[None, :70, :80])
        request = {"inputs": [{"name": "input", "shape": small.shape, "datatype": "UINT8",
                               "data": small.tolist()}], "outputs": [{"name": "logits"}]}
        status, answer = self.server.json("POST", "/v2/models/kinds/infer", json.dumps(request))
        self.assertEqual(status, 200, answer)
        np.testing.assert_array_equal(np.float32(answer["outputs"][0]["data"]),
                                      self.server.infer("kinds", {"input": small})["logits"][0])

    def test_two_images_of_a_request(self):
        turned = io.BytesIO()
        with Image.open(PHOTOS[0]) as photo:
            photo.transpose(Image.ROTATE_180).save(turned, "PNG")
        same = [PHOTOS[0].read_bytes(), turned.getvalue()]
        both = self.server.infer("shapes", {"input": same})
        for k, photo in enumerate(same):
            alone = self.server.infer("shapes", {"input": [photo]})
            count = int(alone["num_detections"][0])
            self.assertEqual(int(both["num_detections"][k]), count)
            np.testing.assert_allclose(both["boxes"][k][:count], alone["boxes"][0], atol=0.01)

    def test_metadata_and_health(self):
        status, server = self.server.json("GET", "/v2")
        self.assertEqual((status, server["name"]), (200, "tv2onnx"))
        self.assertIn("binary_tensor_data", server["extensions"])
        status, model = self.server.json("GET", "/v2/models/shapes")
        self.assertEqual(model["inputs"], [{"name": "input", "datatype": "FP32",
                                            "shape": [-1, 3, -1, -1]}])
        self.assertEqual(model["class_names"][1], "circle")
        self.assertEqual(model["contract"]["task"], "detection")
        for port in (self.server.port, self.server.operators):
            for kind in ("live", "ready"):
                self.assertEqual(self.server.ask("GET", f"/v2/health/{kind}", port=port)[0], 200)
        self.assertEqual(self.server.ask("GET", "/v2/models/shapes/versions/1/ready")[0], 200)
        self.assertEqual(self.server.ask("HEAD", "/v2")[:2], (200, b""))
        metrics = self.server.ask("GET", "/metrics", port=self.server.operators)[1].decode()
        self.assertIn('nv_inference_request_success{model="shapes",version="1"}', metrics)
        self.assertNotIn("/tmp", metrics)

    def test_the_others_go_on_without_a_damaged_model(self):
        self.assertIn("damaged.onnx is not served: ", self.server.log)
        self.assertIn("absent.onnx is not served: [C001]", self.server.log)
        self.assertRegex(self.server.log, r"hint:     tv2onnx doctor \S*absent.onnx says more")
        status, answer = self.server.json("GET", "/v2/models/damaged/ready")
        self.assertEqual(status, 503)
        self.assertIn("could not be loaded: [", answer["error"])
        status, index = self.server.json("POST", "/v2/repository/index")
        self.assertEqual([one["state"] for one in index],
                         ["READY", "READY", "UNAVAILABLE", "UNAVAILABLE"])

    def test_bad_requests_get_the_protocols_error(self):
        tensor = {"name": "input", "shape": [1, 3, 64, 64], "datatype": "FP32"}
        data = {**tensor, "data": [0.5] * 3 * 64 * 64}
        size = 3 * 64 * 64 * 4

        def infer(*inputs, **more):
            return json.dumps({"inputs": list(inputs), **more}).encode()

        def binary(values, head=None):
            text = infer(head or {**tensor, "parameters": {"binary_data_size": size}})
            return text + values.astype(np.float32).tobytes(), len(text)

        ones = np.ones(3 * 64 * 64)
        path = "/v2/models/shapes/infer"
        for body, status, text in (
                (b"hello", 400, "U005"), (b"[]", 400, "no JSON object"), (b"{}", 400, "no inputs"),
                (b"[" * 100_000, 400, "nested too deep"),
                (infer({**data, "name": "x"}), 400, "the inputs x; expected input"),
                (infer(data, data), 400, "the inputs input, input"),
                (infer({**data, "shape": [1, 3, 64, 65]}), 400, "12288 numbers"),
                (infer({**data, "shape": [1, 3, 4096]}), 400, "the shape [1,3,4096]"),
                (infer({**data, "shape": [-1, 3, 64, 64]}), 400, "no whole number"),
                (infer({**data, "shape": [1, 3, 0, 64], "data": []}), 400, "the shape [1,3,0,64]"),
                (infer({**data, "shape": [2**31 - 1] * 8}), 400, "too many elements"),
                (infer({**data, "datatype": "INT64"}), 400, "the number 0.5"),
                (infer({**data, "datatype": "FP64"}), 400, "data of FP64 (input 'input'); expected FP32"),
                (infer({**data, "datatype": "STRING"}), 400, "the data type 'STRING'"),
                (infer({**tensor, "datatype": "BYTES", "data": ["x"]}), 400, "text in the data"),
                (infer(tensor), 400, "no data"),
                (infer({**tensor, "data": {"a": 1}}), 400, "no list"),
                (infer(data, outputs=[{"name": "masks"}]), 400, "the output 'masks'; expected boxes"),
                (infer(data, parameters={"priority": 1}), 400, "the parameter 'priority'"),
                (infer({**data, "data": [255.0] * 3 * 64 * 64}), 400, "pixels of 0..1"),
                (b'{"inputs":[{"name":"input","shape":[1],"datatype":"FP32","data":[NaN]}]}', 400,
                 "U005"),
                (b"x" * (2 << 20) + b"y", 413, "too large")):
            with self.subTest(text):
                answer = self.server.json("POST", path, body)
                self.assertEqual(answer[0], status, answer)
                self.assertIn(text, answer[1]["error"])
        for (body, length), text in (
                (binary(ones * np.nan), "the number nan"), (binary(ones * -np.inf), "the number -inf"),
                (binary(ones[1:]), "binary_data_size"), (binary(np.append(ones, 1)), "no input has"),
                ((binary(ones)[0], 10**9), "Inference-Header-Content-Length"),
                (binary(ones, {"name": "input", "shape": [1], "datatype": "BYTES",
                               "parameters": {"binary_data_size": size}}), "an element of")):
            with self.subTest(text):
                answer = self.server.json("POST", path, body,
                                          {"Inference-Header-Content-Length": str(length)})
                self.assertEqual(answer[0], 400, answer)
                self.assertIn(text, answer[1]["error"])

    def test_bad_paths_and_images(self):
        photo = PHOTOS[0].read_bytes()
        for method, path, body, status, text in (
                ("GET", "/v2/models/nobody", None, 404, "there are: shapes, kinds"),
                ("GET", "/v2/models/shapes/versions/2", None, 404, "the only version is 1"),
                ("GET", "/v2/models/../../etc/passwd", None, 404, "no model '..'"),
                ("GET", "/../../etc/passwd", None, 404, "nothing is at"),
                ("GET", "/%2e%2e/etc/passwd", None, 404, "nothing is at"),
                ("GET", "/v2/models/shapes/infer", None, 405, "takes POST"),
                ("DELETE", "/v2/health/live", None, 405, "takes GET"),
                ("POST", "/detect?model=kinds", photo, 400, "POST /predict"),
                ("POST", "/predict", b"hello", 400, "[I001]"), ("POST", "/predict", b"", 400, "[I001]"),
                ("POST", "/predict", photo[:3000], 400, "[I002]"),
                ("POST", "/predict", png_of_size(40_000, 40_000), 400, "at most 1000000 pixels"),
                ("POST", "/predict?score=2", photo, 400, "a number from 0 to 1"),
                ("POST", "/predict?score=nan", photo, 400, "a number from 0 to 1"),
                ("POST", "/predict?treshold=0.3", photo, 400, "the parameter 'treshold'"),
                ("POST", "/predict?model=kinds&top=0", photo, 400, "a number from 1"),
                ("POST", "/predict?model=damaged", photo, 503, "could not be loaded")):
            with self.subTest(path, text=text):
                answer = self.server.json(method, path, body)
                self.assertEqual(answer[0], status, answer)
                self.assertIn(text, answer[1]["error"])
                self.assertNotIn(FOLDER.name, answer[1]["error"])

    def raw(self, data, read=True):
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=15)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data)
        if not read:
            return connection
        with contextlib.closing(connection):
            return connection.recv(4096)

    def test_hostile_clients_hinder_nobody(self):
        length = b"Content-Length: 100000\r\n"
        held = [self.raw(b"", read=False) for _ in range(150)]  # idle
        held += [self.raw(b"POST /predict HTTP/1.1\r\nHost: x\r\n" + half, read=False)  # slow
                 for half in (b"", length, length + b"\r\n", length + b"\r\nabc") for _ in range(10)]
        for _ in range(20):  # cut off
            self.raw(b"POST /predict HTTP/1.1\r\n" + length + b"\r\nabc", read=False).close()
        self.assertIn(b" 400 ", self.raw(b"\x16\x03\x01\x02\x00 not HTTP\r\n\r\n"))
        self.assertIn(b" 431 ", self.raw(b"GET / HTTP/1.1\r\nA: " + b"x" * 100_000))
        self.assertIn(b" 431 ", self.raw(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10_000))
        self.assertIn(b" 413 ", self.raw(b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"))
        self.assertIn(b" 400 ", self.raw(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"))
        self.assertIn(b" 413 ", self.raw(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                         b"FFFFFF\r\n" + b"x" * (3 << 20)))
        times = []
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            photo = PHOTOS[0].read_bytes()
            load = [pool.submit(self.server.json, "POST", "/predict", photo) for _ in range(12)]
            while not all(task.done() for task in load):
                begin = time.perf_counter()
                self.server.ask("GET", "/v2/health/live", port=self.server.operators)
                times.append(time.perf_counter() - begin)
        for task in load:
            self.assert_same(what_was_found(task.result()[1]), self.expected["shapes"][0])
        self.assertLess(statistics.median(times), 0.1)
        for connection in held:
            connection.close()

    def test_memory_stays(self):
        photo = PHOTOS[0].read_bytes()
        def some(count):
            for _ in range(count):
                self.server.ask("POST", "/predict?model=kinds", photo)
        some(150)
        before = self.server.memory()
        some(450)
        self.assertLess(self.server.memory() - before, 8)


class Busy(unittest.TestCase):
    def test_more_than_the_queue_holds_is_turned_away(self):
        photo = PHOTOS[0].read_bytes()
        with Server(MODELS / "shapes.onnx", "--queue", "1") as server:
            ask = lambda: server.ask("POST", "/predict", photo)
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                answers = [task.result() for task in [pool.submit(ask) for _ in range(8)]]
            self.assertEqual({status for status, _, _ in answers}, {200, 503})
            for status, body, headers in answers:
                self.assertEqual(headers.get("Retry-After"), "1" if status == 503 else None)
                self.assertEqual("error" in json.loads(body), status == 503)
            self.assertEqual(ask()[0], 200)  # one that comes again
            _, metrics, _ = server.ask("GET", "/metrics", port=server.operators)
            turned_away = sum(status == 503 for status, _, _ in answers)
            self.assertIn(f"tv2onnx_http_busy_total {turned_away}\n", metrics.decode())


class Ends(unittest.TestCase):
    def test_what_has_come_is_answered(self):
        server = Server(MODELS / "shapes.onnx", "--queue", "2")
        slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        slow[1].sendall(b"POST /predict HTTP/1.1\r\n")
        slow[2].sendall(b"POST /predict HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")
        photo = PHOTOS[0].read_bytes()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            many = [pool.submit(server.ask, "POST", "/predict", photo) for _ in range(8)]
            time.sleep(0.05)
            server.process.send_signal(signal.SIGTERM)
            statuses = []
            for task in many:
                with contextlib.suppress(ConnectionError, http.client.HTTPException):
                    status, _, headers = task.result()
                    statuses.append(status)
                    self.assertEqual(headers.get("Retry-After"), "1" if status == 503 else None)
        self.assertEqual(server.process.wait(20), 0)
        server.process.communicate()
        for connection in slow:
            connection.close()
        self.assertIn(200, statuses)
        self.assertLessEqual(set(statuses), {200, 503})

    def test_ports_and_models_that_cannot_be_had(self):
        names = MODELS / "names.onnx"
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            for options, code, text in (
                    ([names, "--port", port], 2, "Address already in use"),
                    ([names, "--host", "example"], 2, "no IP address"),
                    ([names, names], 2, "two models of the name 'names'"),
                    ([f"a/b={names}"], 2, "the name 'a/b'"), ([MODELS / "damaged.onnx"], 3, "no model")):
                done = subprocess.run([TOOL, "serve", *options, "--metrics-port", "0"], text=True,
                                      timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.assertEqual(done.returncode, code, done.stdout)
                self.assertIn(text, done.stdout)


if __name__ == "__main__":
    unittest.main()
