"""Every command with any options at all: a documented exit status, one line for an error."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from rostro.cli import cli
from rostro.support.files import cache_folder
from tests.support.command_line import rostro

pytestmark = pytest.mark.usefixtures("default_models")

# `demo` is long, `doctor` has no option with a value, and `models install` is for the network.
LEFT_OUT = (["demo"], ["doctor"], ["models", "install"])
STATUSES = {"verify": {0, 1, 2, 3}}
FILES = (
    *("face.png", "\udce9.png", "text.txt", "empty.jpg", "bad.onnx", "bad.npz", "card.toml"),
    *("people", "people/ada", "empty", "people.rostro", "key", "face.png/x", "missing", "none/x"),
    *("", ".", "..", "*.png", "**", "[", "-", "x" * 300, "out.npz", "out.png"),
)
VALUES = (
    *("", "0", "-1", "1", "0.5", "nan", "inf", "-inf", "1e400", "1e-300", "9" * 5000, " 3 "),
    *("640x480", "1x1", "16384x1", "1000000x1000000", "auto", "native", "1,3,64,64", "1,3,0,0"),
    *("ada", "é", "\udce9", "ncnn", "int8", "yunet-2023mar", "sface-2021dec", "cosine"),
)


def commands(group: click.Group, path: list[str]) -> Iterator[tuple[list[str], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, [*path, name])
        elif [*path, name] not in LEFT_OUT:
            yield [*path, name], command


COMMANDS = list(commands(cli, []))


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """One command; of its options each with a chance, with values of the right kind or any."""
    path, command = draw(st.sampled_from(COMMANDS))
    line = list(path)
    for parameter in command.params:
        files = st.sampled_from(FILES)
        anything = st.one_of(files, st.sampled_from(VALUES))
        if isinstance(parameter, click.Argument):
            most = 2 if parameter.nargs == -1 else 1
            line += draw(st.lists(st.one_of(files, files, anything), min_size=1, max_size=most))
        elif "-v" in parameter.opts or not (parameter.required or draw(st.integers(0, 5)) == 0):
            continue
        else:
            line.append(draw(st.sampled_from(parameter.opts)))
            if isinstance(parameter.type, click.Choice):
                choices = st.sampled_from([str(choice) for choice in parameter.type.choices])
                line.append(draw(st.one_of(choices, anything)))
            elif isinstance(parameter.type, click.Path):
                line.append(draw(st.one_of(files, files, anything)))
            elif not parameter.is_flag:  # type: ignore[attr-defined]
                line.append(draw(anything))
    return line


@pytest.fixture
def folder(
    astronaut: Path, default_models: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A folder of files of all kinds, in which commands may spoil what they like."""
    monkeypatch.setenv("ROSTRO_OFFLINE", "1")
    cache = tmp_path / "cache"
    shutil.copytree(cache_folder() / "models", cache / "models")
    monkeypatch.setenv("ROSTRO_CACHE", str(cache))
    place = tmp_path / "place"
    (place / "people" / "ada").mkdir(parents=True)
    (place / "empty").mkdir()
    monkeypatch.chdir(place)
    Image.open(astronaut).resize((128, 128)).save("face.png")
    for copy in ("people/ada/1.png", "\udce9.png"):
        shutil.copy("face.png", copy)
    for name, content in (
        ("text.txt", b"hello"),
        ("empty.jpg", b""),
        ("bad.onnx", b"\x08\x07 no network"),
        ("bad.npz", b"PK\x03\x04 no archive"),
        ("card.toml", b"name = 3\n"),
        ("key", bytes(32)),
    ):
        Path(name).write_bytes(content)
    rostro("enroll", "people", "--gallery", "people.rostro")
    yield place
    shutil.rmtree(cache)


@settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(line=command_lines())
def test_no_option_ends_in_a_traceback(line: list[str], folder: Path) -> None:
    result = CliRunner().invoke(cli, line)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in STATUSES.get(line[0], {0, 1, 2})
    assert "Traceback" not in result.output
    assert os.environ["ROSTRO_OFFLINE"] == "1"
