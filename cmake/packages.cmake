# Debian packages, by `cpack -G DEB` in the build folder: librewind-dev and rewind, the tool, and of
# a shared library librewind0.
set(CPACK_PACKAGE_NAME rewind)
set(REWIND_MAINTAINER "The Rewind developers <rewind@example.org>"
    CACHE STRING "Whom Debian packages name: Name <mail>")
set(CPACK_PACKAGE_CONTACT "${REWIND_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_STRIP_FILES ON)

# rewind_package(component name section description): with its copyright and changes, as Debian
# asks for.
find_program(GZIP gzip)
file(WRITE ${PROJECT_BINARY_DIR}/debian/changelog
     "rewind (${PROJECT_VERSION}) unstable; urgency=medium

  * See CHANGELOG.md.

 -- ${CPACK_PACKAGE_CONTACT}  Thu, 01 Jan 2026 00:00:00 +0000
")
file(WRITE ${PROJECT_BINARY_DIR}/debian/copyright
     "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Rewind

Files: *
Copyright: 2026 The Rewind developers
License: Apache-2.0
 On Debian systems the full text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
")
if(GZIP)
  execute_process(COMMAND ${GZIP} -9nkf ${PROJECT_BINARY_DIR}/debian/changelog)
endif()
macro(rewind_package component name section description)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${description}")
  set(about ${CMAKE_INSTALL_DATADIR}/doc/${name})
  install(FILES ${PROJECT_BINARY_DIR}/debian/copyright DESTINATION ${about} COMPONENT ${component})
  install(FILES ${PROJECT_BINARY_DIR}/debian/changelog.gz DESTINATION ${about} COMPONENT ${component} OPTIONAL)
endmacro()

rewind_package(dev librewind-dev libdevel "automatic differentiation for C++20, to build with
Headers, libraries and CMake's files of Rewind: tensors, a tape, layers,
optimizers and known networks, with the names of PyTorch.")
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libdnnl-dev, libfmt-dev, libhwy-dev, zlib1g-dev, libpng-dev, libjpeg-dev")
if(TARGET rewind_tool)
  list(APPEND CPACK_COMPONENTS_ALL tools)
  rewind_package(tools rewind science "tool that trains networks and looks into files of tensors
Looks into files of tensors, converts them, and trains and runs networks that
tell classes of images apart.")
endif()
if(NOT rewind_type STREQUAL STATIC_LIBRARY)
  list(APPEND CPACK_COMPONENTS_ALL runtime)
  rewind_package(runtime librewind${PROJECT_VERSION_MAJOR} libs "automatic differentiation for C++20
What programs run with that were built with a shared Rewind: tensors, a tape,
layers, optimizers and known networks.")
  set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
      "librewind${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION})")
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR} ${PROJECT_BINARY_DIR}/io
      ${PROJECT_BINARY_DIR}/models)
endif()
include(CPack)
