# The daily commands. `just` lists them.

_list:
    @just --list

# Serve sample content on http://127.0.0.1:8080, documentation at /docs
demo:
    cargo run --release -- serve --demo

# All tests, or those whose name has a word in it
test name="":
    cargo test {{name}}

# What CI runs
ci:
    .ci/run

# Lints and formatting
lint:
    cargo fmt && cargo clippy --all-targets -- -D warnings

# Write openapi/openapi.json anew
openapi:
    cargo run -- openapi

# Hold a release build to its document with generated requests
schemathesis:
    tests/schemathesis/run
