# SPDX-License-Identifier: Apache-2.0
"""Encodings told by the letters they make (D6)."""

import pytest

from server.domain.imports import likely_encoding

ITALIAN = "nome;città\nNicolò;Forlì\nd’Amico;Cantù\n"
POLISH = "imię\nŁukasz Żółć\nŚwiętosława\nPaweł Gąsior\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("tel\nNicolò\n", "cp1252"),
        (ITALIAN, "cp1252"),
        ("Straße;Jürgen Müller\n", "cp1252"),
        ("tel\nŁukasz\n", "cp1250"),
        (POLISH, "cp1250"),
        (POLISH, "iso-8859-2"),
        ("jméno\nDvořák\nŠtěpán\n", "cp1250"),
        (ITALIAN, "mac-roman"),
        ("姓名;电话\n王小明;1\n", "gb18030"),
    ],
)
def test_the_letters_of_one_language_tell_the_encoding(text: str, encoding: str) -> None:
    found = likely_encoding(text.encode(encoding), is_whole=True)
    assert found is not None
    assert text.encode(encoding).decode(found) == text


def test_letters_of_no_language_tell_nothing() -> None:
    assert likely_encoding(bytes(range(0x80, 0x100)) * 2, is_whole=True) is None
