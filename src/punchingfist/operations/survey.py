"""What fires now, and what mutes it at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from punchingfist.domain.inhibition import FiringAlert, Inhibition, InhibitRule
from punchingfist.domain.silences.silence import SilencesInForce
from punchingfist.ports.alerts import AlertRow, Alerts
from punchingfist.ports.silences import Silences


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that fires, with the silences and the alert (by fingerprint) that mute it."""

    row: AlertRow
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]

    @property
    def is_muted(self) -> bool:
        return bool(self.silenced_by or self.inhibited_by)


async def survey(
    alerts: Alerts, silences: Silences, rules: Sequence[InhibitRule], *, at: datetime
) -> list[Standing]:
    """Return every firing alert whose source's word has not run out, by fingerprint."""
    rows = [row for row in await alerts.firing() if row.expires_at is None or row.expires_at > at]
    in_force = SilencesInForce(await silences.find(ended_after=at), at)
    inhibition = Inhibition(
        rules, [FiringAlert(row.fingerprint, row.alert.name, row.alert.labels) for row in rows]
    )
    return [_standing(row, in_force, inhibition) for row in rows]


def _standing(row: AlertRow, in_force: SilencesInForce, inhibition: Inhibition) -> Standing:
    inhibitor = inhibition.find(row.alert.labels)
    return Standing(
        row,
        tuple(one.id for one in in_force.find(row.alert.labels)),
        (inhibitor.fingerprint,) if inhibitor else (),
    )
