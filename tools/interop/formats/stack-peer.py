"""Folders of slices, by tifffile and Pillow."""
import itertools

import numpy as np
import peer
import tifffile
from PIL import Image


def read(item, reader):
    raise NotImplementedError("stacks are not written")


def write(folder, seed):
    random = np.random.default_rng(seed)
    number = itertools.count()

    def save(array, extension, **options):
        path = folder / f"theirs-{next(number)}"
        path.mkdir()
        for at, plane in enumerate(array):
            if extension == ".tif":
                tifffile.imwrite(path / f"z{at}.tif", plane, **options)
            else:
                Image.fromarray(plane).save(path / f"z{at}{extension}", **options)
        title = f"{array.dtype} {array.shape} {extension} {options}"
        return title, path, array, {"internalPath": f"*{extension}", "sort": "natural"}

    for dtype in ("uint8", "int16", "uint16", "float32"):
        array = peer.random_array(random, (12, 20, 30), dtype)
        for options in ({}, {"compression": "zlib", "predictor": True}, {"compression": "lzw", "tile": (16, 16)}, {"byteorder": ">", "rowsperstrip": 7}):
            yield save(array, ".tif", photometric="minisblack", **options)
    yield save(peer.random_array(random, (3, 4, 20, 30), "uint16"), ".tif", metadata={"axes": "ZYX"}, photometric="minisblack")
    yield save(peer.random_array(random, (3, 20, 30, 3), "uint8"), ".tif", photometric="rgb")
    for shape, dtype in (((12, 20, 30), "uint8"), ((12, 20, 30), "uint16"), ((3, 20, 30, 3), "uint8"), ((3, 20, 30, 4), "uint8"), ((3, 20, 30, 2), "uint8")):
        yield save(peer.random_array(random, shape, dtype), ".png")
    # Lossy: what Pillow, with libjpeg-turbo, reads again.
    for shape in ((4, 20, 30), (4, 20, 30, 3)):
        title, path, array, options = save(peer.random_array(random, shape, "uint8"), ".jpg", quality=80)
        yield title, path, np.stack([np.array(Image.open(path / f"z{at}.jpg")) for at in range(len(array))]), options


peer.main(read, write)
