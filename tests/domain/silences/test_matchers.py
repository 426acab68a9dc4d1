import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.silences.matchers import (
    Match,
    Matcher,
    parse_matcher,
    parse_matchers,
    render_matchers,
)
from punchingfist.errors import InvalidInput

NAMES = st.text('ab_é. ~=,"\\\n', min_size=1, max_size=6)
VALUES = st.text('ab"\\,{}=\n ~', max_size=8)
MATCHERS = st.builds(Matcher, NAMES, st.sampled_from([Match.EQUAL, Match.NOT_EQUAL]), VALUES)


@given(st.lists(MATCHERS, max_size=4))
def test_what_is_rendered_is_read_back(matchers: list[Matcher]) -> None:
    assert parse_matchers(render_matchers(matchers)) == tuple(matchers)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("foo=bar", Matcher("foo", Match.EQUAL, "bar")),
        ('foo = "bar"', Matcher("foo", Match.EQUAL, "bar")),
        ('foo!~"a|b"', Matcher("foo", Match.UNLIKE, "a|b")),
        ("foo=~a,b", None),
        ('foo=~"a,b"', Matcher("foo", Match.LIKE, "a,b")),
        ("foo!=", Matcher("foo", Match.NOT_EQUAL, "")),
        (r'foo="say \"hi\"\n"', Matcher("foo", Match.EQUAL, 'say "hi"\n')),
        ('"größe.x"=1', Matcher("größe.x", Match.EQUAL, "1")),
        ("foo=bar=baz", Matcher("foo", Match.EQUAL, "bar=baz")),
    ],
)
def test_matchers_are_read_as_amtool_writes_them(text: str, wanted: Matcher | None) -> None:
    if wanted is None:
        with pytest.raises(InvalidInput, match="bad matcher format: b"):
            parse_matchers(text)
    else:
        assert parse_matchers(f"{{{text}}}") == (wanted,)


@pytest.mark.parametrize("text", ["", "=x", "foo", 'foo="bar', 'foo=b"r', "bad one", 'foo="a\\"'])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="bad matcher format"):
        parse_matcher(text)


def test_braces_come_in_pairs() -> None:
    with pytest.raises(InvalidInput, match="bad matcher format"):
        parse_matchers("{a=b")


def test_a_regular_expression_stands_for_the_whole_value() -> None:
    matcher = parse_matcher("pod=~web-.")

    assert matcher.matches({"pod": "web-1"})
    assert not matcher.matches({"pod": "web-12"})
    assert not matcher.matches({"pod": "my-web-1"})
    assert not matcher.matches({"pod": "web-1\n"})


def test_a_missing_label_is_empty() -> None:
    assert parse_matcher("team!=db").matches({})
    assert parse_matcher('team=""').matches({"other": "x"})
    assert parse_matcher("team=~.*").matches({})
    assert not parse_matcher("team=~.+").matches({})


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "a(?=b)",
        "(?<!a)b",
        r"(a)\1",
        "a++",
        "(?>a)",
        "[[:alpha:]]",
        "a{,3}",
        r"\pL",
        "a" * 1001,
    ],
)
def test_a_pattern_that_re2_reads_otherwise_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="not understood"):
        Matcher("a", Match.LIKE, pattern)


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|aa)*", "((a?)b)*", "(x(a*)){2,}", "(a|aa){20}", "([a-z]+,)*"]
)
def test_a_pattern_that_may_never_end_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="may never end"):
        Matcher("a", Match.LIKE, pattern)


@pytest.mark.parametrize("match", [Match.LIKE, Match.UNLIKE])
def test_a_value_too_long_to_tell_in_time_mutes_nothing(match: Match) -> None:
    matcher = Matcher("a", match, ".*x.*y.*z")

    assert matcher.takes("-" * 100) is (match is Match.UNLIKE)
    assert not matcher.takes("-" * 1_000_000)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        (r"(?i)prod", "PROD"),
        (r"\d+\.\d+", "1.2"),
        (r"a\+b", "a+b"),
        (r"foo\z", "foo"),
        ("a|b", "b"),
        ("(?:a|b)c", "bc"),
        ("(?:web)+", "webweb"),
        ("(?P<x>web){2}", "webweb"),
        ("[*+(|]+", "(*"),
        ("a{", "a{"),
        (r"([0-9]{1,3}\.){3}[0-9]{1,3}(:[0-9]+)?", "10.0.0.1:9100"),
        (r"a\\z", r"a\z"),
    ],
)
def test_what_re2_has_is_understood(pattern: str, value: str) -> None:
    assert Matcher("a", Match.LIKE, pattern).takes(value)
