"""What changed in networks that were run whole: what came of each, and the rules of its layers.

A network that fails now and did not is a new deviation; one of which less is judged, or none of it,
is lost. Times are not compared, nor the words of a message; nor is what is incomplete by its time
alone, where as much is judged as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reports.compare.changes import CHANGED, FIXED, GAINED, LOST, NEW, VALID
from reports.record import Network, NetworkLayer
from reports.text import counted

_RANKS = {
    word: rank
    for rank, word in enumerate(
        ("conforms", "incomplete", "unsupported", "not run", "deviates", "crashed")
    )
}
"""How bad it is what came of a network."""
_BY_SHARE = {"conforms", "incomplete"}
"""What depends on how much was judged."""
_NOT_JUDGED = "not judged"


def changes_of(old: Network, new: Network) -> Iterator[tuple[str, str, str]]:
    """Yield what changed in a network: the kind of the change, what it was, and what it is."""
    kind = _kind(old, new)
    if kind is not None:
        yield kind, old.answer, new.answer
    rules = _other_rules(old, new)
    if rules:
        (layer, (was, now)), *more = rules.items()
        others = f" and {counted(len(more), 'more layer')}" if more else ""
        yield VALID, was, f"{now} ({layer}{others})"


def kept(network: Network) -> Network:
    """Return a network with what is compared of it alone."""
    layers = [
        layer
        for layer in network.layers
        if _is_wrong(layer) or layer["rule"] != "none" or layer["outcome"] == _NOT_JUDGED
    ]
    return replace(
        network,
        seconds=0.0,
        judged_seconds=0.0,
        layers=[NetworkLayer(**{**layer, "seconds": 0.0}) for layer in layers],
    )


def only_in(networks: Sequence[Network], others: Sequence[Network]) -> list[Network]:
    """Return the networks of one run that another does not have."""
    names = {network.network for network in others}
    return [network for network in networks if network.network not in names]


def _kind(old: Network, new: Network) -> str | None:
    """Return the kind of change there is in what came of a network, or None."""
    if {old.outcome, new.outcome} == _BY_SHARE and _judged(old) == _judged(new):
        return None
    was, now = _RANKS[old.outcome], _RANKS[new.outcome]
    if now > was:
        return NEW if new.fails else LOST
    if now < was:
        return CHANGED if new.fails else FIXED if old.fails else GAINED
    before, after = _wrong(old), _wrong(new)
    if before == after:
        return None
    return CHANGED if after.keys() <= before.keys() else NEW


def _wrong(network: Network) -> Mapping[str, str]:
    """Return the layers that are proved wrong, and what they are."""
    return {layer["layer"]: layer["outcome"] for layer in network.layers if _is_wrong(layer)}


def _judged(network: Network) -> object:
    """Return how much of a network is judged, but for times."""
    not_judged = {layer["layer"] for layer in network.layers if layer["outcome"] == _NOT_JUDGED}
    return network.judged_parameters, network.parameters, not_judged


def _is_wrong(layer: NetworkLayer) -> bool:
    return layer["outcome"] in ("deviates", "conservative")


def _other_rules(old: Network, new: Network) -> dict[str, tuple[str, str]]:
    """Return the layers that follow another rule at ties than before, both rules given."""
    rules = {layer["layer"]: layer["rule"] for layer in old.layers if not _is_wrong(layer)}
    return {
        layer["layer"]: (rules[layer["layer"]], layer["rule"])
        for layer in new.layers
        if not _is_wrong(layer)
        and "none" not in (layer["rule"], rules.get(layer["layer"], "none"))
        and rules[layer["layer"]] != layer["rule"]
    }
