"""What secrets look like in running text, by what stands beside them."""

import re

from punchingfist.domain.guardrails.redaction_shapes import PLACEHOLDER, redact_shapes, replaced

_AUTHORIZATION = re.compile(
    r"(?P<before>\b(?:proxy-)?authorization\\?[\"']?\s*[:=]\s*(?:\[(?!redacted)|\()?\\?[\"']?"
    r"(?:(?:bearer|basic|token|apikey|digest)\s++)?+)(?P<value>[^\s\"',;\\\[\])]+)",
    re.IGNORECASE,
)
_BEARER = re.compile(
    r"(?P<before>\bbearer\s+)(?P<value>(?=\S*\d)[\w.~+/=-]{8,}|[\w.~+/=-]{20,})", re.IGNORECASE
)
_COOKIE = re.compile(
    r"(?P<before>\b(?:set-)?cookie\\?[\"']?:\s*\\?[\"']?)(?P<value>[^\s\"'\\=]*=[^\r\n\"'\\]+)",
    re.IGNORECASE,
)
# A registry's login in a Docker configuration: user and password in base64.
_LOGIN = re.compile(
    r"(?P<before>\b_?auth\\?[\"']?\s*[:=]\s*\\?[\"']?)(?P<value>(?=\S*[A-Z])(?=\S*[a-z])[A-Za-z0-9+/]{12,}={0,2})"
    r"(?=[\"'\\\s]|$)"
)
_SPOKEN = re.compile(
    r"(?P<before>\bpassw(?:or)?d\s+(?:is\s+)?[\"']?)"
    r"(?P<value>(?=[^\s\"']*\d)(?=[^\s\"']*[A-Za-z])[^\s\"']{8,})",
    re.IGNORECASE,
)
_COMMANDS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<before>\brequirepass\s+)(?P<value>\S+)",
        r"(?P<before>\bredis-cli\b[^\n|;]{0,200}?\s-a\s+)(?P<value>[^\s-]\S*)",
        r"(?P<before>\b(?:mysql|mariadb)\w*\b[^\n|;]{0,200}?\s-p)(?P<value>[^\s-]\S*)",
        r"(?P<before>\bcurl\b[^\n|;]{0,400}?\s(?:-u|--user)[ =][^\s:]{1,100}:)(?P<value>\S+)",
    )
)

_CALLED = (
    r"passw(?:or[dt])?|passphrase|pwd|secret|token|credential|api[_.-]?key|access[_.-]?key"
    r"|(?:private|signing|encryption|client|routing|auth|account|master|jwt|ssh|license)[_.-]?key"
    r"|bearer|dsn\b|connection[_.-]?string|session_?id"
)
_SECRETISH = re.compile(rf"{_CALLED}|(?:^|[_.-])(?:pass|pw|otp|salt)$", re.IGNORECASE)
# Without one of these no line is searched further.
_HINT = re.compile(
    rf"{_CALLED}|(?:\b|_)(?:pass|pw|otp|salt|auth)\b|authorization|cookie|requirepass"
    r"|redis-cli|mysql|mariadb|curl",
    re.IGNORECASE,
)
# Names of things about a secret, not of one: secretName, tokenPath, max_tokens, passwordPolicy.
_ABOUT = re.compile(
    r"(?:name|names|ref|refs|path|file|dir|mount|type|kind|(?<!session_)(?<!session)id|ids|count"
    r"|seconds|expiry|expiration|ttl|policy|length|size|limit|url|uri|endpoint|host|port|version"
    r"|tokens|secrets|enabled|required|hash_?cost)$",
    re.IGNORECASE,
)
_CERTAIN = re.compile(r"passw(?:or[dt])?|passphrase|pwd", re.IGNORECASE)
_CERTAIN_END = re.compile(rf"(?:{_CERTAIN.pattern})$", re.IGNORECASE)
_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_ENCODED_LOGIN = re.compile(r"(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9+/]{12,}={0,2}")

