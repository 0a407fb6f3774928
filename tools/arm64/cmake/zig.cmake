# The clang of the PyPI package ziglang, with the symbols of an old glibc and its C++ library linked
# statically: what it builds runs on every distribution since 2018.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER ${CMAKE_CURRENT_LIST_DIR}/../zig/c++)
set(CMAKE_AR ${CMAKE_CURRENT_LIST_DIR}/../zig/ar CACHE FILEPATH "" FORCE)
set(CMAKE_RANLIB ${CMAKE_CURRENT_LIST_DIR}/../zig/ranlib CACHE FILEPATH "" FORCE)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
include(${CMAKE_CURRENT_LIST_DIR}/python.cmake)
