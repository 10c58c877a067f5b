"""NIfTI by nibabel, which has the axes in the order of the file: x first."""
import gzip
import struct

import nibabel as nib
import numpy as np
import peer


def read(item, reader):
    image = nib.load(item["path"] + (".gz" if reader == "compressed" else ""))
    zooms = image.header.get_zooms()
    if not np.allclose(zooms[:3], 2.5) or image.header.get_xyzt_units()[0] != "micron":
        raise ValueError(f"voxel size {zooms} {image.header.get_xyzt_units()}, expected 2.5 micron")
    return np.asarray(image.dataobj).T


def write(folder, seed):
    random = np.random.default_rng(seed)
    dtypes = "uint8 int8 int16 uint16 int32 uint32 int64 uint64 float32 float64 complex64 complex128".split()
    for index, dtype in enumerate(dtypes):
        for rank in range(1, 6):
            shape = tuple(int(n) for n in random.integers(2, 9, rank))
            array = peer.random_array(random, shape, dtype)
            maker = (nib.Nifti1Image, nib.Nifti2Image)[(index + rank) % 2]
            header = maker.header_class(endianness="<>"[rank % 2])
            header.set_data_dtype(np.dtype(dtype).newbyteorder("<>"[rank % 2]))
            path = folder / f"{dtype}-{rank}.nii"
            nib.save(maker(array.T, np.eye(4), header), path)
            title = f"{dtype} {shape} {maker.__name__}"
            yield title, path, array, {}
            packed = folder / (path.name + ".gz")
            packed.write_bytes(gzip.compress(path.read_bytes()))
            yield f"{title} .gz", packed, array, {}
            if maker is nib.Nifti1Image and np.dtype(dtype).kind != "c":
                raw = bytearray(path.read_bytes())
                struct.pack_into("<>"[rank % 2] + "2f", raw, 112, 0.3, -7.5)
                scaled = folder / f"{dtype}-{rank}-scaled.nii"
                scaled.write_bytes(raw)
                yield f"{title}, scaled", scaled, np.asarray(nib.load(scaled).dataobj).T, {}


peer.main(read, write)
