"""What an object holds, part by part, without running any of its code."""

import collections
import functools
import logging
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.neighbors import BallTree, KDTree
from sklearn.tree._tree import Tree

__all__ = [
    "Item",
    "Step",
    "attributes_of",
    "is_a",
    "is_number",
    "is_scalar",
    "is_table",
    "package_of",
    "plain_array",
    "shape_of",
    "type_name",
    "walk_object",
    "written",
]

MAX_DEPTH = 60
MAX_ITEMS = 1_000_000
#: A longer list is taken for a column of values and not looked into.
MAX_ELEMENTS = 100_000

SCALARS = (bool, int, float, complex, str, bytes, bytearray, type(None), np.generic)
#: Read by the rules as a whole. Their own attributes are known, and no code of theirs
#: is run by reading them.
LEAVES = (
    *(Tree, KDTree, BallTree, np.random.RandomState, np.random.Generator),
    *(pd.DataFrame, pd.Series, pd.Index, sparse.spmatrix, sparse.sparray),
)
#: What leads out of the object, into the program around it.
ELSEWHERE = (
    *(type, types.ModuleType, types.CodeType, types.FrameType, types.BuiltinMethodType),
    *(logging.Logger, logging.Handler, np.dtype, np.ufunc),
)
#: Tables of libraries that need not be installed, by module and class.
FOREIGN_TABLES = {
    ("polars", "DataFrame"),
    ("polars", "LazyFrame"),
    ("polars", "Series"),
    ("pyarrow", "Table"),
    ("pyarrow", "RecordBatch"),
}
_NUMBERS = {int, float} | {
    kind for kind in np.sctypeDict.values() if issubclass(kind, np.number)
}
_MRO = type.__dict__["__mro__"].__get__
_CLASS_DICT = type.__dict__["__dict__"].__get__
_NAME = type.__dict__["__name__"].__get__
_FLAGS = type.__dict__["__flags__"].__get__
_HEAP_TYPE = 1 << 9
#: Read memory; a property would run code.
_C_DESCRIPTORS = (types.GetSetDescriptorType, types.MemberDescriptorType)


class Step(NamedTuple):
    """One step from an object to a part of it.

    Parameters
    ----------
    text : str
        As it is written in a path.

    alike : bool
        Whether the other steps at this place lead to parts of the same kind, so that
        what is found in all of them is one finding.
    """

    text: str
    alike: bool = False


class Item(NamedTuple):
    """A part of an object.

    Parameters
    ----------
    path : tuple of Step
        The way to it.

    name : str
        The attribute that holds it, directly or in a list; "" at the top.

    value : object
        The part.

    owners : tuple
        The objects on the way, the outermost first: those that have attributes.
    """

    path: tuple[Step, ...]
    name: str
    value: Any
    owners: tuple

    @property
    def owner(self):
        """The object whose attribute it is, or None."""
        return self.owners[-1] if self.owners else None


def walk_object(root) -> Iterator[Item]:
    """Visit all parts of an object, each once, in the order of its attributes.

    Only what lies in instance dictionaries, slots, containers and closures is read: no
    property, no ``__getattr__`` and no method of the object is called.

    Parameters
    ----------
    root : object
        Anything.

    Yields
    ------
    item : Item
        The object itself first. The last item has the name "..." where parts were left
        out, as the object is too deep or too large.

    Examples
    --------
    >>> from sklearn.preprocessing import MaxAbsScaler
    >>> items = walk_object(MaxAbsScaler().fit([[1], [3]]))
    >>> [written(item.path) for item in items]
    ['model', 'copy', 'clip', 'n_features_in_', 'n_samples_seen_', 'max_abs_', 'scale_']
    """
    seen = set()
    waiting = [Item((), "", root, ())]
    left_out = n_items = 0
    while waiting:
        item = waiting.pop()
        value = item.value
        if not is_scalar(value):
            if id(value) in seen:
                continue
            seen.add(id(value))
        n_items += 1
        yield item
        if n_items >= MAX_ITEMS:
            left_out += len(waiting)
            break
        try:
            children = _children(item)
        except Exception:  # whatever a strange object comes up with
            children = []
            left_out += 1
        if children and len(item.path) >= MAX_DEPTH:
            left_out += len(children)
            continue
        waiting.extend(reversed(children))
    if left_out:
        yield Item((), "...", left_out, ())


def written(path) -> str:
    """Write a path as it is written in Python, without the name of the object."""
    return "".join(step.text for step in path).removeprefix(".") or "model"


def is_a(value, *classes) -> bool:
    """Whether a value is an instance, by its true type and not by what it pretends."""
    return issubclass(type(value), classes)


def is_scalar(value) -> bool:
    """Whether a value is a number, a text or nothing."""
    return is_a(value, *SCALARS)


def is_number(value) -> bool:
    """Whether a value is a number of Python or numpy itself, not of a subclass."""
    return type(value) in _NUMBERS


def is_table(value) -> bool:
    """Whether a value is a table or a column of pandas, polars or pyarrow."""
    if is_a(value, pd.DataFrame, pd.Series):
        return True
    return (package_of(value), type_name(value)) in FOREIGN_TABLES


def type_name(value) -> str:
    """Return the name of a value's class."""
    return _NAME(type(value))


def package_of(value) -> str:
    """Return the package that a value's class is from; "" where it does not say."""
    module = _CLASS_DICT(type(value)).get("__module__", "")
    return str.partition(module, ".")[0] if is_a(module, str) else ""


