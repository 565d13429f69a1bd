"""Reading what a learner's program has written: names and arrays of numbers, from whatever file there is.

    JSON    {"delta[h1]": 0.0363, "dW1": [[0.1, 0.2], [0.3, 0.4]]}
    CSV     cell,value or cell;value with decimal commas; the columns in any order, perhaps with one called sample
    NPZ     numpy.savez("mine.npz", dW1=dW1, ...)
    NPY     numpy.save("dW1.npy", dW1): the file's name is the array's
    MAT     save("-v6", "mine.mat", "dW1") in Octave and MATLAB; needs SciPy (the extra ``mat``)
    safetensors   save_file({"0.weight": w}, "mine.safetensors"); needs its package (the extra ``safetensors``)
    trace   what ``bpstep trace`` prints

What a file is, is seen in what it begins with, so standard input may be any of them.  Nothing is ever unpickled;
the size of a file, of what it unpacks to, and of what its header promises is looked at before it is read.  Whatever is
wrong with a file is a `NumbersError`, one line.
"""

from __future__ import annotations

import io
import json
import math
import operator
import os
import stat
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bpstep.comparison.entries import Entry, NumbersError, entries_of_one, entry
from bpstep.comparison.tables import trace_entries, written_table
from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.visible import quoted, shortened

__all__ = ["MOST_BYTES", "read_numbers"]

#: A larger file is refused before it is read; so is one that unpacks to more.
MOST_BYTES = 64 * 2**20


def read_numbers(name: str) -> list[Entry]:
    """What the file of this name holds (``-``: standard input).  Raises `NumbersError`."""
    shown = "standard input" if name == "-" else name
    data = _bytes(name, shown)
    found = list(_entries(data, shown, Path(name).stem))
    if not found:
        raise NumbersError(shown, "there are no numbers in it")
    return found


def _bytes(name: str, shown: str) -> bytes:
    expected = f"expected a file of numbers of at most {MOST_BYTES >> 20} MB"
    try:
        if name == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            status = os.stat(name)
            if stat.S_ISREG(status.st_mode) and status.st_size > MOST_BYTES:
                raise NumbersError(shown, f"the file has {status.st_size >> 20} MB; {expected}")
            with open(name, "rb") as file:
                data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NumbersError(shown, f"can not read the file: {reason}; {expected}") from None
    if len(data) > MOST_BYTES:
        raise NumbersError(shown, f"it is too large; {expected}")
    if not data.strip():
        raise NumbersError(shown, f"the file is empty; {expected}")
    return data


def _entries(data: bytes, shown: str, stem: str) -> Iterator[Entry]:
    if data.startswith(b"PK"):
        yield from _npz(data, shown)
    elif data.startswith(b"\x93NUMPY"):
        if shown == "standard input":
            raise NumbersError(
                shown, "an array without a name; expected named ones, such as numpy.savez writes"
            )
        yield entry(shown, stem, _npy(io.BytesIO(data), len(data), shown, stem))
    elif _is_safetensors(data):
        yield from _safetensors(data, shown)
    elif data.startswith((b"MATLAB 5.0", b"MATLAB 7", b"\x89HDF")):
        yield from _mat(data, shown)
    else:
        yield from _text(data, shown)


# --- text ---------------------------------------------------------------------------------------------


def _text(data: bytes, shown: str) -> Iterator[Entry]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        what = "JSON, CSV, NPZ, NPY, MAT (version 5) or a trace"
        raise NumbersError(shown, f"the file is of no kind that can be read; expected {what}") from None
    head = text.lstrip()[:1]
    if head == "{" and '"bpstep-trace"' in text.partition("\n")[0]:
        rows = _told(shown, lambda: list(trace_entries(text)))
    elif head in ("{", "["):
        rows = ((*pair, None) for pair in _json(text, shown))
    else:
        rows = _told(shown, lambda: list(written_table(text)))
    for name, value, sample in rows:
        yield from entries_of_one(shown, name, value, sample)


def _told(shown: str, read: Any) -> Any:
    try:
        return read()
    except ValueError as error:
        raise NumbersError(shown, str(error)) from None


def _json(text: str, shown: str) -> Iterator[tuple[str, Any]]:
    expected = 'expected an object of names and numbers, such as {"dW1": [[0.1, 0.2]], "db1": [0.3]}'
    try:
        document = json.loads(text, object_pairs_hook=list)
    except RecursionError:
        raise NumbersError(shown, f"it is nested too deeply; {expected}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NumbersError(shown, f"no JSON at {where}: {error.msg}; {expected}") from None
    except ValueError:
        raise NumbersError(shown, "a whole number has too many digits; expected numbers") from None
    if not _is_object(document) or text.lstrip()[0] != "{":
        raise NumbersError(shown, f"a list without names; {expected}")
    yield from _flat(document, "")


def _is_object(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) for item in value
    )


