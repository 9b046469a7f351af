"""A person or a review out of one run's folder.

What tells their texts goes last, so that one who is interrupted finds them again: models, text
vectors, tables, log and pages, the snapshot, and at the end the staged reviews.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from embeddings.erasure import (
    forget_in_model,
    forget_start,
    positions,
    read_snapshot_tables,
    replace_snapshot,
    without,
    without_texts,
)
from embeddings.publication import FOLDER as PUBLICATION
from embeddings.snapshot import Snapshot
from embeddings.split import TRAIN
from embeddings.text_vectors import TextVectors
from etl.text.vectors import encoded_text
from kg.forgotten import Forgotten
from recommender.artefacts import UNFINISHED_MODELS
from recommender.erasure.publication import INDEX, erase_in_publication
from recommender.erasure.tables import BLANK, blank_rejected, rows_out, things_out
from recommender.erasure.traces import Traces
from recommender.run_folder import RECORD, write_whole
from recommender.stage import FILES

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_LAST: Final = ("kept/reviews.parquet", "staging/reviews.parquet")
_TAUGHT_BY: Final = "learnt_from.parquet"
"""Names the reviews that taught a text model; without it the next run keeps no vocabulary."""
_LINES: Final = frozenset({".jsonl", ".csv", ".tsv", ".inter", ".user", ".log"})
_PAGES: Final = frozenset({".json", ".html", ".txt", ".md"})
_NEEDED: Final = frozenset(
    {
        RECORD,
        INDEX,
        "config.yaml",
        "snapshot.json",
        "extract.json",
        "metrics.json",
        "model.json",
        "start.json",
    }
)
"""Files that name nobody, and that a run is nothing without."""


def reviews_in(folder: Path, who: Forgotten) -> Forgotten:
    """Return who is meant, with the reviews and texts of theirs that a run's folder holds."""
    reviews, texts = set(who.reviews), set(who.texts)
    for name in (*_LAST, "snapshot/reviews.parquet"):
        place = folder / name
        if not place.is_file():
            continue
        rows = pl.read_parquet(place).filter(
            pl.col("user_id").is_in(list(who.users)) | pl.col("review_id").is_in(list(who.reviews))
        )
        reviews |= set(rows["review_id"])
        for column in {"text", "title"} & set(rows.columns):
            texts |= set(rows[column].drop_nulls())
        if {"text", "title"} <= set(rows.columns):
            texts |= {encoded_text(row) for row in rows.to_dicts()}
    return Forgotten(who.users, frozenset(reviews), frozenset(texts))


def erase_in_folder(folder: Path, who: Forgotten) -> Counter[str]:
    """Remove them from every file of a run; return what went: place → rows, lines or files."""
    gone: Counter[str] = Counter()
    traces = Traces(who)
    _sweep(folder)
    old = _snapshot(folder)
    new = None if old is None else without(old, who)
    changed = old is not None and new is not None and new.hash != old.hash
    for start in sorted(folder.glob("models/*/*/start")):
        files = forget_start(start, who.users, certainly=changed)
        gone[start.relative_to(folder).as_posix()] += files
    if old is not None and changed:
        gone += _models(folder, old, who)
    gone += _vectors(folder, who, new)
    lost = _lost_things(folder, who)  # before the mentions go
    for kind, column in (("Entity", "entity_id"), ("Aspect", "aspect_id")):
        table = folder / "staging" / f"{'entities' if kind == 'Entity' else 'aspects'}.parquet"
        if table.is_file():
            gone[table.relative_to(folder).as_posix()] += things_out(table, column, lost[kind])
    if new is not None and changed:
        gone += erase_in_publication(folder, who, lost, new)
    for place in sorted(folder.rglob("*.parquet")):
        name = place.relative_to(folder).as_posix()
        if name == "rejected.parquet":
            gone[name] += blank_rejected(place, traces)
        elif place.name == _TAUGHT_BY and rows_out(place, who):
            place.unlink()
            gone[name] += 1
        elif place.parent.name not in ("snapshot", PUBLICATION) and name not in _LAST:
            gone[name] += rows_out(place, who)
    gone += _texts(folder, traces)
    if old is not None and new is not None and changed:
        replace_snapshot(folder / "snapshot", new)
        gone["snapshot"] += sum(old.counts.values()) - sum(new.counts.values())
    for name in _LAST:
        if (folder / name).is_file():
            gone[name] += rows_out(folder / name, who)
    return +gone


