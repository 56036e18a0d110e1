"""One gatelet for most tests; those about starting and stopping make their own."""

import subprocess

import pytest

import aws
import harness


@pytest.fixture(scope="session")
def gatelet():
    with harness.Gatelet() as process:
        yield process


@pytest.fixture(scope="session")
def world(gatelet):
    return aws.World(gatelet)


@pytest.fixture(scope="module")
def alone():
    """A gatelet that this file may use up: reset, flooded, counted."""
    with harness.Gatelet() as process:
        yield process


@pytest.fixture(scope="session")
def node_echo(world):
    """The ARN of a function that answers with its event."""
    return world.function(aws.NODE_ECHO, name="node-echo")


@pytest.fixture(scope="session")
def speaker(world):
    """The ARN of a function that answers with what it is told to, byte by byte."""
    return world.function(aws.SPEAKER, "provided.al2023", name="speaker", Timeout=3)


@pytest.fixture(scope="session")
def rust_bootstrap(tmp_path_factory):
    """A `provided` function in Rust, built here."""
    program = tmp_path_factory.mktemp("provided") / "bootstrap"
    source = harness.HERE / "provided/echo.rs"
    subprocess.run(["rustc", "--edition", "2024", "-O", "-o", program, source], check=True)
    return program.read_bytes()
