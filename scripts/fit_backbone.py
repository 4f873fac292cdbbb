"""The backbones of torchvision that weights may be for: ResNets and MobileNets, with or without a
pyramid. For fit_weights.py."""
import collections
import itertools
import re

import torch
import torchvision
from torch import nn
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool, LastLevelP6P7

from fit_layers import Unknown, below, count_while, fit_layers

Map = collections.namedtuple("Map", "layer channels stride")


def resnet_parts(state):
    """conv1, layer1, ... or 0, 4, ... in nn.Sequential."""
    if "4.0.conv1.weight" in state:
        return {"conv1": "0", "bn1": "1", **{f"layer{k}": str(k + 3) for k in range(1, 5)}}
    return {name: name for name in ("conv1", "bn1", "layer1", "layer2", "layer3", "layer4")}


def resnet(state):
    names = resnet_parts(state)
    deep = f"{names['layer1']}.0.conv3.weight" in state
    counts = [count_while(lambda block: f"{names[f'layer{k}']}.{block}.conv1.weight" in state)
              for k in range(1, 5)]
    width, per_group = state[f"{names['layer1']}.0.conv2.weight"].shape[:2]
    groups = width // per_group if deep else 1
    net = ResNet(Bottleneck if deep else BasicBlock, counts, groups=groups,
                 width_per_group=width // groups if deep else 64)
    last = max((k for k in range(1, 5) if counts[k - 1]), default=1)  # pyramids may need no more
    left_out = ("avgpool", "fc", *(f"layer{k}" for k in range(last + 1, 5)))
    parts = [(name, child) for name, child in net.named_children() if name not in left_out]
    if names["conv1"] == "0":
        parts = [(str(k), child) for k, (_, child) in enumerate(parts)]
    return nn.Sequential(collections.OrderedDict(parts))


def mobilenet(state):
    models = torchvision.models
    if "1.conv.0.0.weight" in state:
        features = models.mobilenet_v2().features
    elif "1.block.1.fc1.weight" in state:
        features = models.mobilenet_v3_small(norm_layer=nn.BatchNorm2d).features
    else:
        features = models.mobilenet_v3_large(norm_layer=nn.BatchNorm2d).features
    count = count_while(lambda k: any(key.startswith(f"{k}.") for key in state))
    return nn.Sequential(*list(features)[:count])


def network(state):
    """The feature extractor that the keys are for, or None."""
    if "layer1.0.conv1.weight" in state or "4.0.conv1.weight" in state:
        return resnet(state)
    if "1.conv.0.0.weight" in state or "1.block.0.0.weight" in state:
        return mobilenet(state)
    return None


def maps_of(body):
    """The last layer of each stage that a pyramid can be made of, with what it gives."""
    maps = []
    x = torch.zeros(1, next(body.parameters()).shape[1], 256, 256)
    with torch.no_grad():
        for name, layer in body.eval().named_children():
            x = layer(x)
            stage = Map(name, x.shape[1], 256 // x.shape[2])
            if isinstance(layer, nn.Sequential) and re.fullmatch(r"layer\d", name):
                maps.append(stage)  # a ResNet's
            elif getattr(layer, "_is_cn", False) or name == "0":
                maps.append(stage)  # a MobileNet's: where it halves the size
    if not maps or maps[-1].layer != name:
        maps.append(stage)
    return maps


def gapless(chosen):
    return all(coarse.stride <= 2 * fine.stride for fine, coarse in zip(chosen, chosen[1:]))


def returned_layers(body, channels):
    """The maps that a pyramid with these input channels is made of."""
    maps = maps_of(body)
    fitting = [chosen for chosen in itertools.combinations(maps, len(channels))
               if chosen[-1] == maps[-1] and [one.channels for one in chosen] == channels]
    fitting = [chosen for chosen in fitting if gapless(chosen)] or fitting
    if len(fitting) != 1:
        raise Unknown(f"a pyramid of maps with {channels} channels")
    return fitting[0]


def blocks_of_pyramid(state):
    weights = []
    for k in itertools.count():
        block = f"fpn.inner_blocks.{k}"
        weight = state.get(f"{block}.0.weight", state.get(f"{block}.weight"))
        if weight is None:
            return weights
        weights.append(weight.shape)


def with_pyramid(body, state, levels):
    """`levels`: how many maps have anchors; as many as the pyramid's own means no pooled one."""
    shapes = blocks_of_pyramid(state)
    chosen = returned_layers(body, [shape[1] for shape in shapes])
    p6 = state.get("fpn.extra_blocks.p6.weight")
    extra = LastLevelMaxPool() if p6 is None else LastLevelP6P7(p6.shape[1], p6.shape[0])
    norm = {"norm_layer": nn.BatchNorm2d} if "fpn.inner_blocks.0.1.weight" in state else {}
    backbone = BackboneWithFPN(body, {one.layer: str(k) for k, one in enumerate(chosen)},
                               [one.channels for one in chosen], shapes[0][0], extra, **norm)
    if p6 is None and levels == len(shapes):
        backbone.fpn.extra_blocks = None
    return backbone


def without_pyramid(body, state, prefix):
    if prefix == "0.":  # mobilenet_backbone(fpn=False)
        projection = state["1.weight"].shape
        body = nn.Sequential(body, nn.Conv2d(projection[1], projection[0], 1))
        body.out_channels = projection[0]
    else:
        body.out_channels = maps_of(body)[-1].channels
    return body


def backbone_for(state, levels):
    for prefix in ("body.", "0.", ""):
        part = below(state, prefix)
        body = network(part)
        if body is None:
            continue
        fit_layers(body, part)
        if blocks_of_pyramid(state):
            return with_pyramid(body, state, levels)
        return without_pyramid(body, state, prefix)
    raise Unknown("a backbone that is no ResNet or MobileNet of torchvision")


def keys_and_shapes(state):
    """Under the names of later releases; without what may differ in a backbone of the same kind."""
    found = {}
    for key, value in state.items():
        key = re.sub(r"(fpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)$", r"\1.0.\2", key)
        if not key.endswith("num_batches_tracked"):
            found[key] = tuple(value.shape)
    return found


def fit_backbone(model, state, levels):
    weights = below(state, "backbone.")
    own, wanted = keys_and_shapes(model.backbone.state_dict()), keys_and_shapes(weights)
    if own.keys() == wanted.keys():
        different = [key for key in own if own[key] != wanted[key]]
        # The first convolution may take images of another number of channels.
        stem = next((key for key in own if len(own[key]) == 4), None)
        without_pool = levels is not None and levels == len(blocks_of_pyramid(weights))
        if different in ([], [stem]) and not without_pool:
            return
    model.backbone = backbone_for(weights, levels)
