"""Builds the description of an application out of its routes and what their views tell."""

import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from app.api.keys import is_keyed
from app.api.schemas.problems import Error
from app.openapi.documenting import (
    ALWAYS,
    HTML,
    JSON,
    OF_BODIES,
    TEXT,
    Exempt,
    Operation,
    Parameter,
    Reply,
)
from app.openapi.parameters import PLACES
from app.openapi.schemas import TAKEN, Schema, Schemas
from app.refusals import REFUSALS, STATUSES

VERSION = "1"
FILES = {
    "static": Exempt("files of pages"),
    "bootstrap.static": Exempt("files of pages"),
}
"""Routes whose views are not ours."""
UNTOLD = {"HEAD", "OPTIONS"}
"""Methods that every route answers by itself."""
KEY = "key"
OF_SERVER = 414
"""An address that is too long does not reach us: gunicorn itself answers it, by a page."""
ABOUT = (
    "Search a folder of images with images. Addresses under /api/v1 are for programs; every other "
    "one is a page too, and answers JSON where the header Accept prefers it. Every error has the "
    "same shape."
)


def description(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an application."""
    schemas = Schemas()
    error = schemas.of(Error)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    statuses: set[int] = set()
    for rule, told in routes(app):
        if isinstance(told, Operation):
            for method in sorted(rule.methods - UNTOLD if rule.methods else ()):
                operation = _Writer(app, schemas, rule, told).operation()
                paths[path_of(rule)][method.lower()] = operation
                statuses |= {int(status) for status in operation["responses"]}
    keys = {KEY: {"type": "http", "scheme": "bearer", "description": "One of LIKENESS_API_KEY."}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Likeness", "version": VERSION, "description": ABOUT},
        "paths": dict(paths),
        "components": {
            "schemas": schemas.components,
            "responses": {
                str(status): _refusal(status, error) for status in sorted(statuses) if status >= 400
            },
            "securitySchemes": keys,
        },
    }


def routes(app: Flask) -> Iterator[tuple[Rule, Operation | Exempt | None]]:
    """Return every route in the order of addresses, with what its view tells; None: nothing."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        view = app.view_functions[rule.endpoint]
        yield rule, getattr(view, "documented", None) or FILES.get(rule.endpoint)


def path_of(rule: Rule) -> str:
    """Return a route's path as OpenAPI writes it."""
    return re.sub(r"<(?:[^:<>]+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule)


class _Writer:
    """Writes down one operation."""

    def __init__(self, app: Flask, schemas: Schemas, rule: Rule, told: Operation) -> None:
        self.app = app
        self.schemas = schemas
        self.rule = rule
        self.told = told
        self.view = app.view_functions[rule.endpoint]

    def operation(self) -> dict[str, Any]:
        summary, _, more = (inspect.getdoc(self.view) or "").partition("\n\n")
        said = {
            "operationId": self.rule.endpoint,
            "tags": [self.told.tag],
            "summary": summary.replace("\n", " "),
            "description": " ".join(more.split()),
            "parameters": [*self._path(), *(self._query(each) for each in self.told.takes)],
            "requestBody": self._body(),
            "responses": self._responses(),
            "security": [{KEY: []}] if self._needs_key() else None,
        }
        return {name: value for name, value in said.items() if value}

    def _path(self) -> Iterator[dict[str, Any]]:
        for name, converter in self.rule._converters.items():
            schema: Schema = {"type": "string", "minLength": 1}
            if isinstance(converter, IntegerConverter):
                schema = {"type": "integer", "minimum": 0, "maximum": converter.max}
            elif isinstance(converter, AnyConverter):
                schema = {"enum": sorted(converter.items)}
            meaning = self.told.path.get(name) or PLACES[name]
            yield _parameter(name, "path", meaning, schema) | {"required": True}

    def _query(self, parameter: Parameter) -> dict[str, Any]:
        given = parameter.schema
        schema = given(self.app.config) if callable(given) else given
        said = _parameter(parameter.name, "query", parameter.meaning, schema)
        return said if parameter.example is None else said | {"example": parameter.example}

    def _body(self) -> dict[str, Any] | None:
        if self.told.body is None:
            return None
        body = self.told.body
        content = {
            media: {"schema": kind if isinstance(kind, dict) else self.schemas.of(kind, TAKEN)}
            for media, kind in body.kinds.items()
        }
        for media, example in body.examples.items():
            content[media]["example"] = example
        return {"required": True, "content": content}

    def _responses(self) -> dict[str, Any]:
        told = self.told
        usual = {200: Reply("What was asked for.", told.gives)}
        found = {status: {"$ref": f"#/components/responses/{status}"} for status in self._errors()}
        replies = {status: self._reply(reply) for status, reply in {**usual, **told.also}.items()}
        return {str(status): each for status, each in sorted({**found, **replies}.items())}

    def _reply(self, reply: Reply) -> dict[str, Any]:
        content = {media: {"schema": self._given(kind)} for media, kind in reply.gives.items()}
        return {"description": reply.meaning} | ({"content": content} if content else {})

    def _given(self, kind: Any) -> Schema:
        if isinstance(kind, dict):
            return kind
        is_maker = callable(kind) and not isinstance(kind, type)
        schema: Schema = kind(self.schemas) if is_maker else self.schemas.of(kind, self.told.way)
        return schema

    def _errors(self) -> set[int]:
        errors = {*ALWAYS, *self.told.errors}
        if self.rule.arguments:
            errors.add(404)
        if self.rule.arguments or self.told.takes:
            errors.add(OF_SERVER)
        if self.told.body:
            errors |= set(OF_BODIES)
        if getattr(self.view, "limited", False):
            errors.add(429)
        return errors | ({401} if self._needs_key() else set())

    def _needs_key(self) -> bool:
        return is_keyed(self.rule.rule) and bool(self.app.config["API_KEY"])


def _parameter(name: str, place: str, meaning: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": place, "description": meaning, "schema": schema}


def _refusal(status: int, error: Schema) -> dict[str, Any]:
    """Return the response of a status: its shape, and the codes that may stand in it."""
    known = [*REFUSALS.values(), *STATUSES.values()]
    codes = sorted({refusal.code for refusal in known if refusal.status == status})
    said = f" Codes: {', '.join(codes)}." if codes else ""
    content: dict[str, Any] = {HTML: {"schema": TEXT}}
    if status != OF_SERVER:
        content[JSON] = {"schema": error}
    response = {"description": f"{HTTPStatus(status).phrase}.{said}", "content": content}
    if status in (429, 503):
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        response["headers"] = {"Retry-After": seconds}
    if status == 401:
        response["headers"] = {
            "WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}
        }
    return response
