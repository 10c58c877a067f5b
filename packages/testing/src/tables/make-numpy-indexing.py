"""Writes numpy-indexing.generated.ts: numpy's answers to basic indexing.

    python make-numpy-indexing.py > numpy-indexing.generated.ts

Every answer is a view of an array that counts its elements in C order, and stands in the table as numpy describes it: shape, the
position of the first element and the strides, in elements. `null` in an index is a whole axis (numpy's `:`).
"""

import itertools
import json
import random

import numpy as np
from numpy.lib.array_utils import byte_bounds

SHAPES = [(), (0,), (1,), (7,), (3, 4), (1, 6), (3, 0, 2), (4, 5, 6), (6, 7, 8), (3, 4, 5, 2), (2, 1, 3, 2, 2)]
RANDOM_CASES = {0: 4, 1: 40, 2: 50, 3: 60, 4: 60, 5: 60}
rng = random.Random(20240517)


def sliced(start, stop, step=None):
    return {"start": start, "stop": stop, "step": step}


def to_numpy(entry):
    if entry is None:
        return slice(None)
    if entry == "...":
        return Ellipsis
    if isinstance(entry, dict):
        return slice(entry["start"], entry["stop"], entry["step"])
    return entry


def chosen_by_hand(shape):
    n = shape[0] if shape else 0
    yield from ([], ["..."], [None], ["...", "..."], ["...", None], [None, "..."], [0], [-1], ["...", 0], ["...", -1], [1.5])
    yield [None] * len(shape)
    yield [None] * (len(shape) + 1)
    yield [0] * len(shape)
    yield [0] * len(shape) + ["..."]
    yield [-1] * len(shape)
    yield [0] * (len(shape) + 1)
    for bound in (n, n - 1, n + 1, -n, -n - 1, -n + 1):
        yield [bound]
        yield [sliced(bound, None)]
        yield [sliced(None, bound)]
    for start, stop in ((1, 3), (3, 1), (2, 2), (-3, -1), (-1, -3), (-100, 100), (100, 200), (-200, -100), (0, 0), (-2, None), (None, -2)):
        for step in (None, 1, 2, 3, 100):
            yield [sliced(start, stop, step)]
    yield [sliced(0, 2, 0)]
    yield [sliced(None, None, 2)] * len(shape)
    yield ["..."] + [sliced(None, None, 3)] * min(1, len(shape))
    yield [sliced(1.5, None)]


def random_entry(length):
    kind = rng.random()
    if kind < 0.25:
        return rng.randint(-length - (rng.random() < 0.1), length - (rng.random() < 0.9)) if length else 0
    if kind < 0.35:
        return None
    bound = lambda: None if rng.random() < 0.25 else rng.randint(-length - 3, length + 3)
    return sliced(bound(), bound(), rng.choice([None, 1, 1, 2, 2, 3, 5]))


def random_index(shape):
    named = rng.randint(0, len(shape))
    if rng.random() < 0.4:
        before = rng.randint(0, named)
        after = named - before
        tail = shape[len(shape) - after :] if after else ()
        return [random_entry(n) for n in shape[:before]] + ["..."] + [random_entry(n) for n in tail]
    return [random_entry(n) for n in shape[:named]]


def answer(array, index):
    key = tuple(to_numpy(entry) for entry in index)
    try:
        result = array[key]
    except (IndexError, ValueError, TypeError):
        return None
    scalar = isinstance(result, np.generic)
    view = array[key + (Ellipsis,)] if scalar else result
    offset = (view.__array_interface__["data"][0] - array.__array_interface__["data"][0]) // array.itemsize if view.size else 0
    if view.size:
        low, high = byte_bounds(view)
        assert 0 <= low - array.__array_interface__["data"][0] and high <= byte_bounds(array)[1]
    strides = [stride // array.itemsize for stride in view.strides] if view.size else [0] * view.ndim
    return [list(view.shape), offset, strides] + ([1] if scalar else [])


def written(entry):
    """Slices as [start, stop, step], to keep the table small."""
    return [entry["start"], entry["stop"], entry["step"]] if isinstance(entry, dict) else entry


print("// Written by make-numpy-indexing.py with numpy", np.__version__)
print("import type { IndexingTable } from './indexing-table.js'\n")
print("export const numpyIndexing: readonly IndexingTable[] = [")
tables = []
for shape in SHAPES:
    array = np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
    indices = itertools.chain(chosen_by_hand(shape), (random_index(shape) for _ in range(RANDOM_CASES[len(shape)])))
    seen = set()
    cases = []
    for index in indices:
        key = json.dumps(index)
        if key in seen:
            continue
        seen.add(key)
        cases.append(json.dumps([[written(entry) for entry in index], answer(array, index)], separators=(",", ":")).replace('"', "'"))
    tables.append("  {\n    shape: %s,\n    cases: [\n      %s\n    ]\n  }" % (json.dumps(list(shape)), ",\n      ".join(cases)))
print(",\n".join(tables))
print("]")
