# SPDX-License-Identifier: Apache-2.0
"""The encoding in which a text's accents make sense: a few names are too little for statistics."""

import re

from server.domain.imports.encodings import can_decode, decode_head

# The languages of our centres before their neighbours: "ò" is Italian before it is a Czech "ň".
_ALPHABETS = (
    "àèéìíîòóùú",
    "ąćęłńóśźż",
    "áéíñóúüçàèìòùâêôãõïëîûœæÿªº¿¡",
    "äöüßéåæø",
    "áčďéěíňóřšťúůýžľĺŕôä",
    "áéíóöőúüű",
    "ăâîșțşţčćđšž",
)
_PUNCTUATION = "\xa0’‘“”„«»–—…€°"
_CANDIDATES = ("cp1252", "cp1250", "iso-8859-2", "mac-roman")
_ENOUGH = 0.97
_IDEOGRAPH = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def likely_encoding(head: bytes, *, is_whole: bool) -> str | None:
    """The encoding that turns nearly every foreign byte into a letter of one language."""
    texts = {
        encoding: _foreign(decode_head(head, encoding, is_whole=is_whole))
        for encoding in _CANDIDATES
        if can_decode(head, encoding, is_whole=is_whole)
    }
    for alphabet in _ALPHABETS:
        for encoding, letters in texts.items():
            known = sum(letter in alphabet for letter in letters)
            if letters and known >= _ENOUGH * len(letters):
                return encoding
    if can_decode(head, "gb18030", is_whole=is_whole):
        letters = _foreign(decode_head(head, "gb18030", is_whole=is_whole))
        if len(_IDEOGRAPH.findall(letters)) >= _ENOUGH * len(letters) > 0:
            return "gb18030"
    return None


def _foreign(text: str) -> str:
    return "".join(
        letter for letter in text.lower() if not letter.isascii() and letter not in _PUNCTUATION
    )
