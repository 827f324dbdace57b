"""pyproject.toml, the lock and the conda environment tell the same story."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
PIP_ONLY = {"xllamacpp"}
DECLARED = {
    canonicalize_name(requirement.name): requirement
    for requirement in map(
        Requirement,
        PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["test"],
    )
}
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
PINS = [Requirement(line) for line in LOCK if line and not line.startswith("#")]


def conda_requirements() -> dict[str, Requirement]:
    """The conda packages under their names in the package index."""
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line[4:]) for line in lines if re.match(r"  - [a-z][^:]*$", line)]
    named = {CONDA_NAMES.get(entry.name, canonicalize_name(entry.name)): entry for entry in found}
    return {name: entry for name, entry in named.items() if name not in ("pip", "nodefaults", "conda-forge")}


def test_environment_names_the_same_packages():
    assert set(conda_requirements()) == {*DECLARED, "python"} - PIP_ONLY


@pytest.mark.parametrize("name", sorted(DECLARED.keys() - PIP_ONLY))
def test_environment_has_the_same_ranges(name):
    assert conda_requirements()[name].specifier == DECLARED[name].specifier


def test_environment_has_the_same_python():
    assert str(conda_requirements()["python"].specifier) == PROJECT["project"]["requires-python"]


def test_lock_is_exact_and_public():
    assert [str(pin) for pin in PINS if pin.url or not re.fullmatch(r"==[^+*,]+", str(pin.specifier))] == []


@pytest.mark.parametrize("text", [*map(str, DECLARED.values()), *PROJECT["build-system"]["requires"]])
def test_lock_lies_in_the_declared_range(text):
    wanted = Requirement(text)
    (pin,) = [pin for pin in PINS if canonicalize_name(pin.name) == canonicalize_name(wanted.name)]
    (specifier,) = pin.specifier
    assert wanted.specifier.contains(Version(specifier.version))


def test_lock_names_each_package_once():
    names = [canonicalize_name(pin.name) for pin in PINS]
    assert sorted(set(names)) == sorted(names)


def test_imports_are_declared():
    imported = set()
    for module in (ROOT / "korea_nlp").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
    imported -= {"korea_nlp", *sys.stdlib_module_names}
    owners = packages_distributions()
    assert {canonicalize_name(owners[name][0]) for name in imported} <= set(DECLARED)


def test_checks_run_through_make():
    run = ROOT / ".ci" / "run"
    assert run.stat().st_mode & 0o111
    assert "make test" in run.read_text(encoding="utf-8")
