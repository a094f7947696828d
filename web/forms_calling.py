# SPDX-License-Identifier: Apache-2.0
"""The part of a campaign's form that is about its agents: only what fits the chosen mode is sent.

The page hides the rest; without its styles nothing more happens than that more is shown.
"""

from typing import Any

from starlette.datastructures import FormData

from server.domain.campaigns.drivers import Driver
from server.domain.campaigns.modes import (
    BY_AGENT,
    MODES,
    OVER_DIALS,
    PACED,
    CampaignKind,
    DialMode,
    Dialway,
)
from server.i18n import N_, label, translate

Data = dict[str, Any]

NUMBERS = ("queueTimeout", "wrapUpSeconds", "abandonedHours", "obtainedPerClick", "mostOwned")
DECIMALS = ("powerLevel", "abandonedCap")
TEXTS = ("mode", "dialway", "callerId", "carrier")
# What has a meaning in some modes only.
FITS = {
    "queueTimeout": PACED,
    "powerLevel": frozenset({DialMode.POWER}),
    "abandonedCap": OVER_DIALS,
    "abandonedHours": OVER_DIALS,
    "wrapUpSeconds": frozenset(MODES[CampaignKind.QUEUE]),
    "dialway": frozenset({DialMode.AGENT_FIRST}),
    "mayObtain": BY_AGENT,
    "obtainedPerClick": BY_AGENT,
    "mostOwned": BY_AGENT,
}
DEFAULTS: Data = {
    "kind": CampaignKind.MOTION_BULL.value,
    "mode": DialMode.DIRECT.value,
    "powerLevel": 1,
    "abandonedCap": 3,
    "abandonedHours": 720,
    "wrapUpSeconds": 30,
    "queueTimeout": 3,
    "dialway": Dialway.OFF.value,
    "mayObtain": False,
    "obtainedPerClick": 20,
    "mostOwned": 50,
    "callerId": "",
    "carrier": Driver.SIMULATED.value,
}
WORDS = {
    DialMode.DIRECT: N_("Calls as lines are free. The exchange’s own voice has whoever answers."),
    DialMode.PREVIEW: N_("An agent looks at the contact first, and says when to call."),
    DialMode.PROGRESSIVE: N_("One call for each agent who is ready. Nobody waits."),
    DialMode.POWER: N_("A fixed number of calls for each agent who is ready."),
    DialMode.PREDICTIVE: N_("As many calls as will find an agent, by how calls went so far."),
    DialMode.AGENT_FIRST: N_("The agent’s telephone rings first, then their own customer’s."),
}


def mode_options(locale: str) -> list[Data]:
    """The modes with a sentence each."""
    return [
        {"value": mode.value, "label": label(locale, mode), "words": translate(locale, WORDS[mode])}
        for mode in DialMode
    ]


def dialway_options(locale: str) -> list[tuple[str, str]]:
    """How automatic dialing begins where the mode is about it (R-05)."""
    return [(way.value, label(locale, way)) for way in Dialway if way is not Dialway.OFF]


def carrier_options(locale: str, exchanges: list[Data]) -> list[tuple[str, str]]:
    """What can place the calls: the exchanges by name among the drivers that need none."""
    named = [(exchange["id"], exchange["name"]) for exchange in exchanges]
    simulated, external = (
        (driver.value, label(locale, driver)) for driver in (Driver.SIMULATED, Driver.EXTERNAL)
    )
    return [simulated, *named, external]


def shown_calling(campaign: Data) -> Data:
    """Numbers as one writes them: 3, not 3.0."""
    decimals = {name: f"{campaign[name]:g}" for name in DECIMALS}
    return decimals | {"carrier": campaign.get("exchangeId") or campaign["driver"]}


def typed_calling(form: FormData) -> Data:
    """What was typed, as it was."""
    typed: Data = {name: str(form[name]) for name in (*NUMBERS, *DECIMALS, *TEXTS) if name in form}
    if "has.mayObtain" in form:
        typed["mayObtain"] = "mayObtain" in form
    return typed


def given_calling(form: FormData) -> Data:
    """The input's decimals and choices; whole numbers are read with the others of the form."""
    if "mode" not in form:
        return {}
    mode = str(form["mode"])
    kind = CampaignKind.MOTION_BULL if mode == DialMode.DIRECT else CampaignKind.QUEUE
    given: Data = {"kind": kind.value, "mode": mode}
    given |= {name: str(form[name]) for name in ("callerId", "dialway") if name in form}
    given |= _carrier(str(form.get("carrier", "")))
    given |= {name: _decimal(str(form[name])) for name in DECIMALS if name in form}
    if "has.mayObtain" in form:
        given["mayObtain"] = "mayObtain" in form
    return {name: value for name, value in given.items() if fits(name, mode)}


def _carrier(chosen: str) -> Data:
    if not chosen:
        return {}
    if chosen in Driver.__members__:
        return {"driver": chosen}
    return {"driver": Driver.ASTERISK.value, "exchangeId": chosen}


def fits(name: str, mode: str) -> bool:
    """Whether the setting has a meaning in this mode."""
    return name not in FITS or mode in FITS[name]


def _decimal(text: str) -> float:
    """What is no number is sent as one that is always refused."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return -1.0
