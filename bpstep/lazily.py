"""What is made when it is first asked for.

A program that shows one screen, or trains one network, makes objects of a third of the classes that it loads, and of
most of them a handful.  The standard library writes the methods of a dataclass when the class statement is reached, as
text that is compiled: a quarter of a millisecond each, and a start of bpstep passes two hundred.  `dataclass` here is
the same decorator, but it does in three steps what is needed.  Loaded, a class is as it was stated; its first objects
are made by a function that is the same for all classes; and what is made often, or looked at, is finished:

    >>> @dataclass(frozen=True)
    ... class Point:
    ...     x: float
    ...     y: float = 0.0
    >>> "__repr__" in vars(Point)
    False
    >>> Point(1.0)
    Point(x=1.0, y=0.0)
    >>> type(vars(Point)["__init__"]).__name__
    '_First'
    >>> [field.name for field in dataclasses.fields(Point)]
    ['x', 'y']
    >>> type(vars(Point)["__init__"]).__name__
    'function'

What an object of it is and does is what the standard library says, `dataclasses.replace`, `fields` and `asdict`
included; to order objects, and other options that nobody here needs, are not offered.
The classes of `bpstep.library` are made by the standard library itself: whoever imports them may look at them as at
any other, and finds them whole.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import attrgetter
from reprlib import recursive_repr
from threading import RLock
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dataclasses import dataclass

__all__ = ["dataclass"]

#: So many objects of a class are made before it gets an ``__init__`` of its own: as many as take as long as that.
_FEW = 64
#: Held while the methods of a class are written: two threads may make its first object at the same time.
_WRITING = RLock()


class _Later:
    """Stands in a class for an attribute that is there as soon as it is looked up, on the class or on an object."""

    def __init__(self, name: str, owner: type[Any], options: _Options) -> None:
        self.name, self.owner, self.options = name, owner, options

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        with _WRITING:
            if vars(self.owner)[self.name] is self:
                _write(self.owner, self.options)
        found = vars(self.owner)[self.name]
        return found.__get__(instance, owner) if hasattr(found, "__get__") else found


class _First(_Later):
    """Stands for ``__init__``, and makes the first objects of a class."""

    def __init__(self, owner: type[Any], options: _Options) -> None:
        super().__init__("__init__", owner, options)
        self.made, self.is_prepared = 0, False
        #: The fields, as soon as the class has its other methods; those that are given, and by their order.
        self.fields: list[dataclasses.Field[Any]] = []
        self.known: frozenset[str] = frozenset()
        self.placed: tuple[str, ...] = ()

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        if instance is None or self.made >= _FEW:
            return super().__get__(instance, owner)
        self.made += 1
        if not self.is_prepared:
            with _WRITING:
                if not self.is_prepared:
                    self.fields = [*_fields(self.owner).values()]
                    self.known = frozenset(field.name for field in self.fields if field.init)
                    self.placed = _prepare(self.owner, self.options, self.fields)
                    self.is_prepared = True
        return partial(self._make, instance)

    def _make(self, one: Any, /, *given: Any, **named: Any) -> None:
        """What ``__init__`` does; where it is not called as it should be, it is there to say so."""
        values = {**dict(zip(self.placed, given, strict=False)), **named}
        lacking = [field for field in self.fields if field.name not in values]
        are_wrong = len(values) < len(given) + len(named) or not values.keys() <= self.known
        if are_wrong or any(field.init and not _has_default(field) for field in lacking):
            self.owner.__init__(one, *given, **named)
            return
        put = object.__setattr__ if self.options.frozen else setattr
        for field in lacking:
            if field.default_factory is not dataclasses.MISSING:
                values[field.name] = field.default_factory()
            elif field.default is not dataclasses.MISSING:
                values[field.name] = field.default
        for name, value in values.items():
            put(one, name, value)
        if hasattr(one, "__post_init__"):
            one.__post_init__()


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _fields(cls: type[Any]) -> dict[str, dataclasses.Field[Any]]:
    """The fields of a class by name, those of its bases first, without finishing any of them."""
    found: dict[str, dataclasses.Field[Any]] = {}
    for base in reversed(cls.__mro__):
        known = vars(base).get("__dataclass_fields__")
        if isinstance(known, _Later):
            found |= _own_fields(base, known.options)
        elif known is not None:
            found |= {field.name: field for field in dataclasses.fields(base)}
    return found


def _own_fields(cls: type[Any], options: _Options) -> dict[str, dataclasses.Field[Any]]:
    """The fields that a class states, as the standard library will find them."""
    found = {}
    for name, written in vars(cls).get("__annotations__", {}).items():
        if "ClassVar" in str(written):
            continue
        default = _default_of(cls, name)
        field = default if isinstance(default, dataclasses.Field) else dataclasses.field(default=default)
        field.name, field.type = name, written
        if field.kw_only is dataclasses.MISSING:
            field.kw_only = options.kw_only
        found[name] = field
    return found


def _default_of(cls: type[Any], name: str) -> Any:
    """What a class has for a field: its default, or what says more about it; a base's is what it will be."""
    stated = vars(cls).get(name, dataclasses.MISSING)
    if stated is not dataclasses.MISSING:
        return stated
    for base in cls.__mro__[1:]:
        found = vars(base).get(name, dataclasses.MISSING)
        found = found.default if isinstance(found, dataclasses.Field) else found
        if found is not dataclasses.MISSING:
            return found
    return dataclasses.MISSING


