"""docs/keys.md is made from the settings; the example in docs/configuration.md is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from recommender.config import Config
from recommender.config_page import config_page

DOCS = Path(__file__).parent.parent / "docs"
EXAMPLES = re.findall(
    r"```yaml\n(.*?)```", (DOCS / "configuration.md").read_text(encoding="utf-8"), re.DOTALL
)


def test_the_page_of_keys_is_the_one_that_the_settings_give() -> None:
    written = (DOCS / "keys.md").read_text(encoding="utf-8")
    assert written == config_page(), "kgrec config schema --format markdown > docs/keys.md"


def test_the_page_of_keys_names_every_section_and_key() -> None:
    page = config_page()
    for section in Config.model_json_schema()["$defs"].values():
        for key in section["properties"]:
            assert key == "type" or f"| `{key}` |" in page
    for key in Config.model_fields:
        assert f"| `{key}` |" in page


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_are_valid_configs(text: str) -> None:
    Config.model_validate(yaml.safe_load(text))


def test_the_whole_example_writes_out_every_key_with_its_default() -> None:
    raw = yaml.safe_load(EXAMPLES[-1])
    whole = Config.model_validate(raw)
    plain = Config.model_validate({key: raw[key] for key in ("name", "sources")})
    assert whole.model_dump() == plain.model_dump()
    assert unsaid(whole) == []


def unsaid(settings: BaseModel, place: str = "") -> list[str]:
    """Keys that nothing was written for, save within sources."""
    missing = [
        place + key for key in type(settings).model_fields.keys() - settings.model_fields_set
    ]
    for key, value in settings:
        if isinstance(value, BaseModel):
            missing += unsaid(value, f"{place}{key}.")
    return missing
