"""Arrays in one file: NumPy's ``.npz``, read without trusting it.

``numpy.load`` allocates what a header claims before it sees any data. Here a claim is first compared with what the
archive holds, nothing is ever unpickled, and the sum of everything is bounded.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAX_UNPACKED: Final = 512 << 20
"""Bytes that the arrays of one file may take in memory."""

MAX_ARRAYS: Final = 64

_SUFFIX: Final = ".npy"
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, OverflowError, RuntimeError)
"""What reading a damaged archive raises, besides ``ValueError``."""


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as a compressed ``.npz`` that ``numpy.load(allow_pickle=False)`` reads; same arrays, same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(name + _SUFFIX), content.getvalue(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack_arrays(data: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz``. Raises ``ValueError`` for anything that is not one, whole and of bearable size."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_ARRAYS or sum(member.file_size for member in members) > MAX_UNPACKED:
                raise ValueError(f"it holds more than {MAX_ARRAYS} arrays or {MAX_UNPACKED >> 20} MiB")
            if any(member.compress_type not in _COMPRESSIONS for member in members):
                raise ValueError("it is compressed in another way than NumPy does")
            return {member.filename.removesuffix(_SUFFIX): _array(archive.read(member)) for member in members}
    except _DAMAGE as error:
        raise ValueError(f"it is not a whole archive of arrays ({error})") from error


def _array(content: bytes) -> NDArray[Any]:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"an array is in version {version} of NumPy's format; 1.0 is needed")
    shape, in_fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.hasobject:
        raise ValueError("an array holds Python objects, which could execute code; only numbers are read")
    values = content[stream.tell() :]
    size = dtype.itemsize
    for length in shape:
        size *= length
    if size != len(values):
        raise ValueError(f"an array of shape {shape} and type {dtype} takes {size} bytes, not {len(values)}")
    array = np.frombuffer(values, dtype=dtype)
    return array.reshape(shape[::-1]).T if in_fortran_order else array.reshape(shape)
