# The same few words everywhere. `make` alone lists them.
CARGO_LAMBDA_VERSION := 1.9.2
STANDARDWEBHOOKS_VERSION := 1.1.0
export CARGO_LAMBDA := $(CURDIR)/.venv/bin/cargo-lambda
LOCAL = "$${CARGO_TARGET_DIR:-target}/debug/local"
FUNCTIONS := --bin set-pin --bin status --bin port-out --bin provision
ARCH ?= arm64
TEST_TOOLS := .tools/sam/ok .tools/checkov/ok .tools/schemathesis/ok .tools/moto/ok
SAM := SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam

.DEFAULT_GOAL := help
.PHONY: help run token test infra-test test-dynamodb-local lint build deploy bench bench-growth bench-load \
  cargo-lambda standardwebhooks

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 28

# `--bin` without `-p` builds with the features of the whole workspace, as cargo-lambda does: nothing is built twice.
run: cargo-lambda ## the whole service on this machine: PORT=9000 DATA_DIR=.local/data DYNAMODB_ENDPOINT=
	@cargo build --bin local
	@exec $(LOCAL) run

token: ## a token: ROLE=account ACCOUNT=CONTOSO, ROLE=carrier SPID=A123, or ROLE=operator
	@cargo build --quiet --bin local
	@$(LOCAL) token

test: cargo-lambda standardwebhooks $(TEST_TOOLS) ## every test, on the embedded engine; infra-test is one of them
	cargo build --locked --workspace --bins
	$(MAKE) build ARCH=x86_64
	cargo test --locked --workspace

infra-test: $(TEST_TOOLS) ## what the template promises, what others' tools say of it, and what `make build` builds
	cargo build --locked --workspace --bins
	$(MAKE) build ARCH=x86_64
	cargo test --locked -p tests --test infra

# The whole workspace again, so that nothing is built with other features; `--test` leaves the unit tests out.
# One test at a time: they share this engine, and a crowd on it must not make another test's calls time out.
test-dynamodb-local: cargo-lambda standardwebhooks $(TEST_TOOLS) ## the end-to-end tests on AWS's DynamoDB Local: needs Java 17, node and npm
	cargo build --locked --workspace --bins
	infra/local/dynamodb-local.sh cargo test --locked --workspace --test '*' -- --test-threads=1

lint: ## formatting, clippy and docs, warnings denied
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

# For Lambda's own system, whatever this machine is: zig links against its older C library.
build: cargo-lambda .tools/zig/ok ## the four functions, zipped, in target/lambda: ARCH=arm64 (the default) or x86_64
	@PATH="$(CURDIR)/.tools/zig/bin:$$PATH" $(CARGO_LAMBDA) lambda build --locked --release --output-format zip \
	  $(FUNCTIONS) --$(subst _,-,$(ARCH))

BENCH_BINS := --bin bench --bin bare-status --bin bare-set-pin --bin bare-port-out
BENCH = "$${CARGO_TARGET_DIR:-target}/lambda"

# All of them built by cargo-lambda, as it asks the compiler for a newer processor than cargo alone does.
bench: cargo-lambda .tools/bench/ok ## the functions beside peers, on both engines: OUT=target/bench BENCH_ARGS=--quick
	@cd tests/bench/peers/node && npm ci --ignore-scripts --silent --no-audit --no-fund && npm run --silent build
	@$(CARGO_LAMBDA) lambda build --locked --release $(FUNCTIONS) $(BENCH_BINS) --compiler cargo
	@infra/local/dynamodb-local.sh $(BENCH)/bench/bootstrap --binaries $(BENCH) --out "$(or $(OUT),target/bench)" $(BENCH_ARGS)

bench-growth: cargo-lambda ## answers with 1,000 to 1,000,000 accounts: 10 GB of disk; BENCH_ARGS=--quick for less
	@$(CARGO_LAMBDA) lambda build --locked --release $(FUNCTIONS) --bin growth --compiler cargo
	@mkdir -p $(BENCH)/bin && for f in set-pin status port-out provision; do ln -sf ../$$f/bootstrap $(BENCH)/bin/$$f; done
	@$(BENCH)/growth/bootstrap --binaries $(BENCH)/bin $(BENCH_ARGS)

bench-load: cargo-lambda .tools/bench/ok ## the rate that the local stack holds; BENCH_ARGS=--quick for less
	@cargo build --locked --bin local
	@$(CARGO_LAMBDA) lambda build --locked --release --bin load --compiler cargo
	@$(BENCH)/load/bootstrap $(BENCH_ARGS)

# Asks for every parameter the first time, and keeps the answers in samconfig.toml, which is yours and not committed.
deploy: build .tools/sam/ok ## to AWS, with the credentials of your shell; asks for parameters the first time
	@$(SAM) deploy --template-file infra/template.yaml --config-file $(CURDIR)/samconfig.toml --capabilities CAPABILITY_IAM \
	  --parameter-overrides Architecture=$(ARCH) $$(test -f samconfig.toml || echo --guided)

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
