"""Reads SAM templates with libyaml's parser, which takes a fraction of the time of the one that SAM uses."""

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor


class Loader(yaml.CSafeLoader):
    """Reads the short forms of CloudFormation's functions, such as !Ref, as SAM does."""


Loader.add_multi_constructor("!", intrinsics_multi_constructor)
# CloudFormation has no dates: the version of a policy is a string.
Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_yaml_str)


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader)
