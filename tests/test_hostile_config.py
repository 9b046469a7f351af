"""Hostile configs, mappings and command lines: refused with a reason; nothing is built or run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hostile import KEYS

from kg.catalogue import Catalogue
from kg.errors import ConfigError, KgrecError
from kg.parameter import parse_literal
from kg.rdf.readers import read_triples
from recommender.cli.app import run_app
from recommender.cli.output import Format, print_rows
from recommender.cli.query import parse_parameters
from recommender.config import read_config
from recommender.config_file import Override
from recommender.terminal import csv_cell, json_text, plain

SHOP = "name: shop\nsources: [{type: adjacency, path: x.txt}]\n"


def laughs(levels: int) -> str:
    """A text whose aliases unfold to 10 to the power of `levels` values."""
    first = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"
    more = (f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels))
    return "\n".join([first, *more])


YAML = {
    "a billion laughs": laughs(9),
    "an alias of itself": "a: &a [*a]",
    "a mapping of itself": "a: &a {b: *a}",
    "a call": "name: !!python/object/apply:os.system ['touch owned']",
    "a module": "name: !!python/module:os",
    "an object": "name: !!python/object:pathlib.Path {}",
    "a tag of their own": "name: !shop x",
    "brackets without end": "name: " + "[" * 20_000,
    "lists in lists": "name: " + "[" * 200 + "]" * 200,
    "a key that is a list": "? [a, b]\n: c",
    "a key that is a mapping": "{{a: b}: c}",
    "a number of 5,000 digits": "seed: " + "1" * 5_000,
    "a day that is none": "name: 2024-99-99",
    "a time that is none": "name: !!timestamp x",
    "a truth that is none": "name: !!bool x",
    "a whole number that is none": "name: !!int x",
    "a float that is none": "name: !!float x",
    "bytes that are none": "name: !!binary \u202e",
    "an escape sequence": "name: \x1b[2J",
    "NUL": "name: a\0b",
    "half a pair": 'name: "\\ud800"',
    "two of a key": "name: a\nname: b",
    "an unknown key": SHOP + "'}) DETACH DELETE n //: 1",
    "no document": "--- a\n--- b",
    "a list": "- a",
    "no name of a dataset": SHOP.replace("shop", "'../shop'"),
    "an injected kind": SHOP + "read: {resolve: {kinds: 1}}",
}


@pytest.mark.parametrize("what", YAML)
def test_yaml_that_is_made_to_break_readers_is_refused(tmp_path: Path, what: str) -> None:
    place = tmp_path / "c.yaml"
    place.write_text(YAML[what], encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_config(place, (), {})
    assert "c.yaml" in refused.value.message
    assert len(refused.value.message) < 5_000
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("base", ["..", ".", "/etc/passwd", "../c.yaml", "a\0b", "n" * 300, "x/y"])
def test_a_base_is_a_file_beside_the_config(tmp_path: Path, base: str) -> None:
    place = tmp_path / "c.yaml"
    place.write_text(f"base: {json.dumps(base)}", encoding="utf-8")
    with pytest.raises(ConfigError):
        read_config(place, (), {})


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x80name: x", b"\x00" * 100])
def test_a_config_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.yaml").write_bytes(content)
    with pytest.raises(ConfigError):
        read_config(tmp_path / "c.yaml", (), {})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("behaviour", key) for key in KEYS),
        *(
            ("behaviour", name)
            for name in ("R]->() DETACH DELETE n", "RATED|X", "rated", "R\nX", "R\n", "R ")
        ),
    ],
)
def test_no_relationship_type_but_a_plain_name_is_taken(
    tmp_path: Path, field: str, value: str
) -> None:
    place = tmp_path / "c.yaml"
    source = {"type": "adjacency", "path": "x.txt", field: value}
    place.write_text(json.dumps({"name": "shop", "sources": [source]}), encoding="utf-8")
    with pytest.raises(ConfigError):
        read_config(place, (), {})


@pytest.mark.parametrize("key", [key for key in KEYS if key != "NaN"])
def test_no_label_but_a_plain_name_is_taken(tmp_path: Path, key: str) -> None:
    columns = {"item": "i", "attributes": [{"column": "c", "kind": key}]}
    source = {"type": "delimited", "path": "x.csv", "columns": columns}
    place = tmp_path / "c.yaml"
    place.write_text(json.dumps({"name": "shop", "sources": [source]}), encoding="utf-8")
    with pytest.raises(ConfigError):
        read_config(place, (), {})
    with pytest.raises(KgrecError):
        Catalogue()["load/attributes"].text("neo4j", {"__KIND__": key})


@pytest.mark.parametrize(
    "text",
    [
        "=x",
        "a..b=1",
        "seed=!!python/object/apply:os.system [id]",
        "seed=&a [*a]",
        "seed=" + "1" * 5_000,
        "seed=2024-99-99",
        "a=" + "[" * 20_000,
        "\x1b[2J",
    ],
)
def test_a_hostile_override_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        Override.parse(text)


def test_an_override_deeper_than_any_section_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(SHOP, encoding="utf-8")
    for text in (".".join(["a"] * 500) + "=1", "sources.99999999999999999999.path=x", "name.a=1"):
        with pytest.raises(ConfigError):
            read_config(tmp_path / "c.yaml", (text,), {})


@pytest.mark.parametrize("text", [laughs(9), "&a [*a]", "!!python/name:os.system", "2024-99-99"])
def test_a_hostile_default_of_a_query_is_no_literal(text: str) -> None:
    with pytest.raises(ValueError, match=r"no literal"):
        parse_literal(text)


@pytest.mark.parametrize(
    "written",
    [
        "limit=1e5",
        "limit=" + "1" * 5_000,
        "limit=NaN",
        "liked=" + "[" * 100_000,
        "nothing=1",
        "userId",
    ],
)
def test_a_hostile_parameter_is_refused(written: str) -> None:
    name = "recommend/for_new_user" if written.startswith("liked") else "recommend/for_user"
    with pytest.raises(ConfigError) as refused:
        parse_parameters(Catalogue()[name], [written])
    assert len(str(refused.value)) < 2_000


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "../../../etc/passwd"],
        ["query", "write/clear_nodes"],
        ["query", "load/users"],
        ["query", "'}) DETACH DELETE n //"],
        ["query", "browse/overview\0"],
        ["query", "recommend/within_attribute", "-p", "KIND=Genre) DETACH DELETE (n"],
        ["runs", "show", "../../../etc"],
        ["runs", "path", "/etc"],
        ["export", "split", "../..", "-o", "out"],
        ["publish", "../../x"],
        ["run", "/etc/passwd"],
        ["run", "."],
        ["run", "c\udcff.yaml"],
        ["recommend", "\udc80"],
        ["config", "check", "n" * 5_000],
        ["rdf", "link", "x.nt", "--mapping", "/dev/null", "-o", "out"],
    ],
)
def test_a_hostile_command_line_is_refused_with_a_reason(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "x")
    assert run_app(arguments) in (1, 2, 3)
    said = capsys.readouterr()
    assert "Unexpected" not in said.err
    assert said.err
    assert "Usage:" not in said.err, "it is such a command, but for what is hostile"
    assert "\x1b]" not in said.err


JSONLD = {
    "a context of the web": '{"@context": "http://127.0.0.1:1/c", "@id": "urn:a", "b": "c"}',
    "a context of this disk": '{"@context": ["file:///etc/passwd"], "@id": "urn:a"}',
    "a context within": '{"@id": "urn:a", "urn:b": {"@context": "file:///etc/passwd"}}',
    "an import": '{"@context": {"@import": "file:///etc/passwd"}, "@id": "urn:a"}',
    "a context of a term": '{"@context": {"t": {"@id": "urn:t", "@context": "file:///x"}}}',
    "the second of two": '{"@context": {}, "@context": "file:///etc/passwd"}',
    "lists without end": "[" * 100_000,
}


@pytest.mark.parametrize("what", JSONLD)
def test_json_ld_makes_nobody_fetch_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def opened(*_: object, **__: object) -> None:
        pytest.fail("something was fetched")

    monkeypatch.setattr("urllib.request.urlopen", opened)
    monkeypatch.setattr("urllib.request.OpenerDirector.open", opened)
    (tmp_path / "x.jsonld").write_text(JSONLD[what], encoding="utf-8")
    with pytest.raises(KgrecError, match=r"no sound jsonld"):
        list(read_triples(tmp_path / "x.jsonld"))


JSON_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
DAY = "http://www.w3.org/2001/XMLSchema#dateTime"
KNOWLEDGE = {
    "a code point beyond all": ("x.nt", r"<urn:a> <urn:b> <urn:\UFFFFFFFF> ."),
    "half a surrogate pair": ("x.nt", r'<urn:a> <urn:b> "\ud800" .'),
    "half a pair in a name": ("x.nt", r"<urn:\ud800> <urn:b> <urn:c> ."),
    "no JSON": ("x.nt", f'<urn:a> <urn:b> "["^^<{JSON_TYPE}> .'),
    "deep JSON": ("x.nt", f'<urn:a> <urn:b> "{"[" * 100_000}"^^<{JSON_TYPE}> .'),
    "a number of 5,000 digits": ("x.nt", f'<urn:a> <urn:b> "{"1" * 5_000}"^^<{INTEGER}> .'),
    "a day that is none": ("x.nt", f'<urn:a> <urn:b> "2024-99-99"^^<{DAY}> .'),
    "no text": ("x.nt", b'<urn:a> <urn:b> "\xff" .'),
    "half an archive": ("x.nt.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K"),
    "no archive": ("x.nt.gz", b"plain"),
    "a Turtle of brackets": ("x.ttl", "<urn:a> <urn:b> " + "[" * 5_000),
    "a Turtle of half pairs": ("x.ttl", r'<urn:a> <urn:b> "\ud800" .'),
    "a Turtle with no JSON": ("x.ttl", f'<urn:a> <urn:b> "["^^<{JSON_TYPE}> .'),
    "a TriG that never ends": ("x.trig", "{ <urn:a> <urn:b> "),
}


@pytest.mark.parametrize("what", KNOWLEDGE)
def test_hostile_rdf_is_refused_with_its_place(tmp_path: Path, what: str) -> None:
    name, text = KNOWLEDGE[what]
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(KgrecError, match=name.replace(".", r"\.")) as refused:
        list(read_triples(tmp_path / name))
    assert len(str(refused.value)) < 10_000


def test_an_endless_line_of_rdf_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.rdf.readers._LONGEST_LINE", 1_000)
    monkeypatch.setattr("kg.rdf.readers._LARGEST_WHOLE", 1_000)
    for name, said in (("x.nt", "line 1 has more"), ("x.ttl", "too much for turtle")):
        (tmp_path / name).write_text("<urn:" + "a" * 2_000)
        with pytest.raises(KgrecError, match=said):
            list(read_triples(tmp_path / name))


def test_rdf_keeps_hostile_texts(tmp_path: Path) -> None:
    def line(key: str) -> str:
        return f"<urn:a> <urn:b> {json.dumps(key).replace(chr(127), '')} ."

    kept = [key for key in KEYS if all(ord(letter) < 0x10000 for letter in key)]
    (tmp_path / "x.nt").write_text("\n".join(map(line, kept)) + "\n")
    assert [value for _, _, value in read_triples(tmp_path / "x.nt")] == kept


@pytest.mark.parametrize("format_", list(Format))
def test_what_is_printed_moves_no_terminal(
    capsys: pytest.CaptureFixture[str], format_: Format
) -> None:
    print_rows(["key"], [{"key": key} for key in KEYS], format_)
    said = capsys.readouterr().out
    if format_ is not Format.CSV:
        assert not set(said) & set("\0\x07\x1b\x9b\x85\u202e\u2066\u2028")
    if format_ is Format.TABLE:
        assert "[/red][bold]x[/]" in said
        assert r"\x1b[2J" in said
    if format_ is Format.JSON:
        assert [row["key"] for row in json.loads(said)] == KEYS
    if format_ is Format.CSV:
        assert "\n\"'=HYPERLINK" in said
        assert "\n'-2+3" in said


def test_only_what_a_spreadsheet_would_run_is_marked() -> None:
    assert [csv_cell(text) for text in ("=1+1", "@a", "-x", "\tx", "-1.5", "+3e8", "a=b", "")] == [
        "'=1+1",
        "'@a",
        "'-x",
        "'\tx",
        "-1.5",
        "+3e8",
        "a=b",
        "",
    ]


def test_what_is_written_out_for_a_terminal_reads_back_as_json() -> None:
    for key in KEYS:
        assert json.loads(json_text({"key": key})) == {"key": key}
        assert "\x1b" not in plain(key)
    assert plain("a\tb\nc é 中") == "a\tb\nc é 中"
