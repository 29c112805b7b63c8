# Finds the libraries that scripts/setup installs.
find_package(PkgConfig REQUIRED)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls>=3.7)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(NGHTTP3 REQUIRED IMPORTED_TARGET libnghttp3>=1.0)
pkg_check_modules(NGTCP2 REQUIRED IMPORTED_TARGET libngtcp2>=1.11
                  libngtcp2_crypto_gnutls>=1.11)
find_library(CSV_LIBRARY csv REQUIRED)

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
