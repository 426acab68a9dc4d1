"""What to show the API server at the door: tokens, files that rotate, programs that print them."""

import base64
import json
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from punchingfist.adapters.kubernetes.kubeconfig import Access, Plugin
from punchingfist.errors import Unavailable

_PLUGIN_SECONDS = 30
_EARLY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Credential:
    """A header's worth, a certificate's worth, or both; *expires* is None when it does not."""

    authorization: str | None = field(default=None, repr=False)
    certificate: tuple[str, str] | None = field(default=None, repr=False)
    expires: datetime | None = None


class Credentials:
    """Gives the credential to use now; may read a file or run a program, so call it in a thread."""

    def __init__(self, access: Access, environ: Mapping[str, str]) -> None:
        self._access, self._environ = access, environ
        self._lock = threading.Lock()
        self._printed: Credential | None = None

    def current(self, *, renew: bool = False) -> Credential:
        """
        Return what to show; *renew* after the server refused the last one.

        Raises:
            Unavailable: the credential program failed; says how.
        """
        access = self._access
        if access.token_file is not None:
            return self._from_file()
        if access.plugin is not None and not access.token:
            return self._from_plugin(access.plugin, renew=renew)
        if access.token:
            return Credential(f"Bearer {access.token}", access.certificate)
        if access.basic:
            pair = base64.b64encode(":".join(access.basic).encode()).decode()
            return Credential(f"Basic {pair}", access.certificate)
        return Credential(None, access.certificate)

    def _from_file(self) -> Credential:
        assert self._access.token_file is not None
        try:
            token = self._access.token_file.read_text().strip()
        except OSError as error:
            raise Unavailable(
                f"context {self._access.context!r}: token file "
                f"{str(self._access.token_file)!r}: {error.strerror}"
            ) from None
        return Credential(f"Bearer {token}", self._access.certificate)

    def _from_plugin(self, plugin: Plugin, *, renew: bool) -> Credential:
        with self._lock:
            kept = self._printed
            fresh = kept and (kept.expires is None or kept.expires - _EARLY > datetime.now(UTC))
            if kept is None or renew or not fresh:
                self._printed = self._run(plugin)
            assert self._printed is not None
            return self._printed

    def _run(self, plugin: Plugin) -> Credential:
        kind = {"kind": "ExecCredential", "apiVersion": plugin.api_version}
        about = {**kind, "spec": {"interactive": False}}
        environment = {
            **self._environ,
            **plugin.environment,
            "KUBERNETES_EXEC_INFO": json.dumps(about),
        }
        said = f"context {self._access.context!r}: credential program {plugin.command!r}"
        try:
            ended = subprocess.run(
                [plugin.command, *plugin.arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PLUGIN_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"{said} gave no answer within {_PLUGIN_SECONDS} s") from None
        except OSError as error:
            raise Unavailable(f"{said}: {error.strerror}; install it or fix PATH") from None
        if ended.returncode:
            reason = ended.stderr.decode(errors="replace").strip().splitlines()[-1:] or [
                "no reason"
            ]
            raise Unavailable(f"{said} ended with {ended.returncode}: {reason[0]}")
        try:
            return _parse(json.loads(ended.stdout)["status"])
        except (ValueError, KeyError, TypeError):
            raise Unavailable(f"{said} printed no ExecCredential; run it by hand") from None


def _parse(status: Mapping[str, str]) -> Credential:
    token, expires = status.get("token"), status.get("expirationTimestamp")
    certificate, key = status.get("clientCertificateData"), status.get("clientKeyData")
    if not token and not certificate:
        raise ValueError("neither a token nor a certificate")
    return Credential(
        f"Bearer {token}" if token else None,
        (certificate, key) if certificate and key else None,
        datetime.fromisoformat(expires) if expires else None,
    )
