"""What a frozen program needs of rostro besides its modules."""

from importlib.metadata import PackageNotFoundError

from PyInstaller.utils.hooks import collect_data_files, copy_metadata

# The model cards, and the page of `rostro watch --serve`.
datas = collect_data_files("rostro", includes=["models/cards/*.toml", "video/web/page.html"])
# `rostro doctor` and the cards of quantised networks give the versions of these.
for package in ("rostro", "ncnn", "numpy", "onnx", "onnxruntime"):
    try:
        datas += copy_metadata(package)
    except PackageNotFoundError:
        continue  # an engine that is not wanted
# The core raises the errors of this module; no import of Python's says so.
hiddenimports = ["rostro.errors"]
