import pytest

from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.bootstrap.extensions import collect_extensions
from punchingfist.bootstrap.storage import find_database_url
from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.domain.resources.collection import Resources
from punchingfist.errors import InvalidInput, NotFound

URL = "postgresql://ana:s3cret@db:5432/fist"


def configured(*lines: str) -> Resources:
    """Return resources whose OperatorConfig says *lines* about the database."""
    text = "\n".join(
        (
            "apiVersion: punchingfist.io/v1alpha1",
            "kind: OperatorConfig",
            "metadata: {name: punchingfist-config}",
            "spec:",
            "  database:",
            *(f"    {line}" for line in lines),
        )
    )
    return assemble_files({"config.yaml": text}, collect_extensions().known)


@pytest.fixture
def secrets() -> EnvironmentSecrets:
    return EnvironmentSecrets({"FIST_DB": URL})


async def test_without_a_word_about_it_the_database_is_a_file(secrets: EnvironmentSecrets) -> None:
    assert await find_database_url(None, Resources(), secrets) is None
    assert await find_database_url(None, configured("type: sqlite"), secrets) is None


@pytest.mark.parametrize("text", [URL, "env://FIST_DB"])
async def test_the_operator_config_names_the_database(
    secrets: EnvironmentSecrets, text: str
) -> None:
    resources = configured("type: postgres", f'connectionString: "{text}"')

    assert await find_database_url(None, resources, secrets) == URL


async def test_who_starts_the_server_has_the_last_word(secrets: EnvironmentSecrets) -> None:
    resources = configured("type: postgres", f'connectionString: "{URL}"')

    chosen = await find_database_url("postgresql://db/other", resources, secrets)

    assert chosen == "postgresql://db/other"


async def test_the_password_is_known_to_the_redactor(secrets: EnvironmentSecrets) -> None:
    await find_database_url(URL, Resources(), secrets)

    assert "s3cret" in secrets.known


async def test_postgresql_without_an_address_is_told_what_is_missing(
    secrets: EnvironmentSecrets,
) -> None:
    with pytest.raises(InvalidInput, match="needs a connectionString"):
        await find_database_url(None, configured("type: postgres"), secrets)


async def test_a_reference_that_leads_nowhere_is_named(secrets: EnvironmentSecrets) -> None:
    resources = configured("type: postgres", 'connectionString: "env://NOT_SET"')

    with pytest.raises(NotFound, match="NOT_SET"):
        await find_database_url(None, resources, secrets)
