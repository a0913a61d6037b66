"""A served application answers whatever schemathesis sends it as its description says."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from unittest import SkipTest
from urllib.request import Request, urlopen

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests import serving
from tests.reports import make_report
from tests.runs import make_run

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
KEY = "a key for this server"
HEADERS = {"Accept": "application/json", "Authorization": f"Bearer {KEY}"}
MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Server]:
    """Serve an instance with an index, a report, a training and a query."""
    instance = serving.copy_of(serving.instance(), tmp_path_factory.mktemp("served"))
    make_report(instance)
    make_run(instance)
    limits = {"SEARCHES_PER_MINUTE": "0", "API_KEY": f"another,{KEY}", "LIVE_RECALL": "0"}
    with serving.serving(instance, "--workers=1", settings=limits) as running:
        yield running


def schema_of(server: serving.Server) -> Any:
    """Load a server's description, with values in it that lead somewhere."""
    client = serving.make_app(server.instance).test_client()
    sent = serving.upload(client, serving.pictures()[1].read_bytes())
    known = {
        "index": ["sample", "none"],
        "token": [sent.headers["Location"].rsplit("/", 1)[-1], "none"],
        "name": ["sample", "quality", "tuned"],
        "part": ["tables", "figures", "pictures"],
    }
    schema = schemathesis.openapi.from_url(server.url + "/openapi.json")
    for methods in schema.raw_schema["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path" and parameter["name"] in known:
                    parameter["schema"] = {"enum": known[parameter["name"]]}
                elif parameter["name"] == "image_id":
                    parameter["schema"] = {"type": "integer", "minimum": 0, "maximum": 80}
    return schema


def sends(schema: Any, examples: int) -> int:
    """Send cases of every operation, sound ones and others; return how many."""
    sent = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in MODES:
            try:
                cases = operation.as_strategy(generation_mode=mode)
            except Exception as error:
                raise AssertionError(f"{operation.label}: {error}") from error

            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=cases)
            def send(case: Any) -> None:
                nonlocal sent
                sent += 1
                case.call_and_validate(headers=HEADERS, checks=CHECKS)

            # Of some operations schemathesis finds no case, such as a wrong one without parameters.
            with suppress(Unsatisfiable, SkipTest):
                send()
    return sent


def test_every_answer_is_as_described(server: serving.Server) -> None:
    assert sends(schema_of(server), 3) > 60


@pytest.mark.campaign
def test_every_answer_is_as_described_for_very_many(server: serving.Server) -> None:
    assert sends(schema_of(server), 100) > 1000


def test_a_request_without_the_key_is_refused(server: serving.Server) -> None:
    assert serving.status_of(server.url + "/api/v1/indexes") == 401
    request = Request(server.url + "/api/v1/indexes", headers=HEADERS)
    with urlopen(request, timeout=10) as answer:
        assert answer.status == 200
