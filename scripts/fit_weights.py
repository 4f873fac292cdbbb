"""Gives a detector of a torchvision builder the parts that a state dict is for: another backbone of
torchvision, another number of layers, channels, anchors or classes. For load_detector.py."""
import collections
import itertools
import re

import torch
import torchvision
from torch import nn
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.rpn import RPNHead
from torchvision.models.detection.ssd import SSD
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool, LastLevelP6P7

Map = collections.namedtuple("Map", "layer channels stride")


class Unknown(Exception):
    """The weights are of something that is not rebuilt here; the text says of what."""


def below(state, prefix):
    return {key[len(prefix):]: value for key, value in state.items() if key.startswith(prefix)}


def count_while(exists):
    return next(k for k in itertools.count() if not exists(k))


# ---- layers of another shape

def weight_of(state, path):
    """(the weight, whether a bias is there) of the layer at `path`, also under the name that it had
    before releases put it into a Sequential."""
    for place in (path, path[:-2] if path.endswith(".0") else path):
        if f"{place}.weight" in state:
            return state[f"{place}.weight"], f"{place}.bias" in state
    return None, False


def convolution(old, shape, bias):
    depthwise = old.groups > 1 and old.groups == old.in_channels
    groups = shape[0] if depthwise else old.groups
    padding = old.padding
    if tuple(shape[2:]) != old.kernel_size:
        padding = tuple(d * (side - 1) // 2 for d, side in zip(old.dilation, shape[2:]))
    return nn.Conv2d(shape[1] * groups, shape[0], tuple(shape[2:]), old.stride, padding,
                     old.dilation, groups, bias)


def layer_like(old, shape, bias):
    """The layer with weights of that shape, or None where that cannot be made."""
    if isinstance(old, nn.Linear) and len(shape) == 2:
        return nn.Linear(shape[1], shape[0], bias)
    if isinstance(old, nn.ConvTranspose2d) and len(shape) == 4:
        return nn.ConvTranspose2d(shape[0], shape[1], tuple(shape[2:]), old.stride, old.padding,
                                  bias=bias)
    if isinstance(old, nn.Conv2d) and len(shape) == 4:
        return convolution(old, shape, bias)
    if isinstance(old, nn.BatchNorm2d) and len(shape) == 1:
        return nn.BatchNorm2d(shape[0], old.eps, old.momentum)
    return None


def fit_layers(module, state):
    """Replaces the layers whose weights have another shape."""
    for path, old in list(module.named_modules()):
        own = getattr(old, "weight", None)
        wanted, bias = weight_of(state, path)
        if wanted is None or own is None or own.shape == wanted.shape:
            continue
        new = layer_like(old, wanted.shape, bias)
        if new is not None:
            parent, _, leaf = path.rpartition(".")
            setattr(module.get_submodule(parent), leaf, new)


# ---- backbones

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
        weight = state.get(f"fpn.inner_blocks.{k}.0.weight", state.get(f"fpn.inner_blocks.{k}.weight"))
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


# ---- heads

def fit_rpn(model, state):
    logits = state.get("rpn.head.cls_logits.weight")
    if logits is None or not hasattr(model, "rpn"):
        return
    depth = count_while(lambda k: f"rpn.head.conv.{k}.0.weight" in state)
    more = {"conv_depth": depth} if depth > 1 else {}
    model.rpn.head = RPNHead(logits.shape[1], logits.shape[0], **more)


def convolutions(state):
    """Channels of N.0.weight, one after the other."""
    weights = []
    for k in itertools.count():
        weight = state.get(f"{k}.0.weight", state.get(f"mask_fcn{k + 1}.weight"))
        if weight is None:
            return weights
        weights.append(weight.shape[0])


def fit_box_head(model, state):
    part = below(state, "roi_heads.box_head.")
    if not part or not hasattr(model, "roi_heads"):
        return
    detection = torchvision.models.detection.faster_rcnn
    channels, size = model.backbone.out_channels, model.roi_heads.box_roi_pool.output_size
    if "fc6.weight" in part:
        out, inputs = part["fc6.weight"].shape
        model.roi_heads.box_head = detection.TwoMLPHead(inputs, out)
        return
    widths = convolutions(part)
    dense = [part[key].shape[0] for key in part
             if re.fullmatch(r"\d+\.weight", key) and part[key].dim() == 2]
    norm = {"norm_layer": nn.BatchNorm2d} if "0.1.weight" in part else {}
    model.roi_heads.box_head = detection.FastRCNNConvFCHead((channels, *size), widths, dense, **norm)


def fit_mask_head(model, state):
    part = below(state, "roi_heads.mask_head.")
    old = getattr(getattr(model, "roi_heads", None), "mask_head", None)
    if not part or old is None or len(convolutions(part)) == len(convolutions(old.state_dict())):
        return
    norm = {"norm_layer": nn.BatchNorm2d} if "0.1.weight" in part else {}
    model.roi_heads.mask_head = type(old)(model.backbone.out_channels, convolutions(part), 1, **norm)


def fit_dense_heads(model, state):
    """FCOS: another number of convolutions; each has a normalisation and an activation behind it."""
    if type(model).__name__ != "FCOS":  # releases before 0.12 have none
        return
    part = below(state, "head.classification_head.conv.")
    depth = count_while(lambda k: f"{3 * k}.weight" in part)
    for head in (model.head.classification_head, model.head.regression_head):
        head.conv = head.conv[:3 * depth]


def fit(model, state, levels):
    """Makes `model` take `state`, if that can be. \\throws Unknown"""
    if not isinstance(model, SSD):
        fit_backbone(model, state, levels)
    fit_rpn(model, state)
    fit_box_head(model, state)
    fit_mask_head(model, state)
    fit_dense_heads(model, state)
    fit_layers(model, state)
