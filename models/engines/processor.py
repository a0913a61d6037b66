"""What this machine's processor computes in hardware."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from models.engines.openvino import core, import_openvino

_CPUINFO = Path("/proc/cpuinfo")
_INT8_PRODUCTS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm"})
"""Instruction sets, as Linux calls them, that add up products of bytes without overflow."""


@cache
def instructions() -> frozenset[str]:
    """Return the names of the processor's instruction sets; none where Linux does not tell."""
    try:
        lines = _CPUINFO.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    named = (line.partition(":")[2] for line in lines if line.startswith(("flags", "Features")))
    return frozenset(name for names in named for name in names.split())


def has_bf16() -> bool:
    """Say whether the processor multiplies bfloat16 in hardware."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def has_int8() -> bool:
    """Say whether the processor adds up products of bytes in hardware.

    Others compute int8 with longer numbers, which is not worth the loss.
    """
    return not instructions().isdisjoint(_INT8_PRODUCTS)


@cache
def machine() -> str:
    """Return a name that differs wherever a network compiled here may not run as here."""
    parts = (import_openvino().__version__, core().get_property("CPU", "FULL_DEVICE_NAME"))
    return sha256(" ".join((*parts, *sorted(instructions()))).encode()).hexdigest()[:16]
