"""What secrets look like in running text."""

import re

PLACEHOLDER = "[redacted]"

# What issuers give their secrets so that they can be told: these need no name beside them.
_SHAPES = (
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----.{0,20000}?-----END [A-Z ]{0,20}PRIVATE KEY-----",
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\sA-Za-z0-9+/=\\]{0,20000}",
    r"\beyJ[\w-]{8,}\.[\w-]{4,}\.?[\w-]*",
    r"\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}\b",
    r"\bxox[a-z]-[\w-]{8,}",
    r"\bxapp-[\w-]{8,}",
    r"(?<=hooks\.slack\.com/services/)[\w/]+",
    r"\bgh[opsur]_\w{20,}",
    r"\bgithub_pat_\w{20,}",
    r"\bglpat-[\w-]{16,}",
    r"\bAIza[\w-]{35}",
    r"\bsk-[\w-]{20,}",
    r"\b[rs]k_(?:live|test)_\w{16,}",
    r"\bhv[bs]\.[\w-]{20,}",
)
_SHAPED = re.compile("|".join(_SHAPES), re.DOTALL)

_AUTHORIZATION = re.compile(
    r"(?P<before>\b(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?"
    r"(?:(?:bearer|basic|token|apikey|digest)\s+)?)(?P<value>[^\s\"',;]+)",
    re.IGNORECASE,
)
_BEARER = re.compile(
    r"(?P<before>\bbearer\s+)(?P<value>(?=\S*\d)[\w.~+/=-]{8,}|[\w.~+/=-]{20,})", re.IGNORECASE
)
_COOKIE = re.compile(r"(?P<before>\b(?:set-)?cookie:\s*)(?P<value>[^\r\n]+)", re.IGNORECASE)
_IN_URL = re.compile(
    r"(?P<before>://[^\s:/@\"'<>]{0,200}:)(?P<value>[^\s/\"'<>]{1,400})(?=@)", re.IGNORECASE
)

_SECRETISH = re.compile(
    r"passw(?:or)?d|passphrase|pwd|secret|token|credential|api[_.-]?key|access[_.-]?key"
    r"|private[_.-]?key|signing[_.-]?key|encryption[_.-]?key|client[_.-]?key|routing[_.-]?key"
    r"|auth[_.-]?key|bearer|dsn\b|connection[_.-]?string",
    re.IGNORECASE,
)
_HINT = re.compile(rf"{_SECRETISH.pattern}|authorization|cookie", re.IGNORECASE)
# Names of things about a secret, not of one: secretName, tokenPath, max_tokens, passwordPolicy.
_ABOUT = re.compile(
    r"(?:name|names|ref|refs|path|file|dir|mount|type|kind|id|ids|count|seconds|expiry|expiration"
    r"|ttl|policy|length|size|limit|url|uri|endpoint|host|port|version|tokens|secrets|enabled"
    r"|required|hash_?cost)$",
    re.IGNORECASE,
)
_CERTAIN = re.compile(r"passw(?:or)?d|passphrase|pwd", re.IGNORECASE)

# Bounded and anchored, so that a megabyte without a space costs no more than one with.
_KEY = r"(?<![\w.-])(?P<key>[\w.-]{1,100}+)"
_QUOTED = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
# key=value, "key": "value", --key value; in prose a colon proves nothing, see _colon below.
_ASSIGNED = re.compile(
    rf"(?P<before>{_KEY}\\?[\"']?\s?=\s?)(?P<value>{_QUOTED}|\\\"[^\"\\]*|[^\s\"',;&\\]+)"
)
_IN_JSON = re.compile(
    rf"(?P<before>[\"']{_KEY}\\?[\"']\s*:\s*)(?P<value>{_QUOTED}|\\\"[^\"\\]*|-?\d[\w.]*)"
)
_OPTION = re.compile(
    rf"(?P<before>(?<!\S)--(?P<key>[\w.-]{{1,100}}+)\s+)(?P<value>{_QUOTED}|[^\s\"'-][^\s\"']*)"
)
_LINE = re.compile(
    rf"(?P<before>^[^\S\n]*(?:- )?[\"']?{_KEY}[\"']?:[^\S\n]+)(?P<value>[^\s].*?)(?P<after>\s*)$"
)
_COLON = re.compile(rf"(?P<before>{_KEY}:\s)(?P<value>{_QUOTED}|[^\s\"',;]+)")
_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.~+/=!@#$%^*-]{8,}")
_PLAIN = re.compile(
    r"<.*|\$[({].*|\[redacted\].*|\*+|true|false|null|none|nil|yes|no|[|>][+-]?|[\[{].*",
    re.IGNORECASE,
)


def is_secret_name(name: str) -> bool:
    """Tell whether what goes by *name* should not be read, `DB_PASSWORD` for one."""
    return bool(_SECRETISH.search(name)) and not _ABOUT.search(name)


def redact_patterns(text: str) -> str:
    """Return *text* without what looks like a secret or is called one."""
    text = _IN_URL.sub(_replace, _SHAPED.sub(PLACEHOLDER, text))
    if not _HINT.search(text):
        return text
    return "\n".join(_clean(line) if _HINT.search(line) else line for line in text.split("\n"))


def _replace(found: re.Match[str]) -> str:
    return found["before"] + PLACEHOLDER


def _clean(line: str) -> str:
    for pattern in (_AUTHORIZATION, _BEARER, _COOKIE):
        line = pattern.sub(_replace, line)
    for pattern in (_IN_JSON, _ASSIGNED, _OPTION):
        line = pattern.sub(_named, line)
    line = _LINE.sub(_line, line)
    return _COLON.sub(_colon, line)


def _named(found: re.Match[str]) -> str:
    if not is_secret_name(found["key"]) or _is_harmless(found["key"], found["value"]):
        return found[0]
    return found["before"] + _in_quotes(found["value"])


def _line(found: re.Match[str]) -> str:
    """A whole line `key: value` is configuration when the value is one word or quoted."""
    value = found["value"]
    is_one = not re.search(r"\s", value) or value[0] in "\"'" or _CERTAIN.search(found["key"])
    if not is_one or not is_secret_name(found["key"]) or _is_harmless(found["key"], value):
        return found[0]
    return found["before"] + _in_quotes(value) + found["after"]


def _colon(found: re.Match[str]) -> str:
    """In prose, "invalid token: expired" is no secret and "password: hunter2" is one."""
    certain = _CERTAIN.search(found["key"]) or _RANDOM.fullmatch(found["value"].strip("\"'"))
    return _named(found) if certain else found[0]


def _is_harmless(key: str, value: str) -> bool:
    bare = value.strip("\\\"'")
    counts = bare.isdecimal() and not _CERTAIN.search(key)
    is_folder = bare.startswith("/") and key.lower() in {"pwd", "oldpwd"}
    return not bare or counts or is_folder or bool(_PLAIN.fullmatch(bare))


def _in_quotes(value: str) -> str:
    if value.startswith('\\"'):
        return f'\\"{PLACEHOLDER}'
    is_quoted = len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]
    return value[0] + PLACEHOLDER + value[0] if is_quoted else PLACEHOLDER
