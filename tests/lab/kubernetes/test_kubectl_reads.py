"""Real kubectl looks at a practice cluster."""

import re
import shlex
import subprocess
from collections.abc import Callable

import pytest

Kubectl = Callable[..., "subprocess.CompletedProcess[str]"]

PAYMENTS = [
    ("get pods", r"postgres-0 +1/1 +Running +0 +33d"),
    ("get pods -A", r"kube-system +coredns-\S+ +1/1"),
    ("get pods -o wide", r"postgres-0 .* 10\.244\.2\.\d+ +worker-2"),
    ("get pods -o name", r"pod/postgres-0"),
    ("get pods -o json", r'"kind": "List"'),
    ("get pod postgres-0 -o yaml", r"uid: \S+-\S+"),
    ("get po postgres-0 -o jsonpath={.spec.nodeName}", r"^worker-2$"),
    ("get pods -l app=postgres", r"^NAME.*\npostgres-0 [^\n]*\n$"),
    ("get pods -l 'app!=postgres,app notin (x)' -o name", r"^pod/ledger-export-\S+\n"),
    ("get pods --field-selector spec.nodeName=worker-2 -o name", r"pod/postgres-0"),
    ("get pods --chunk-size=2 -A -o name", r"(pod/\S+\n){10}"),
    ("get deployments,rs,sts", r"deployment.apps/payment-service +3/3 +3 +3 +210d"),
    ("get svc,ep,endpointslices", r"endpoints/postgres +10\.244\.2\.\d+:5432"),
    ("get nodes -o wide", r"worker-1 +Ready +<none> +142d +v1\.34\.1 +10\.0\.3\.11"),
    ("get hpa", r"cpu: 31%/70% +3 +10 +3"),
    ("get pvc,pv,sc", r"gp3 \(default\) +ebs\.csi\.aws\.com"),
    ("get all", r"horizontalpodautoscaler.autoscaling/payment-service"),
    ("get events", r"Warning +Unhealthy +pod/payment-service-"),
    ("events", r"\(x3 over 31m\) +Warning +Unhealthy"),
    ("events --for pod/postgres-0", r"^$"),
    ("describe pod postgres-0", r"Limits:\n +cpu: +500m"),
    ("describe deployment payment-service", r"NewReplicaSet: +payment-service-\S+ \(3/3"),
    ("describe rs", r"Controlled By: +Deployment/payment-service"),
    ("describe statefulset postgres", r"Pods Status: +1 Running"),
    ("describe service postgres", r"Endpoints: +10\.244\.2\.\d+:5432"),
    ("describe endpointslices", r"TargetRef: +Pod/postgres-0"),
    ("describe hpa payment-service", r"ScalingActive +True"),
    ("describe pvc data-postgres-0", r"Used By: +postgres-0"),
    ("describe node worker-2", r"RenewTime: +\w{3}, \d\d"),
    ("describe node worker-2", r"payments +postgres-0 +500m \(6%\)"),
    ("describe namespace payments", r"Status: +Active"),
    ("logs postgres-0 --tail=1", r"LOG:  duration: \d+\.\d+ ms  execute"),
    ("logs postgres-0 --tail=1 --timestamps", r"^\d{4}-\d\d-\d\dT\S+Z \d{4}-"),
    ("logs postgres-0 --since=1s", r"^$"),
    ("logs postgres-0 --limit-bytes=10", r"^\d{4}-\d\d-\d\d$"),
    ("logs -l app=payment-service --tail=5", r"Connection timeout to database"),
    ("top pods", r"postgres-0 +499m +\d+Mi"),
    ("top pod postgres-0 --containers", r"postgres-0 +postgres +499m"),
    ("top nodes", r"worker-1 +1900m +24% +\d+Mi +\d+%"),
    ("rollout status deployment/payment-service", r"successfully rolled out"),
    ("rollout history deployment/payment-service", r"12 +<none>\n13 +<none>"),
    ("auth can-i get pods", r"^yes$"),
    ("auth can-i --list", r"pods/log .* \[create .*get"),
    ("auth whoami", r"Username +practice-user"),
    ("get --raw /readyz", r"^ok$"),
    ("api-resources", r"deployments +deploy +apps/v1 +true +Deployment"),
    ("api-versions", r"metrics.k8s.io/v1beta1"),
    ("version", r"Server Version: v1\.34"),
    ("wait --for=condition=Ready pod/postgres-0 --timeout=5s", r"condition met"),
]  # fmt: skip

REFUSALS = [
    ("get pod nobody", 'pods "nobody" not found'),
    ("get unicorns", 'the server doesn\'t have a resource type "unicorns"'),
    ("get pods --field-selector spec.mood=bad", "field label not supported: spec.mood"),
    ("logs postgres-0 --previous", 'previous terminated container "postgres"'),
    ("logs postgres-0 -c sidecar", "container sidecar is not valid for pod postgres-0"),
    ("exec postgres-0 -- ls", "exec: no kubelet runs here"),
]


@pytest.mark.parametrize(("line", "shown"), PAYMENTS, ids=[line for line, _ in PAYMENTS])
def test_kubectl_shows(payments: Kubectl, line: str, shown: str) -> None:
    done = payments(*shlex.split(line))

    assert done.returncode == 0, done.stderr
    assert re.search(shown, done.stdout), done.stdout


@pytest.mark.parametrize(("line", "why"), REFUSALS, ids=[line for line, _ in REFUSALS])
def test_kubectl_is_told_why_not(payments: Kubectl, line: str, why: str) -> None:
    done = payments(*shlex.split(line))

    assert done.returncode == 1
    assert why in done.stderr


CRASHING = [
    ("get pods -l app=my-app", r"0/1 +CrashLoopBackOff +9 \(\d+m\d+s ago\)"),
    ("describe pods -l app=my-app", r"Reason: +OOMKilled\n +Exit Code: +137"),
    ("logs -l app=my-app --previous --tail=-1", r"java\.lang\.OutOfMemoryError: Java heap space"),
    ("logs deploy/my-app --tail=1", r"Terminating due to java\.lang\.OutOfMemoryError"),
    ("rollout history deploy/my-app", r"8 +kubectl set image .*:2\.4\.0"),
    ("rollout history deploy/my-app --revision=7", r"Image:\s+registry\.example\.com/my-app:2\.3\.1"),
    ("top pods -l app=my-app", r"512Mi"),
    ("events", r"Back-off restarting failed container my-app"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "shown"), CRASHING, ids=[line for line, _ in CRASHING])
def test_kubectl_shows_a_crash_loop(crashing: Kubectl, line: str, shown: str) -> None:
    done = crashing(*line.split())

    assert done.returncode == 0, done.stderr
    assert re.search(shown, done.stdout), done.stdout


def test_a_rollout_that_is_not_available_keeps_kubectl_waiting(crashing: Kubectl) -> None:
    done = crashing("rollout", "status", "deploy/my-app", "--timeout=100ms")

    assert done.returncode == 1
    assert "0 of 2 updated replicas are available" in done.stdout
