import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.guardrails.kubectl_commands import Target, parse_kubectl
from punchingfist.domain.guardrails.kubectl_grammar import VERBS
from punchingfist.domain.guardrails.risk import Risk
from punchingfist.errors import InvalidInput, PunchingFistError, Refused

ACCEPTED = {
    "kubectl get pods -n shop": "get pods --namespace=shop",
    "get po": "get po --namespace=default",
    "kubectl -n shop get pods": "get pods --namespace=shop",
    "--namespace shop get pods": "get pods --namespace=shop",
    "kubectl get pods -nshop": "get pods --namespace=shop",
    "kubectl get pods -n=shop": "get pods --namespace=shop",
    "kubectl get pods -Ao wide": "get pods --all-namespaces --output=wide",
    "get Pods,SVC -A": "get pods,svc --all-namespaces",
    "get pod/cart-1 -n shop -o json": "get pod cart-1 --namespace=shop --output=json",
    "get pod/cart-1 svc/cart": "get pod/cart-1 svc/cart --namespace=default",
    "get pods cart-1 cart-2 -oyaml": "get pods cart-1 cart-2 --namespace=default --output=yaml",
    "get deployments.apps": "get deployments.apps --namespace=default",
    "get nodes -o name": "get nodes --output=name",
    "get all -n shop": "get all --namespace=shop",
    "get node n1 -n shop": "get node n1",
    "get pods -l 'app in (cart, web),!canary'": (
        "get pods --namespace=default '--selector=app in (cart, web),!canary'"
    ),
    "get events --field-selector=type!=Normal --sort-by=.lastTimestamp": (
        "get events --namespace=default '--field-selector=type!=Normal' --sort-by=.lastTimestamp"
    ),
    "get pods -n shop -o json -- cart-1": "get pods cart-1 --namespace=shop --output=json",
    "describe deploy cart": "describe deploy cart --namespace=default",
    "logs cart-1": "logs cart-1 --namespace=default --tail=200 --limit-bytes=1048576",
    "logs cart-1 app -p --tail 20": (
        "logs cart-1 --namespace=default --container=app --previous --tail=20 --limit-bytes=1048576"
    ),
    "logs deploy/cart --since=10m --limit-bytes=10": (
        "logs deploy/cart --namespace=default --since=10m --tail=200 --limit-bytes=10"
    ),
    "logs -l app=cart --all-containers --tail=-1": (
        "logs --namespace=default --selector=app=cart --all-containers --tail=-1"
        " --limit-bytes=1048576"
    ),
    "top pods -A --sort-by=memory": "top pods --all-namespaces --sort-by=memory",
    "top node": "top node",
    "events --for pod/cart-1 --types=Warning": (
        "events --namespace=default --for=pod/cart-1 --types=Warning"
    ),
    "rollout status deploy/cart --timeout=30s": (
        "rollout status deploy cart --namespace=default --timeout=30s --watch=false"
    ),
    "rollout history deployment cart --revision=2": (
        "rollout history deployment cart --namespace=default --revision=2"
    ),
    "auth can-i delete pods/cart-1": "auth can-i delete pods/cart-1 --namespace=default",
    "auth can-i list deployments.apps -A": "auth can-i list deployments.apps --all-namespaces",
    "get clusterrole system:node": "get clusterrole system:node",
}