class _Options(NamedTuple):
    """What `dataclass` was asked for."""

    frozen: bool = False
    eq: bool = True
    repr: bool = True
    kw_only: bool = False
    slots: bool = False


if not TYPE_CHECKING:

    def dataclass(cls=None, /, **options):
        """`dataclasses.dataclass` with the options ``frozen``, ``eq``, ``repr``, ``kw_only`` and ``slots``."""
        asked = _Options(**options)
        return (lambda cls: _deferred(cls, asked)) if cls is None else _deferred(cls, asked)


def _deferred(cls: type[Any], options: _Options) -> type[Any]:
    """A class whose methods are written later.  With slots it is another class: that much has to be done now."""
    cls.__doc__ = cls.__doc__ or cls.__name__  # or else its signature would be worked out for it
    if options.slots:
        cls = _collected(cls, options)
    else:
        setattr(cls, "__dataclass_fields__", _Later("__dataclass_fields__", cls, options))  # noqa: B010
    setattr(cls, "__init__", (_Later("__init__", cls, options) if options.slots else _First(cls, options)))  # noqa: B010
    return cls


def _collected(cls: type[Any], options: _Options) -> type[Any]:
    """The class with the fields of its bases and its own, and of the methods those that refuse a change.

    The standard library compiles those two for each class, half of the time that all this takes; here one text of them
    does for all.  With slots it goes on writing them, as it also writes how such an object is copied; and below a
    frozen class it insists on it.
    """
    shares = options.frozen and not options.slots and not any(map(_is_frozen, cls.__mro__[1:]))
    for name in _REFUSALS & vars(cls).keys() if options.frozen else ():
        delattr(cls, name)  # the standard library does not like to find any
    made: type[Any] = dataclasses.dataclass(
        init=False, repr=False, eq=False,
        frozen=options.frozen and not shares, kw_only=options.kw_only, slots=options.slots,
    )(cls)  # fmt: skip
    if shares:
        made.__dataclass_params__.frozen = True
        _refuse(made, dataclasses.fields(made))
    return made


def _is_frozen(cls: type[Any]) -> bool:
    """Whether a class is a dataclass that refuses changes (to ask whether it is one finishes it)."""
    return dataclasses.is_dataclass(cls) and bool(getattr(cls, "__dataclass_params__").frozen)  # noqa: B009


#: What a frozen class does not allow.
_REFUSALS = {"__setattr__", "__delattr__"}


