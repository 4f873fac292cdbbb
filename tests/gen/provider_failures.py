#!/usr/bin/env python3
"""What execution providers of ONNX Runtime fail in, as files of one or two nodes.

    provider_failures.py OUT          writes OUT/NAME.onnx for each row of CASES
    provider_failures.py OUT --run    runs them too and prints the rows of docs/runtimes.md

A run feeds each shape of a case in turn to one session, in a process of its own, and compares with
ONNX Runtime's CPU provider. Needs python3-onnx and, for --run, python3-onnxruntime of Debian 13, which
has both providers (`ORACLE_ROOT` of scripts/oracle may be such a root).
"""
import multiprocessing
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WEIGHT = np.random.default_rng(0).standard_normal((5, 24)).astype(np.float32)
ROWS = ["rows", 24]


def gemm(transposed=True, bias=True):
    """As a layer of torch is written: with its weight [out, in] and a bias."""
    weights = {"weight": WEIGHT if transposed else np.ascontiguousarray(WEIGHT.T)}
    if bias:
        weights["bias"] = np.ones(5, np.float32)
    return [helper.make_node("Gemm", ["x", *weights], ["y"], transB=int(transposed))], weights


def conv(groups):
    kernel = np.random.default_rng(2).standard_normal((4, 4 // groups, 3, 3)).astype(np.float32)
    return ([helper.make_node("Conv", ["x", "kernel"], ["y"], group=groups, pads=[1, 1, 1, 1])],
            {"kernel": kernel})


def products():
    return ([helper.make_node("MatMul", ["x", "weight"], ["product"]),
             helper.make_node("Add", ["product", "bias"], ["y"])],
            {"weight": np.ascontiguousarray(WEIGHT.T), "bias": np.ones(5, np.float32)})


def resize(sizes):
    return ([helper.make_node("Resize", ["x", "", "", "sizes"], ["y"], mode="linear",
                              coordinate_transformation_mode="half_pixel")],
            {"sizes": np.array(sizes)})


# name -> provider, nodes and weights, shape of the input, shapes that are fed one after another
CASES = {
    "xnnpack_gemm": ("Xnnpack", gemm(), ROWS, [(1, 24), (3, 24)]),
    "xnnpack_gemm_no_rows": ("Xnnpack", gemm(), ROWS, [(0, 24)]),
    "xnnpack_gemm_no_bias": ("Xnnpack", gemm(bias=False), [3, 24], [(3, 24)]),
    "xnnpack_gemm_fixed": ("Xnnpack", gemm(), [3, 24], [(3, 24)]),
    "xnnpack_matmul_add": ("Xnnpack", products(), ROWS, [(1, 24), (3, 24)]),
    "xnnpack_resize": ("Xnnpack", resize([1, 3, 16, 16]), [1, 3, "height", "width"],
                       [(1, 3, 8, 8), (1, 3, 4, 6)]),
    "xnnpack_resize_fixed": ("Xnnpack", resize([1, 3, 16, 16]), [1, 3, 8, 8], [(1, 3, 8, 8)]),
    "onednn_grouped_conv": ("Dnnl", conv(4), [1, 4, "height", "width"],
                            [(1, 4, 8, 8), (1, 4, 6, 10), (1, 4, 8, 8)]),
    "onednn_conv": ("Dnnl", conv(1), [1, 4, "height", "width"],
                    [(1, 4, 8, 8), (1, 4, 6, 10), (1, 4, 8, 8)]),
    "onednn_gemm": ("Dnnl", gemm(), ROWS, [(3, 24), (2, 24)]),
    "onednn_gemm_untransposed": ("Dnnl", gemm(transposed=False), ROWS, [(3, 24), (2, 24)]),
    "onednn_gemm_fixed": ("Dnnl", gemm(), [3, 24], [(3, 24), (3, 24)]),
}


def write(path, nodes, weights, shape):
    graph = helper.make_graph(
        nodes, path.stem, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * len(shape))],
        [numpy_helper.from_array(array, name) for name, array in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def run(path, provider, shapes, said):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    sessions = [onnxruntime.InferenceSession(str(path), options, providers=providers)
                for providers in (["CPUExecutionProvider"],
                                  [provider + "ExecutionProvider", "CPUExecutionProvider"])]
    for shape in shapes:
        x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
        wanted = sessions[0].run(None, {"x": x})[0]
        try:
            found = sessions[1].run(None, {"x": x})[0]
        except Exception as error:  # whatever the runtime throws is what is asked for
            said.put(f"{shape}: {str(error).split('Status Message: ')[-1]}")
        else:
            same = found.shape == wanted.shape and np.allclose(found, wanted, atol=1e-5)
            said.put(f"{shape}: " + ("right" if same else f"gives {found.shape}, not {wanted.shape}"))


def outcome(path, provider, shapes):
    said = multiprocessing.Queue()
    child = multiprocessing.Process(target=run, args=(path, provider, shapes, said))
    child.start()
    child.join()
    lines = [said.get() for _ in range(said.qsize())]
    if child.exitcode != 0:
        lines.append(f"{shapes[len(lines)]}: the process ends with signal {-child.exitcode}")
    return "; ".join(lines)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, (provider, (nodes, weights), shape, shapes) in CASES.items():
        write(out / f"{name}.onnx", nodes, weights, shape)
        if sys.argv[2:] == ["--run"]:
            print(f"| `{name}` | {outcome(out / f'{name}.onnx', provider, shapes)} |", flush=True)


if __name__ == "__main__":
    main()
