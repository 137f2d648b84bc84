"""A corpus, one file with all inputs of a reader, and a folder with a file for each, as libFuzzer
has it: corpus.py unpack FILE FOLDER, or corpus.py pack FOLDER FILE, the smallest first, and at most
8 kB."""
import pathlib
import sys

MOST = 8_000

if sys.argv[1] == "unpack":
    content, folder = pathlib.Path(sys.argv[2]).read_bytes(), pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    at = count = 0
    while at < len(content):
        length = int.from_bytes(content[at:at + 4], "little")
        (folder / f"{count:04}").write_bytes(content[at + 4:at + 4 + length])
        at, count = at + 4 + length, count + 1
else:
    inputs = sorted({file.read_bytes() for file in pathlib.Path(sys.argv[2]).iterdir()},
                    key=lambda bytes: (len(bytes), bytes))
    packed = b""
    for bytes in inputs:
        if len(packed) + len(bytes) <= MOST:
            packed += len(bytes).to_bytes(4, "little") + bytes
    pathlib.Path(sys.argv[3]).write_bytes(packed)
