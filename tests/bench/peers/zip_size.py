"""Prints the bytes of a zip of the given files, deflated at the highest level."""

import io
import sys
import zipfile

archive = io.BytesIO()
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as deployed:
    for path in sys.argv[1:]:
        deployed.write(path, path.rsplit("/", 1)[-1])
print(len(archive.getvalue()))
