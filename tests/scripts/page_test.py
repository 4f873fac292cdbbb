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
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHAPES = ROOT / "examples/shapes"
PHOTO = SHAPES / "images/000.jpg"
PICTURES = ROOT / "tests/golden/image"
TINY = {name: ROOT / f"tests/golden/runtime/{file}.onnx" for name, file in {
    "masks": "masks_roi", "whole_masks": "masks_full", "keypoints": "keypoints", "bytes": "uint8_bgr",
    "padded": "fixed", "labels": "segment_labels", "logits": "segment_logits"}.items()}
KEYS = {"tab": "\ue004", "enter": "\ue007", "space": " ", "left": "\ue012", "right": "\ue014"}
CONTRAST = """
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return arguments[0].flatMap((selector) => [...document.querySelectorAll(selector)].map((element) => {
    const [light, dark] = [getComputedStyle(element).color, behind(element)].map(luminance)
      .sort((a, b) => b - a);
    return [selector, (light + 0.05) / (dark + 0.05)];
  }));"""
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

    def press(self, *keys):
        """Real keys, wherever the focus is."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def devtools(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def drop(self, file):
        place = self.script("const box = document.querySelector('#stage').getBoundingClientRect();"
                            "return [box.left + 5, Math.max(box.top, 5)]")
        for kind in ("dragEnter", "dragOver", "drop"):
            self.devtools("Input.dispatchDragEvent", type=kind, x=place[0], y=place[1], data={
                "items": [], "files": [str(file)], "dragOperationsMask": 1})

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
        cls.models |= TINY
        cls.browser = Browser(cls.folder / "profile")

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.temporary.cleanup()

    def serve(self):
        models = [f"{name}={file}" for name, file in self.models.items()]
        server = subprocess.Popen([TOOL, "-q", "serve", *models, "--port", "0", "--metrics-port", "0"],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.communicate)
        self.addCleanup(server.terminate)
        return server.stdout.readline().strip()

    def static_page(self, name):
        folder = self.folder / f"page_{name}"
        done = subprocess.run([TOOL, "page", f"{name}={self.models[name]}", "-o", folder], text=True,
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

    def expected(self, name, photo=PHOTO):
        done = subprocess.run([TOOL, "predict", self.models[name], photo, "--json", "-"], check=True,
                              stdout=subprocess.PIPE)
        image = json.loads(done.stdout)["images"][0]
        del image["file"]
        return image

    def found(self):
        return json.loads(self.browser.text("#json"))

    def assert_same(self, found, expected, place="result"):
        """Of the same form, names and masks equal, numbers to a hundredth of a pixel and scores closer."""
        if isinstance(expected, dict):
            self.assertEqual(list(found), list(expected), place)
            for key, value in expected.items():
                self.assert_same(found[key], value, f"{place}.{key}")
        elif isinstance(expected, list):
            self.assertEqual(len(found), len(expected), place)
            for k, value in enumerate(expected):
                self.assert_same(found[k], value, f"{place}[{k}]")
        elif isinstance(expected, float):
            self.assertAlmostEqual(found, expected, delta=1e-4 if place.endswith("score") else 0.01, msg=place)
        else:
            self.assertEqual(found, expected, place)

    def assert_found(self, expected):
        self.assert_same(self.found(), expected)

    def until(self, holds):
        end = time.monotonic() + WAIT
        while not holds():
            self.assertLess(time.monotonic(), end, self.browser.text("#status"))
            time.sleep(0.05)

    def settles(self, expected):
        """The page comes to show this, and stays so."""
        end = time.monotonic() + 20
        while True:
            try:
                self.assert_found(expected)
                break
            except (AssertionError, ValueError):
                if time.monotonic() > end or "Failed" in self.browser.text("#status"):
                    raise
                time.sleep(0.1)
        time.sleep(0.1)
        self.assert_found(expected)

    def by_keys(self, expected):
        """What is clicked is also reached by Tab, which can be seen, and works by keys."""
        browser = self.browser
        browser.script("document.activeElement.blur()")
        places = {}
        for k in range(40):
            browser.press("tab")
            name, seen = browser.script(
                "const e = document.activeElement, shown = e.id === 'file' ? e.parentElement : e;"
                "return [e.id || e.textContent || e.parentElement.textContent.trim(),"
                " getComputedStyle(shown).outlineStyle !== 'none']")
            if name in places:  # all around
                break
            if len(name) > 100:  # the page itself
                continue
            self.assertTrue(seen, name)
            places[name] = k
            if name == "language":
                browser.press("enter")
                self.assertIn("用时", browser.text("#status"))
                browser.press("enter")
            elif name == "score":
                browser.press("right")
                self.assertEqual(browser.text("#score-text"), "0.51")
                browser.press("left")
            elif name == expected["detections"][0]["class"]:
                browser.press("space")
                self.assertLess(len(self.found()["detections"]), len(expected["detections"]))
                browser.press("space")
            elif name == "JSON":
                browser.press("enter")
        self.assert_found(expected)
        wanted = {"model", "language", "file", "camera", "score", "JSON", "json",
                  *(one["class"] for one in expected["detections"])}
        self.assertEqual(wanted - set(places), set())

    def on_a_phone(self):
        """Nothing is wider than a small screen, not even with a long name in the list."""
        browser = self.browser
        browser.devtools("Emulation.setDeviceMetricsOverride", width=320, height=640, deviceScaleFactor=2,
                         mobile=True)
        browser.script("for (const row of document.querySelectorAll('td:first-child, #classes label'))"
                       " row.append('long_names_of_classes_'.repeat(4))")
        browser.script("document.querySelector('#model').append(new Option('m'.repeat(80)))")
        wide = browser.script(
            "return [...document.querySelectorAll('body *')].filter(e => e.id !== 'file' &&"
            " e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.outerHTML.slice(0, 80))")
        self.assertEqual(browser.script("return innerWidth"), 320)
        self.assertEqual(wide, [])
        browser.script("document.querySelector('#model').lastChild.remove()")
        browser.devtools("Emulation.clearDeviceMetricsOverride")

    def in_light_and_dark(self):
        """Text can be read on what is behind it: a contrast of 4.5, as WCAG asks."""
        backs = []
        for scheme in ("light", "dark"):
            self.browser.devtools("Emulation.setEmulatedMedia",
                                  features=[{"name": "prefers-color-scheme", "value": scheme}])
            backs.append(self.browser.script("return getComputedStyle(document.body).backgroundColor"))
            for bad in ("false", "true"):
                self.browser.script(f"document.querySelector('#status').classList.toggle('bad', {bad})")
                contrasts = self.browser.script(CONTRAST, [
                    "h1", "header label", "select", "button", ".button", "#drop", "#status", "legend",
                    "#classes label", "#score-row", "td", "summary", "pre", "#privacy"])
                self.assertGreater(len(contrasts), 14)
                self.assertEqual([one for one in contrasts if one[1] < 4.5], [], scheme)
            self.browser.script("document.querySelector('#status').classList.remove('bad')")
        self.assertNotEqual(*backs)
        self.browser.devtools("Emulation.setEmulatedMedia", features=[])

    def use(self):
        """What both ways of showing the page have in common."""
        browser, expected = self.browser, self.expected("shapes")
        browser.type("#file", PHOTO)
        browser.wait_for("#status", " found in ")
        self.assert_found(expected)
        first = browser.text("#status").rsplit(" in ")[1]
        # The slider: by keys, and without a new run.
        browser.type("#score", "\ue011")  # Home: 0
        self.assertEqual(browser.text("#score-text"), "0.00")
        self.assertGreater(len(self.found()["detections"]), len(expected["detections"]))
        browser.type("#score", "\ue010")  # End: 1
        self.assertEqual(self.found()["detections"], [])
        browser.script("const s = document.querySelector('#score'); s.value = 0.5;"
                       "s.dispatchEvent(new Event('input'))")
        self.assert_found(expected)
        self.assertEqual(browser.text("#status").rsplit(" in ")[1], first)
        # A class less, and its return.
        browser.click("#classes label")
        self.assertLess(len(self.found()["detections"]), len(expected["detections"]))
        browser.click("#classes label")
        self.assert_found(expected)
        browser.click("#language")
        self.assertIn("用时", browser.text("#status"))
        browser.click("#language")
        self.by_keys(expected)
        self.on_a_phone()
        self.in_light_and_dark()
        # Another image, dropped; and what is none leaves nothing of it.
        second = SHAPES / "images/002.jpg"
        browser.drop(second)
        self.settles(self.expected("shapes", second))
        browser.drop(SHAPES / "classes.txt")
        self.until(lambda: "Failed" in browser.text("#status"))
        self.assertEqual(browser.text("#json") + browser.text("#found"), "")
        self.assertEqual(browser.script("return document.querySelector('#photo').height"), 0)
        # Two at once: the last one counts.
        browser.drop(PHOTO)
        browser.drop(second)
        browser.drop(PHOTO)
        self.settles(expected)
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
        self.browser.click("#model option[value=kinds]")
        expected = self.expected("kinds")["classes"]
        self.browser.wait_for("#json", '"classes"')
        self.assertEqual(self.found()["classes"], expected)
        self.browser.type("#file", self.models["kinds"])
        self.until(lambda: "Failed" in self.browser.text("#status"))

    def test_in_the_browser(self):
        self.open(self.static_page("shapes"))
        self.use()
        self.assertIn("no image leaves it", self.browser.text("#privacy"))

    def try_photos(self, name, photos):
        for photo in photos:
            with self.subTest(model=name, photo=photo.name):
                self.browser.type("#file", photo)
                self.settles(self.expected(name, photo))
                self.assertGreater(self.browser.script("return document.querySelector('#photo').width"), 0)

    def test_other_models_of_a_server(self):
        self.open(self.serve())
        for name in ("kinds", *TINY):
            self.browser.click(f"#model option[value='{name}']")
            self.try_photos(name, [PHOTO, PICTURES / "colour.png"])

    def test_other_models_in_the_browser(self):
        for name in ("kinds", *TINY):
            self.open(self.static_page(name))
            photos = [PICTURES / "colour.png", PICTURES / "exif.png"]
            if name == "labels":  # the pixels decide: files of all kinds are read as the program does
                photos += [PICTURES / kind for kind in (
                    "grey.png", "palette.png", "alpha.png", "palette_alpha.png", "colour.bmp",
                    "lossless_alpha.webp", "interlaced.png", "colour16.png")]
            elif name not in ("masks", "whole_masks", "logits"):
                photos.append(PHOTO)  # browsers may decode JPEG a level off
            self.try_photos(name, photos)

    def test_the_camera(self):
        self.open(self.serve())
        self.browser.click("#camera")
        self.browser.wait_for("#status", " found in ")
        self.browser.click("#camera")
        self.assertGreater(self.found()["width"], 0)


if __name__ == "__main__":
    unittest.main()
