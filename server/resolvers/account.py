# SPDX-License-Identifier: Apache-2.0
"""One's own account: inputs onto services, and the viewer as the API shows one."""

from typing import Any

from server.context import Context
from server.i18n import label
from server.planner import global_id, reference
from server.resolvers.inputs import Given, take_key
from server.services import account, tenants


async def centre(context: Context) -> str | None:
    tenant_id = None if context.viewer is None else context.viewer.tenant_id
    async with context.writing() as session:
        return await tenants.centre_name(session, tenant_id)


async def viewer(context: Context) -> dict[str, Any] | None:
    found = context.viewer
    if found is None:
        return None
    session, token = found.session_id, found.token_id
    return {
        "id": global_id("user", found.user_id),
        "name": found.name,
        "fullName": found.full_name,
        "role": found.role,
        "roleLabel": label(context.locale, found.role),
        "permissions": sorted(found.permissions),
        "locale": found.locale,
        "timezone": found.timezone,
        "theme": found.theme,
        "density": found.density,
        "region": found.region,
        "sessionId": None if session is None else global_id("session", session),
        "tokenId": None if token is None else global_id("token", token),
    }


async def log_out(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        await account.log_out(session, context.require(None))
    return {"logged_out": True}


async def edit_preferences(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        await account.edit_preferences(
            session, context.require(None), account.PreferencesEdit(**given)
        )
    if context.refresh is not None:
        context.viewer = await context.refresh()
    return {"viewer": await viewer(context)}


async def change_password(context: Context, given: Given) -> dict[str, Any]:
    current, new = given["current_password"], given["new_password"]
    ended = await account.change_password(context.database, context.require(None), current, new)
    return {"sessions_ended": ended}


async def end_session(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", "Session")
    async with context.writing() as session:
        await account.end_session(session, context.require(None), key)
    return {"sessions_ended": 1}


async def end_other_sessions(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        ended = await account.end_other_sessions(session, context.require(None))
    return {"sessions_ended": ended}


async def create_token(context: Context, given: Given) -> dict[str, Any]:
    if "user_id" in given:
        given["user_id"] = take_key(given, "user_id", "User", "userId")
    async with context.writing() as session:
        created = await account.create_token(
            session, context.require(None), account.TokenInput(**given)
        )
    return {"api_token": reference("ApiToken", created.token.id), "secret": created.secret}


async def revoke_token(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", "ApiToken")
    async with context.writing() as session:
        token = await account.revoke_token(session, context.require(None), key)
    return {"api_token": reference("ApiToken", token.id)}
