"""HDF5 by h5py, and references by fsspec with zarr-python."""
import fsspec
import h5py
import numpy as np
import peer
import zarr

dtypes = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()


def read(item, reader):
    if reader == "h5py":
        with h5py.File(item["path"], "r") as file:
            return file[item["internalPath"]][()]
    files = fsspec.filesystem("reference", fo=item["path"] + ".json", target_protocol="file", remote_protocol="file")
    return zarr.open_array(files.get_mapper(""), path=item["internalPath"], mode="r", zarr_format=2)[...]


def write(folder, seed):
    random = np.random.default_rng(seed)
    shape, chunks = (10, 13, 7), (4, 5, 7)
    for libver in ("earliest", "v110", "latest"):
        path = folder / f"{libver}.h5"
        with h5py.File(path, "w", libver=(libver, libver) if libver != "earliest" else libver) as file:
            cases = [(dtype, dtype, {"chunks": chunks, "compression": "gzip"}) for dtype in dtypes]
            cases += [(f"big-endian {d}", np.dtype(d).newbyteorder(">"), {}) for d in dtypes if np.dtype(d).itemsize > 1]
            for name, options in filters():
                cases.append((name, "uint16", {"chunks": chunks, **options}))
            for name, limit in (("one axis", (None, 13, 7)), ("all axes", (None, None, None)), ("bounded", (20, 26, 7))):
                cases.append((f"maximal shape without limit: {name}", "int32", {"chunks": chunks, "maxshape": limit, "compression": "gzip"}))
            done = []
            for index, (title, dtype, options) in enumerate(cases):
                array = peer.random_array(random, shape, np.dtype(dtype).newbyteorder("=")).astype(dtype)
                dataset = file.create_dataset(f"group/{index}", data=array, **options)
                done.append((f"{libver}, {title}", dataset.name.strip("/"), dataset[()]))
            for other in ((), (0, 3), (17,), (2, 3, 4, 5, 2)):
                array = peer.random_array(random, other, "float32")
                name = f"shape-{len(done)}"
                file.create_dataset(name, data=array)
                done.append((f"{libver}, shape {other}", name, array))
        for title, name, array in done:
            yield title, path, array, {"internalPath": name}


def filters():
    yield "szip, nearest neighbour", {"compression": "szip", "compression_opts": ("nn", 8)}
    yield "szip, entropy coding", {"compression": "szip", "compression_opts": ("ec", 16)}
    yield "scale-offset", {"scaleoffset": 0}
    yield "lzf", {"compression": "lzf"}
    yield "shuffle, lzf", {"compression": "lzf", "shuffle": True}
    yield "shuffle, gzip, fletcher32", {"compression": "gzip", "shuffle": True, "fletcher32": True}
    yield "no filter", {}


peer.main(read, write)
