"""What becomes of a check that does not pass."""


class Failed(Exception):
    """What is wrong, and what follows from it."""


class Skipped(Exception):
    """What the check would need."""


def require(holds, reason):
    if not holds:
        raise Failed(reason)
