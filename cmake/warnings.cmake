# Our warnings, for our own targets only: never inherited by those who link to us.
function(rewind_warnings target)
  target_compile_options(
    ${target} PRIVATE -Wall -Wextra -Wconversion -Wsign-conversion
                      $<$<BOOL:${REWIND_WERROR}>:-Werror>)
endfunction()
