"""Prints every XML example of an OpenAPI file as it is sent: a JSON object from names to documents."""

import json
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))
from bodies import to_xml
from check_file import walk


def documents(file):
    for place, node in walk(file):
        if place[-1:] == ("application/xml",):
            for example in node["examples"].values():
                name = example["$ref"].rsplit("/", 1)[-1]
                yield name, to_xml(file, node["schema"], file["components"]["examples"][name]["value"])


if __name__ == "__main__":
    print(json.dumps(dict(documents(yaml.safe_load(Path(sys.argv[1]).read_text())))))
