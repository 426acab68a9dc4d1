import pytest

from punchingfist.domain.alerts import Alert
from punchingfist.domain.guardrails.redaction import Redactor
from punchingfist.domain.guardrails.redaction_alerts import redact_alert
from tests.domain.guardrails.test_redaction import CANARY

redact = Redactor()


def an_alert(**fields: object) -> Alert:
    labels = {"alertname": "Login", "namespace": "shop"}
    given: dict[str, object] = {
        "name": "Login",
        "firing": True,
        "labels": labels,
        "annotations": {"summary": "logins fail"},
        "fingerprint": "abc",
        "group_key": "{}:{}",
        "payload": {"labels": labels},
    }
    return Alert(**(given | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"name": f"password={CANARY}"}, id="name"),
        pytest.param({"labels": {"alertname": "Login", "token": CANARY}}, id="label-name"),
        pytest.param({"labels": {"dsn": f"x://u:{CANARY}@db"}}, id="label-value"),
        pytest.param({"annotations": {"api_key": f"two words {CANARY}"}}, id="annotation-name"),
        pytest.param({"annotations": {"text": f"try --password {CANARY}"}}, id="annotation"),
        pytest.param({"annotations": {"text": f'{{"password": "{CANARY}"}}'}}, id="json"),
        pytest.param({"group_key": f'{{}}:{{token="{CANARY}"}}'}, id="group-key"),
        pytest.param({"generator_url": f"http://u:{CANARY}@prometheus"}, id="url"),
        pytest.param({"payload": {"labels": {}, "extra": {"token": CANARY}}}, id="payload"),
    ],
)
def test_a_secret_in_any_field_of_an_alert_is_taken_out(fields: dict[str, object]) -> None:
    assert CANARY not in repr(redact_alert(an_alert(**fields), redact))


def test_the_copy_in_the_payload_is_taken_out_too() -> None:
    labels = {"alertname": "Login", "token": CANARY}

    assert CANARY not in repr(
        redact_alert(an_alert(labels=labels, payload={"labels": labels}), redact)
    )


def test_an_alert_without_secrets_is_the_very_same() -> None:
    alert = an_alert()

    assert redact_alert(alert, redact) is alert