def _flat(pairs: list[tuple[str, Any]], before: str) -> Iterator[tuple[str, Any]]:
    """Objects in objects have names with dots: ``{"fc1": {"weight": ...}}`` is ``fc1.weight``."""
    for name, value in pairs:
        if value and _is_object(value):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


# --- arrays -------------------------------------------------------------------------------------------


def _npz(data: bytes, shown: str) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            if not members and any(name.endswith(".pkl") for name in archive.namelist()):
                raise NumbersError(
                    shown, "a pickle of PyTorch, which is not opened; expected NPZ or safetensors"
                )
            if not members:
                raise NumbersError(shown, "an archive without arrays; expected what numpy.savez writes")
            if sum(info.file_size for info in members) > MOST_BYTES:
                raise NumbersError(shown, f"it unpacks to more than {MOST_BYTES >> 20} MB")
            for info in members:
                name = info.filename[: -len(".npy")]
                with archive.open(info) as file:
                    yield entry(shown, name, _npy(file, info.file_size, shown, name))
    except NumbersError:
        raise
    except Exception as error:  # what a broken archive raises is of many kinds
        raise NumbersError(shown, f"a broken archive: {_told_of(error)}") from None


def _npy(file: BinaryIO | Any, size: int, shown: str, name: str) -> Array:
    """An array, if its header promises no more than there is."""
    try:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, fortran, dtype = read(file)
        lengths = [operator.index(length) for length in shape]
        if any(length < 0 for length in lengths):
            raise ValueError(f"a shape of {shape}")
    except Exception as error:  # what NumPy raises for a broken header is of many kinds
        raise NumbersError(shown, f"{quoted(name)} is no array: {_told_of(error)}") from None
    if dtype.hasobject:
        what = "Python objects, which are not unpickled; expected an array of numbers"
        raise NumbersError(shown, f"{quoted(name)} holds {what}")
    count, rest = math.prod(lengths), file.read(size)
    if count * dtype.itemsize > len(rest):
        raise NumbersError(shown, f"{quoted(name)} ends too early; expected {counted(count, 'number')}")
    if count == 0 or dtype.itemsize == 0:
        return np.empty(0)
    flat = np.frombuffer(rest, dtype=dtype, count=count)
    return flat.reshape(lengths[::-1]).T if fortran else flat.reshape(lengths)


def _told_of(error: Exception) -> str:
    """What a library says of a file, in one line."""
    return shortened(" ".join(str(error).split()) or type(error).__name__, 80)


def _mat(data: bytes, shown: str) -> Iterator[Entry]:
    if not data.startswith(b"MATLAB 5.0"):
        raise NumbersError(
            shown, 'a MAT file of version 7.3; expected version 5: save("-v6", …), save(…, "-v7")'
        )
    try:
        from scipy.io import loadmat
    except ImportError:
        raise NumbersError(shown, "MAT files need SciPy: pip install 'bpstep[mat]'") from None
    try:
        document = loadmat(io.BytesIO(data), simplify_cells=True)
    except Exception as error:  # what SciPy raises for a broken file is of many kinds
        raise NumbersError(shown, f"a broken MAT file: {_told_of(error)}") from None
    pairs = [(name, value) for name, value in document.items() if not name.startswith("__")]
    for name, value in _opened(pairs, ""):
        yield entry(shown, name, value)


def _is_safetensors(data: bytes) -> bool:
    """Whether it begins with the length of a JSON object, and the object."""
    return data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8


def _safetensors(data: bytes, shown: str) -> Iterator[Entry]:
    try:
        from safetensors.numpy import load
    except ImportError:
        raise NumbersError(
            shown, "safetensors files need their own package: pip install 'bpstep[safetensors]'"
        ) from None
    try:
        tensors = load(data)
    except Exception as error:  # what the package raises for a broken file, or for numbers that NumPy lacks
        raise NumbersError(
            shown, f"a broken safetensors file, or one of another precision: {shortened(str(error), 80)}"
        ) from None
    for name, value in tensors.items():
        yield entry(shown, name, value)


def _opened(pairs: Iterable[tuple[str, Any]], before: str) -> Iterator[tuple[str, Any]]:
    for name, value in pairs:
        if isinstance(value, dict):
            yield from _opened(value.items(), f"{before}{name}.")
        else:
            yield before + name, value
