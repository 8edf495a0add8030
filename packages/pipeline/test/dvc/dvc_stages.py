"""Prints as JSON to which stages DVC resolves the repository in a folder, with paths relative to it.

    python dvc_stages.py <folder>
"""

import json
import os
import sys

from dvc.dependency.param import ParamsDependency
from dvc.repo import Repo

root = os.path.realpath(sys.argv[1])


def inside(path):
    found = os.path.relpath(os.path.join(root, path), root).replace(os.sep, "/")
    return "" if found == "." else found


def kind(out):
    return "metrics" if out.metric else "plots" if out.plot else "data"


def as_stage(stage):
    uses = [each for each in stage.deps if isinstance(each, ParamsDependency)]
    others = [each for each in stage.deps if not isinstance(each, ParamsDependency)]
    return {
        "file": inside(stage.path),
        "name": stage.name,
        "command": stage.cmd if isinstance(stage.cmd, list) else stage.cmd.splitlines(),
        "folder": inside(stage.wdir),
        "dependencies": [inside(each.fs_path) for each in others],
        "parameters": [[inside(each.fs_path), list(each.params)] for each in uses],
        "outputs": sorted(
            [inside(out.fs_path), kind(out), bool(out.use_cache), bool(out.persist)]
            for out in stage.outs
        ),
        "isFrozen": bool(stage.frozen),
        "alwaysRuns": bool(stage.always_changed),
    }


print(json.dumps([as_stage(stage) for stage in Repo(root).index.stages]))
