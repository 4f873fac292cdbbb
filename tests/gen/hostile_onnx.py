#!/usr/bin/env python3
"""Writes tests/hostile/onnx/: small ONNX files that attack a reader, a rule of the doctor or a terminal.

tests/cli/hostile_onnx_test.cpp runs every command on them. Needs nothing but Python; the products are
committed. What must be large to do harm is made by the test.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from onnx_bytes import BOOL, FLOAT, INT64, STRING, branch, external, floats, graph, integers, nested, node, number, port  # noqa: E402,E501
from onnx_bytes import put, shape, tensor  # noqa: E402

OUT = pathlib.Path(__file__).resolve().parent.parent / "hostile" / "onnx"
RELU = node("Relu", ["x"], ["y"])
ONE = integers("one", 1)
YES = tensor("yes", [], BOOL, put(9, b"\1"))


def save(file, nodes=(RELU,), weights=(), inputs=None, outputs=None, metadata=(), producer="pytorch",
         opsets=(("", 17),), more=b"", **of_graph):
    content = graph(nodes, weights, [port("x")] if inputs is None else inputs,
                    [port("y")] if outputs is None else outputs, **of_graph)
    (OUT / f"{file}.onnx").write_bytes(
        put(1, 8) + put(2, producer) + put(3, "1.13.0") + put(7, content) +
        b"".join(put(8, (put(1, domain) if domain else b"") + put(2, version)) for domain, version in opsets) +
        b"".join(put(14, put(1, key) + put(2, value)) for key, value in metadata) + more)


# --- operators with fewer inputs or outputs than they need -------------------------------------

OPERATORS = """Add And Cast Ceil Clip Concat ConcatFromSequence Constant Conv ConvInteger ConvTranspose
    DequantizeLinear Div Equal Exp Expand Flatten Floor Gather Gemm Greater GreaterOrEqual Identity If
    InstanceNormalization Less Loop MatMul Max MaxPool Min Mul NonMaxSuppression NonZero Not Pad QuantizeLinear
    Range Reciprocal ReduceL2 ReduceMax ReduceMin ReduceProd Relu Reshape Resize RoiAlign ScatterElements
    SequenceAt Shape Sigmoid Slice Softmax Split SplitToSequence Sqrt Squeeze Sub Tile TopK Transpose Unsqueeze
    Where BatchNormalization""".split()
for inputs in range(4):
    for outputs in range(3):
        # Each reads what the one before it made, a constant, and the image.
        nodes, last = [], "x"
        for k, op in enumerate(OPERATORS):
            made = [f"v{k}_{j}" for j in range(outputs)]
            nodes.append(node(op, [last, "one", "x"][:inputs], made))
            last = made[0] if made else "x"
        save(f"arity_{inputs}_{outputs}", [*nodes, RELU], [ONE])
save("arity_reduce_min", [node("ReduceMin", ["x"], []), RELU])
save("arity_slice", [node("Slice", [], ["q"]), node("Greater", ["q", "one"], ["w"]), RELU], [ONE])
save("arity_gemm", [node("Gemm", ["x", "one", "one"], []), node("Reshape", ["x"], ["q"]), RELU], [ONE])
save("arity_absent", [node(op, ["", "", "", ""], ["", ""]) for op in OPERATORS] + [RELU])
squeeze = branch(node("Squeeze", ["x", "one"], ["q"]))
identity = branch(node("Identity", ["x"], ["q"]))
for name, inputs, then_branch, else_branch in (
        ("input", [], squeeze, identity),
        ("squeeze", ["yes"], branch(node("Squeeze", [], ["q"])), identity),
        ("identity", ["yes"], squeeze, branch(node("Identity", [], ["q"]))),
        ("empty", ["yes"], branch(), branch()),
        ("nothing", ["yes"], b"", b""),
        ("unreturned", ["yes"], branch(node("Squeeze", ["x", "one"], ["q"]), outputs=[]), identity),
        ("pass_on", ["yes"], branch(outputs=[port("x")]), branch(outputs=[port("x")]))):
    save(f"if_{name}", [node("If", inputs, ["z"], nested("then_branch", then_branch),
                             nested("else_branch", else_branch)), RELU], [ONE, YES])
save("if_without_branches", [node("If", ["yes"], ["z"]), RELU], [YES])
# The pattern that batched_nms leaves, in pieces.
always = [node("Gather", ["x", "one"], ["c"], number("axis", 1)), node("Shape", ["c"], ["s"]),
          node("Gather", ["s", "one"], ["n"]), node("Equal", ["n", "one"], ["is"])]
save("if_always", [*always, node("If", ["is"], ["z"], nested("then_branch", branch(
    node("Squeeze", ["c", "one"], ["q"]), outputs=[])), nested("else_branch", branch(node("Identity", ["c"], ["q"])))),
                   RELU], [ONE])
save("no_nodes", [], outputs=[port("x")])
save("nothing", [], inputs=[], outputs=[])

# --- cycles, and values that double ------------------------------------------------------------

reshape = node("Reshape", ["x", "s"], ["y"])
save("cycle_cast", [node("Cast", ["a"], ["a"], number("to", 7)), node("Concat", ["a", "one"], ["s"], number("axis", 0)),
                    reshape], [ONE])
save("cycle_concat", [node("Concat", ["b", "one"], ["a"]), node("Concat", ["one", "a"], ["b"]),
                      node("Cast", ["b"], ["s"]), reshape], [ONE])
save("cycle_identity", [node("Identity", ["b"], ["a"]), node("Identity", ["a"], ["b"]),
                        node("Add", ["x", "a"], ["y"])])
save("cycle_sizes", [node("Concat", ["c", "c"], ["c"]), node("Resize", ["x", "", "", "c"], ["y"])])
save("cycle_if", [node("If", ["z"], ["z"], nested("then_branch", branch(node("Identity", ["z"], ["q"]))),
                       nested("else_branch", branch(node("Identity", ["q"], ["q"])))), RELU])
save("cycle_layers", [node("Conv", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["c"]), node("Relu", ["c"], ["b"]),
                      node("MaxPool", ["a"], ["p"]), node("NonMaxSuppression", ["p", "p"], ["k"]), RELU],
     [floats("w", [3, 3, 1, 1], *[1.0] * 9)])


def doubling(name, op, end, *attributes, start=ONE):
    chain = [node(op, [f"k{i}"] * 2, [f"k{i + 1}"], *attributes) for i in range(60)]
    first = node("Identity", ["one"], ["k0"])
    save(f"doubling_{name}", [first, *chain, *end], [start, integers("two", 2)])


doubling("concat", "Concat", [node("Concat", ["k60", "one"], ["s"]), reshape], number("axis", 0))
doubling("add", "Add", [node("Div", ["x", "k60"], ["y"]), node("NonMaxSuppression", ["k60", "k60"], ["n"])],
         start=floats("one", [1], 1.0))
doubling("equal", "Equal", [node("NonZero", ["k60"], ["n"]), node("Transpose", ["n"], ["t"]),
                            node("Shape", ["t"], ["h"]), node("Gather", ["h", "two"], ["g"]),
                            node("Equal", ["g", "two"], ["e"]), node("If", ["e"], ["z"],
                                                                    nested("then_branch", squeeze),
                                                                    nested("else_branch", identity)), RELU])
doubling("min", "Min", [node("TopK", ["x", "k60"], ["v", "i"]), node("NonMaxSuppression", ["x", "x"], ["n"]), RELU])
doubling("sizes", "Concat", [node("Unsqueeze", ["x"], ["u"]), node("Concat", ["u", "k60"], ["s"]),
                             node("Resize", ["x", "", "", "s"], ["y"])])
doubling("reshape", "Reshape", [node("Div", ["x", "k60"], ["y"]), node("NonMaxSuppression", ["x", "x"], ["n"])])

# --- what the file claims ----------------------------------------------------------------------

for name, dims in (("60000", [1, 3, 60000, 60000]), ("2_40", [1, 3, 2**40, 2**40]), ("most", [1, 3, 2**63 - 1, 2**63 - 1]),
                   ("13000", [1, 3, 13000, 13000]), ("batch", [2**40, 3, 64, 64]), ("negative", [1, 3, -5, -7]),
                   ("one_row", [1, 3, 1, 2**33]), ("channels", [1, 2**40, 8, 8]), ("bytes", [1, 60000, 60000, 3])):
    save(f"claims_{name}", inputs=[port("x", dims)], outputs=[port("y", dims)])
save("claims_rank", inputs=[port("x", [1] * 100)])
for name, dims in (("huge", [2**40]), ("product", [2**32, 2**32, 2**32]), ("negative", [-1, 4]), ("rank", [1] * 100)):
    save(f"weight_{name}", [node("Add", ["x", "w"], ["y"])], [tensor("w", dims, FLOAT, put(9, b"\0" * 16))])
save("weight_numbers", [node("Add", ["x", "w"], ["y"])], [tensor("w", [3], INT64, put(7, b"\1" * 1000))])
save("weight_nibbles", [node("Add", ["x", "w"], ["y"])], [tensor("w", [3], 22, put(5, b"\1\2"))])
save("weight_string", [node("Add", ["x", "w"], ["y"])], [tensor("w", [2], STRING, put(6, b"a"), put(6, b"b"))])
save("two_shapes", inputs=[put(1, "x") + put(2, put(1, put(1, FLOAT) + put(2, shape([1, 3])) + put(2, shape(["h", "w"]))))])
save("two_types", inputs=[put(1, "x") + put(2, put(1, put(1, INT64))) + put(2, put(1, put(1, FLOAT) + put(2, shape([1, 3, 8, 8]))))])
save("two_graphs", more=put(7, graph([RELU], inputs=[port("x")], outputs=[port("y")])))
save("two_tensors", [node("Constant", [], ["c"], put(1, "value") + put(5, ONE) + put(5, ONE) + put(20, 4)), RELU])
save("many_attributes", [node("Relu", ["x"], ["y"], *[number(f"a{k}", k) for k in range(300)])])
save("output_is_input", outputs=[port("y"), port("x")])

for name, entries in (("up", {"location": "../../../etc/hostname"}), ("absolute", {"location": "/etc/hostname"}),
                      ("hidden_up", {"location": "a/../../hostname"}), ("folder", {"location": "."}),
                      ("nowhere", {"location": ""}), ("missing", {"location": "lost.bin"}), ("unnamed", {"offset": "0"}),
                      ("offset", {"location": "external.bin", "offset": str(2**64 - 2)}),
                      ("past", {"location": "external.bin", "offset": "8"}),
                      ("length", {"location": "external.bin", "length": str(2**40)}),
                      ("negative", {"location": "external.bin", "offset": "-4"}),
                      ("words", {"location": "external.bin", "length": "four"})):
    save(f"external_{name}", [node("Add", ["x", "w"], ["y"])], [external("w", **entries)])
(OUT / "external.bin").write_bytes(bytes(8))
save("external_type", [node("Add", ["x", "w"], ["y"])], [external("w", kind=99, location="external.bin")])
save("external_shape", [node("Add", ["x", "w"], ["y"])], [external("w", dims=[2**62, 2**62], location="external.bin")])
save("external_good", [node("Add", ["x", "w"], ["y"])], [external("w", location="external.bin", offset="4", length="4")])

for name, value in (("deep", '{"a":' + "[" * 2000 + "]" * 2000 + "}"), ("huge", '{"min_size": 1e400}'),
                    ("unsigned", '{"min_size": 9223372036854775808}'), ("twice", '{"min_size": 1, "min_size": 2}'),
                    ("list", "[1]"), ("cut", '{"min_size": '), ("bytes", b'{"min_size": "\xff\xfe"}'),
                    ("size", '{"min_size": 9223372036854775807, "max_size": 1e300, "detections_per_img": -1e300}'),
                    ("null", '{"min_size": null, "image_mean": {}, "box_score_thresh": "x"}')):
    save(f"settings_{name}", metadata=[("tv2onnx.version", "0.1.0"), ("tv2onnx.config", value)])
save("settings_names", metadata=[("tv2onnx.version", "0.1.0"), ("tv2onnx.class_names", "[" * 500)])
save("settings_raw", metadata=[("tv2onnx.outputs", "raw"), ("tv2onnx.architecture", "retinanet_resnet50_fpn"),
                               ("tv2onnx.config", "{}"), ("tv2onnx.raw", '{"grids": [[1e300, -1]]}')])

# --- names that talk to the terminal -----------------------------------------------------------

EVIL = "x\x1b]0;owned\x07\x1b[2J\n  healthy: nothing wrong\r\x7f\u009b2J"
save("name_node", [node("Relu", ["missing"], ["z"], name=EVIL), RELU])
save("name_operator", [node(EVIL, ["x"], ["z"]), node("NonZero", ["x"], ["n"], name=EVIL), RELU])
save("name_domain", [node("Gelu", ["x"], ["z"], domain=EVIL), RELU], opsets=(("", 17), (EVIL, 1)))
save("name_value", [node("Relu", [EVIL], ["y"])], [floats(EVIL, [2], float("nan"), 1.0)])
save("name_input", [node("Relu", [EVIL], ["y"])], inputs=[port(EVIL, [1, 3, EVIL, "w"])])
save("name_input_bytes", [node("Relu", [EVIL], ["y"])], inputs=[port(EVIL, [1, "h", "w", 3], 2)])
save("name_output", [node("Relu", ["x"], [EVIL])], outputs=[port(EVIL)])
save("name_producer", producer=EVIL)
save("name_graph", name=EVIL)
save("name_metadata", metadata=[(EVIL, EVIL)])
save("name_class", metadata=[("tv2onnx.version", EVIL), ("tv2onnx.architecture", EVIL), ("tv2onnx.config", '{"\\u001b[2J": "\\u009b"}'),
                             ("tv2onnx.class_names", '["\\u001b[2J"]')])
save("name_place", [node("Add", ["x", EVIL], ["y"])], [external(EVIL, location=EVIL)])
save("name_stated", values=[port(EVIL, [480, 640, 7])], outputs=[port("y"), port("y")])
bad = b"\xff\xfe\x9b2J\xc3\x28"
save("bytes_node", [node("Relu", ["missing"], ["z"], name=bad), RELU])
save("bytes_everywhere", [node("Relu", [bad], [bad], name=bad), node(bad, [bad], ["q"])], producer=bad, name=bad,
     inputs=[port(bad)], outputs=[port(bad)], metadata=[(bad, bad)])
