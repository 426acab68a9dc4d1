"""What a kubectl command gave, and what that is worth as evidence."""

import json
import re
from dataclasses import dataclass

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.domain.investigation.evidence import Outcome
from punchingfist.ports.cluster import Cluster
from punchingfist.ports.tool import ToolOutput

# A no is an answer: `can-i` ends with 1 for "no", `rollout status` for "past its deadline".
_SAYS_NO = frozenset({"auth can-i", "rollout status"})
_UNREACHABLE = re.compile(
    r"unable to connect to the server|connection to the server .* was refused|no such host"
    r"|i/o timeout|connection refused|tls: |x509: |eof$",
    re.IGNORECASE,
)
_SERVER_SAID = re.compile(r"error from server \((?P<reason>\w+)\): (?P<message>.*)", re.IGNORECASE)
_KLOG = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d")
_NO_SUCH_PATH = "could not find the requested resource"
_FORBIDDEN = frozenset({"forbidden", "unauthorized"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What kubectl writes and ends with, whichever back end it was."""

    stdout: str
    stderr: str = ""
    exit_code: int = 0
    truncated: bool = False


def judge(
    command: KubectlCommand, answer: Answer, *, cluster: Cluster, limit_bytes: int
) -> ToolOutput:
    """
    Return *answer* as a tool's output.

    A named object that is not there was looked for and is seen to be absent;
    what was refused or could not be reached was not seen.
    """
    stdout = _uniform(answer.stdout) if command.flags.get("output") == "json" else answer.stdout
    text = stdout if stdout and not answer.exit_code else stdout + answer.stderr
    text, cut = cut_lines(text, limit_bytes)
    truncated = cut or answer.truncated or _stops_at_its_limit(command, stdout)
    gap = _gap(command, answer, cluster)
    outcome = Outcome.FAILED if gap else Outcome.SEEN
    return ToolOutput(outcome, text, answer.exit_code, truncated=truncated, gap=gap)


def cut_lines(text: str, limit_bytes: int) -> tuple[str, bool]:
    """Return at most *limit_bytes* of *text*, whole lines where there are any, and whether cut."""
    encoded = text.encode()
    if len(encoded) <= limit_bytes:
        return text, False
    kept = encoded[:limit_bytes]
    end = kept.rfind(b"\n")
    return (kept[: end + 1] if end > 0 else kept).decode(errors="ignore"), True


def to_json(document: object) -> str:
    """Return *document* as kubectl prints it."""
    return json.dumps(document, indent=4, sort_keys=True, ensure_ascii=False) + "\n"


def _uniform(text: str) -> str:
    """Print JSON the same way for both back ends; what is no JSON stays as it is."""
    try:
        return to_json(json.loads(text))
    except ValueError:
        return text


def _stops_at_its_limit(command: KubectlCommand, text: str) -> bool:
    if command.verb != "logs":
        return False
    tail, limit = int(command.flags["tail"]), int(command.flags["limit-bytes"])
    return len(text.encode()) >= limit > 0 or (tail > 0 and text.count("\n") >= tail)


def _gap(command: KubectlCommand, answer: Answer, cluster: Cluster) -> str | None:
    if not answer.exit_code:
        return None
    for line in _without_klog(answer.stderr):
        if _UNREACHABLE.search(line):
            return f"cluster {cluster.context!r} at {cluster.server} cannot be reached: {line}"
        if (said := _SERVER_SAID.search(line)) and not _is_observation(command, said):
            is_rbac = said["reason"].lower() in _FORBIDDEN
            return f"forbidden: {said['message']}" if is_rbac else said[0]
    if _SERVER_SAID.search(answer.stderr) or command.verb in _SAYS_NO:
        return None
    return next(iter(answer.stderr.splitlines()), f"kubectl ended with {answer.exit_code}")


def _without_klog(stderr: str) -> list[str]:
    """Return the lines meant for people; kubectl's own log lines only where there are no others."""
    lines = stderr.splitlines()
    return [line for line in lines if not _KLOG.match(line)] or lines


def _is_observation(command: KubectlCommand, said: re.Match[str]) -> bool:
    """Tell whether the server answered the question with a no, rather than refused to answer."""
    reason = said["reason"].lower()
    if reason == "notfound":
        return _NO_SUCH_PATH not in said["message"]
    return reason == "badrequest" and command.verb == "logs"
