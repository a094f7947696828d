# SPDX-License-Identifier: Apache-2.0
"""`apiTokens`: made with scopes and an end, their secret in one answer only, revoked for good."""

from typing import Any

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.services.access import ViewerCache
from tests.factories.access import make_account, sign_in, viewer_of
from tests.schema.asking import Ask

FIELDS = "id name hint scopes userName isUsable lastUsedAt revokedAt"
TOKENS = f"{{ apiTokens {{ totalCount edges {{ node {{ {FIELDS} createdAt expiresAt }} }} }} }}"
TOKEN = f"query ($id: ID!) {{ apiToken(id: $id) {{ {FIELDS} }} }}"
CREATE = f"""mutation ($input: CreateApiTokenInput!) {{ result: createApiToken(input: $input) {{
  apiToken {{ {FIELDS} }} secret userErrors {{ code field message }} }} }}"""
REVOKE = """mutation ($input: RevokeApiTokenInput!) { result: revokeApiToken(input: $input) {
  apiToken { isUsable } userErrors { code field message } } }"""


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["field"]) for error in answer["data"]["result"]["userErrors"]]


async def test_the_secret_is_shown_once_and_opens_what_its_scopes_say(
    ask: Ask, viewer: Viewer, database: Database
) -> None:
    given = {"name": " CRM ", "scopes": ["lists.view", "contacts.view"], "days": 30}
    result = (await ask(CREATE, input=given))["data"]["result"]
    secret = result["secret"]
    assert secret.startswith("rub_")
    assert result["apiToken"] == {
        "id": result["apiToken"]["id"],
        "name": "CRM",
        "hint": secret[-4:],
        "scopes": ["contacts.view", "lists.view"],
        "userName": viewer.name,
        "isUsable": True,
        "lastUsedAt": None,
        "revokedAt": None,
    }
    cache = ViewerCache()
    bearer = await cache.viewer_of_token(database, secret)
    await cache.drain()  # "last used" is written beside the answer
    assert bearer is not None
    assert bearer.permissions == {Permission.CONTACTS_VIEW, Permission.LISTS_VIEW}
    assert f"token_{bearer.token_id}" == result["apiToken"]["id"]
    answer = await ask(TOKENS)
    assert secret not in str(answer)
    assert answer["data"]["apiTokens"]["edges"][0]["node"]["lastUsedAt"] is not None
    assert await ask(TOKENS, ordinary=True) == answer


async def test_each_fault_names_its_field(ask: Ask) -> None:
    for given, expected in (
        ({"name": ""}, [("REQUIRED", "name")]),
        ({"name": "x", "days": 0}, [("OUT_OF_RANGE", "days")]),
        ({"name": "x", "days": 366}, [("OUT_OF_RANGE", "days")]),
        ({"name": "x", "scopes": ["lists.fly"]}, [("INVALID", "scopes.0")]),
        ({"name": "x", "userId": "user_0"}, [("NOT_FOUND", "userId")]),
        ({"name": "x", "userId": "profile_1"}, [("NOT_FOUND", "userId")]),
    ):
        answer = await ask(CREATE, input=given)
        assert faults(answer) == expected, given
        assert answer["data"]["result"]["secret"] is None
    assert (await ask(TOKENS))["data"]["apiTokens"]["totalCount"] == 0


async def test_a_token_holds_no_more_than_its_user(
    ask: Ask, database: Database, tenant: int
) -> None:
    rights = (Permission.TOKENS_VIEW, Permission.TOKENS_CREATE)
    person = await viewer_of(database, tenant, Role.SUPERVISOR, rights)
    answer = await ask(CREATE, as_=person, input={"name": "x", "scopes": ["users.delete"]})
    assert ("ESCALATION", "scopes") in faults(answer)
    answer = await ask(CREATE, as_=person, input={"name": "all that I may"})
    bearer = await ViewerCache().viewer_of_token(database, answer["data"]["result"]["secret"])
    assert bearer is not None
    assert bearer.permissions == set(rights)


async def test_a_revoked_token_is_refused_from_the_next_request_on(
    ask: Ask, database: Database
) -> None:
    cache = ViewerCache()
    result = (await ask(CREATE, input={"name": "x"}))["data"]["result"]
    bearer = await cache.viewer_of_token(database, result["secret"])
    assert bearer is not None
    given = {"id": result["apiToken"]["id"]}
    for _ in range(2):
        answer = await ask(REVOKE, input=given)
        assert answer["data"]["result"] == {"apiToken": {"isUsable": False}, "userErrors": []}
    assert await cache.current(database, bearer) is None
    shown = (await ask(TOKEN, id=given["id"]))["data"]["apiToken"]
    assert (shown["isUsable"], shown["revokedAt"] is None) == (False, False)


async def test_supervisors_see_and_revoke_their_own_tokens_administrators_all(
    ask: Ask, viewer: Viewer, database: Database, tenant: int
) -> None:
    rights = tuple(p for p in Permission if p.subject == "tokens")
    account = await make_account(database, tenant, Role.SUPERVISOR, rights)
    _, person = await sign_in(database, account)
    theirs = (await ask(CREATE, as_=person, input={"name": "theirs"}))["data"]["result"]
    mine = (await ask(CREATE, input={"name": "mine"}))["data"]["result"]
    given = {"name": "for them", "userId": f"user_{account.user_id}"}
    for_them = (await ask(CREATE, input=given))["data"]["result"]["apiToken"]
    assert for_them["userName"] == account.name

    def names(answer: Any) -> list[str]:
        return [edge["node"]["name"] for edge in answer["data"]["apiTokens"]["edges"]]

    assert names(await ask(TOKENS)) == ["for them", "mine", "theirs"]
    for ordinary in (False, True):
        assert names(await ask(TOKENS, as_=person, ordinary=ordinary)) == ["for them", "theirs"]
    not_theirs = {"id": mine["apiToken"]["id"]}
    assert (await ask(TOKEN, as_=person, **not_theirs))["data"]["apiToken"] is None
    assert faults(await ask(REVOKE, as_=person, input=not_theirs)) == [("NOT_FOUND", "id")]
    assert faults(await ask(REVOKE, as_=person, input={"id": theirs["apiToken"]["id"]})) == []
    escalated = {"name": "x", "userId": f"user_{viewer.user_id}"}
    assert faults(await ask(CREATE, as_=person, input=escalated)) == [("ESCALATION", "userId")]
