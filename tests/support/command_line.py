"""Commands of `rostro`, run in this process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from rostro.cli import cli


def rostro(*arguments: object) -> Result:
    """Run a command in this process. Whatever rostro does not expect comes out as an exception."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def assert_one_error(result: Result, *parts: str) -> None:
    """One line for an error, with these parts, whatever else was printed."""
    assert result.stderr.startswith("rostro: error: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


def assert_refused(result: Result, *parts: str) -> None:
    """One line for an error, with these parts, and nothing else."""
    assert result.exit_code == 1
    assert result.stdout == ""
    assert_one_error(result, *parts)
