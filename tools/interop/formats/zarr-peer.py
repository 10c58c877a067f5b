"""Zarr v2 and v3 by zarr-python and tensorstore."""
import numcodecs
import numpy as np
import peer
import tensorstore
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

dtypes = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()


def read(item, reader):
    if reader == "zarr-python":
        return zarr.open_array(item["path"], path=item["internalPath"], mode="r")[...]
    if reader == "zarr-python, consolidated":
        return read_consolidated(item)
    driver = "zarr" if item["zarrVersion"] == 2 else "zarr3"
    path = "/".join(part for part in (item["path"], item["internalPath"]) if part)
    store = tensorstore.open({"driver": driver, "kvstore": {"driver": "file", "path": path}}, read=True).result()
    return store.read().result()


def read_consolidated(item):
    """By way of the consolidated metadata, which must say what zarr-python's own would."""
    group = zarr.open_consolidated(item["path"])
    array = group[item["internalPath"]][...]
    ours = nodes_of(group)
    theirs = nodes_of(zarr.consolidate_metadata(item["path"], zarr_format=item["zarrVersion"]))
    if ours != theirs:
        raise ValueError(f"consolidated metadata {ours}, zarr-python's {theirs}")
    return array


def nodes_of(group):
    nodes = {}
    for path, metadata in group.metadata.consolidated_metadata.flattened_metadata.items():
        members = metadata.to_dict()
        members.pop("consolidated_metadata", None)
        nodes[path] = repr(members)
    return nodes


def write(folder, seed):
    random = np.random.default_rng(seed)
    count = 0

    def path():
        nonlocal count
        count += 1
        return folder / f"{count}.zarr"

    def case(title, array, chunks, region=Ellipsis, internal=None, **options):
        where = path()
        made = zarr.create_array(store=where, name=internal, shape=array.shape, dtype=array.dtype, chunks=chunks, **options)
        made[region] = array[region]
        return title, where, array, {"internalPath": internal} if internal else {}

    shape, chunks = (10, 13, 7), (4, 5, 7)
    for version in (2, 3):
        for dtype in dtypes:
            yield case(f"v{version}, {dtype}", peer.random_array(random, shape, dtype), chunks, zarr_format=version)
            if version == 2 and np.dtype(dtype).itemsize > 1:
                big = peer.random_array(random, shape, dtype).astype(np.dtype(dtype).newbyteorder(">"))
                yield case(f"v2, big-endian {dtype}", big, chunks, zarr_format=2)
        for dtype, fill in fill_values():
            array = np.full(shape, fill, dtype)
            array[:2] = peer.random_array(random, (2, *shape[1:]), dtype)
            yield case(f"v{version}, fill value {fill} of {dtype}", array, chunks, slice(0, 2), fill_value=fill, zarr_format=version)
        for separator in "./":
            encoding = {"name": "v2" if version == 2 else "default", "separator": separator}
            array = peer.random_array(random, shape, "int16")
            yield case(f"v{version}, separator {separator}", array, chunks, chunk_key_encoding=encoding, zarr_format=version)
        yield case(f"v{version}, in a group", peer.random_array(random, shape, "uint8"), chunks, internal="a/b", zarr_format=version)
        title, where, array, options = case(f"v{version}, consolidated", peer.random_array(random, shape, "uint16"), chunks, internal="a", zarr_format=version)
        zarr.consolidate_metadata(where, zarr_format=version)
        yield title, where, array, options
        yield case(f"v{version}, no axes", peer.random_array(random, (), "float64"), (), zarr_format=version)
    yield case("v2, order F", peer.random_array(random, shape, "uint16"), chunks, order="F", zarr_format=2)
    for name, compressor, filters in codecs_v2():
        yield case(f"v2, {name}", peer.random_array(random, shape, "uint16"), chunks, compressors=compressor, filters=filters, zarr_format=2)
    for name, compressors in codecs_v3().items():
        yield case(f"v3, {name}", peer.random_array(random, shape, "uint16"), chunks, compressors=compressors)
        yield case(f"sharded, {name}", peer.random_array(random, shape, "uint16"), (2, 5, 7), shards=(4, 10, 7), compressors=compressors)
    big_endian = peer.random_array(random, shape, "float32")
    yield case("v3, big-endian, transposed", big_endian, chunks, filters=[TransposeCodec(order=(2, 0, 1))], serializer=BytesCodec(endian="big"))
    yield from random_cases(random, case)
    yield from tensorstore_cases(random, path)


