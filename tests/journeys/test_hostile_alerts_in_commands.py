"""Whoever posts an alert chooses its labels; a command that prints them never runs them."""

from pathlib import Path

import yaml

from tests.journeys.served import a_lab, served

SENTINEL = "pwned"
HOSTILE = (
    "a'b\"c`touch %(s)s`$(touch %(s)s)${HOME}${PF_1}\n{{ .env.HOME }}; touch %(s)s \\ * "
    "#&|<>\nEND\ntouch %(s)s\n-rf --help é"
)
PLACES = {
    "bare": "printf '<%s>' {{ .x }}",
    "double": 'printf "%s" "<{{ .x }}>"',
    "single": "printf %s '<{{ .x }}>'",
    "heredoc": "cat <<END\n<{{ .x }}>\nEND",
    "substitution": 'printf %s "$(printf "<%s>" {{ .x }})"',
    "assignment": 'v={{ .x }}; printf "<%s>" "$v"',
    "loop": 'for v in {{ .x }}; do printf "<%s>" "$v"; done',
}


def resources() -> str:
    label = ".source.data.alert.labels.hostile"
    steps = [
        {"name": name, "type": "cli", "command": command.replace(".x", label)}
        for name, command in PLACES.items()
    ]
    kinds = {
        "Source": {
            "type": "webhook",
            "config": {"path": "/webhook/alerts"},
            "triggerWorkflow": "show",
        },
        "Workflow": {"steps": steps},
    }
    return yaml.safe_dump_all(
        {
            "apiVersion": "punchingfist.io/v1alpha1",
            "kind": kind,
            "metadata": {"name": "show"},
            "spec": spec,
        }
        for kind, spec in kinds.items()
    )


async def test_a_label_is_printed_as_it_is_in_every_place_of_a_command(tmp_path: Path) -> None:
    folder = tmp_path / "resources"
    folder.mkdir()
    (folder / "all.yaml").write_text(resources())
    hostile = HOSTILE % {"s": tmp_path / SENTINEL}
    async with a_lab(tmp_path) as lab, served(lab, "--resources", str(folder)) as server:
        body = lab.webhook
        body["alerts"][0]["labels"] = {"alertname": "Show", "hostile": hostile}
        assert (await server.post(body)).status_code == 200
        await server.until("execution_finished")
        execution = await server.get("/api/v1/executions/EX-1")

    printed = {step["name"]: step["result"]["stdout"].rstrip("\n") for step in execution["steps"]}
    assert printed == dict.fromkeys(PLACES, f"<{hostile}>")
    assert not (tmp_path / SENTINEL).exists()
