"""Pictures that are gone, replaced or linked out of the gallery since the build."""

import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.build import BuildPlan, build_index
from tests import serving


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery of four pictures, which the tests spoil one by one."""
    path = tmp_path_factory.mktemp("gallery")
    for name, source in zip("abcd", serving.pictures(), strict=False):
        shutil.copy(source, path / f"{name}.jpg")
    return path


@pytest.fixture(scope="module")
def client(gallery: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A visitor of an index of that gallery."""
    instance = tmp_path_factory.mktemp("instance")
    shutil.copytree(serving.instance() / "encoders", instance / "encoders")
    build_index(BuildPlan((gallery,), name="spoilt", kind="exact"), instance)
    return serving.make_app(instance).test_client()


def assert_placeholder(client: FlaskClient, number: int) -> None:
    """A picture that says so stands in, and nothing of the file is sent."""
    with client.get(f"/images/spoilt/{number}/small.jpg") as response:
        assert response.status_code == 404
        assert response.mimetype == "image/svg+xml"
        assert b"gone" in response.data


def test_fault_68_a_removed_picture(client: FlaskClient, gallery: Path) -> None:
    (gallery / "a.jpg").unlink()
    assert_placeholder(client, 0)
    assert client.get("/similar/spoilt/0").status_code == 200


def test_fault_68_a_replaced_picture(client: FlaskClient, gallery: Path) -> None:
    (gallery / "b.jpg").write_bytes(serving.png())
    assert_placeholder(client, 1)


def test_fault_28_a_link_out_of_the_gallery(
    client: FlaskClient, gallery: Path, tmp_path: Path
) -> None:
    shutil.move(gallery / "c.jpg", tmp_path / "c.jpg")
    (gallery / "c.jpg").symlink_to(tmp_path / "c.jpg")
    assert_placeholder(client, 2)


def test_a_sound_picture_beside_them_is_shown(client: FlaskClient) -> None:
    assert client.get("/images/spoilt/3/small.jpg").status_code == 200
