"""Prints, as JSON, the Release of a deployment with defaults, and with another value of each parameter or property."""

import copy
import json
import sys
from pathlib import Path

root = Path(sys.argv[1])
sys.path.insert(0, str(root / "infra/deploy"))

import sam_template
import zips

template = sam_template.read(root / "infra/template.yaml")
names = [name for name in template["Parameters"] if name != "Release"]
values = {name: str(template["Parameters"][name].get("Default", "one")) for name in names}
binaries = {name: "1" for name in zips.names(template)}
larger = copy.deepcopy(template)
larger["Resources"]["StatusFunction"]["Properties"]["MemorySize"] = 512

found = {"defaults": zips.release(template, binaries, values)}
for name in names:
    found[name] = zips.release(template, binaries, {**values, name: "another"})
for name in binaries:
    found[f"the binary of {name}"] = zips.release(template, {**binaries, name: "2"}, values)
found["memory"] = zips.release(larger, binaries, values)
print(json.dumps(found))
