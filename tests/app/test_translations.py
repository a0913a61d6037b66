"""The catalogues hold all sentences, and no others; every language says all of them."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from app.catalogues import SOURCE, languages_in
from tests.catalogues import PLACEHOLDER, TEMPLATE, TRANSLATIONS, compiled, extract, read

LANGUAGES = [code for code in languages_in(TRANSLATIONS) if code != SOURCE]


@pytest.fixture(params=LANGUAGES)
def path(request: pytest.FixtureRequest) -> Path:
    """Return the catalogue of each language."""
    return TRANSLATIONS / request.param / "LC_MESSAGES/messages.po"


@pytest.fixture
def catalog(path: Path) -> Catalog:
    """Return what it holds."""
    return read(path, path.parent.parent.name)


def ids(catalog: Catalog) -> set[str | tuple[str, ...]]:
    """Return what a catalogue holds translations of."""
    return {message.id for message in catalog if message.id}


def messages(catalog: Catalog) -> list[Message]:
    """Return the messages of a catalogue without its header."""
    return [message for message in catalog if message.id]


def forms(said: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms of a sentence; most have one."""
    return (said,) if isinstance(said, str) else said


def test_there_is_a_second_language() -> None:
    assert "de" in LANGUAGES


def test_the_template_holds_what_the_code_says(tmp_path: Path) -> None:
    assert ids(extract(tmp_path / "anew.pot")) == ids(read(TEMPLATE))


def test_every_sentence_is_translated(catalog: Catalog) -> None:
    assert ids(catalog) == ids(read(TEMPLATE))
    assert [each.id for each in messages(catalog) if not all(forms(each.string))] == []
    assert [each.id for each in messages(catalog) if each.fuzzy] == []
    assert list(catalog.obsolete) == []


def test_a_translation_has_a_form_for_each_kind_of_number(catalog: Catalog) -> None:
    several = [each for each in messages(catalog) if each.pluralizable]
    assert {len(each.string) for each in several} == {catalog.num_plurals}


def test_the_same_is_put_into_a_translation(catalog: Catalog) -> None:
    for each in messages(catalog):
        named = {name for form in forms(each.id) for name in PLACEHOLDER.findall(form)}
        for form in forms(each.string):
            assert set(PLACEHOLDER.findall(form)) <= named, form
        said = {name for form in forms(each.string) for name in PLACEHOLDER.findall(form)}
        assert said == named, each.id


def test_a_translation_ends_like_its_sentence(catalog: Catalog) -> None:
    for each in messages(catalog):
        for said, form in zip(forms(each.id)[-1:], forms(each.string)[-1:], strict=True):
            assert said[-1:] in ".:?…" or form[-1:] not in ".:?…", said


def test_what_programs_read_is_what_translators_wrote(path: Path, catalog: Catalog) -> None:
    assert path.with_suffix(".mo").read_bytes() == compiled(catalog)
