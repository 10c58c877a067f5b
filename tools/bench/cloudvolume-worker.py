"""CloudVolume's and tensorstore's side of cloudvolume.mjs: answers one JSON line per request, see participant.mjs."""
import json
import shutil
import sys
import time
import traceback

import tensorstore as ts
from cloudvolume import CloudVolume

kept = {}


def data_of(path):
    if path not in kept:
        kept[path] = CloudVolume("file://" + path, progress=False)[:, :, :]
    return kept[path]


def read(path, parallel):
    return lambda: CloudVolume("file://" + path, progress=False, parallel=parallel)[:, :, :]


def write(path, source, parallel):
    data = data_of(source)
    shutil.rmtree(path, ignore_errors=True)

    def run():
        info = CloudVolume.create_new_info(
            num_channels=1,
            layer_type="image",
            data_type="uint8",
            encoding="raw",
            resolution=[1, 1, 1],
            voxel_offset=[0, 0, 0],
            volume_size=list(data.shape[:3]),
            chunk_size=[128, 128, 64],
        )
        volume = CloudVolume("file://" + path, info=info, progress=False, parallel=parallel)
        volume.commit_info()
        volume[:, :, :] = data

    return run


def tensorstore(path):
    spec = {"driver": "neuroglancer_precomputed", "kvstore": {"driver": "file", "path": path + "/"}}
    return lambda: ts.open(spec).result().read().result()


operations = {"read": read, "write": write, "tensorstore": tensorstore}

# Writing in parallel starts processes that import this file.
if __name__ == "__main__":
    for line in sys.stdin:
        request = json.loads(line)
        try:
            run = operations[request.pop("operation")](**request)
            start = time.perf_counter()
            run()
            answer = {"ms": (time.perf_counter() - start) * 1000}
        except Exception:
            answer = {"error": traceback.format_exc(limit=-2)}
        print("@" + json.dumps(answer), flush=True)
