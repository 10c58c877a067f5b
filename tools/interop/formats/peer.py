"""Python's side of the exchange, the same for every format; see exchange.mjs."""
import json
import sys
import traceback
from pathlib import Path

import numpy as np


def main(read, write):
    """`read(item, reader)` gives an array. `write(folder, seed)` yields `(title, path, array, open)`: `open` is for openSource."""
    command, *args = sys.argv[1:]
    if command == "read":
        for item in json.loads(Path(args[0]).read_text()):
            for reader in item["readers"]:
                say({"title": f"{item['title']}, read by {reader}", "problem": problem_of(item, reader, read)})
    else:
        folder = Path(args[0])
        for index, (title, path, array, options) in enumerate(write(folder, int(args[1]))):
            elements = folder / f"{index}.bin"
            elements.write_bytes(plain(array))
            say({"title": title, "path": str(path), "elements": str(elements), "shape": array.shape, "dtype": array.dtype.name, "open": options})


def say(value):
    print(json.dumps({k: v for k, v in value.items() if v is not None}), flush=True)


def plain(array):
    """C order, little endian."""
    array = np.asarray(array)
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def problem_of(item, reader, read):
    try:
        array = np.asarray(read(item, reader))
    except Exception:
        return traceback.format_exc(limit=-2)
    if array.dtype.name != item["dtype"]:
        return f"dtype {array.dtype.name}, expected {item['dtype']}"
    if list(array.shape) != item["shape"]:
        return f"shape {list(array.shape)}, expected {item['shape']}"
    expected = Path(item["elements"]).read_bytes()
    found = plain(array)
    if found == expected:
        return None
    at = next(i for i, (a, b) in enumerate(zip(found, expected)) if a != b)
    return f"byte {at} differs"


def random_array(random, shape, dtype):
    """Any bits for integers; runs and repetitions, so that codecs have something to find; NaN and infinities among floats."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape, dtype=int))
    if dtype.kind == "b":
        return random.integers(0, 2, size).astype(bool).reshape(shape)
    if dtype.kind in "iu":
        values = np.frombuffer(random.bytes(size * dtype.itemsize), dtype).copy()
    else:
        values = random.normal(0, 1000, size)
        if dtype.kind == "c":
            values = values + 1j * random.normal(0, 1000, size)
        values = values.astype(dtype)
        values[random.random(size) < 0.05] = np.nan
        values[random.random(size) < 0.05] = -np.inf
    if size:
        values[random.random(size) < 0.5] = values[0]
    return values.reshape(shape)
