"""Texts that are meant to be obeyed, broken by or mistaken for something else."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "Cypher that ends a string": "'}) MATCH (n) DETACH DELETE n //",
    "Cypher that ends a name": "`]->() DETACH DELETE n RETURN `x",
    "Cypher by a code point": "\\u0027}) DETACH DELETE n //",
    "a backslash at the end": "back\\",
    "a parameter": "$userId",
    "a way out of a folder": "../../../etc/passwd",
    "an absolute path": "/etc/shadow",
    "a variable": "${HOME}",
    "a template": "{{ 7*7 }}{% raw %}",
    "markup": "</script><script>alert(1)</script><img src=x onerror=alert(2)>",
    "markup of our terminal": "[/red][bold]x[/][link=http://evil]",
    "a formula": '=HYPERLINK("http://evil","x")',
    "a formula with a minus": "-2+3+cmd|' /C calc'!A0",
    "NUL": "a\0b",
    "an escape sequence": "\x1b[2J\x1b]0;owned\x07x",
    "a C1 control": "\x9b2Jx",
    "text from right to left": "\u202egnp.exe\u2066",
    "no width": "a\u200bb\u200d\ufeffc",
    "odd ends of lines": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "no character": "x\uffff\U0010ffff",
    "marks upon marks": "Z" + "\u0300\u0489" * 200,
    "as long as may be": "k" * 1_000,
    "no number": "NaN",
    "a huge number": "9" * 400,
    "nothing": "null",
    "YAML": "!!python/object/apply:os.system [id]",
    "JSON": '{"$ref": "#"}',
    "SQL": "'; DROP TABLE users; --",
    "a shell": "$(touch owned); `touch owned`",
    "a log line": 'x\\n{"level": "info"}',
}
KEYS: Final = list(TEXTS.values())
