"""What holds for the whole project: one story of its dependencies, no circle of imports, few public names."""

import ast
import inspect
import re
import sys
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import korea_nlp

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


def test_environment_has_the_same_ranges():
    for name in DECLARED.keys() - PIP_ONLY:
        assert conda_requirements()[name].specifier == DECLARED[name].specifier, name


def test_environment_has_the_same_python():
    assert str(conda_requirements()["python"].specifier) == PROJECT["project"]["requires-python"]


def test_lock_is_exact_and_public():
    assert [str(pin) for pin in PINS if pin.url or not re.fullmatch(r"==[^+*,]+", str(pin.specifier))] == []


def test_lock_lies_in_the_declared_ranges():
    for text in [*map(str, DECLARED.values()), *PROJECT["build-system"]["requires"]]:
        wanted = Requirement(text)
        (pin,) = [pin for pin in PINS if canonicalize_name(pin.name) == canonicalize_name(wanted.name)]
        (specifier,) = pin.specifier
        assert wanted.specifier.contains(Version(specifier.version)), text


def test_lock_names_each_package_once():
    names = [canonicalize_name(pin.name) for pin in PINS]
    assert sorted(set(names)) == sorted(names)


MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for file in (ROOT / "korea_nlp").rglob("*.py")
}


@cache
def imported(file: Path) -> set[str]:
    """What a module imports, in functions too; what it needs for annotations alone is left out."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found, left_out = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            left_out |= {inner for part in node.body for inner in ast.walk(part)}
    for node in set(ast.walk(tree)) - left_out:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            homes = korea_nlp._HOME if node.module == "korea_nlp" else {}
            names = {f"{node.module}.{homes.get(alias.name, alias.name)}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return found


def test_imports_are_declared():
    names = {name.split(".")[0] for file in MODULES.values() for name in imported(file)}
    owners = packages_distributions()
    wanted = names - {"korea_nlp", *sys.stdlib_module_names}
    assert {canonicalize_name(owners[name][0]) for name in wanted} <= set(DECLARED)


def test_no_module_is_in_a_circle_of_imports():
    others = MODULES.keys() - {"korea_nlp"}
    needs = {name: imported(MODULES[name]) & others - {name} for name in others}
    assert set(TopologicalSorter(needs).static_order()) == others


def test_public_names_are_few_and_explained():
    assert len(korea_nlp.__all__) <= 25
    for name in korea_nlp.__all__:
        assert len(inspect.getdoc(getattr(korea_nlp, name)).split()) >= 5, name


def test_checks_run_through_make():
    run = ROOT / ".ci" / "run"
    assert run.stat().st_mode & 0o111
    assert "make test" in run.read_text(encoding="utf-8")
