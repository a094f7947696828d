# SPDX-License-Identifier: Apache-2.0
"""The functions of the search, as files of SQL in which {words} stand for what comes repeatedly."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent
_FIRST = re.compile(r"\{first\((\w+)\.(\w+) of (\w+) (\w+) by (.+) from (\S+) to (.+)\)\}")


def function(name: str, schema: str) -> str:
    """`CREATE FUNCTION …`, to be executed as it is; `schema` is quoted where it needs to be."""
    text = _read(name)
    nothing = " found" if "RETURNS bigint[]" in text else ""
    text = text.replace("{bound}", _read("bound").replace("{nothing}", nothing))
    text = _FIRST.sub(_first, text)
    text = _EITHER.sub(_either, text).replace("{schema}", schema)
    text = re.sub(r"\{reached\((\w+)\)\}", _reached, text)
    text = re.sub(r"\{shown\((\w+)\)\}", _SHOWN, text)
    text = re.sub(r"\{address\((\w+)\)\}", _ADDRESS, text)
    text = in_words(text)
    reach = " ".join(_read("reach").split())
    return re.sub(r"\{reach\(([\w.]+)\)\}", lambda found: reach.replace("{id}", found[1]), text)


def in_words(text: str) -> str:
    """What is said of a contact, such as {key(c)}, as SQL."""
    text = re.sub(r"\{key\((\w+)\)\}", _KEY, text)
    text = re.sub(r"\{number\((\w+)\)\}", _NUMBER, text)
    text = re.sub(r"\{numbers\((\w+)\)\}", _NUMBERS, text)
    return re.sub(r"\{host\((\w+)\)\}", _HOST, text)


_EITHER = re.compile(r"\{either\}(.*?)\{end\}", re.DOTALL)


def _either(found: re.Match[str]) -> str:
    """The same twice: with the tenant looked up in the index, and with it read from the rows."""
    looked_up = re.sub(r"\{mine\((\w+)\)\}", r"\1.tenant_id = tenant", found[1])
    read = re.sub(r"\{mine\((\w+)\)\}", r"\1.tenant_id + 0 = tenant", found[1])
    return f"IF is_most THEN {read} ELSE {looked_up} END IF;"


# What a contact is known by, and its numbers, each with a blank on both sides.
_KEY = (
    r"rubrica_search_key(' ' || \1.name_key || ' ' || split_part(\1.email, '@', 1) || ' ' ||"
    r" \1.company_key)"
)
_NUMBER = r"' ' || coalesce(\1.phone || ' ', '')"  # of a contact without further ones
_NUMBERS = _NUMBER + (
    r" || coalesce((SELECT string_agg(p.number || ' ', '')"
    r" FROM additional_phones p WHERE p.contact_id = \1.id), '')"
)
_ADDRESS = (
    r"(address = '%' OR (SELECT c.email FROM contacts c WHERE c.id = \1.contact_id) LIKE address)"
)
_HOST = r"split_part(\1.email, '@', 2)"
# An agent sees the records of the campaigns assigned to them only.
_SHOWN = r"(\1.campaign_id IS NULL OR agent IS NULL OR \1.campaign_id = ANY (agents_campaigns))"


def _first(found: re.Match[str]) -> str:
    """The first contacts in reach whose column begins so, in its order, each with its place."""
    alias, key, table, _, column, start, after = found.groups()
    return (
        f"(SELECT x.id, row_number() OVER () AS place FROM (SELECT {alias}.{key} AS id"
        f" FROM {table} {alias} WHERE {alias}.tenant_id = tenant"
        f" AND {column} >= {start} AND {column} < {start} || {after}"
        f" ORDER BY {column} LIMIT 20000) x WHERE {{reach(x.id)}} LIMIT most)"
    )


def _reached(found: re.Match[str]) -> str:
    """Those of a sub-select that are in reach; after so many that are not, it ends."""
    return (
        f"(SELECT x.id FROM (SELECT id FROM {found[1]} LIMIT 20000) x"
        " WHERE {reach(x.id)} LIMIT most + cardinality(found))"
    )


def _read(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text()
