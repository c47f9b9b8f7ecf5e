"""Max pooling in one, two and three dimensions: sliding, adaptive and fractional windows."""

from __future__ import annotations

from collections.abc import Mapping

from oracle.catalogue.entry import REQUIRED, Convention, Entry
from oracle.formats import FORMATS

_SLIDING = {
    "kernel_size": REQUIRED,
    "stride": "kernel_size",
    "padding": 0,
    "dilation": 1,
    "ceil_mode": False,
}
_ADAPTIVE = {"output_size": REQUIRED}
# left out, PyTorch draws the samples; a case says which
_FRACTIONAL = {
    "kernel_size": REQUIRED,
    "output_size": None,
    "output_ratio": None,
    "_random_samples": REQUIRED,
}
_PARAMETERS: dict[str, Mapping[str, object]] = {
    "sliding": _SLIDING,
    "adaptive": _ADAPTIVE,
    "fractional": _FRACTIONAL,
}

# The functions' own pages do not say which of several tied inputs `return_indices` names or
# which one gets the gradient. What holds is the general rule for locally convex functions; the
# subgradient of minimum norm of a maximum shares the cotangent evenly among the tied inputs.
MINIMUM_NORM = Convention(
    rule="even-split",
    quote=(
        "If the function is convex (at least locally), use the sub-gradient of minimum norm "
        "(it is the steepest descent direction)."
    ),
    source="https://docs.pytorch.org/docs/stable/notes/autograd.html",
)

# Which kernels of PyTorch's add with atomics, as far as its source tells:
_CUDA_ATOMICS = {
    # both run the two-dimensional kernels; the contiguous one gathers, but PyTorch lists the
    # backward pass among those that atomics make nondeterministic, without saying for which layout
    "max_pool1d": True,
    "max_pool2d": True,
    # each output adds to the input it came from, always
    "max_pool3d": True,
    # the one runs the other, which does so always, though only windows that overlap need it
    "adaptive_max_pool1d": True,
    "adaptive_max_pool2d": True,
    # where a size of the output does not divide that of the input
    "adaptive_max_pool3d": True,
    # each output adds to the input it came from, always
    "fractional_max_pool2d": True,
    "fractional_max_pool3d": True,
}


def _entry(name: str, dims: int, windows: str) -> Entry:
    return Entry(
        name=name,
        family="pooling",
        function=f"torch.nn.functional.{name}",
        dims=dims,
        windows=windows,
        parameters=_PARAMETERS[windows],
        formats=tuple(FORMATS),
        # PyTorch has a channels-last memory format for two and three dimensions only
        layouts=(*(("channels-last",) if dims > 1 else ()), "transposed", "sliced", "expanded"),
        convention=MINIMUM_NORM,
        cuda_atomics=_CUDA_ATOMICS[name],
    )


MAX_POOLING = (
    *(_entry(f"max_pool{dims}d", dims, "sliding") for dims in (1, 2, 3)),
    *(_entry(f"adaptive_max_pool{dims}d", dims, "adaptive") for dims in (1, 2, 3)),
    *(_entry(f"fractional_max_pool{dims}d", dims, "fractional") for dims in (2, 3)),
)
