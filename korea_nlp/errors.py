"""What goes wrong for reasons that the user can mend; the command line prints one line and exits with 2."""


class KoreaNLPError(Exception):
    """A problem that its message explains in one line: what is wrong, and what to do.

    Examples
    --------
    >>> from korea_nlp import load_profile
    >>> load_profile("no such profile")
    Traceback (most recent call last):
        ...
    korea_nlp.errors.WeightsError: no profile 'no such profile': ...
    """


class ArticleError(KoreaNLPError):
    """The article cannot be read: missing, empty, binary, not English, too short or too large.

    Examples
    --------
    >>> from korea_nlp import parse_article
    >>> parse_article("")
    Traceback (most recent call last):
        ...
    korea_nlp.errors.ArticleError: text: is empty; pass an article with some text
    """


class ArticleWarning(UserWarning):
    """The article can be read, but less is found in it than in another; the message says why in one line."""


class WeightsError(KoreaNLPError):
    """A checkpoint is missing or damaged, cannot be downloaded, or a profile is not well formed."""


def shown(name: str) -> str:
    """A path or address as it can stand in a message: a strange one is quoted, a long one cut."""
    return name if name and name.isprintable() and len(name) <= 200 else repr(name[:200])


def reason(error: object) -> str:
    """What an exception says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
