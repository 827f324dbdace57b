"""Every public name has an example in its docstring, and it says what is so."""

import doctest

import pytest

import korea_nlp


@pytest.mark.weights
@pytest.mark.parametrize("name", korea_nlp.__all__)
def test_example(name, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    item = getattr(korea_nlp, name)
    [example] = doctest.DocTestFinder(recurse=False).find(item, name, globs={})
    assert example.examples
    said = []
    flags = doctest.IGNORE_EXCEPTION_DETAIL | doctest.NORMALIZE_WHITESPACE
    failed, _ = doctest.DocTestRunner(optionflags=flags).run(example, out=said.append)
    assert not failed, "".join(said)
