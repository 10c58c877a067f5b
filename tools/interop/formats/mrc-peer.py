"""MRC by mrcfile. Rows are stored from the bottom up: mrcfile gives them so, we give y downwards."""
import bz2
import gzip
import io

import mrcfile
import numpy as np
import peer


def read(item, reader):
    complaints = io.StringIO()
    if not mrcfile.validate(item["path"], print_file=complaints):
        raise ValueError(f"mrcfile.validate: {complaints.getvalue()}")
    with mrcfile.open(item["path"]) as file:
        # Along x, y, z; an image has none along z.
        if not np.allclose(file.voxel_size.tolist()[: len(item["shape"])], 2.5):
            raise ValueError(f"voxel size {file.voxel_size}, expected 2.5")
        return file.data[..., ::-1, :].copy()


def write(folder, seed):
    random = np.random.default_rng(seed)
    kinds = ["int8", "int16", "uint16", "float16", "float32", "complex64"]
    for index, dtype in enumerate(kinds):
        for rank in (2, 3, 4):
            shape = tuple(int(n) for n in random.integers(2, 9, rank))
            array = peer.random_array(random, shape, dtype)
            path = folder / f"{dtype}-{rank}.mrc"
            with mrcfile.new(path) as file:
                file.set_data(np.ascontiguousarray(array[..., ::-1, :]))
            yield f"{dtype} {shape}", path, array, {}
            for extension, module in ((".gz", gzip), (".bz2", bz2)):
                packed = folder / (path.name + extension)
                packed.write_bytes(module.compress(path.read_bytes()))
                yield f"{dtype} {shape}{extension}", packed, array, {}


peer.main(read, write)
