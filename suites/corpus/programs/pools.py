"""Forms of average pooling, the linear control: windows as those of max pooling."""

from __future__ import annotations

from suites.corpus.programs.form import Form


def _averaging(layout: str, role: str = "further") -> Form:
    """Return a form of `avg_pool`, spelled as in `suites.corpus.blueprint`.

    Flags may stand before the shape: `ceil`, `inside` (padding does not count), `over3` (what the
    sum is divided by). One without a batch has one dimension less.
    """
    *parts, shapes = layout.split("-")
    dims = shapes.count("x") - (role != "unbatched")
    sizes = {part[0]: _sizes(part[1:], dims) for part in parts if part[0] in "ksp"}
    divisor = next((int(part.removeprefix("over")) for part in parts if "over" in part), None)
    params = {
        "kernel_size": sizes["k"],
        "stride": sizes["s"],
        "padding": sizes["p"],
        "ceil_mode": "ceil" in parts,
        "count_include_pad": "inside" not in parts,
        **({"divisor_override": divisor} if dims > 1 else {}),
    }
    return Form(shapes=shapes, role=role, together=role != "unbatched", params=params)


def _adaptive(layout: str, role: str = "further") -> Form:
    output, shapes = layout.split("-")
    dims = shapes.count("x") - (role != "unbatched")
    params = {"output_size": _sizes(output[1:], dims)}
    return Form(shapes=shapes, role=role, together=role != "unbatched", params=params)


def _sizes(text: str, dims: int) -> tuple[int, ...]:
    sizes = tuple(int(size) for size in text.split("x"))
    return sizes * dims if len(sizes) == 1 else sizes


