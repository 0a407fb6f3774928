# The CPython that the extension module is for: that of the arm64 root, whose headers are used, where
# FindPython would ask the host's.
set(root $ENV{ARM64_ROOT})
file(GLOB headers ${root}/usr/include/python3.*)
foreach(name Python Python3)
  set(${name}_INCLUDE_DIR ${headers} CACHE PATH "" FORCE)  # scikit-build-core presets the host's
endforeach()
# What pybind11 would ask the host's interpreter as well.
set(PYBIND11_USE_CROSSCOMPILING ON CACHE BOOL "" FORCE)
set(PYTHON_IS_DEBUG OFF CACHE INTERNAL "")
set(PYTHON_MODULE_DEBUG_POSTFIX "" CACHE INTERNAL "")
set(PYTHON_MODULE_EXTENSION $ENV{SETUPTOOLS_EXT_SUFFIX} CACHE INTERNAL "")
# Debian's pyconfig.h includes <aarch64-linux-gnu/python3.11/pyconfig.h>.
string(APPEND CMAKE_CXX_FLAGS_INIT " -idirafter ${root}/usr/include")
