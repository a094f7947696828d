# SPDX-License-Identifier: Apache-2.0
"""What a User-Agent header means to the person who reads their list of sessions."""

import re

# In this order: most browsers claim to be several others as well.
PROGRAMS = {
    "Edg(?:e|A|iOS)?/": "Edge",
    "OPR/|Opera": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/|FxiOS/": "Firefox",
    "(?:Headless)?Chrome/|CriOS/": "Chrome",
    "Safari/": "Safari",
    "curl/": "curl",
}
SYSTEMS = {
    "iPhone|iPad": "iOS",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X|Macintosh": "macOS",
    "Linux": "Linux",
}


def program_of(user_agent: str) -> str:
    """“Firefox, Windows”; the header's own beginning where it is neither known."""
    known = [
        next((name for pattern, name in names.items() if re.search(pattern, user_agent)), "")
        for names in (PROGRAMS, SYSTEMS)
    ]
    return ", ".join(filter(None, known)) or user_agent[:40]
