# SPDX-License-Identifier: Apache-2.0
"""Colours of contact item types: reading them, and the ink that stays legible on them (X-07)."""

import re

HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
BLACK, WHITE = "#000000", "#FFFFFF"


def parse_color(text: str) -> str | None:
    """`#AABBCC` from any of `#aabbcc`, `AABBCC` and `#abc`; None when it is not a colour."""
    match = HEX.fullmatch(text.strip())
    if match is None:
        return None
    digits = match[1].upper()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def luminance(color: str) -> float:
    """Relative luminance of `#RRGGBB`, from 0 (black) to 1 (white), as WCAG 2 defines it."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#RRGGBB` colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_for(color: str) -> str:
    """Black or white, whichever reads better on `#RRGGBB`; always 4.5:1 or more (X-07)."""
    return BLACK if contrast(color, BLACK) >= contrast(color, WHITE) else WHITE
