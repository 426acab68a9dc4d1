from pathlib import Path

import pytest

from punchingfist.errors import InvalidInput
from punchingfist.settings import Settings


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_environment({"HOME": "/home/ana"})

    assert settings.prometheus_url is None
    assert settings.kubeconfig is None
    assert settings.config_file is None
    assert (settings.log_level, settings.log_format) == ("info", "auto")
    assert settings.state_dir == Path("/home/ana/.local/state/punchingfist")
    assert settings.config_dir == Path("/home/ana/.config/punchingfist")


def test_every_variable_is_read() -> None:
    settings = Settings.from_environment(
        {
            "PROMETHEUS_URL": "http://prometheus:9090",
            "PROMETHEUS_TOKEN": "abc",
            "PUNCHINGFIST_DATABASE_URL": "postgresql://ana:s3cret@db/fist",
            "KUBECONFIG": "/a:/b",
            "PUNCHINGFIST_CONFIG": "/etc/pf.yaml",
            "PUNCHINGFIST_LOG_LEVEL": "DEBUG",
            "PUNCHINGFIST_LOG_FORMAT": "json",
            "XDG_STATE_HOME": "/state",
            "XDG_CONFIG_HOME": "/config",
        }
    )

    assert settings.prometheus_url == "http://prometheus:9090"
    assert settings.prometheus_token == "abc"
    assert settings.database_url == "postgresql://ana:s3cret@db/fist"
    assert "s3cret" not in repr(settings)
    assert settings.kubeconfig == "/a:/b"
    assert settings.config_file == Path("/etc/pf.yaml")
    assert (settings.log_level, settings.log_format) == ("debug", "json")
    assert settings.state_dir == Path("/state/punchingfist")
    assert settings.config_dir == Path("/config/punchingfist")


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_environment({"PROMETHEUS_URL": ""}).prometheus_url is None


@pytest.mark.parametrize("name", ["PUNCHINGFIST_LOG_LEVEL", "PUNCHINGFIST_LOG_FORMAT"])
def test_an_unknown_word_names_the_variable_and_the_choices(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"{name} 'loud' is unknown; use one of"):
        Settings.from_environment({name: "loud"})


def test_secrets_do_not_show_in_the_representation() -> None:
    settings = Settings.from_environment({"PROMETHEUS_TOKEN": "hunter2", "OTHER": "hunter3"})

    assert "hunter" not in repr(settings)
