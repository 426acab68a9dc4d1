"""Which cluster is meant and how it lets us in: kubeconfig files, or the pod's own account."""

import base64
import binascii
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from punchingfist.errors import InvalidInput, NotFound

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
IN_CLUSTER = "in-cluster"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A program of the operator's that prints credentials (`user.exec`)."""

    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    api_version: str


@dataclass(frozen=True, slots=True)
class Access:
    """
    One context, resolved.

    *authority* and *certificate* are PEM text; *token_file* is read again for
    each request, because it rotates.
    """

    context: str
    server: str
    namespace: str
    kubeconfig: str | None
    authority: str | None = None
    verify: bool = True
    server_name: str | None = None
    proxy: str | None = None
    certificate: tuple[str, str] | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    basic: tuple[str, str] | None = field(default=None, repr=False)
    plugin: Plugin | None = None
    headers: tuple[tuple[str, str], ...] = ()


def find_access(
    kubeconfig: str | None,
    context: str | None,
    *,
    environ: Mapping[str, str],
    service_account: Path = SERVICE_ACCOUNT,
) -> Access:
    """
    Return the access of *context*, or of the current one.

    Looked for in this order: *kubeconfig* (one path, or several as in
    `KUBECONFIG`), `~/.kube/config`, the service account of the pod we run in.

    Raises:
        NotFound: there is no kubeconfig, or no such context in it.
        InvalidInput: a file is not a kubeconfig, or points nowhere.
    """
    if kubeconfig:
        paths = [Path(one).expanduser() for one in kubeconfig.split(os.pathsep) if one]
        present = [path for path in paths if path.is_file()]
        if not present:
            raise NotFound(f"kubeconfig {kubeconfig!r} does not exist; name one with --kubeconfig")
        return _from_files(present, context)
    home = Path(environ["HOME"]) if "HOME" in environ else Path.home()
    usual = home / ".kube" / "config"
    if usual.is_file():
        return _from_files([usual], context)
    if "KUBERNETES_SERVICE_HOST" in environ and (service_account / "token").is_file():
        return _in_cluster(environ, service_account)
    raise NotFound(f"there is no kubeconfig at {usual}; set KUBECONFIG or give --kubeconfig")


def _in_cluster(environ: Mapping[str, str], account: Path) -> Access:
    host = environ["KUBERNETES_SERVICE_HOST"]
    port = environ.get("KUBERNETES_SERVICE_PORT", "443")
    namespace = account / "namespace"
    return Access(
        context=IN_CLUSTER,
        server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        namespace=namespace.read_text().strip() if namespace.is_file() else "default",
        kubeconfig=None,
        authority=(account / "ca.crt").read_text(),
        token_file=account / "token",
    )


def _from_files(paths: list[Path], wanted: str | None) -> Access:
    documents = [(path, _read(path)) for path in paths]
    current = (str(document.get("current-context") or "") for _, document in documents)
    name = wanted or next(filter(None, current), "")
    contexts = _entries(documents, "contexts", "context")
    if name not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        said = f"context {name!r} is not in" if name else "no current context in"
        raise NotFound(f"{said} {_join(paths)}; there is: {known}")
    context, place = contexts[name]
    cluster, cluster_at = _pick(documents, "clusters", "cluster", context.get("cluster"), place)
    user: dict[str, Any] = {}
    user_at = place
    if context.get("user"):
        user, user_at = _pick(documents, "users", "user", context["user"], place)
    if not cluster.get("server"):
        raise InvalidInput(f"cluster {context['cluster']!r} has no server", file=str(cluster_at))
    if user.get("auth-provider"):
        raise InvalidInput(
            f"user {context['user']!r}: auth-provider is gone from Kubernetes; use exec",
            file=str(user_at),
        )
    return Access(
        context=name,
        server=str(cluster["server"]).rstrip("/"),
        namespace=context.get("namespace") or "default",
        kubeconfig=_join(paths),
        authority=_pem(cluster, "certificate-authority", cluster_at),
        verify=not cluster.get("insecure-skip-tls-verify"),
        server_name=cluster.get("tls-server-name"),
        proxy=cluster.get("proxy-url"),
        certificate=_certificate(user, user_at),
        token=user.get("token"),
        token_file=user_at.parent / user["tokenFile"] if user.get("tokenFile") else None,
        basic=(str(user["username"]), str(user.get("password", "")))
        if user.get("username")
        else None,
        plugin=_plugin(user.get("exec"), user_at),
        headers=_impersonation(user),
    )


_Documents = list[tuple[Path, dict[str, Any]]]


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot be read: {error}", file=str(path)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InvalidInput(
            f"is not YAML: {getattr(error, 'problem', error)}",
            file=str(path),
            line=mark.line + 1 if mark else None,
        ) from None
    if not isinstance(document, dict):
        raise InvalidInput("is no kubeconfig; it must hold clusters and contexts", file=str(path))
    return document


def _entries(
    documents: _Documents, plural: str, singular: str
) -> dict[str, tuple[dict[str, Any], Path]]:
    """Gather entries by name; as with kubectl, the first file that names one wins."""
    found: dict[str, tuple[dict[str, Any], Path]] = {}
    for path, document in documents:
        for entry in filter(_is_mapping, document.get(plural) or ()):
            found.setdefault(str(entry.get("name")), (entry.get(singular) or {}, path))
    return found


def _is_mapping(entry: object) -> bool:
    return isinstance(entry, dict)


def _pick(
    documents: _Documents, plural: str, singular: str, name: object, place: Path
) -> tuple[dict[str, Any], Path]:
    entries = _entries(documents, plural, singular)
    if str(name) not in entries:
        raise InvalidInput(f"{singular} {name!r} is used but not defined", file=str(place))
    return entries[str(name)]


def _join(paths: Iterable[Path]) -> str:
    return os.pathsep.join(str(path.resolve()) for path in paths)


def _pem(entry: Mapping[str, Any], key: str, place: Path) -> str | None:
    """Return PEM text given in the entry itself or as a path beside its file."""
    if inline := entry.get(f"{key}-data"):
        try:
            return base64.b64decode(inline, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise InvalidInput(f"{key}-data is not base64 of PEM", file=str(place)) from None
    if not entry.get(key):
        return None
    path = place.parent / str(entry[key])
    try:
        return path.read_text()
    except OSError as error:
        raise InvalidInput(f"{key} {str(path)!r}: {error.strerror}", file=str(place)) from None


def _certificate(user: Mapping[str, Any], place: Path) -> tuple[str, str] | None:
    certificate, key = _pem(user, "client-certificate", place), _pem(user, "client-key", place)
    return (certificate, key) if certificate and key else None


def _plugin(entry: Mapping[str, Any] | None, place: Path) -> Plugin | None:
    if not entry:
        return None
    command = str(entry.get("command") or "")
    if "/" in command:
        command = str(place.parent / command)
    return Plugin(
        command=command,
        arguments=tuple(str(one) for one in entry.get("args") or ()),
        environment={one["name"]: str(one["value"]) for one in entry.get("env") or ()},
        api_version=str(entry.get("apiVersion") or "client.authentication.k8s.io/v1"),
    )


def _impersonation(user: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    groups = (("Impersonate-Group", str(group)) for group in user.get("as-groups") or ())
    return (("Impersonate-User", str(user["as"])), *groups) if user.get("as") else ()
