#!/usr/bin/env python3
"""Tests of scripts/proposal_ties.py. Ends with 77, which CTest takes for skipped, where there is no
torchvision."""
import copy
import functools
import pathlib
import sys
import unittest

try:
    import torch
    from torchvision.models.detection import (fasterrcnn_mobilenet_v3_large_320_fpn,
                                              ssdlite320_mobilenet_v3_large)
    from torchvision.models.detection.roi_heads import RoIHeads
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "gen")]
import random_detectors  # noqa: E402
from proposal_ties import changed, proposals_at_a_limit, watched  # noqa: E402

FAR = [50., 50, 60, 60]
BEST = [0., 0, 10, 10]


@functools.lru_cache(maxsize=None)
def proposing():
    return fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None).rpn.eval()


def at_a_limit(boxes, objectness, top_n=10, levels=None):
    """Which of the boxes stand at a limit, where boxes are suppressed from an IoU of 0.7."""
    rpn = copy.deepcopy(proposing())
    rpn._post_nms_top_n = {**rpn._post_nms_top_n, "testing": top_n}
    candidates = (torch.tensor([boxes]), torch.tensor(objectness)[:, None], [(100, 100)],
                  levels or [len(boxes)])
    chosen, _scores = rpn.filter_proposals(*candidates)
    found = proposals_at_a_limit(rpn, candidates, chosen)
    assert rpn.nms_thresh == 0.7
    return found[0].tolist()


def without(one, other):
    """The boxes of one result that the other has not."""
    if len(other["boxes"]) == 0:
        return one["boxes"]
    apart = torch.cdist(one["boxes"], other["boxes"], p=float("inf"))
    return one["boxes"][(apart > 0.01).all(dim=1)]


class AtALimit(unittest.TestCase):
    def test_boxes_that_overlap_by_the_limit(self):
        for right, expected in ((7.001, True), (6.999, True), (7.1, False), (6.9, False)):
            box = [0., 0, right, 10]
            found = at_a_limit([BEST, box, FAR], [3., 2, 1])
            self.assertEqual(bool(found), expected, right)
            if expected:
                self.assertAlmostEqual(found[0][2], right, 5)

    def test_boxes_of_other_levels_do_not_matter(self):
        self.assertEqual(at_a_limit([BEST, [0., 0, 7, 10]], [3., 2], levels=[1, 1]), [])

    def test_rivals_of_equal_score(self):
        rival = [0., 0, 9, 10]
        self.assertEqual(sorted(at_a_limit([BEST, rival, FAR], [2., 2, 1])), [rival, BEST])
        self.assertEqual(at_a_limit([BEST, rival, FAR], [2., 2.001, 1]), [])

    def test_the_last_for_which_there_is_room(self):
        apart = [[20. * k, 0, 20. * k + 10, 10] for k in range(4)]
        self.assertEqual(sorted(at_a_limit(apart, [4., 3, 2, 2], top_n=3)), apart[2:])
        self.assertEqual(at_a_limit(apart, [4., 3, 3, 2], top_n=3), [])

    def test_what_only_a_box_at_the_limit_suppresses(self):
        # The second is suppressed or not by the first, and would suppress the third.
        second, third = [0., 0, 7, 10], [0., 0, 5.5, 10]
        self.assertEqual(sorted(at_a_limit([BEST, second, third], [3., 2, 1])), [third, second])


class Watched(unittest.TestCase):
    @torch.no_grad()
    def run_watched(self, model, images):
        with watched(model) as tied_detections:
            return model(images), tied_detections(images)

    @torch.no_grad()
    def test_what_another_limit_changes_is_told(self):
        model = random_detectors.build("fasterrcnn_mobilenet_v3_large_fpn", classes=5, seed=7)
        images = [random_detectors.photo(k, 300, 500) for k in range(2)]
        plain, ties = self.run_watched(model, images)
        changes = 0
        for nudge in (-9e-4, 9e-4):
            with changed(model.rpn, nms_thresh=model.rpn.nms_thresh + nudge):
                other = model(images)
            for one, two, tie in zip(plain, other, ties):
                moved = torch.cat([without(one, two), without(two, one)])
                changes += len(moved)
                # Others may be consequences of one that is told.
                self.assertTrue(len(moved) == 0 or len(without({"boxes": moved}, tie)) < len(moved))
        self.assertGreater(changes, 0)

    def test_the_model_is_left_as_it_was(self):
        model = random_detectors.build("fasterrcnn_mobilenet_v3_large_320_fpn", classes=3, seed=1)
        heads, rpn = dict(vars(model.roi_heads)), dict(vars(model.rpn))
        self.run_watched(model, [random_detectors.photo(0, 100, 120)])
        self.assertEqual(vars(model.rpn), rpn)
        self.assertEqual(vars(model.roi_heads), heads)
        self.assertEqual(len(model.roi_heads._forward_pre_hooks), 0)

    def test_an_image_without_proposals(self):
        model = random_detectors.build("fasterrcnn_mobilenet_v3_large_320_fpn", classes=3, seed=1)
        model.rpn.score_thresh = 2.0
        _, ties = self.run_watched(model, [torch.zeros(3, 60, 80)])
        self.assertEqual([list(tie["boxes"].shape) for tie in ties], [[0, 4]])

    def test_other_models(self):
        ssd = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=3).eval()
        self.assertIsNone(self.run_watched(ssd, [torch.zeros(3, 60, 80)])[1])
        model = random_detectors.build("fasterrcnn_mobilenet_v3_large_320_fpn")
        model.roi_heads.__class__ = type("OwnHeads", (RoIHeads,), {})
        self.assertIsNone(self.run_watched(model, [torch.zeros(3, 60, 80)])[1])


if __name__ == "__main__":
    unittest.main()
