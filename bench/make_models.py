#!/usr/bin/env python3
"""make_models.py OUT: one 91-class Faster R-CNN MobileNetV3-Large FPN, as OUT/model.pth and as
torch.onnx.export writes it, OUT/torch_NUMBER.onnx, for several numbers of proposals. Prints the
seconds and the peak memory of each export as JSON.

make_models.py OUT NAME...: these builders of torchvision with their own settings, as OUT/NAME.pth
and OUT/NAME.torch.onnx."""
import json
import pathlib
import resource
import sys
import time
import warnings

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "gen"))
import random_detectors as detectors  # noqa: E402

PROPOSALS = (1000, 350, 90)


def export(model, path):
    """As people do it: traced with a photo, all three axes declared dynamic."""
    photo = detectors.photo(0, 480, 640)[None]
    with torch.no_grad():
        names = list(model(photo)[0])
    axes = {"input": {0: "batch", 2: "height", 3: "width"}}
    axes.update({name: {0: "detections"} for name in names})
    torch.onnx.export(model, photo, str(path), opset_version=11, input_names=["input"],
                      output_names=names, dynamic_axes=axes, **detectors.TRACING)


def make_builders(out, names):
    for name in names:
        model = detectors.build(name)
        torch.save(model.state_dict(), out / f"{name}.pth")
        export(model, out / f"{name}.torch.onnx")


def main():
    warnings.filterwarnings("ignore")
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    if sys.argv[2:]:
        make_builders(out, sys.argv[2:])
        return
    # Without a threshold every image has as many proposals as are allowed.
    model = detectors.build("fasterrcnn_mobilenet_v3_large_fpn", rpn_score_thresh=0.0)
    torch.save(model.state_dict(), out / "model.pth")
    costs = {}
    for number in PROPOSALS:
        model.rpn._post_nms_top_n["testing"] = number
        start = time.perf_counter()
        export(model, out / f"torch_{number}.onnx")
        costs[number] = {"seconds": time.perf_counter() - start,
                         "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    print(json.dumps({"torch": torch.__version__, "export": costs}))


if __name__ == "__main__":
    main()
