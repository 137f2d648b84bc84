include(CMakePackageConfigHelpers)

# Three components: what programs run with (shared libraries), what they are built with, and the
# command-line tool.
set(rewind_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rewind)

# Headers are installed from the link, so that base directories end before rewind/ in both trees.
get_target_property(headers rewind HEADER_SET)
list(TRANSFORM headers REPLACE "^${PROJECT_SOURCE_DIR}/" "${PROJECT_BINARY_DIR}/include/rewind/")
set_target_properties(rewind PROPERTIES HEADER_SET "${headers}"
                                        HEADER_DIRS ${PROJECT_BINARY_DIR}/include)

function(rewind_install_library target)
  install(
    TARGETS ${target}
    EXPORT rewind-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT dev
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev
    ${ARGN})
endfunction()
rewind_install_library(rewind FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
foreach(library rewind_models rewind_distributed rewind_png rewind_images)
  if(TARGET ${library})
    rewind_install_library(${library})
  endif()
endforeach()
install(EXPORT rewind-targets NAMESPACE rewind:: DESTINATION ${rewind_cmake_dir} COMPONENT dev)

get_target_property(rewind_type rewind TYPE)
configure_package_config_file(
  cmake/rewind-config.cmake.in ${PROJECT_BINARY_DIR}/rewind-config.cmake
  INSTALL_DESTINATION ${rewind_cmake_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/rewind-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_SOURCE_DIR}/cmake/FindoneDNN.cmake
        ${PROJECT_BINARY_DIR}/rewind-config.cmake
        ${PROJECT_BINARY_DIR}/rewind-config-version.cmake
  DESTINATION ${rewind_cmake_dir}
  COMPONENT dev)

# pkg-config: rewind.pc, and one for each library beside it. A static library needs what it uses on
# the same line, a shared one nothing.
function(rewind_pkg_config name description libraries requires)
  if(NOT rewind_type STREQUAL STATIC_LIBRARY)
    string(REGEX REPLACE " .*" "" libraries ${libraries})
  endif()
  # Relative to the file, so that an installation can be moved.
  file(RELATIVE_PATH up /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/rewind.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(
    FILES ${PROJECT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    COMPONENT dev)
endfunction()
set(openmp "")
if(REWIND_OPENMP)
  set(openmp " ${OpenMP_CXX_FLAGS}")
endif()
rewind_pkg_config(rewind "Automatic differentiation for C++20" "-lrewind -ldnnl -lfmt -lhwy -lz${openmp}" "")
rewind_pkg_config(rewind-models "Known networks for Rewind" "-lrewind_models" rewind)
if(TARGET rewind_distributed)
  rewind_pkg_config(rewind-distributed "Training by several processes for Rewind" "-lrewind_distributed -lmpi" rewind)
endif()
if(TARGET rewind_png)
  rewind_pkg_config(rewind-png "PNG files for Rewind" "-lrewind_png -lpng" rewind)
endif()
if(TARGET rewind_images)
  rewind_pkg_config(rewind-images "JPEG and PNG files for Rewind" "-lrewind_images -ljpeg" rewind-png)
endif()

if(TARGET rewind_tool)
  install(TARGETS rewind_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
  install(
    FILES ${PROJECT_BINARY_DIR}/cli/completion/rewind
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    COMPONENT tools)
endif()

if(PROJECT_IS_TOP_LEVEL)
  include(cmake/packages.cmake)
endif()
