"""
The few protobuf bodies that kubectl sends whatever the server offers.

Typed clients POST reviews in protobuf; only their string fields are needed,
so this reads the wire format and knows the field numbers of those kinds.
"""

from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.kubernetes.statuses import ApiError, bad_request

MAGIC = b"k8s\x00"
_ATTRIBUTES = ("namespace", "verb", "group", "version", "resource", "subresource", "name")
_PATH_ATTRIBUTES = ("path", "verb")
_BYTES = 2

Fields = dict[int, bytes]


def read_protobuf(body: bytes) -> Manifest:
    """Return the review, eviction or options in *body*, which starts with `MAGIC`."""
    envelope = _fields(body[len(MAGIC) :])
    kind = _text(_fields(envelope.get(1, b"")), 2)
    spec = _fields(_fields(envelope.get(2, b"")).get(2, b""))
    match kind:
        case "SelfSubjectAccessReview":
            return {"spec": _access_spec(spec)}
        case "SelfSubjectRulesReview":
            return {"spec": {"namespace": _text(spec, 1)}}
        case "SelfSubjectReview":
            return {}
        case "Eviction":
            return {"deleteOptions": _delete_options(spec)}
        case "DeleteOptions":
            return _delete_options(_fields(envelope.get(2, b"")))
    raise ApiError(
        415,
        "UnsupportedMediaType",
        f"protobuf {kind or 'objects'} cannot be read here; send YAML with kubectl apply -f",
    )


def _delete_options(options: Fields) -> Manifest:
    named = {"propagationPolicy": _text(options, 4), "dryRun": [_text(options, 5)]}
    return {name: value for name, value in named.items() if value not in ("", [""])}


def _access_spec(spec: Fields) -> Manifest:
    if 1 in spec:
        return {"resourceAttributes": _named(_fields(spec[1]), _ATTRIBUTES)}
    return {"nonResourceAttributes": _named(_fields(spec.get(2, b"")), _PATH_ATTRIBUTES)}


def _named(fields: Fields, names: tuple[str, ...]) -> Manifest:
    return {name: _text(fields, number) for number, name in enumerate(names, 1) if number in fields}


def _text(fields: Fields, number: int) -> str:
    return fields.get(number, b"").decode("utf-8", "replace")


def _fields(message: bytes) -> Fields:
    """Return the length-delimited fields of one message, the last of each number."""
    found: Fields = {}
    position = 0
    try:
        while position < len(message):
            tag, position = _varint(message, position)
            length, position = _length(message, position, wire=tag & 7)
            if tag & 7 == _BYTES:
                found[tag >> 3] = message[position : position + length]
            position += length
    except (IndexError, KeyError) as cause:
        raise bad_request("the protobuf body is damaged") from cause
    return found


def _length(message: bytes, position: int, *, wire: int) -> tuple[int, int]:
    """Return how long the value of that wire type is, and where it starts."""
    if wire == 0:
        _, end = _varint(message, position)
        return end - position, position
    if wire == _BYTES:
        return _varint(message, position)
    return {1: 8, 5: 4}[wire], position


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
