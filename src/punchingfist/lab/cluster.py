"""The practice cluster: the Kubernetes API of one scenario, over TLS on a loopback port."""

import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from punchingfist.errors import Unavailable
from punchingfist.lab.kubernetes.access import User, allow_all_but
from punchingfist.lab.kubernetes.app import KubernetesApi
from punchingfist.lab.kubernetes.faults import Faults
from punchingfist.lab.kubernetes.logs import LoggedLine, LogKey
from punchingfist.lab.kubernetes.tls import Authority, render_kubeconfig
from punchingfist.lab.kubernetes.usage import Usages
from punchingfist.lab.listener import Listener
from punchingfist.lab.recorded_times import logged_lines
from punchingfist.lab.scenario import Scenario
from punchingfist.ports.clock import Clock

CONTEXT = "practice"
_USER = User("practice-user", ("practice:viewers",))


class PracticeCluster:
    """
    One scenario as a cluster that kubectl and our own client can use.

    It listens from `start` to `stop`, or within a `with`, on its own thread.
    *directory* gets the kubeconfig, whose only context is `practice`; its
    token may read and write whatever the scenario does not forbid. The
    scenario is served as it is: move it to the present first, with `shifted`.
    """

    def __init__(
        self, scenario: Scenario, *, clock: Clock, directory: Path, usages: Usages | None = None
    ) -> None:
        self.scenario = scenario
        self.token = secrets.token_urlsafe(32)
        self.kubeconfig = directory / "kubeconfig"
        self.api = KubernetesApi(
            clock=clock,
            tokens={self.token: _USER},
            allow=allow_all_but(scenario.forbidden),
            logs=_Recorded(scenario).find,
            usages=usages,
        )
        self.api.seed(scenario.objects)
        self._authority = Authority()
        self._listener: Listener | None = None

    @property
    def url(self) -> str:
        """Where the API listens."""
        if self._listener is None:
            raise Unavailable("the practice cluster is not running; start it first")
        return f"https://127.0.0.1:{self._listener.port}"

    @property
    def authority(self) -> bytes:
        """The certificate, in PEM, that clients must trust."""
        return self._authority.pem

    @property
    def faults(self) -> Faults:
        """The trouble a test arranges, and the requests seen."""
        return self.api.faults

    def start(self) -> None:
        """Listen on a free port and write the kubeconfig."""
        self._listener = Listener(self.api, self._authority.server_context)
        self._listener.start()
        text = render_kubeconfig(
            url=self.url,
            authority=self.authority,
            token=self.token,
            context=CONTEXT,
            namespace=self.scenario.namespace,
        )
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(text, encoding="utf-8")

    def stop(self) -> None:
        """Stop listening and cut open watches off; a stopped cluster is unreachable."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Recorded:
    """The logs of a scenario, split into lines when first asked for."""

    def __init__(self, scenario: Scenario) -> None:
        self._logs = scenario.logs
        self._lines: dict[LogKey, tuple[LoggedLine, ...]] = {}

    def find(self, key: LogKey) -> tuple[LoggedLine, ...] | None:
        """Return the lines of one container, None if none were recorded."""
        if key not in self._logs:
            return None
        if key not in self._lines:
            self._lines[key] = logged_lines(self._logs[key])
        return self._lines[key]
