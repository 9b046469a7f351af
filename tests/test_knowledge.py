"""Outside knowledge, linked to items by id or name, in files that a run reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from graph_world import write_staging
from source_files import staged

from embeddings.baselines.popularity import Popularity
from embeddings.features import training_data
from embeddings.make_publication import make_publication
from embeddings.publish import publish
from embeddings.settings import FeatureSettings, PublishSettings
from embeddings.snapshot_read import read_snapshot
from etl.derive import derive
from etl.knowledge.files import gather, write
from etl.knowledge.linking import Item, find_links, folded, read_items
from etl.knowledge.settings import KnowledgeMapping
from etl.load import load_staging
from kg.errors import ConfigError, SourceError
from kg.rdf.readers import read_triples
from kg.runs import begin_run
from kg.store import Store
from recommender.cli.app import run_app
from recommender.config_file import read_settings

FILMS = """\
@prefix dbr: <http://dbpedia.example/resource/> .
@prefix dbo: <http://dbpedia.example/ontology/> .
@prefix wdt: <http://wikidata.example/prop/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

dbr:Alien a dbo:Film ; rdfs:label "Alien (film)"@en, "Alien – Das unheimliche Wesen"@de ;
  dbo:director dbr:Scott ; wdt:P345 "tt0078748" ; dbo:released "1979-05-25"^^xsd:date .
dbr:Blade_Runner a dbo:Film ; rdfs:label "Blade Runner"@en ; dbo:director dbr:Scott .
dbr:Amelie a dbo:Film ; rdfs:label "Amélie"@en ; dbo:director dbr:Jeunet .
dbr:Solaris_1972 a dbo:Film ; rdfs:label "Solaris"@en ; dbo:released "1972-03-20"^^xsd:date .
dbr:Solaris_2002 a dbo:Film ; rdfs:label "Solaris"@en ; dbo:released "2002-11-29"^^xsd:date .
dbr:Heat a dbo:Disease ; rdfs:label "Heat"@en .
dbr:Crash_a a dbo:Film ; rdfs:label "Crash"@en .
dbr:Crash_b a dbo:Film ; rdfs:label "Crash"@en .
dbr:Scott rdfs:label "Ridley Scott"@en, "Scott"@fr ; dbo:born_in dbr:South_Shields ;
  dbo:height 1.74 .
dbr:South_Shields dbo:part_of dbr:England .
dbr:England dbo:part_of dbr:UK .
"""
ONTOLOGY, RESOURCE = "http://dbpedia.example/ontology/", "http://dbpedia.example/resource/"
MAPPING = f"""\
predicates:
  {ONTOLOGY}director: directed_by
  {ONTOLOGY}born_in: born_in
  {ONTOLOGY}part_of: part_of
attributes:
  {ONTOLOGY}director: Director
uris:
  - predicate: http://wikidata.example/prop/P345
    property: imdb
labels:
  confidence: 0.6
  classes: [{ONTOLOGY}Film]
  year: {ONTOLOGY}released
