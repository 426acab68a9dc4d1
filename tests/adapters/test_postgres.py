import pytest

from punchingfist.adapters.postgres import parse_postgres_url, public_name
from punchingfist.errors import InvalidInput


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_usual_schemes_mean_the_same(scheme: str) -> None:
    url = parse_postgres_url(f" {scheme}://ana:s3cret@db:5432/fist?sslmode=require\n")

    assert url.drivername == "postgresql+psycopg"
    assert (url.host, url.port, url.database, url.password) == ("db", 5432, "fist", "s3cret")
    assert url.query == {"sslmode": "require"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3cret",
        "mysql://ana:s3cret@db/fist",
        "postgresql://ana:s3cret@db",
        "postgresql://ana:s3cret@db:port/fist",
    ],
)
def test_what_is_wrong_with_a_url_is_said_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidInput, match="postgresql://USER:PASSWORD@HOST") as trouble:
        parse_postgres_url(text)

    assert "s3cret" not in repr(trouble.value)
    assert trouble.value.__cause__ is None


def test_a_database_is_named_without_who_connects_and_how() -> None:
    url = parse_postgres_url("postgresql://ana:s3cret@db:5432/fist?password=other&sslmode=require")

    assert public_name(url) == "postgresql://db:5432/fist"
