# Everything a contributor runs. "make" alone explains the targets.

GO        ?= go
# The SDKs in Go are modules of their own; the program's module takes them from this tree, so their packages are tested
# and checked with its own.
MODULES   := pkg/client pkg/webhook
# Those whose tests wait longest begin first, so that others compute meanwhile.
PACKAGES  := ./cmd/hookline ./internal/queue ./internal/e2e/... ./... $(MODULES:%=github.com/hookline/hookline/%/...)
PKG       ?= $(PACKAGES)
ARGS      ?=
FUZZTIME  ?= 30s
DURATION  ?= 2m
SEED      ?= 0
FAILOVERS ?= 5
EVENTS    ?= 20000
FROM      ?= HEAD
ROWS      ?= 10000000
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS   := -s -w -X github.com/hookline/hookline/internal/app.Version=$(VERSION)
SERVICES  := $(GO) run ./deploy/dev/services
TOOL      := $(GO) tool -modfile=$(CURDIR)/deploy/dev/tools/go.mod
# Vet is a step of verify. Tests wait more than they compute, so more of them run at a time than there are cores.
# What needs no service and didn't change since it passed is not run again; tests of a service always run, because its
# address differs each time. ARGS=-count=1 runs all.
TEST_FLAGS := -vet=off -ldflags='-s -w' -parallel 8
GO_TEST   := $(GO) test -count=1 $(TEST_FLAGS)

# The binary is built without cgo, so it is tested without it, and no C compiler is needed.
export CGO_ENABLED ?= 0
# The program collects garbage no more often (cmd/hookline/main.go); for tests it is a quarter of their CPU.
export GOGC ?= 400

.DEFAULT_GOAL := help

# Steps of verify write what others read, and the machine is busy with one step at a time anyway.
.NOTPARALLEL:

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Run the whole program with its embedded engines; options in ARGS
	$(GO) run ./cmd/hookline dev $(ARGS)

.PHONY: demo
demo: ## Print what consumers of the five products receive in a day; options in ARGS
	@GO="$(GO)" $(GO) run ./deploy/dev/demo $(ARGS)

.PHONY: build
build: notices ## Build ./bin/hookline, a static binary, with the licences of its parts beside it
	$(GO) build -trimpath -ldflags "$(LDFLAGS)" -o bin/hookline ./cmd/hookline

.PHONY: notices
notices: ## Write the licences of everything in the binary to ./bin/NOTICES
	@mkdir -p bin
	$(GO) run ./deploy/dev/notices > bin/NOTICES

.PHONY: sbom
sbom: ## Write what the binary consists of to ./bin/sbom.json (CycloneDX)
	@mkdir -p bin
	$(GO) run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 app -json -licenses -std \
		-main cmd/hookline -output bin/sbom.json .

.PHONY: vuln
vuln: ## Look for known vulnerabilities that the program can reach (needs the Go vulnerability database)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

.PHONY: test
test: ## Run the tests on both engines; narrow with PKG=./internal/event/... ARGS='-run Name'
	@mkdir -p bin
	$(SERVICES) -- $(TOOL) gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg --jsonfile bin/test.json \
		-- $(TEST_FLAGS) -timeout 10m $(ARGS) $(PKG); status=$$?; \
	echo "The ten slowest tests:"; $(TOOL) gotestsum tool slowest --num 10 --threshold 1s --jsonfile bin/test.json; exit $$status

.PHONY: test-race
test-race: ## The same under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(SERVICES) -- $(GO_TEST) -race -timeout 20m $(ARGS) $(PKG)

.PHONY: generate
generate: ## Generate code from openapi/openapi.yaml into gen/ and pkg/
	$(GO) generate ./openapi/...

.PHONY: sdk-check
sdk-check: ## Check our SDKs, on their oldest runtimes too, and the clients of five generators (Node, npm, Chromium)
	@GO="$(GO)" $(GO) run ./deploy/dev/sdk

.PHONY: integrations-check
integrations-check: ## Test the apps for Zapier, n8n and Make against a running Hookline (Node and npm)
	@GO="$(GO)" $(GO) run ./deploy/dev/integrations

