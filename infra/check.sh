#!/usr/bin/env bash
# What others' tools know of the template: sam validate, cfn-lint and checkov, as it is written and expanded. Silent if
# there is nothing to say. Needs no account and no network. What is suppressed says why where it is: in the template, or
# in checkov.yaml for what only the expansion has.
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

# A home of their own: what somebody has configured for these tools elsewhere must not count here.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1
unset AWS_PROFILE AWS_CONFIG_FILE CHECKOV_CONFIG
cd "$home"

failed=0
# Says something only if the tool fails.
quietly() {
  local output=$home/output
  "$@" >"$output" 2>&1 || { failed=1; echo "$(basename "$1"):" >&2; cat "$output" >&2; }
}

expanded=$home/expanded.json
"$sam/python" "$here/expand.py" "$template" >"$expanded"
quietly "$sam/sam" validate --lint --template "$template"
quietly "$sam/sam" validate --template "$template"
quietly "$sam/cfn-lint" "$template"
# W2001, unused parameters: SAM puts the value of DeploymentType where the parameter was.
quietly "$sam/cfn-lint" --ignore-checks W2001 -- "$expanded"
quietly "$checkov/checkov" --config-file "$here/checkov.yaml" --file "$template" --file "$expanded"
exit "$failed"
