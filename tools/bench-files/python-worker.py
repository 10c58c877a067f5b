"""Measures one Python library: `python python-worker.py h5py|zarr-n5`. Reads a JSON request a line, see ../bench/participant.mjs."""
import gc
import hashlib
import json
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")
name = sys.argv[1]


class H5py:
    """Opens the file anew for every operation, as the other side does: with the chunk cache that h5py has by default."""

    def __init__(self):
        import h5py

        self.h5py = h5py

    def open(self, path):
        return self.h5py.File(path, "r")["data"]

    def close(self, dataset):
        dataset.file.close()

    def write(self, path, variant, volume):
        with self.h5py.File(path, "w") as file:
            options = {key: tuple(value) if key == "chunks" else value for key, value in variant["h5py"].items()}
            file.create_dataset("data", data=volume, **options)


class ZarrN5:
    def __init__(self):
        import numcodecs
        import zarr

        self.zarr, self.numcodecs = zarr, numcodecs

    def open(self, path):
        return self.zarr.open(self.zarr.N5FSStore(path, mode="r"), mode="r")["data"]

    def close(self, array):
        pass

    def write(self, path, variant, volume):
        group = self.zarr.open_group(self.zarr.N5FSStore(path, mode="w"), mode="w")
        compressor = self.numcodecs.GZip(level=variant["gzip"]) if "gzip" in variant else None
        array = group.create_dataset("data", shape=volume.shape, chunks=(variant["chunk"],) * 3, dtype=volume.dtype, compressor=compressor)
        array[:] = volume


library = {"h5py": H5py, "zarr-n5": ZarrN5}[name]()
reused = None


def timed(work):
    gc.collect()
    cpu = time.process_time()
    start = time.perf_counter()
    result = work()
    return {"ms": (time.perf_counter() - start) * 1000, "cpuMs": (time.process_time() - cpu) * 1000}, result


def digest(arrays):
    h = hashlib.sha256()
    for a in arrays:
        h.update(np.ascontiguousarray(a))
    return h.hexdigest()


def whole(path, size, hash=False, reuse=False, **_):
    global reused
    if reuse and name != "h5py":
        return {"cannot": "has no `out`"}
    if reuse and reused is None:
        reused = np.ones((size,) * 3, "u2")
    array = library.open(path)

    def work():
        if not reuse:
            return array[...]
        array.read_direct(reused)
        return reused

    measured, result = timed(work)
    answer = {**measured, **({"hash": digest([result])} if hash else {})}
    library.close(array)
    return answer


def boxes(path, boxes, hash=False, **_):
    array = library.open(path)
    results = []

    def work():
        for box in boxes:
            result = array[tuple(a if b is None else slice(a, b) for a, b in zip(box["start"], box["stop"]))]
            if hash:
                results.append(result)

    measured, _ = timed(work)
    library.close(array)
    return {**measured, **({"hash": digest(results)} if hash else {})}


def write(path, variant, size, rawFile, **_):
    volume = np.fromfile(rawFile, "<u2").reshape((size,) * 3)
    measured, _ = timed(lambda: library.write(path, variant, volume))
    return measured


def index(path, chunks, raw, **_):
    """Makes a file of so many small chunks, all with these bytes; not measured."""
    import h5py

    edge = round(chunks ** (1 / 3))
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("data", (edge * 2,) * 3, "u1", chunks=(2, 2, 2), compression="gzip")
        for z in range(edge):
            for y in range(edge):
                for x in range(edge):
                    dataset.id.write_direct_chunk((2 * z, 2 * y, 2 * x), bytes.fromhex(raw))
    return {}


operations = {"whole": whole, "boxes": boxes, "write": write, "index": index}
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = operations[request.pop("op")](**request)
    except Exception as error:  # the other side decides
        answer = {"error": f"{type(error).__name__}: {error}"}
    print("@" + json.dumps(answer), flush=True)
