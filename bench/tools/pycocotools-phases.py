"""Evaluates boxes with pycocotools and prints how long that took, and the figures, as JSON.

usage: pycocotools-phases.py TRUTH RESULTS
"""

import contextlib
import io
import json
import sys
import time

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

start = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(sys.argv[1])
    evaluation = COCOeval(truth, truth.loadRes(sys.argv[2]), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
print(json.dumps({"seconds": time.perf_counter() - start, "figures": list(evaluation.stats)}))
