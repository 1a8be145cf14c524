"""The one error that ends a deployment with a line instead of a trace."""


class Failure(Exception):
    """What is wrong, and the way out."""