def fill_values():
    yield from (("float32", np.nan), ("float64", -np.inf), ("uint64", 2**64 - 1), ("int64", -(2**63)), ("bool", True), ("float16", np.inf))
    yield "complex64", complex(np.nan, 1)


def codecs_v2():
    for codec in (None, numcodecs.GZip(5), numcodecs.Zlib(9), numcodecs.BZ2(5), numcodecs.LZMA(), numcodecs.LZ4(), numcodecs.Zstd(7)):
        yield repr(codec), codec, None
    for cname in numcodecs.blosc.list_compressors():
        for shuffle in (0, 1, 2):
            yield f"Blosc {cname} {shuffle}", numcodecs.Blosc(cname, 5, shuffle), None
    yield "Delta", numcodecs.Zstd(), [numcodecs.Delta("<u2")]
    yield "Shuffle", numcodecs.Zlib(), [numcodecs.Shuffle(2)]
    yield "Fletcher32", None, [numcodecs.Fletcher32()]


def codecs_v3():
    found = {"raw": None, "gzip": GzipCodec(level=5), "zstd": ZstdCodec(level=7), "zstd with checksum": ZstdCodec(level=1, checksum=True)}
    found["crc32c"] = [ZstdCodec(), Crc32cCodec()]
    for cname in ("lz4", "lz4hc", "blosclz", "zlib", "zstd"):
        for shuffle in ("noshuffle", "shuffle", "bitshuffle"):
            found[f"blosc {cname} {shuffle}"] = BloscCodec(cname=cname, shuffle=shuffle, typesize=2)
    return found


def random_cases(random, case):
    codecs = codecs_v3()
    for _ in range(40):
        rank = random.integers(1, 5)
        chunks = tuple(int(n) for n in random.integers(1, 7, rank))
        shape = tuple(int(random.integers(1, 3 * n + 1)) for n in chunks)
        shards = tuple(int(n * random.integers(1, 4)) for n in chunks) if random.random() < 0.5 else None
        name = str(random.choice(list(codecs)))
        dtype = str(random.choice(dtypes))
        title = f"random {shape} of {dtype} in {chunks}, shards {shards}, {name}"
        yield case(title, peer.random_array(random, shape, dtype), chunks, shards=shards, compressors=codecs[name])


def tensorstore_cases(random, path):
    """Shards with the index in front, and a chunk order of its own: zarr-python writes neither."""
    shape, chunks, shards = (10, 13, 7), (2, 5, 7), (4, 10, 7)
    little = {"name": "bytes", "configuration": {"endian": "little"}}
    for dtype in ("uint16", "float64", "complex64"):
        for index_location in ("start", "end"):
            for order in ([0, 1, 2], [2, 0, 1]):
                inner = [{"name": "transpose", "configuration": {"order": order}}, little, {"name": "gzip", "configuration": {"level": 3}}]
                configuration = {"chunk_shape": chunks, "codecs": inner, "index_codecs": [little, {"name": "crc32c"}], "index_location": index_location}
                metadata = {
                    "shape": shape,
                    "data_type": dtype,
                    "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shards}},
                    "codecs": [{"name": "sharding_indexed", "configuration": configuration}],
                }
                where = path()
                spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": str(where)}, "metadata": metadata}
                array = peer.random_array(random, shape, dtype)
                tensorstore.open(spec, create=True).result().write(array).result()
                yield f"tensorstore, {dtype}, index at the {index_location}, order {order}", where, array, {}


peer.main(read, write)
