import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.lab.kubernetes.protobuf import MAGIC, read_protobuf
from punchingfist.lab.kubernetes.statuses import ApiError


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def _sent(kind: bytes, spec: bytes) -> bytes:
    return MAGIC + _field(1, _field(2, kind)) + _field(2, _field(2, spec))


def test_an_access_review_is_read() -> None:
    attributes = _field(1, b"shop") + _field(2, b"get") + _field(5, b"pods")

    review = read_protobuf(_sent(b"SelfSubjectAccessReview", _field(1, attributes)))

    assert review["spec"]["resourceAttributes"] == {
        "namespace": "shop",
        "verb": "get",
        "resource": "pods",
    }


def test_numbers_between_the_texts_are_stepped_over() -> None:
    options = b"\x08\x9e\x01" + b"\x21" + bytes(8) + b"\x35" + bytes(4) + _field(5, b"All")

    eviction = read_protobuf(_sent(b"Eviction", options))

    assert eviction == {"deleteOptions": {"dryRun": ["All"]}}


def test_other_kinds_are_refused_with_what_to_do() -> None:
    with pytest.raises(ApiError, match="protobuf Deployment cannot be read here; send YAML"):
        read_protobuf(_sent(b"Deployment", b""))


@given(st.binary(max_size=40))
def test_damaged_bytes_are_refused_and_never_crash(damaged: bytes) -> None:
    with pytest.raises(ApiError):
        read_protobuf(MAGIC + damaged)
