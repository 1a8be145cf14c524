#!/usr/bin/env bash
# Checks the template with sam validate, cfn-lint, and checkov, both as written and expanded, and without an argument also
# the deployer's. Prints nothing if it passes. Needs no AWS account and no network. Every suppression states its reason: in
# the template, or in checkov.yaml if only the expanded template needs it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
template=$(realpath "${1:-$here/template.yaml}")
sam=$here/../.tools/sam/bin
checkov=$here/../.tools/checkov/bin

for tool in "$sam/python" "$sam/sam" "$sam/cfn-lint" "$checkov/checkov"; do
  [ -x "$tool" ] || {
    echo "error: $(basename "$tool") is missing: run \`make .tools/sam/ok .tools/checkov/ok\` first" >&2
    exit 1
  }
done

# An empty home folder, so that a user's own configuration of these tools has no effect.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1
unset AWS_PROFILE AWS_CONFIG_FILE CHECKOV_CONFIG
cd "$home"

failed=0
# Prints a tool's output only if the tool fails.
quietly() {
  local output=$home/output
  "$@" >"$output" 2>&1 || { failed=1; echo "$(basename "$1"):" >&2; cat "$output" >&2; }
}

expanded=$home/expanded.json
"$sam/python" -B "$here/expand.py" "$template" >"$expanded"
# With --lint, SAM runs cfn-lint and does nothing else.
quietly "$sam/sam" validate --lint --template "$template"
quietly "$sam/sam" validate --template "$template"
# W2001 is for unused parameters: SAM replaces the reference to DeploymentType with its value. W1028 is for choices that are
# never made: SAM makes a route, and in it again its integration, depend on the condition of its function.
quietly "$sam/cfn-lint" --ignore-checks W2001 W1028 -- "$expanded"
quietly "$checkov/checkov" --config-file "$here/checkov.yaml" --file "$template" --file "$expanded"
if [ "$#" -eq 0 ]; then
  quietly "$sam/cfn-lint" "$here/deployer.yaml"
  quietly "$checkov/checkov" --config-file "$here/checkov.yaml" --file "$here/deployer.yaml"
fi
exit "$failed"
