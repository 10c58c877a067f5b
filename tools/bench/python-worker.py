"""Measures one Python library: `python python-worker.py zarr-python|tensorstore`. Reads a JSON request a line, see participant.mjs."""
import gc
import hashlib
import json
import resource
import sys
import time

import numpy as np

name = sys.argv[1]


def index_of(box):
    return tuple(a if b is None else slice(a, b) for a, b in zip(box["start"], box["stop"]))


class ZarrPython:
    def __init__(self):
        import zarr
        from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

        self.zarr = zarr
        self.makers = {"gzip": GzipCodec, "zstd": ZstdCodec, "blosc": BloscCodec}

    def open(self, path, mode="r"):
        return self.zarr.open_array(path, mode=mode)

    def read(self, array, index):
        return array[index]

    def create(self, path, variant, size):
        compressors = [self.makers[c["name"]](**c["configuration"]) for c in variant["v3"]]
        return self.zarr.create_array(
            path,
            shape=(size,) * 3,
            dtype="uint16",
            chunks=(variant["chunk"],) * 3,
            shards=(variant["shard"],) * 3 if "shard" in variant else None,
            compressors=compressors or None,
            filters=None,
            fill_value=0,
        )

    def write(self, array, index, data):
        array[index] = data


class TensorStore:
    def __init__(self):
        import tensorstore

        self.ts = tensorstore

    def open(self, path, mode="r"):
        spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": path}}
        return self.ts.open(spec, read=True, write=mode != "r").result()

    def read(self, array, index):
        return array[index].read().result()

    def create(self, path, variant, size):
        codecs = [{"name": "bytes", "configuration": {"endian": "little"}}]
        for codec in variant["v3"]:
            configuration = {k: v for k, v in codec["configuration"].items() if k != "checksum"}
            codecs.append({"name": codec["name"], "configuration": configuration})
        chunk = [variant["chunk"]] * 3
        grid = chunk
        if "shard" in variant:
            grid = [variant["shard"]] * 3
            index = [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}]
            codecs = [{"name": "sharding_indexed", "configuration": {"chunk_shape": chunk, "codecs": codecs, "index_codecs": index}}]
        metadata = {
            "shape": [size] * 3,
            "data_type": "uint16",
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": grid}},
            "codecs": codecs,
            "fill_value": 0,
        }
        spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": path}, "metadata": metadata}
        return self.ts.open(spec, create=True).result()

    def write(self, array, index, data):
        array[index].write(data).result()


library = {"zarr-python": ZarrPython, "tensorstore": TensorStore}[name]()


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


def volume_of(path, size):
    return np.fromfile(path, "<u2").reshape((size,) * 3)


def whole(path, hash=False, reuse=False, **_):
    if reuse:
        return {"cannot": "not measured"}
    array = library.open(path)
    measured, result = timed(lambda: library.read(array, Ellipsis))
    return {**measured, **({"hash": digest([result])} if hash else {})}


def boxes(path, boxes, hash=False, **_):
    array = library.open(path)
    results = []

    def work():
        for box in boxes:
            result = library.read(array, index_of(box))
            if hash:
                results.append(result)

    measured, _ = timed(work)
    return {**measured, **({"hash": digest(results)} if hash else {})}


def write(path, variant, size, rawFile, **_):
    volume = volume_of(rawFile, size)
    measured, _ = timed(lambda: library.write(library.create(path, variant, size), Ellipsis, volume))
    return measured


def patch(path, size, boxes, rawFile, **_):
    volume = volume_of(rawFile, size)
    changes = [volume[index_of(box)] + np.uint16(i + 1) for i, box in enumerate(boxes)]
    array = library.open(path, "r+")

    def work():
        for box, change in zip(boxes, changes):
            library.write(array, index_of(box), change)

    measured, _ = timed(work)
    return measured


def peak(path, **_):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    result = library.read(library.open(path), Ellipsis)
    return {"peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "beforeBytes": before, "shape": list(result.shape)}


operations = {"whole": whole, "boxes": boxes, "write": write, "patch": patch, "peak": peak}
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = operations[request.pop("op")](**request)
    except Exception as error:  # the other side decides
        answer = {"error": f"{type(error).__name__}: {error}"}
    print("@" + json.dumps(answer), flush=True)
