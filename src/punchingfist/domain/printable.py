"""Outside text as a terminal may show it."""

import re

# What moves the cursor, sets the title or the clipboard, or turns the order of letters around.
_DRIVING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return *text* with U+FFFD in place of what drives a terminal; tabs and line ends stay."""
    return _DRIVING.sub("\N{REPLACEMENT CHARACTER}", text)


def escaped(text: str) -> str:
    """Return JSON *text* with what drives a terminal written as JSON escapes."""
    return _DRIVING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
