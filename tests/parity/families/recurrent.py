"""Recurrent layers, cells, and sequences of different lengths."""

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.utils import rnn

from .common import case, fixed, integers, real, refused, squared, values

I, H, P, T, B = 2, 3, 2, 3, 2


def flat(y):
    """The tensors of a result, those of packed data alone."""
    if isinstance(y, torch.Tensor):
        return [y]
    if isinstance(y, rnn.PackedSequence):
        return [y.data]
    return [t for part in y for t in flat(part)]


def weights_of(make):
    return [real(*p.shape, low=-1, high=1) for p in make().parameters()]


def with_weights(make, call):
    """A function of the arguments of call, whose first is the module, and of the weights."""

    def run(*inputs):
        module = make().double()
        names = [name for name, _ in module.named_parameters()]
        given, weights = inputs[: len(inputs) - len(names)], inputs[len(inputs) - len(names) :]
        return flat(call(lambda *a: functional_call(module, dict(zip(names, weights)), a), *given))

    return run


def state(kind, shape, last=H):
    return [real(*shape, last)] + ([real(*shape, H)] if kind == "lstm" else [])


def given(kind, hx):
    return () if not hx else (tuple(hx),) if kind == "lstm" else tuple(hx)


kinds = {
    "rnn": nn.RNN,
    "rnn_relu": lambda *a, **o: nn.RNN(*a, nonlinearity="relu", **o),
    "gru": nn.GRU,
    "lstm": nn.LSTM,
}


def layer(kind, name, x, hx=(), is_refused=False, **options):
    make = lambda: kinds[kind](I, H, **options)
    call = lambda m, x, *hx: m(x, *given(kind, hx))
    case(f"{kind}_{name}", with_weights(make, call), x, *hx, *weights_of(make), is_refused=is_refused)


def packed(kind, name, x, lengths, hx=(), enforce_sorted=True, **options):
    make = lambda: kinds[kind](I, H, **options)
    batch_first = options.get("batch_first", False)

    def call(m, x, *hx):
        return m(rnn.pack_padded_sequence(x, lengths, batch_first, enforce_sorted), *given(kind, hx))

    case(f"{kind}_{name}", with_weights(make, call), x, *hx, *weights_of(make))


for kind in kinds:
    layer(kind, "layer", real(T, B, I))
    layer(kind, "state", real(T, B, I), state(kind, (1, B)))
    layer(kind, "two_layers", real(T, B, I), state(kind, (2, B)), num_layers=2)
    layer(kind, "without_bias", real(T, B, I), state(kind, (1, B)), bias=False)
    layer(kind, "batch_first", real(B, T, I), state(kind, (1, B)), batch_first=True)
    layer(kind, "bidirectional", real(T, B, I), state(kind, (2, B)), bidirectional=True)
    layer(kind, "bidirectional_layers", real(T, B, I), state(kind, (4, B)), num_layers=2, bidirectional=True)
    layer(kind, "unbatched", real(T, I), state(kind, (1,)))
    layer(kind, "unbatched_batch_first", real(T, I), num_layers=2, batch_first=True)
    layer(kind, "one_step", real(1, B, I), state(kind, (1, B)))
    layer(kind, "one_step_back", real(1, B, I), state(kind, (2, B)), bidirectional=True)
    layer(kind, "of_none", real(T, 0, I), state(kind, (1, 0)))
    layer(kind, "dropout_of_one", real(T, B, I), num_layers=2, dropout=1.0)
    packed(kind, "packed", real(T, 3, I), [3, 2, 2])
    packed(kind, "packed_unsorted", real(T, 3, I), [1, 3, 2], state(kind, (1, 3)), False)
    packed(kind, "packed_both_ways", real(3, T, I), [1, 3, 2], state(kind, (4, 3)), False, num_layers=2, bidirectional=True, batch_first=True)
    layer(kind, "of_no_step", real(0, B, I), is_refused=True)
    layer(kind, "of_other_features", real(T, B, I + 1), is_refused=True)
    layer(kind, "of_rank_4", real(1, T, B, I), is_refused=True)
    layer(kind, "state_of_other_batch", real(T, B, I), state(kind, (1, B + 1)), is_refused=True)
    layer(kind, "state_of_other_layers", real(T, B, I), state(kind, (2, B)), is_refused=True)
    layer(kind, "batched_state_for_unbatched", real(T, I), state(kind, (1, 1)), is_refused=True)

layer("lstm", "projected", real(T, B, I), state("lstm", (1, B), P), proj_size=P)
layer("lstm", "projected_layers", real(T, B, I), state("lstm", (4, B), P), proj_size=P, num_layers=2, bidirectional=True)
layer("lstm", "projected_without_bias", real(T, B, I), proj_size=P, bias=False)
packed("lstm", "projected_packed", real(T, 3, I), [1, 3, 2], state("lstm", (1, 3), P), False, proj_size=P)

cells = {
    "rnn": nn.RNNCell,
    "rnn_relu": lambda *a, **o: nn.RNNCell(*a, nonlinearity="relu", **o),
    "gru": nn.GRUCell,
    "lstm": nn.LSTMCell,
}


