# SPDX-License-Identifier: Apache-2.0
"""The claim in SQL: the first due entries, locked; and the calls that they become."""

from server.domain.campaigns import DialOrder
from server.services.blacklists import NUMBER_STOPPED, PERSON_STOPPED
from server.services.dialer.lanes import For, due

_OF_CALL = {
    "tenant": "due.tenant_id",
    "campaign": "$1",
    "list": "due.list_id",
    "is_callback": "due.is_callback",
}
_STOPPED = " OR ".join(
    (
        NUMBER_STOPPED.format(number="due.current_number", **_OF_CALL),
        PERSON_STOPPED.format(contact="due.contact_id", **_OF_CALL),
    )
)
# Of two entries that want one number the first has it. An entry whose number is blacklisted goes
# through the dial machine, and so does one that wants a number which such an entry may go on to.
_RANKED = """
WITH {due}, ranked AS MATERIALIZED (
  SELECT due.*, row_number() OVER (ORDER BY {sorted}) AS rank,
    row_number() OVER (PARTITION BY current_number ORDER BY {sorted}) AS of_number,
    {stopped} AS is_stopped
  FROM due
), contested AS (
  SELECT p.number FROM ranked JOIN hopper_phones p ON p.entry_id = ranked.id
  WHERE ranked.is_stopped AND ranked.of_number = 1
  UNION ALL SELECT number FROM hopper_phones WHERE entry_id = ANY($5::bigint[])
)"""
_TAKEN = """state_before_claim = e.state, state = 'DIALING', claimed_at = $2,
    claim_token = gen_random_uuid(), is_originate_confirmed = false, agent_id = NULL"""
_COLUMNS = """e.id, e.claim_token, e.contact_id, e.current_number, e.current_position, e.round,
  e.total_attempts, e.lease_until, e.owner_id, e.is_owner_only, p.item_type_name, p.phone_id"""
_CLAIM = f"""{_RANKED}, claimed AS (
  UPDATE hopper_entries e SET {_TAKEN}, lease_until = clock_timestamp() + $6::interval,
    claim_evidence = $7::jsonb
  FROM ranked
  WHERE e.id = ranked.id AND ranked.of_number = 1
    AND e.current_number NOT IN (SELECT number FROM contested)
  RETURNING e.*, ranked.rank
)
SELECT e.rank, 1 AS of_number, {_COLUMNS}
FROM claimed e LEFT JOIN hopper_phones p ON p.entry_id = e.id AND p.number = e.current_number
UNION ALL
SELECT ranked.rank, ranked.of_number, ranked.id, NULL, NULL, ranked.current_number, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL
FROM ranked WHERE of_number > 1 OR current_number IN (SELECT number FROM contested)
ORDER BY rank
"""
_LOCK = f"""{_RANKED}
SELECT r.id, r.of_number, r.contact_id, r.list_id, r.current_number, r.is_callback, r.owner_id,
  r.is_owner_only, r.current_position, r.round, r.total_attempts, p.item_type_name, p.phone_id,
  r.current_number IN (SELECT number FROM contested) AS is_for_machine
FROM ranked r LEFT JOIN hopper_phones p ON p.entry_id = r.id AND p.number = r.current_number
ORDER BY rank
"""
TAKE = f"""
UPDATE hopper_entries e SET {_TAKEN}, lease_until = clock_timestamp() + $3::interval,
  claim_evidence = u.evidence::jsonb
FROM unnest($1::bigint[], $4::text[]) AS u(id, evidence)
WHERE e.id = u.id RETURNING e.id, e.claim_token, e.lease_until
"""
"""Claims the locked entries $1 at $2, with a lease of $3 and why each may call now, $4."""

CALLS = f"""
SELECT {_COLUMNS} FROM hopper_entries e
JOIN hopper_phones p ON p.entry_id = e.id AND p.number = e.current_number
WHERE e.id = ANY($1::bigint[])
"""


def _statement(template: str, order: DialOrder, whom: For, agents: str) -> str:
    cte, ordered = due(order, whom, agents)
    return template.format(due=cte, sorted=ordered, stopped=_STOPPED)


CLAIM = {
    (order, whom): _statement(_CLAIM, order, whom, "$8") for order in DialOrder for whom in For
}
"""Claims up to $3 due entries of campaign $1 at $2, but for the numbers $4 and the entries $5 of
this batch; $6 the lease, $7 why they may call now, $8 the agents. Rows without a token were not
claimed: they go through the machine, or their number is wanted by an earlier one."""

LOCK = {(order, whom): _statement(_LOCK, order, whom, "$6") for order in DialOrder for whom in For}
"""The same entries, locked and not claimed: the gate is asked about them first; $6 the agents."""
