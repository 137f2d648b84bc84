# Our warnings, for our own targets only: never inherited by those who link to us.
# GCC 12 takes sums of strings for copies that overlap (GCC bug 105651).
function(rewind_warnings target)
  set(gcc_12 "$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>")
  target_compile_options(
    ${target} PRIVATE -Wall -Wextra -Wconversion -Wsign-conversion
                      $<$<AND:${gcc_12}>:-Wno-restrict> $<$<BOOL:${REWIND_WERROR}>:-Werror>)
endfunction()
