"""Take in the alerts others write into files, going on after a restart where we were."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import structlog

from punchingfist.domain.alert_files import (
    HEAD_BYTES,
    LARGEST_DOCUMENT_BYTES,
    LONGEST_LINE_BYTES,
    FilePlace,
    read_document,
    read_line,
    split_lines,
)
from punchingfist.domain.alerts import Alert
from punchingfist.domain.resources.trigger_sources import FileConfig
from punchingfist.errors import InvalidInput, PunchingFistError
from punchingfist.ports.files import Files, FoundFile
from punchingfist.ports.places import Places

_CHUNK_BYTES = 2 * LONGEST_LINE_BYTES
_DOCUMENT = ".json"
_LOGS = (".jsonl", ".ndjson")

log = structlog.get_logger(__name__)

Receive = Callable[[Sequence[Alert]], Awaitable[object]]


class FileFollower:
    """
    Reads one file, or those of one folder.

    A place is kept only after what stands before it is committed: after a
    crash in between it is read again, and intake knows it by its fingerprint.
    """

    def __init__(
        self, source: str, config: FileConfig, *, files: Files, places: Places, receive: Receive
    ) -> None:
        self._source, self._config = source, config
        self._files, self._places, self._receive = files, places, receive
        self._known: dict[str, FilePlace] | None = None
        self._looks: dict[str, FoundFile] = {}

    async def run(self) -> None:
        """Follow until cancelled; trouble is logged and tried again at the next look."""
        while True:
            try:
                await self.look()
            except PunchingFistError as trouble:
                log.warning("files not read", source=self._source, why=str(trouble))
            await asyncio.sleep(self._config.every.total_seconds())

    async def look(self) -> None:
        """
        Read on in every file.

        Raises:
            Unavailable: a file could not be read, or nothing be stored; it is tried again.
        """
        if self._known is None:
            self._known = await self._recall()
        found = await self._files.list(self._config.path)
        wanted = {file.path: file for file in found if self._is_wanted(file)}
        for path in [*self._known.keys() - wanted.keys()]:
            if not await self._is_only_renamed(path):
                await self._forget(path)
        for path, file in wanted.items():
            if path in self._known and self._known[path].identity != file.identity:
                await self._is_only_renamed(path)
            if _suffix(path) == _DOCUMENT:
                await self._read_document(file)
            else:
                await self._read_log(file)

    def _is_wanted(self, file: FoundFile) -> bool:
        is_named = file.path == self._config.path
        return is_named or _suffix(file.path) in {_DOCUMENT, *_LOGS}

    async def _is_only_renamed(self, path: str) -> bool:
        """Read what was at *path* to its end if it has another name now, as logs that rotate do."""
        known = self._places_now[path]
        for other in await self._files.list(str(PurePath(path).parent)):
            if other.identity == known.identity:
                if not known.digest and not self._is_wanted(other):
                    await self._read_log(other, known_as=path)
                return True
        return False

    async def _read_log(self, file: FoundFile, *, known_as: str | None = None) -> None:
        name = known_as or file.path
        place = await self._place_in(file, self._places_now.get(name) or self._renamed_from(file))
        while place.offset < file.size:
            chunk = await self._files.read(file.path, offset=place.offset, limit_bytes=_CHUNK_BYTES)
            lines, following = split_lines(chunk, place)
            alerts: list[Alert] = []
            for line in lines:
                try:
                    alerts.extend(read_line(line, file.path))
                except InvalidInput as wrong:
                    log.warning("bad line skipped", source=self._source, why=str(wrong))
            if following == place:
                return
            await self._take(alerts)
            place = following
            await self._keep(name, place)

    async def _place_in(self, file: FoundFile, known: FilePlace | None) -> FilePlace:
        """Return where to go on in *file*: at its beginning when it is another than we knew."""
        head = await self._files.read(file.path, offset=0, limit_bytes=HEAD_BYTES)
        if known is not None and known.identity == file.identity and known.offset <= file.size:
            if _digest(head[: known.head_bytes]) == known.head:
                return replace(known, head=_digest(head), head_bytes=len(head))
            log.info("file was written anew", source=self._source, file=file.path)
        return FilePlace(file.identity, head=_digest(head), head_bytes=len(head))

    def _renamed_from(self, file: FoundFile) -> FilePlace | None:
        places = self._places_now.values()
        return next((one for one in places if one.identity == file.identity), None)

    async def _read_document(self, file: FoundFile) -> None:
        before, self._looks[file.path] = self._looks.get(file.path), file
        if before == file and self._places_now.get(file.path):
            known = self._places_now[file.path]
            if known.identity == file.identity and known.digest:
                return
        text = await self._files.read(file.path, offset=0, limit_bytes=LARGEST_DOCUMENT_BYTES + 1)
        digest, known_place = _digest(text), self._places_now.get(file.path)
        if known_place is not None and known_place.digest == digest:
            return
        try:
            alerts = read_document(text, file.path)
        except InvalidInput as wrong:
            if before != file:
                return  # it may be half written: what it is shows when it stays as it is
            log.warning("bad file skipped", source=self._source, why=str(wrong))
            alerts = ()
        await self._take(alerts)
        await self._keep(file.path, FilePlace(file.identity, digest=digest))

    async def _take(self, alerts: Sequence[Alert]) -> None:
        if alerts:
            await self._receive(alerts)

    @property
    def _places_now(self) -> dict[str, FilePlace]:
        assert self._known is not None
        return self._known

    async def _recall(self) -> dict[str, FilePlace]:
        place: Any = await self._places.find(self._source) or {}
        files = place.get("files") or {}
        return {path: FilePlace.from_json(one) for path, one in files.items()}

    async def _keep(self, path: str, place: FilePlace) -> None:
        self._places_now[path] = place
        await self._keep_all()

    async def _keep_all(self) -> None:
        files = {path: place.to_json() for path, place in self._places_now.items()}
        await self._places.keep(self._source, {"files": files})

    async def _forget(self, path: str) -> None:
        del self._places_now[path]
        self._looks.pop(path, None)
        await self._keep_all()


def _suffix(path: str) -> str:
    return PurePath(path).suffix.lower()


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
