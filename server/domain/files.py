# SPDX-License-Identifier: Apache-2.0
"""What a stored file may be called."""

import unicodedata

LONGEST_FILE = 60 * 1024 * 1024  # bytes
CHUNK = 1024 * 1024  # bytes of one stored piece
_LONGEST_NAME = 150


def safe_file_name(name: str, default: str = "file.csv") -> str:
    """The last part of a path, without controls, direction marks and what file systems refuse."""
    last = unicodedata.normalize("NFC", name[:2000]).replace("\\", "/").rpartition("/")[2]
    kept = (
        "_" if character in '<>:"|?*' else character
        for character in last
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    safe = "".join(kept).strip(" .")
    stem, dot, ending = safe.rpartition(".")
    if dot and len(ending) <= 10:
        safe = f"{stem[: _LONGEST_NAME - len(ending) - 1].rstrip(' .')}.{ending}"
    return safe[:_LONGEST_NAME] or default
