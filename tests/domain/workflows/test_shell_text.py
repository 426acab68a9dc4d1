import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from punchingfist.domain.workflows.shell_text import ShellText, check_command, to_shell
from punchingfist.errors import InvalidInput

SHELLS = pytest.mark.parametrize("shell", ["sh", "bash"])
HOSTILE = "a'b\"c`touch pwned`$(touch pwned)${HOME}\n{{ .y }};touch pwned\\ * #&|<>END\nEND"


def run(shell: str, text: ShellText, folder: Path) -> str:
    paths = {}
    for name, value in text.files.items():
        (folder / name).write_text(value, newline="")
        paths[name] = str(folder / name)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **text.environment, **paths}
    done = subprocess.run(
        [shell, "-c", text.script],
        check=False,
        env=environment,
        cwd=folder,
        capture_output=True,
        timeout=20,
    )
    assert done.returncode == 0, done.stderr
    assert not (folder / "pwned").exists()
    return done.stdout.decode()


@SHELLS
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("printf '<%s>' {{ .x }}", "<{}>", id="bare"),
        pytest.param(
            'printf "<{{ .x | toJSON }}>" >/dev/null; printf %s "-{{ .x }}-"', "-{}-", id="double"
        ),
        pytest.param("printf %s 'it is {{ .x }} so'", "it is {} so", id="single"),
        pytest.param("printf %s a\"b {{ .x }} c\"'{{ .x }}'d", "ab {} c{}d", id="mixed"),
        pytest.param('cat <<END\n"it\'s" {{ .x }}\nEND\nprintf .', '"it\'s" {}\n.', id="heredoc"),
        pytest.param("cat <<-END\n\t{{ .x }}\n\tEND\nprintf .", "{}\n.", id="heredoc-tabs"),
        pytest.param(
            "cat <<A; cat <<B\n{{ .x }}\nA\n$(printf %s {{ .x }})\nB\n",
            "{}\n{}\n",
            id="two-heredocs",
        ),
        pytest.param('printf %s "$(printf %s {{ .x }})"', "{}", id="substitution"),
        pytest.param("# don't {{ .x }}\nprintf %s {{ .x }}", "{}", id="comment"),
        pytest.param('v={{ .x }}; printf %s "$v"', "{}", id="assignment"),
        pytest.param('for v in {{ .x }} b; do printf %s, "$v"; done', "{},b,", id="for"),
        pytest.param("case {{ .x }} in a) ;; *) printf %s {{ .x }};; esac", "{}", id="case"),
        pytest.param(
            'printf %s "$(case a in a) printf %s {{ .x }};; esac)"', "{}", id="case-in-substitution"
        ),
        pytest.param("if [ {{ .x }} = a ]; then :; else (printf %s {{ .x }}); fi", "{}", id="if"),
        pytest.param("V={{ .x }} sh -c 'printf %s \"$V\"'", "{}", id="environment-of-a-shell"),
        pytest.param("( printf %s {{ .x }} )", "{}", id="subshell"),
        pytest.param("printf %s {{ .x }} | cat", "{}", id="pipe"),
        pytest.param('f() { printf %s "$1"; }; f {{ .x }}', "{}", id="function"),
        pytest.param(
            "{{ if .x }}printf %s {{ .x }}{{ else }}printf 'no'{{ end }}", "{}", id="block"
        ),
        pytest.param(
            "printf '%s\\n' at source \"{{ .x }}\" read",
            "at\nsource\n{}\nread\n",
            id="words-that-are-commands-elsewhere",
        ),
    ],
)
def test_a_hostile_value_arrives_as_data(
    shell: str, command: str, expected: str, tmp_path: Path
) -> None:
    check_command(command)

    assert run(shell, to_shell(command, {"x": HOSTILE}), tmp_path) == expected.replace(
        "{}", HOSTILE
    )


