"""What the environment says; nothing else of this package reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Self

from punchingfist.errors import InvalidInput

_LEVELS = ("debug", "info", "warning", "error")
_FORMATS = ("auto", "console", "json")


@dataclass(frozen=True, slots=True)
class Settings:
    """
    The environment, read once.

    *state_dir* and *config_dir* are our folders in the user's XDG ones.
    *environ* is the whole of it, for secret references and for programs that
    need it.
    """

    prometheus_url: str | None
    prometheus_token: str | None = field(repr=False)
    database_url: str | None = field(repr=False)
    kubeconfig: str | None
    config_file: Path | None
    log_level: str
    log_format: str
    state_dir: Path
    config_dir: Path
    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read *environ*, by default the process's own; an empty variable counts as unset."""
        given = {
            name: value
            for name, value in (os.environ if environ is None else environ).items()
            if value
        }
        config_file = given.get("PUNCHINGFIST_CONFIG")
        return cls(
            prometheus_url=given.get("PROMETHEUS_URL"),
            prometheus_token=given.get("PROMETHEUS_TOKEN"),
            database_url=given.get("PUNCHINGFIST_DATABASE_URL"),
            kubeconfig=given.get("KUBECONFIG"),
            config_file=Path(config_file).expanduser() if config_file else None,
            log_level=_one_of(given, "PUNCHINGFIST_LOG_LEVEL", _LEVELS, default="info"),
            log_format=_one_of(given, "PUNCHINGFIST_LOG_FORMAT", _FORMATS, default="auto"),
            state_dir=_folder(given, "XDG_STATE_HOME", ".local/state"),
            config_dir=_folder(given, "XDG_CONFIG_HOME", ".config"),
            environ=MappingProxyType(given),
        )


def _one_of(given: Mapping[str, str], name: str, known: tuple[str, ...], *, default: str) -> str:
    value = given.get(name, default).lower()
    if value not in known:
        raise InvalidInput(
            f"{name} {value!r} is unknown; use one of {', '.join(known)}", field=name, value=value
        )
    return value


def _folder(given: Mapping[str, str], name: str, fallback: str) -> Path:
    home = Path(given["HOME"]) if "HOME" in given else Path.home()
    chosen = Path(given[name]) if name in given else home / fallback
    return chosen / "punchingfist"
