# SPDX-License-Identifier: Apache-2.0
"""SQL over the calls that are up, which is asked about every call that would be made.

Seldom is anybody in a call when statistics are taken, so that any index of the calls that are up
looks as good as another: a plan may read them all for each question. A range in an order belongs
to one index alone, where sorts are switched off as in the dialer's transactions.
"""

UP = "{e}.state IN ('DIALING', 'CONNECTED')"
# No row with the tenant in it: row-level security names the tenant as well, and a search that has
# a value for the first column of an index begins with that alone.
OF_NUMBER = f"""{{e}}.tenant_id = {{tenant}} AND {{e}}.current_number >= {{number}}
  AND {{e}}.current_number <= {{number}} AND {UP}"""
BY_NUMBER = "ORDER BY {e}.current_number"
OF_PERSON = f"""({{e}}.contact_id, {{e}}.campaign_id) >= ({{contact}}, 0)
  AND ({{e}}.contact_id, {{e}}.campaign_id) <= ({{contact}}, 9223372036854775807) AND {UP}"""
BY_PERSON = "ORDER BY {e}.contact_id, {e}.campaign_id"


def number_is_up(alias: str, *, tenant: str, number: str, but: str = "") -> str:
    """SQL, whether a number is in a call. A scalar subquery and no EXISTS: it stays a look-up a
    row under every plan."""
    where = OF_NUMBER.format(e=alias, tenant=tenant, number=number)
    order = BY_NUMBER.format(e=alias)
    return f"""(SELECT 1 FROM hopper_entries {alias} WHERE {where} {but} {order} LIMIT 1)
      IS NOT NULL"""


def person_is_up(alias: str, *, contact: str, but: str = "") -> str:
    """SQL, whether a person is in a call, on whatever number."""
    where = OF_PERSON.format(e=alias, contact=contact)
    order = BY_PERSON.format(e=alias)
    return f"""(SELECT 1 FROM hopper_entries {alias} WHERE {where} {but} {order} LIMIT 1)
      IS NOT NULL"""
