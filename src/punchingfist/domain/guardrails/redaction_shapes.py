"""Secrets that can be told by their own shape or place, whatever stands beside them."""

import re
from typing import Final

PLACEHOLDER: Final = "[redacted]"

# What issuers give their secrets so that they can be told: how words begin,
_WORDS: Final = (
    # a private key in base64; certificates and public keys may be read
    r"LS0tLS1CRUdJTi(?!BDRVJU|BQVUJM)[A-Za-z0-9+/=]{8,}",
    r"eyJ[\w-]{8,}\.[\w-]{4,}\.?[\w-]*",
    r"(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}\b",
    r"xox[a-z]-[\w-]{8,}",
    r"xapp-[\w-]{8,}",
    r"gh[opsur]_\w{20,}",
    r"github_pat_\w{20,}",
    r"glpat-[\w-]{16,}",
    r"npm_\w{30,}",
    r"pypi-AgEI[\w-]{16,}",
    r"AIza[\w-]{35}",
    r"SG\.[\w-]{16,}\.[\w-]{16,}",
    r"dop_v1_\w{32,}",
    r"hf_\w{24,}",
    r"sk-[\w-]{20,}",
    r"[rs]k_(?:live|test)_\w{16,}",
    r"whsec_\w{16,}",
    r"hv[bs]\.[\w-]{20,}",
)
# and what needs no beginning of a word.
_ANYWHERE: Final = (
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----.{0,20000}?-----END [A-Z ]{4,30}-----",
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----[\sA-Za-z0-9+/=\\]{0,20000}",
    r"(?<=hooks\.slack\.com/services/)[\w/]+",
    r"(?<=hooks\.slack\.com/workflows/)[\w/]+",
    r"(?<=hooks\.slack\.com/triggers/)[\w/]+",
    r"(?<=/api/webhooks/)\d+/[\w-]+",
    r"(?<=/IncomingWebhook/)[\w/-]+",
    r"(?<=/bot)\d{4,}:[\w-]{16,}",
    r"\$(?:apr1|2[abxy]|5|6)\$[\w./$]{10,}",
)
_SHAPED: Final = re.compile(rf"\b(?:{'|'.join(_WORDS)})|{'|'.join(_ANYWHERE)}", re.DOTALL)

_PLACES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # scheme://user:SECRET@host, and a long user that is a token itself
        r"(?P<before>://[^\s:/@\"'<>]{0,200}:)(?P<value>[^\s/\"'<>]{1,400})(?=@)",
        r"(?P<before>://)(?P<value>(?=[\w-]*\d)[\w-]{16,200})(?=@)",
        # Go's MySQL and Oracle's JDBC addresses
        r"(?P<before>\b[\w.-]{1,64}:)(?P<value>[^\s:@/\"']{1,200})(?=@(?:tcp|unix)\()",
        r"(?P<before>:thin:[\w.-]{1,64}/)(?P<value>[^\s@\"']{1,200})(?=@)",
        r"(?P<before>[?&][\w-]{0,30}?sig(?:nature)?=)(?P<value>[^\s&\"'<>#]{6,})",
        r"(?P<before>[?&]key=)(?P<value>(?=[\w-]*\d)[\w-]{16,})",
    )
)


def redact_shapes(text: str) -> str:
    """Return *text* without what can be nothing but a secret."""
    text = _SHAPED.sub(PLACEHOLDER, text)
    if "@" in text or "=" in text:
        for pattern in _PLACES:
            text = pattern.sub(replaced, text)
    return text


def replaced(found: re.Match[str]) -> str:
    """Return what was *found* with its `value` taken out."""
    return found["before"] + PLACEHOLDER
