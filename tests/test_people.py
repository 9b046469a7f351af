"""Keys of people as they are read: pseudonyms, and those who were forgotten."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from etl.read import read_sources
from etl.sources import ReadSettings, Source
from etl.staging import Staging
from kg.errors import ConfigError
from recommender.environment import Environment
from recommender.erasure.suppressed import Suppressed
from recommender.people import Privacy
from recommender.secrets import Secret

LENIENT = ReadSettings.model_validate({"max_rejected_share": 1.0})


def write_rows(folder: Path) -> list[Source]:
    """Two people review and follow; one row has a bad number, one no item."""
    (folder / "did.csv").write_text(
        "who,what,stars,words\nanna,mug,5,Holds well\nbert,mug,4,Fine glaze\n"
        "anna,jug,many,Leaks\nbert,,3,What was it\n",
        encoding="utf-8",
    )
    (folder / "friends.csv").write_text("who,whom\nbert,anna\nanna,carl\n", encoding="utf-8")
    return TypeAdapter(list[Source]).validate_python(
        [
            {
                "type": "delimited",
                "path": "did.csv",
                "columns": {"user": "who", "item": "what", "rating": "stars", "text": "words"},
            },
            {
                "type": "delimited",
                "path": "friends.csv",
                "columns": {
                    "relations": [
                        {
                            "type": "FOLLOWS",
                            "start": {"kind": "User", "column": "who"},
                            "end": {"kind": "User", "column": "whom"},
                        }
                    ]
                },
            },
        ]
    )


def privacy(home: Path, *, pseudonymize: bool = False, salt: str | None = None) -> Privacy:
    variables = {"KGREC_HOME": str(home)} | ({"KGREC_SALT": salt} if salt else {})
    return Privacy(Environment.read(variables), "shop", pseudonymize)


def read(folder: Path, privacy: Privacy) -> tuple[Staging, dict[str, int]]:
    run = folder / "run"
    report = read_sources(
        write_rows(folder), base=folder, run=run, limits=LENIENT, people=privacy.people
    )
    return Staging(run / "staging"), dict(report.withheld)


def everything(folder: Path) -> str:
    """All values of all tables of the run."""
    return repr([pq.read_table(each).to_pydict() for each in sorted(folder.rglob("*.parquet"))])


def test_pseudonyms_stand_for_keys_in_every_table(tmp_path: Path) -> None:
    shop = privacy(tmp_path / "home", pseudonymize=True, salt="pepper")
    staging, _ = read(tmp_path, shop)
    told = everything(tmp_path / "run")
    assert not any(name in told for name in ("anna", "bert", "carl"))
    anna, bert = shop.pseudonym("user", "anna"), shop.pseudonym("user", "bert")
    assert len(anna) == 32
    interactions = pl.DataFrame(staging.read("interactions"))
    assert set(interactions["user_id"]) == {anna, bert}
    relations = pl.DataFrame(staging.read("relations"))
    assert (bert, anna) in set(zip(relations["start_id"], relations["end_id"], strict=True))
    rejected = pl.read_parquet(tmp_path / "run" / "rejected.parquet")
    assert rejected["line"].to_list() == [4, 5]
    assert rejected["raw"].unique().to_list() == ["(withheld)"]


def test_the_secret_decides_the_pseudonym(tmp_path: Path) -> None:
    here, there = (privacy(tmp_path / name, pseudonymize=True) for name in ("here", "there"))
    assert here.pseudonym("user", "anna") != there.pseudonym("user", "anna")
    again = privacy(tmp_path / "here", pseudonymize=True)
    assert again.pseudonym("user", "anna") == here.pseudonym("user", "anna")
    assert again.digest == here.digest != there.digest
    assert stat.S_IMODE((tmp_path / "here" / "salt").stat().st_mode) == 0o600
    given = [privacy(tmp_path / name, salt="pepper") for name in ("here", "there")]
    assert given[0].pseudonym("user", "anna") == given[1].pseudonym("user", "anna")


def test_without_either_nothing_is_made_and_nothing_changes(tmp_path: Path) -> None:
    plain = privacy(tmp_path / "home")
    staging, withheld = read(tmp_path, plain)
    assert plain.digest == ""
    assert set(pl.DataFrame(staging.read("users"))["user_id"]) == {"anna", "bert", "carl"}
    assert withheld == {}
    assert not (tmp_path / "home").exists()


def test_those_who_were_forgotten_are_passed_over(tmp_path: Path) -> None:
    shop = privacy(tmp_path / "home")
    shop.suppressed.and_(["anna"], [])
    shop = privacy(tmp_path / "home")
    staging, withheld = read(tmp_path, shop)
    assert shop.digest != ""
    assert withheld["reviews"] == 1
    assert withheld["relations"] == 2
    told = everything(tmp_path / "run")
    assert "anna" not in told
    assert "Leaks" not in told, "the raw row that was set aside was hers"
    assert "What was it" in told, "this one was not"
    assert "Fine glaze" in told
    assert staging.count("interactions") == 1


def test_a_forgotten_review_leaves_the_deed(tmp_path: Path) -> None:
    staging, _ = read(tmp_path, privacy(tmp_path / "home"))
    reviews = pl.DataFrame(staging.read("reviews"))
    [gone] = reviews.filter(pl.col("user_id") == "bert")["review_id"]
    privacy(tmp_path / "home").suppressed.and_([], [gone])
    staging, withheld = read(tmp_path, privacy(tmp_path / "home"))
    assert withheld["reviews"] == 1
    assert "Fine glaze" not in repr(staging.read("reviews").to_pydict())
    assert staging.count("interactions") == 2


def test_the_list_holds_no_key(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Suppressed.of(home, "shop").and_(["anna"], ["r-17"])
    listed = json.loads((home / "forgotten" / "shop.json").read_text(encoding="utf-8"))
    assert [len(each) for each in listed] == [64, 64]
    again = Suppressed.of(home, "shop")
    assert (again.user("anna"), again.user("r-17"), again.review("r-17")) == (True, False, True)
    assert Suppressed.of(home, "other-shop").hashes == frozenset()


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "secret"
    Secret.of_file(place)
    place.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        Secret.of_file(place)
