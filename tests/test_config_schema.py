"""The JSON Schema of a config says what a config may hold, neither more nor less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from kg.errors import ConfigError
from recommender.config import Config, read_config

ROOT = Path(__file__).parents[1]
BUNDLED = [*sorted((ROOT / "examples").glob("*.yaml")), ROOT / "recommender/sample/config.yaml"]
WHOLE = [path for path in BUNDLED if "base" not in yaml.safe_load(path.read_text("utf-8"))]
SCHEMA: Final[dict[str, Any]] = Config.model_json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

SHOP: Final[dict[str, Any]] = {
    "name": "shop",
    "sources": [
        {
            "type": "delimited",
            "path": "reviews.csv",
            "columns": {"user": "who", "item": "what", "rating": "stars", "timestamp": "day"},
        }
    ],
}

OF_THE_DATA: Final = {"NumberColumn.min", "NumberColumn.max", "NumberColumn.values"} | {
    "Positive.min_rating"
}
"""Numbers on the scale of somebody's own ratings and prices, which may be below zero."""


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_a_bundled_config_fits_the_schema_as_it_is_written(path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_a_bundled_config_fits_the_schema_in_full(path: Path) -> None:
    read = read_config(path, (), {"KGREC_DATA": "data"})
    VALIDATOR.validate(read.model_dump(mode="json"))


def test_a_column_may_be_named_alone() -> None:
    VALIDATOR.validate(SHOP)
    columns = Config.model_validate(SHOP).sources[0].model_dump()["columns"]
    assert columns["rating"]["column"] == "stars"
    assert columns["timestamp"]["column"] == "day"


def test_a_mistake_behind_a_short_form_still_gets_the_nearest_name(tmp_path: Path) -> None:
    place = tmp_path / "shop.yaml"
    place.write_text(yaml.safe_dump(SHOP), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"sources\.0\.columns\.rating\.colum'; did you mean"):
        read_config(place, ["sources.0.columns.rating={colum: stars}"], {})


def test_every_number_has_a_least_value() -> None:
    unbounded = {
        f"{name}.{key}"
        for name, section in {**SCHEMA["$defs"], "Config": SCHEMA}.items()
        for key, node in section["properties"].items()
        for number in numbers(node)
        if not {"minimum", "exclusiveMinimum"} & number.keys()
    }
    assert unbounded == OF_THE_DATA


def numbers(node: object) -> Iterator[Mapping[str, Any]]:
    """All numbers that a key may hold, within lists and maps too; sections are looked at alone."""
    if isinstance(node, Mapping):
        if node.get("type") in ("integer", "number"):
            yield node
        for key, value in node.items():
            if key not in ("default", "$defs"):
                yield from numbers(value)
    elif isinstance(node, list):
        for value in node:
            yield from numbers(value)


@pytest.mark.parametrize(
    "section",
    [
        {"text": {"topics": {"count": -3}}},
        {"text": {"aspects": {"min_score": 0}}},
        {"text": {"workers": -1}},
        {"seed": -1},
        {"model": {"ease": {"l2": [200.0, 0.0]}}},
        {"model": {"item_knn": {"neighbours": []}}},
        {"model": {"time_ease": {"time_share": [1.5]}}},
        {"model": {"rp3beta": {"beta": [-0.1]}}},
        {"model": {"hetero_gat": {"residual": -1.0}}},
        {"model": {"als": {"alpha": [0.0]}}},
        {"model": {"lightgcn": {"layers": [0]}}},
        {"model": {"sasrec": {"dropout": [1.0]}}},
    ],
    ids=str,
)
def test_a_number_that_makes_no_sense_is_refused_by_settings_and_schema(
    section: dict[str, Any],
) -> None:
    assert not VALIDATOR.is_valid({**SHOP, **section})
    with pytest.raises(ValidationError):
        Config.model_validate({**SHOP, **section})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_no_setting_is_infinite_or_not_a_number(number: float) -> None:
    with pytest.raises(ValidationError, match="finite number"):
        Config.model_validate({**SHOP, "model": {"hetero_gat": {"temperature": number}}})
