"""YAML of strangers: plain values only, with a bound on what aliases may grow to."""

from __future__ import annotations

from typing import Final, NamedTuple

import yaml

_MOST_NODES: Final = 100_000
_DEEPEST: Final = 100


class YamlError(ValueError):
    """A text that is no YAML, or none that is read here.

    Attributes:
        line: where, from 1; None where the whole text is meant.
    """

    def __init__(self, said: str, line: int | None = None) -> None:
        super().__init__(said)
        self.line = line


class Parsed(NamedTuple):
    """A YAML text: its nodes, which know their lines, and its value."""

    root: yaml.Node | None
    value: object


def parse_yaml(text: str) -> Parsed:
    """Return what a YAML text holds: texts, numbers, times, lists, mappings; no objects.

    Raises:
        YamlError: it is no YAML, asks for an object, is too deep, or its aliases lead into
            themselves or unfold to more than 100,000 nodes.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _size(root, {}, 1)
        return Parsed(root, yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or " ".join(str(error).split())
        raise YamlError(said, mark.line + 1 if mark else None) from error
    except YamlError:
        raise
    except RecursionError as error:
        raise YamlError(f"more than {_DEEPEST} levels deep") from error
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        # how the library says that a date has no such day, or a number too many digits
        raise YamlError(f"a value is none of its kind: {' '.join(str(error).split())}") from error


def _size(node: yaml.Node, known: dict[int, int], level: int) -> int:
    """Return how many nodes there are, those of an alias counted each time it stands."""
    line = node.start_mark.line + 1
    if level > _DEEPEST:
        raise YamlError(f"more than {_DEEPEST} levels deep, or an alias of itself", line)
    if id(node) not in known:
        children: list[yaml.Node] = []
        if isinstance(node, yaml.SequenceNode):
            children = node.value
        elif isinstance(node, yaml.MappingNode):
            children = [part for pair in node.value for part in pair]
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise YamlError("a key that is a list or a mapping", line)
        known[id(node)] = 1 + sum(_size(child, known, level + 1) for child in children)
    if known[id(node)] > _MOST_NODES:
        raise YamlError(f"aliases that unfold to more than {_MOST_NODES:,} nodes", line)
    return known[id(node)]
