"""torchvision models to ONNX, equal to PyTorch.

    import tv2onnx

    report = tv2onnx.export(model, "model.onnx")      # a module, a state dict or a checkpoint's path
    found = tv2onnx.Detector("model.onnx")(image)     # numpy in, numpy out
    print(tv2onnx.doctor("foreign.onnx"))             # what is wrong with a file of another exporter

export() gives an ONNX file that takes images of every size and batches of every length. Where an
ONNX Runtime is there it has been compared with the module before the call returns.

Images are numpy arrays, RGB: uint8 [height, width, 3] or [n, height, width, 3] of 0..255, or float32
[3, height, width] or [n, 3, height, width] of 0..1. Every failure is an Error with `code`, `where`
and `hint`. `python -m tv2onnx` is the command line.
"""
from tv2onnx._core import version as __version__
from tv2onnx._doctor import Diagnosis, Explanation, doctor, fix, rebuild
from tv2onnx._errors import Error, NotEqualError, NotVerifiedWarning
from tv2onnx._export import ExportReport, export, models
from tv2onnx._inspect import inspect
from tv2onnx._measure import EvaluateReport, QuantizeReport, evaluate, quantize
from tv2onnx._onnx_export import onnx_export
from tv2onnx._report import Report
from tv2onnx._results import Classes, Detections, LabelMap
from tv2onnx._run import Classifier, Detector, Flow, Segmenter, VideoClassifier
from tv2onnx._runtime import find_runtime
from tv2onnx._verify import VerifyReport, verify

__all__ = [
    "Classes", "Classifier", "Detections", "Detector", "Diagnosis", "Error", "EvaluateReport",
    "Explanation", "ExportReport", "Flow", "LabelMap", "NotEqualError", "NotVerifiedWarning",
    "QuantizeReport", "Report", "Segmenter", "VerifyReport", "VideoClassifier", "__version__",
    "doctor", "evaluate", "export", "find_runtime", "fix", "inspect", "models", "onnx_export",
    "quantize", "rebuild", "verify",
]
