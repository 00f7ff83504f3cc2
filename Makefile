# The two that matter: `make demo` builds everything and runs the tour,
# `make test` checks everything that this project promises.
GO ?= go
SHELL := /bin/bash

.PHONY: demo build test check bench contracts generate clean preflight

demo: preflight build ## build everything, then run the tour on a local network
	@bin/etal demo $(DEMOFLAGS)

build: ## one static file, bin/etal, that carries its engine
	@cmd/etal/build.sh

test: preflight build ## every test, our packages with the race detector
	@GO=$(GO) .ci/test

check: ## format, vet, lint, stale generated files, import rules, known vulnerabilities
	@GO=$(GO) .ci/check

bench: ## what is measured so far; the last line is one JSON object
	@GO=$(GO) .ci/bench

contracts: ## rebuild the contracts' artifacts and bindings (needs node and npm)
	@chain/contracts/build.sh

generate: ## rebuild the protobuf code (needs protoc)
	@cd market/marketpb && sh generate.sh

clean: ## remove what was built
	@rm -rf bin runtime/containerd/engine.gz testnet/tour/render.tar.gz

# The sandbox needs user namespaces, or root. Asked first, so that nobody waits
# for a build to learn it.
preflight:
	@.ci/preflight
