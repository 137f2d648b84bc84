"""Prints the nodes of the files in a folder, as tests/io/onnx_test.cpp does: python3 structure.py
FOLDER NAME... Run it on files that `./dev interop` agrees with, to renew structures.txt."""
import pathlib
import sys

import onnx


def value(a):
    if a.type == onnx.AttributeProto.FLOAT:
        return "%g" % a.f
    if a.type == onnx.AttributeProto.INT:
        return str(a.i)
    if a.type == onnx.AttributeProto.STRING:
        return a.s.decode()
    return "[" + ",".join(str(i) for i in a.ints) + "]"


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    graph = onnx.load(str(path)).graph
    nodes = (n.op_type + "".join(f" {a.name}={value(a)}" for a in n.attribute) for n in graph.node)
    print(f"{path.stem}: " + "; ".join(nodes))
