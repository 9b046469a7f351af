"""The queries by name: `recommend/for_user` is the file `cypher/recommend/for_user.cypher`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from kg.errors import UnknownKeyError
from kg.query_file import DIALECTS, Dialect, Query, parse_query

_SUFFIX = ".cypher"
_NOT_QUERIES = {"migrations", "upkeep"}


class Catalogue:
    """All query files below a folder; a file is read and checked when it is first asked for.

    Args:
        root: the folder; the installed `cypher` package if not given.
    """

    def __init__(self, root: Traversable | None = None) -> None:
        self._files: dict[str, dict[Dialect | None, Traversable]] = defaultdict(dict)
        for path, file in _walk(files("cypher") if root is None else root):
            name, dialect = _name(path)
            self._files[name][dialect] = file
        self._queries: dict[str, Query] = {}

    def __getitem__(self, name: str) -> Query:
        """The query of this name.

        Raises:
            UnknownKeyError: no file has this name; suggests near ones.
            QueryFileError: the file's header and text disagree.
        """
        if name not in self._files:
            raise UnknownKeyError("query", name, self, remedy="`kgrec queries` lists them all.")
        if name not in self._queries:
            texts = {
                dialect: file.read_text(encoding="utf-8")
                for dialect, file in self._files[name].items()
            }
            self._queries[name] = parse_query(name, texts)
        return self._queries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._files))

    def __len__(self) -> int:
        return len(self._files)


def _walk(root: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in root.iterdir():
        if entry.is_dir() and not (prefix == "" and entry.name in _NOT_QUERIES):
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield prefix + entry.name.removesuffix(_SUFFIX), entry


def _name(path: str) -> tuple[str, Dialect | None]:
    name, _, ending = path.rpartition(".")
    if ending in DIALECTS:
        return name, ending
    return path, None
