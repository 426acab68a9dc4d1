import pytest

from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.errors import NotFound, Unavailable

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


async def test_every_reading_is_reported_by_its_reference_and_never_its_value() -> None:
    secrets, seen = EnvironmentSecrets(ENVIRON), list[str]()
    secrets.keep("sink-token", "s3cret")
    await secrets.resolve("env://SLACK_TOKEN")

    async def report(reference: str) -> None:
        seen.append(reference)

    await secrets.report_to(report)
    await secrets.resolve("sink-token")
    with pytest.raises(NotFound):
        await secrets.resolve("env://NOBODY")

    assert seen == ["env://SLACK_TOKEN", "sink-token"]


async def test_what_cannot_be_put_on_record_is_not_read() -> None:
    secrets = EnvironmentSecrets(ENVIRON)

    async def refuse(reference: str) -> None:
        raise Unavailable("the trail cannot be written")

    await secrets.report_to(refuse)
    with pytest.raises(Unavailable):
        await secrets.resolve("env://SLACK_TOKEN")
