"""docs/asyncapi.yaml, as a judge of messages."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

_DOCUMENT = yaml.safe_load((Path(__file__).parents[2] / "docs/asyncapi.yaml").read_text())

_CHANNELS = {"market_updates": "MarketEvent", "user": "UserEvent"}


def document() -> Any:
    return _DOCUMENT


def check(message: dict[str, Any]) -> None:
    """Raise unless the document allows `message`, sent by the server."""
    _validator(_name_of(message)).validate(message)


def check_request(message: dict[str, Any]) -> None:
    """Raise unless the document allows `message`, sent by a client."""
    _validator(message["op"].title()).validate(message)


def _name_of(message: dict[str, Any]) -> str:
    if "op" in message:
        return str(message["op"].title())
    if message["channel"] == "book":
        return f"Book{message['type'].title()}"
    return _CHANNELS[message["channel"]]


@cache
def _validator(name: str) -> Draft7Validator:
    components = json.loads(json.dumps(_DOCUMENT["components"]))
    return Draft7Validator({"$ref": f"#/components/schemas/{name}", "components": components})
