"""`kgrec init`: what is guessed of files, what is asked, and that the answer works."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from source_files import configured, staged

from etl.guess import Guess, guess, render
from etl.guess.look import guess_encoding
from kg.errors import SourceError

REVIEWS = """reviewer_id,reviewer_name,product,stars,summary,review,date
a1,Ann Lee,lamp,5,Bright!,"Lights up the whole room, warm and soft.",2020-01-02
b2,Bob Fox,lamp,2,Meh,Broke after two weeks of use.,2020-02-03
a1,Ann Lee,desk,4,Solid,Stands firm even on a soft carpet.,2020-03-04
"""


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def of(got: Guess, place: int = 0) -> dict[str, Any]:
    return got.sources[place].settings


def columns(got: Guess, place: int = 0) -> Any:
    return of(got, place)["columns"]


def test_a_review_file_is_understood_and_its_yaml_works(tmp_path: Path) -> None:
    path = written(tmp_path, "my reviews.csv", REVIEWS)
    text = render(guess([path]))
    config = yaml.safe_load(text)
    assert config["name"] == "my_reviews"
    (source,) = config["sources"]
    assert source["columns"] == {
        "user": "reviewer_id",
        "item": "product",
        "rating": {"column": "stars", "min": 1, "max": 5},
        "timestamp": {"column": "date", "format": "iso"},
        "text": "review",
        "title": "summary",
    }
    assert source["positive"] == {"min_rating": 4}
    assert "Ann" not in text
    assert "reviewer_name: may name a person" in text
    assert "'lamp', 'desk'" in text
    report, _ = staged(Path(), tmp_path / "run", source)
    assert report.rows["reviews"] == 3
    assert not report.rejected


def test_what_is_not_known_stays_a_marked_question(tmp_path: Path) -> None:
    path = written(tmp_path, "odd.csv", "alpha,beta\nfoo,bar\nfoo,qux\n")
    got = guess([path])
    assert len(got.sources[0].questions) == 2
    text = render(got)
    assert text.count("QUESTION") >= 4
    (source,) = yaml.safe_load(text)["sources"]
    with pytest.raises(SourceError, match=r"no column '\?'") as caught:
        staged(Path(), tmp_path / "run", source)
    assert "'alpha', 'beta'" in caught.value.remedy


def test_critics_with_labels_and_long_dates(tmp_path: Path) -> None:
    rows = "".join(
        f"{n % 2}\tGood film indeed number {n}\t3/5\t{'fresh' if n % 3 else 'rotten'}\tcritic {n}"
        f"\tMay {n + 1}, 2018\n"
        for n in range(9)
    )
    path = written(tmp_path, "rt.tsv", "id\treview\trating\tfresh\tcritic\tdate\n" + rows)
    got = guess([path])
    assert columns(got) == {
        "user": "critic",
        "item": "id",
        "label": {"column": "fresh", "positive": ["fresh"], "negative": ["rotten"]},
        "timestamp": {"column": "date", "format": "%B %d, %Y"},
        "text": "review",
    }
    assert of(got)["delimiter"] == "\t"
    assert "positive" not in of(got)


def test_an_item_file_with_lists(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "films.csv",
        "id;title;genres;synopsis;price;studio name;link\n"
        "1;Heat;Crime|Drama;Two men face each other.;9.5;Warner;http://x/1\n"
        "2;Up;Comedy|Drama;An old man flies away.;8;Pixar;http://x/2\n",
    )
    got = guess([path])
    assert columns(got) == {
        "item": "id",
        "item_title": "title",
        "description": "synopsis",
        "price": {"column": "price", "unparsable": "null"},
        "attributes": [{"kind": "Genre", "column": "genres", "separator": "|"}],
        "properties": {"studioName": "studio name"},
    }


def test_a_log_of_events(tmp_path: Path) -> None:
    rows = "".join(
        f"{1700000000000 + n},u{n % 3},{e},i{n}\n"
        for n, e in enumerate(["view", "addtocart", "transaction", "view"])
    )
    path = written(tmp_path, "events.csv", "timestamp,visitorid,event,itemid\n" + rows)
    got = guess([path])
    assert columns(got)["timestamp"] == {"column": "timestamp", "format": "ms"}
    assert of(got)["behaviour"] == {
        "column": "event",
        "values": {"view": "VIEWED", "addtocart": "ADDED_TO_CART", "transaction": "PURCHASED"},
    }
    assert configured(of(got))


def test_numbers_alone_are_taken_by_their_place(tmp_path: Path) -> None:
    rows = "".join(f"{n % 7}::{n}::{n % 5 + 1}::{978300000 + n}\n" for n in range(50))
    got = guess([written(tmp_path, "ratings.dat", rows)])
    assert columns(got) == {
        "user": "column1",
        "item": "column2",
        "rating": {"column": "column3", "min": 1, "max": 5},
        "timestamp": {"column": "column4", "format": "s"},
    }
    assert of(got)["delimiter"] == "::"
    assert "50 of the first 50 rows" in got.sources[0].tried
    assert all(c.confidence <= 0.5 for c in got.sources[0].columns if c.meaning in ("user", "item"))


def test_users_with_traits(tmp_path: Path) -> None:
    path = written(tmp_path, "users.csv", "user_id,age,gender,email\n1,30,F,a@x\n2,40,M,b@x\n")
    got = guess([path])
    assert columns(got) == {"user": "user_id", "traits": {"age": "age", "gender": "gender"}}
    assert "a@x" not in render(got)


def test_columns_that_would_be_named_like_what_kgrec_sets_are_left_out(tmp_path: Path) -> None:
    items = "sku,title,source,description,shelf\n1,Lamp,web,x,A1\n2,Desk,shop,y,B2\n"
    users = "user_id,source,age\n1,web,30\n2,shop,40\n"
    got = guess([written(tmp_path, "items.csv", items), written(tmp_path, "users.csv", users)])
    assert columns(got, 0)["properties"] == {"shelf": "shelf"}
    assert columns(got, 1)["traits"] == {"age": "age"}
    assert "kgrec sets source of :User itself" in render(got)


def test_texts_without_users(tmp_path: Path) -> None:
    rows = "".join(f"park,this is a fine place number {n}\n" for n in range(5))
    got = guess([written(tmp_path, "said.csv", "attraction,words\n" + rows)])
    assert columns(got) == {"item": "attraction", "text": "words", "anonymous": True}


def test_json_lines_and_parquet(tmp_path: Path) -> None:
    rows = [{"user": n % 2, "item": f"i{n}", "rating": n % 5 + 1, "tags": ["a"]} for n in range(6)]
    lines = gzip.compress("\n".join(map(json.dumps, rows)).encode())
    (tmp_path / "acts.jsonl.gz").write_bytes(lines)
    pl.DataFrame(rows).write_parquet(tmp_path / "acts.parquet")
    got = guess([tmp_path / "acts.jsonl.gz", tmp_path / "acts.parquet"])
    assert [of(got, place)["format"] for place in (0, 1)] == ["jsonl", "parquet"]
    assert columns(got, 0) == columns(got, 1)
    assert got.name == "acts"


def test_known_dumps_are_recognised(tmp_path: Path) -> None:
    reviews = {"reviewerID": "A", "asin": "B", "overall": 5, "reviewText": "Fine."}
    record = {"asin": "B", "title": "Lamp", "categories": [["Home"]]}
    files = [
        written(tmp_path, "meta.json", json.dumps(record)),
        written(tmp_path, "reviews.json", json.dumps(reviews)),
        written(tmp_path, "ml.inter", "user_id:token\titem_id:token\n1\t2\n"),
        written(tmp_path, "ml.item", "item_id:token\n2\n"),
        written(tmp_path, "kg.txt", "1\tfilm.actor\t2\n3\tfilm.actor\t4\n"),
        written(tmp_path, "item2entity.txt", "10\t1\n11\t3\n"),
        written(tmp_path, "train.txt", "0 1 2 3\n1 4 5 6 7\n2 8\n3 1 2\n"),
    ]
    got = guess(files)
    kinds = [of(got, place)["type"] for place in range(len(got.sources))]
    assert kinds == ["recbole", "amazon", "triples", "adjacency"]
    assert of(got, 1)["metadata"] == str(files[0])
    assert of(got, 2)["links"] == str(files[5])
    assert of(got, 3)["part"] == "train"
    assert configured(*(source.settings for source in got.sources))


def test_each_member_of_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ml.zip", "w") as archive:
        archive.writestr("ml/README.txt", "hello")
        archive.writestr("ml/ratings.csv", "userId,movieId,rating\n1,2,4.5\n1,3,1\n")
        archive.writestr("ml/movies.csv", "movieId,title\n2,Heat\n3,Up\n")
    got = guess([tmp_path / "ml.zip"])
    assert got.name == "ml"
    assert [of(got, place)["member"] for place in (0, 1)] == ["ml/ratings.csv", "ml/movies.csv"]


def test_rows_that_cannot_be_read_are_announced(tmp_path: Path) -> None:
    rows = "".join(f"{'' if n % 2 else 'u'},i{n},3\n" for n in range(20))
    got = guess([written(tmp_path, "acts.csv", "user,item,rating\n" + rows)])
    assert "10 of the first 20 rows" in got.sources[0].tried
    assert "missing key" in got.sources[0].tried
    assert any("max_rejected_share" in note for note in got.sources[0].notes)


@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [
        ("naïve café", "utf-8", "utf-8"),
        ("naïve café", "latin-1", "latin-1"),
        ("“naïve” café", "cp1252", "cp1252"),
        ("小明很喜欢故宫和长城", "gb18030", "gb18030"),
        ("naïve café", "utf-16", "utf-16"),
        ("naive cafe", "utf-16-le", "utf-16-le"),
    ],
)
def test_encodings(text: str, encoding: str, guessed: str) -> None:
    assert guess_encoding((text + "\n").encode(encoding) * 20)[0] == guessed


def test_a_json_array_is_explained(tmp_path: Path) -> None:
    got = guess([written(tmp_path, "acts.json", '[\n{"user": 1}\n]\n')])
    assert got.sources[0].questions
    assert "JSON lines" in render(got)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv"):
        guess([tmp_path / "gone.csv"])


@given(data=st.binary(max_size=300), name=st.sampled_from(["x.csv", "x.json", "x.dat", "x.nt"]))
def test_any_bytes_give_a_config_that_is_yaml(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(data)
    try:
        text = render(guess([path]))
    except SourceError:  # begins like an archive, and is none
        return
    assert yaml.safe_load(text)["name"] == "x"
