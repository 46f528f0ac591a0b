"""What a settings class of pydantic says when variables are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional


def describe_settings_error(error: BaseException) -> Optional[str]:
    """What a settings class of pydantic misses, in one line and without the values that it has."""
    if not _is_settings_error(error):
        return None
    listed: Any = error
    title = getattr(error, "title", None) or getattr(getattr(error, "model", None), "__name__", "settings")
    faults = [f"`{'.'.join(map(str, one['loc']))}`: {one['msg']}" for one in listed.errors()]
    return f"`{title}`: " + "; ".join(faults)


def settings_names(error: BaseException) -> Iterator[str]:
    """The variables that would have filled the missing fields."""
    if not _is_settings_error(error):
        return
    listed: Any = error
    prefix = _prefix_of(error)
    for one in listed.errors():
        if one["type"] in {"missing", "value_error.missing"} and len(one["loc"]) == 1:
            yield f"{prefix}{one['loc'][0]}".upper()


def _is_settings_error(error: BaseException) -> bool:
    has_list = type(error).__name__ == "ValidationError" and callable(getattr(error, "errors", None))
    return has_list and _settings_of(error) is not None


def _settings_of(error: BaseException) -> Any:
    """The class derived from BaseSettings whose instance was being made, or None."""
    trace = error.__traceback__
    while trace is not None:
        made = trace.tb_frame.f_locals.get("__pydantic_self__")
        if made is not None and any(base.__name__ == "BaseSettings" for base in type(made).__mro__):
            return type(made)
        trace = trace.tb_next
    return None


def _prefix_of(error: BaseException) -> str:
    kind = _settings_of(error)
    config = getattr(kind, "model_config", None)
    if isinstance(config, dict):
        return str(config.get("env_prefix") or "")
    return str(getattr(getattr(kind, "__config__", None), "env_prefix", "") or "")
