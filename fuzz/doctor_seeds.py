"""Small ONNX files that the doctor's fuzzer starts from: every operator that something looks for, with too few and
too many inputs and outputs, with one input twice, as a cycle, with a constant; names and metadata that do harm.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from onnx_bytes import BOOL, branch, floats, graph, integers, nested, node, number, port, put, tensor  # noqa: E402

HOSTILE = ["\x1b]0;owned\x07", "a/../../b", "x" * 300, "", "\u202e\u009b2J", b"\xff\xfe\xc3\x28", "{}{0}%s%n"]
CONFIGS = ["[" * 70, '{"min_size": 9223372036854775808}', '{"min_size": [800, 1e300], "max_size": -1}', "{", "\xff",
           '{"a": 1, "a": 2}', '{"box_score_thresh": null, "image_mean": [0, 0, 0], "image_std": [0, 0, 0]}']
WEIGHTS = [integers("one", 1), floats("w", [3, 3, 1, 1], *[0.5] * 9), tensor("yes", [], BOOL, put(9, b"\1"))]


def operators():
    """Of the table of the operators that need inputs and outputs."""
    table = (ROOT / "src" / "onnx" / "arity.cpp").read_text()
    return sorted(set(re.findall(r'^ +\{"(\w+)", \d', table, re.MULTILINE)))


def model(nodes, outputs=("y",), metadata=(), name="g", producer="pytorch"):
    content = graph(nodes, WEIGHTS, [port("x")], [port(o) for o in outputs], name=name)
    return (put(1, 8) + put(2, producer) + put(3, "1.13.0") + put(7, content) + put(8, put(2, 17)) +
            b"".join(put(14, put(1, key) + put(2, value)) for key, value in metadata))


def arities(op):
    """All counts of inputs and outputs, each reading the one before it."""
    nodes, last = [], "x"
    for inputs in range(4):
        for outputs in range(3):
            made = [f"v{inputs}{outputs}{k}" for k in range(outputs)]
            nodes.append(node(op, [last, "one", "w"][:inputs], made))
            last = made[0] if made else last
    return model([*nodes, node("Relu", [last], ["y"])])


def doubled(op):
    return model([node(op, ["x", "x"], ["a"]), node(op, ["a", "a", "a"], ["b", "b"]), node(op, ["one", "one"], ["c"]),
                  node("Reshape", ["b", "c"], ["y"])])


def cycle(op):
    return model([node(op, ["a", "one"], ["a"]), node(op, ["c", "x"], ["b"]), node(op, ["b", "x"], ["c"]),
                  node("Resize", ["x", "", "", "a"], ["r"]), node("NonMaxSuppression", ["b", "c"], ["n"]),
                  node("Add", ["r", "c"], ["y"])])


def in_branches(op):
    inner = branch(node(op, ["x", "one"], ["q"]))
    return model([node("If", ["yes"], ["z"], nested("then_branch", inner), nested("else_branch", branch())),
                  node(op, ["z", "w"], ["y"], number("axis", -9))])


def named(text, k):
    return model([node("Conv", ["x", "w"], [text], name=text), node(text, [text], ["t"], domain=text),
                  node("Relu", [text], ["y"], name=text)],
                 outputs=("y", text), metadata=[(text, text), ("tv2onnx.config", CONFIGS[k % len(CONFIGS)])],
                 name=text, producer=text)


def configured(config):
    keys = ("config", "class_names", "raw", "image_mean", "image_std")
    return model([node("Relu", ["x"], ["y"])], metadata=[("tv2onnx.version", "0.1.0"), ("tv2onnx.outputs", "raw"),
                                                         *((f"tv2onnx.{key}", config) for key in keys)])


def seeds():
    """(name, bytes) of each."""
    for op in operators():
        for make in (arities, doubled, cycle, in_branches):
            yield f"{make.__name__}_{op}", make(op)
    for k, text in enumerate(HOSTILE):
        yield f"named_{k}", named(text, k)
    for k, config in enumerate(CONFIGS):
        yield f"configured_{k}", configured(config)
