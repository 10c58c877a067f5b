"""OBF by obffile and msr-reader: what they read from the files of the tests."""
from pathlib import Path

import peer
from msr_reader import OBFFile
from obffile import ObfFile

FIXTURES = Path(__file__).parents[3] / "packages" / "msr" / "test" / "fixtures"
#: Not OBF; and without stacks.
OTHERS = {"imspector-pro.msr", "empty.obf"}
#: Chunked, ended early, without end, with columns: the second library refuses them.
ONLY_OBFFILE = {"interleaved.msr", "ended-early.msr", "damaged-end.msr", "columns.obf", "version-0.obf"}


def read(item, reader):
    raise NotImplementedError("OBF is not written")


def write(folder, seed):
    for path in sorted([*FIXTURES.glob("*.obf"), *FIXTURES.glob("*.msr")]):
        if path.name in OTHERS:
            continue
        with ObfFile(path) as file:
            for stack in file.stacks:
                # Of stacks of one name it knows the last, and we the first.
                if path.name == "zlib.msr" and stack.name != "volume":
                    continue
                yield f"{path.name} {stack.name} by obffile", path, stack.asarray(), {"internalPath": stack.name}
        if path.name in ONLY_OBFFILE:
            continue
        with OBFFile(str(path)) as file:
            for index, name in enumerate(file.stack_names):
                yield f"{path.name} {index} {name} by msr-reader", path, file.read_stack(index), {"internalPath": str(index)}


peer.main(read, write)