def cell(kind, name, x, hx=(), is_refused=False, **options):
    make = lambda: cells[kind](I, H, **options)
    call = lambda m, x, *hx: m(x, *given(kind, hx))
    case(f"{kind}_cell{name}", with_weights(make, call), x, *hx, *weights_of(make), is_refused=is_refused)


for kind in cells:
    cell(kind, "", real(B, I), state(kind, (B,)))
    cell(kind, "_at_first", real(B, I))
    cell(kind, "_without_bias", real(B, I), state(kind, (B,)), bias=False)
    cell(kind, "_unbatched", real(I), state(kind, ()))
    cell(kind, "_of_none", real(0, I), state(kind, (0,)))
    cell(kind, "_of_other_features", real(B, I + 1), state(kind, (B,)), is_refused=True)
    cell(kind, "_of_other_batch", real(B, I), state(kind, (B + 1,)), is_refused=True)
    cell(kind, "_of_rank_3", real(1, B, I), is_refused=True)

weights = [real(3 * H, I, low=-1, high=1), real(3 * H, H, low=-1, high=1), real(3 * H, low=-1, high=1), real(3 * H, low=-1, high=1)]
case("gru_function", lambda x, h, *w: torch.gru(x, h, w, True, 1, 0.0, False, False, True), real(B, T, I), real(1, B, H), *weights)
case("gru_function_packed", lambda x, h, *w: torch.gru(x, torch.tensor([2, 1]), h, w, True, 1, 0.0, False, False), real(3, I), real(1, B, H), *weights)
refused("gru_function_of_few_weights", lambda x, h, *w: torch.gru(x, h, w[:3], True, 1, 0.0, False, False, True), real(B, T, I), real(1, B, H), *weights)
refused("gru_function_beyond_data", lambda x, h, *w: torch.gru(x, torch.tensor([2, 2]), h, w, True, 1, 0.0, False, False), real(3, I), real(1, B, H), *weights)

padded = real(4, 3, 2)
lengths = values([4, 2, 1])
unsorted = values([2, 4, 1])


def pack(**options):
    return lambda x, n: [t for t in rnn.pack_padded_sequence(x, n, **options) if t is not None]


def pad(n=(4, 2, 1), **options):
    def run(x):
        y, lengths = rnn.pad_packed_sequence(rnn.pack_padded_sequence(x.square(), torch.tensor(n), enforce_sorted=False), **options)
        return [y, lengths]

    return run


case("pack_padded_sequence", pack(), padded, lengths)
case("pack_padded_sequence_unsorted", pack(enforce_sorted=False), padded, unsorted)
case("pack_padded_sequence_batch_first", pack(batch_first=True), real(3, 4), lengths)
case("pack_padded_sequence_shorter", pack(), padded, values([3, 3, 2]))
refused("pack_padded_sequence_not_sorted", pack(), padded, unsorted)
refused("pack_padded_sequence_of_nothing", pack(), padded, values([4, 2, 0]))
refused("pack_padded_sequence_few_lengths", pack(), padded, values([4, 2]))
refused("pack_padded_sequence_of_none", pack(), real(4, 0, 2), integers(0, below=1))
case("pad_packed_sequence", pad(), padded)
case("pad_packed_sequence_unsorted", pad((1, 3, 2)), padded)
case("pad_packed_sequence_batch_first", pad((1, 3, 2), batch_first=True), padded)
case("pad_packed_sequence_value", pad(padding_value=1.5), padded)
case("pad_packed_sequence_total_length", pad((1, 3, 2), padding_value=-1.0, total_length=5), padded)
refused("pad_packed_sequence_short_total_length", pad(total_length=3), padded)
parts = [real(2, 3), real(4, 3), real(1, 3)]
several = lambda **o: squared(lambda *t: rnn.pad_sequence(list(t), **o))
case("pad_sequence", several(), *parts)
case("pad_sequence_batch_first", several(batch_first=True), *parts)
case("pad_sequence_value", several(padding_value=0.5), *parts)
case("pad_sequence_left", several(padding_side="left", padding_value=-2.0, batch_first=True), *parts)
case("pad_sequence_of_vectors", several(), real(2), real(3))
case("pad_sequence_of_nothing", several(), real(0, 3), real(2, 3))
refused("pad_sequence_of_other_features", several(), real(2, 3), real(2, 4))
case("unpad_sequence", squared(lambda x, n: rnn.unpad_sequence(x * 1, n)), padded, unsorted)
case("unpad_sequence_batch_first", squared(lambda x, n: rnn.unpad_sequence(x * 1, n, batch_first=True)), real(3, 4), lengths)
case("pack_sequence", lambda *t: list(rnn.pack_sequence(list(t), enforce_sorted=False)), *parts)
case("pack_sequence_sorted", lambda a, b: rnn.pack_sequence([a, b])[0].square(), real(4, 3), real(4, 3))
refused("pack_sequence_not_sorted", lambda *t: list(rnn.pack_sequence(list(t))), *parts)
case("unpack_sequence", squared(lambda *t: rnn.unpack_sequence(rnn.pack_sequence(list(t), enforce_sorted=False))), *parts)
