"""Plain English from tables: the sentences, tables and pages of the notebooks, for any article.

Functions named `describe_...` return Markdown; names and quotations are escaped.
"""
