"""nibabel's side of nifti.mjs: answers one JSON line per request, see participant.mjs."""
import gc
import hashlib
import json
import resource
import sys
import time
import traceback

import nibabel as nib
import numpy as np

kept = {}


def whole(request):
    image = nib.load(request["path"])
    if request.get("options", {}).get("dtype") == "float32":
        return [image.get_fdata(dtype=np.float32)]
    return [np.asarray(image.dataobj[...])]


def regions(request):
    path = request["path"]
    if path not in kept:
        kept[path] = nib.load(path)
    found = []
    for box in request["boxes"]:
        index = tuple(slice(a, b) for a, b in zip(box["start"][::-1], box["stop"][::-1]))
        found.append(np.asarray(kept[path].dataobj[index]))
    return found


operations = {"whole": whole, "regions": regions}

for line in sys.stdin:
    request = json.loads(line)
    try:
        gc.collect()
        start, cpu = time.perf_counter(), time.process_time()
        arrays = operations[request["operation"]](request)
        answer = {"ms": (time.perf_counter() - start) * 1000, "cpuMs": (time.process_time() - cpu) * 1000,
                  "rssMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        if request.get("hash"):
            digest = hashlib.sha1()
            for array in arrays:
                digest.update(np.ascontiguousarray(array.T).tobytes())
            answer["hash"] = digest.hexdigest()
        del arrays
    except Exception:
        answer = {"error": traceback.format_exc(limit=-2)}
    print("@" + json.dumps(answer), flush=True)
