"""Values that AWS makes up and nobody must be able to guess."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping

from cloudworthy.local.model.resources import TemplateValue

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
_DEFAULT_LENGTH = 32


def random_text(length: int) -> str:
    """Letters and digits, as API Gateway makes its API keys of (40 of them)."""
    return "".join(secrets.choice(_LETTERS_AND_DIGITS) for _ in range(length))


def random_password(settings: Mapping[str, TemplateValue]) -> str:
    """A password as ``GenerateSecretString`` describes it.

    Every kind of character that is not excluded occurs, unless
    ``RequireEachIncludedType`` is false.

    Source: Secrets Manager API reference, "GetRandomPassword" (documented).
    """
    kinds = _character_kinds(settings)
    alphabet = "".join(kinds)
    length = int(settings.get("PasswordLength", _DEFAULT_LENGTH))
    required = kinds if _flag(settings, "RequireEachIncludedType", default=True) else []
    letters = [secrets.choice(kind) for kind in required]
    letters += [secrets.choice(alphabet) for _ in range(length - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def _character_kinds(settings: Mapping[str, TemplateValue]) -> list[str]:
    offered = [
        ("ExcludeLowercase", string.ascii_lowercase),
        ("ExcludeUppercase", string.ascii_uppercase),
        ("ExcludeNumbers", string.digits),
        ("ExcludePunctuation", string.punctuation),
    ]
    kinds = [letters for name, letters in offered if not _flag(settings, name)]
    if _flag(settings, "IncludeSpace"):
        kinds.append(" ")
    excluded = set(str(settings.get("ExcludeCharacters", "")))
    kept = ["".join(letter for letter in kind if letter not in excluded) for kind in kinds]
    return [kind for kind in kept if kind]


def _flag(settings: Mapping[str, TemplateValue], name: str, *, default: bool = False) -> bool:
    return str(settings.get(name, default)).lower() == "true"
