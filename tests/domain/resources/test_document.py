import pytest

from punchingfist.domain.resources.document import parse_documents, parse_object

HEADER = "apiVersion: punchingfist.io/v1alpha1\n"


def messages(text: str) -> list[str]:
    return [str(problem) for problem in parse_documents(text, "f.yaml").problems]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "kind: Workflow\nmetadata: {name: w}\nspec:\n  steps:\n    - name: a\n      type: agent\n"
            "      goal: x\n      tool: [kubectl]\n",
            "f.yaml:9: Workflow 'w' spec.steps[0].tool: the field is unknown; did you mean 'tools'?",
            id="unknown-field",
        ),
        pytest.param(
            "kind: Workflow\nmetadata: {name: w}\nspec:\n  steps:\n    - name: a\n      type: agent\n",
            "f.yaml:6: Workflow 'w' spec.steps[0]: a agent step needs 'goal'; add it",
            id="missing-goal",
        ),
        pytest.param(
            "kind: Workflow\nmetadata: {name: w}\nspec:\n  steps:\n    - name: a\n      type: cli\n"
            "      command: x\n      condition: y\n",
            "f.yaml:6: Workflow 'w' spec.steps[0]: 'condition' does not belong to a cli step; "
            "remove it or use type conditional",
            id="field-of-another-type",
        ),
        pytest.param(
            "kind: Source\nmetadata: {name: s}\nspec:\n  type: webhook\n",
            "f.yaml:4: Source 's' spec.triggerWorkflow: the field is missing; add it",
            id="missing-field",
        ),
        pytest.param(
            "kind: Source\nmetadata: {name: s}\nspec:\n  type: webhook\n  triggerWorkflow: w\n"
            "  groupWait: 5\n",
            "f.yaml:7: Source 's' spec.groupWait: duration 5 has no unit; "
            "write it like '300s' or '1h30m'",
            id="duration",
        ),
        pytest.param(
            "kind: Sink\nmetadata: {name: s}\nspec: {type: stdout, on: [recieved]}\n",
            "f.yaml:4: Sink 's' spec.on[0]: 'recieved' is unknown; "
            "use 'received', 'findings', 'approval', 'completed' or 'resolved'",
            id="moment",
        ),
        pytest.param(
            "kind: Sink\nmetadata: {name: S_1}\nspec: {type: stdout}\n",
            "f.yaml:3: Sink 'S_1' metadata.name: 'S_1' does not fit; use small letters, digits, "
            "'-' and '.', with a letter or digit at both ends",
            id="name",
        ),
        pytest.param(
            "kind: Sorce\nmetadata: {name: s}\nspec: {}\n",
            "f.yaml:2: document 1 kind: 'Sorce' is unknown; did you mean 'Source'?",
            id="kind",
        ),
        pytest.param(
            "kind: OperatorConfig\nspec: {llm: {providers: {a: {apikey: s3cret}}}}\n",
            "f.yaml:3: document 1 spec.llm.providers.a.apikey: the field is unknown; "
            "did you mean 'apiKey'?",
            id="nested-below-a-map",
        ),
    ],
)
def test_an_error_names_file_line_field_value_and_fix(text: str, message: str) -> None:
    assert messages(HEADER + text) == [message]


def test_a_wrong_version_is_named() -> None:
    text = "apiVersion: punchingfist.io/v1\nkind: Sink\nmetadata: {name: s}\nspec: {type: stdout}\n"

    (message,) = messages(text)

    assert message.startswith("f.yaml:1: Sink 's' apiVersion: 'punchingfist.io/v1' is unknown; ")


def test_every_document_is_read_and_every_error_told() -> None:
    good = f"{HEADER}kind: Sink\nmetadata: {{name: ok}}\nspec: {{type: stdout}}\n"
    bad = f"{HEADER}kind: Sink\nmetadata: {{name: no}}\nspec: {{}}\n"

    parsed = parse_documents(f"{good}---\n{bad}---\n# none\n---\n{bad}---\ntext\n", "f.yaml")

    assert [loaded.resource.name for loaded in parsed.loaded] == ["ok"]
    assert [problem.line for problem in parsed.problems] == [9, 16, 18]


def test_a_secret_of_the_wrong_kind_is_not_shown() -> None:
    text = "kind: OperatorConfig\nspec: {chat: {slack: {botToken: [s3cret]}}}\n"

    (message,) = messages(HEADER + text)

    assert "botToken" in message
    assert "s3cret" not in message


def test_documents_of_others_are_skipped_with_a_word() -> None:
    parsed = parse_documents("apiVersion: v1\nkind: Secret\n", "f.yaml")

    assert not parsed.problems
    assert [(each.reason, each.name) for each in parsed.conditions] == [("NotOurs", "f.yaml#1")]


def test_a_fragment_without_a_name_gets_one_and_a_condition() -> None:
    config = f"{HEADER}kind: OperatorConfig\nspec: {{}}\n"
    sink = f"{HEADER}kind: Sink\nspec: {{type: stdout}}\n"

    parsed = parse_documents(f"{config}---\n{sink}", "dir/My Sinks.yaml")

    assert [each.resource.name for each in parsed.loaded] == ["punchingfist-config", "my-sinks-2"]
    assert [each.reason for each in parsed.conditions] == ["NameMissing", "NameMissing"]


def test_an_object_of_the_cluster_is_read_without_lines() -> None:
    tree = {"apiVersion": "punchingfist.io/v1alpha1", "kind": "Sink", "metadata": {"name": "s"}}

    (problem,) = parse_object(tree).problems

    assert (problem.file, problem.line) == (None, None)
    assert str(problem) == "Sink 's' spec: the field is missing; add it"
