"""From blueprints to stacks: encode what the makers drew, drop repetitions, thin out for smoke."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from oracle.formats import FORMATS, format_named
from oracle.programs import PROGRAMS
from suites.corpus.blueprint import Blueprint, Portion
from suites.corpus.draws import CORPUS_VERSION
from suites.corpus.large import large
from suites.corpus.ordinary import ordinary
from suites.corpus.palettes import palette
from suites.corpus.programs import ProgramBlueprint, program_blueprints
from suites.corpus.site import Coding, Site
from suites.corpus.stack import Stack
from suites.corpus.variants import variants

PROFILES = ("smoke", "standard", "deep")

POOLING = (
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
)

OPS = (*POOLING, *PROGRAMS)
"""The operations, in the order of reports: pooling, then the programs."""


class CorpusError(ValueError):
    """A profile or an operation that the corpus does not have."""


def stacks(profile: str, op: str, format_name: str) -> Iterator[Stack]:
    """Yield the corpus of one operation and format, the same stacks each time.

    `smoke` is a part of `standard`, spread evenly over each family of each stack.

    Raises:
        CorpusError: There is no such profile or operation.
        FormatError: There is no such format.
    """
    for name, value, known in (("profile", profile, PROFILES), ("op", op, OPS)):
        if value not in known:
            msg = f"{name} is {value!r}, expected one of {', '.join(known)}"
            raise CorpusError(msg)
    for blueprint in blueprints(op):
        if profile != "smoke":
            yield _built(blueprint, format_name, blueprint.growth if profile == "deep" else 1)
        elif blueprint.smoke:
            yield _thinned(_built(blueprint, format_name, 1), blueprint)


def blueprints(op: str) -> Iterator[Blueprint | ProgramBlueprint]:
    """Yield what the standard profile has of an operation."""
    if op in PROGRAMS:
        yield from program_blueprints(op)
        return
    yield from ordinary(op)
    yield from variants(op)
    yield from large(op)


def corpus_hash(
    profile: str, ops: Sequence[str] = OPS, formats: Sequence[str] = tuple(FORMATS)
) -> str:
    """Return the SHA-256 of all cases of these operations and formats, in their order."""
    digest = hashlib.sha256(f"{CORPUS_VERSION}/{profile}".encode())
    for op, format_name in itertools.product(ops, formats):
        for stack in stacks(profile, op, format_name):
            digest.update("/".join((stack.name, *stack.families)).encode())
            digest.update(b"".join(stack.digests()))
    return digest.hexdigest()


def _built(blueprint: Blueprint | ProgramBlueprint, format_name: str, growth: int) -> Stack:
    site = Site(blueprint.name, blueprint.geometry(format_named(format_name)))
    parts = [
        _part(site, portion, format_name, portion.count * growth) for portion in blueprint.portions
    ]
    stack = Stack(
        op=blueprint.op,
        params=site.geometry.params,
        format=format_name,
        case_shape=site.shape,
        inputs=np.concatenate([primal for primal, _ in parts]),
        cotangents=np.concatenate([upstream for _, upstream in parts]),
        families=tuple(
            portion.family
            for portion, (primal, _) in zip(blueprint.portions, parts, strict=True)
            for _ in primal
        ),
        name=blueprint.name,
    )
    return _distinct(_of_program(stack, blueprint))


def _of_program(stack: Stack, blueprint: Blueprint | ProgramBlueprint) -> Stack:
    """Return a program's stack with its operands; where they must be, its inputs made positive."""
    if isinstance(blueprint, Blueprint):
        return stack
    form = blueprint.form
    return replace(
        stack,
        inputs=_not_below_zero(stack) if form.nonnegative else stack.inputs,
        operands=blueprint.operands,
        together=form.together,
    )


def _not_below_zero(stack: Stack) -> _Numbers:
    """Return the inputs without their signs, but for those of zeros."""
    fmt = format_named(stack.format)
    magnitudes = stack.inputs & stack.inputs.dtype.type(fmt.sign_bit - 1)
    return np.where(magnitudes, magnitudes, stack.inputs)


_Numbers = NDArray[np.unsignedinteger]


def _part(site: Site, portion: Portion, format_name: str, count: int) -> tuple[_Numbers, _Numbers]:
    purpose = (portion.family, portion.inputs.__name__, portion.cotangents.__name__)
    primal = portion.inputs(site, site.draws(*purpose, "inputs"), count)
    upstream = portion.cotangents(site, site.draws(*purpose, "cotangents"), count)
    return _encoded(primal, format_name), _encoded(upstream, format_name)


def _encoded(coding: Coding, format_name: str) -> _Numbers:
    table = palette(coding.palette, format_name)
    rows = np.zeros(1, dtype=np.int64) if coding.rows is None else coding.rows
    numbers: _Numbers = table[rows.reshape(-1, *[1] * (coding.codes.ndim - 1)), coding.codes]
    return numbers


def _distinct(stack: Stack) -> Stack:
    """Return the stack without repetitions; the first of equal cases stays."""
    first: dict[bytes, int] = {}
    for position, digest in enumerate(stack.digests()):
        first.setdefault(digest, position)
    return stack.select(list(first.values()))


def _thinned(stack: Stack, blueprint: Blueprint | ProgramBlueprint) -> Stack:
    """Return what smoke keeps: one or two of each family, the rest by their shares, evenly spread.

    Of large cases, where but one is to be kept, there is one of each family.
    """
    positions: list[int] = []
    families, keep = np.array(stack.families), blueprint.smoke
    for family in blueprint.kept or dict.fromkeys(stack.families):
        members = np.flatnonzero(families == family)
        least = max(min(blueprint.each, keep), round(keep * len(members) / len(stack)))
        share = min(len(members), least)
        positions += members[np.linspace(0, len(members) - 1, share).astype(int)].tolist()
    return stack.select(positions)
