"""The whole store, opened at once."""

from punchingfist.adapters.store.artifacts import SqlArtifacts
from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.definitions import SqlDefinitions
from punchingfist.adapters.store.deliveries import SqlDeliveries
from punchingfist.adapters.store.engines import Engines
from punchingfist.adapters.store.executions import SqlExecutions
from punchingfist.adapters.store.followers import Followers
from punchingfist.adapters.store.incidents import SqlIncidents
from punchingfist.adapters.store.intake import SqlIntake
from punchingfist.adapters.store.migrate import migrate
from punchingfist.adapters.store.timeline import SqlTimeline
from punchingfist.ports.clock import Clock
from punchingfist.ports.ids import Ids


class Store:
    """Every port that the database serves; opening it brings the schema up to date."""

    def __init__(self, engines: Engines, clock: Clock, ids: Ids) -> None:
        migrate(engines)
        self.database = Database(engines)
        followers = Followers()
        self.artifacts = SqlArtifacts(self.database, clock)
        self.definitions = SqlDefinitions(self.database, clock, ids)
        self.deliveries = SqlDeliveries(self.database)
        self.executions = SqlExecutions(self.database)
        self.incidents = SqlIncidents(self.database)
        self.intake = SqlIntake(self.database, followers, ids)
        self.timeline = SqlTimeline(self.database, followers)

    def close(self) -> None:
        """Let what has begun finish, then close every connection."""
        self.database.close()