def plain_array(value):
    """Return an array as a plain one, or None where it is none.

    A subclass might run code of its own; a list of scalars is read as an array, and an
    array of other things is none.
    """
    if is_a(value, np.ndarray):
        array = np.ndarray.view(value, np.ndarray)
        return None if _holds_objects(array) else array
    if is_a(value, list, tuple) and _holds_scalars_only(value):
        array = np.empty(len(value), dtype=object)
        array[:] = [*(list if is_a(value, list) else tuple).__iter__(value)]
        return array
    return None


def shape_of(value) -> tuple:
    """Return the shape of an array, a list of scalars or a table; () for all else."""
    array = plain_array(value)
    if array is not None:
        return array.shape
    if is_a(value, sparse.spmatrix, sparse.sparray):
        shape = attributes_of(value).get("_shape", ())
        return shape if _holds_scalars_only(shape) else ()
    if is_a(value, pd.DataFrame, pd.Series):
        # The manager is of pandas itself, whatever a subclass makes of `shape`.
        manager: Any = attributes_of(value).get("_mgr")
        return manager.shape[::-1] if package_of(manager) == "pandas" else ()
    return ()


def attributes_of(value) -> dict:
    """Return what lies in an object's dictionary and slots.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    attributes : dict of str to object
        A copy; empty for what has neither.
    """
    found: dict[str, object] = {}
    for kind in _MRO(type(value)):
        held = _CLASS_DICT(kind)
        descriptor = held.get("__dict__")
        if type(descriptor) in _C_DESCRIPTORS:
            own = _read(descriptor, value)
            if is_a(own, dict):
                for name, part in dict.items(own):
                    if is_a(name, str):
                        # A plain text, whatever a subclass of it would do.
                        found.setdefault(str.__str__(name), part)
        if _FLAGS(kind) & _HEAP_TYPE:
            for name, entry in held.items():
                # A slot; what C types call members is not read.
                if type(entry) is types.MemberDescriptorType and name not in found:
                    slot = _read(entry, value)
                    if slot is not _NOTHING:
                        found[name] = slot
    return found


_NOTHING = object()


def _read(descriptor, value):
    try:
        return descriptor.__get__(value)
    except (AttributeError, ValueError):  # an empty slot
        return _NOTHING


def _children(item) -> list[Item]:
    value = item.value
    if is_scalar(value) or is_a(value, *LEAVES) or is_table(value):
        return []
    if is_a(value, *ELSEWHERE):
        return []
    if is_a(value, dict):
        return _in_container(item, [*dict.values(value)], "[key {}]", alike=True)
    for container in (list, tuple, set, frozenset, collections.deque):
        if is_a(value, container):
            if _holds_scalars_only(value):
                return _attributes(item)
            elements = [*container.__iter__(value)][:MAX_ELEMENTS]
            return _in_container(item, elements, "[{}]") + _attributes(item)
    if is_a(value, np.ndarray):
        return _in_array(item) + _attributes(item)
    if is_a(value, types.FunctionType, types.MethodType, functools.partial):
        return _in_function(item)
    return _attributes(item)


def _attributes(item):
    owners = (*item.owners, item.value)
    children = []
    for i, (name, part) in enumerate(attributes_of(item.value).items()):
        # Whoever sets attributes by hand may have put values into their names.
        text = f".{name}" if str.isidentifier(name) else f".<attribute {i}>"
        children.append(Item((*item.path, Step(text)), name, part, owners))
    return children


def _in_container(item, elements, template, alike=None):
    if alike is None:
        kinds = {type(element) for element in elements}
        # Pairs of a name and a step are steps, and each step is a thing of its own.
        alike = len(kinds) == 1 and kinds != {tuple}
    return [
        Item(
            (*item.path, Step(template.format(i), alike)),
            item.name,
            element,
            item.owners,
        )
        for i, element in enumerate(elements)
    ]


def _in_array(item):
    array = np.ndarray.view(item.value, np.ndarray)
    if not _holds_objects(array):
        return []
    return _in_container(item, array.ravel().tolist(), "[{}]")


def _holds_objects(array):
    """Whether an array is a container of other things than numbers and texts."""
    if array.dtype != object or array.size > MAX_ELEMENTS:
        return False
    return not all(is_scalar(element) for element in array.ravel().tolist())


def _in_function(item):
    """Look at what a function carries along, and not at the module it is from."""
    value, carried = item.value, []
    if is_a(value, types.MethodType):
        carried = [(".__self__", value.__self__), (".__func__", value.__func__)]
    elif is_a(value, functools.partial):
        partial = functools.partial
        carried = [
            (f".{name}", partial.__dict__[name].__get__(value))
            for name in ("func", "args", "keywords")
        ]
    else:
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
        carried = [(f".<closure>.{name}", _content(cell)) for name, cell in cells]
        defaults = [value.__defaults__, value.__kwdefaults__]
        carried += [(".<defaults>", part) for part in defaults if part]
    owners = (*item.owners, value)
    return [
        Item((*item.path, Step(text)), text.split(".")[-1], part, owners)
        for text, part in carried
        if part is not _NOTHING
    ]


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return _NOTHING


def _holds_scalars_only(value):
    """Whether a list or the like is a column of values."""
    iterate = next(
        kind.__iter__
        for kind in (list, tuple, set, frozenset, collections.deque)
        if is_a(value, kind)
    )
    for i, element in enumerate(iterate(value)):
        if i >= MAX_ELEMENTS:
            return True
        if not is_scalar(element):
            return False
    return True
