"""Tensors and a model in files: files.py check reads what C++ has written, files.py write writes
what it is to read."""
import os
import zipfile

import numpy as np
import torch
from torch import nn

from tensors import command, load_file, numbers, same, save_file, steps, tensors


def network():
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
                         nn.Linear(4 * 9, 5)).eval()


def image():
    return steps((2, 2, 5, 5)).float() / 10 - 1


def of_numpy():
    return {name: t for name, t in tensors().items() if t.dtype != torch.bfloat16}


def same_states(what, got, expected):
    assert set(got) == set(expected), f"{what}: {sorted(set(got) ^ set(expected))} is not in both"
    for name, t in expected.items():
        same(f"{what}'s {name}", torch.as_tensor(got[name]), t)
    print(f"{what}: {len(got)} tensors")


def check():
    same_states("ours.safetensors", load_file("ours.safetensors"), tensors())
    same_states("ours.pt", torch.load("ours.pt", weights_only=True), tensors())
    with np.load("ours.npz") as arrays:
        same_states("ours.npz", {name: arrays[name] for name in arrays.files}, of_numpy())
    same_states("ours.npy", {name: np.load(f"npy/ours.{name}.npy") for name in of_numpy()},
                of_numpy())
    assert np.load("npy/ours.turned.npy").flags.f_contiguous
    with open("ours_texts.safetensors", "rb") as file:
        assert '"note":"é\\n\\"\\\\"'.encode() in file.read()
    assert zipfile.ZipFile("ours.pt").testzip() is None
    expected = load_file("ours_result.safetensors")["tensor"]
    for name, load in ("safetensors", load_file), ("pt", torch.load):
        net = network()
        net.load_state_dict(load(f"ours_model.{name}"))
        with torch.no_grad():
            off = (net(image()) - expected).abs().max() / expected.abs().max()
        assert off < 1e-6, f"ours_model.{name}: its results differ by {off}"
        print(f"ours_model.{name}: results differ by {off:.1e}")


def write():
    all = tensors()
    contiguous = {name: t.contiguous() for name, t in all.items()}
    save_file(contiguous, "theirs.safetensors")
    save_file({"x": torch.ones(2)}, "theirs_texts.safetensors",
              metadata={"format": "pt", "note": "é\n\"\\"})
    torch.save(all, "theirs.pt")
    torch.save(all, "theirs_legacy.pt", _use_new_zipfile_serialization=False)
    arrays = {name: t.numpy() for name, t in of_numpy().items()}
    np.savez("theirs.npz", **arrays)
    np.savez_compressed("theirs_compressed.npz", **arrays)
    os.makedirs("npy", exist_ok=True)
    for name, array in arrays.items():
        np.save(f"npy/theirs.{name}.npy", array)
        np.save(f"npy/fortran.{name}.npy", array.copy(order="F"))
        np.save(f"npy/swapped.{name}.npy", array.astype(array.dtype.newbyteorder(">")))

    torch.manual_seed(1)
    net = network()
    adam = torch.optim.Adam(net.parameters())
    net.train()
    for _ in range(3):
        adam.zero_grad()
        net(image() + torch.randn(2, 2, 5, 5)).square().sum().backward()
        adam.step()
    net.eval()
    save_file(net.state_dict(), "theirs_model.safetensors")
    torch.save(net.state_dict(), "theirs_model.pt")
    torch.save(net.state_dict(), "theirs_model_legacy.pt", _use_new_zipfile_serialization=False)
    torch.save({"model": net.state_dict(), "optimizer": adam.state_dict(), "epoch": 3},
               "theirs_checkpoint.pt")
    with torch.no_grad():
        save_file({"result": net(image())}, "results.safetensors")


command(check=check, write=write)
