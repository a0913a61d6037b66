"""The documents name every setting and every command, and nothing that is not there."""

import re
from pathlib import Path

import click
from flask import Flask

from app import create_app
from app.cli import COMMANDS
from app.config import PREFIX, SETTINGS

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text()


def _command(app: Flask, name: str) -> click.Command | None:
    return app.cli.get_command(click.Context(app.cli), name)


def _commands(app: Flask) -> set[str]:
    names = set()
    for name in COMMANDS:
        command = _command(app, name)
        if isinstance(command, click.Group):
            names |= {f"flask {name} {sub}" for sub in command.commands}
        else:
            names.add(f"flask {name}")
    return names


def test_every_setting_is_documented() -> None:
    text = (PROJECT / "docs/settings.md").read_text()
    documented = dict(re.findall(rf"^\| `{PREFIX}(\w+)` \| (.+) \|$", text, re.MULTILINE))
    assert documented == {
        setting.name: f"{'' if setting.default in (None, '') else setting.default} | {setting.help}"
        for setting in SETTINGS
    }


def test_every_command_is_in_the_readme(tmp_path: Path) -> None:
    missing = [
        name
        for name in _commands(create_app({"INSTANCE": tmp_path}))
        if name not in README and name.rsplit(" ", 1)[-1] not in README
    ]
    assert missing == []


def test_every_command_in_the_readme_exists(tmp_path: Path) -> None:
    existing = _commands(create_app({"INSTANCE": tmp_path})) | {"flask run"}
    groups = "index|gallery|train|evaluate|ratings|queries"
    shown = set(re.findall(rf"^(flask (?:(?:{groups}) )?[a-z-]+)", README, re.MULTILINE))
    assert shown <= existing


def test_every_option_of_build_is_explained(tmp_path: Path) -> None:
    group = _command(create_app({"INSTANCE": tmp_path}), "index")
    assert isinstance(group, click.Group)
    for command in group.commands.values():
        options = [part for part in command.params if isinstance(part, click.Option)]
        assert [option.name for option in options if not option.help] == []


def test_every_stage_of_a_build_is_documented() -> None:
    text = (PROJECT / "docs/indexing.md").read_text()
    row = next(line for line in text.splitlines() if line.startswith("| `stage` |"))
    apart = {
        PROJECT / "indexer" / room for room in ("evaluation", "experiments", "sample")
    }  # no builds
    sources = [
        path.read_text()
        for path in (PROJECT / "indexer").rglob("*.py")
        if not apart & set(path.parents)
    ]
    named = re.findall(r'(?:stage\(|Progress\(|stage=f|stage, count = f)"(\w+)', "".join(sources))
    assert set(named) == set(re.findall(r"`(\w+)(?: …)?`", row)) - {"stage"}


def test_links_of_the_documents_lead_somewhere() -> None:
    for document in [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document}: {target}"


def test_the_documents_name_no_setting_that_does_not_exist() -> None:
    known = {PREFIX + setting.name for setting in SETTINGS}
    for document in [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]:
        assert set(re.findall(rf"{PREFIX}[A-Z]\w+", document.read_text())) <= known, document


def test_every_screenshot_is_listed() -> None:
    folder = PROJECT / "docs/screenshots"
    listed = re.findall(r"\(([\w-]+\.webp)\)", (folder / "README.md").read_text())
    assert sorted(listed) == sorted(path.name for path in folder.glob("*.webp"))
