"""Turns XML documents into the JSON values that their schemas describe, so that one validator serves both, and back."""

import xml.etree.ElementTree as ElementTree


def from_xml(file, schema, text):
    """The value of a document; what its schema does not describe is kept, for the validator to complain about."""
    schema, name = _resolved(file, schema)
    root = ElementTree.fromstring(text)
    expected = schema.get("xml", {}).get("name", name)
    return _value(file, schema, root) if root.tag == expected else {"unexpected root": root.tag}


def to_xml(file, schema, value):
    """The document that a value of this schema is sent as, its elements in the order of the value."""
    schema, name = _resolved(file, schema)
    root = ElementTree.Element(schema.get("xml", {}).get("name", name))
    _fill(file, schema, root, value)
    return '<?xml version="1.0" encoding="UTF-8"?>' + ElementTree.tostring(root, encoding="unicode")


def _fill(file, schema, element, value):
    schema, _ = _resolved(file, schema)
    if isinstance(value, dict):
        for name, child in value.items():
            _fill(file, schema["properties"].get(name, {}), ElementTree.SubElement(element, name), child)
    elif isinstance(value, list):
        items, tag = _items(file, schema)
        for item in value:
            _fill(file, items, ElementTree.SubElement(element, tag), item)
    else:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)


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
    items, tag = _items(file, schema)
    return [_value(file, items, child) if child.tag == tag else {"unexpected element": child.tag} for child in element]


def _items(file, schema):
    """The schema of an array's items, and the name of their elements."""
    items, name = _resolved(file, schema["items"])
    return items, items.get("xml", {}).get("name", name)
