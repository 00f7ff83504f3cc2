#!/usr/bin/env bash
# Builds bin/etal, one static file that carries its engine and what the demo
# renders. A line per phase, with the time that is left on two cores when nothing
# is cached; a phase that is cached takes a second or two.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ "$(uname -s)" = Linux ] || { echo "build: the engine needs Linux; elsewhere build the renter with: go build -o bin/etal ./cmd/etal" >&2; exit 1; }
go=${GO:-go}
command -v "$go" >/dev/null || { echo "build: Go 1.26 or newer is needed and not found in PATH" >&2; exit 1; }
export CGO_ENABLED=0
version=$(git describe --tags --always --dirty 2>/dev/null || echo dev)

# Seconds that each phase takes cold: what is left is their sum.
names=("the engine (containerd and gVisor in one file)" "packing the engine" "the render job, as an OCI image" "etal itself")
costs=(200 6 20 150)

phase() { # number command...
  local n=$1 left=0 i started=$SECONDS
  shift
  for ((i = n; i < ${#costs[@]}; i++)); do left=$((left + costs[i])); done
  printf '[%d/%d] %-48s at most ~%d:%02d left\n' $((n + 1)) ${#costs[@]} "${names[n]}" $((left / 60)) $((left % 60))
  "$@" &
  local pid=$! next=$((SECONDS + 20))
  while kill -0 $pid 2>/dev/null; do
    sleep 0.2
    if ((SECONDS >= next)); then
      next=$((SECONDS + 20))
      printf '      … %d s into it\n' $((SECONDS - started))
    fi
  done
  wait $pid
}

engine() { (cd runtime/engine && "$go" build -trimpath -buildvcs=false -ldflags "-s -w" -o ../../bin/etal-engine .); }
pack() {
  local stamp=bin/.engine.sha256 sum
  sum=$(sha256sum bin/etal-engine)
  if [ -s runtime/containerd/engine.gz ] && [ "$(cat $stamp 2>/dev/null)" = "$sum" ]; then return; fi
  gzip -9 -n -c bin/etal-engine >runtime/containerd/engine.gz.new
  mv runtime/containerd/engine.gz.new runtime/containerd/engine.gz
  printf '%s\n' "$sum" >$stamp
}
etal() { "$go" build -trimpath -buildvcs=false -tags engine -ldflags "-s -w -X main.version=$version" -o bin/etal ./cmd/etal; }
render() {
  "$go" build -trimpath -buildvcs=false -ldflags "-s -w" -o bin/render ./testnet/jobs/render
  "$go" run ./testnet/tour/pack bin/render bin/render.tar
  gzip -9 -n -c bin/render.tar >testnet/tour/render.tar.gz.new
  mv testnet/tour/render.tar.gz.new testnet/tour/render.tar.gz
}

mkdir -p bin
phase 0 engine
phase 1 pack
phase 2 render
phase 3 etal
printf 'built bin/etal (%s, %d MB) in %d s\n' "$version" $(($(stat -c %s bin/etal) / 1000000)) $SECONDS
