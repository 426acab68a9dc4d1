"""Real kubectl changes a practice cluster."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Kubectl = Callable[..., "subprocess.CompletedProcess[str]"]

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat, shortNames: [bt], categories: [ships]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns: [{name: Length, type: integer, jsonPath: .spec.length}]
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [length]
            properties: {length: {type: integer, minimum: 1}, name: {type: string}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""
BOAT = """
apiVersion: example.com/v1
kind: Boat
metadata: {name: ark}
spec: {length: LENGTH}
"""


def _value(kubectl: Kubectl, what: str, path: str) -> str:
    return kubectl("get", *what.split(), "-o", f"jsonpath={{{path}}}").stdout


def _apply(
    kubectl: Kubectl, folder: Path, text: str, *flags: str
) -> "subprocess.CompletedProcess[str]":
    file = folder / "applied.yaml"
    file.write_text(text)
    return kubectl("apply", "-f", str(file), *flags)


def test_scaling_adds_pods_that_fare_as_the_others(kubectl: Kubectl) -> None:
    kubectl("scale", "deploy/payment-service", "--replicas=5")

    assert _value(kubectl, "deploy payment-service", ".status.readyReplicas") == "5"
    pods = kubectl("get", "pods", "-l", "app=payment-service", "-o", "name").stdout
    assert len(pods.splitlines()) == 5


@pytest.mark.parametrize(
    "line",
    [
        "scale deploy/payment-service --replicas=5 --dry-run=server",
        "delete pod postgres-0 --dry-run=server",
        "drain worker-2 --ignore-daemonsets --dry-run=server",
        "set image deploy/payment-service payment-service=x:1 --dry-run=server",
        "label pod postgres-0 seen=true --dry-run=server",
    ],
)
def test_a_dry_run_changes_nothing(kubectl: Kubectl, line: str) -> None:
    before = kubectl("get", "all,nodes", "-A", "-o", "json").stdout

    done = kubectl(*line.split())

    assert done.returncode == 0, done.stderr
    assert "dry run" in done.stdout
    assert kubectl("get", "all,nodes", "-A", "-o", "json").stdout == before


def test_a_restart_is_a_new_revision_that_can_be_undone(kubectl: Kubectl) -> None:
    before = set(kubectl("get", "pods", "-l", "app=payment-service", "-o", "name").stdout.split())

    restarted = kubectl("rollout", "restart", "deploy/payment-service")
    after = set(kubectl("get", "pods", "-l", "app=payment-service", "-o", "name").stdout.split())
    kubectl("rollout", "undo", "deploy/payment-service")

    assert restarted.stdout == "deployment.apps/payment-service restarted\n"
    assert len(after) == 3
    assert not before & after
    history = kubectl("rollout", "history", "deploy/payment-service").stdout
    assert [line.split()[0] for line in history.splitlines()[2:] if line] == ["12", "14", "15"]


def test_a_deleted_pod_of_a_stateful_set_comes_back_under_its_name(kubectl: Kubectl) -> None:
    old = _value(kubectl, "pod postgres-0", ".metadata.uid")

    done = kubectl("delete", "pod", "postgres-0", "--timeout=5s")

    assert done.returncode == 0, done.stderr
    assert _value(kubectl, "pod postgres-0", ".metadata.uid") not in ("", old)


def test_deleting_a_deployment_deletes_what_it_owns(kubectl: Kubectl) -> None:
    kubectl("delete", "deploy", "payment-service")

    assert kubectl("get", "rs,pods", "-l", "app=payment-service", "-o", "name").stdout == ""


def test_orphans_survive_their_owner(kubectl: Kubectl) -> None:
    kubectl("delete", "deploy", "payment-service", "--cascade=orphan")

    pods = kubectl("get", "pods", "-l", "app=payment-service", "-o", "name").stdout
    assert len(pods.splitlines()) == 3


@pytest.mark.parametrize(
    ("flags", "patch"),
    [
        ("--type=strategic", {"spec": {"ports": [{"port": 5432, "targetPort": 9}]}}),
        ("--type=json", [{"op": "replace", "path": "/spec/ports/0/targetPort", "value": 9}]),
        (
            "--type=merge",
            {"spec": {"ports": [{"name": "postgres", "port": 5432, "targetPort": 9}]}},
        ),
    ],
)
def test_a_service_is_patched(kubectl: Kubectl, flags: str, patch: object) -> None:
    done = kubectl("patch", "svc", "postgres", flags, "-p", json.dumps(patch))

    assert done.returncode == 0, done.stderr
    assert _value(kubectl, "svc postgres", ".spec.ports[0]['name','targetPort']") == "postgres 9"


@pytest.mark.parametrize("flags", [(), ("--server-side",)], ids=["client-side", "server-side"])
def test_apply_creates_and_then_merges(
    kubectl: Kubectl, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: q}\ndata: {a: FIRST}\n"

    created = _apply(kubectl, tmp_path, text, *flags)
    changed = _apply(kubectl, tmp_path, text.replace("FIRST", "second"), *flags)

    assert (created.returncode, changed.returncode) == (0, 0), created.stderr + changed.stderr
    assert _value(kubectl, "cm q", ".data.a") == "second"


def test_a_defined_kind_is_served_with_its_columns(kubectl: Kubectl, tmp_path: Path) -> None:
    _apply(kubectl, tmp_path, DEFINITION)

    made = _apply(kubectl, tmp_path, BOAT.replace("LENGTH", "133"))

    assert made.returncode == 0, made.stderr
    assert kubectl("get", "bt").stdout.split() == ["NAME", "LENGTH", "ark", "133"]


@pytest.mark.parametrize(
    ("length", "why"),
    [("many", "spec.length: Invalid value"), ("0", "out of range"), ("3, sails: 2", "spec.sails")],
)
def test_a_defined_kind_is_checked_against_its_schema(
    kubectl: Kubectl, tmp_path: Path, length: str, why: str
) -> None:
    _apply(kubectl, tmp_path, DEFINITION)

    refused = _apply(kubectl, tmp_path, BOAT.replace("LENGTH", length))

    assert refused.returncode == 1
    assert why in refused.stderr


def test_a_watch_prints_changes_as_they_happen(kubectl: Kubectl) -> None:
    kubectl("label", "pod", "postgres-0", "seen=true")

    watched = kubectl("get", "pod", "postgres-0", "-w", "-o", "name", "--request-timeout=300ms")

    assert watched.stdout.startswith("pod/postgres-0\n")
