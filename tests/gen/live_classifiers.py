#!/usr/bin/python3
"""Whole modules of torchvision's classifiers, as people have them, with images and logits; logits of
photos that torchvision's transforms prepare; and files of torch.onnx.export for the doctor.

    /usr/bin/python3 tests/gen/live_classifiers.py build/release/live/classifiers
"""
import sys
import warnings
from pathlib import Path

import torch
from torch import nn
from PIL import Image
from torchvision import models
from torchvision.transforms import InterpolationMode
from torchvision.transforms._presets import ImageClassification

from plain_safetensors import write_safetensors

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
CLASSES = 5


def plain(name, **arguments):
    return lambda: getattr(models, name)(num_classes=CLASSES, **arguments)


def with_head(name, place, head):
    """torchvision's builder with another head, as fine-tuning makes it."""
    def make():
        model = getattr(models, name)()
        parent, leaf = place.rpartition(".")[::2]
        setattr(model.get_submodule(parent), leaf, head())
        return model
    return make


def changed(name, change):
    def make():
        model = plain(name)()
        change(model)
        return model
    return make


def odd_swin(model):
    model.features[1][1].attn.shift_size = [0, 0]
    model.features[3][0].mlp[1].approximate = "tanh"


EQUAL = {
    "alexnet": with_head("alexnet", "classifier", lambda: nn.Sequential(
        nn.Dropout(), nn.Linear(9216, CLASSES))),
    "squeezenet": plain("squeezenet1_1"),
    "densenet": plain("densenet121"),
    "googlenet": plain("googlenet", init_weights=False, transform_input=True),
    "inception": plain("inception_v3", init_weights=False, aux_logits=False),
    "mobilenet_v2": plain("mobilenet_v2"),
    "quantizable": lambda: models.quantization.mobilenet_v2(num_classes=CLASSES),
    "mobilenet_v3": plain("mobilenet_v3_small"),
    "shufflenet": plain("shufflenet_v2_x0_5"),
    "mnasnet": plain("mnasnet0_5"),
    "efficientnet": plain("efficientnet_b0"),
    "efficientnet_v2": plain("efficientnet_v2_s"),
    "regnet": plain("regnet_y_400mf"),
    "convnext": plain("convnext_tiny"),
    "swin": plain("swin_t"),
    "swin_v2": with_head("swin_v2_t", "head", lambda: nn.Sequential(
        nn.Dropout(), nn.Linear(768, CLASSES))),
    "vit": with_head("vit_b_32", "heads", lambda: nn.Sequential(
        nn.Linear(768, 16), nn.GELU(), nn.Linear(16, CLASSES))),
    "maxvit": plain("maxvit_t"),
    "tanh_head": with_head("resnet18", "fc", lambda: nn.Sequential(
        nn.Linear(512, 8), nn.Tanh(), nn.Linear(8, CLASSES))),
    "small_head": with_head("vgg11", "classifier", lambda: nn.Sequential(
        nn.Linear(25088, 16), nn.SiLU(), nn.Dropout(), nn.Linear(16, CLASSES))),
    "norm_head": with_head("resnet18", "fc", lambda: nn.Sequential(
        nn.Dropout(), nn.Linear(512, 32), nn.ReLU(), nn.BatchNorm1d(32), nn.Linear(32, CLASSES))),
    "nested_head": with_head("mobilenet_v2", "classifier.1", lambda: nn.Sequential(
        nn.Linear(1280, 32, bias=False), nn.Hardswish(), nn.Linear(32, CLASSES))),
    "other_eps": changed("resnet18", lambda m: setattr(m.bn1, "eps", 0.5)),
}
REFUSED = {
    "softplus": with_head("resnet18", "fc", lambda: nn.Sequential(
        nn.Linear(512, 8), nn.Softplus(), nn.Linear(8, CLASSES))),
    "odd_swin": changed("swin_v2_t", odd_swin),
    "other_scale": changed("maxvit_t", lambda m: setattr(
        m.blocks[1].layers[0].layers[2].attn_layer[1], "scale_factor", 32**-0.5)),
    "softmax": with_head("resnet18", "fc", lambda: nn.Sequential(
        nn.Linear(512, CLASSES), nn.LogSoftmax(1))),
    "max_pooled": changed("resnet18", lambda m: setattr(m, "avgpool", nn.AdaptiveMaxPool2d(1))),
    "larger_grid": changed("resnet18", lambda m: setattr(m, "avgpool", nn.AdaptiveAvgPool2d(2))),
    "leaky": changed("squeezenet1_1", lambda m: setattr(
        m.features[3], "squeeze_activation", nn.LeakyReLU())),
    "floor": changed("googlenet", lambda m: setattr(m.maxpool1, "ceil_mode", False)),
    "no_residual": changed("efficientnet_b0", lambda m: setattr(
        m.features[2][1], "use_res_connect", False)),
    "without_padding": changed("densenet121", lambda m: setattr(
        m.features.transition1.pool, "count_include_pad", False)),
}


