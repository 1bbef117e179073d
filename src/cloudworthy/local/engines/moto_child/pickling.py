"""Pickling moto's objects, some of which pickle does not get right on its own."""

from __future__ import annotations

import importlib
import marshal
import pickle
import sys
import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, TypeGuard, get_args

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from moto.core.base_backend import AccountSpecificBackend, BackendDict

_PRIVATE_KEYS = get_args(PrivateKeyTypes)
_LOCK, _REENTRANT_LOCK = type(threading.Lock()), type(threading.RLock())

Registry = BackendDict[Any]


def used_registries() -> Iterator[tuple[str, str, Registry]]:
    """Module, name and value of each ``BackendDict`` that holds something."""
    for module_name, module in sorted(sys.modules.items()):
        if not (module_name.startswith("moto.") and module_name.endswith(".models")):
            continue
        for name, value in list(vars(module).items()):
            if isinstance(value, BackendDict) and len(value) and _home_of(value) == module_name:
                yield module_name, name, value


def _home_of(registry: Registry) -> str:
    return registry.backend.__module__


class MotoPickler(pickle.Pickler):
    """Pickles moto's state; ``census`` counts the objects of each class on the way."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401 - whatever pickle writes to
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.census: Counter[type] = Counter()
        self._names: dict[int, tuple[str, ...]] = {}
        for module, name, registry in used_registries():
            self._names[id(registry)] = (module, name)
            for account, regions in dict.items(registry):
                self._names[id(regions)] = (module, name, account)

    def persistent_id(self, value: object) -> tuple[str, ...] | None:
        """Refer to a registry by name: a copy of it would go its own way."""
        if isinstance(value, (BackendDict, AccountSpecificBackend)):
            return self._names.get(id(value))
        return None

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - pickle's own words
        kind = type(value)
        self.census[kind] += 1
        if _is_derived_from_dict(value):
            factory = value.default_factory if isinstance(value, defaultdict) else None
            state = (dict(dict.items(value)), vars(value), factory)
            return _empty, (kind,), state, None, None, _fill
        if kind is _LOCK or kind is _REENTRANT_LOCK:
            return _lock, (kind is _REENTRANT_LOCK,)
        if isinstance(value, _PRIVATE_KEYS):
            pem = value.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            return _private_key, (pem,)
        if isinstance(value, FunctionType) and value.__name__ == "<lambda>":
            return _lambda, (value.__module__, marshal.dumps(value.__code__), value.__closure__)
        return NotImplemented


class MotoUnpickler(pickle.Unpickler):
    def persistent_load(self, reference: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
        module, name, *account = reference
        registry = getattr(importlib.import_module(module), name)
        return registry[account[0]] if account else registry


# A class derived from dict may keep other items than it shows, and its own way of setting
# them: the entries go past both.


def _is_derived_from_dict(value: object) -> TypeGuard[dict[Any, Any]]:
    # OrderedDict keeps its order outside of dict's reach, and pickles well on its own.
    is_dict = isinstance(value, dict) and not isinstance(value, OrderedDict)
    return is_dict and hasattr(value, "__dict__")


def _empty(kind: type[dict[Any, Any]]) -> dict[Any, Any]:
    return kind.__new__(kind)


def _fill(target: dict[Any, Any], state: tuple[dict[Any, Any], dict[str, Any], Any]) -> None:
    items, attributes, factory = state
    dict.update(target, items)
    vars(target).update(attributes)
    if isinstance(target, defaultdict):
        target.default_factory = factory


def _lock(reentrant: bool) -> object:  # noqa: FBT001 - called by pickle
    return threading.RLock() if reentrant else threading.Lock()


def _private_key(pem: bytes) -> PrivateKeyTypes:
    return load_pem_private_key(pem, None)


def _lambda(module: str, code: bytes, closure: None) -> Callable[..., Any]:
    namespace = vars(importlib.import_module(module))
    return FunctionType(marshal.loads(code), namespace, closure=closure)  # noqa: S302 - our own file
