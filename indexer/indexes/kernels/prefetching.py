"""Asks memory for what will be read soon, so that waits overlap."""

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from indexer.indexes.kernels.compiling import inner_kernel

LINE = 64  # bytes that memory hands out at once
PAGE = 4096  # bytes, beyond which the processor foresees nothing


@intrinsic
def _prefetch(typing_context, address):
    """Emit LLVM's hint for one address."""

    def generate(context, builder, signature, arguments):
        number, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        hint = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte, number, number, number]),
            "llvm.prefetch.p0",
        )
        pointer = builder.inttoptr(arguments[0], byte)
        builder.call(hint, [pointer, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(types.uintp), generate


@inner_kernel
def prefetch_line(array, row):
    """Ask for the line in which a row of a matrix in C order begins."""
    _prefetch(np.uint64(array.ctypes.data) + np.uint64(row) * np.uint64(array.strides[0]))


@inner_kernel
def prefetch_span(array, row, begin, end):
    """Ask for the lines of some items in a row of a matrix in C order."""
    start = np.uint64(array.ctypes.data) + np.uint64(row) * np.uint64(array.strides[0])
    address = start + np.uint64(begin) * np.uint64(array.itemsize)
    last = start + np.uint64(end) * np.uint64(array.itemsize)
    while address < last:
        _prefetch(address)
        address += np.uint64(LINE)


@inner_kernel
def prefetch_row(array, row):
    """Ask for a line of each page of a long row; the processor foresees what follows them."""
    address = np.uint64(array.ctypes.data) + np.uint64(row) * np.uint64(array.strides[0])
    end = address + np.uint64(array.strides[0])
    while address < end:
        _prefetch(address)
        address += np.uint64(PAGE)
