from dataclasses import replace

import pytest

from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.resources.problems import InvalidResources
from tests.domain.loading.known import KNOWN

ALL = replace(KNOWN, formats=frozenset({"alertmanager", "grafana", "cloudwatch", "json"}))


def load(config: str) -> Resources:
    text = (
        "apiVersion: punchingfist.io/v1alpha1\nkind: Source\nmetadata: {name: in}\n"
        f"spec:\n  type: webhook\n  triggerWorkflow: none\n  config:\n    path: /in\n{config}"
    )
    return assemble_files({"source.yaml": text}, ALL)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        pytest.param(
            "    format: grafan\n",
            r"source.yaml:9: .*format 'grafan' is unknown; did you mean 'grafana'\?",
            id="an-unknown-format",
        ),
        pytest.param("    format: json\n", "format 'json' needs mapping", id="no-mapping"),
        pytest.param("    mapping: {name: x}\n", "mapping has no meaning", id="a-mapping-too-many"),
        pytest.param(
            '    format: json\n    mapping:\n      name: x\n      status: "{{ .alert. }}"\n',
            r"source.yaml:12: .*spec\.config\.mapping\.status",
            id="a-template-that-does-not-parse",
        ),
        pytest.param(
            '    format: json\n    mapping: {name: x, labels: {a: "{{ if }}"}}\n',
            r"spec\.config\.mapping\.labels\.a",
            id="a-template-of-a-label",
        ),
        pytest.param(
            "    format: json\n    mapping: {name: x, status: firing, firing: 'true'}\n",
            "status and firing say the same thing",
            id="two-answers-to-one-question",
        ),
        pytest.param("    rateLimit: {perSecond: 0}\n", "perSecond", id="no-requests-at-all"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(config: str, why: str) -> None:
    with pytest.raises(InvalidResources, match=why):
        load(config)


def test_a_source_that_checks_signatures_of_sns_needs_no_secret() -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:alarms"
    loaded = load(
        f"    format: cloudwatch\n    authentication: {{type: sns, topicArn: '{topic}'}}\n"
    )

    assert [one.reason for one in loaded.conditions if one.type == "Authenticated"] == []
