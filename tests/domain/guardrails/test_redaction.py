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
    f"      API_KEY:  two words {CANARY}",
    f"Data\n====\npassword:\n----\n{CANARY}\n\n{CANARY}\n\nBinaryData\n====\n",
    f"data:\n  api-key: |-\n    {CANARY}\n    {CANARY}\n  level: debug",
    f"- name: API_TOKEN\n  value: |\n    {CANARY}",
    f'found [{{"name":"DB_PASSWORD","value":"{CANARY}"}}]',
    f'{{"a":1}}\n{{"env":[{{"name":"DB_PASSWORD","value":"{CANARY}"}}]}}',
    f'applied {{"kind":"Secret","stringData":{{"any":"{CANARY}"}}}}',
    json.dumps({"data": {"c.json": json.dumps({"a": json.dumps({"password": CANARY})})}}),
    json.dumps({"data": {"p.json": json.dumps({"env": [{"name": "TOKEN", "value": CANARY}]})}}),
    json.dumps({"data": {"s.json": json.dumps({"kind": "Secret", "data": {"a": CANARY}})}}),
    json.dumps({"command": ["mysqld", "--password", CANARY]}),
    json.dumps({"passwords": [CANARY]}),
    json.dumps({"headers": {"Cookie": f"sid={CANARY}", "Authorization": f"Basic {CANARY}"}}),
    f'{{"auths":{{"registry":{{"auth":"{CANARY}=="}}}}}} is not valid',
    json.dumps({"auths": {"registry": {"auth": f"{CANARY}=="}}}),
    f"DB_PASS={CANARY}",
    f"the app says: password: {CANARY}",
    f"env=DB_PASSWORD={CANARY}",
    f"level=error:token={CANARY}",
    f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={CANARY}==",
    f"https://{CANARY}@github.com/shop/cart.git",
    f"https://x.blob.core.windows.net/c?sv=2020&sig={CANARY}%3D&se=1",
    f"https://s3/x?X-Amz-Signature={CANARY}",
    f"https://maps/api?key={CANARY}",
    f"https://hooks.slack.com/workflows/T000/A000/1/{CANARY}",
    f"https://discord.com/api/webhooks/123/{CANARY}",
    f"https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/{CANARY}/x",
    f"https://api.telegram.org/bot123456:{CANARY}/sendMessage",
    f"npm_{CANARY}{CANARY}",
    f"SG.{CANARY}.{CANARY}{CANARY}",
    f"whsec_{CANARY}",
    f"root:{CANARY}@tcp(db:3306)/shop",
    f"jdbc:oracle:thin:scott/{CANARY}@//db:1521/x",
    f"redis-cli -a {CANARY} ping",
    f"requirepass {CANARY}",
    f"mysqladmin ping -uroot -p{CANARY}",
    f"curl -s -u ana:{CANARY} http://x",
    f"machine h login ana password {CANARY}",
    f"the password is {CANARY}",
    f"<password>{CANARY}</password>",
    f"&{{User:ana Password:{CANARY}}}",
    f"map[password:{CANARY} user:ana]",
    f':password=>"{CANARY}"',
    f"db: {{password: {CANARY}, user: ana}}",
    f"authorization=[Bearer {CANARY}]",
    f'metadata: authorization:["Bearer {CANARY}"]',
    f"\x1b[31mpassword\x1b[0m={CANARY}",
    f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{CANARY}\n-----END PGP PRIVATE KEY BLOCK-----",
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
    "image: registry/password-store:v1.2.34",
    'Pulling image "vault/token-service:1.2.3-build7"',
    '{"kind":"Pod","imagePullSecrets":[],"data":{"level":"debug"}} tail',
    "auth: kubernetesauth",
    "GET /items?key=cart&signed=1 200",
    "logs mysql-0 -p failed",
    "using password: YES",
    "ssh://git@github.com/shop/cart.git",
    "caBundle: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t",
    "data:\n  notes: |\n    two lines\n    of text",
    "Data\n====\nlevel:\n----\ndebug\n\nBinaryData\n====\n",
    "\x1b[31mkey\x1b[0m is missing",
    "session affinity cookie: route",
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


def test_a_private_key_in_base64_is_known_by_its_shape() -> None:
    encoded = base64.b64encode(f"-----BEGIN EC PRIVATE KEY-----\n{CANARY}".encode()).decode()

    assert redact(f"tls.key: {encoded}") == "tls.key: [redacted]"


def test_a_number_is_a_secret_where_its_name_leaves_no_doubt() -> None:
    clean = json.loads(redact('{"password": 12345678, "tokens": 4096, "max_token": 12}'))

    assert clean == {"password": "[redacted]", "tokens": 4096, "max_token": 12}


def test_the_names_of_secrets_that_an_object_mounts_stay() -> None:
    volume = {"name": "certs", "secret": {"secretName": "db-tls"}}
    variable = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "p"}}}
    text = json.dumps({"volumes": [volume], "env": [variable]})

    assert redact(text) == text


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