REFUSED = [
    # another program, or no program at all
    "",
    "kubectl",
    "kubectl -n shop",
    "curl http://169.254.169.254",
    "bash -c id",
    "kubectl kubectl get pods",
    "kubectl neat get pods",
    # a shell that is not there
    "get pods | grep cart",
    "get pods; id",
    "get pods;id",
    "get pods && id",
    "get pods & id",
    "get pods > /etc/passwd",
    "get pods -o json >out",
    "get pods < /etc/passwd",
    "get pods\nget nodes",
    "get pods $(id)",
    "get pods `id`",
    'get pods "$(id)"',
    "get pods 'unclosed",
    "get pods \\; id\\",
    # who and where
    "get pods --kubeconfig=/tmp/k",
    "--kubeconfig /tmp/k get pods",
    "get pods --server=https://evil",
    "get pods -s https://evil",
    "get pods --token=abc",
    "get pods --as=admin",
    "get pods --as-group system:masters",
    "get pods --context other",
    "get pods --cluster other",
    "get pods --user other",
    "get pods --insecure-skip-tls-verify",
    "get pods --certificate-authority=/tmp/ca",
    # files and traces
    "get pods --cache-dir=/tmp",
    "get pods --profile=cpu",
    "get pods --profile-output=/tmp/x",
    "get pods --v=9",
    "get pods -v 9",
    "get --raw /api/v1/secrets",
    "get -f pod.yaml",
    "get --filename=/etc/shadow",
    "get -k dir",
    "get pods --template={{.}}",
    "get pods -o go-template={{.}}",
    "get pods -o jsonpath-file=/etc/shadow",
    # secrets without their names beside them, by which they are told
    "get pods -A -o jsonpath={.items[*].spec.containers[*].env[*].value}",
    "get cm -o jsonpath-as-json={.items[*].data.password}",
    "get cm -o custom-columns=X:.data.password",
    "get cm -o go-template={{.data}}",
    "get pods -o custom-columns-file=/etc/shadow",
    "get pods -o go-template-file=/etc/shadow",
    # no end
    "get pods -w",
    "get pods --watch",
    "get pods --watch-only",
    "logs cart-1 -f",
    "logs cart-1 --follow",
    "rollout status deploy/cart --watch",
    "rollout status deploy/cart --watch=true",
    "events --watch",
    # secrets in any spelling
    "get secrets",
    "get secret db -o yaml",
    "get Secret",
    "get SECRETS -A",
    "get secrets.v1.",
    "get secret.v1",
    "get pods,secrets",
    "get secret/db",
    "get pod/a Secret/db",
    "describe secret db",
    "describe secrets",
    "delete secret db",
    "label secret db a=b",
    "events --for=secret/db",
    # verbs that open doors or never come back
    "exec cart-1 -- sh",
    "attach cart-1",
    "cp cart-1:/etc/passwd /tmp",
    "port-forward cart-1 80",
    "proxy",
    "debug cart-1",
    "edit deploy cart",
    "run x --image=y",
    "apply -f x",
    "create deployment x --image=y",
    "replace -f x",
    "diff -f x",
    "config view --raw",
    "plugin list",
    "cluster-info dump",
    "wait pod/cart-1 --for=delete",
    "auth reconcile -f x",
    "rollout",
    "certificate approve x",
    # changes without a clear target
    "delete pods",
    "delete pods --all",
    "delete pods -l app=cart",
    "delete -f x",
    "scale deploy cart",
    "scale deploy --replicas=1",
    "drain",
    "cordon",
    "cordon -l a=b",
    "rollout restart deploy",
    # arguments that are something else
    "get pods -- -A",
    "get pods -",
    "get",
    "get pods cart_1!",
    "get ../../api/v1/secrets",
    "get pods/../secrets/db",
    "get https://evil/pods",
    "get pods -n",
    "get pods -n -A",
    "get pods -n a -n b",
    "get pods -n a -A",
    "get pods cart-1 -A",
    "get pods --unheard-of",
    "get pods -z",
    "get pods cart -l app=cart",
    "logs",
    "logs cart-1 app more",
    "logs cart-1 app -c other",
    "logs cart-1 -l app=cart",
    "logs cart-1 --tail=many",
    "logs cart-1 --since=yesterday",
    "top deployments",
    "rollout status pods/cart-1",
    "auth can-i get",
    "auth can-i get /metrics",
    "events pods",
    "get pods " + "a " * 50,
]


@pytest.mark.parametrize(("line", "canonical"), ACCEPTED.items())
def test_a_legitimate_line_becomes_one_canonical_command(line: str, canonical: str) -> None:
    assert str(parse_kubectl(line, default_namespace="default")) == f"kubectl {canonical}"


@pytest.mark.parametrize("line", REFUSED)
def test_a_hostile_or_meaningless_line_is_not_a_command(line: str) -> None:
    with pytest.raises((InvalidInput, Refused)):
        parse_kubectl(line)


@pytest.mark.parametrize("line", ACCEPTED)
def test_reading_a_canonical_command_again_changes_nothing(line: str) -> None:
    once = parse_kubectl(line, default_namespace="default")

    assert parse_kubectl(once.argv) == once
    assert parse_kubectl(str(once)) == once


