"""The amazon, recbole, triples and adjacency sources: small files with known answers."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from source_files import configured, staged, told

from etl.sources import ReadSettings, declared
from kg.errors import SourceError

AT = datetime(2014, 2, 28, tzinfo=UTC)
SECONDS = 1393545600
OF_2014 = {
    "reviewerID": "A1",
    "asin": "B1",
    "reviewerName": "Jane Doe",
    "reviewText": "Great cable.",
    "overall": 5.0,
    "summary": "good",
    "unixReviewTime": SECONDS,
}
OF_2018 = {**OF_2014, "overall": 2.0, "verified": True, "style": {"Size:": " L"}}
OF_2023 = {
    "user_id": "A1",
    "asin": "B0",
    "parent_asin": "B1",
    "rating": 3.0,
    "title": "ok",
    "text": "Great cable.",
    "timestamp": SECONDS * 1000,
    "images": [],
}


def write_lines(path: Path, *rows: Any) -> None:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


@pytest.mark.parametrize(
    ("record", "rating", "title"),
    [(OF_2014, 5.0, "good"), (OF_2018, 2.0, "good"), (OF_2023, 3.0, "ok")],
)
def test_amazon_reviews_of_every_year(
    tmp_path: Path, record: dict[str, Any], rating: float, title: str
) -> None:
    write_lines(tmp_path / "reviews.jsonl", record)
    got = told(tmp_path, type="amazon", path="reviews.jsonl")
    (review,) = got.tables["reviews"]
    assert (review["user_id"], review["item_id"], review["text"]) == ("A1", "B1", "Great cable.")
    assert (review["rating"], review["title"], review["written_at"]) == (rating, title, AT)
    assert got.column("interactions", "positive") == [rating >= 4]
    assert "Jane Doe" not in str(got.tables)


def test_texts_of_amazon_are_what_people_read(tmp_path: Path) -> None:
    text = "&quot;Caf&eacute;&quot; &#34;live&#34;<br /><br/>I <b>love</b> it &lt;3 & <3 at 5 < 6"
    write_lines(tmp_path / "reviews.jsonl", {**OF_2014, "reviewText": text, "summary": "A &amp; B"})
    (review,) = told(tmp_path, type="amazon", path="reviews.jsonl").tables["reviews"]
    assert review["text"] == '"Café" "live"\n\nI love it <3 & <3 at 5 < 6'
    assert review["title"] == "A & B"


def test_html_of_a_table_is_read_where_the_config_says_so(tmp_path: Path) -> None:
    write_lines(
        tmp_path / "r.csv", "u,i,t", "ann,x,R&amp;B", "bob,x,<p>Fine</p>", "cy,x,plain", "di,x,"
    )
    columns = {"user": "u", "item": "i", "text": "t"}
    plain = told(tmp_path, type="delimited", path="r.csv", columns=columns, html=True)
    assert plain.column("reviews", "text") == ["R&B", "Fine", "plain"]
    raw = told(tmp_path, type="delimited", path="r.csv", columns=columns)
    assert raw.column("reviews", "text") == ["R&amp;B", "<p>Fine</p>", "plain"]


def test_amazon_metadata_of_every_year(tmp_path: Path) -> None:
    write_lines(tmp_path / "reviews.jsonl", *({**OF_2014, "asin": f"B{n}"} for n in (1, 2, 3)))
    write_lines(
        tmp_path / "meta.jsonl",
        # 2014 came as Python literals, 2018 and 2023 as JSON
        "{'asin': 'B1', 'title': 'Cable &amp; plug', 'price': 9.49, 'brand': 'Hosa', "
        "'categories': [['Music', 'Cables'], ['Music', 'Leads']], "
        "'related': {'also_bought': ['B2', 'unknown'], 'bought_together': ['B3']}}",
        {
            "asin": "B2",
            "title": "Strings",
            "price": "$12.99",
            "brand": "Elixir",
            "category": ["Music"],
            "description": ["Long life.", "Light."],
            "also_view": ["B1"],
            "also_buy": [],
        },
        {"parent_asin": "B3", "price": "—", "store": "Snark", "main_category": "Music"},
    )
    report, staging = staged(
        tmp_path,
        tmp_path / "run",
        {"type": "amazon", "path": "reviews.jsonl", "metadata": "meta.jsonl"},
    )
    items = {row["item_id"]: row for row in staging.read("items").to_pylist()}
    assert [items[key]["price"] for key in ("B1", "B2", "B3")] == [9.49, 12.99, None]
    assert items["B1"]["title"] == "Cable & plug"
    assert items["B2"]["description"] == "Long life.\nLight."
    assert items["B3"]["properties"] == [("mainCategory", "Music")]
    attributes = staging.read("attributes").to_pylist()
    assert {(row["item_id"], row["kind"], row["value"]) for row in attributes} == {
        *(("B1", "Category", name) for name in ("Music", "Cables", "Leads")),
        ("B2", "Category", "Music"),
        *(("B1", "Brand", "Hosa"), ("B2", "Brand", "Elixir"), ("B3", "Brand", "Snark")),
    }
    relations = staging.read("relations").to_pylist()
    assert {(row["start_id"], row["type"], row["end_id"]) for row in relations} == {
        ("B1", "ALSO_BOUGHT", "B2"),
        ("B1", "BOUGHT_TOGETHER", "B3"),
        ("B2", "ALSO_VIEWED", "B1"),
    }
    assert report.merged.left_out == {"relations": 1}


def atoms(folder: Path) -> None:
    files = {
        "inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        "1\t10\t5\t881250949\n2\t10\t2\t881250950\n2\t11\tx\t881250950\n",
        "user": "user_id:token\tage:token\tgender:token\n1\t24\tM\n2\t53\tF\n",
        "item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        '10\tToy "Story"\t1995\tAnimation Comedy\n11\tHeat\t1995\tCrime\n',
        "kg": "head_id:token\trelation_id:token\ttail_id:token\nm.1\tfilm.producer\tm.2\n",
        "link": "item_id:token\tentity_id:token\n10\tm.1\n",
    }
    for ending, text in files.items():
        (folder / f"ml.{ending}").write_text(text, encoding="utf-8")


def test_recbole_atomic_files_together(tmp_path: Path) -> None:
    atoms(tmp_path)
    got = told(
        tmp_path,
        type="recbole",
        path="ml",
        attributes={"Genre": "class"},
        positive={"min_rating": 4},
    )
    assert got.column("interactions", "user_id", "item_id", "rating", "positive") == [
        ("1", "10", 5.0, True),
        ("2", "10", 2.0, False),
    ]
    assert got.reasons == [(4, "bad number")]
    assert got.column("users", "user_id", "traits")[0] == ("1", [("age", "24"), ("gender", "M")])
    assert got.column("items", "title", "properties") == [
        ('Toy "Story"', [("release_year", "1995")]),
        ("Heat", [("release_year", "1995")]),
    ]
    assert got.column("attributes", "item_id", "value") == [
        ("10", "Animation"),
        ("10", "Comedy"),
        ("11", "Crime"),
    ]
    assert got.column("triples", "head", "predicate", "tail") == [("m.1", "film.producer", "m.2")]
    assert got.column("links", "item_id", "entity") == [("10", "m.1")]


def test_a_recbole_column_can_be_the_year_of_release(tmp_path: Path) -> None:
    atoms(tmp_path)
    released_at = {"column": "release_year", "format": "%Y"}
    got = told(tmp_path, type="recbole", path="ml", released_at=released_at)
    assert [row[0].year for row in got.column("items", "released_at", "title")] == [1995, 1995]
    assert got.column("items", "item_id", "properties")[1] == ("11", [("class", "Crime")])


def test_recbole_benchmark_files_bring_their_split(tmp_path: Path) -> None:
    for part in ("train", "valid", "test"):
        text = f"user_id:token\titem_id:token\n{part}\t1\n"
        (tmp_path / f"ml.{part}.inter").write_text(text, encoding="utf-8")
    got = told(tmp_path, type="recbole", path="ml")
    parts = ["train", "valid", "test"]
    assert got.column("interactions", "user_id", "split") == list(zip(parts, parts, strict=True))


@pytest.mark.parametrize("header", ["user_id\titem_id", "user_id:token\tprice:float", ""])
def test_a_recbole_header_that_does_not_fit_is_refused(tmp_path: Path, header: str) -> None:
    (tmp_path / "ml.inter").write_text(header + "\n1\t2\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"ml\.inter"):
        told(tmp_path, type="recbole", path="ml")


def test_recbole_without_files_says_what_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"ml\.inter"):
        told(tmp_path, type="recbole", path="ml")


@pytest.mark.parametrize("after", [b"", b"\n" * 5_000 + b"a\tis\tb\n"])
def test_lines_that_are_no_text_are_set_aside_before_the_first_triple_too(
    tmp_path: Path, after: bytes
) -> None:
    (tmp_path / "kg.tsv").write_bytes(b"\xff\n" + after)
    got = told(tmp_path, ReadSettings(block=1_024), type="triples", path="kg.tsv")
    assert got.reasons == [(1, "broken encoding")]
    assert got.column("triples", "head") == (["a"] if after else [])


def test_lines_that_are_no_text_are_set_aside_before_the_header_too(tmp_path: Path) -> None:
    (tmp_path / "acts.csv").write_bytes(b"\xff\n" + b"\n" * 5_000 + b"user,item\nann,lamp\n")
    columns = {"user": "user", "item": "item"}
    limits = ReadSettings(block=1_024)
    got = told(tmp_path, limits, type="delimited", path="acts.csv", columns=columns)
    assert got.reasons == [(1, "broken encoding")]
    assert got.column("interactions", "user_id") == ["ann"]


@pytest.mark.parametrize("blank", ["\t", " ", "   "])
def test_triples_separated_by_tabs_or_blanks(tmp_path: Path, blank: str) -> None:
    rows = ["2086\torigin\t3846", "1601\tfilm\t3847", "broken", "2086\torigin\t3846"]
    (tmp_path / "kg.txt").write_text(
        "\n".join(row.replace("\t", blank) for row in rows), encoding="utf-8"
    )
    (tmp_path / "links.txt").write_text("7\t2086\n8\t1601\n", encoding="utf-8")
    got = told(tmp_path, type="triples", path="kg.txt", links="links.txt")
    assert got.column("triples", "head", "predicate", "tail") == [
        ("2086", "origin", "3846"),
        ("1601", "film", "3847"),
    ]
    assert got.reasons == [(3, "wrong column count"), (4, "exact duplicate")]
    assert got.column("links", "item_id", "entity") == [("7", "2086"), ("8", "1601")]


def test_triples_and_links_may_have_other_columns(tmp_path: Path) -> None:
    (tmp_path / "kg.tsv").write_text("tail\tn\thead\tp\nb\t1\ta\tp\n", encoding="utf-8")
    (tmp_path / "map.tsv").write_text("10\tToy Story\t<http://e/a>\n", encoding="utf-8")
    got = told(
        tmp_path,
        type="triples",
        path="kg.tsv",
        header=True,
        positions=[2, 3, 0],
        links="map.tsv",
        link_positions=[0, 2],
    )
    assert got.column("triples", "head", "predicate", "tail") == [("a", "p", "b")]
    assert got.column("links", "item_id", "entity") == [("10", "http://e/a")]


def test_links_may_say_how_sure_they_are_and_entities_may_have_names(tmp_path: Path) -> None:
    (tmp_path / "kg.tsv").write_text("a\tp\tb\n", encoding="utf-8")
    (tmp_path / "map.tsv").write_text("10\ta\t0.85\n11\tb\t2\n12\tc\t\n", encoding="utf-8")
    (tmp_path / "names.tsv").write_text("a\tAda Lovelace\nb\t\n", encoding="utf-8")
    got = told(
        tmp_path,
        type="triples",
        path="kg.tsv",
        links="map.tsv",
        link_confidence=2,
        entity_names="names.tsv",
    )
    assert got.column("links", "item_id", "entity", "confidence") == [
        ("10", "a", 0.85),
        ("12", "c", None),
    ]
    assert got.reasons == [(2, "bad number")]
    assert got.column("names", "entity", "name") == [("a", "Ada Lovelace")]


NTRIPLES = """# a comment
<http://e/a> <http://e/p> <http://e/b> .
<http://e/a> <http://e/name> "Café \\"A\\""@fr .
_:x <http://e/p> <http://e/b> .
<http://e/a> <http://e/p> missing .
<http://e/caf\\u00e9> <http://e/p> <http://e/b> .
"""


def test_n_triples_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "kg.nt.gz").write_bytes(gzip.compress(NTRIPLES.encode()))
    got = told(tmp_path, type="triples", path="kg.nt.gz")
    assert got.column("triples", "head", "tail") == [
        ("http://e/a", "http://e/b"),
        ("_:x", "http://e/b"),
        ("http://e/café", "http://e/b"),
    ]
    assert got.reasons == [(5, "broken RDF")]
    with_names = told(tmp_path, type="triples", path="kg.nt.gz", literals=True)
    assert 'Café "A"' in with_names.column("triples", "tail")


def test_turtle_means_the_same(tmp_path: Path) -> None:
    turtle = '@prefix : <http://e/> .\n:a :p :b ; :name "Café"@fr .\n:c :p :b .\n'
    (tmp_path / "kg.ttl").write_text(turtle, encoding="utf-8")
    got = told(tmp_path, type="triples", path="kg.ttl")
    assert got.column("triples", "head", "predicate", "tail") == [
        ("http://e/a", "http://e/p", "http://e/b"),
        ("http://e/c", "http://e/p", "http://e/b"),
    ]


def test_blank_nodes_of_turtle_have_the_same_names_in_every_run(tmp_path: Path) -> None:
    turtle = "@prefix : <http://e/> .\n:a :p [ :q :b ] .\n"
    (tmp_path / "kg.ttl").write_text(turtle, encoding="utf-8")
    once, again = (told(tmp_path, type="triples", path="kg.ttl") for _ in range(2))
    assert once.tables == again.tables
    assert len(once.tables["triples"]) == 2


def test_broken_turtle_is_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "kg.ttl").write_text(":a :p", encoding="utf-8")
    with pytest.raises(SourceError, match="no sound Turtle"):
        told(tmp_path, type="triples", path="kg.ttl")


def test_adjacency_lists_with_their_split(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("0 10 11 12\n1 10\n2 \n", encoding="utf-8")
    (tmp_path / "test.txt").write_text("0 13\n1\n", encoding="utf-8")
    _, staging = staged(
        tmp_path,
        tmp_path / "run",
        {"type": "adjacency", "path": "train.txt", "part": "train", "behaviour": "VISITED"},
        {"type": "adjacency", "path": "test.txt", "part": "test", "behaviour": "VISITED"},
    )
    rows = staging.read("interactions").to_pylist()
    assert [(row["user_id"], row["item_id"], row["split"]) for row in rows] == [
        *(("0", item, "train") for item in ("10", "11", "12")),
        ("1", "10", "train"),
        ("0", "13", "test"),
    ]
    assert {row["behaviour"] for row in rows} == {"VISITED"}
    assert staging.read("users").column("user_id").to_pylist() == ["0", "1", "2"]


def test_what_a_config_declares_for_the_graph() -> None:
    sources = configured(
        {"type": "adjacency", "path": "a", "behaviour": "VISITED"},
        {"type": "amazon", "path": "a", "metadata": "b"},
        {"type": "recbole", "path": "a", "attributes": {"Genre": "class"}},
        {
            "type": "delimited",
            "path": "a",
            "columns": {"user": "u", "item": "i"},
            "behaviour": {"column": "b", "values": {"v": "VIEWED", "b": "PURCHASED"}},
        },
    )
    got = declared(sources)
    assert got.behaviours == {"VISITED", "RATED", "VIEWED", "PURCHASED"}
    assert got.kinds == {"Brand", "Category", "Genre"}
    assert "ALSO_BOUGHT" in got.relations


@given(data=st.binary(max_size=300))
@pytest.mark.parametrize(
    "settings",
    [
        {"type": "amazon", "path": "x"},
        {"type": "adjacency", "path": "x"},
        {"type": "triples", "path": "x", "format": "ntriples"},
        {"type": "triples", "path": "x"},
    ],
    ids=["amazon", "adjacency", "n-triples", "triples"],
)
def test_any_bytes_are_taken_or_set_aside_by_every_reader(
    tmp_path_factory: pytest.TempPathFactory, settings: dict[str, Any], data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "x").write_bytes(data)
    try:
        got = told(folder, compression="none", **settings)
    except SourceError:  # the first line cannot be a triple: it is not that kind of file
        event("refused")
        if settings != {"type": "triples", "path": "x"}:
            raise
    else:
        assert got.rows == got.accepted + len(got.rejected)
