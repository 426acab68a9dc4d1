"""Names that lead nowhere: told, never refused, because the order of applying is free."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from punchingfist.domain.resources.document import Loaded
from punchingfist.domain.resources.sinks import Sink
from punchingfist.domain.resources.sources import Source
from punchingfist.domain.resources.status import Condition
from punchingfist.domain.resources.workflows import Workflow


def dangling_references(loaded: Iterable[Loaded]) -> Iterator[Condition]:
    """Report each source without its workflow and each workflow without one of its sinks."""
    loaded = tuple(loaded)
    workflows = {each.resource.name for each in loaded if isinstance(each.resource, Workflow)}
    sinks = {each.resource.name for each in loaded if isinstance(each.resource, Sink)}
    for each in loaded:
        if isinstance(each.resource, Source):
            wanted = each.resource.spec.trigger_workflow
            if wanted not in workflows:
                message = f"workflow {wanted!r} does not exist{_hint(wanted, workflows)}"
                yield each.condition("WorkflowResolved", "False", "WorkflowNotFound", message)
        elif isinstance(each.resource, Workflow):
            for sink in each.resource.spec.sinks:
                if sink.name not in sinks:
                    message = f"sink {sink.name!r} does not exist{_hint(sink.name, sinks)}"
                    yield each.condition("SinksResolved", "False", "SinkNotFound", message)


def _hint(wanted: str, names: Collection[str]) -> str:
    near = get_close_matches(wanted, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else "; add it, or correct the name"
