"""Who is asking, and what they may do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from punchingfist.lab.kubernetes.statuses import ApiError


@dataclass(frozen=True, slots=True)
class User:
    """Who a token stands for."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing somebody wants to do; *namespace* is empty across the whole cluster."""

    user: User
    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""

    @property
    def full_resource(self) -> str:
        """`pods/log`, as roles name it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


Allow = Callable[[Attempt], bool]


@dataclass(frozen=True, slots=True)
class Denial:
    """
    What the roles of a cluster leave out.

    *resource* is a plural or `pods/log`, `*` for all; an empty *namespace* is
    all of them, an empty *verbs* all verbs. As with real roles, what is denied
    in one namespace cannot be had by asking across all namespaces.
    """

    resource: str
    namespace: str = ""
    verbs: tuple[str, ...] = ()

    def covers(self, attempt: Attempt) -> bool:
        """Tell whether *attempt* is denied."""
        return (
            self.resource in ("*", attempt.full_resource)
            and (not self.verbs or attempt.verb in self.verbs)
            and (not self.namespace or attempt.namespace in ("", self.namespace))
        )


def allow_all_but(denials: Iterable[Denial]) -> Allow:
    """Return the policy that allows everything the *denials* do not cover."""
    kept = tuple(denials)
    return lambda attempt: not any(denial.covers(attempt) for denial in kept)


def forbidden(attempt: Attempt) -> ApiError:
    """Return the refusal, worded as the real authoriser does."""
    qualified = f"{attempt.resource}.{attempt.group}" if attempt.group else attempt.resource
    named = f' "{attempt.name}"' if attempt.name else ""
    where = (
        f'in the namespace "{attempt.namespace}"' if attempt.namespace else "at the cluster scope"
    )
    return ApiError(
        403,
        "Forbidden",
        f'{qualified}{named} is forbidden: User "{attempt.user.name}" cannot {attempt.verb} '
        f'resource "{attempt.full_resource}" in API group "{attempt.group}" {where}',
        name=attempt.name,
        group=attempt.group,
        kind=attempt.resource,
    )