@pytest.mark.parametrize(
    ("line", "risk"),
    [
        ("get pods", Risk.READ),
        ("rollout history deploy cart", Risk.READ),
        ("rollout restart deploy/cart", Risk.WRITE),
        ("rollout undo deploy cart --to-revision=3", Risk.WRITE),
        ("scale deploy cart --replicas=3", Risk.WRITE),
        ("scale sts db --replicas 0", Risk.DESTRUCTIVE),
        ("label pod cart-1 tier=web --overwrite", Risk.WRITE),
        ("annotate deploy cart note=hi", Risk.WRITE),
        ("set image deploy/cart app=cart:2", Risk.WRITE),
        ("set env deploy/cart LEVEL=debug", Risk.WRITE),
        ("set resources deploy cart --limits=memory=1Gi", Risk.WRITE),
        ("patch deploy cart -p '{\"spec\":{}}'", Risk.WRITE),
        ("cordon n1", Risk.WRITE),
        ("delete pod cart-1", Risk.DESTRUCTIVE),
        ("drain n1 --ignore-daemonsets", Risk.DESTRUCTIVE),
    ],
)
def test_the_risk_comes_from_the_parsed_command(line: str, risk: Risk) -> None:
    assert parse_kubectl(line).risk is risk


def test_a_command_tells_its_parts() -> None:
    command = parse_kubectl("get deploy/cart svc/cart -n shop -o json")

    assert command.verb == "get"
    assert command.targets == (Target("deploy", "cart"), Target("svc", "cart"))
    assert command.resources == ("deploy", "svc")
    assert command.names == ("cart", "cart")
    assert command.namespace == "shop"
    assert command.flags == {"namespace": "shop", "output": "json"}


def test_a_command_over_all_namespaces_has_no_namespace() -> None:
    assert parse_kubectl("get pods -A", default_namespace="shop").namespace == ""


def test_a_pipe_is_refused_with_what_to_do_instead() -> None:
    with pytest.raises(Refused, match=r"'\|' outside quotes.*--field-selector"):
        parse_kubectl("kubectl get pods | grep Error")


def test_operators_inside_quotes_are_text() -> None:
    command = parse_kubectl("get pods --sort-by='{.a;b|c}' -l \"a=b\"")

    assert command.flags["sort-by"] == "{.a;b|c}"


def test_the_same_letter_means_what_its_verb_says() -> None:
    assert parse_kubectl("logs cart-1 -p").is_set("previous")
    assert parse_kubectl("patch deploy cart -p {}").flags["patch"] == "{}"


@pytest.mark.parametrize("name", ["--all-namespaces", "-A", "-nkube-system", "--namespace=x"])
def test_a_name_from_outside_cannot_widen_a_typed_call(name: str) -> None:
    with pytest.raises(InvalidInput):
        parse_kubectl(["get", "pods", name, "--namespace=shop", "--output=json"])


def test_typed_words_are_never_split() -> None:
    with pytest.raises(InvalidInput, match="no name of an object"):
        parse_kubectl(["get", "pods", "cart -A"])


HOSTILE_NAMES = [
    "-A",
    "--all-namespaces",
    "-l=app",
    "--selector=app=x",
    "--show-labels",
    "--ignore-not-found",
    "--raw=/api/v1/secrets",
    "--kubeconfig=/tmp/k",
    "-nkube-system",
    "../kube-system",
    "../../secrets/x",
    "%2e%2e%2fsecrets",
    "a/b",
    "a b;rm -rf",
    "a,b",
    "*",
    "",
    " ",
    "cart\nkube-system",
    "cart\x00",
    "ｃart",
    "сart",
    "cart\u200b",
    "x" * 254,
    "x" * 10_240,
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize(
    "call",
    [
        ["get", "pods", "--namespace=shop", "--output=json", "--"],
        ["get", "namespaces", "--output=json", "--"],
        ["describe", "pods", "--namespace=shop", "--"],
        ["top", "pods", "--namespace=shop", "--"],
    ],
)
def test_behind_two_dashes_a_name_from_outside_is_a_name_or_refused(
    call: list[str], name: str
) -> None:
    with pytest.raises((InvalidInput, Refused)):
        parse_kubectl([*call, name])


@pytest.mark.parametrize("name", [*HOSTILE_NAMES, "KUBE-SYSTEM", "kube:system", "a..b", "x" * 64])
def test_a_namespace_from_outside_is_a_namespace_or_refused(name: str) -> None:
    with pytest.raises((InvalidInput, Refused)):
        parse_kubectl(["get", "pods", f"--namespace={name}"])


@given(st.lists(st.text(max_size=12) | st.sampled_from(["get", "pods", "-n", "-A", "-o"])))
def test_whatever_is_typed_is_a_command_of_the_table_or_an_error(words: list[str]) -> None:
    try:
        command = parse_kubectl(words)
    except PunchingFistError:
        return

    assert command.verb in VERBS
    assert set(command.flags) <= set(VERBS[command.verb].flags)
    assert parse_kubectl(command.argv) == command
