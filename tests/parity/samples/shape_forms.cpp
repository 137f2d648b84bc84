#include "forms.h"

namespace rw::test {
namespace {

using Kind = Value::Kind;

// A list of sizes, or a number of pieces, or a tensor of either.
template <class F>
Out by_places(Args& a, const F& f) {
  if (a.is_list(1, "indices_or_sections")) return f(a.ints(1, "indices_or_sections"));
  return f(a.i(1, "indices_or_sections"));
}
Out tensor_split_of(Args& a) {
  const int64_t dim = a.i(2, "dim", 0);
  if (a.is_tensor(1, "indices_or_sections")) return tensor_split(a.t(0), a.t(1), dim);
  return by_places(a, [&](const auto& p) { return tensor_split(a.t(0), p, dim); });
}
Out split_of(Args& a) {
  const int64_t dim = a.i(2, "dim", 0);
  return a.is_list(1, "split_size") ? a.t(0).split(a.ints(1, "split_size"), dim)
                                    : a.t(0).split(a.i(1, "split_size"), dim);
}
Out squeezed(Args& a) {
  if (!a.has(1, "dim")) return a.t(0).squeeze();
  return a.is_list(1, "dim") ? squeeze(a.t(0), Dims(a.ints(1, "dim")))
                             : a.t(0).squeeze(a.i(1, "dim"));
}
Out flattened(Args& a) { return a.t(0).flatten(a.i(1, "start_dim", 0), a.i(2, "end_dim", -1)); }
// One tensor, or several.
template <class F, class G>
Out one_or_many(Args& a, const F& one, const G& many) {
  if (a.is_list(0, "tensors")) return many(a.tensors(0, "tensors"));
  return a.count() > 1 ? many(a.all_tensors()) : Out(one(a.t(0)));
}
Tensors listed(Args& a) {
  return a.is_list(0, "tensors") ? a.tensors(0, "tensors") : a.all_tensors();
}

int64_t bound(Args& a, size_t place, const char* name, int64_t otherwise) {
  return a.i(place, name, otherwise);
}
Out rolled(Args& a) { return roll(a.t(0), Shape(a.ints(1, "shifts")), Dims(a.ints(2, "dims"))); }
Out repeated_interleaved(Args& a) {
  a.ignore(1000, "output_size");
  if (!a.has(1, "repeats")) return repeat_interleave(a.t(0));
  return a.is_tensor(1, "repeats")
             ? repeat_interleave(a.t(0), a.t(1, "repeats"), a.opt_i(2, "dim"))
             : repeat_interleave(a.t(0), a.i(1, "repeats"), a.opt_i(2, "dim"));
}
Out meshed(Args& a) {
  const Indexing order =
      named<Indexing>(a.word(1000, "indexing", "ij"), {{"ij", Indexing::ij}, {"xy", Indexing::xy}});
  return meshgrid(listed(a), order);
}
std::optional<int64_t> offset(Args& a, size_t place) { return a.opt_i(place, "storage_offset"); }
MemoryFormat format(Args& a, size_t place, MemoryFormat otherwise) {
  const std::string w = a.word(place, "memory_format");
  if (w.empty()) return otherwise;
  return named<MemoryFormat>(w, {{"preserve_format", MemoryFormat::preserve},
                                 {"contiguous_format", MemoryFormat::contiguous},
                                 {"channels_last", MemoryFormat::channels_last}});
}
Out converted(Args& a) {
  for (const char* name : {"copy", "memory_format", "device", "non_blocking"}) a.ignore(1000, name);
  for (size_t k = 1; k < a.count(); ++k) {
    const Value* const v = a.find(k, "");
    for (size_t rest = k; rest < a.count(); ++rest) a.ignore(rest, "");
    if (v->kind == Kind::dtype) return a.t(0).to(v->dtype);
    if (v->kind == Kind::tensor) return a.t(0).type_as(v->tensor);
  }
  const auto dtype = a.dtype(1000, "dtype");

  return dtype ? a.t(0).to(*dtype) : a.t(0);
}
Out to_type(Args& a, DType dtype) {
  return a.t(0).to(dtype).clone(format(a, 1, MemoryFormat::preserve));
}

#define TO(name, type) FORM(#name, to_type(a, type))
#define VIEW_AND_COPY(name, ...) FORM(name, __VA_ARGS__), FORM(name "_copy", __VA_ARGS__)

const JoinedForms views({
    VIEW_AND_COPY("expand", a.t(0).expand(Shape(a.each_from(1, "size")))),
    FORM("expand_as", a.t(0).expand_as(a.t(1))),
    FORM("broadcast_to", broadcast_to(a.t(0), Shape(a.ints(1, "size")))),
    FORM("broadcast_tensors", broadcast_tensors(listed(a))),
    FORM("sum_to_size", a.t(0).sum_to_size(Shape(a.each_from(1, "size")))),
    FORM("chunk", a.t(0).chunk(a.i(1, "chunks"), a.i(2, "dim", 0))),
    FORM("unsafe_chunk", a.t(0).chunk(a.i(1, "chunks"), a.i(2, "dim", 0))),
    FORM("clone", a.t(0).clone(format(a, 1000, MemoryFormat::preserve))),
    FORM("contiguous", a.t(0).contiguous(format(a, 1, MemoryFormat::contiguous))),
    FORM("alias_copy", a.t(0).clone()),
    VIEW_AND_COPY("diagonal",
                  a.t(0).diagonal(a.i(1, "offset", 0), a.i(2, "dim1", 0), a.i(3, "dim2", 1))),
    FORM("linalg.diagonal",
         linalg::diagonal(a.t(0), a.i(1, "offset", 0), a.i(2, "dim1", -2), a.i(3, "dim2", -1))),
    FORM("diagonal_scatter", diagonal_scatter(a.t(0), a.t(1), a.i(2, "offset", 0),
                                              a.i(3, "dim1", 0), a.i(4, "dim2", 1))),
    VIEW_AND_COPY("as_strided", as_strided(a.t(0), Shape(a.ints(1, "size")),
                                           Strides(a.ints(2, "stride")), offset(a, 3))),
    FORM("as_strided_scatter", as_strided_scatter(a.t(0), a.t(1), Shape(a.ints(2, "size")),
                                                  Strides(a.ints(3, "stride")), offset(a, 4))),
    VIEW_AND_COPY("narrow", a.t(0).narrow(a.i(1, "dim"), a.i(2, "start"), a.i(3, "length"))),
    VIEW_AND_COPY("permute", a.t(0).permute(Dims(a.each_from(1, "dims")))),
    VIEW_AND_COPY("view", a.t(0).view(Shape(a.each_from(1, "size")))),
    FORM("view_as", a.t(0).view_as(a.t(1))),
    FORM("reshape", a.t(0).reshape(Shape(a.each_from(1, "shape")))),
    FORM("reshape_as", a.t(0).reshape_as(a.t(1))),
    FORM("ravel", ravel(a.t(0))),
    FORM("flatten", flattened(a)),
    FORM("unflatten", a.t(0).unflatten(a.i(1, "dim"), Shape(a.ints(2, "sizes")))),
    FORM("select", a.t(0).select(a.i(1, "dim"), a.i(2, "index"))),
    FORM("select_scatter", select_scatter(a.t(0), a.t(1), a.i(2, "dim"), a.i(3, "index"))),
    FORM("slice", a.t(0).slice(a.i(1, "dim", 0), bound(a, 2, "start", 0),
                               bound(a, 3, "end", Slice::none), a.i(4, "step", 1))),
    FORM("slice_scatter", slice_scatter(a.t(0), a.t(1), a.i(2, "dim", 0), bound(a, 3, "start", 0),
                                        bound(a, 4, "end", Slice::none), a.i(5, "step", 1))),
    FORM("split", split_of(a)),
    FORM("unsafe_split", split_of(a)),
    VIEW_AND_COPY("split_with_sizes",
                  a.t(0).split_with_sizes(a.ints(1, "split_sizes"), a.i(2, "dim", 0))),
    VIEW_AND_COPY("unbind", a.t(0).unbind(a.i(1, "dim", 0))),
    VIEW_AND_COPY("unfold", unfold(a.t(0), a.i(1, "dimension"), a.i(2, "size"), a.i(3, "step"))),
    VIEW_AND_COPY("squeeze", squeezed(a)),
    VIEW_AND_COPY("unsqueeze", a.t(0).unsqueeze(a.i(1, "dim"))),
    VIEW_AND_COPY("transpose", a.t(0).transpose(a.i(1, "dim0"), a.i(2, "dim1"))),
    VIEW_AND_COPY("t", a.t(0).t()),
    FORM("T", a.t(0).t()),
    FORM("H", a.t(0).t()),
    FORM("mT", a.t(0).mT()),
    FORM("mH", a.t(0).mH()),
    FORM("movedim", movedim(a.t(0), Dims(a.ints(1, "source")), Dims(a.ints(2, "destination")))),
    FORM("tensor_split", tensor_split_of(a)),
    FORM("hsplit", by_places(a, [&](const auto& p) { return hsplit(a.t(0), p); })),
    FORM("vsplit", by_places(a, [&](const auto& p) { return vsplit(a.t(0), p); })),
    FORM("dsplit", by_places(a, [&](const auto& p) { return dsplit(a.t(0), p); })),
    FORM("atleast_1d", one_or_many(
                           a, [](In t) { return atleast_1d(t); },
                           [](const Tensors& t) { return atleast_1d(t); })),
    FORM("atleast_2d", one_or_many(
                           a, [](In t) { return atleast_2d(t); },
                           [](const Tensors& t) { return atleast_2d(t); })),
    FORM("atleast_3d", one_or_many(
                           a, [](In t) { return atleast_3d(t); },
                           [](const Tensors& t) { return atleast_3d(t); })),
    FORM("to", converted(a)),
    TO(bfloat16, bfloat16),
    TO(bool, boolean),
    TO(byte, uint8),
    TO(char, int8),
    TO(double, float64),
    TO(float, float32),
    TO(half, float16),
    TO(int, int32),
    TO(long, int64),
    TO(short, int16),
    FORM("item", scalar_tensor(a.t(0).item_scalar(), a.t(0).item_scalar().dtype())),
});

const JoinedForms order({
    FORM("flip", flip(a.t(0), Dims(a.each_from(1, "dims")))),
    UNARY(fliplr),
    UNARY(flipud),
    FORM("roll", rolled(a)),
    FORM("rot90",
         rot90(a.t(0), a.i(1, "k", 1), a.has(2, "dims") ? Dims(a.ints(2, "dims")) : Dims{0, 1})),
    FORM("repeat", repeat(a.t(0), Shape(a.each_from(1, "repeats")))),
    FORM("tile", tile(a.t(0), Shape(a.each_from(1, "dims")))),
    FORM("repeat_interleave", repeated_interleaved(a)),
    FORM("cat", cat(a.tensors(0, "tensors"), a.i(1, "dim", 0))),
    FORM("stack", stack(a.tensors(0, "tensors"), a.i(1, "dim", 0))),
    FORM("hstack", hstack(listed(a))),
    FORM("vstack", vstack(listed(a))),
    FORM("dstack", dstack(listed(a))),
    FORM("column_stack", column_stack(listed(a))),
    FORM("block_diag", block_diag(listed(a))),
    FORM("meshgrid", meshed(a)),
    FORM("cartesian_prod", cartesian_prod(listed(a))),
    FORM("combinations", combinations(a.t(0), a.i(1, "r", 2), a.b(2, "with_replacement"))),
    FORM("diag", diag(a.t(0), a.i(1, "diagonal", 0))),
    FORM("diag_embed",
         diag_embed(a.t(0), a.i(1, "offset", 0), a.i(2, "dim1", -2), a.i(3, "dim2", -1))),
    FORM("diagflat", diagflat(a.t(0), a.i(1, "offset", 0))),
    UNARY(trace),
    FORM("tril", tril(a.t(0), a.i(1, "diagonal", 0))),
    FORM("triu", triu(a.t(0), a.i(1, "diagonal", 0))),
    FORM("tril_", a.y().tril_(a.i(1, "diagonal", 0))),
    FORM("triu_", a.y().triu_(a.i(1, "diagonal", 0))),
    FORM("linalg.vander", linalg::vander(a.t(0), a.opt_i(1, "N"))),
    FORM("nn.functional.pixel_shuffle", pixel_shuffle(a.t(0), a.i(1, "upscale_factor"))),
    FORM("nn.functional.pixel_unshuffle", pixel_unshuffle(a.t(0), a.i(1, "downscale_factor"))),
    FORM("nn.functional.channel_shuffle", channel_shuffle(a.t(0), a.i(1, "groups"))),
});

}  // namespace
}  // namespace rw::test
