"""Print the completion script of your shell."""

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """
    Print the completion script of SHELL.

    \b
    bash:  echo 'eval "$(fist completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(fist completion zsh)"' >> ~/.zshrc
    fish:  fist completion fish > ~/.config/fish/completions/fist.fish
    """
    from click.shell_completion import get_completion_class

    from punchingfist.surfaces.cli.main import fist

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(fist, {}, "fist", "_FIST_COMPLETE").source())
