"""The servers a person works with, and their tokens: one file, for its owner's eyes."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from punchingfist.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Context:
    """A server by the *name* one gave it."""

    name: str
    url: str
    token: str = field(repr=False)


class Contexts:
    """`contexts.yaml` in the user's configuration folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "contexts.yaml"
        self.current, self._known = self._read()

    def all(self) -> list[Context]:
        """Return every context by name."""
        return [self._known[name] for name in sorted(self._known)]

    def find(self, *, url: str) -> Context | None:
        """Return the context of the server at *url*, if any; the current one where there are two."""
        same = [one for one in self.all() if one.url == url.rstrip("/")]
        return next((one for one in same if one.name == self.current), same[0] if same else None)

    def chosen(self) -> Context | None:
        """Return the current context; None stands for the server on this machine."""
        return self._known.get(self.current) if self.current else None

    def keep(self, context: Context) -> None:
        """Add *context*, in place of the one of its name, and make it the current one."""
        self._known[context.name] = context
        self.current = context.name
        self._write()

    def use(self, name: str | None) -> None:
        """
        Make *name* the current one, None the server on this machine.

        Raises:
            NotFound: there is no such context.
        """
        if name is not None and name not in self._known:
            known = ", ".join(sorted(self._known)) or "none yet; see `fist login URL`"
            raise NotFound(f"context {name!r} is not known; there are {known}")
        self.current = name
        self._write()

    def remove(self, name: str) -> None:
        """
        Forget *name* and its token.

        Raises:
            NotFound: there is no such context.
        """
        if self._known.pop(name, None) is None:
            raise NotFound(f"context {name!r} is not known")
        self.current = None if self.current == name else self.current
        self._write()

    def _read(self) -> tuple[str | None, dict[str, Context]]:
        import yaml

        try:
            found: Any = yaml.safe_load(self.path.read_text("utf-8")) or {}
            known = {
                str(name): Context(str(name), str(one["url"]), str(one.get("token") or ""))
                for name, one in (found.get("contexts") or {}).items()
            }
            return found.get("current"), known
        except FileNotFoundError:
            return None, {}
        except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"this cannot be read: {type(error).__name__}; mend it, or remove it and log in again",
                file=str(self.path),
            ) from error

    def _write(self) -> None:
        import yaml

        contexts = {one.name: {"url": one.url, "token": one.token} for one in self.all()}
        text = yaml.safe_dump({"current": self.current, "contexts": contexts}, sort_keys=False)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}")
        draft.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(self.path)
