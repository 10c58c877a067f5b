"""Makes and reads TIFF files with tifffile, as tif.mjs asks: a JSON request a line."""
import gc
import hashlib
import json
import pathlib
import sys
import time

import numpy as np
import tifffile

VARIANTS = {
    "none": {},
    "lzw-strips": {"compression": "lzw", "rowsperstrip": 128},
    "lzw-tiles": {"compression": "lzw", "tile": (256, 256)},
    "deflate-strips": {"compression": "zlib", "rowsperstrip": 128},
    "deflate-tiles": {"compression": "zlib", "tile": (256, 256)},
    "zstd-strips": {"compression": "zstd", "rowsperstrip": 128},
}


def make(folder, pages, edge):
    y, x = np.mgrid[:edge, :edge]
    random = np.random.default_rng(1)
    smooth = 3000 + 1500 * np.sin(x / 97) * np.cos(y / 83)
    stack = np.stack([(smooth + 300 * np.sin(z / 9) + random.normal(0, 12, smooth.shape)).astype("u2") for z in range(pages)])
    paths = {}
    for name, options in VARIANTS.items():
        path = pathlib.Path(folder, f"{name}.tif")
        if not path.exists():
            tifffile.imwrite(path, stack, photometric="minisblack", **options)
        paths[name] = str(path)
    return {"paths": paths}


def read(path, box=None):
    gc.collect()
    before = time.perf_counter()
    array = tifffile.imread(path)
    if box is not None:
        array = np.ascontiguousarray(array[tuple(slice(*each) for each in box)])
    ms = (time.perf_counter() - before) * 1000
    return {"ms": ms, "hash": hashlib.sha256(array.tobytes()).hexdigest()}


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"make": make, "read": read}[request.pop("op")](**request)
    except Exception as error:
        answer = {"error": repr(error)}
    print("@" + json.dumps(answer), flush=True)
