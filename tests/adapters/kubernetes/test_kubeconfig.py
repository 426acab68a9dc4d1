import base64
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from punchingfist.adapters.kubernetes.kubeconfig import Access, find_access
from punchingfist.errors import InvalidInput, NotFound

PEM = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"


def config(
    *,
    name: str = "prod",
    cluster: dict[str, Any] | None = None,
    user: dict[str, Any] | None = None,
    current: str | None = "prod",
) -> dict[str, Any]:
    return {
        "clusters": [{"name": name, "cluster": cluster or {"server": "https://10.0.0.1:6443/"}}],
        "users": [{"name": name, "user": user or {"token": "abc"}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": name, "namespace": "shop"}}
        ],
        "current-context": current,
    }


def write(path: Path, document: object) -> str:
    path.write_text(yaml.safe_dump(document))
    return str(path)


def access_of(folder: Path, context: str | None = None, **parts: Any) -> Access:
    return find_access(write(folder / "config", config(**parts)), context, environ={})


def test_the_current_context_is_used_unless_one_is_named(tmp_path: Path) -> None:
    access = access_of(tmp_path)

    assert (access.context, access.namespace) == ("prod", "shop")
    assert access.server == "https://10.0.0.1:6443"
    assert access.token == "abc"
    assert access.kubeconfig == str(tmp_path / "config")
    assert access_of(tmp_path, "prod", current=None) == access


def test_an_unknown_context_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"context 'staging' is not in .*config; there is: prod"):
        access_of(tmp_path, "staging")


def test_no_current_context_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no current context in .*config; there is: prod"):
        access_of(tmp_path, current=None)


def test_several_files_are_one_and_the_first_wins(tmp_path: Path) -> None:
    first = write(tmp_path / "a", config(name="prod"))
    second = write(tmp_path / "b", config(name="test", current="test"))
    again = write(tmp_path / "c", config(cluster={"server": "https://other"}))
    every = os.pathsep.join([first, second, again, str(tmp_path / "missing")])

    assert find_access(every, None, environ={}).context == "prod"
    assert find_access(every, "test", environ={}).context == "test"
    assert find_access(every, "prod", environ={}).server == "https://10.0.0.1:6443"
    assert find_access(every, None, environ={}).kubeconfig == os.pathsep.join(
        [first, second, again]
    )


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="does not exist; name one with --kubeconfig"):
        find_access(str(tmp_path / "none"), None, environ={})


def test_the_users_own_file_is_the_default(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    write(tmp_path / ".kube" / "config", config())

    assert find_access(None, None, environ={"HOME": str(tmp_path)}).context == "prod"


def test_inside_a_pod_its_account_is_used(tmp_path: Path) -> None:
    for name, text in {"token": "t", "ca.crt": PEM, "namespace": "ops\n"}.items():
        (tmp_path / name).write_text(text)
    environ = {
        "HOME": str(tmp_path / "nobody"),
        "KUBERNETES_SERVICE_HOST": "fd00::1",
        "KUBERNETES_SERVICE_PORT": "443",
    }
    access = find_access(None, None, environ=environ, service_account=tmp_path)

    assert access.server == "https://[fd00::1]:443"
    assert (access.context, access.namespace) == ("in-cluster", "ops")
    assert access.kubeconfig is None
    assert access.token_file == tmp_path / "token"


def test_nothing_anywhere_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="set KUBECONFIG or give --kubeconfig"):
        find_access(None, None, environ={"HOME": str(tmp_path)})


@pytest.mark.parametrize("inline", [True, False])
def test_certificates_stand_inside_or_beside_the_file(tmp_path: Path, inline: bool) -> None:
    (tmp_path / "ca.pem").write_text(PEM)
    encoded = base64.b64encode(PEM.encode()).decode()
    given = (
        {"certificate-authority-data": encoded} if inline else {"certificate-authority": "ca.pem"}
    )

    assert access_of(tmp_path, cluster={"server": "https://x", **given}).authority == PEM


def test_an_exec_plugin_is_read_with_its_words(tmp_path: Path) -> None:
    plugin = {"command": "./bin/login", "args": ["a"], "env": [{"name": "A", "value": "b"}]}
    found = access_of(tmp_path, user={"exec": plugin}).plugin

    assert found is not None
    assert found.command == str(tmp_path / "bin" / "login")
    assert (found.arguments, dict(found.environment)) == (("a",), {"A": "b"})


def test_impersonation_is_kept(tmp_path: Path) -> None:
    access = access_of(tmp_path, user={"token": "t", "as": "ana", "as-groups": ["viewers"]})

    assert access.headers == (("Impersonate-User", "ana"), ("Impersonate-Group", "viewers"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "config:"),
        ("just text", "is no kubeconfig"),
        ("contexts: [{name: a, context: {cluster: b}}]\ncurrent-context: a", "cluster 'b' is used"),
        (
            (
                "contexts: [{name: a, context: {cluster: b}}]\ncurrent-context: a\n"
                "clusters: [{name: b, cluster: {}}]"
            ),
            "cluster 'b' has no server",
        ),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)

    with pytest.raises(InvalidInput) as raised:
        find_access(str(path), None, environ={})
    assert said in str(raised.value)
    assert raised.value.file == str(path)


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ({"auth-provider": {"name": "gcp"}}, "use exec"),
        ({"client-certificate-data": "%%%", "client-key-data": "%%%"}, "is not base64"),
        ({"client-certificate": "missing.pem"}, "No such file"),
    ],
)
def test_a_user_we_cannot_be_says_why(tmp_path: Path, user: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        access_of(tmp_path, user=user)

    assert said in str(raised.value)


def test_credentials_do_not_show_in_the_representation(tmp_path: Path) -> None:
    assert "abc" not in repr(access_of(tmp_path))
