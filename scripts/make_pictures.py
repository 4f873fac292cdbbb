#!/usr/bin/env python3
"""Makes the pictures of the README from real runs.

    make_pictures.py [TV2ONNX]

TV2ONNX is the program, build/release/tv2onnx if it is not given. Written are

    docs/images/terminal.svg    what export, verify and detect print
    docs/images/detections.jpg  what detect draws
    docs/images/traced.jpg      what detect draws for a file of torch.onnx.export that was traced
                                with noise
    docs/images/exported.jpg    the same photo with the file of tv2onnx export

Needs python3-torch and python3-torchvision.
"""
import html
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SHAPES = ROOT / "examples" / "shapes"
REFERENCE = ROOT / "tests" / "golden" / "shapes" / "reference.safetensors"
SESSION = [
    "tv2onnx export shapes.pth -o shapes.onnx --torchvision 0.14 --class-names classes.txt"
    " | head -n 4",
    "tv2onnx verify shapes.onnx --against reference.safetensors",
    "tv2onnx detect shapes.onnx photos -o drawn",
]
FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'
LINE, CHARACTER, MARGIN = 18, 7.8, 16  # pixels


def run(command, folder):
    """What the command prints on a terminal's stdout; an exit code other than 0 is an error."""
    shell = ["bash", "-o", "pipefail", "-c", f"PATH=.:$PATH; {command}"]
    done = subprocess.run(shell, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.rstrip("\n").split("\n")


def svg(lines):
    """lines: [(css class, text)]."""
    width = MARGIN * 2 + CHARACTER * max(len(text) for _, text in lines)
    height = MARGIN * 2 + LINE * len(lines)
    rows = []
    for number, (kind, text) in enumerate(lines, 1):
        if not text:
            continue
        rows.append(f'<text class="{kind}" x="{MARGIN}" y="{MARGIN + LINE * number - 5}" '
                    f'textLength="{CHARACTER * len(text):.1f}">{html.escape(text)}</text>')
    size = f'viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" {size}>
<style>
text {{ font: 13px {FONT}; white-space: pre; fill: #c9d1d9 }}
.command {{ fill: #ffffff; font-weight: bold }}
.verdict {{ fill: #56d364 }}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
{chr(10).join(rows)}
</svg>
"""


def session_lines(folder):
    lines = []
    for command in SESSION:
        lines += [("", "")] if lines else []
        lines.append(("command", f"$ {command}"))
        for text in run(command, folder):
            lines.append(("verdict" if text.startswith("equal:") else "output", text))
    return lines


def trace(folder):
    """traced.onnx: the usual recipe, with a dummy image that is noise."""
    model = torch.load(folder / "shapes.pth", map_location="cpu", weights_only=False).float().eval()
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, (torch.rand(1, 3, 480, 640),), str(folder / "traced.onnx"),
                          opset_version=11, input_names=["images"],
                          output_names=["boxes", "labels", "scores"],
                          dynamic_axes={"images": {2: "height", 3: "width"}})


def prepare(folder, tool):
    shutil.copy(SHAPES / "fasterrcnn_shapes_half.pth", folder / "shapes.pth")
    shutil.copy(SHAPES / "classes.txt", folder)
    shutil.copy(REFERENCE, folder)
    (folder / "tv2onnx").symlink_to(tool)
    (folder / "photos").mkdir()
    for name in ("018", "034"):
        shutil.copy(IMAGES / "scenes" / f"{name}.jpg", folder / "photos")


def main():
    tool = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/tv2onnx")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(folder, tool.resolve())
        lines = session_lines(folder)
        trace(folder)
        run("tv2onnx detect traced.onnx photos/034.jpg -o traced --class-names classes.txt", folder)
        (IMAGES / "terminal.svg").write_text(svg(lines))
        shutil.copy(folder / "drawn" / "018.jpg", IMAGES / "detections.jpg")
        shutil.copy(folder / "traced" / "034.jpg", IMAGES / "traced.jpg")
        shutil.copy(folder / "drawn" / "034.jpg", IMAGES / "exported.jpg")


if __name__ == "__main__":
    main()
