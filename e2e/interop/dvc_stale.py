"""Prints as JSON, for each folder, what DVC says is out of date there, and what then runs.

    python dvc_stale.py <folder>…

One process for all of them: most of what DVC takes is the time to start.
"""

import json
import os
import sys

from dvc.exceptions import ReproductionError
from dvc.repo import Repo
from dvc.repo.reproduce import _reproduce_stage


def say(folder):
    os.chdir(folder)
    with Repo(folder) as repo:
        stale = sorted(repo.status())
    ran, failed = [], []

    def noting(stage, **options):
        try:
            made = _reproduce_stage(stage, **options)
        except Exception:
            failed.append(stage.addressing)
            raise
        if made:
            ran.append(stage.addressing)
        return made

    with Repo(folder) as repo:
        try:
            repo.reproduce(repro_fn=noting, on_error="keep-going")
        except ReproductionError:
            assert failed
    return {"stale": stale, "ran": sorted(ran), "failed": sorted(failed)}


# What commands print goes elsewhere.
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
json.dump([say(folder) for folder in sys.argv[1:]], answer)
answer.close()
