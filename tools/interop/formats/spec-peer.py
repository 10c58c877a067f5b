"""Opens our specs with the Python package, and describes the same arrays in its own."""
import dataclasses
import importlib.util
import json
import sys
from pathlib import Path

import peer


def read(item, reader):
    from bioimage_py.sources import SourceSpec, from_spec

    source = from_spec(SourceSpec(**item["spec"]))
    if source.writable != item["writable"]:
        raise ValueError(f"writable {source.writable}, expected {item['writable']}")
    return source[...]


def write(cases):
    """The specs that Python writes for the arrays of our cases: of opened files, and of live arrays of zarr."""
    import zarr
    from bioimage_py.sources import as_source, open_source

    for item in cases:
        path, key = item["spec"]["path"], item["spec"]["internal_path"]
        sources = {"an opened file": open_source(path, key, mode="r+" if item["writable"] else "r")}
        if path.endswith(".zarr") and item["writable"]:
            sources["a live array"] = as_source(zarr.open_array(path, path=key, mode="r+"))
        for what, source in sources.items():
            spec = dataclasses.asdict(source.to_spec())
            facts = {name: item[name] for name in ("elements", "shape", "dtype", "writable")}
            peer.say({"title": f"{item['title']}, {what}", "spec": spec, **facts})


if sys.argv[1] == "installed":
    peer.say({"installed": importlib.util.find_spec("bioimage_py") is not None})
elif sys.argv[1] == "write":
    write(json.loads(Path(sys.argv[2]).read_text()))
else:
    peer.main(read, None)
