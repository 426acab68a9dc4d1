"""How much a call may change the world, as code judges it from the parsed call."""

from enum import StrEnum


class Risk(StrEnum):
    """What is not known to read is not `READ`."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"