# Helm and the API types of Kubernetes are a module of their own: the first build takes three minutes of CPU.
.PHONY: deploy-check
deploy-check: ## Check the Helm chart, systemd units and compose file (needs systemd-analyze)
	cd deploy/dev/deploycheck && $(GO) mod tidy -diff && $(GO) vet . && $(GO) test $(ARGS) .

# Newer releases of GoReleaser need a newer Go than go.mod asks for.
GORELEASER := $(GO) run github.com/goreleaser/goreleaser/v2@v2.15.1
.PHONY: release-check
release-check: ## Check .goreleaser.yaml and build a release into ./dist without publishing it (half an hour of CPU)
	$(GORELEASER) check
	$(GORELEASER) release --snapshot --clean --skip=docker,sign,publish

.PHONY: lint
lint: ## Check formatting, go vet and staticcheck
	@unformatted=$$(gofmt -l .) || exit 1; \
	if [ -n "$$unformatted" ]; then echo "gofmt is needed on:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet $(PACKAGES)
	$(TOOL) staticcheck $(PACKAGES)

.PHONY: verify
verify: verify-generated verify-contract lint-contract verify-modules verify-commits lint ## Check everything but tests
	$(GO_TEST) ./internal/arch/...

.PHONY: verify-generated
verify-generated: generate ## Check that gen/ and the generated part of pkg/ are what the contract generates
	@git diff --exit-code -- gen pkg || { echo "generated code is stale: run 'make generate' and commit it"; exit 1; }
	@untracked=$$(git ls-files --others --exclude-standard -- gen pkg) || exit 1; \
	if [ -n "$$untracked" ]; then echo "generated but not committed:"; echo "$$untracked"; exit 1; fi

.PHONY: verify-contract
verify-contract: ## Check that the contract breaks nothing that the latest release promised
	$(GO) run ./deploy/dev/contract check

.PHONY: lint-contract
lint-contract: ## Check the contract with redocly, and with spectral and its OWASP rules (Node and npm)
	deploy/dev/lint/lint.sh

.PHONY: contract-changelog
contract-changelog: ## Print what changed in the contract since the latest release, as Markdown
	@$(GO) run ./deploy/dev/contract changelog

.PHONY: verify-modules
verify-modules: ## Check that go.mod and go.sum are tidy, and that the SDKs build alone
	$(GO) mod tidy -diff
	@for module in $(MODULES); do \
		(cd $$module && GOWORK=off $(GO) mod tidy -diff && GOWORK=off $(GO) build ./...) || exit 1; \
	done

# Commits since this one are checked; a clone without it has nothing to check.
FIRST := aed39515c7ce7b6e8892826eeb323a3e23953209
.PHONY: verify-commits
verify-commits: ## Check commit subjects: "package: what it does", at most 72 characters
	@! git rev-parse -q --verify '$(FIRST)^{commit}' >/dev/null || \
	git log --no-merges --format='%h %s' $(FIRST)..HEAD | awk '{h = $$1; sub(/^[^ ]+ /, "")} \
		length > 72 || !/^[a-z0-9_\/.-]+: [^ ]/ { \
			print h ": want \"package: what it does\" in at most 72 characters, got: " $$0; bad = 1} END {exit bad}'

.PHONY: bench
bench: ## Run the benchmarks against PostgreSQL with fsync on, and Redis
	$(SERVICES) --fsync -- $(GO_TEST) -timeout 30m -run '^$$' -bench . -skip '^BenchmarkScale(Out)?$$' \
		-benchtime 1x $(ARGS) ./internal/bench/...

.PHONY: fairness
fairness: ## Measure fifty tenants alone, and beside one that floods an endpoint that hangs
	$(SERVICES) --fsync -- $(GO_TEST) -run '^$$' -bench '^BenchmarkFairness$$' -benchtime 1x $(ARGS) \
		./internal/bench/...

.PHONY: scale
scale: ## Store ROWS deliveries (10 million need 12 GB) and measure a burst, lists, pages and retention beside them
	$(SERVICES) --fsync -- $(GO_TEST) -v -timeout 120m -run '^$$' -bench '^BenchmarkScale$$' -benchtime 1x $(ARGS) \
		./internal/bench -scale.rows $(ROWS)