# Prepared as small as they are trained, so that it costs little.
PHOTOS = {
    "mobilenet_v3": ImageClassification(resize_size=76, crop_size=64),
    "efficientnet": ImageClassification(resize_size=71, crop_size=64, mean=(0.5,) * 3, std=(0.4,) * 3,
                                        interpolation=InterpolationMode.BICUBIC),
}
PHOTO_FILES = sorted((Path(__file__).parents[2] / "examples/shapes/images").glob("*.jpg"))


class Small(nn.Module):
    """A classifier whose end a subclass has."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=4)
        self.fc = nn.Linear(8, CLASSES)

    def forward(self, x):
        return self.fc(torch.flatten(nn.functional.adaptive_avg_pool2d(self.conv(x), 1), 1))


class TwoSoftmaxes(Small):
    def forward(self, x):
        return super().forward(x).softmax(1).softmax(1)


class OneImage(Small):
    def forward(self, x):
        return self.fc(self.conv(x).mean((2, 3)).view(1, -1))


class Pooled(Small):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8 * 49, CLASSES)

    def forward(self, x):
        return self.fc(torch.flatten(nn.functional.avg_pool2d(self.conv(x), 8), 1))


class Resized(Small):
    def forward(self, x):
        return super().forward(nn.functional.interpolate(x, size=(64, 64), mode="bilinear"))


FOREIGN = {"two_softmaxes": TwoSoftmaxes, "one_image": OneImage, "pooled": Pooled,
           "resized": Resized, "plain": Small,
           "squeezenet": lambda: models.squeezenet1_1(num_classes=CLASSES),
           "mobilenet": lambda: models.mobilenet_v3_small(num_classes=CLASSES)}


def export_foreign(out):
    x = torch.rand(1, 3, 224, 224)
    free = {0: "batch", 2: "height", 3: "width"}
    for name, make in FOREIGN.items():
        torch.onnx.export(make().eval(), x, str(out / f"foreign_{name}.onnx"), opset_version=13,
                          input_names=["image"], output_names=["scores"],
                          dynamic_axes={"image": free, "scores": {0: "batch"}})


# What modules give, by their paths.
FEATURES = {
    "norm_head": ["conv1", "bn1", "maxpool", "layer1.0.conv1", "layer1.0.bn1", "layer1.0", "layer2",
                  "layer2.0.downsample", "layer4", "avgpool", "fc"],
    "mobilenet_v3": ["features.0", "features.0.0", "features.1.block.1", "features.3.block.0.1",
                     "features.12", "avgpool", "classifier.0", "classifier.1"],
    "densenet": ["features.conv0", "features.pool0", "features.denseblock1", "features.transition1",
                 "features.denseblock2.denselayer3.conv2", "features.denseblock2.denselayer3",
                 "features.norm5", "features"],
    "squeezenet": ["features.3", "features.3.squeeze", "features.12", "classifier"],
    "convnext": ["features.0", "features.1.0", "features.1.0.block.2", "avgpool", "classifier.2"],
    "shufflenet": ["maxpool", "stage2.0", "stage2.1.branch2", "stage3", "conv5"],
    "efficientnet": ["features.1", "features.2.0.block.1", "features.2.0.block.2", "features.8"],
    "small_head": ["features.0", "features.1", "features.2", "features", "avgpool", "classifier.0"],
}


def features_of(model, paths, x):
    found = {}

    def keep(path):
        # A ReLU that works in place changes the tensor afterwards.
        return lambda module, inputs, output: found.update({f"feature/{path}": output.clone()})

    hooks = [model.get_submodule(path).register_forward_hook(keep(path)) for path in paths]
    with torch.no_grad():
        model(x)
    for hook in hooks:
        hook.remove()
    return found


def logits_of_photos(model, transforms):
    with torch.no_grad():
        return torch.cat([model(transforms(Image.open(path).convert("RGB"))[None])
                          for path in PHOTO_FILES])


SIZES = {"inception": (75, 83), "vit": (224, 224), "maxvit": (224, 224)}


def settle(model, x):
    """Statistics of batch normalisation as after training, so that images keep apart."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
    with torch.no_grad():
        model.train()(x)
    return model.eval()


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, make in {**EQUAL, **REFUSED}.items():
        torch.manual_seed(0)
        x = torch.randn(2, 3, *SIZES.get(name, (64, 72)))
        # On enough positions that no variance is that of two numbers.
        seen = torch.randn(4, 3, *max(SIZES.get(name, (0, 0)), (139, 147)))
        model = make().eval() if name in REFUSED else settle(make(), seen)
        torch.save(model, out / f"{name}.pth")
        if name in REFUSED:
            continue
        with torch.no_grad():
            recorded = {"input": x, "logits": model(x)}
        recorded.update(features_of(model, FEATURES.get(name, []), x))
        if name == "norm_head":  # to be run in PyTorch by verify
            torch.save(model.state_dict(), out / "state_dict.pth")
        if name in PHOTOS:
            recorded["photos"] = logits_of_photos(model, PHOTOS[name])
        write_safetensors(out / f"{name}.safetensors", recorded)
    export_foreign(out)


if __name__ == "__main__":
    main()
