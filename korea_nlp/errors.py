"""What goes wrong for reasons that the user can mend; the command line prints one line and exits with 2."""


class KoreaNLPError(Exception):
    """A problem that its message explains in one line: what is wrong, and what to do."""


class ArticleError(KoreaNLPError):
    """The article cannot be read: missing, empty, binary, not English, too short or too large."""


class WeightsError(KoreaNLPError):
    """A checkpoint is missing or damaged, cannot be downloaded, or a profile is not well formed."""
