"""A class whose methods are written when its first object is made is what the standard library would make of it."""

from __future__ import annotations

import ast
import copy
import dataclasses
import importlib
import inspect
import pickle
import sys
import threading
from pathlib import Path
from typing import Any, ClassVar  # noqa: F401  (named in annotations that are text)

import pytest

import bpstep
from bpstep.lazily import dataclass

ROOT = Path(bpstep.__file__).parent
#: What others import is whole as soon as it is loaded: they may look at it in any way.
PUBLIC = ROOT / "library"
OPTIONS = [
    {},
    {"frozen": True},
    {"frozen": True, "eq": False},
    {"frozen": True, "repr": False},
    {"frozen": True, "kw_only": True},
    {"frozen": True, "slots": True},
    {"slots": True},
    {"eq": False},
]


def body(name: str) -> dict[str, Any]:
    """What stands in a class statement with all that the house's classes have."""

    def and_one(self: Any) -> None:
        object.__setattr__(self, "d", [*self.d, 1])

    return {
        "__module__": __name__, "__qualname__": name, "__doc__": "Some values.",
        "__annotations__": {"a": "int", "b": "float", "c": "str", "d": "list[int]"},
        "b": 0.5, "c": dataclasses.field(default="c", compare=False, repr=False),
        "d": dataclasses.field(default_factory=list, kw_only=True, compare=False),
        "__post_init__": and_one,
    }  # fmt: skip


def made(decorator: Any, options: dict[str, bool], *bases: type) -> Any:
    return decorator(**options)(type("Some", bases, body("Some")))


def came(call: Any) -> object:
    """What a call gives, or how it is refused."""
    try:
        return call()
    except (TypeError, AttributeError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("before", [0, 1, 100])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_it_is_what_the_standard_library_makes(options: dict[str, bool], before: int) -> None:
    """Of the first objects, and of those that are made when a class is finished."""
    ours, theirs = made(dataclass, options), made(dataclasses.dataclass, options)
    seen = []
    for cls in (ours, theirs):
        for number in range(before):
            cls(a=number)
        a, b, c = cls(a=1), cls(a=1, c="other", d=[2]), cls(a=2)
        seen.append([
            [f.name for f in dataclasses.fields(cls)], cls.__match_args__, cls.__doc__, cls.__init__.__qualname__,
            a == b, a == c, a == (1, 0.5), a.__eq__(3), came(lambda a=a, b=b: hash(a) == hash(b)),
            dataclasses.asdict(b), dataclasses.replace(b, a=3).d, a.d is not c.d,
            repr(a) if options.get("repr", True) else "", copy.deepcopy(b).c,
            came(lambda a=a: setattr(a, "a", 7)), came(lambda a=a: setattr(a, "other", 7)),
            came(lambda a=a: delattr(a, "b")), came(lambda cls=cls: cls()), came(lambda cls=cls: cls(1, 2, 3, 4, 5)),
            came(lambda cls=cls: cls(1, a=2)), came(lambda cls=cls: cls(1, z=2)), came(lambda cls=cls: cls(b=2)),
            matched(b), str(inspect.signature(cls)),
        ])  # fmt: skip
    assert seen[0] == seen[1]


def matched(one: object) -> object:
    """What a pattern by places finds in an object of a class with the fields of `body`."""
    match one:
        case _ if len(type(one).__match_args__) == 3:  # type: ignore[attr-defined]
            return type(one).__match_args__  # type: ignore[attr-defined]
    return None


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_first_objects_are_made_before_anybody_looks(options: dict[str, bool]) -> None:
    """Nothing is looked up on the class before its first object, which would finish it."""
    ours, theirs = made(dataclass, options), made(dataclasses.dataclass, options)
    for named in ({"a": 1}, {"a": 1, "b": 2.0, "d": [3]}, {"a": 1, "c": "z"}):
        values = (
            [*named.values()] if not options.get("kw_only") and "d" not in named and "c" not in named else []
        )
        rest = {} if values else named
        one, other = ours(*values, **rest), theirs(*values, **rest)
        assert {name: getattr(one, name) for name in "abcd"} == {
            name: getattr(other, name) for name in "abcd"
        }
        if options.get("repr", True):
            assert repr(one) == repr(other)
        assert came(lambda one=one: setattr(one, "a", 7)) == came(lambda other=other: setattr(other, "a", 7))
        assert came(lambda one=one: hash(one) is None) == came(lambda other=other: hash(other) is None)
    if not options.get("slots"):
        assert type(vars(ours)["__init__"]).__name__ == "_First"


def test_a_field_may_be_called_as_anything() -> None:
    @dataclass(frozen=True)
    class Named:
        one: int
        given: int
        named: int
        cls: int

    assert repr(Named(one=1, given=2, named=3, cls=4)).endswith("Named(one=1, given=2, named=3, cls=4)")


def test_a_field_has_the_default_of_the_class_above() -> None:
    """As the standard library has it, where the first object of the lower class comes before any of the upper."""
    for decorator in (dataclass, dataclasses.dataclass):
        base = made(decorator, {"frozen": True})
        again = {"__annotations__": {"b": "float", "c": "str", "e": "ClassVar[int]"}, "e": 8}
        below = decorator(frozen=True)(type("Below", (base,), again))
        one = below(1)
        assert (one.b, one.c, one.d, one.e, repr(one)) == (
            0.5,
            "c",
            [1],
            8,
            "Below(a=1, b=0.5, c='c', d=[1])",
        )
        assert [field.name for field in dataclasses.fields(below)] == ["a", "b", "c", "d"]


def test_what_a_class_states_itself_stays() -> None:
    @dataclass(frozen=True)
    class Own:
        a: float

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 5

    @dataclass(frozen=True)
    class Alike:
        a: float

        def __eq__(self, other: object) -> bool:
            return True

    assert (repr(Own(1.0)), Own(1.0) == 3, hash(Own(1.0))) == ("own", True, 5)
    assert (Alike(1.0) == 3, hash(Alike(1.0)) == hash(Alike(1.0))) == (True, True)


def test_a_class_and_those_below_it_are_one_family_whoever_made_them() -> None:
    """An edge sort of a test, or of somebody who writes one, may be a dataclass of the standard library."""
    base = made(dataclass, {"frozen": True})
    for decorator in (dataclass, dataclasses.dataclass):
        below = decorator(frozen=True)(type("Below", (base,), {"__annotations__": {"z": "int"}, "z": 4}))
        assert below(1, d=[2]) == below(1)
        assert repr(below(1)) == "Below(a=1, b=0.5, d=[1], z=4)"
    plain = type("Plain", (made(dataclass, {"frozen": True}),), {})
    assert plain(1) == plain(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        plain(1).a = 2


@dataclass(frozen=True)
class Kept:
    a: int


def test_an_object_is_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(3))) == Kept(3)


