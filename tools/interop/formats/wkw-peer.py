"""WKW by wkw, the reference library. It gives channels, x, y, z; we give z, y, x and channels."""
import numpy as np
import peer
import wkw


def read(item, reader):
    depth, height, width, *_ = item["shape"]
    with wkw.Dataset.open(item["path"]) as dataset:
        array = dataset.read((0, 0, 0), (width, height, depth))
    return array.T if len(item["shape"]) == 4 else array[0].T


def write(folder, seed):
    random = np.random.default_rng(seed)
    types = {"raw": wkw.Header.BLOCK_TYPE_RAW, "lz4": wkw.Header.BLOCK_TYPE_LZ4, "lz4hc": wkw.Header.BLOCK_TYPE_LZ4HC}
    for dtype in ["uint8", "uint16", "uint32", "uint64", "float32", "float64", "int8", "int16", "int32", "int64"]:
        for name, block_type in types.items():
            channels = 3 if dtype == "uint8" else 1
            # Compressed files are written whole.
            shape = (16, 24, 8) + ((3,) if channels == 3 else ())
            array = peer.random_array(random, shape, dtype)
            path = folder / f"{dtype}-{name}"
            header = wkw.Header(np.dtype(dtype).type, channels, block_len=4, file_len=2, block_type=block_type)
            with wkw.Dataset.create(str(path), header) as dataset:
                dataset.write((0, 0, 0), np.asfortranarray(array.T))
            yield f"{dtype} {name}", path, array, {}


peer.main(read, write)
