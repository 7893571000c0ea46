"""What both generators read from the installed MLflow: its handlers' schemas, its descriptors and its routers."""

import ast
import functools
import inspect
import re
from collections import defaultdict

from google.protobuf.descriptor import FieldDescriptor
from mlflow.server import handlers

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@functools.cache
def handlers_tree():
    return ast.parse(inspect.getsource(handlers))


def required_fields():
    """Request message -> fields that the server's handler asserts."""
    required = defaultdict(set)
    for node in ast.walk(handlers_tree()):
        if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_get_request_message"):
            continue
        message = ast.unparse(node.args[0]).removesuffix("()").split(".")[-1]
        for keyword in node.keywords:
            if keyword.arg == "schema" and isinstance(keyword.value, ast.Dict):
                for key, checks in zip(keyword.value.keys, keyword.value.values):
                    if "_assert_required" in ast.unparse(checks):
                        required[message].add(key.value)
    return required


def is_repeated(field):
    return field.is_repeated if hasattr(field, "is_repeated") else field.label == FieldDescriptor.LABEL_REPEATED


def is_map(field):
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def braces(rule):
    """Flask's `<x>` and `<path:x>` as `{x}` and `{x:path}`; one rule has braces of its own, with a dot inside."""
    rule = re.sub(r"{\w+\.(\w+)}", r"{\1}", rule)
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: f"{{{m[2]}:path}}" if m[1] == "path" else f"{{{m[2]}}}", rule)


def fastapi_routes():
    """Routes of the FastAPI application in registration order; none where this MLflow has no such application."""
    try:
        from mlflow.server.fastapi_app import app
    except ImportError:
        return
    from fastapi import routing

    # Since 0.160 included routers stay folded, and this unfolds them.
    unfold = getattr(routing, "iter_route_contexts", lambda routes: routes)
    for route in unfold(app.routes):
        if getattr(route, "methods", None) and getattr(route, "endpoint", None):
            yield route
