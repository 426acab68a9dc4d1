"""Secrets of every kind, each with a value of its own, planted wherever a cluster may hold one."""

import base64
import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import count
from typing import Any

from punchingfist.lab.scenario import Scenario

_NUMBERS = count(10)
PLANTED: dict[str, str] = {}
"""Each value that must not be found anywhere, with the place it was planted at."""


def canary(place: str) -> str:
    """Return a new secret, remembered with its *place*."""
    value = f"Zq7{next(_NUMBERS)}cAnaryXvBn31kLm"
    PLANTED[value] = place
    return value


def forms(value: str) -> set[bytes]:
    """Return *value* as bytes may hold it: plain, turned around, in hex, in base64 at any offset."""
    raw = value.encode()
    encoded = {base64.b64encode(b" " * shift + raw)[shift + 1 : -4] for shift in range(3)}
    return {raw, raw.hex().encode(), raw[:12], *encoded}


def _pem(value: str, kind: str = "RSA ") -> str:
    body = f"MIIEow{value}\n{'A' * 64}\n{value}=="
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENVIRONMENT: Sequence[tuple[str, str]] = (
    ("DB_PASSWORD", canary("env")),
    ("STRIPE_API_KEY", canary("env api key")),
    ("DB_PASS", canary("env pass")),
    ("SESSION_SECRET", canary("env secret")),
    ("AWS_SECRET_ACCESS_KEY", canary("env aws")),
    ("AZURE_STORAGE_CONNECTION_STRING", f"AccountName=x;AccountKey={canary('env azure')}=="),
    ("DATABASE_URL", f"postgres://app:{canary('env url')}@db:5432/shop"),
    ("REDIS_URL", f"redis://:{canary('env redis')}@cache:6379/0"),
    ("MYSQL", f"root:{canary('env go dsn')}@tcp(db:3306)/shop"),
    ("TLS_KEY", _pem(canary("env pem"))),
    ("SETTINGS", json.dumps({"db": {"password": canary("env json")}})),
    ("HOOK", f"https://hooks.slack.com/services/T000/B000/{canary('env slack hook')}"),
    ("GIT", f"https://{canary('env git token')}@github.com/shop/cart.git"),
    ("PASSWORD_LINES", f"one {canary('env words')}\ntwo {canary('env lines')}"),
)
ARGUMENTS: Sequence[str] = (
    f"--password={canary('argument')}",
    "--api-token",
    canary("argument of two words"),
    f"redis-cli -a {canary('probe')} ping",
)
ANNOTATIONS: Mapping[str, str] = {
    "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"x": canary("last-applied")}),
    "example.com/api-key": canary("annotation"),
    "example.com/note": f"login with password: {canary('annotation text')}",
}
CONFIG: Mapping[str, str] = {
    "password": canary("config key"),
    "app.properties": f"spring.datasource.password={canary('properties')}\nlevel=debug\n",
    "app.yaml": f"db:\n  token: {canary('yaml in config')}\n  level: debug\n",
    "app.json": json.dumps({"inner": json.dumps({"secret": canary("json in json")})}),
    "pod.json": json.dumps({"env": [{"name": "API_TOKEN", "value": canary("env in json")}]}),
    "secret.yaml": f"kind: Secret\nmetadata:\n  name: x\nstringData:\n  any: {canary('secret')}\n",
    "secret.json": json.dumps({"kind": "Secret", "data": {"any": _encoded(canary("secret data"))}}),
    "docker.json": json.dumps({"auths": {"r": {"auth": _encoded(f"u:{canary('registry')}")}}}),
    "tls.key": _pem(canary("config pem"), "EC "),
    "tls.b64": _encoded(_pem(canary("pem in base64"))),
    "app.xml": f"<db><password>{canary('xml')}</password></db>",
    "app.toml": f'secret_key = "{canary("toml")}"',
}
LOG: Sequence[str] = (
    f"ERROR login failed, password={canary('log')}",
    f"ERROR Authorization: Bearer {canary('log bearer')}",
    f"ERROR GET /cart?access_token={canary('log url')}&page=1 failed",
    f'{{"level":"error","msg":"no login","password":"{canary("log json")}"}}',
    f"ERROR cannot reach amqp://app:{canary('log amqp')}@mq:5672",
    f"ERROR Set-Cookie: session={canary('log cookie')}; HttpOnly",
    f"ERROR \x1b[31mpassword\x1b[0m={canary('log colour')}",
    f"ERROR map[password:{canary('log go map')} user:ana]",
    f"ERROR jwt eyJhbGciOiJIUzI1NiJ9.{canary('log jwt')}.{canary('log jwt signature')}",
    f"ERROR ghp_{canary('log github')}{'A' * 20} is not valid",
    *_pem(canary("log pem")).split("\n"),
)
GENERATOR = canary("alert url")
EVENT = (
    f' Failed to pull "https://robot:{canary("event")}@registry/x" with token={canary("event 2")}'
)
ALERT_LABELS: Mapping[str, str] = {"login": f"password={canary('alert label')}"}
ALERT_ANNOTATIONS: Mapping[str, str] = {
    "token": canary("alert annotation by name"),
    "description": f"the app says: password: {canary('alert annotation')}",
    "curl": f"curl -u ana:{canary('alert curl')} http://x",
}

SECRET: Mapping[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "db", "namespace": "production", "uid": "5ec2e7"},
    "data": {"any": _encoded(canary("a Secret"))},
}


def plant(scenario: Scenario) -> Scenario:
    """Return *scenario* with a secret in every place."""
    assert scenario.alert is not None
    objects = [_planted(body) for body in scenario.objects]
    logs = {
        key: log + "".join(f"{line}\n" for line in LOG).encode()
        for key, log in scenario.logs.items()
    }
    alert: dict[str, Any] = deepcopy(dict(scenario.alert))
    alert["labels"] = {**alert["labels"], **ALERT_LABELS}
    alert["annotations"] = {**alert["annotations"], **ALERT_ANNOTATIONS}
    alert["generatorURL"] = f"http://ana:{GENERATOR}@prometheus:9090/graph"
    return replace(scenario, objects=(*objects, dict(SECRET)), logs=logs, alert=alert)


def _planted(body: Mapping[str, Any]) -> dict[str, Any]:
    planted: dict[str, Any] = deepcopy(dict(body))
    kind, spec = body["kind"], planted.get("spec") or {}
    if kind == "ConfigMap":
        planted["data"] = {**(planted.get("data") or {}), **CONFIG}
    if kind == "Event":
        planted["message"] = f"{planted.get('message', '')}{EVENT}"
    if kind in {"Pod", "Deployment", "ConfigMap", "Service"}:
        metadata = planted["metadata"]
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **ANNOTATIONS}
    for pod in (spec, (spec.get("template") or {}).get("spec") or {}):
        for box in pod.get("containers") or ():
            variables = [{"name": name, "value": value} for name, value in ENVIRONMENT]
            box["env"] = [*(box.get("env") or ()), *variables]
            box["args"] = [*(box.get("args") or ()), *ARGUMENTS]
    return planted
