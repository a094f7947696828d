# SPDX-License-Identifier: Apache-2.0
"""Users: inputs onto services."""

from typing import Any

from server.context import Context
from server.domain.permissions import Role
from server.i18n import label
from server.planner import reference
from server.resolvers.inputs import Given, take_key
from server.services import users

NAME = "User"


def role_label(locale: str, role: str) -> str:
    return label(locale, Role(role))


async def create(context: Context, given: Given) -> dict[str, Any]:
    _take_profile(given)
    async with context.writing() as session:
        row = await users.create_user(session, context.require(None), users.UserInput(**given))
    return {"user": reference(NAME, row.id)}


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    _take_profile(given)
    async with context.writing() as session:
        row = await users.edit_user(session, context.require(None), key, users.UserEdit(**given))
    return {"user": reference(NAME, row.id)}


async def deactivate(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await users.deactivate_user(session, context.require(None), key, **given)
    return {"user": reference(NAME, row.id)}


async def reactivate(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await users.reactivate_user(session, context.require(None), key, **given)
    return {"user": reference(NAME, row.id)}


async def set_password(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await users.set_password(session, context.require(None), key, **given)
    return {"user": reference(NAME, row.id)}


async def end_sessions(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        ended = await users.end_sessions(session, context.require(None), key)
    return {"user": reference(NAME, key), "sessions_ended": ended}


def _take_profile(given: Given) -> None:
    """The profile's global id as its key; null stays null, which takes the profile away."""
    if given.get("profile_id") is not None:
        given["profile_id"] = take_key(given, "profile_id", "Profile", "profileId")
