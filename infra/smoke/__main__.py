"""Runs the checks that only a running stack can pass, and says which failed. Called by `make smoke`.

Over HTTP alone: API, and as far as they are given ISSUER and the tokens OPERATOR, OWNER (of the account SMOKETEST), and
CARRIER. With STAGE, the deployed stack gives API and ISSUER, and what AWS made of the template is checked too.
"""

import os
import sys
from pathlib import Path

import over_http
from outcome import Failed, Skipped

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deploy"))


def main():
    api, issuer, checks = os.environ.get("API", ""), os.environ.get("ISSUER", ""), []
    if os.environ.get("STAGE"):
        import in_aws
        from stack import Stack

        stack = Stack.of_environment()
        api = api or stack.output("ApiUrl")
        issuer = issuer or stack.parameters.get("JwtIssuer", "")
        checks = in_aws.checks(stack)
    if not api.startswith("http"):
        raise Failed("API must be a URL: make smoke API=https://ports.example.com ISSUER=https://id.example.com")
    tokens = {name: os.environ.get(name.upper(), "") for name in ("operator", "owner", "carrier")}
    return run(over_http.checks(api.rstrip("/"), issuer.rstrip("/"), tokens) + checks)


def run(checks):
    """Runs each check whatever became of the others; returns 1 if one failed."""
    failed = 0
    for name, check in checks:
        try:
            check()
            print(f"ok       {name}")
        except Skipped as reason:
            print(f"skipped  {name}: {reason}")
        except Failed as reason:
            failed += 1
            print(f"FAILED   {name}: {reason}")
    print(f"{failed} of {len(checks)} checks failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    # Failure of the deployment's own modules has the same meaning.
    except Exception as error:
        if type(error).__name__ not in ("Failed", "Failure"):
            raise
        sys.exit(f"error: {error}")
