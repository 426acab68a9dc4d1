import pytest

from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.errors import NotFound

ENVIRON = {"SLACK_TOKEN": "xoxb-1", "PUNCHINGFIST_SECRET_SLACK_BOT": "xoxb-2", "EMPTY": ""}


@pytest.mark.parametrize(
    ("reference", "value"),
    [("env://SLACK_TOKEN", "xoxb-1"), ("slack-bot", "xoxb-2"), ("slack.bot", "xoxb-2")],
)
async def test_a_reference_leads_to_its_value(reference: str, value: str) -> None:
    assert await EnvironmentSecrets(ENVIRON).resolve(reference) == value


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("env://MISSING", "set the variable MISSING"),
        ("env://EMPTY", "set the variable EMPTY"),
        ("db", "set the variable PUNCHINGFIST_SECRET_DB"),
        ("k8s://ns/name/key", "k8s:// is not available yet; use env://NAME"),
        ("vault://kv/slack", "vault:// is not available yet; use env://NAME"),
        ("carrier://pigeon", "leads nowhere"),
        ("env://", "leads nowhere"),
    ],
)
async def test_a_reference_that_leads_nowhere_says_so(reference: str, said: str) -> None:
    with pytest.raises(NotFound) as raised:
        await EnvironmentSecrets(ENVIRON).resolve(reference)

    assert said in str(raised.value)


async def test_every_resolved_value_is_known() -> None:
    secrets = EnvironmentSecrets(ENVIRON, known=["from the start", ""])
    before = set(secrets.known)
    await secrets.resolve("env://SLACK_TOKEN")

    assert before == {"from the start"}
    assert set(secrets.known) == {"from the start", "xoxb-1"}
