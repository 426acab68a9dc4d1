from pathlib import Path

import pytest

from punchingfist.adapters.resource_files import load_folder
from punchingfist.bootstrap.extensions import collect_extensions
from punchingfist.domain.alerts import Severity
from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.domain.silences.matchers import parse_matchers
from punchingfist.errors import InvalidInput
from punchingfist.operations.activate import policy_of

EXAMPLES = Path(__file__).parents[2] / "examples"
CONFIG = """
apiVersion: punchingfist.io/v1alpha1
kind: OperatorConfig
metadata: {name: punchingfist-config}
spec: {inhibitRules: [%s]}
"""


def test_the_example_says_what_is_investigated_and_what_mutes_what() -> None:
    resources = load_folder(EXAMPLES / "muting", known=collect_extensions().known)
    policy = policy_of(resources.sources["alertmanager"], resources)
    first, second = policy.inhibits

    assert policy.investigates == frozenset(Severity)
    assert first.source == parse_matchers('severity="critical"')
    assert first.equal == second.equal == ("namespace",)
    assert second.target == parse_matchers("severity=info")


def test_by_itself_a_source_investigates_what_is_critical_or_a_warning() -> None:
    resources = load_folder(EXAMPLES / "quickstart", known=collect_extensions().known)
    (source,) = resources.sources.values()

    assert policy_of(source, resources).investigates == {Severity.CRITICAL, Severity.WARNING}


def test_a_kubernetes_source_investigates_whatever_it_was_told_to_watch() -> None:
    resources = load_folder(EXAMPLES / "sources", known=collect_extensions().known)
    watching = [one for one in resources.sources.values() if one.spec.type == "kubernetes"]

    assert watching
    for source in watching:
        assert policy_of(source, resources).investigates == frozenset(Severity)


def test_the_older_names_of_alertmanager_are_read() -> None:
    rule = "{source_match: {a: b}, target_match_re: {c: d.*}}"
    config = assemble_files({"c.yaml": CONFIG % rule}, collect_extensions().known).config
    assert config
    (read,) = config.spec.inhibit_rules

    assert read.rule().source == parse_matchers("a=b")
    assert read.rule().target == parse_matchers("c=~d.*")


@pytest.mark.parametrize(
    "rule",
    ["{sourceMatchers: ['no matcher']}", "{sourceMatchers: ['a=~(']}", "{target_match_re: {a: (}}"],
)
def test_a_rule_that_cannot_be_read_is_refused(rule: str) -> None:
    with pytest.raises(InvalidInput, match=r"matcher|regular expression"):
        assemble_files({"c.yaml": CONFIG % rule}, collect_extensions().known)
