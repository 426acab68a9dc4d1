import base64
import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from punchingfist.domain.guardrails.redaction import Redactor

CANARY = "Zq7canary9XvBn31kLm"
redact = Redactor()

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\nMIIEow{CANARY}\nabc==\n-----END RSA PRIVATE KEY-----"

PLANTED = [
    f"Authorization: Bearer {CANARY}",
    f'curl -H "Authorization: Basic {CANARY}" http://x',
    f"got bearer {CANARY} from the proxy",
    f"password={CANARY}",
    f"DB_PASSWORD: {CANARY}",
    f'{{"level":"info","password":"{CANARY}"}} trailing',
    f'msg={{\\"api_key\\":\\"{CANARY}\\"}}',
    f"connecting to postgres://app:{CANARY}@db:5432/shop",
    f"redis://:{CANARY}@cache",
    f"amqp://u:p@ss{CANARY}@mq/vhost",
    f"Server=db;User Id=app;Password={CANARY};Encrypt=true",
    f"--token {CANARY} --verbose",
    f"--password={CANARY}",
    f"aws_secret_access_key = {CANARY}",
    f"X-Api-Key: {CANARY}",
    f"Set-Cookie: session={CANARY}; HttpOnly",
    f"login failed for ana with password: {CANARY}",
    f"token: {CANARY}",
    f"CLIENT_SECRET='{CANARY}'",
    f'client-secret: "{CANARY} with words"',
    PEM,
    PEM.replace("\n", "\\n"),
    f"-----BEGIN PRIVATE KEY-----\nMII{CANARY}\ncut here",
    f"xoxb-123456789-{CANARY}",
    f"https://hooks.slack.com/services/T000/B000/{CANARY}",
    f"ghp_{CANARY}{CANARY}",
    f"sk-{CANARY}{CANARY}",
    f"kind: Secret\nmetadata:\n  name: db\ndata:\n  some: {CANARY}\ntype: Opaque",
    f"apiVersion: v1\ndata:\n  some: {CANARY}\n  more: |\n    {CANARY}\nkind: Secret",
    f"items:\n- apiVersion: v1\n  data:\n    some: {CANARY}\n  kind: Secret\n- kind: Pod",
    (
        "metadata:\n  annotations:\n"
        f'    kubectl.kubernetes.io/last-applied-configuration: |\n      {{"a":"{CANARY}"}}\n'
        "  name: x"
    ),
    f"    env:\n    - name: STRIPE_API_KEY\n      value: {CANARY}\n    image: x",
    f"      DB_PASSWORD:  {CANARY}\n      LEVEL:  info",
]

ORDINARY = [
    "2026-01-01T00:00:00Z INFO request served in 12 ms path=/cart status=200",
    "java.lang.OutOfMemoryError: Java heap space",
    "error: invalid token: signature is expired",
    'MountVolume.SetUp failed for volume "certs" : secret "db-tls" not found',
    "PWD=/app OLDPWD=/",
    "max_tokens=4096 tokens=12 token_count=3 secrets=2",
    "secretName: db-credentials\nimagePullSecrets:\n- name: registry",
    "  automountServiceAccountToken: false",
    "      DB_PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false",
    "password: $(DB_PASSWORD)",
    "NAME     READY   STATUS    RESTARTS   AGE\ncart-1   1/1     Running   0          5m",
    "GET http://cart.shop:8080/items?user=ana@example.com 200",
    "Basic authentication is switched off; bearer authentication too",
    "kind: ConfigMap\ndata:\n  level: debug",
    "connected to postgres://db:5432/shop",
    'Error from server (NotFound): pods "cart" not found',
    "/var/run/secrets/kubernetes.io/serviceaccount from kube-api-access (ro)",
    "TokenRequest and SecretProviderClass are served",
    "reason: FailedMount message: couldn't find key user in Secret shop/db",
]


