# The same few words everywhere. `make` alone lists them.
CARGO_LAMBDA_VERSION := 1.9.2
STANDARDWEBHOOKS_VERSION := 1.1.0
export CARGO_LAMBDA := $(CURDIR)/.venv/bin/cargo-lambda
LOCAL = "$${CARGO_TARGET_DIR:-target}/debug/local"
FUNCTIONS := --bin set-pin --bin status --bin port-out --bin provision

.DEFAULT_GOAL := help
.PHONY: help run token test test-dynamodb-local lint build cargo-lambda standardwebhooks

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 28

# `--bin` without `-p` builds with the features of the whole workspace, as cargo-lambda does: nothing is built twice.
run: cargo-lambda ## the whole service on this machine: PORT=9000 DATA_DIR=.local/data DYNAMODB_ENDPOINT=
	@cargo build --bin local
	@exec $(LOCAL) run

token: ## a token: ROLE=account ACCOUNT=CONTOSO, ROLE=carrier SPID=A123, or ROLE=operator
	@cargo build --quiet --bin local
	@$(LOCAL) token

test: cargo-lambda standardwebhooks ## every test, on the embedded engine
	cargo build --locked --workspace --bins
	cargo test --locked --workspace

# The whole workspace again, so that nothing is built with other features; `--test` leaves the unit tests out.
# One test at a time: they share this engine, and a crowd on it must not make another test's calls time out.
test-dynamodb-local: cargo-lambda standardwebhooks ## the end-to-end tests on AWS's DynamoDB Local: needs Java 17, node and npm
	cargo build --locked --workspace --bins
	infra/local/dynamodb-local.sh cargo test --locked --workspace --test '*' -- --test-threads=1

lint: ## formatting, clippy and docs, warnings denied
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

# Without ARCH as this machine's compiler makes them; with it for Lambda's own system, which needs zig.
build: cargo-lambda ## the four functions, optimised, in target/lambda: ARCH=arm64 or x86-64 with `pip install ziglang`
	@$(CARGO_LAMBDA) lambda build --locked --release $(FUNCTIONS) $(if $(ARCH),--$(ARCH),--compiler cargo)

# Installed on first use, and again if it does not run or is another version.
cargo-lambda:
	@$(CARGO_LAMBDA) lambda --version 2>/dev/null | grep -qF ' $(CARGO_LAMBDA_VERSION) ' || { \
	  echo 'installing cargo-lambda $(CARGO_LAMBDA_VERSION) into .venv' && rm -rf .venv && \
	  python3 -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
	  cargo-lambda==$(CARGO_LAMBDA_VERSION); } || { \
	  echo 'error: cargo-lambda cannot be installed: needs Python 3 with venv, and PyPI' >&2; exit 1; }

# Python's tools, each in an environment of its own with every version pinned in infra/tools, as their needs clash.
.tools/%/ok: infra/tools/%.txt
	@echo 'installing $* into .tools/$*' && rm -rf .tools/$* && mkdir -p .tools && python3 -m venv .tools/$* && \
	  .tools/$*/bin/pip install --quiet --disable-pip-version-check --requirement $< && touch $@ || { \
	  echo 'error: $* cannot be installed: needs Python 3 with venv, and PyPI' >&2; exit 1; }

# The official library of Standard Webhooks, the client of a test; it needs nothing but Python. After cargo-lambda,
# which makes the folder.
standardwebhooks: cargo-lambda
	@.venv/bin/python -c 'import standardwebhooks as s; assert s.__version__ == "$(STANDARDWEBHOOKS_VERSION)"' 2>/dev/null || { \
	  echo 'installing standardwebhooks $(STANDARDWEBHOOKS_VERSION) into .venv' && \
	  .venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
	  standardwebhooks==$(STANDARDWEBHOOKS_VERSION); } || { \
	  echo 'error: standardwebhooks cannot be installed: needs PyPI' >&2; exit 1; }
