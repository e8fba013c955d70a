"""The walk sees what lies in an object, and runs none of its code."""

import functools
import types
from collections import OrderedDict, deque

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skprivacy.inspection import _object_walk
from skprivacy.inspection._object_walk import (
    attributes_of,
    shape_of,
    walk_object,
    written,
)


def paths(value):
    return [written(item.path) for item in walk_object(value)]


class Alarm(BaseException):
    """Not an Exception, so that no handler of the walk can swallow it."""


def alarm(*_, **__):
    raise Alarm("code was run")


class Trap:
    """Every way to look at it that runs code of it raises."""

    __getattr__ = __getattribute__ = __iter__ = __len__ = __eq__ = __hash__ = alarm
    __bool__ = __repr__ = __str__ = __array__ = __dir__ = __index__ = alarm
    __class__ = property(alarm)
    secret = property(alarm)

    def __init__(self):
        object.__setattr__(self, "held", np.arange(3))


class ListTrap(list):
    __iter__ = __len__ = __getitem__ = __bool__ = alarm


class DictTrap(dict):
    __iter__ = __len__ = __getitem__ = items = values = keys = get = alarm


class ArrayTrap(np.ndarray):
    shape = dtype = size = property(alarm)
    __len__ = __getitem__ = ravel = view = alarm


class FrameTrap(pd.DataFrame):
    shape = index = columns = property(alarm)
    __len__ = __getattr__ = alarm


class IntTrap(int):
    __eq__ = __gt__ = __lt__ = __floordiv__ = alarm
    __hash__ = int.__hash__


class NameTrap(str):
    __eq__ = __hash__ = isidentifier = alarm


class TestNoCodeIsRun:
    def test_of_an_object_that_raises_at_everything(self):
        assert paths(Trap()) == ["model", "held"]

    def test_of_an_object_that_hides_its_dictionary(self):
        class Hidden:
            __dict__ = property(alarm)

        assert paths(Hidden()) == ["model"]

    def test_of_containers(self):
        assert paths(ListTrap([Trap()])) == ["model", "[0]", "[0].held"]
        assert paths(DictTrap(a=Trap())) == ["model", "[key 0]", "[key 0].held"]

    def test_of_arrays_and_tables(self):
        assert shape_of(np.ndarray.view(np.arange(4), ArrayTrap)) == (4,)
        assert shape_of(FrameTrap({"a": [1, 2]})) == (2, 1)
        assert paths(FrameTrap({"a": [1, 2]})) == ["model"]

    def test_of_numbers_and_names(self):
        holder = types.SimpleNamespace(n_samples_=IntTrap(3))
        assert paths(holder) == ["model", "n_samples_"]

    def test_of_a_property_that_raises(self):
        class Model:
            def __init__(self):
                self.held_ = 1

            @property
            def estimators_samples_(self):
                raise Alarm

        assert paths(Model()) == ["model", "held_"]

    def test_of_a_proxy_that_pretends_to_be_another(self):
        class Proxy:
            def __init__(self):
                object.__setattr__(self, "_wrapped", [1, 2])

            __class__ = property(lambda self: alarm())
            __getattr__ = alarm

        assert paths(Proxy()) == ["model", "_wrapped"]


class TestWhatIsSeen:
    def test_slots_of_all_base_classes(self):
        class Base:
            __slots__ = ("a", "empty")

        class Derived(Base):
            __slots__ = ("b",)

        thing = Derived()
        thing.a, thing.b = 1, 2
        assert attributes_of(thing) == {"b": 2, "a": 1}

    def test_nested_estimators(self):
        forest = RandomForestClassifier(2, random_state=0).fit([[0], [1]], [0, 1])
        model = make_pipeline(StandardScaler().fit([[0], [1]]), forest)
        found = paths(model)
        assert "steps[0][1].mean_" in found
        assert "steps[1][1].estimators_[1].tree_" in found

    def test_closures_defaults_and_partials(self):
        rows = np.arange(5)

        def look_up(X, table=[rows + 1], *, other={"a": rows + 2}):  # noqa: B006
            return rows

        found = paths([look_up, functools.partial(max, rows + 3, key=abs)])
        assert "[0].<closure>.rows" in found
        assert "[0].<defaults>[0][0]" in found
        assert "[0].<defaults>[key 0][key 0]" in found
        assert "[1].args[0]" in found

    def test_an_empty_cell(self):
        def make():
            def inner():
                return later  # noqa: F821

            return inner
            later = 1

        assert paths(make()) == ["model"]

    @pytest.mark.parametrize(
        "container",
        [OrderedDict(a=Trap()), deque([Trap()]), {1: Trap()}, (Trap(),)],
        ids=lambda container: type(container).__name__,
    )
    def test_containers(self, container):
        assert len(paths(container)) == 3

    def test_object_arrays(self):
        array = np.empty((1, 2), dtype=object)
        array[0] = [StandardScaler(), StandardScaler()]
        found = paths(array)
        assert {"[0].with_mean", "[1].with_mean"} <= set(found)

    def test_bound_methods_lead_to_their_object(self):
        scaler = StandardScaler().fit([[0], [1]])
        found = paths(FunctionTransformer(scaler.transform))
        assert "func.__self__.mean_" in found

    def test_keys_of_dicts_and_strange_attributes_are_not_written(self):
        thing = types.SimpleNamespace(kept={"Jane Doe": [Trap()]})
        setattr(thing, "Jane Doe", 3)
        text = " ".join(paths(thing))
        assert "Jane" not in text
        assert "kept[key 0][0]" in text
        assert "<attribute 1>" in text


class TestBounds:
    def test_cycles(self):
        thing = types.SimpleNamespace()
        thing.itself, thing.items = thing, [thing]
        thing.items.append(thing.items)
        assert paths(thing) == ["model", "items"]

    def test_shared_parts_are_visited_once(self):
        part = StandardScaler()
        assert len(paths([part, part])) == len(paths([part]))

    def test_depth(self):
        nested = []
        for _ in range(1000):
            nested = [nested]
        last = list(walk_object(nested))[-1]
        assert (last.name, last.value) == ("...", 1)

    def test_size(self, monkeypatch):
        monkeypatch.setattr(_object_walk, "MAX_ITEMS", 10)
        items = list(walk_object([types.SimpleNamespace() for _ in range(100)]))
        assert len(items) == 11
        assert (items[-1].name, items[-1].value) == ("...", 91)

    def test_long_columns_are_not_taken_apart(self):
        assert paths([0.5] * 200_000) == ["model"]

    def test_modules_and_classes_are_not_entered(self):
        assert paths([np, pd.DataFrame, len]) == ["model", "[0]", "[1]", "[2]"]
