"""The worker's protocol, loaded by its path: nothing of the parent imports the worker as a package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

WORKER = Path(__file__).resolve().parent.parent / "worker"

if TYPE_CHECKING:
    from migguard.worker.protocol import (
        ENGINE_KINDS,
        Description,
        Failure,
        MergeRequest,
        NotFollowed,
        Operation,
        Place,
        Request,
        Response,
        RevisionRequest,
        WorkerEnvironment,
        WrittenFile,
        dump,
        load_request,
        load_response,
    )
else:
    _NAME = "_migguard_worker_protocol"
    _spec = importlib.util.spec_from_file_location(_NAME, WORKER / "protocol.py")
    _module = importlib.util.module_from_spec(_spec)
    # dataclasses and get_type_hints look a class's module up by name.
    sys.modules[_NAME] = _module
    _spec.loader.exec_module(_module)
    ENGINE_KINDS = _module.ENGINE_KINDS
    Description = _module.Description
    Failure = _module.Failure
    MergeRequest = _module.MergeRequest
    NotFollowed = _module.NotFollowed
    Operation = _module.Operation
    Place = _module.Place
    Request = _module.Request
    Response = _module.Response
    RevisionRequest = _module.RevisionRequest
    WorkerEnvironment = _module.WorkerEnvironment
    WrittenFile = _module.WrittenFile
    dump = _module.dump
    load_request = _module.load_request
    load_response = _module.load_response

__all__ = [
    "ENGINE_KINDS",
    "WORKER",
    "Description",
    "Failure",
    "MergeRequest",
    "NotFollowed",
    "Operation",
    "Place",
    "Request",
    "Response",
    "RevisionRequest",
    "WorkerEnvironment",
    "WrittenFile",
    "dump",
    "load_request",
    "load_response",
]
