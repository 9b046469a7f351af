"""`kgrec forget`: one person, or one review, everywhere, in an order that can be begun again.

First the list, so that nobody comes back; then the cache and the folders of runs, which tell the
texts; then the graph, and of the embedded one its files; at last a scan of everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

from embeddings.erasure import drop_unsupported, search_again
from embeddings.interests.in_graph import describe_again
from embeddings.text_vectors import hash_texts
from embeddings.vector_cache import CACHE, VectorCache
from etl.erasure import Plan, erase, plan
from etl.staging import Staging
from etl.text.vectors import encoded_text
from kg.errors import UnknownKeyError
from kg.forgotten import Forgotten
from kg.progress import Progress, no_progress
from kg.published import keep_lists, live_run
from kg.runs import list_runs
from kg.scrub import scrub
from kg.store import Store
from recommender.environment import Environment
from recommender.erasure.folder import erase_in_folder, lines_out, reviews_in
from recommender.erasure.report import Report
from recommender.erasure.scan import Scan, scan_files, scan_graph
from recommender.erasure.suppressed import REVIEW, USER, Suppressed
from recommender.erasure.tables import holds_user
from recommender.erasure.traces import Traces
from recommender.fingerprints import code_versions
from recommender.graph import Graph
from recommender.locks import exclusive
from recommender.people import Privacy
from recommender.run_folder import RunFolder, Runs, write_whole


def forget(
    graph: Graph,
    runs: Runs,
    *,
    user: str | None = None,
    review: str | None = None,
    now: datetime,
    progress: Progress = no_progress,
) -> tuple[Report, Path]:
    """Remove a person, or a review, from a graph, its runs and the home folder.

    Call it while nobody else is at work on them (`recommender.job.alone`).

    Returns:
        The report, and where it was stored.

    Raises:
        UnknownKeyError: nothing of them is to be found, and nothing was before.
        BusyError: another process uses the embedded graph, which is stopped at the end.
        GraphError: the graph cannot be reached or refuses; begin again.
    """
    environment, store = graph.environment, graph.store
    dataset = str((store.read("read/dataset") or [{"name": graph.dataset}])[0]["name"])
    folders = [run for run in runs if run.record().dataset == dataset]
    keys = _keys(environment, dataset, user or review or "")
    asked = Forgotten(
        frozenset(keys if user else ()), frozenset() if user else frozenset(keys), frozenset()
    )
    suppressed = Suppressed.of(environment.home, dataset)
    what = USER if user else REVIEW
    hashed = suppressed.secret.keyed(what, user or review or "")
    who = _found(store, folders, asked, suppressed)
    with _nobody_else_on(graph):
        listed = suppressed.and_(asked.users, asked.reviews)
        kept_plan = listed.folder / f"{hashed[:16]}.unfinished.json"
        todo = _planned(kept_plan, plan(store, who))
        home = _cache(environment, who)
        loaded = _loaded(store, folders)
        before = loaded and loaded.content_hash()
        cleaned = {run.id: dict(erase_in_folder(run.path, who)) for run in folders}
        for run in folders:
            _keep_usable(run, Privacy(environment, dataset, _pseudonymized(run)), listed, asked)
        gone = erase(store, who, todo, progress=progress)
        counts = gone.removed | _consequences(store, todo.items, folders)
        if loaded is not None:
            _note_loaded(store, str(before), loaded.content_hash())
        kept_plan.unlink()
        shared = _said_by_others(store, who)
        traces, scan = Traces(replace(who, texts=who.texts - shared)), Scan(shared=len(shared))
        scan_graph(store, traces, scan)
        if environment.embedded:
            scrub(store, environment.home, graph.dataset)
            graph.close()
        home += _logs(environment, Traces(who))
        scan_files([run.path for run in folders], traces, scan)
        scan_files(_home_places(environment, graph.dataset), traces, scan)
    report = Report(
        what=what,
        hash=hashed,
        dataset=dataset,
        target=graph.target,
        at=now.isoformat(timespec="seconds"),
        version=code_versions(),
        graph={name: count for name, count in counts.items() if count},
        derived=gone.derived,
        runs={run: places for run, places in cleaned.items() if places},
        home=dict(+home),
        scan=asdict(scan),
    )
    return report.store(listed.folder / "reports", listed.secret)


def _keys(environment: Environment, dataset: str, key: str) -> list[str]:
    """The key, and what stands for it where keys are pseudonyms."""
    privacy = Privacy(environment, dataset, pseudonymize=True)
    if environment.salt is None and not (environment.home / "salt").exists():
        return [key]
    return [key, privacy.pseudonym(USER, key), privacy.pseudonym(REVIEW, key)]


def _found(
    store: Store, folders: list[RunFolder], asked: Forgotten, suppressed: Suppressed
) -> Forgotten:
    """Who is meant, with all reviews and texts of theirs that the graph or any run still tells.

    Raises:
        UnknownKeyError: there is no trace of them.
    """
    rows = store.read(
        "read/erasable_reviews", userIds=sorted(asked.users), reviewIds=sorted(asked.reviews)
    )
    texts = {str(row[name]) for row in rows for name in ("text", "title") if row[name]}
    texts |= {encoded_text(row) for row in rows if row["text"]}
    reviews = {str(row["reviewId"]) for row in rows}
    who = Forgotten(asked.users, asked.reviews | reviews, frozenset(texts))
    for run in folders:
        who = reviews_in(run.path, who)
    if who.texts or any(map(suppressed.user, asked.users)):
        return who
    if any(map(suppressed.review, asked.reviews)):
        return who
    known = store.read("read/known_users", userIds=sorted(asked.users))
    if not known and not any(holds_user(run.path, asked.users) for run in folders):
        kind, keys = (USER, asked.users) if asked.users else (REVIEW, asked.reviews)
        raise UnknownKeyError(
            kind, min(keys, key=len), remedy="Neither the graph nor any run of its dataset has it."
        )
    return who


@contextmanager
def _nobody_else_on(graph: Graph) -> Iterator[None]:
    """Hold all other graphs of the embedded server, for it is stopped."""
    with ExitStack() as stack:
        locks = (graph.environment.home / "locks").glob("*.lock")
        for lock in locks if graph.environment.embedded else ():
            if lock != graph.lock:
                now = datetime.now(UTC)
                stack.enter_context(exclusive(lock, what="the embedded graph", now=now))
        yield


def _cache(environment: Environment, who: Forgotten) -> Counter[str]:
    place = environment.cache / CACHE
    if not place.is_file() or not who.texts:
        return Counter()
    with VectorCache(place) as cache:
        return Counter({CACHE: cache.forget(hash_texts(sorted(who.texts)))})


def _planned(place: Path, now: Plan) -> Plan:
    """Keep what hangs on them until the graph has come to rest; an earlier plan goes on."""
    if place.is_file():
        now = now.after(Plan.model_validate_json(place.read_bytes()))
    write_whole(place, now.model_dump_json())
    return now


def _loaded(store: Store, folders: list[RunFolder]) -> Staging | None:
    """Return the tables that the latest load put into the graph, if their folder is still there."""
    latest = next(iter(list_runs(store, "EtlRun")), None)
    if latest is None:
        return None
    run_id = latest.run_id.partition(".")[0]
    return next((Staging(run.path / "staging") for run in folders if run.id == run_id), None)


def _note_loaded(store: Store, before: str, after: str) -> None:
    """Let the graph know its input again, so that the next load need only write what changed."""
    latest = next(iter(list_runs(store, "EtlRun")))
    store.write("write/run_data_hash", runId=latest.run_id, before=before, after=after)


def _keep_usable(run: RunFolder, privacy: Privacy, listed: Suppressed, asked: Forgotten) -> None:
    """Note that a run that fitted the list without them is now as one that was read with it."""
    before = listed.but(asked.users, asked.reviews)
    record = run.record()
    if record.privacy == privacy.digest_with(before):
        run.save(record.model_copy(update={"privacy": privacy.digest_with(listed)}))


def _pseudonymized(run: RunFolder) -> bool:
    place = run.path / "config.yaml"
    config = yaml.safe_load(place.read_text(encoding="utf-8")) if place.is_file() else {}
    return bool(config.get("read", {}).get("pseudonymize", False))


def _consequences(store: Store, items: Iterable[str], folders: list[RunFolder]) -> dict[str, int]:
    """What of learning's results hung on them: places of lists, segments, vectors of items."""
    published = live_run(store)
    keep_lists(store, published.run_id if published else None)  # a rollback writes cleaned ones
    run = next(
        (
            each.path
            for each in folders
            if published is not None
            and each.id == published.run_id.partition(".")[0]
            and (each.path / "vectors.safetensors").is_file()
        ),
        None,
    )
    return {
        "empty segments": int(str(store.write("load/remove_empty_segments")[0]["removed"])),
        "segments described again": describe_again(store),
        "search vectors made again": search_again(store, run, items),
        "places of lists": drop_unsupported(store),
    }


def _said_by_others(store: Store, who: Forgotten) -> set[str]:
    """Return which of their texts other people's reviews have as well, now that theirs are gone."""
    rows = store.read("read/reviews_that_say", texts=sorted(who.texts))
    texts = {str(row[name]) for row in rows for name in ("text", "title") if row[name]}
    return (texts | {encoded_text(row) for row in rows if row["text"]}) & who.texts


def _logs(environment: Environment, traces: Traces) -> Counter[str]:
    """Lines of the embedded server's logs, now that it has stopped."""
    graph = environment.home / "graph"
    places = [graph / "server.log", *(graph / "log").glob("*")] if environment.embedded else []
    return Counter(
        {
            place.relative_to(environment.home).as_posix(): lines_out(place, traces)
            for place in places
            if place.is_file()
        }
    )


def _home_places(environment: Environment, database: str) -> list[Path]:
    """The folders of the home that are this dataset's or everybody's; other datasets' are not."""
    graph = environment.home / "graph"
    places = [environment.cache, environment.home / "forgotten", environment.home / "locks"]
    if environment.embedded:
        places += [graph / "databases" / database, graph / "log", graph / "server.log"]
    return [place for place in places if place.exists()]
