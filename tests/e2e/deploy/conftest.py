"""One gatelet and one copy of a project for each file of tests, whose steps follow each other."""

import shutil

import pytest

import harness
import tools


@pytest.fixture(scope="session", autouse=True)
def no_leftovers():
    yield
    shutil.rmtree(tools.WORK, ignore_errors=True)


@pytest.fixture(scope="module")
def server():
    with harness.Gatelet() as process:
        yield process


@pytest.fixture(scope="module")
def deployed(server):
    return tools.Deployed(server)


@pytest.fixture(scope="module")
def project(request, server):
    """The copy of the project that the file names in `PROJECT`."""
    copy = tools.Project(server, request.module.PROJECT)
    yield copy
    copy.remove_files()
