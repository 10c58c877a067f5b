"""N5 by tensorstore, whose axes run the other way."""
import numpy as np
import peer
import tensorstore

dtypes = "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split()


def read(item, reader):
    path = "/".join(part for part in (item["path"], item["internalPath"]) if part)
    store = tensorstore.open({"driver": "n5", "kvstore": {"driver": "file", "path": path}}, read=True).result()
    return np.asarray(store.read().result()).T


def write(folder, seed):
    random = np.random.default_rng(seed)
    shape, chunks = (10, 13, 7), (4, 5, 7)
    compressions = {
        "raw": {"type": "raw"},
        "gzip": {"type": "gzip", "level": 6},
        "gzip with zlib streams": {"type": "gzip", "useZlib": True},
        "bzip2": {"type": "bzip2", "blockSize": 3},
        "xz": {"type": "xz", "preset": 2},
        "zstd": {"type": "zstd", "level": 3},
        "blosc": {"type": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1},
    }
    cases = [(dtype, dtype, shape, chunks, compressions["gzip"]) for dtype in dtypes]
    cases += [(name, "uint16", shape, chunks, compression) for name, compression in compressions.items()]
    cases += [(f"shape {other}", "float64", other, other, compressions["raw"]) for other in ((17,), (3, 2, 4, 5))]
    for index, (title, dtype, lengths, block, compression) in enumerate(cases):
        path = folder / f"{index}.n5"
        array = peer.random_array(random, lengths, dtype)
        metadata = {"dimensions": lengths[::-1], "blockSize": block[::-1], "dataType": dtype, "compression": compression}
        spec = {"driver": "n5", "kvstore": {"driver": "file", "path": str(path / "a" / "data")}, "metadata": metadata}
        store = tensorstore.open(spec, create=True).result()
        store.write(array.T).result()
        yield title, path, array, {"internalPath": "a/data"}


peer.main(read, write)