.PHONY: scaleout
scaleout: ## Send a burst of EVENTS through 1, 2 and 4 processes of each kind: what a delivery costs in each part
	$(SERVICES) --fsync -- $(GO_TEST) -timeout 60m -run '^$$' -bench '^BenchmarkScaleOut$$' -benchtime 1x $(ARGS) \
		./internal/bench -scaleout.events $(EVENTS)

# The test brings servers of its own, since it kills them.
.PHONY: crash
crash: ## Kill the API, workers, PostgreSQL and Redis under load for DURATION, at moments that follow from SEED
	$(GO_TEST) -timeout 60m -v -run '^TestKillsUnderLoadLoseNothing$$' $(ARGS) ./cmd/hookline \
		-crash.for $(DURATION) -crash.seed $(SEED)

# The test brings servers of its own, and looks at what they and the processes use.
.PHONY: soak
soak: ## Run under a steady load for DURATION (30m is worth it): memory, connections and latency must not grow
	$(GO_TEST) -timeout 0 -v -run '^TestASoak' $(ARGS) ./cmd/hookline -soak.for $(DURATION)

.PHONY: looks
looks: ## Check every page with axe, in both themes and on a phone
	@$(SERVICES) -- $(GO_TEST) -v -run 'EveryPageIsAccessible' ./internal/e2e/page -looks

.PHONY: outage
outage: ## Freeze PostgreSQL, Redis and a worker for DURATION each, fail over PostgreSQL, fill its disk (as root)
	@$(SERVICES) -- $(GO_TEST) -timeout 60m -v -run '^(TestAServerThatHangs|TestAFailover|TestADiskOf)' ./cmd/hookline \
		-outage.for=$(DURATION) -outage.disk=$(if $(filter 0,$(shell id -u)),true,false)

.PHONY: cluster
cluster: ## Run the promises on Redis Cluster and Sentinel, and kill the master of the queue FAILOVERS times under load
	@$(SERVICES) -- $(GO_TEST) -timeout 60m -v -run '^(TestOnClusterAndSentinel|TestAFailoverOfRedis)' $(ARGS) \
		./cmd/hookline -failovers $(FAILOVERS)

.PHONY: upgrade
upgrade: ## Replace processes of FROM (a git revision or a binary) by those of this tree, one by one, under load
	@if [ -x "$(FROM)" ] && [ ! -d "$(FROM)" ]; then \
		HOOKLINE_TEST_OLDER="$(abspath $(FROM))" $(SERVICES) -- $(GO_TEST) -v -run '^TestAnUpgrade' ./cmd/hookline; exit; \
	fi; \
	dir=$$(mktemp -d) && trap 'git worktree remove --force "$$dir/from"; rm -rf "$$dir"' EXIT && \
	git worktree add --detach "$$dir/from" $(FROM) && \
	(cd "$$dir/from" && $(GO) build -o "$$dir/older" ./cmd/hookline) && \
	HOOKLINE_TEST_OLDER="$$dir/older" $(SERVICES) -- $(GO_TEST) -v -run '^TestAnUpgrade' ./cmd/hookline

.PHONY: hostile
hostile: ## Make every hostile request: paths, queries, bodies, headers, credentials, addresses, ids of other tenants
	@$(SERVICES) -- $(GO_TEST) -v -timeout 60m \
		-run '^(TestHostile|TestASecondTenantSeesNothing|TestEveryOperationAsks|TestAKeyInTheURL)' $(ARGS) \
		./internal/api -hostile.share 1 | grep -aE 'hostile |^ *--- |^(ok|FAIL)|_test.go'
	@$(SERVICES) -- $(GO_TEST) -timeout 60m -run 'Private|Refuses|Guard|SSRF' ./internal/egress ./internal/e2e/webhook

# go test fuzzes one target of one package at a time, in the module of its folder.
.PHONY: fuzz
fuzz: ## Fuzz every target, each for FUZZTIME
	@grep -rl --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' . | sort | while read -r file; do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "== $$name ($$file)"; \
			(cd "$$(dirname "$$file")" && \
				$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) . </dev/null) || exit 1; \
		done; \
	done

.PHONY: services
services: ## Start PostgreSQL and Redis for tests, print their variables, stay until Ctrl-C
	@$(SERVICES)

.PHONY: clean
clean: ## Remove what was built; data in .hookline/ stays
	rm -rf bin dist coverage.html *.out *.test