"""
NOW = datetime(2024, 6, 1, tzinfo=UTC)
ITEMS = [
    Item("m1", "Something else", properties={"imdb": "tt0078748"}),
    Item("m2", "Blade Runner"),
    Item("m3", "Amelie"),
    Item("m4", "Solaris", year=2002),
    Item("m5", "Heat"),
    Item("m6", "Crash"),
    Item("m7", "Solaris", year=1950),
    Item("m8", None),
]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "films.ttl").write_text(FILMS, encoding="utf-8")
    (tmp_path / "films.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def mapping(folder: Path, **more: object) -> KnowledgeMapping:
    read = read_settings(KnowledgeMapping, folder / "films.yaml", (), {})
    return read.model_copy(update=more)


def test_items_are_linked_by_id_then_by_name_and_year(files: Path) -> None:
    links = find_links(read_triples(files / "films.ttl"), ITEMS, mapping(files))
    assert [(x.item, x.entity.removeprefix(RESOURCE), x.confidence, x.by) for x in links] == [
        ("m1", "Alien", 1.0, "uri"),
        ("m2", "Blade_Runner", 0.95, "label"),
        ("m3", "Amelie", 0.85, "label"),
        ("m4", "Solaris_2002", 0.95, "label"),
    ]


def test_a_name_of_two_is_half_as_sure(files: Path) -> None:
    lower = mapping(files).labels
    assert lower is not None
    looser = mapping(files, labels=lower.model_copy(update={"confidence": 0.4}))
    only = [Item("m6", "Crash")]
    links = find_links(read_triples(files / "films.ttl"), only, looser)
    assert links == []  # both of them claim it with the same right: there is no best one


def test_two_items_of_one_name_share_no_entity(files: Path) -> None:
    twins = [Item("a", "Blade Runner"), Item("b", "Blade Runner")]
    assert find_links(read_triples(files / "films.ttl"), twins, mapping(files)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Amélie (film)", "AMELIE"),
        ("Matrix, The", "The Matrix"),
        ("Dr. Strangelove", "dr strangelove"),
        ("千と千尋", "千と千尋"),
    ],
)
def test_names_that_are_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


def test_triples_are_taken_as_far_as_the_hops_go(files: Path) -> None:
    def taken(hops: int) -> set[tuple[str, str, str]]:
        found = gather(files / "films.ttl", ITEMS, mapping(files, hops=hops)).triples
        return {(h.removeprefix(RESOURCE), p, t.removeprefix(RESOURCE)) for h, p, t in found}

    films = {
        ("Alien", "directed_by", "Scott"),
        ("Blade_Runner", "directed_by", "Scott"),
        ("Amelie", "directed_by", "Jeunet"),
    }
    assert taken(1) == films
    assert taken(2) == films | {("Scott", "born_in", "South_Shields")}
    assert taken(3) == taken(2) | {("South_Shields", "part_of", "England")}


def test_names_are_in_the_first_language_and_values_without_a_name_keep_their_last_word(
    files: Path,
) -> None:
    knowledge = gather(files / "films.ttl", ITEMS, mapping(files))
    assert knowledge.names[f"{RESOURCE}Scott"] == "Ridley Scott"
    assert knowledge.attributes == {
        "m1": {"Director": ["Ridley Scott"]},
        "m2": {"Director": ["Ridley Scott"]},
        "m3": {"Director": ["Jeunet"]},
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hop: 2", "hops"),
        ("hops: 9", "hops"),
        ("attributes: {http://x.example/p: director}", "attributes"),
        ("predicates: {director: directed_by}", "predicates"),
    ],
)
def test_a_mapping_with_a_mistake_is_refused(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "films.yaml").write_text(line)
    with pytest.raises(ConfigError, match=said):
        mapping(tmp_path)


def test_broken_knowledge_is_refused_with_its_line(files: Path) -> None:
    (files / "films.nt").write_text("<http://a.example/a> <http://a.example/b> .\n")
    with pytest.raises(SourceError, match="line 1"):
        gather(files / "films.nt", ITEMS, mapping(files))


def liked(user: str, item: str) -> dict[str, object]:
    return {"user_id": user, "item_id": item, "behaviour": "RATED", "positive": True, "source": "s"}


LIKES = ("ada m1", "bob m3", "bob m4", "cy m3", "cy m4", "dee m1", "dee m3")
"""Nobody has met m2, and ada likes nothing but m1."""


def item(key: str, title: str, imdb: str | None = None, year: int | None = None) -> dict:
    released = datetime(year, 6, 1, tzinfo=UTC) if year else None
    properties = [("imdb", imdb)] if imdb else None
    row = {"item_id": key, "title": title, "released_at": released, "source": "s"}
    return {**row, "properties": properties}


def test_knowledge_reaches_the_models_edges_and_a_reason(store: Store, files: Path) -> None:
    cinema = {
        "items": [item("m1", "Alien!", imdb="tt0078748"), item("m2", "Blade Runner", year=1982)],
        "interactions": [liked(*pair.split()) for pair in LIKES],
    }
    load(store, write_staging(files / "before", cinema), "run-1")
    written = write(gather(files / "films.ttl", read_items(store), mapping(files)), files / "kg")
    assert {place.name for place in written} >= {"links.tsv", "sources.yaml", "attributes.jsonl"}

    sources = yaml.safe_load((files / "kg" / "sources.yaml").read_text())
    _, staging = staged(files / "kg", files / "after", *sources)
    write_staging(staging.folder, {"interactions": cinema["interactions"]})
    load(store, staging.folder, "run-2")
    assert store.run_text(
        "MATCH (i:Item)-[s:SAME_AS]->(:Entity)-[r:RELATES_TO]->(e:Entity) "
        "RETURN i.itemId AS item, s.confidence AS sure, r.predicate AS how, e.name AS name "
        "ORDER BY item"
    ) == [
        {"item": "m1", "sure": 1.0, "how": "directed_by", "name": "Ridley Scott"},
        {"item": "m2", "sure": 0.95, "how": "directed_by", "name": "Ridley Scott"},
    ]

    snapshot = read_snapshot(store)
    data = training_data(snapshot, None, settings=FeatureSettings(min_items=1), seed=1)
    assert list(data.items.keys) == ["m1", "m2", "m3", "m4"]
    assert f"{RESOURCE}Scott" in data.keys["entity"].keys
    for relation, thing in (("directed_by", "entity"), ("Director", "attribute")):
        assert data.graph["item", relation, thing].edge_index.tolist() == [[0, 1], [0, 0]]

    begin_run(store, "ModelRun", "m", now=NOW, config={}, code_version="test")
    publication = make_publication(
        files / "publication",
        model=Popularity().fit(data),
        data=data,
        snapshot=snapshot,
        vectors=None,
        calibration=None,
        settings=PublishSettings(top_k=4),
    )
    publish(store, publication, run_id="m", now=NOW)
    (why,) = store.read("recommend/why", userId="ada", itemId="m2")
    assert (why["kind"], why["name"]) == ("attribute", "Ridley Scott (director)")


def load(store: Store, folder: Path, run_id: str) -> None:
    begin_run(store, "EtlRun", run_id, now=NOW, config={}, code_version="test")
    load_staging(store, folder, run_id=run_id, dataset="cinema")
    derive(store, run_id=run_id)


def test_attributes_are_one_line_for_each_item(files: Path) -> None:
    write(gather(files / "films.ttl", ITEMS, mapping(files)), files / "kg")
    lines = (files / "kg" / "attributes.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {"item": "m1", "Director": ["Ridley Scott"]}
    head, first, *_ = (files / "kg" / "links.tsv").read_text().splitlines()
    assert head.split("\t") == ["item", "entity", "confidence", "by", "name"]
    assert first.split("\t") == ["m1", f"{RESOURCE}Alien", "1", "uri", "Alien (film)"]


def test_the_command_needs_a_mapping(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["rdf", "link", str(files / "films.ttl"), "-m", str(files / "none.yaml")]) == 2
    assert "none.yaml" in capsys.readouterr().err
