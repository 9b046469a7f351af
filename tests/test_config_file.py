"""A config's mistakes are said with their place and the nearest valid name."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from kg.errors import ConfigError
from kg.settings import Settings
from recommender.config_file import Override, read_settings


class Shelf(Settings):
    kind: Literal["shelf"] = "shelf"
    path: Path
    boards: int = Field(3, ge=1)


class Drawer(Settings):
    kind: Literal["drawer"]
    depth: float = 0.4


class Paint(Settings):
    colour: str = "white"
    coats: int | None = None


class Bookcase(Settings):
    name: str
    hint: str = ""
    paint: Paint = Field(default_factory=Paint)
    parts: list[Annotated[Shelf | Drawer, Field(discriminator="kind")]] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _has_a_name_of_its_own(self) -> "Bookcase":
        if self.name == self.paint.colour:
            raise ValueError("name is the colour")
        return self


BILLY = """\
name: billy
hint: Get planks from the shop and put them into PLANKS.
paint:
  colour: red
parts:
  - kind: shelf
    path: oak.txt
  - kind: drawer
    depth: 0.5
"""


def read(tmp_path: Path, text: str, *overrides: str, **environment: str) -> Bookcase:
    file = tmp_path / "billy.yaml"
    file.write_text(text, encoding="utf-8")
    return read_settings(Bookcase, file, overrides, environment)


def refused(tmp_path: Path, text: str, *overrides: str, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, *overrides, **environment)
    return str(caught.value).replace(str(tmp_path) + "/", "")


def test_relative_paths_start_at_the_config(tmp_path):
    assert read(tmp_path, BILLY).parts[0].path == tmp_path / "oak.txt"


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_name(tmp_path):
    message = refused(tmp_path, BILLY.replace("  colour: red", "  color: red"))
    assert "billy.yaml:4: unknown key 'paint.color'; did you mean 'colour'?" in message


def test_an_unknown_key_at_the_top(tmp_path):
    message = refused(tmp_path, BILLY.replace("paint:", "pain:"))
    assert "billy.yaml:3: unknown key 'pain'; did you mean 'paint'?" in message


def test_an_unknown_key_within_a_member_of_a_union(tmp_path):
    message = refused(tmp_path, BILLY.replace("depth: 0.5", "deph: 0.5"))
    assert "billy.yaml:9: unknown key 'parts.1.deph'; did you mean 'depth'?" in message


def test_a_key_without_a_near_name_is_refused_without_a_suggestion(tmp_path):
    message = refused(tmp_path, BILLY + "zzz: 1\n")
    assert "billy.yaml:10: unknown key 'zzz'." in message


def test_a_wrong_value_is_told_with_what_was_got(tmp_path):
    message = refused(tmp_path, BILLY.replace("path: oak.txt", "path: oak.txt\n    boards: 0"))
    assert "billy.yaml:8: parts.0.boards" in message
    assert "greater than or equal to 1" in message
    assert "got 0" in message


def test_a_mistake_of_the_whole_is_told_with_the_file(tmp_path):
    message = refused(tmp_path, BILLY.replace("name: billy", "name: red"))
    assert "billy.yaml:1: Value error, name is the colour." in message


def test_all_mistakes_are_told_at_once(tmp_path):
    text = BILLY.replace("  colour: red", "  color: red").replace("name: billy", "nam: billy")
    message = refused(tmp_path, text)
    assert "unknown key 'nam'; did you mean 'name'?" in message
    assert "unknown key 'paint.color'" in message
    assert "'name' is needed and missing" in message


def test_a_key_that_stands_twice_is_refused(tmp_path):
    assert "billy.yaml:10: 'name' stands twice" in refused(tmp_path, BILLY + "name: bob\n")


def test_broken_yaml_is_told_with_its_line(tmp_path):
    assert "billy.yaml:2: this is not YAML" in refused(tmp_path, "name: [billy\npaint: {\n")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words"])
def test_a_file_that_holds_no_keys_is_refused(tmp_path, text):
    assert "not keys with values" in refused(tmp_path, text)


def test_a_file_that_is_not_there_tells_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match="kgrec init"):
        read_settings(Bookcase, tmp_path / "nowhere.yaml", (), {})


def test_set_overrides_nested_keys_and_list_members_with_yaml_values(tmp_path):
    billy = read(tmp_path, BILLY, "paint.coats=2", "parts.0.boards=5", "paint.colour='7'")
    assert (billy.paint.coats, billy.parts[0].boards, billy.paint.colour) == (2, 5, "7")


def test_set_fills_a_section_that_the_file_lacks(tmp_path):
    assert read(tmp_path, "name: billy\n", "paint.coats=2").paint.coats == 2


def test_a_mistake_in_set_names_the_flag_as_its_place(tmp_path):
    message = refused(tmp_path, BILLY, "paint.cots=2")
    assert "--set paint.cots=2: unknown key 'paint.cots'; did you mean 'coats'?" in message


@pytest.mark.parametrize("text", ["paint.coats", "=2", "paint..coats=2", "a=[1"])
def test_a_set_that_is_no_setting_is_refused(text):
    with pytest.raises(ConfigError, match="--set"):
        Override.parse(text)


@pytest.mark.parametrize("text", ["parts.7.boards=1", "name.first=1", "parts.first=1"])
def test_a_set_that_finds_no_place_is_refused(tmp_path, text):
    assert f"--set {text}" in refused(tmp_path, BILLY, text)


def test_variables_in_paths_are_filled_in_and_nowhere_else(tmp_path):
    text = BILLY.replace("oak.txt", "${PLANKS}/oak.txt").replace("red", "${PLANKS}")
    billy = read(tmp_path, text, PLANKS=str(tmp_path / "wood"))
    assert billy.parts[0].path == tmp_path / "wood" / "oak.txt"
    assert billy.paint.colour == "${PLANKS}"


def test_an_unset_variable_is_told_with_the_configs_hint(tmp_path):
    message = refused(tmp_path, BILLY.replace("oak.txt", "${PLANKS}/oak.txt"))
    assert "needs the variable PLANKS, which is not set" in message
    assert "Get planks from the shop" in message


def test_yaml_cannot_make_python_objects(tmp_path):
    assert "not YAML" in refused(tmp_path, "name: !!python/object/apply:os.getcwd []\n")


def based(tmp_path: Path, text: str) -> Bookcase:
    (tmp_path / "tall.yaml").write_text(BILLY, encoding="utf-8")
    return read(tmp_path, "base: tall.yaml\n" + text)


def test_a_config_says_only_what_differs_from_its_base(tmp_path):
    case = based(tmp_path, "name: bob\npaint: {coats: 2}\n")
    assert (case.name, case.paint) == ("bob", Paint(colour="red", coats=2))
    assert [part.kind for part in case.parts] == ["shelf", "drawer"]
    assert based(tmp_path, "parts: []\n").parts == [], "a list is replaced whole"


def test_a_mistake_is_placed_in_the_file_that_it_stands_in(tmp_path):
    (tmp_path / "tall.yaml").write_text(BILLY.replace("depth: 0.5", "depth: deep"), "utf-8")
    message = refused(tmp_path, "base: tall.yaml\npaint:\n  coats: many\n")
    assert "billy.yaml:3: paint.coats" in message
    assert "tall.yaml:9: parts.1.depth" in message


@pytest.mark.parametrize("base", ["../tall.yaml", "/etc/passwd", "[a]", "3"])
def test_a_base_outside_the_folder_is_refused(tmp_path, base):
    assert "is not the name of a file beside it" in refused(tmp_path, f"base: {base}\n{BILLY}")


def test_a_config_that_is_its_own_base_is_refused(tmp_path):
    message = refused(tmp_path, f"base: billy.yaml\n{BILLY}")
    assert "is based on itself: billy.yaml → billy.yaml" in message
