"""Precomputed volumes by tensorstore and CloudVolume, as arrays of (channel,) z, y, x."""
import numpy as np
import peer
import tensorstore as ts
from cloudvolume import CloudVolume


def simple(array, item_shape):
    """The channel axis, last there, first; dropped where the item has none."""
    array = np.asarray(array).transpose(3, 2, 1, 0)
    return array[0] if len(item_shape) == 3 else array


def read(item, reader):
    if reader == "cloudvolume":
        volume = CloudVolume("file://" + item["path"], progress=False, fill_missing=False)
        return simple(volume[:, :, :], item["shape"])
    store = ts.open({"driver": "neuroglancer_precomputed", "kvstore": {"driver": "file", "path": item["path"] + "/"}}).result()
    return simple(store.read().result(), item["shape"])


SHARDINGS = [
    None,
    {"hash": "identity", "preshift_bits": 2, "minishard_bits": 1, "shard_bits": 3, "data_encoding": "gzip", "minishard_index_encoding": "gzip"},
    {"hash": "murmurhash3_x86_128", "preshift_bits": 1, "minishard_bits": 3, "shard_bits": 2, "data_encoding": "raw", "minishard_index_encoding": "raw"},
]


def write(folder, seed):
    random = np.random.default_rng(seed)
    for dtype in ("uint8", "int16", "uint32", "uint64", "float32"):
        for index, sharding in enumerate(SHARDINGS):
            for encoding in ("raw", "compressed_segmentation"):
                if encoding != "raw" and dtype not in ("uint32", "uint64"):
                    continue
                shape = tuple(int(n) for n in random.integers(5, 40, 3))
                array = peer.random_array(random, shape, dtype)
                path = folder / f"ts-{dtype}-{index}-{encoding}"
                scale = {"resolution": [8, 8, 8], "encoding": encoding, "chunk_size": [9, 8, 7], "size": list(shape[::-1]), "voxel_offset": [5, -64, 1], "key": "8_8_8"}
                if encoding != "raw":
                    scale["compressed_segmentation_block_size"] = [4, 8, 3]
                if sharding is not None:
                    scale["sharding"] = {"@type": "neuroglancer_uint64_sharded_v1", **sharding}
                store = ts.open(
                    {
                        "driver": "neuroglancer_precomputed",
                        "kvstore": {"driver": "file", "path": str(path) + "/"},
                        "multiscale_metadata": {"type": "image", "data_type": dtype, "num_channels": 1},
                        "scale_metadata": scale,
                        "create": True,
                    }
                ).result()
                store.write(array.transpose(2, 1, 0)[..., None]).result()
                yield f"tensorstore {dtype} {encoding} {sharding}", path, array, {}
    for dtype in ("uint8", "uint16", "uint64"):
        for compress in ("gzip", "br", "zstd", ""):
            shape = tuple(int(n) for n in random.integers(5, 40, 3))
            array = peer.random_array(random, shape, dtype)
            path = folder / f"cv-{dtype}-{compress}"
            info = CloudVolume.create_new_info(
                num_channels=1,
                layer_type="image",
                data_type=dtype,
                encoding="raw",
                resolution=[4, 4, 40],
                voxel_offset=[-7, 10, 3],
                volume_size=list(shape[::-1]),
                chunk_size=[9, 8, 7],
            )
            volume = CloudVolume("file://" + str(path), info=info, compress=compress, progress=False)
            volume.commit_info()
            volume[:, :, :] = np.asfortranarray(array.transpose(2, 1, 0)[..., None])
            yield f"CloudVolume {dtype} {compress or 'plain'}", path, array, {}


peer.main(read, write)
