"""Settings: defaults, variables, and loud errors."""

from pathlib import Path

import pytest

from app import create_app
from app.config import SETTINGS, BadSetting


def test_defaults_hold_where_nothing_is_set(tmp_path: Path) -> None:
    app = create_app({"INSTANCE": tmp_path})
    assert app.config["MAX_UPLOAD_BYTES"] == 20 * 2**20
    assert app.config["DEFAULT_K"] == 10


def test_the_instance_lies_beside_the_project_by_default() -> None:
    app = create_app()
    assert Path(__file__).parents[2] / "instance" == app.config["INSTANCE"]


def test_a_variable_changes_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKENESS_MAX_K", "7")
    monkeypatch.setenv("LIKENESS_INSTANCE", str(tmp_path))
    monkeypatch.setenv("LIKENESS_TRUSTED_HOSTS", "a.example, b.example")
    app = create_app()
    assert app.config["MAX_K"] == 7
    assert app.instance_path == str(tmp_path)
    assert app.config["TRUSTED_HOSTS"] == ["a.example", "b.example"]


@pytest.mark.parametrize("value", ["x", "-1", "0", "1.5", "1e3", "٣"])
def test_a_wrong_value_names_variable_value_and_cure(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIKENESS_MAX_K", value)
    with pytest.raises(BadSetting) as caught:
        create_app()
    message = str(caught.value)
    assert "LIKENESS_MAX_K" in message
    assert repr(value) in message
    assert "at least 1" in message
    assert "100" in message


@pytest.mark.parametrize("value", ["2", "-0.1", "nan", "half"])
def test_a_share_lies_between_0_and_1(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKENESS_LIVE_RECALL", value)
    with pytest.raises(BadSetting, match="a number from 0 to 1"):
        create_app()


@pytest.mark.parametrize("name", ["API_KEY", "TRUSTED_HOSTS"])
def test_a_list_of_nothing_opens_no_door(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LIKENESS_{name}", " , ")
    with pytest.raises(BadSetting, match="with commas between"):
        create_app()


def test_what_is_passed_goes_before_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKENESS_MAX_K", "7")
    assert create_app({"MAX_K": 9}).config["MAX_K"] == 9


def test_flasks_own_settings_can_be_passed() -> None:
    assert create_app({"TESTING": True}).testing


def test_every_setting_is_explained_once() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(set(names)) == len(names)
    assert all(len(setting.help) > 10 for setting in SETTINGS)


def test_creating_an_application_writes_nothing(tmp_path: Path) -> None:
    create_app({"INSTANCE": tmp_path / "none"})
    assert not (tmp_path / "none").exists()
