#!/usr/bin/env python3
"""The page in a headless Chromium, driven by clicks and keys through WebDriver: shown by `tv2onnx serve`, and
as the files of `tv2onnx page`, which run the model in the browser. What it finds is what the program
finds. Ends with 77 where there is no Chromium, or no onnxruntime-web (scripts/setup page).

    page_test.py TV2ONNX [--picture FILE.png]
"""
import functools
import http.client
import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

for needed in ("chromium", "chromedriver"):
    if not shutil.which(needed):
        print(f"skipped: no {needed}; scripts/setup page")
        sys.exit(77)

TOOL = sys.argv.pop(1)
PICTURE = sys.argv.pop(2) if sys.argv[1:2] == ["--picture"] else None
sys.argv = [word for word in sys.argv if word != "--picture"]
SHAPES = pathlib.Path(__file__).resolve().parents[2] / "examples/shapes"
PHOTO = SHAPES / "images/000.jpg"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name of a reference
WAIT = 120  # seconds: other tests run beside this one


class Browser:
    def __init__(self, profile):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        line = ""
        while "started successfully on port" not in line:
            line = self.driver.stdout.readline()
        self.port = int(line.rstrip(".\n").rsplit(" ", 1)[1])
        self.session = ""
        options = {"binary": shutil.which("chromium"), "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--lang=en",
            f"--user-data-dir={profile}", "--window-size=1180,760"]}
        answer = self.ask("POST", "", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/" + answer["sessionId"]

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        connection.request(method, f"/session{self.session}{path}",
                           json.dumps(body or {}) if method == "POST" else None)
        value = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(value["message"])
        return value

    def script(self, text, *arguments):
        return self.ask("POST", "/execute/sync", {"script": text, "args": arguments})

    def element(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.ask("POST", f"/element/{self.element(selector)}/click")

    def type(self, selector, text):
        self.ask("POST", f"/element/{self.element(selector)}/value", {"text": str(text)})

    def text(self, selector):
        return self.script("return document.querySelector(arguments[0]).textContent", selector)

    def wait_for(self, selector, part):
        end = time.monotonic() + WAIT
        while part not in self.text(selector):
            if time.monotonic() > end or "Failed" in self.text(selector):
                raise AssertionError(f"{selector}: {self.text(selector)!r}")
            time.sleep(0.05)

    def close(self):
        self.ask("DELETE", "")
        self.driver.terminate()
        self.driver.communicate()


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map,
                      ".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_):
        pass


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.models = {"shapes": cls.folder / "shapes.onnx", "kinds": cls.folder / "kinds.onnx"}
        quiet = [TOOL, "-q", "export"]
        subprocess.run([*quiet, SHAPES / "fasterrcnn_shapes_half.pth", "-o", cls.models["shapes"],
                        "--class-names", SHAPES / "classes.txt", "--torchvision", "0.14"], check=True,
                       stderr=subprocess.DEVNULL)
        subprocess.run([*quiet, SHAPES / "shufflenet_shapes_half.pth", "-o", cls.models["kinds"],
                        "--resize-size", "72", "--crop-size", "64"], check=True,
                       stderr=subprocess.DEVNULL)
        cls.browser = Browser(cls.folder / "profile")

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.temporary.cleanup()

    def serve(self):
        server = subprocess.Popen([TOOL, "-q", "serve", *self.models.values(), "--port", "0",
                                   "--metrics-port", "0"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.communicate)
        self.addCleanup(server.terminate)
        return server.stdout.readline().strip()

    def static_page(self, name):
        folder = self.folder / f"page_{name}"
        done = subprocess.run([TOOL, "page", self.models[name], "-o", folder], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if "no onnxruntime-web" in done.stdout:
            self.skipTest("no onnxruntime-web; scripts/setup page")
        self.assertEqual(done.returncode, 0, done.stdout)
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(QuietFiles, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}/"

    def open(self, address):
        self.browser.ask("POST", "/url", {"url": address})
        self.browser.wait_for("#status", "Ready")

    def expected(self, name):
        done = subprocess.run([TOOL, "predict", self.models[name], PHOTO, "--json", "-"], check=True,
                              stdout=subprocess.PIPE)
        return json.loads(done.stdout)["images"][0]

    def found(self):
        return json.loads(self.browser.text("#json"))

    def assert_detections(self, expected):
        found = self.found()
        self.assertEqual((found["width"], found["height"]), (expected["width"], expected["height"]))
        for ours, theirs in zip(found["detections"], expected["detections"], strict=True):
            self.assertEqual(ours["class"], theirs["class"])
            self.assertAlmostEqual(ours["score"], theirs["score"], delta=1e-4)
            for a, b in zip(ours["box"], theirs["box"], strict=True):
                self.assertAlmostEqual(a, b, delta=0.01)

    def use(self):
        """What both ways of showing the page have in common."""
        browser, expected = self.browser, self.expected("shapes")
        browser.type("#file", PHOTO)
        browser.wait_for("#status", " found in ")
        self.assert_detections(expected)
        first = browser.text("#status").rsplit(" in ")[1]
        # The slider: by keys, and without a new run.
        browser.type("#score", "\ue011")  # Home: 0
        self.assertEqual(browser.text("#score-text"), "0.00")
        self.assertGreater(len(self.found()["detections"]), len(expected["detections"]))
        browser.type("#score", "\ue010")  # End: 1
        self.assertEqual(self.found()["detections"], [])
        browser.script("const s = document.querySelector('#score'); s.value = 0.5;"
                       "s.dispatchEvent(new Event('input'))")
        self.assert_detections(expected)
        self.assertEqual(browser.text("#status").rsplit(" in ")[1], first)
        # A class less, and its return.
        browser.click("#classes label")
        self.assertLess(len(self.found()["detections"]), len(expected["detections"]))
        browser.click("#classes label")
        self.assert_detections(expected)
        # Another language, a narrow screen.
        browser.click("#language")
        self.assertIn("用时", browser.text("#status"))
        browser.click("#language")
        browser.ask("POST", "/window/rect", {"width": 520, "height": 760})
        self.assertTrue(browser.script(
            "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
        browser.ask("POST", "/window/rect", {"width": 1180, "height": 760})
        elsewhere = browser.script("return performance.getEntriesByType('resource').map(e => e.name)"
                                   ".filter(name => !name.startsWith(location.origin))")
        self.assertEqual([name for name in elsewhere if not name.startswith(("blob:", "data:"))], [])
        problems = [entry for entry in browser.ask("POST", "/se/log", {"type": "browser"})
                    if entry["level"] == "SEVERE"]
        self.assertEqual(problems, [])

    def test_of_a_server(self):
        address = self.serve()
        self.open(address)
        self.use()
        self.assertIn(f"{address}predict?model=shapes&score=0.5", self.browser.text("#curl"))
        if PICTURE:
            import base64
            pathlib.Path(PICTURE).write_bytes(base64.b64decode(self.browser.ask("GET", "/screenshot")))
        self.browser.type("#model", "kinds")
        expected = self.expected("kinds")["classes"]
        self.browser.wait_for("#json", '"classes"')
        self.assertEqual(self.found()["classes"], expected)
        self.browser.type("#file", self.models["kinds"])
        self.browser.script("return 0")
        end = time.monotonic() + WAIT
        while "Failed" not in self.browser.text("#status") and time.monotonic() < end:
            time.sleep(0.05)
        self.assertIn("Failed", self.browser.text("#status"))

    def test_in_the_browser(self):
        self.open(self.static_page("shapes"))
        self.use()
        self.assertIn("no image leaves it", self.browser.text("#privacy"))

    def test_a_classifier_in_the_browser(self):
        self.open(self.static_page("kinds"))
        self.browser.type("#file", PHOTO)
        self.browser.wait_for("#status", " found in ")
        for ours, theirs in zip(self.found()["classes"], self.expected("kinds")["classes"], strict=True):
            self.assertEqual(ours["class"], theirs["class"])
            self.assertAlmostEqual(ours["score"], theirs["score"], delta=1e-4)

    def test_the_camera(self):
        self.open(self.serve())
        self.browser.click("#camera")
        self.browser.wait_for("#status", " found in ")
        self.browser.click("#camera")
        self.assertGreater(self.found()["width"], 0)


if __name__ == "__main__":
    unittest.main()