POOLS: dict[str, tuple[Form, ...]] = {
    "avg_pool1d": (
        _averaging("k2-s1-p0-1x1x4", "first"),
        _averaging("k2-s2-p0-1x1x6"),
        _averaging("k3-s2-p1-1x2x5"),
        _averaging("k3-s2-p1-inside-2x1x5"),
        _averaging("k3-s2-p1-ceil-1x1x6"),
        _averaging("k3-s2-p1-ceil-inside-1x1x6"),
        _averaging("k2-s3-p0-1x1x7"),
        _averaging("k5-s1-p2-1x1x5"),
        _averaging("k3-s2-p1-2x5", "unbatched"),
        _averaging("k2-s1-p0-1x2x4", "repeated"),
        _averaging("k2-s1-p0-1x2x3", "constant"),
        *(_averaging(f"k3-s2-p1-1x1x{width}", "wide") for width in (16, 32, 64, 65)),
        _averaging("k3-s2-p1-1x3x1001", "large"),
        _averaging("k3-s2-p1-0x2x5", "empty"),
    ),
    "avg_pool2d": (
        _averaging("k2-s1-p0-1x1x2x3", "first"),
        _averaging("k2-s2-p0-1x1x4x4"),
        _averaging("k3x2-s2x1-p1x0-1x1x3x3"),
        _averaging("k3x2-s2x1-p1x0-inside-1x2x3x3"),
        _averaging("k3-s2-p1-ceil-1x1x4x3"),
        _averaging("k3-s2-p1-ceil-inside-2x1x4x3"),
        _averaging("k2-s1-p0-over3-1x1x3x3"),
        _averaging("k3-s2-p1-ceil-inside-over5-1x1x4x3"),
        _averaging("k2-s3-p0-1x1x5x5"),
        _averaging("k2-s1-p0-2x2x3", "unbatched"),
        _averaging("k2-s1-p0-1x1x3x3", "repeated"),
        _averaging("k2-s1-p0-1x2x2x2", "constant"),
        _averaging("k2-s2-p0-1x17x2x2", "wide"),
        _averaging("k2-s2-p0-1x1x2x32", "wide"),
        _averaging("k3-s2-p1-1x1x3x33", "wide"),
        _averaging("k3-s2-p1-1x2x37x41", "large"),
        _averaging("k2-s1-p0-0x1x3x3", "empty"),
    ),
    "avg_pool3d": (
        _averaging("k1x2x2-s1-p0-1x1x1x2x3", "first"),
        _averaging("k2-s1-p0-1x1x2x2x2"),
        _averaging("k2-s2-p0-1x1x2x4x2"),
        _averaging("k2x3x1-s1x2x1-p1x1x0-1x1x2x3x2"),
        _averaging("k2x3x1-s1x2x1-p1x1x0-inside-1x1x2x3x2"),
        _averaging("k2-s2-p1-ceil-1x1x3x2x3"),
        _averaging("k2-s2-p1-ceil-inside-1x2x3x2x2"),
        _averaging("k2-s1-p0-over3-1x1x2x2x3"),
        _averaging("k2-s1x2x2-p0-2x1x2x2x2"),
        _averaging("k2-s1-p0-1x2x2x3", "unbatched"),
        _averaging("k1x2x2-s1-p0-1x1x2x2x2", "repeated"),
        _averaging("k2-s1-p0-1x1x2x3x3", "constant"),
        _averaging("k2-s2-p0-1x17x2x2x2", "wide"),
        _averaging("k2-s2-p0-1x1x2x2x32", "wide"),
        _averaging("k3-s2-p1-1x1x13x13x13", "large"),
        _averaging("k2-s1-p0-0x1x2x2x2", "empty"),
    ),
    "adaptive_avg_pool1d": (
        _adaptive("o2-1x1x4", "first"),
        _adaptive("o3-1x1x5"),
        _adaptive("o5-1x1x3"),
        _adaptive("o1-1x2x5"),
        _adaptive("o3-2x1x4"),
        _adaptive("o2-1x1x7"),
        _adaptive("o3-2x5", "unbatched"),
        _adaptive("o3-1x2x4", "repeated"),
        _adaptive("o2-1x2x3", "constant"),
        *(_adaptive(f"o7-1x1x{width}", "wide") for width in (16, 32, 64, 65)),
        _adaptive("o401-1x3x1001", "large"),
        _adaptive("o3-0x2x5", "empty"),
    ),
    "adaptive_avg_pool2d": (
        _adaptive("o1x3-1x1x2x3", "first"),
        _adaptive("o2x3-1x1x3x4"),
        _adaptive("o3x4-1x1x2x3"),
        _adaptive("o1-1x2x2x3"),
        _adaptive("o2-1x1x4x4"),
        _adaptive("o2x1-2x1x3x3"),
        _adaptive("o2x3-2x3x4", "unbatched"),
        _adaptive("o2-1x1x2x3", "repeated"),
        _adaptive("o2-1x2x3x3", "constant"),
        _adaptive("o1x2-1x17x2x3", "wide"),
        _adaptive("o2x5-1x1x2x32", "wide"),
        _adaptive("o17x13-1x2x37x41", "large"),
        _adaptive("o2x3-0x1x3x4", "empty"),
    ),
    "adaptive_avg_pool3d": (
        _adaptive("o1x1x2-1x1x1x2x3", "first"),
        _adaptive("o1x2x2-1x1x2x3x2"),
        _adaptive("o2x1x2-1x1x3x2x3"),
        _adaptive("o2x3x1-1x1x1x2x3"),
        _adaptive("o1-1x2x2x2x2"),
        _adaptive("o2-1x1x2x4x2"),
        _adaptive("o1x2x1-2x1x2x3x1"),
        _adaptive("o2x1x2-1x3x2x3", "unbatched"),
        _adaptive("o1x2x2-1x1x2x2x3", "repeated"),
        _adaptive("o1x2x2-1x1x2x3x3", "constant"),
        _adaptive("o1x1x2-1x17x1x2x3", "wide"),
        _adaptive("o1x1x7-1x1x2x2x17", "wide"),
        _adaptive("o5x6x7-1x1x13x13x13", "large"),
        _adaptive("o2x1x2-0x1x3x2x3", "empty"),
    ),
}
