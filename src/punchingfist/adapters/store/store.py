"""The whole store, opened at once."""

from sqlalchemy import exc

from punchingfist.adapters.store.alerts import SqlAlerts
from punchingfist.adapters.store.artifacts import SqlArtifacts
from punchingfist.adapters.store.audit import SqlAudit
from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.definitions import SqlDefinitions
from punchingfist.adapters.store.deliveries import SqlDeliveries
from punchingfist.adapters.store.engines import Engines
from punchingfist.adapters.store.executions import SqlExecutions
from punchingfist.adapters.store.followers import Followers
from punchingfist.adapters.store.incidents import SqlIncidents
from punchingfist.adapters.store.intake import SqlIntake
from punchingfist.adapters.store.migrate import migrate
from punchingfist.adapters.store.places import SqlPlaces
from punchingfist.adapters.store.silences import SqlDecisions, SqlSilences
from punchingfist.adapters.store.starts import SqlStarts
from punchingfist.adapters.store.timeline import SqlTimeline
from punchingfist.adapters.store.tokens import SqlTokens
from punchingfist.adapters.store.trouble import unavailable
from punchingfist.ports.clock import Clock
from punchingfist.ports.ids import Ids


class Store:
    """
    Every port that the database serves; opening it brings the schema up to date.

    Raises:
        Unavailable: the database does not answer, or does not let us in.
    """

    def __init__(self, engines: Engines, clock: Clock, ids: Ids) -> None:
        try:
            migrate(engines)
        except (exc.DBAPIError, exc.TimeoutError) as trouble:
            engines.dispose()
            raise unavailable(engines, trouble) from trouble
        self.database = Database(engines)
        followers = Followers()
        self.alerts = SqlAlerts(self.database)
        self.artifacts = SqlArtifacts(self.database, clock)
        self.audit = SqlAudit(self.database)
        self.decisions = SqlDecisions(self.database)
        self.definitions = SqlDefinitions(self.database, clock, ids)
        self.deliveries = SqlDeliveries(self.database)
        self.executions = SqlExecutions(self.database)
        self.incidents = SqlIncidents(self.database)
        self.intake = SqlIntake(self.database, followers, ids)
        self.places = SqlPlaces(self.database, clock)
        self.starts = SqlStarts(self.database, ids)
        self.silences = SqlSilences(self.database)
        self.timeline = SqlTimeline(self.database, followers)
        self.tokens = SqlTokens(self.database)

    def close(self) -> None:
        """Let what has begun finish, then close every connection."""
        self.database.close()