def test_a_field_without_a_default_behind_one_with_one_is_refused() -> None:
    @dataclass
    class Wrong:
        a: int = 1
        b: int  # type: ignore[misc]

    with pytest.raises(TypeError, match=r"Wrong: a field without a default"):
        Wrong(1, 2)


def test_threads_that_make_the_first_objects_find_a_whole_class() -> None:
    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            seen: list[object] = []
            start, cls = threading.Barrier(4), made(dataclass, {"frozen": True})
            threads = [threading.Thread(target=first, args=(cls, start, seen)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(seen) == 4
            assert len(set(seen)) == 1
    finally:
        sys.setswitchinterval(often)


def first(cls: Any, start: threading.Barrier, seen: list[object]) -> None:
    start.wait()
    seen.append(came(lambda: (repr(cls(1)), hash(cls(1)), cls(1) == cls(1))))


def declared() -> dict[str, list[str]]:
    """The dataclasses of the house, by module; and that each has its decorator from `bpstep.lazily`."""
    found: dict[str, list[str]] = {}
    for file in sorted(ROOT.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "dataclass" not in text or file.name == "lazily.py" or file.parent == PUBLIC:
            continue
        tree = ast.parse(text)
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and any(
                "dataclass" in ast.dump(d) for d in node.decorator_list
            ):
                module = ".".join(("bpstep", *file.relative_to(ROOT).with_suffix("").parts))
                found.setdefault(module.removesuffix(".__init__"), []).append(node.name)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "dataclasses":
                names = [alias.name for alias in node.names]
                assert "dataclass" not in names, f"{file}: take dataclass from bpstep.lazily"
    return found


def test_every_class_of_the_house_can_be_finished_and_takes_what_its_fields_say() -> None:
    classes = [
        getattr(importlib.import_module(module), name)
        for module, names in declared().items()
        for name in names
    ]
    assert len(classes) > 200
    for cls in classes:
        fields = {field.name for field in dataclasses.fields(cls)}
        assert fields == set(inspect.signature(cls).parameters), cls
