#!/usr/bin/env python3
"""Draws the pictures of docs/doctor.md: a part of a graph as exporters write it, and repaired.

    make_doctor_pictures.py

Writes docs/images/doctor/dNN.svg. A column is a chain of nodes from top to bottom; what stands
between two nodes is the shape or range of the value that passes.
"""
import html
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "docs" / "images" / "doctor"
FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'
WIDTH, HEIGHT, EDGE = 300, 44, 30  # pixels: of a node, of a node, between nodes
MARGIN, GAP, HEADING = 20, 60, 34


def node(text, note="", kind=""):
    return ("node", text, note, kind)


def bad(text, note):
    return node(text, note, "bad")


def good(text, note):
    return node(text, note, "good")


BOX_LAYER = node("Gemm", "bbox_pred: 4 numbers per class")
DECODE = node("Slice x 4, Exp, Mul, Add", "BoxCoder.decode")

# code: (heading left, nodes and values, heading right, nodes and values)
PICTURES = {
    "d01": ("traced with zero proposals", [
        BOX_LAYER, "[n, 4C]", DECODE, "[n, 4C]",
        bad("Slice axis 1, from 1", "cuts a coordinate off"), "[n, 4C - 1]",
        bad("Reshape [-1, 4]", "fails, or shifts every box")], "repaired", [
        BOX_LAYER, "[n, 4C]", DECODE, "[n, 4C]", good("Reshape [-1, C, 4]", "added"), "[n, C, 4]",
        node("Slice axis 1, from 1", "cuts the background off"), "[n, C - 1, 4]",
        node("Reshape [-1, 4]")]),
    "d02": ("an image without proposals", [
        BOX_LAYER, "[0, 4C]", bad("Reshape [n, -1]", "-1 of an empty tensor is undefined"), "",
        DECODE, "[0, 4C]", bad("Reshape [n, -1, 4]", "likewise")], "repaired", [
        BOX_LAYER, "[0, 4C]", DECODE, "[0, 4C]",
        good("Reshape [-1, C, 4]", "all other dimensions are constants"), "[0, C, 4]"]),
    "d03": ("the dummy image's size in the file", [
        node("input", "[1, 3, height, width]"), "",
        bad("Resize to 800 x 1066", "a constant"), "", node("network", ""), "",
        bad("boxes x 0.6", "a constant: original / resized")], "repaired", [
        node("input", "[1, 3, height, width]"), "", good("Shape, ReduceMin, ReduceMax", "read"), "",
        node("Resize to floor(size x scale)", ""), "", node("network", ""), "",
        good("boxes x size / resized size", "computed")]),
    "d04": ("traced with two images", [
        node("input", "[2, 3, height, width]"), "", bad("Split 1, 1", "one part per image"),
        "[1, 3, height, width]", bad("Squeeze axis 0", "twice the whole post-processing"), "",
        node("boxes_0, labels_0, ... boxes_1", "outputs repeat")], "rebuilt", [
        node("input", "[batch, 3, height, width]"), "",
        good("network and post-processing", "once, for the batch"), "",
        node("boxes [batch, n, 4], num_detections", "")]),
    "d05": ("size in float32", [
        node("Shape", "375, 500"), "", bad("Cast float, Mul scale", "799.99994"), "",
        node("Floor", "799"), "", node("Resize", "one pixel short")], "repaired", [
        node("Shape", "375, 500"), "", good("whole numbers, remainders", "800"), "",
        node("Floor", "800"), "", node("Resize", "as PyTorch")]),
    "d06": ("an If around a Squeeze", [
        node("NonZero", "[1, k]"), "", node("Transpose", "[k, 1]"), "",
        bad("If last dimension == 1", "Squeeze: [k]   Identity: [k, 1]"), "[k] or [k, 1]",
        node("Gather", "")], "repaired", [
        node("NonZero", "[1, k]"), "", node("Transpose", "[k, 1]"), "",
        good("Squeeze axis 1", "the branch that is always taken"), "[k]", node("Gather", "")]),
    "d07": ("half precision", [
        node("boxes", "up to 1333"), "", node("labels x (largest coordinate + 1)", "90 x 1334"), "",
        bad("Add in float16", "120060 > 65504: infinite"), "", node("NonMaxSuppression", "")],
        "post-processing in float32", [
        node("boxes", "up to 1333"), "", good("Cast float", ""), "",
        node("Add labels x (largest + 1)", "120060"), "", node("NonMaxSuppression", "")]),
    "d08": ("a stale shape", [
        node("network", "37 detections"), "[37, 4]",
        bad("output boxes [100, 4]", "declared: true for one image")], "repaired", [
        node("network", "37 detections"), "[37, 4]", good("output boxes [detections, 4]", "")]),
    "d09": ("names in another order", [
        node("float [n, 4]", "output 1"), "", bad("int64 [n]", "named scores"), "",
        bad("float [n]", "named labels")], "repaired", [
        node("float [n, 4]", "boxes"), "", good("int64 [n]", "labels"), "",
        good("float [n]", "scores")]),
    "d10": ("defaults that differ", [
        node("proposals", ""), "",
        bad("RoiAlign, opset 16", "no coordinate_transformation_mode"), "half a pixel off",
        node("box head", "every box is wrong")], "repaired", [
        node("proposals", ""), "",
        good("RoiAlign, opset 16", "coordinate_transformation_mode = output_half_pixel"), "",
        node("box head", "")]),
    "d11": ("0..255 to a file that wants 0..1", [
        node("pixels", "0..255"), "", bad("Sub mean, Div std", "meant for 0..1: gives up to 1136"), "",
        node("network", "nothing, or nonsense")], "as the file wants it", [
        node("pixels", "0..255"), "", good("Div 255", "by the caller, or --input uint8"), "0..1",
        node("Sub mean, Div std", "-2.1 to 2.6"), "", node("network", "")]),
    "d12": ("settings are constants", [
        node("Sigmoid", "objectness"), "", node("Not Less 0.05", "rpn_score_thresh"), "",
        node("NonMaxSuppression 0.7", "rpn_nms_thresh"), "",
        node("Slice :1000", "rpn_post_nms_top_n_test")], "", [
        node("Softmax", "class scores"), "", node("Greater 0.05", "box_score_thresh"), "",
        node("NonMaxSuppression 0.5", "box_nms_thresh"), "",
        node("Slice :100", "box_detections_per_img")]),
    "d13": ("OpenCV 4", [
        node("backbone", "runs"), "", bad("NonMaxSuppression", "not in the importer"), "",
        bad("RoiAlign", "not in the importer")], "ONNX Runtime", [
        node("backbone", "runs"), "", node("NonMaxSuppression", "runs"), "",
        node("RoiAlign", "runs")]),
    "d14": ("quantised everywhere", [
        bad("ConvInteger", "no implementation on x86"), "",
        bad("QuantizeLinear of boxes", "256 steps for 1333 pixels"), "",
        node("NonMaxSuppression", "")], "quantised where it pays", [
        node("Conv", "float"), "", good("MatMulInteger", "box head"), "",
        node("boxes", "float"), "", node("NonMaxSuppression", "")]),
    "d15": ("damaged or idle parts", [
        bad("weight 'fc.bias'", "NaN"), "", bad("Identity, Identity", "copies"), "",
        bad("unused branch", "nothing reads it")], "cleaned", [
        node("weight 'fc.bias'", "export again"), "", good("one value", ""), "",
        node("outputs", "")]),
    "d16": ("levels put together by scattering", [
        node("RoiAlign per level", ""), "", bad("Expand, ScatterElements", "once per level"), "",
        node("box head", "")], "tv2onnx export", [
        node("RoiAlign per level", ""), "", good("Concat, one Gather", "of a small tensor"), "",
        node("box head", "")]),
    "d17": ("traced where 3 candidates were found", [
        node("NonZero", "scores > threshold"), "n candidates", bad("TopK", "K = 3, a constant"),
        "n < 3: crash; n > 3: lost", node("NonMaxSuppression", "")], "repaired", [
        node("NonZero", "scores > threshold"), "n candidates", good("TopK", "K = min(300, n)"), "",
        node("NonMaxSuppression", "")]),
}


