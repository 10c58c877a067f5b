"""TIFF by tifffile."""
import itertools

import numpy as np
import peer
import tifffile


def read(item, reader):
    with tifffile.TiffFile(item["path"]) as file:
        series = file.series[0]
        for name, found in (("kind", series.kind), ("axes", series.axes)):
            if name in item and found != item[name]:
                raise ValueError(f"{name} {found}, expected {item[name]}")
        if "voxel" in item:
            check_voxel(file, item["voxel"])
        # A mapping of the file shows what a reader of directories may hide.
        array = series.asarray()
        if series.dataoffset is not None:
            mapped = tifffile.memmap(item["path"], mode="r")
            if mapped.tobytes() != array.tobytes():
                raise ValueError("the mapped file differs")
        return array


def check_voxel(file, expected):
    page = file.pages[0]
    if file.is_imagej:
        resolution = page.tags["XResolution"].value
        found = resolution[1] / resolution[0]
    else:
        resolution = page.tags["XResolution"].value
        found = resolution[1] / resolution[0] * 1e4
        if f'PhysicalSizeX="{expected}"' not in file.ome_metadata:
            raise ValueError("PhysicalSizeX is not in the OME-XML")
    if not np.isclose(found, expected):
        raise ValueError(f"a voxel of {found}, expected {expected}")


KINDS = ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16"]
LAYOUTS = [{}, {"rowsperstrip": 7}, {"tile": (16, 32)}]


def write(folder, seed):
    random = np.random.default_rng(seed)
    number = itertools.count()

    def save(array, **options):
        path = folder / f"theirs-{next(number)}.tif"
        tifffile.imwrite(path, array, **options)
        return f"{array.dtype} {array.shape} {options}", path, array, {}

    for dtype in KINDS:
        array = peer.random_array(random, (3, 20, 40), np.dtype(dtype).name)
        for layout, order in itertools.product(LAYOUTS, "<>"):
            yield save(array, byteorder=order, photometric="minisblack", **layout)
        if dtype[0] == "c":
            continue
        # tifffile writes no predictor for integers of 64 bits.
        predictors = (False,) if dtype in ("u8", "i8") else (False, True)
        for compression, predictor in itertools.product(("zlib", "zstd", "lzw"), predictors):
            yield save(array, compression=compression, predictor=predictor, byteorder=">", photometric="minisblack", rowsperstrip=7)
            yield save(array, compression=compression, predictor=predictor, tile=(16, 16), photometric="minisblack")
    stack = peer.random_array(random, (2, 3, 4, 20, 30), "uint16")
    yield save(stack, imagej=True, metadata={"axes": "TZCYX"})
    yield save(stack, ome=True, metadata={"axes": "TZCYX"})
    yield save(stack, ome=True, bigtiff=True, compression="lzw", tile=(16, 16), metadata={"axes": "TZCYX"})
    yield save(peer.random_array(random, (20, 30, 3), "uint8"), photometric="rgb", compression="zlib")
    yield save(peer.random_array(random, (3, 20, 30), "uint8"), photometric="rgb", compression="zlib", predictor=True)


peer.main(read, write)
