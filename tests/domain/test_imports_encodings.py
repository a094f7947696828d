# SPDX-License-Identifier: Apache-2.0
"""What the first bytes of a file say of its encoding (D6)."""

import io

import pytest

from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import ENCODINGS, can_decode, decode_head, open_text, sure_encoding

TEXT = "nome,città\r\nNicolò,Forlì\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_decides_and_is_no_text(encoding: str) -> None:
    marked = ("\ufeff" + TEXT).encode(encoding)
    assert sure_encoding(marked, is_whole=True) == encoding
    assert decode_head(marked, encoding, is_whole=True) == TEXT
    assert open_text(io.BytesIO(marked), encoding).read() == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8"])
def test_unicode_is_known_without_a_mark(encoding: str) -> None:
    assert sure_encoding(TEXT.encode(encoding), is_whole=True) == encoding


def test_a_character_cut_by_the_end_of_the_head_is_no_fault() -> None:
    head = TEXT.encode()[: TEXT.encode().index("ò".encode()) + 1]
    assert sure_encoding(head, is_whole=False) == "utf-8"
    assert sure_encoding(head, is_whole=True) is None


def test_only_whole_lines_of_a_head_are_read() -> None:
    assert decode_head(b"a,b\n1,2\n3,", "utf-8", is_whole=False) == "a,b\n1,2\n"


def test_an_older_encoding_is_not_sure() -> None:
    assert sure_encoding(TEXT.encode("cp1252"), is_whole=True) is None


@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \r\n\t\n", b"\x00" * 64])
def test_a_file_without_text_is_empty(head: bytes) -> None:
    with pytest.raises(DomainError) as refused:
        sure_encoding(head, is_whole=True)
    assert refused.value.code is ErrorCode.FILE_EMPTY


@pytest.mark.parametrize(
    "head",
    [
        b"PK\x03\x04\x14\x00\x06\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1more",
        b"%PDF-1.7\n1 0 obj",
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"\x7fELF\x02\x01\x01",
        b"\x89PNG\r\n\x1a\n",
        bytes(range(256)) * 4,
    ],
)
def test_a_program_a_picture_and_a_workbook_are_no_text(head: bytes) -> None:
    with pytest.raises(DomainError) as refused:
        sure_encoding(head, is_whole=True)
    assert refused.value.code is ErrorCode.FILE_NOT_TEXT


def test_one_nul_does_not_make_a_text_binary() -> None:
    assert sure_encoding(b"name,phone\nA\x00na,0612345678\n", is_whole=True) == "utf-8"


def test_what_cannot_be_read_is_marked_where_it_stands() -> None:
    lines = list(open_text(io.BytesIO(b"a\xff,1\nb,2\n"), "utf-8"))
    assert lines == ["a\udcff,1\n", "b,2\n"]
    assert not can_decode(b"a\xff,1\n", "utf-8", is_whole=True)


def test_every_encoding_offered_is_one_that_can_be_read() -> None:
    for encoding in ENCODINGS:
        assert open_text(io.BytesIO("a,b\r1,2".encode(encoding)), encoding).readlines() == [
            "a,b\r",
            "1,2",
        ]
