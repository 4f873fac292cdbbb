"""A fine-tuned model in, a verified file out, a picture drawn: finetuned.py MODEL.pth PHOTO OUT"""
import sys

import numpy as np
import torch
from PIL import Image

import tv2onnx

model = torch.load(sys.argv[1], weights_only=False)  # or the module that you have just trained

report = tv2onnx.export(model, sys.argv[3] + ".onnx", class_names=["circle", "square",
                                                           "triangle", "star", "ring", "cross"])
print(report)  # verified  True: the file and the module were run on the same images

image = np.asarray(Image.open(sys.argv[2]).convert("RGB"))
found = tv2onnx.Detector(report.path)(image)
print(found.above(0.5))
Image.fromarray(found.plot(image)).save(sys.argv[3] + ".png")
