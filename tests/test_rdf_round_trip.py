"""The graph goes out as RDF and comes back equal, in every form, on both servers."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from query_world import build
from rdf_world import HOSTILE, whole

from etl.derive import derive
from etl.load import load_staging
from etl.read import read_sources
from kg.bolt import Connection
from kg.errors import ConfigError, GraphError, SourceError
from kg.rdf.export import export
from kg.rdf.forms import FORMS
from kg.rdf.readers import read_records
from kg.rdf.restore import restore
from kg.rdf.terms import KG, PREFIXES, TYPE
from kg.runs import begin_run
from kg.store import Store
from recommender.cli.app import run_app
from recommender.config import read_config
from recommender.sample import CONFIG

FIRST, LAST = datetime.fromisoformat("1600-01-01"), datetime.fromisoformat("2400-01-01")
XSD = PREFIXES["xsd"]
ENDINGS = {"turtle": "ttl", "ntriples": "nt", "jsonld": "jsonld", "trig": "trig", "nquads": "nq"}


def there_and_back(store: Store, place: Path, **how: str) -> None:
    before = whole(store)
    assert before[0]
    export(store, place, **how)
    store.clear()
    restore(store, place)
    assert whole(store) == before


@pytest.mark.parametrize("form", FORMS)
def test_a_household_comes_back_from_every_form(store: Store, tmp_path: Path, form: str) -> None:
    there_and_back(build(store), tmp_path / f"graph.{ENDINGS[form]}")


def test_a_packed_file_with_another_base_comes_back(store: Store, tmp_path: Path) -> None:
    there_and_back(build(store), tmp_path / "graph.nt.gz", base="https://example.org/shop#")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="`"), min_size=1, max_size=8
)
FLOATS = st.floats(allow_nan=False)
LONGS = st.integers(-(2**63), 2**63 - 1)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(FIRST, LAST, timezones=ZONES)
VALUES = st.one_of(
    TEXTS,
    LONGS,
    FLOATS,
    st.booleans(),
    TIMES,
    st.lists(FLOATS, max_size=4),
    st.lists(LONGS, max_size=4),
    st.lists(TEXTS, max_size=4),
    st.lists(st.booleans(), max_size=4),
)
MADE_UP = st.dictionaries(NAMES.filter(lambda name: name not in ("userId", "itemId")), VALUES)
KEYS = st.one_of(TEXTS, st.sampled_from(HOSTILE))


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    users=st.dictionaries(KEYS, MADE_UP, min_size=1, max_size=3),
    items=st.dictionaries(KEYS, MADE_UP, min_size=1, max_size=3),
    acts=st.lists(MADE_UP, max_size=3),
    form=st.sampled_from(FORMS),
)
def test_any_keys_and_values_come_back(
    store: Store, tmp_path: Path, users: dict, items: dict, acts: list, form: str
) -> None:
    store.clear()
    for label, key, made in (("User", "userId", users), ("Item", "itemId", items)):
        for name, values in made.items():
            make(store, f"CREATE (n:{label} {{{key}: $key}})", values, key=name)
    for number, values in enumerate(acts):
        ends = {"u": list(users)[number % len(users)], "i": list(items)[number % len(items)]}
        text = "MATCH (u:User {userId: $u}), (i:Item {itemId: $i}) CREATE (u)-[n:RATED]->(i)"
        make(store, text, values, **ends)
    there_and_back(store, tmp_path / f"graph.{ENDINGS[form]}")


@pytest.mark.parametrize("ending", ["nt", "ttl"])
def test_hostile_names_come_back(store: Store, tmp_path: Path, ending: str) -> None:
    store.run_text(
        "UNWIND $names AS name "
        "CREATE (:User {userId: name, `a <trait>`: name})-[:RATED {note: name}]->"
        "(:Item {itemId: name, title: name}), "
        "(:Entity {entityId: name})-[:RELATES_TO {predicate: name}]->"
        "(:Entity {entityId: 'https://kg.example/' + name})",
        names=HOSTILE,
    )
    there_and_back(store, tmp_path / f"graph.{ending}")


def make(store: Store, text: str, values: dict, **keys: str) -> None:
    """Create something with values; times go as texts, as the embedded graph drops their zone."""
    times = {name: v.isoformat() for name, v in values.items() if isinstance(v, datetime)}
    plain = {name: v for name, v in values.items() if name not in times}
    store.run_text(
        f"{text} SET n += $plain FOREACH (t IN $times | SET n[t.name] = datetime(t.value))",
        plain=plain,
        times=[{"name": name, "value": value} for name, value in times.items()],
        **keys,
    )


def test_relationships_that_differ_in_nothing_but_their_properties_stay_apart(
    store: Store, tmp_path: Path
) -> None:
    store.run_text(
        "CREATE (a:Entity {entityId: 'https://kg.example/a b'}), (b:Entity {entityId: 'b'}), "
        "(a)-[:RELATES_TO {predicate: 'p/q'}]->(b), (a)-[:RELATES_TO {predicate: 'r'}]->(b), "
        "(a)-[:RELATES_TO {predicate: 'r', weight: 2}]->(b), "
        "(a)-[:RELATES_TO {predicate: 'r'}]->(b)"
    )
    there_and_back(store, tmp_path / "graph.nt")


def test_declared_kinds_behaviours_and_relations_come_back(store: Store, tmp_path: Path) -> None:
    store.run_text(
        "CREATE (u:User {userId: 'ada', city: 'Leeds'})-[:HUMMED {"
        "at: datetime('2024-02-03T04:05:06.789Z'), count: 2, weight: 1.0, runId: 'r 1'}]->"
        "(i:Item {itemId: 'song'}), "
        "(i)-[:SAMPLES {runId: 'r 1'}]->(:Item {itemId: 'older'}), "
        "(i)-[:HAS_ATTRIBUTE]->(:Attribute:Tempo {attributeId: 'Tempo:slow', kind: 'Tempo'}), "
        "(:EtlRun {runId: 'r 1', status: 'done'})-[:HAS_CHECKPOINT]->"
        "(:Checkpoint {checkpointId: 'r 1/x'})"
    )
    there_and_back(store, tmp_path / "graph.ttl")


def test_what_has_no_place_in_rdf_is_counted(store: Store, tmp_path: Path) -> None:
    store.run_text(
        "CREATE (u:User {userId: 'ada', patience: duration('P1D')})-[:WROTE]->(:Note {text: 'x'})"
    )
    report = export(store, tmp_path / "graph.nt")
    assert report.left_out == {"User.patience (Duration)": 1, "[:WROTE]": 1, ":Note": 1}
    assert report.triples == len((tmp_path / "graph.nt").read_text().splitlines()) == 3


def test_a_graph_that_is_not_empty_is_refused(store: Store, tmp_path: Path) -> None:
    export(build(store), tmp_path / "graph.nt")
    with pytest.raises(GraphError, match="not empty: it holds nodes of Aspect"):
        restore(store, tmp_path / "graph.nt")


def test_a_sorted_file_comes_back_and_a_shuffled_one_is_refused(
    store: Store, tmp_path: Path
) -> None:
    place = tmp_path / "graph.nt"
    export(build(store), place)
    before = whole(store)
    lines = place.read_text().splitlines(keepends=True)
    place.write_text("".join(sorted(lines)))
    store.clear()
    restore(store, place)
    assert whole(store) == before
    store.clear()
    place.write_text("".join(lines[::2] + lines[1::2]))
    with pytest.raises(SourceError, match=r"lacks|more, but not") as refused:
        restore(store, place)
    assert "sort" in refused.value.remedy


def test_a_file_that_lacks_an_end_is_refused(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "graph.nt"
    export(build(store), place)
    about_ada = "<urn:kgrec:data:User/ada>"
    lines = [x for x in place.read_text().splitlines(True) if not x.startswith(about_ada)]
    store.clear()
    place.write_text("".join(lines))
    with pytest.raises(SourceError, match="of the ends of"):
        restore(store, place)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no triple", "line 1: 'no triple"),
        (f'<urn:a:User/x> <https://schema.org/price> "dear"^^<{XSD}double> .', "line 1: could not"),
        (f"<urn:a:User/x> <{TYPE}> <{KG}Item> .", "class is not its name's"),
        ("<http://x.example/a> <http://x.example/b> <http://x.example/c> .", "not what it is"),
        ("", "no node of ours"),
    ],
)
def test_what_is_no_export_of_ours_is_told_so(
    store: Store, tmp_path: Path, line: str, said: str
) -> None:
    place = tmp_path / "other.nt"
    place.write_text(line + "\n")
    with pytest.raises(SourceError, match=said):
        restore(store, place)


def test_an_unknown_ending_and_a_bad_base_are_refused(
    embedded_store: Store, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"\.ttl"):
        export(embedded_store, tmp_path / "graph.xml")
    for base in ("shop", "https://example.org/shop", "https://example.org/a b/", "<urn:x:"):
        with pytest.raises(ConfigError, match="cannot begin"):
            export(embedded_store, tmp_path / "graph.nt", base=base)
    assert not list(tmp_path.iterdir())


def test_infinite_numbers_survive_in_a_file(tmp_path: Path) -> None:
    place = tmp_path / "x.nt"
    numbers = ("INF", "-INF", "NaN")
    place.write_text("".join(f'<urn:a> <urn:b> "{n}"^^<{XSD}double> .\n' for n in numbers))
    ((_, pairs),) = read_records(place)
    assert [value for _, value in pairs][:2] == [math.inf, -math.inf]
    assert math.isnan(float(str(pairs[2][1])))


def test_a_line_may_end_in_a_comment_and_in_a_million_blanks(tmp_path: Path) -> None:
    place = tmp_path / "x.nt"
    place.write_text("<urn:a> <urn:b> <urn:c> . # said by d\n<urn:a> <urn:b> <urn:e> <urn:g> . #")
    ((_, pairs),) = read_records(place)
    assert [value for _, value in pairs] == ["urn:c", "urn:e"]
    place.write_text("<urn:a> <urn:b> <urn:c>" + " " * 1_000_000 + "d .")
    with pytest.raises(SourceError, match="line 1"):
        list(read_records(place))


def test_the_commands_take_a_graph_out_and_back(
    embedded: Connection,
    embedded_store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NEO4J_URI", embedded.uri)
    monkeypatch.setenv("NEO4J_USERNAME", embedded.username)
    monkeypatch.setenv("NEO4J_PASSWORD", embedded.password.get_secret_value())
    monkeypatch.setenv("NEO4J_DATABASE", str(embedded.database))
    embedded_store.clear()
    before = whole(build(embedded_store))
    embedded_store.run_text("CREATE (:Note {text: 'mine'})")
    place = tmp_path / "graph.nt"
    assert run_app(["rdf", "export", "-o", str(place)]) == 0
    said = capsys.readouterr().out
    assert f"{len(before[0])} nodes, {before[1].total()} relationships" in said
    assert "1 :Note" in said
    assert run_app(["rdf", "import", str(place), "--dataset", "copy"]) == 3
    assert "kgrec graph clear" in capsys.readouterr().err
    embedded_store.clear()
    assert run_app(["rdf", "import", str(place), "--dataset", "copy"]) == 0
    assert whole(embedded_store) == before


@pytest.mark.slow
def test_the_bundled_sample_comes_back(embedded_store: Store, tmp_path: Path) -> None:
    config = read_config(CONFIG, [], {})
    read_sources(config.sources, base=Path(), run=tmp_path, limits=config.read)
    embedded_store.clear()
    load_staging(embedded_store, tmp_path / "staging", run_id=begun(embedded_store), dataset="shop")
    derive(embedded_store, run_id="run-1")
    there_and_back(embedded_store, tmp_path / "sample.nt.gz")


def begun(store: Store) -> str:
    now = datetime.fromisoformat("2024-06-01T12:00:00+00:00")
    begin_run(store, "EtlRun", "run-1", now=now, config={}, code_version="test")
    return "run-1"
