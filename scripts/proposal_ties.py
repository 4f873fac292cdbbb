"""Detections of an R-CNN that are found or not as a tie among its proposals decides.

Of a thousand proposals a few stand at a limit: they overlap a better one by just about `nms_thresh`,
or are just about the last for which there is room. Another runtime, or another processor, rounds some
of them to the other side, and what they become is found or not although every number is right.
"""
import contextlib

import torch
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork
from torchvision.models.detection.transform import resize_boxes

TRIALS = 8  # so that of two proposals of one score each is first in some trial
OVERLAP = 1e-3  # what IoU changes by when the sides of a box of 40 pixels move by 0.01
OBJECTNESS = 1e-4  # of the logit


@contextlib.contextmanager
def watched(model):
    """Yields a function that gives, after the model ran, what ties decide (see tied_detections). For
    models that are no R-CNN, or one with parts that torchvision does not know, it gives None."""
    rpn, heads = getattr(model, "rpn", None), getattr(model, "roi_heads", None)
    if type(rpn) is not RegionProposalNetwork or type(heads) is not RoIHeads:
        yield lambda images: None
        return
    seen = {}
    choose = rpn.filter_proposals

    def keep_candidates(*arguments):
        seen["candidates"] = arguments
        seen["proposals"], scores = choose(*arguments)
        return seen["proposals"], scores

    def keep_features(_heads, arguments):
        seen["features"], _proposals, seen["sizes"] = arguments[:3]

    hook = heads.register_forward_pre_hook(keep_features)
    rpn.filter_proposals = keep_candidates
    try:
        yield lambda images: tied_detections(rpn, heads, seen, images)
    finally:
        hook.remove()
        del rpn.filter_proposals


@contextlib.contextmanager
def changed(module, **values):
    """The module with other values of some attributes, for a while."""
    before = {name: getattr(module, name) for name in values}
    vars(module).update(values)
    try:
        yield
    finally:
        vars(module).update(before)


def proposals_at_a_limit(rpn, candidates, proposals):
    """[float [n, 4]] for each image: those that are chosen in some trials and not in all, where a trial
    moves the limit of overlap and the objectness a little.

    candidates: arguments of filter_proposals; proposals: what it chose of them.
    """
    choose = type(rpn).filter_proposals
    boxes, objectness, *others = candidates
    random = torch.Generator().manual_seed(0)
    trials = [proposals]
    for trial in range(TRIALS):
        noise = OBJECTNESS * (2 * torch.rand(objectness.shape, generator=random) - 1)
        limit = rpn.nms_thresh + (OVERLAP if trial % 2 else -OVERLAP)
        with changed(rpn, nms_thresh=limit):
            trials.append(choose(rpn, boxes, objectness + noise.to(objectness), *others)[0])
    found = []
    for chosen in zip(*trials):
        sets = [set(map(tuple, each.tolist())) for each in chosen]
        at_a_limit = sorted(set.union(*sets) - set.intersection(*sets))
        found.append(boxes.new_tensor(at_a_limit).reshape(-1, 4))
    return found


@torch.no_grad()
def tied_detections(rpn, heads, seen, images):
    """[{"boxes", "labels", "scores"}] for each image: what the heads make of proposals at a limit,
    in pixels of the image."""
    proposals = proposals_at_a_limit(rpn, seen["candidates"], seen["proposals"])
    pooled = heads.box_roi_pool(seen["features"], proposals, seen["sizes"])
    logits, regression = heads.box_predictor(heads.box_head(pooled))
    with changed(heads, nms_thresh=2.0, detections_per_img=logits.numel()):  # all of them
        found = heads.postprocess_detections(logits, regression, proposals, seen["sizes"])
    return [{"boxes": resize_boxes(boxes, size, image.shape[-2:]), "labels": labels, "scores": scores}
            for boxes, scores, labels, size, image in zip(*found, seen["sizes"], images)]
