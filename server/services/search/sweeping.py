# SPDX-License-Identifier: Apache-2.0
"""Words of names that nobody has any more are forgotten: erased people leave none behind."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

MOST = 500  # words at a time

_IN_USE = text("SELECT word, is_used FROM rubrica_words_in_use(:after, :most)")
_FORGET = text("DELETE FROM name_words WHERE word = ANY (:words)")
_DOUBLED = text(
    "DELETE FROM name_words k WHERE k.word BETWEEN :first AND :last AND EXISTS"
    " (SELECT FROM name_words o WHERE o.word = k.word AND o.id < k.id)"
)


async def forget_words(session: AsyncSession, after: str) -> str | None:
    """Look through the next words after this one; the last of them, None where there are none."""
    rows = (await session.execute(_IN_USE, {"after": after, "most": MOST})).all()
    if not rows:
        return None
    words: list[str] = sorted(row.word for row in rows)
    unused = [row.word for row in rows if not row.is_used]
    if unused:
        await session.execute(_FORGET, {"words": unused})
    await session.execute(_DOUBLED, {"first": words[0], "last": words[-1]})
    return words[-1]
