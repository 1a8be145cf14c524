"""Reads an XML document as the JSON value that its schema describes, so that one validator serves both."""

import xml.etree.ElementTree as ElementTree


def from_xml(file, schema, text):
    """The value of a document; what its schema does not describe is kept, for the validator to complain about."""
    schema, name = _resolved(file, schema)
    root = ElementTree.fromstring(text)
    expected = schema.get("xml", {}).get("name", name)
    return _value(file, schema, root) if root.tag == expected else {"unexpected root": root.tag}


def _resolved(file, schema):
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    return (file["components"]["schemas"][name], name) if name else (schema, name)


def _value(file, schema, element):
    schema, _ = _resolved(file, schema)
    kind = schema.get("type")
    if kind == "object":
        return _object(file, schema, element)
    if kind == "array":
        return _array(file, schema, element)
    text = element.text or ""
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "integer":
        return int(text) if text.isascii() and text.isdigit() else text
    return text


def _object(file, schema, element):
    known, value = schema["properties"], {}
    for child in element:
        if child.tag in value:
            value[f"{child.tag} again"] = None
        value[child.tag] = _value(file, known[child.tag], child) if child.tag in known else None
    return value


def _array(file, schema, element):
    items, name = _resolved(file, schema["items"])
    tag = items.get("xml", {}).get("name", name)
    return [_value(file, items, child) if child.tag == tag else {"unexpected element": child.tag} for child in element]
