"""Our JSON text as the serializer DBOS asks for; its own is pickle, which runs what it reads."""

from typing import Any

from dbos import Serializer

from punchingfist.adapters.durable.codec import dump_error, dump_value, load


class JsonSerializer(Serializer):
    """Values and errors as `codec` writes them."""

    def name(self) -> str:
        return "pf_json_1"

    def serialize(self, data: Any) -> str:
        return dump_error(data) if isinstance(data, BaseException) else dump_value(data)

    def deserialize(self, serialized_data: str) -> Any:
        return load(serialized_data)
