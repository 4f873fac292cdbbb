#!/usr/bin/env python3
"""Time and memory of tv2onnx.export beside torch.onnx.export, as a table of Markdown. Needs the
package, torch and torchvision. Each export runs in a process of its own."""
import json
import subprocess
import sys

MODELS = [("resnet50", "torchvision.models", 224), ("convnext_tiny", "torchvision.models", 224),
          ("fasterrcnn_resnet50_fpn", "torchvision.models.detection", 480),
          ("maskrcnn_resnet50_fpn", "torchvision.models.detection", 480),
          ("retinanet_resnet50_fpn", "torchvision.models.detection", 480)]

CHILD = """
import importlib, json, resource, sys, time, warnings
import torch
warnings.simplefilter("ignore")
torch.set_num_threads(1)
torch.manual_seed(0)
name, module, size, tool, path = sys.argv[1:]
weights = {} if "detection" not in module else {"weights_backbone": None}
model = getattr(importlib.import_module(module), name)(weights=None, **weights).eval()
if tool == "tv2onnx":
    import tv2onnx
image = torch.rand(3, int(size), int(size))
def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
begin, before = used()
if tool == "tv2onnx":
    tv2onnx.export(model, path, verify=False, overwrite=True)
else:
    args = ([image],) if "detection" in module else (image[None],)
    torch.onnx.export(model, args, path, opset_version=16)
end, after = used()
print(json.dumps([end - begin, after - before]))
"""


def measured(name, module, size, tool):
    """CPU seconds, and MiB by which the process grew."""
    done = subprocess.run([sys.executable, "-c", CHILD, name, module, str(size), tool, "/dev/shm/bench.onnx"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        return None
    return json.loads(done.stdout.splitlines()[-1])


def cell(result, unit):
    return "fails" if result is None else f"{result:.1f} {unit}" if unit == "s" else f"{result:.0f} {unit}"


def main():
    print("| model | tv2onnx.export | torch.onnx.export | memory | memory of torch |")
    print("|---|---|---|---|---|")
    for name, module, size in MODELS:
        ours, theirs = (measured(name, module, size, tool) or (None, None) for tool in ("tv2onnx", "torch"))
        print(f"| {name} | {cell(ours[0], 's')} | {cell(theirs[0], 's')} | {cell(ours[1], 'MiB')} | "
              f"{cell(theirs[1], 'MiB')} |", flush=True)


if __name__ == "__main__":
    main()
