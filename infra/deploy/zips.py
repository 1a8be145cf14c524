"""The functions' zips: which there are, what processor they are for, and what names their content."""

import copy
import hashlib
import json
import struct
import zipfile

from failure import Failure

MACHINES = {"x86_64": 0x3E, "arm64": 0xB7}


def names(template):
    """Returns the names of the zips that the template's functions are deployed from."""
    return sorted({name(function) for function in functions(template).values()})


def name(function):
    return function["Properties"]["CodeUri"].split("/")[-2]


def located(template, paths):
    """Returns the template with these paths of the zips."""
    template = copy.deepcopy(template)
    for function in functions(template).values():
        function["Properties"]["CodeUri"] = str(paths[name(function)])
    return template


def functions(template):
    resources = template["Resources"].items()
    return {name: it for name, it in resources if it["Type"] == "AWS::Serverless::Function"}


def released(source, names, architecture):
    """Returns the path of each zip of a release, after comparing it with its SHA256SUMS."""
    sums = source / "SHA256SUMS"
    if not sums.exists():
        raise Failure(f"{sums} is missing: ZIPS must be a folder with the files of a release")
    wanted = dict(reversed(line.split()) for line in sums.read_text(encoding="utf-8").splitlines() if line.strip())
    paths = {name: source / f"{name}-{architecture}.zip" for name in names}
    for path in paths.values():
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}") from None
        if found != wanted.get(path.name):
            raise Failure(f"{path.name} is not the file that SHA256SUMS names")
    return paths


def binaries(paths, architecture):
    """Returns the hash of each function's binary; refuses one that is built for the other processor."""
    return {name: hashlib.sha256(binary(path, architecture)).hexdigest() for name, path in paths.items()}


def binary(path, architecture):
    try:
        with zipfile.ZipFile(path) as file:
            content = file.read("bootstrap")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise Failure(f"{path} is not a function's zip: {error}") from None
    machine = struct.unpack_from("<H", content, 18)[0] if content[:4] == b"\x7fELF" and len(content) > 20 else None
    if machine != MACHINES[architecture]:
        raise Failure(f"{path} is not built for {architecture}: run `make build ARCH={architecture}`")
    return content


def release(template, binaries, values):
    """Names what is deployed: another binary, property of a function, or value of a parameter gives another name.

    SAM publishes new versions when this changes, and for no other reason. It cannot see by itself that a parameter
    has a new value, and without a new version no traffic would reach that value.
    """
    named = {name: value for name, value in values.items() if name != "Release"}
    content = [binaries, named, template.get("Globals"), functions(template)]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
