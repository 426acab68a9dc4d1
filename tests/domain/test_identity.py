import pytest

from punchingfist.domain.identity import MAY, Caller, How, Role
from punchingfist.errors import Refused

VIEWER, RESPONDER, APPROVER, ADMIN = Role


def someone(role: Role = RESPONDER, *teams: str) -> Caller:
    return Caller("ana", role, How.TOKEN, frozenset(teams))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (VIEWER, {VIEWER}),
        (RESPONDER, {VIEWER, RESPONDER}),
        (APPROVER, {VIEWER, RESPONDER, APPROVER}),
        (ADMIN, {VIEWER, RESPONDER, APPROVER, ADMIN}),
    ],
)
def test_each_role_may_do_all_that_the_ones_before_it_may(role: Role, may: set[Role]) -> None:
    assert {other for other in Role if role.includes(other)} == may


def test_every_role_says_what_it_adds() -> None:
    assert set(MAY) == set(Role)


def test_too_small_a_role_is_told_which_one_is_needed_and_how_to_get_it() -> None:
    with pytest.raises(Refused, match=r"'ana' is responder.*needs admin.*--role admin"):
        someone(RESPONDER).must_be(ADMIN)


@pytest.mark.parametrize(
    ("teams", "team"),
    [
        pytest.param((), "db", id="no-teams-means-every-team"),
        pytest.param(("db", "web"), "db", id="one-of-ones-own"),
        pytest.param(("web",), "", id="what-belongs-to-nobody-is-everybodys"),
    ],
)
def test_one_acts_for_ones_teams(teams: tuple[str, ...], team: str) -> None:
    someone(RESPONDER, *teams).must_be_of(team)


def test_one_does_not_act_for_another_team() -> None:
    with pytest.raises(Refused, match=r"'ana' acts for web.*team 'db'"):
        someone(ADMIN, "web").must_be_of("db")