def _sweep(folder: Path) -> None:
    """Remove what a killed process left half written, and what only it would go on with."""
    for place in [
        *folder.glob(UNFINISHED_MODELS),
        *folder.rglob(".*.unfinished"),
        *folder.glob(".read"),
        *folder.glob(".snapshot*"),
    ]:
        shutil.rmtree(place) if place.is_dir() else place.unlink()


def _snapshot(folder: Path) -> Snapshot | None:
    place = folder / "snapshot"
    return read_snapshot_tables(place) if (place / "snapshot.json").is_file() else None


def _models(folder: Path, old: Snapshot, who: Forgotten) -> Counter[str]:
    """Models by where their users come from: the training part, or everybody."""
    gone: Counter[str] = Counter()
    places = sorted(folder.glob("models/*/*/arrays.safetensors"))
    split = folder / "split.parquet"
    training = None
    for place in places:
        users = old.users["user_id"]
        if place.parts[-3] == "evaluated" and split.is_file():
            if training is None:
                training = old.restrict(pq.read_table(split), {TRAIN}).users["user_id"]
            users = training
        if forget_in_model(place.parent, positions(users, who.users), len(users)):
            gone[place.relative_to(folder).as_posix()] += 1
    return gone


def _vectors(folder: Path, who: Forgotten, kept: Snapshot | None) -> Counter[str]:
    place = folder / "vectors.safetensors"
    if kept is None or not place.is_file() or not who.texts:
        return Counter()
    vectors = TextVectors.load(place)
    if not len(vectors.hashes):
        return Counter()
    left = without_texts(vectors, who, kept)
    removed = len(vectors.hashes) - len(left.hashes)
    if removed:
        part = place.with_name(f".{place.name}.{os.getpid()}")
        left.save(part)
        part.replace(place)
    return Counter({place.name: removed})


def _lost_things(folder: Path, who: Forgotten) -> dict[str, set[str]]:
    """Entities and aspects that nobody but them speaks of, by kind."""
    place = folder / "staging" / "mentions.parquet"
    lost: dict[str, set[str]] = {"Entity": set(), "Aspect": set()}
    if not place.is_file():
        return lost
    table = pq.read_table(place, columns=["review_id", "target_kind", "target_id"])
    theirs = pc.is_in(table["review_id"], pa.array(sorted(who.reviews), pa.string()))
    rows = pl.DataFrame(table.filter(theirs)).select("target_kind", "target_id").unique()
    others = pl.DataFrame(table.filter(pc.invert(theirs)))
    for kind, key in rows.join(others, on=["target_kind", "target_id"], how="anti").iter_rows():
        lost[kind].add(key)
    return lost


def _texts(folder: Path, traces: Traces) -> Counter[str]:
    """Lines of logs and exports; pages whole; the report with all that it is made of."""
    gone: Counter[str] = Counter()
    report = {folder / name for name in FILES["report"]}
    for place in sorted(_files(folder, _LINES | _PAGES)):
        name = place.relative_to(folder).as_posix()
        if place.name == RECORD:
            gone[name] += _blank_record(place, traces)
        elif place.suffix in _LINES:
            gone[name] += lines_out(place, traces)
        elif place.name not in _NEEDED and place.is_file() and traces.in_text(_read(place)):
            for page in report if place in report else {place}:
                gone[page.relative_to(folder).as_posix()] += page.is_file()
                page.unlink(missing_ok=True)
    return gone


def lines_out(place: Path, traces: Traces) -> int:
    """Take the lines that name them out of a file; return how many."""
    lines = _LINE.findall(_read(place))
    kept = [line for line in lines if not traces.in_line(line)]
    if len(kept) < len(lines):
        _replace(place, "".join(kept))
    return len(lines) - len(kept)


def _blank_record(place: Path, traces: Traces) -> int:
    record = json.loads(_read(place))
    blanked = 0
    for holder in (record, *record["stages"].values()):
        for key in ("error", "summary"):
            if traces.in_line(str(holder.get(key, ""))):
                holder[key], blanked = BLANK, blanked + 1
    if blanked:
        write_whole(place, json.dumps(record, indent=1))
    return blanked


def _files(folder: Path, suffixes: Iterable[str]) -> Iterator[Path]:
    return (place for place in folder.rglob("*") if place.suffix in suffixes and place.is_file())


def _read(place: Path) -> str:
    return place.read_bytes().decode("utf-8", "surrogateescape")


def _replace(place: Path, text: str) -> None:
    part = place.with_name(f".{place.name}.{os.getpid()}")
    part.write_bytes(text.encode("utf-8", "surrogateescape"))
    part.replace(place)