def _refuse(cls: type[Any], fields: Iterable[dataclasses.Field[Any]]) -> None:
    """Give a frozen class ``__setattr__`` and ``__delattr__``; a class below it may have attributes of its own."""
    names = frozenset(field.name for field in fields)

    def refuse_to_set(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def refuse_to_delete(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    setattr(cls, "__setattr__", refuse_to_set)  # noqa: B010
    setattr(cls, "__delattr__", refuse_to_delete)  # noqa: B010


def _prepare(cls: type[Any], options: _Options, fields: Sequence[dataclasses.Field[Any]]) -> tuple[str, ...]:
    """Give a class the methods that it has not stated itself, but for ``__init__``: none of them is compiled.  The
    fields that are given in their order."""
    stated = dict(vars(cls))
    placed = [field for field in fields if field.init and not field.kw_only]
    _first_default([_default(field) for field in placed], cls)
    written: dict[str, Any] = {"__match_args__": tuple(field.name for field in placed)}
    if options.repr:
        written["__repr__"] = _repr([field.name for field in fields if field.repr])
    if options.eq:
        compared = _values([field.name for field in fields if field.compare])
        written["__eq__"] = _eq(compared)
        # A class that states how it compares has None for a hash by Python's own doing.
        if stated.get("__hash__") is None:
            stated.pop("__hash__", None)
            written["__hash__"] = _hash(compared) if options.frozen else None
    for name, method in written.items():
        if name not in stated:
            setattr(cls, name, method)
    if options.frozen and not options.slots:
        _refuse(cls, fields)
    return tuple(field.name for field in placed)


def _write(cls: type[Any], options: _Options) -> None:
    """Finish a class; ``__init__`` comes last, as with it the class is ready."""
    first = vars(cls)["__init__"]
    if not options.slots:
        _collected(cls, options)
    fields = dataclasses.fields(cls)
    if not isinstance(first, _First) or not first.is_prepared:
        _prepare(cls, options, fields)
    setattr(cls, "__init__", _init(cls, fields, options.frozen))  # noqa: B010


def _values(names: list[str]) -> Callable[[object], tuple[Any, ...]]:
    """A function that takes the values of some fields out of an object, as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


def _repr(names: list[str]) -> Callable[[Any], str]:
    @recursive_repr()
    def shown(self: Any) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({values})"

    return shown


def _eq(values: Callable[[object], tuple[Any, ...]]) -> Callable[[Any, object], bool]:
    def equal(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _hash(values: Callable[[object], tuple[Any, ...]]) -> Callable[[Any], int]:
    def hashed(self: Any) -> int:
        return hash(values(self))

    return hashed


class _Factory:
    """In the place of a default that is made for each object."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


def _init(cls: type[Any], fields: tuple[dataclasses.Field[Any], ...], frozen: bool) -> Callable[..., None]:
    """``__init__``, from its text: a call of it takes as long as one that was written by hand."""
    named = [field for field in fields if field.init and field.kw_only]
    placed = [field for field in fields if field.init and not field.kw_only]
    known: dict[str, Any] = {"_set": object.__setattr__, "_FACTORY": _FACTORY}
    lines = []
    for field in fields:
        name = value = field.name
        if field.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"] = field.default_factory
            value = f"_make_{name}()"
            if field.init:
                value += f" if {name} is _FACTORY else {name}"
        elif not field.init:
            continue  # it has its default from the class
        lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    parameters = ", ".join(
        ["self", *(f.name for f in placed), *(["*"] if named else []), *(f.name for f in named)]
    )
    exec(f"def __init__({parameters}):\n " + "\n ".join(lines or ["pass"]), known)
    init: FunctionType = known["__init__"]
    init.__qualname__, init.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    init.__annotations__ = {**{field.name: field.type for field in placed + named}, "return": None}
    given = [_default(field) for field in placed]
    init.__defaults__ = tuple(given[_first_default(given, cls) :])
    init.__kwdefaults__ = {f.name: _default(f) for f in named if _default(f) is not dataclasses.MISSING}
    return init


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else _FACTORY


def _first_default(given: list[Any], cls: type[Any]) -> int:
    """Where the parameters with a default begin; those without can not come behind them."""
    bare = [value is dataclasses.MISSING for value in given]
    if bare != sorted(bare, reverse=True):
        raise TypeError(f"{cls.__qualname__}: a field without a default follows one that has one")
    return sum(bare)
