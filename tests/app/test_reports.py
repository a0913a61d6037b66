"""The pages of reports, their files, and how good an index is."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.reports.opening import _opened
from app.reports.quality import is_measured
from app.reports.rendering import standalone
from indexer.evaluation.reporting.drafts import drafting
from indexer.evaluation.reporting.storing import FILE, read_report, report_folder, write_report
from indexer.opening import open_current
from tests import reports, serving


@pytest.fixture
def visitor(copy: Path) -> FlaskClient:
    """A visitor of an instance with a report of its index."""
    reports.make_report(copy)
    return serving.make_app(copy).test_client()


@pytest.fixture
def folder(visitor: FlaskClient) -> Path:
    """Where that report lies."""
    return report_folder(visitor.application.config["INSTANCE"], "quality")


def addresses(page: str) -> list[str]:
    """Return the addresses that a page loads or leads to, on this site."""
    return [found.replace("&amp;", "&") for found in re.findall(r'(?:src|href)="(/[^"]+)"', page)]


def test_without_reports_the_list_says_how_to_make_one(client: FlaskClient) -> None:
    page = client.get("/reports/")
    assert page.status_code == 200
    assert "flask evaluate copies --index NAME" in page.text


def test_the_list_leads_to_the_reports(visitor: FlaskClient) -> None:
    page = visitor.get("/reports/").text
    assert 'href="/reports/quality"' in page
    assert "Copies of the sample&#39;s pictures" in page


def test_every_page_leads_to_the_reports(client: FlaskClient) -> None:
    for address in ("/", "/index/", "/reports/"):
        assert 'href="/reports/"' in client.get(address).text


def test_a_report_shows_its_tables_figures_and_pictures(visitor: FlaskClient) -> None:
    page = visitor.get("/reports/quality").text
    assert "97.5 % of 200 distorted copies" in page
    assert '<th scope="row"><bdi lang="en">mirrored</bdi></th>' in page
    assert "<strong>0.985</strong>" in page
    assert "0.955 \N{EN DASH} 1.000" in page
    assert 'alt="Bars: mirrored 0.99, cropped 0.97, rotated 0.81."' in page
    assert page.count('class="shot right"') == 3 * 9
    assert page.count('class="shot wrong"') == 3 * 11


def test_everything_that_a_report_leads_to_is_there(visitor: FlaskClient) -> None:
    found = addresses(visitor.get("/reports/quality").text)
    assert len([address for address in found if "/pictures/" in address]) == 3 * 21
    for address in set(found):
        with visitor.get(address, follow_redirects=True) as response:
            assert response.status_code == 200, address


def test_pages_of_reports_keep_the_policy(visitor: FlaskClient) -> None:
    for address in ("/reports/", "/reports/quality", "/index/sample/quality"):
        response = visitor.get(address)
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert "<style" not in response.text
        assert "style=" not in response.text
        assert "onclick" not in response.text


def test_a_drawing_may_have_its_own_style_and_nothing_else(visitor: FlaskClient) -> None:
    with visitor.get("/reports/quality/figures/finds.svg") as response:
        assert response.mimetype == "image/svg+xml"
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy


def test_a_file_is_kept_by_browsers_until_the_report_is_made_anew(
    visitor: FlaskClient, folder: Path
) -> None:
    found = addresses(visitor.get("/reports/quality").text)
    address = next(each for each in found if "/figures/finds.svg" in each)
    with visitor.get(address) as response:
        assert "immutable" in response.headers["Cache-Control"]
        etag = response.headers["ETag"]
    with visitor.get(address, headers={"If-None-Match": etag}) as response:
        assert response.status_code == 304
    reports.make_report(folder.parents[1])
    with visitor.get(address) as response:
        assert "no-cache" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "address",
    [
        "/reports/none",
        "/reports/QUALITY",
        "/reports/..",
        "/reports/.quality.draft",
        "/reports/none/report.json",
        "/reports/quality/other.html",
        "/reports/quality/tables/none.csv",
        "/reports/quality/tables/..%2freport.json",
        "/reports/quality/tables/%2e%2e%2f%2e%2e%2f%2e%2e%2fsecret_key",
        "/reports/quality/pictures/../../../secret_key",
        "/reports/quality/pictures/unnamed.jpg",
        "/reports/quality/other/finds.svg",
        "/reports/%2e%2e/secret_key",
        "/index/none/quality",
    ],
)
def test_what_a_report_does_not_name_is_not_found(
    visitor: FlaskClient, folder: Path, address: str
) -> None:
    (folder / "pictures/unnamed.jpg").write_bytes(serving.png())
    assert visitor.get(address).status_code == 404


def test_a_file_that_is_gone_is_not_found_and_left_out(visitor: FlaskClient, folder: Path) -> None:
    (folder / "figures/finds.svg").unlink()
    (folder / "figures/finds.png").unlink()
    assert visitor.get("/reports/quality/figures/finds.svg").status_code == 404
    page = visitor.get("/reports/quality").text
    assert "This drawing is missing" in page
    assert "finds.svg" not in page


def test_a_damaged_report_is_named_and_hides_no_other(visitor: FlaskClient, folder: Path) -> None:
    reports.make_report(folder.parents[1], "other")
    (folder / FILE).write_text("{}")
    page = visitor.get("/reports/")
    assert "This report cannot be read" in page.text
    assert 'href="/reports/other"' in page.text
    response = visitor.get("/reports/quality")
    assert response.status_code == 503
    assert str(folder) not in response.text
    assert visitor.get("/index/sample/quality").status_code == 200


def test_a_report_that_is_damaged_while_it_is_looked_for_is_no_error(
    visitor: FlaskClient, folder: Path
) -> None:
    path, status = folder / FILE, (folder / FILE).stat()
    assert visitor.get("/reports/").status_code == 200  # the list has read it
    path.write_text("{".ljust(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    _opened.cache_clear()
    response = visitor.get("/index/sample/quality")
    assert response.status_code == 200
    assert "Nobody has measured it yet" in response.text


def test_programs_get_the_same_as_json(visitor: FlaskClient, folder: Path) -> None:
    accept = {"Accept": "application/json"}
    document = json.loads((folder / FILE).read_text())
    for address, headers in (("/reports/quality/report.json", {}), ("/reports/quality", accept)):
        with visitor.get(address, headers=headers) as response:
            assert response.json == document
    (brief,) = visitor.get("/reports/", headers=accept).json["reports"]
    assert (brief["name"], brief["protocol"]) == ("quality", "copies")
    assert visitor.get("/reports/none", headers=accept).json["error"]["code"] == "unknown_report"


def test_hostile_words_of_a_report_are_shown_as_words(visitor: FlaskClient, folder: Path) -> None:
    hostile = "<script>alert(1)</script>"
    report = replace(read_report(folder), title=hostile, answer=hostile, facts={hostile: hostile})
    write_report(folder, report)
    for address in ("/reports/", "/reports/quality", "/reports/quality/quality.html"):
        assert hostile not in visitor.get(address).text


def test_the_page_to_keep_is_one_file(visitor: FlaskClient, folder: Path) -> None:
    response = visitor.get("/reports/quality/quality.html")
    assert response.headers["Content-Disposition"] == 'attachment; filename="quality.html"'
    with visitor.application.app_context():
        assert response.text == standalone(read_report(folder), folder)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', response.text)
    assert all(address.startswith(("data:", "#")) for address in loaded)
    assert "url(http" not in response.text
    assert "unsafe" not in response.text.split("</head>")[0]


def test_the_page_to_keep_is_sent_as_it_was_written(visitor: FlaskClient, folder: Path) -> None:
    (folder / "index.html").write_text("as it was written")
    address = "/reports/quality/quality.html"
    with visitor.get(address) as response:
        assert response.text == "as it was written"
        assert response.headers["Content-Disposition"] == 'attachment; filename="quality.html"'
        etag = response.headers["ETag"]
    with visitor.get(address, headers={"If-None-Match": etag}) as response:
        assert response.status_code == 304
    (folder / "index.html").unlink()
    secret = folder.parents[1] / "secret.html"
    secret.write_text("secret")
    (folder / "index.html").symlink_to(secret)
    assert "97.5 % of 200" in visitor.get(address).text


def test_the_page_to_keep_holds_each_picture_once(visitor: FlaskClient, folder: Path) -> None:
    page = visitor.get("/reports/quality/quality.html").text
    data = re.findall(r'"(data:image/(?:jpeg|png)[^"]+)"', page)
    assert len(data) == len(set(data))
    shown = set(re.findall(r'<use href="#([^"]+)"/>', page))
    assert shown == set(re.findall(r'<image id="([^"]+)"', page))


def test_the_page_to_keep_holds_nothing_from_outside_the_report(
    visitor: FlaskClient, folder: Path
) -> None:
    secret = folder.parents[1] / "secret.png"
    secret.write_bytes(serving.png())
    drawing = folder / "figures/finds.svg"
    drawing.unlink()
    (folder / "figures/finds.png").unlink()
    os.symlink(secret, drawing)
    with visitor.application.app_context():
        assert "This drawing is missing" in standalone(read_report(folder), folder)


def test_how_good_an_index_is(visitor: FlaskClient) -> None:
    assert 'href="/index/sample/quality"' in visitor.get("/index/sample").text
    page = visitor.get("/index/sample/quality").text
    assert "How good is this index?" in page
    assert "97.5 % of 200 distorted copies" in page
    assert "built anew" not in page


def test_of_an_index_that_nobody_has_measured_the_command_is_shown(client: FlaskClient) -> None:
    response = client.get("/index/sample/quality")
    assert response.status_code == 200
    assert "flask evaluate copies --index sample" in response.text
    assert "Refresh" not in response.headers


def test_of_an_index_that_is_being_measured_the_page_looks_again(copy: Path) -> None:
    visitor = serving.make_app(copy).test_client()
    with drafting(copy, "copies-sample", "copies", ("sample",)):
        response = visitor.get("/index/sample/quality")
        assert "It is being measured at the moment" in response.text
        assert int(response.headers["Refresh"]) > 0
        assert "being made since" in visitor.get("/reports/").text
    assert "Refresh" not in visitor.get("/index/sample/quality").headers


def test_reports_of_other_protocols_are_listed_below(visitor: FlaskClient, folder: Path) -> None:
    instance = folder.parents[1]
    other = replace(reports.make_report(instance, "other"), protocol="folders")
    write_report(report_folder(instance, "other"), other)
    page = visitor.get("/index/sample/quality").text
    assert "Other reports on it" in page
    assert 'href="/reports/other"' in page


def test_a_report_of_another_index_tells_nothing_of_this_one(copy: Path) -> None:
    reports.make_report(copy, indexes=("another",))
    page = serving.make_app(copy).test_client().get("/index/sample/quality").text
    assert "Nobody has measured it yet" in page


def test_a_report_from_before_the_last_build_is_called_so(
    visitor: FlaskClient, folder: Path
) -> None:
    write_report(folder, replace(read_report(folder), created="2020-01-01T00:00:00+00:00"))
    page = visitor.get("/index/sample/quality").text
    assert "The index was built anew since" in page
    instance = folder.parents[1]
    generation = open_current(instance, "sample")
    generation.catalog.close()
    assert not is_measured(instance, "sample", generation.manifest.created)


def test_an_index_is_measured_once_a_report_tells_of_it(folder: Path) -> None:
    instance = folder.parents[1]
    generation = open_current(instance, "sample")
    generation.catalog.close()
    assert is_measured(instance, "sample", generation.manifest.created)
    assert not is_measured(instance, "another", generation.manifest.created)
