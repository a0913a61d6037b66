"""Applications on the sample index, and a small index of pictures that tests may change."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from app.database import Database
from models.types import EncoderSpec
from tests import postgres, serving
from tests.app.asking import JSON, Asking
from tests.indexer.fixtures import exported, spec  # noqa: F401
from tests.restored import Restored


@pytest.fixture(scope="session")
def app() -> Flask:
    """An application on the sample index."""
    return serving.make_app(serving.instance())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor of that application."""
    return app.test_client()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """An instance with the same index, that a test may break."""
    return serving.copy_of(serving.instance(), tmp_path / "instance")


@pytest.fixture(scope="session")
def network(spec: EncoderSpec) -> list[str]:  # noqa: F811
    """Return what names the small network on the command line."""
    return ["--network", spec.network, "--weights", spec.weights, "--size", str(spec.size)]


@pytest.fixture(scope="session")
def few(network: list[str], exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Restored:  # noqa: F811
    """Return a folder of six pictures in five classes, and an instance with their index."""

    def make(folder: Path) -> None:
        for picture in serving.pictures()[::10]:
            (folder / "pictures" / picture.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(picture, folder / "pictures" / picture.parent.name)
        shutil.copytree(exported, folder / "instance/encoders")
        built = indexing(folder / "instance")(
            "build", folder / "pictures", "--name", "few", "--kind", "exact", *network
        )
        assert built.exit_code == 0, built.output

    return Restored(tmp_path_factory.mktemp("few"), make)


@pytest.fixture
def gallery(few: Restored) -> Path:
    """Return the folder of six pictures, that a test may change."""
    return few.again() / "pictures"


@pytest.fixture
def instance(gallery: Path) -> Path:
    """Return the instance in which `few` was built of them, that a test may change."""
    return gallery.parent / "instance"


@pytest.fixture
def index(instance: Path) -> Callable[..., Result]:
    """Return what runs `flask index` on that instance."""
    return indexing(instance)


def indexing(instance: Path) -> Callable[..., Result]:
    """Return what runs `flask index` on an instance."""
    runner = serving.make_app(instance).test_cli_runner()
    return lambda *arguments: runner.invoke(args=["index", *map(str, arguments)])


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty database: "" for SQLite, or that of a real PostgreSQL."""
    return postgres.empty() if request.param == "postgresql" else ""


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """Return an empty database of either kind."""
    made = Database(database_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def ask(client: FlaskClient) -> Asking:
    """Return what gives the hits of a search with the first image."""

    def hits(parameters: str) -> list[dict[str, object]]:
        answer = client.get(f"/similar/sample/0?{parameters}", headers=JSON)
        assert answer.json is not None
        found: list[dict[str, object]] = answer.json["hits"]
        return found

    return hits
