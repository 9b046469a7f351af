"""A person or a review out of what a run has ready to be published: its folder `publication/`.

The index names each table with the query that writes it, its rows and its hash; where a table
becomes another one, so does what the index says of it, so that it can still be published.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from embeddings.publication import FOLDER
from embeddings.search_vectors import search_vectors
from embeddings.snapshot import Snapshot
from embeddings.text_vectors import TextVectors
from kg.forgotten import Forgotten
from recommender.run_folder import write_whole

INDEX: Final = "publication.json"
_BY_PLACE: Final = ("items", "score", "probability", "rating", "reasons", "cold_start")
Row = dict[str, Any]
Change = Callable[[Row], Row | None]
"""What becomes of a row; None: it goes."""


def erase_in_publication(
    folder: Path, who: Forgotten, lost: Mapping[str, Iterable[str]], kept: Snapshot
) -> Counter[str]:
    """Remove them from every table of a publication; return rows that went or changed, by file.

    Args:
        lost: kind → keys of entities and aspects that nobody else speaks of.
        kept: the run's snapshot without them; its vectors are without theirs, too.
    """
    place = folder / FOLDER / INDEX
    if not place.is_file():
        return Counter()
    index, changed = json.loads(place.read_bytes()), Counter[str]()
    gone = {f"user|{key}" for key in who.users}
    gone |= {f"{kind.lower()}|{key}" for kind, keys in lost.items() for key in keys}
    for part in (index["lists"], *index["parts"]):
        file = place.with_name(part["file"])
        if part["query"] == "write/text_vectors":
            count = _search_again(file, folder, kept)
        elif part is index["lists"] or "User" in part["identifiers"].values():
            count = _rewritten(file, _change_of(part, who, gone))
        else:
            continue
        if count:
            part["rows"] = pq.read_metadata(file).num_rows
            part["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
            changed[file.relative_to(folder).as_posix()] = count
    if changed:
        write_whole(place, json.dumps(index, indent=1))
    return changed


def _change_of(part: Mapping[str, Any], who: Forgotten, gone: set[str]) -> Change:
    """How the rows of a part change, by the query that writes them."""
    named = part["identifiers"]
    starts_at = named.get("__START__", named.get("__LABEL__"))

    def list_of(row: Row) -> Row | None:
        return None if row["user_id"] in who.users else _without_reasons(row, gone)

    def start(row: Row) -> Row | None:
        if starts_at == "User" and row.get("start_id", row.get("key")) in who.users:
            return None
        if named.get("__END__") != "User" or "ends" not in row:
            return row
        ends = [end for end in row["ends"] if _key_of(end) not in who.users]
        return row if len(ends) == len(row["ends"]) else {**row, "ends": ends}

    return list_of if part["query"] == "write/lists" else start


def _key_of(end: object) -> object:
    """The key of an end, which is a pair of key and value, or a struct."""
    return end["end_id"] if isinstance(end, dict) else end[0] if isinstance(end, tuple) else end


def _without_reasons(row: Row, gone: set[str]) -> Row:
    """A list without reasons that name what is gone, and without places left without any."""
    kept = [[each for each in reasons if _named(each) not in gone] for reasons in row["reasons"]]
    if kept == row["reasons"]:
        return row
    stay = [place for place, reasons in enumerate(kept) if reasons]
    listed = {**row, "reasons": kept}
    return listed | {name: [listed[name][place] for place in stay] for name in _BY_PLACE}


def _named(reason: str) -> str:
    kind, _, key = reason.split("|", 2)
    return f"{kind}|{key}"


def _rewritten(file: Path, change: Change) -> int:
    """Change the rows of a table, group by group: a group is one transaction."""
    part, count = file.with_name(f".{file.name}.{os.getpid()}"), 0
    with (
        pq.ParquetFile(file) as old,
        pq.ParquetWriter(part, old.schema_arrow, compression="zstd") as new,
    ):
        for group in range(old.num_row_groups):
            table = old.read_row_group(group)
            rows = table.to_pylist()
            changed = [change(row) for row in rows]
            count += sum(now is not was for was, now in zip(rows, changed, strict=True))
            left = [row for row in changed if row is not None]
            new.write_table(pa.Table.from_pylist(left, schema=table.schema))
    part.replace(file) if count else part.unlink()
    return count


def _search_again(file: Path, folder: Path, kept: Snapshot) -> int:
    """Vectors that items are searched by, from the texts that are left."""
    vectors = TextVectors.load(folder / "vectors.safetensors")
    old = pq.read_table(file)
    new = search_vectors(kept, vectors if len(vectors.hashes) else None).cast(old.schema)
    before = dict(zip(old["item_id"].to_pylist(), old["vector"].to_pylist(), strict=True))
    now = zip(new["item_id"].to_pylist(), new["vector"].to_pylist(), strict=True)
    count = len([item for item, vector in now if before.get(item) != vector])
    if count:
        part = file.with_name(f".{file.name}.{os.getpid()}")
        pq.write_table(new, part, compression="zstd")
        part.replace(file)
    return count