# Bounded and anchored, so that a megabyte without a space costs no more than one with.
# Only a telling key takes what follows: in "says: password: x" the first one must leave it alone.
_TELLING = rf"(?=[\w.-]{{0,100}}?(?i:{_CALLED}|pass|pw|otp|salt))"
_KEY = rf"(?<![\w.-]){_TELLING}(?P<key>[\w.-]{{1,100}}+)"
_QUOTED = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
# key=value, "key": "value", --key value; in prose a colon proves nothing, see _colon below.
_ASSIGNED = re.compile(
    rf"(?P<before>{_KEY}\\?[\"']?\s?=>?\s?)(?P<value>{_QUOTED}|\\\"[^\"\\]*|[^\s\"',;&\\]+)"
)
_IN_JSON = re.compile(
    rf"(?P<before>[\"']{_KEY}(?P<slashes>\\*)[\"']\s*:\s*)"
    rf"(?P<value>{_QUOTED}|\\+\"[^\"\\]*|-?\d[\w.]*)"
)
# {"name": "DB_PASSWORD", "value": "..."}, a variable of a container
_VARIABLE = re.compile(
    rf"(?P<before>[\"']name\\*[\"']\s*:\s*\\*[\"']{_KEY}\\*[\"']\s*,\s*\\*[\"']value\\*[\"']\s*:\s*)"
    rf"(?P<value>{_QUOTED}|\\+\"[^\"\\]*)"
)
_KIND_SECRET = re.compile(r"[\"']kind\\*[\"']\s*:\s*\\*[\"']Secret\\*[\"']")
_SECRET_DATA = re.compile(
    r"(?P<before>[\"'](?:data|stringData)\\*[\"']\s*:\s*\{)(?P<value>[^{}\n]*)(?=\})"
)
_ELEMENT = re.compile(r"(?P<before><(?P<key>[\w.-]{1,100})>)(?P<value>[^<>\n]{1,1000})(?=</)")
_OPTION = re.compile(
    rf"(?P<before>(?<!\S)--(?P<key>[\w.-]{{1,100}}+)\s+)(?P<value>{_QUOTED}|[^\s\"'-][^\s\"']*)"
)
_LINE = re.compile(
    rf"(?P<before>^[^\S\n]*(?:- )?[\"']?{_KEY}[\"']?:(?P<space>[^\S\n]+))"
    r"(?P<value>[^\s].*?)(?P<after>\s*)$"
)
_COLON = re.compile(
    rf"(?P<before>{_KEY}:(?P<space>\s?))(?P<value>{_QUOTED}|[^\s\"',;{{\[\]}}()][^\s\"',;\]}})]*)"
)
_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.~+/=!@#$%^*-]{8,}")
_PLAIN = re.compile(
    r"<.*|\$[({].*|\[redacted\].*|\*+|true|false|null|none|nil|yes|no|[|>][+-]?|[\[{].*",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def is_secret_name(name: str) -> bool:
    """Tell whether what goes by *name* should not be read, `DB_PASSWORD` for one."""
    return bool(_SECRETISH.search(name)) and not _ABOUT.search(name)


def is_secret_field(name: str, value: str) -> bool:
    """Tell whether *value* should not be read because of its *name* or what both are together."""
    if name.lower() in _HEADERS:
        return True
    is_login = name in {"auth", "_auth"} and _ENCODED_LOGIN.fullmatch(value)
    return bool(is_login) or is_secret_name(name)


def is_certain_name(name: str) -> bool:
    """Tell whether even a number that goes by *name* is a secret."""
    return bool(_CERTAIN.search(name)) and is_secret_name(name)


def redact_patterns(text: str) -> str:
    """Return *text* without what looks like a secret or is called one."""
    text = redact_shapes(text)
    if not _HINT.search(text):
        return text
    return "\n".join(_clean(line) if _HINT.search(line) else line for line in text.split("\n"))


def _clean(line: str) -> str:
    plain = _COLOUR.sub("", line) if "\x1b" in line else line
    clean = _without_secrets(plain)
    return line if clean == plain else clean


def _without_secrets(line: str) -> str:
    for pattern in (_AUTHORIZATION, _BEARER, _COOKIE, _LOGIN, *_COMMANDS):
        line = pattern.sub(replaced, line)
    if _KIND_SECRET.search(line):
        line = _SECRET_DATA.sub(replaced, line)
    for pattern in (_VARIABLE, _IN_JSON, _ASSIGNED, _OPTION, _ELEMENT):
        line = pattern.sub(_named, line)
    line = _LINE.sub(_line, line)
    return _SPOKEN.sub(replaced, _COLON.sub(_colon, line))


def _named(found: re.Match[str]) -> str:
    if not is_secret_name(found["key"]) or _is_harmless(found["key"], found["value"]):
        return found[0]
    return found["before"] + _in_quotes(found["value"])


def _line(found: re.Match[str]) -> str:
    """A whole line `key: value` is configuration when the value is one word, quoted or in a column."""
    value = found["value"]
    is_one = not re.search(r"\s", value) or value[0] in "\"'" or len(found["space"]) > 1
    certain = is_one or _CERTAIN.search(found["key"])
    if not certain or not is_secret_name(found["key"]) or _is_harmless(found["key"], value):
        return found[0]
    return found["before"] + _in_quotes(value) + found["after"]


def _colon(found: re.Match[str]) -> str:
    """In prose, "invalid token: expired" is no secret and "password: hunter2" is one."""
    if not found["space"]:  # an image, password-store:v1.2.3, or a field, {Password:hunter2}
        return _named(found) if _CERTAIN_END.search(found["key"]) else found[0]
    certain = _CERTAIN.search(found["key"]) or _RANDOM.fullmatch(found["value"].strip("\"'"))
    return _named(found) if certain else found[0]


def _is_harmless(key: str, value: str) -> bool:
    bare = value.strip("\\\"'")
    counts = bare.isdecimal() and not _CERTAIN.search(key)
    is_folder = bare.startswith("/") and key.lower() in {"pwd", "oldpwd"}
    return not bare or counts or is_folder or bool(_PLAIN.fullmatch(bare))


def _in_quotes(value: str) -> str:
    if opening := re.match(r'\\+"', value):
        return opening[0] + PLACEHOLDER
    is_quoted = len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]
    return value[0] + PLACEHOLDER + value[0] if is_quoted else PLACEHOLDER
