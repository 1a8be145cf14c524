"""Checks an OpenAPI 3.1 file: its form, that every component is used, and every example against its schema."""

import json
import sys
from pathlib import Path

import jsonschema_rs
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

sys.path.insert(0, str(Path(__file__).parent))
from bodies import from_xml, to_xml


def walk(node, place=()):
    """Every object in the file, with its place."""
    if isinstance(node, dict):
        yield place, node
        for name, child in node.items():
            yield from walk(child, (*place, str(name)))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from walk(child, (*place, str(index)))


def resolved(file, node):
    """What a reference stands for, with the reference's own name."""
    if "$ref" not in node:
        return "", node
    target = file
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part.replace("~1", "/").replace("~0", "~")]
    return node["$ref"], target


def examples(file):
    """(where, schema, value) of every example that stands beside a schema."""
    for place, node in walk(file):
        if "schema" not in node or "properties" in place:
            continue
        where = "/".join(place)
        if "example" in node:
            yield where, node["schema"], node["example"], where
        for name, example in node.get("examples", {}).items():
            ref, target = resolved(file, example)
            yield f"{where} {ref or name}", node["schema"], target["value"], where


def complaints(file):
    yield from (f"{'/'.join(map(str, e.path))}: {e.message}" for e in OpenAPIV31SpecValidator(file).iter_errors())
    used = {node["$ref"] for _, node in walk(file) if isinstance(node.get("$ref"), str)}
    for kind, components in file["components"].items():
        for name in components if kind != "securitySchemes" else ():
            if (ref := f"#/components/{kind}/{name}") not in used:
                yield f"{ref} is used nowhere"
    for where, schema, value, place in examples(file):
        if place.endswith("application/xml"):
            value = from_xml(file, schema, to_xml(file, schema, value))
        whole = {**schema, "components": file["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        yield from (f"{where}: {error.message}" for error in validator.iter_errors(value))


def main(path):
    text = Path(path).read_text()
    file = json.loads(text) if path.endswith(".json") else yaml.safe_load(text)
    bad = list(complaints(file))
    print("\n".join(bad) if bad else f"good: {len(list(examples(file)))} examples")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
