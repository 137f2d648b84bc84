include(CMakePackageConfigHelpers)

set(rewind_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rewind)

# Headers are installed from the link, so that base directories end before rewind/ in both trees.
get_target_property(headers rewind HEADER_SET)
list(TRANSFORM headers REPLACE "^${PROJECT_SOURCE_DIR}/" "${PROJECT_BINARY_DIR}/include/rewind/")
set_target_properties(rewind PROPERTIES HEADER_SET "${headers}"
                                        HEADER_DIRS ${PROJECT_BINARY_DIR}/include)

install(
  TARGETS rewind
  EXPORT rewind-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(library rewind_models rewind_png rewind_images)
  if(TARGET ${library})
    install(
      TARGETS ${library}
      EXPORT rewind-targets
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endforeach()
install(EXPORT rewind-targets NAMESPACE rewind:: DESTINATION ${rewind_cmake_dir})

get_target_property(rewind_type rewind TYPE)
configure_package_config_file(
  cmake/rewind-config.cmake.in ${PROJECT_BINARY_DIR}/rewind-config.cmake
  INSTALL_DESTINATION ${rewind_cmake_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/rewind-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/FindoneDNN.cmake
              ${PROJECT_BINARY_DIR}/rewind-config.cmake
              ${PROJECT_BINARY_DIR}/rewind-config-version.cmake DESTINATION ${rewind_cmake_dir})
