#!/usr/bin/env python3
"""Runs a detector in onnxruntime-web, in a headless Chromium.

    run_in_browser.py MODEL.onnx OUT.json SIZE... [--provider wasm | webgpu] [--web FOLDER]

SIZE is HEIGHTxWIDTH; for each, a drawn image goes into the file's input, float32 [1, 3, height, width].
OUT.json gets the outputs. They are compared with what onnxruntime of Python gives for the same, or,
where it is not installed and the provider is webgpu, with those of wasm. FOLDER is where `npm install onnxruntime-web` was run; needs Debian's chromium and
python3-numpy. WebGPU runs on SwiftShader, in software: slow, but the same operators.
"""
import argparse
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading

import numpy as np

PAGE = """<script type="module">
const ask = new URLSearchParams(location.search);
const tell = (path, text) => fetch(path, {method: 'POST', body: text});
try {
  if (ask.get('provider') === 'webgpu') {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) throw new Error('the browser has no WebGPU adapter');
    await tell('/adapter', `${adapter.info.vendor} ${adapter.info.architecture}`);
  }
  const ort = await import(`/node_modules/onnxruntime-web/dist/ort.${ask.get('provider')}.min.mjs`);
  ort.env.wasm.wasmPaths = '/node_modules/onnxruntime-web/dist/';
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(
      '/model', {executionProviders: [ask.get('provider')]});
  for (let k = 0; k < Number(ask.get('count')); ++k) {
    const pixels = new Float32Array(await (await fetch(`/image${k}`)).arrayBuffer());
    const shape = await (await fetch(`/shape${k}`)).json();
    const start = performance.now();
    const found = await session.run({input: new ort.Tensor('float32', pixels, shape)});
    const result = {ms: performance.now() - start};
    for (const name of session.outputNames)
      result[name] = {shape: [...found[name].dims], values: Array.from(found[name].data, Number)};
    await tell('/result', JSON.stringify(result));
  }
  await tell('/end', '');
} catch (error) {
  await tell('/end', String(error.stack || error));
}
</script>"""
KINDS = {".mjs": "text/javascript", ".wasm": "application/wasm"}
SOFTWARE_GPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]


def drawn(height, width):
    """Squares of several sizes and colours."""
    y, x = np.mgrid[:height, :width]
    side = 8 + (y // 64 + x // 64) % 5 * 9
    inside = (y % 64 < side) & (x % 64 < side)
    planes = [np.where(inside, 0.9 - 0.2 * k, 0.1 + 0.3 * k) for k in range(3)]
    return np.stack(planes)[None].astype(np.float32)


def handler_of(model, images, web, results, end):
    content = {"/page": PAGE.encode(), "/model": pathlib.Path(model).read_bytes()}
    for k, image in enumerate(images):
        content[f"/image{k}"] = image.tobytes()
        content[f"/shape{k}"] = json.dumps(image.shape).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, body, kind):
            self.send_response(200)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)),
                                "Cross-Origin-Opener-Policy": "same-origin",
                                "Cross-Origin-Embedder-Policy": "require-corp"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            path = self.path.split("?")[0]
            file = web / path.lstrip("/")
            if path in content:
                self.answer(content[path], "text/html")
            elif path.startswith("/node_modules/") and file.is_file():
                self.answer(file.read_bytes(), KINDS.get(file.suffix, "application/octet-stream"))
            else:
                self.send_error(404)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/result":
                results.append(json.loads(body))
            elif self.path == "/adapter":
                print(f"WebGPU adapter: {body}")
            else:
                end.append(body)
            self.answer(b"", "text/plain")
            if end:
                self.server.finished.set()

        def log_message(self, *_):
            pass

    return Handler


def run(model, images, provider, web):
    """The outputs of each image. Raises RuntimeError with what the page says."""
    results, end = [], []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                             handler_of(model, images, web, results, end))
    server.finished = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/page?provider={provider}&count={len(images)}"
    with tempfile.TemporaryDirectory() as profile:
        browser = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", f"--user-data-dir={profile}",
             *(SOFTWARE_GPU if provider == "webgpu" else []), url],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        in_time = server.finished.wait(1800)
        browser.terminate()
        browser.wait()
    if not in_time or end[0]:
        raise RuntimeError(end[0] if end else "the page did not answer in half an hour")
    return results


def arrays(result):
    return {name: np.array(output["values"]).reshape(output["shape"])
            for name, output in result.items() if name != "ms"}


def wanted_outputs(model, images, provider, web):
    """Of each image, by another program or at least another provider; None if there is none."""
    try:
        import onnxruntime
    except ImportError:
        return [arrays(result) for result in run(model, images, "wasm", web)] if provider == "webgpu" else None
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return [dict(zip(names, session.run(names, {"input": image}))) for image in images]


def compare(results, wanted):
    for result, outputs in zip(results, wanted):
        for name, found in arrays(result).items():
            same = found.shape == outputs[name].shape
            far = float(np.abs(found - outputs[name]).max(initial=0)) if same else None
            print(f"  {name} {found.shape}: largest difference {far}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("sizes", nargs="+")
    parser.add_argument("--provider", choices=["wasm", "webgpu"], default="wasm")
    parser.add_argument("--web", type=pathlib.Path, default=pathlib.Path("."))
    given = parser.parse_args()
    images = [drawn(*map(int, size.split("x"))) for size in given.sizes]
    results = run(given.model, images, given.provider, given.web)
    pathlib.Path(given.out).write_text(json.dumps(results))
    for size, result in zip(given.sizes, results):
        print(f"{size}: {result['ms']:.0f} ms, {result['num_detections']['values']} detections")
    wanted = wanted_outputs(given.model, images, given.provider, given.web)
    if wanted is None:
        print("onnxruntime of Python is not installed: nothing is compared")
    else:
        compare(results, wanted)


if __name__ == "__main__":
    main()