@SHELLS
def test_the_example_step_prints_what_the_alert_says(shell: str, tmp_path: Path) -> None:
    command = (
        'echo "Alert: {{ .source.data.alert.alertname }}"\n'
        'echo "Labels: {{ .source.data.alert.labels | toJSON }}"\n'
    )
    alert = {"alertname": "$(touch pwned)", "labels": {"a": 'b"; touch pwned; "'}}

    output = run(shell, to_shell(command, {"source": {"data": {"alert": alert}}}), tmp_path)

    assert "Alert: $(touch pwned)\n" in output


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@SHELLS
@given(value=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_value_survives_every_quoting(shell: str, value: str, tmp_path: Path) -> None:
    command = "printf '%s|%s|%s' {{ .x }} \"{{ .x }}\" '{{ .x }}'; cat <<END\n{{ .x }}\nEND\n"

    output = run(shell, to_shell(command, {"x": value}), tmp_path)

    assert output == f"{value}|{value}|{value}{value}\n"


@SHELLS
@pytest.mark.parametrize("value", ["é" * 60_000 + "\n\n", "x" * 3_000_000], ids=["utf-8", "3-mb"])
def test_a_large_value_goes_through_a_file_untouched(
    shell: str, value: str, tmp_path: Path
) -> None:
    text = to_shell("printf '%s' \"{{ .x }}\"", {"x": value})

    assert list(text.files) == ["PF_1_FILE"]
    assert run(shell, text, tmp_path) == value


def test_many_middling_values_do_not_overflow_the_environment() -> None:
    text = to_shell("printf '%s'" + " {{ .x }}" * 30, {"x": "x" * 90_000})

    assert sum(map(len, text.environment.values())) <= 500_000
    assert len(text.environment) + len(text.files) == 30


def test_what_no_environment_can_hold_is_replaced() -> None:
    assert to_shell("echo {{ .x }}", {"x": "a\0b\ud800c"}).environment == {
        "PF_1": "a\ufffdb\ufffdc"
    }


def test_a_command_without_placeholders_is_left_alone() -> None:
    command = "eval \"$(cat <<'X'\necho `date`\nX\n)\""

    assert to_shell(command, {}) == ShellText(command, {}, {})


@pytest.mark.parametrize(
    "command",
    [
        "cat <<'END'\n{{ .x }}\nEND",
        'cat <<"END"\n{{ .x }}\nEND',
        "cat <<\\END\n{{ .x }}\nEND",
        "eval echo {{ .x }}",
        'eval "echo {{ .x }}"',
        "true && eval 'echo {{ .x }}'",
        "sudo -n eval {{ .x }}",
        "sh -c 'echo {{ .x }}'",
        'bash -lc "echo {{ .x }}"',
        "/bin/sh -ec {{ .x }}",
        "$SHELL -c {{ .x }}",
        "env A=1 sh -c {{ .x }}",
        "kubectl exec pod -- sh -c 'ls {{ .x }}'",
        "python3 -c 'print({{ .x }})'",
        "perl -e '{{ .x }}'",
        "ssh host 'ls {{ .x }}'",
        "awk '/{{ .x }}/'",
        "echo {{ .x }} | sh",
        "echo {{ .x }} | sudo cat | bash -s",
        "(echo {{ .x }}) | sh",
        "sh <<END\n{{ .x }}\nEND",
        "cat <<END | bash\n{{ .x }}\nEND",
        "bash <<< {{ .x }}",
        "bash <(echo {{ .x }})",
        ". <(echo {{ .x }})",
        'eval "$(echo {{ .x }})"',
        "$(echo {{ .x }})",
        "echo $(( {{ .x }} ))",
        "echo $[ {{ .x }} ]",
        "(( {{ .x }} ))",
        "let v={{ .x }}",
        "[[ {{ .x }} -eq 1 ]]",
        "test -v {{ .x }}",
        "a[{{ .x }}]=1",
        "printf -v {{ .x }} y",
        "echo `echo {{ .x }}`",
        "cat <<END\n`echo {{ .x }}`\nEND",
        "echo ${v:-{{ .x }}}",
        "{{ .x }}",
        '"{{ .x }}" argument',
        "if {{ .x }}; then :; fi",
        "! {{ .x }}",
        "f() { {{ .x }}; }",
        '"v={{ .x }}"',
        "echo \\{{ .x }}",
        'echo "\\{{ .x }}"',
        "echo ${{ .x }}",
        'echo "$${{ .x }}"',
        "echo $'{{ .x }}'",
        "echo 'open {{ .x }}",
        'echo "open {{ .x }}',
        "echo \0{{ .x }}",
        "{{ if .y }}echo{{ else }}eval {{ .x }}{{ end }}",
        "{{ range .y }}eval {{ . }}{{ end }}",
    ],
)
def test_places_where_data_would_be_parsed_are_refused(command: str) -> None:
    with pytest.raises(InvalidInput):
        check_command(command)


def test_a_refusal_names_the_line_and_the_way_out() -> None:
    with pytest.raises(InvalidInput, match=r"line 3: .*assign it to a variable") as refused:
        check_command("echo 'a\nb'\neval {{ .x }}")

    assert refused.value.line == 3


@given(
    st.lists(
        st.sampled_from(
            [
                "{{ .x }}",
                "'",
                '"',
                "`",
                "$(",
                ")",
                "$((",
                "))",
                "${",
                "}",
                "<<E",
                "\nE\n",
                "\n",
                " ",
                "a",
                "=",
                "\\",
                "#",
                ";",
                "|",
                "case ",
                " in ",
                "esac",
                "(",
                "[[ ",
                "eval ",
                "-c ",
            ]
        ),
        max_size=25,
    )
)
def test_any_command_is_read_or_refused(parts: list[str]) -> None:
    with suppress(InvalidInput):
        check_command("".join(parts))
