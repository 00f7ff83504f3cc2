#!/bin/sh
# Regenerates market.pb.go. Needs protoc 3.21 (Debian 12: protobuf-compiler); the
# Go plugin comes from the module's own pinned version.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/protoc-gen-go" google.golang.org/protobuf/cmd/protoc-gen-go
protoc --plugin=protoc-gen-go="$dir/protoc-gen-go" --go_out=. --go_opt=paths=source_relative market.proto