def text(x, y, content, kind, anchor="middle"):
    return (f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">'
            f'{html.escape(content)}</text>')


def draw_column(x, heading, chain):
    """SVG elements of a column, and its height."""
    middle = x + WIDTH / 2
    parts, y = [text(middle, MARGIN + 14, heading, "heading")], MARGIN + HEADING
    for index, item in enumerate(chain):
        if isinstance(item, str):
            if index + 1 < len(chain):
                parts.append(f'<path d="M{middle} {y}v{EDGE - 2}" marker-end="url(#arrow)"/>')
            parts.append(text(middle + 10, y + 20, item, "value", "start"))
            y += EDGE
            continue
        _, name, note, kind = item
        parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" '
                     'rx="5"/>')
        parts.append(text(middle, y + (18 if note else 27), name, "name"))
        if note:
            parts.append(text(middle, y + 35, note, "note"))
        y += HEIGHT
    return parts, y + MARGIN


def draw(left_heading, left, right_heading, right):
    first, first_height = draw_column(MARGIN, left_heading, left)
    second, second_height = draw_column(MARGIN + WIDTH + GAP, right_heading, right)
    width, height = 2 * (MARGIN + WIDTH) + GAP, max(first_height, second_height)
    lines = "\n".join(first + second)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
width="{width}" height="{height}">
<style>
text {{ font: 12px {FONT}; fill: #1f2328 }}
.heading {{ font-weight: bold; font-size: 13px }}
.note, .value {{ fill: #59636e; font-size: 11px }}
rect {{ fill: #f6f8fa; stroke: #8c959f }}
rect.bad {{ fill: #ffebe9; stroke: #cf222e }}
rect.good {{ fill: #dafbe1; stroke: #1a7f37 }}
path {{ stroke: #59636e; fill: none }}
</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0 0L8 4L0 8z" style="fill: #59636e"/></marker></defs>
<rect width="100%" height="100%" rx="8" style="fill: #ffffff; stroke: none"/>
{lines}
</svg>
"""


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for code, picture in PICTURES.items():
        (FOLDER / f"{code}.svg").write_text(draw(*picture))


if __name__ == "__main__":
    main()
