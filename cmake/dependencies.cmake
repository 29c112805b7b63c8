# Finds the libraries that scripts/setup installs.
find_package(PkgConfig REQUIRED)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls>=3.7)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
find_library(CSV_LIBRARY csv REQUIRED)

# R's mathematics and liblinear: by name, as liblinear has no file for
# pkg-config, and that of Debian's r-mathlib names a folder that does not exist.
find_library(RMATH_LIBRARY Rmath REQUIRED)
find_path(RMATH_INCLUDE Rmath.h REQUIRED)
find_library(LINEAR_LIBRARY linear REQUIRED)
find_path(LINEAR_INCLUDE linear.h PATH_SUFFIXES liblinear REQUIRED)

# handoff_use(NAME DIR VERSION LIBRARIES...) makes PkgConfig::NAME of what is
# installed under the prefix DIR, and of nothing else: include/NAME/version.h,
# which must say VERSION or more, and LIBRARIES (in linking order) in lib or
# lib64.  Not by pkg-config, whose files a copied or half-installed prefix may
# lack, or which may point elsewhere.
function(handoff_use name dir version)
  string(TOLOWER ${name} lower)
  get_filename_component(dir "${dir}" ABSOLUTE BASE_DIR ${CMAKE_BINARY_DIR})
  set(header "${dir}/include/${lower}/version.h")
  if(NOT EXISTS "${header}")
    message(FATAL_ERROR "${name}_ROOT: there is no ${header}; it must be the "
                        "prefix that ${lower} was installed to")
  endif()
  file(STRINGS "${header}" line REGEX "define ${name}_VERSION \"")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" found "${line}")
  if(NOT found VERSION_GREATER_EQUAL version)
    message(FATAL_ERROR "${name}_ROOT: ${dir} has ${lower} ${found}, but "
                        "${version} or later is needed")
  endif()
  add_library(PkgConfig::${name} INTERFACE IMPORTED)
  foreach(library ${ARGN})
    find_library(file ${library} NO_CACHE NO_DEFAULT_PATH
                 PATHS "${dir}" PATH_SUFFIXES
                 lib lib64 lib/${CMAKE_LIBRARY_ARCHITECTURE})
    if(NOT file)
      message(FATAL_ERROR "${name}_ROOT: there is no lib${library} in "
                          "${dir}/lib or lib64 (ngtcp2 needs GnuTLS: "
                          "configure it with --with-gnutls)")
    endif()
    target_link_libraries(PkgConfig::${name} INTERFACE "${file}")
    get_filename_component(folder "${file}" DIRECTORY)
    list(APPEND CMAKE_INSTALL_RPATH "${folder}")
    unset(file)
  endforeach()
  target_include_directories(PkgConfig::${name} INTERFACE "${dir}/include")
  list(REMOVE_DUPLICATES CMAKE_INSTALL_RPATH)
  set(CMAKE_INSTALL_RPATH "${CMAKE_INSTALL_RPATH}" PARENT_SCOPE)
  message(STATUS "${lower} ${found} from ${dir}")
endfunction()

# handoff_static(NAME LIBRARIES...) makes PkgConfig::NAME of static libraries
# where all of them are there.  Calls then go directly, and only what is used has
# to be loaded and relocated.
function(handoff_static name)
  set(files "")
  foreach(library ${ARGN})
    find_library(file ${CMAKE_STATIC_LIBRARY_PREFIX}${library}${CMAKE_STATIC_LIBRARY_SUFFIX}
                 NO_CACHE HINTS ${${name}_LIBRARY_DIRS} ${${name}_LIBDIR})
    if(NOT file)
      return()
    endif()
    list(APPEND files "${file}")
    unset(file)
  endforeach()
  set_property(TARGET PkgConfig::${name} PROPERTY
               INTERFACE_LINK_LIBRARIES ${files} PkgConfig::GNUTLS)
  set(${name}_STATIC ON PARENT_SCOPE)
endfunction()

# The libraries under test may be those of a developer's own installation.
set(NGTCP2_ROOT "" CACHE PATH "Prefix of another ngtcp2 than the packaged one")
set(NGHTTP3_ROOT "" CACHE PATH "Prefix of another nghttp3 than the packaged one")
if(NGTCP2_ROOT)
  handoff_use(NGTCP2 "${NGTCP2_ROOT}" 1.11 ngtcp2_crypto_gnutls ngtcp2)
  target_link_libraries(PkgConfig::NGTCP2 INTERFACE PkgConfig::GNUTLS)
else()
  pkg_check_modules(NGTCP2 REQUIRED IMPORTED_TARGET libngtcp2>=1.11
                    libngtcp2_crypto_gnutls>=1.11)
  if(HANDOFF_STATIC)
    handoff_static(NGTCP2 ngtcp2_crypto_gnutls ngtcp2)
  endif()
endif()
# stack/quic/qlog_gate.c stands before some calls within ngtcp2 1.11.
if(NGTCP2_STATIC AND NGTCP2_libngtcp2_VERSION MATCHES "^1\\.11\\.")
  set(HANDOFF_QLOG_GATE ON)
  foreach(call write_frame pkt_received_start pkt_received_end pkt_sent_start
          pkt_sent_end metrics_updated)
    target_link_options(PkgConfig::NGTCP2 INTERFACE
                        LINKER:--wrap=ngtcp2_qlog_${call})
  endforeach()
endif()
if(NGHTTP3_ROOT)
  handoff_use(NGHTTP3 "${NGHTTP3_ROOT}" 1.0 nghttp3)
else()
  pkg_check_modules(NGHTTP3 REQUIRED IMPORTED_TARGET libnghttp3>=1.0)
  if(HANDOFF_STATIC)
    handoff_static(NGHTTP3 nghttp3)
  endif()
endif()

# ns-3's own CMake and pkg-config files in Debian name paths that do not exist,
# so its libraries are looked up by name.
set(NS3_LIBRARIES "")
foreach(module lte wifi buildings spectrum propagation antenna mobility
        applications point-to-point csma bridge traffic-control config-store
        energy stats virtual-net-device internet network core)
  find_library(NS3_${module} NAMES ns3-${module} ns3.43-${module} REQUIRED)
  list(APPEND NS3_LIBRARIES ${NS3_${module}})
endforeach()
find_path(NS3_INCLUDE ns3/simulator.h PATH_SUFFIXES ns3.43 REQUIRED)

# From some version on ns-3's own headers need C++20; ours need 17.
file(STRINGS ${NS3_INCLUDE}/ns3/version-defines.h NS3_MINOR
     REGEX "define NS3_VERSION_MINOR")
string(REGEX MATCH "[0-9]+$" NS3_MINOR "${NS3_MINOR}")
if(NS3_MINOR GREATER_EQUAL 42)
  set(CMAKE_CXX_STANDARD 20)
endif()
