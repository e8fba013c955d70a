"""A property in words, and the column and value that it is about."""

import ast

__all__ = ["column_and_value", "words_of"]


def words_of(property) -> str:
    """Write a property as a person would.

    Parameters
    ----------
    property : tuple, str or callable
        As :func:`audit_property` takes it.

    Returns
    -------
    words : str

    Examples
    --------
    >>> words_of(("sex", "f")), words_of("age > 60"), words_of(len)
    ("sex == 'f'", 'age > 60', 'len')
    """
    if isinstance(property, str):
        return property
    if isinstance(property, tuple):
        column, value = property
        name = column if isinstance(column, str) else f"column {column}"
        return f"{name} == {value!r}"
    return getattr(property, "__name__", repr(property))


def column_and_value(property):
    """Return the column and the value that a property is about.

    Parameters
    ----------
    property : tuple, str or callable
        As :func:`audit_property` takes it.

    Returns
    -------
    found : tuple or None
        None if it is anything else than that a column has a value.

    Examples
    --------
    >>> column_and_value("sex == 'f'"), column_and_value("`marital status` == 2")
    (('sex', 'f'), ('marital status', 2))
    >>> column_and_value("sex == 'f' and age > 3") is None
    True
    """
    if isinstance(property, tuple):
        return property
    if not isinstance(property, str):
        return None
    text, quoted = property, None
    if text.lstrip().startswith("`") and text.count("`") == 2:
        _, quoted, text = text.split("`")
        text = "column" + text
    try:
        parsed = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    match parsed:
        case ast.Compare(
            left=ast.Name(id=name),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value=value)],
        ):
            return (name if quoted is None else quoted), value
    return None