@pytest.mark.parametrize("text", PLANTED)
def test_a_planted_secret_does_not_survive(text: str) -> None:
    clean = redact(text)

    assert CANARY not in clean
    assert "[redacted]" in clean


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("text", [*PLANTED, *ORDINARY])
def test_redacting_again_changes_nothing(text: str) -> None:
    once = redact(text)

    assert redact(once) == once


def test_a_web_token_is_known_by_its_shape() -> None:
    assert redact(f"user {JWT} logged in") == "user [redacted] logged in"


def test_a_url_keeps_its_user_and_host() -> None:
    assert redact("amqp://app:hunter2@mq:5672") == "amqp://app:[redacted]@mq:5672"


def test_json_keeps_its_structure() -> None:
    secret = {"kind": "Secret", "data": {"user": CANARY}, "metadata": {"name": "db"}}
    applied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(secret)}
    pod = {
        "kind": "Pod",
        "metadata": {"annotations": applied},
        "env": [{"name": "TOKEN", "value": CANARY}, {"name": "LEVEL", "value": "debug"}],
        "args": [f"--password={CANARY}"],
    }
    clean = json.loads(redact(json.dumps({"items": [secret, pod]})))

    assert CANARY not in json.dumps(clean)
    assert clean["items"][0]["data"] == {"user": "[redacted]"}
    assert clean["items"][0]["metadata"] == {"name": "db"}
    assert clean["items"][1]["env"][1] == {"name": "LEVEL", "value": "debug"}
    assert clean["items"][1]["args"] == ["--password=[redacted]"]


def test_json_without_secrets_keeps_its_spelling() -> None:
    text = '{"kind":  "Pod", "metadata": {"name": "cart"}}'

    assert redact(text) == text


@pytest.mark.parametrize(
    "written",
    [
        "s3/cret value",
        base64.b64encode(b"s3/cret value").decode(),
        "s3%2Fcret%20value",
    ],
)
def test_a_value_we_resolved_is_replaced_however_it_is_written(written: str) -> None:
    assert redact_known(f"seen {written} here") == "seen [redacted] here"


redact_known = Redactor(["s3/cret value", 'two\n"lines"'])


def test_a_value_of_several_lines_is_replaced_inside_json() -> None:
    assert "lines" not in redact_known(json.dumps({"note": 'two\n"lines"'}))


def test_values_resolved_later_are_known_from_then_on() -> None:
    known: set[str] = set()
    redactor = Redactor(known)
    known.add("late-value")

    assert redactor("a late-value b") == "a [redacted] b"


CANARIES = st.from_regex(r"[A-Za-z0-9]{12}[0-9][A-Za-z]", fullmatch=True)
AROUND = st.text(alphabet=st.characters(codec="ascii", exclude_characters="\x00"), max_size=40)
PLACES = [
    "password={}",
    "password: {}",
    '"secret": "{}"',
    "Authorization: Bearer {}",
    "mysql://root:{}@db/shop",
    "kind: Secret\nstringData:\n  any: {}",
]


@given(canary=CANARIES, place=st.sampled_from(PLACES), before=AROUND, after=AROUND)
def test_no_text_around_it_saves_a_secret(canary: str, place: str, before: str, after: str) -> None:
    text = f"{before}\n{place.format(canary)}\n{after}"

    assert canary not in redact(text).replace(before, "").replace(after, "")


@given(st.text() | st.lists(st.sampled_from(PLANTED + ORDINARY)).map("\n".join))
@example("password=[redacted]x")
@example('"token": "a\\"b1234567"')
def test_redacting_any_text_again_changes_nothing(text: str) -> None:
    once = redact(text)

    assert redact(once) == once


@pytest.mark.parametrize("character", ["a", "a.", "=", '"', "a:", "://", "password ", "\\", "- "])
def test_a_long_hostile_line_takes_no_longer_than_a_harmless_one(character: str) -> None:
    began = time.process_time()
    redact("token " + character * (200_000 // len(character)))

    assert time.process_time() - began < 2
