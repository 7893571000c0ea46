"""Writes what the installed MLflow serves, as one JSON file of the gateway's route table.

    python scripts/generate-route-table.py src/gateway/mlflow-routes/tables

Four sources: what is served (Flask's url_map, FastAPI's routes in registration order), which message a route parses
(handlers.get_endpoints, the hook that MLflow's own authorization uses), where ids stand (message descriptors), and for
routes without a message the handler's syntax tree and FastAPI's signatures. What MLflow's basic-auth application adds,
and what it thinks of a route, is read from it where it imports. Nothing is judged here: src/gateway/mlflow-routes does.
"""

import ast
import inspect
import json
import logging
import pathlib
import re
import sys
import typing
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import mlflow
from google.protobuf.descriptor import FieldDescriptor as F
from mlflow.server import app as flask_app
from mlflow.server import handlers
from mlflow_basic_auth import basic_auth, basic_auth_rows, opinions, unnamed
from mlflow_reading import METHODS, braces, fastapi_routes, handlers_tree, is_map, is_repeated

SERVICES = ("MlflowService", "ModelRegistryService", "MlflowArtifactsService", "WebhookService")
DEEPEST = 5
# Names under which MLflow's messages, queries, bodies and headers name a resource, or a place where files lie.
ID_NAMES = {
    *("experiment_id", "experiment_ids", "experiment_name", "run_id", "run_ids", "run_uuid", "source_run_id"),
    *("model_id", "request_id", "request_ids", "trace_id", "trace_ids", "dataset_id", "dataset_ids"),
    *("issue_id", "job_id", "queue_id", "schema_id", "schema_ids", "scorer_id", "scorer_ids", "item_id", "item_ids"),
    *("name", "new_name", "source", "prompt_versions", "source_prompt_uri", "path", "artifact_location"),
    *("endpoint_id", "endpoint_name", "endpoint_names", "workspace_name", "x-mlflow-experiment-id", "x-mlflow-run-id"),
    *("parent_run_id", "source_model_id", "default_artifact_root", "artifact_file_path", "secret_id", "location"),
}
SCALARS = {
    F.TYPE_STRING: "string",
    F.TYPE_BYTES: "bytes",
    F.TYPE_BOOL: "bool",
    F.TYPE_ENUM: "enum",
    **dict.fromkeys((F.TYPE_DOUBLE, F.TYPE_FLOAT), "number"),
    F.TYPE_INT32: "int32",
    F.TYPE_INT64: "int64",
    **dict.fromkeys((F.TYPE_UINT32, F.TYPE_FIXED32), "uint32"),
    **dict.fromkeys((F.TYPE_UINT64, F.TYPE_FIXED64), "uint64"),
}


# --- messages


class Messages:
    """Members and types of every message that a route parses, by full name."""

    def __init__(self):
        self.shapes = {}

    def add(self, descriptor):
        name = descriptor.full_name
        if name in self.shapes:
            return name
        self.shapes[name] = {}
        self.shapes[name] = {field.name: self.type_of(field) for field in descriptor.fields}
        return name

    def type_of(self, field):
        if is_map(field):
            return "{" + self.single(field.message_type.fields_by_name["value"]) + "}"
        return f"[{self.single(field)}]" if is_repeated(field) else self.single(field)

    def single(self, field):
        if field.message_type is None:
            return SCALARS[field.type]
        if field.message_type.full_name.startswith("google.protobuf."):
            return field.message_type.full_name
        return self.add(field.message_type)


def ids_of_message(descriptor, trail=(), depth=1):
    """Paths of members that name a resource, such as `metrics[].model_id`."""
    for field in descriptor.fields:
        here = (*trail, field.name + ("[]" if is_repeated(field) and not is_map(field) else ""))
        if field.name in ID_NAMES:
            yield ".".join(here)
        if field.message_type is not None and not is_map(field) and depth < DEEPEST:
            yield from ids_of_message(field.message_type, here, depth + 1)


# --- handlers without a message

FUNCTIONS = {node.name: node for node in handlers_tree().body if isinstance(node, ast.FunctionDef)}


def ids_of_handler(function, method):
    """Where a handler's own source reads ids: {"query": [...], "body": [...]}."""
    name = getattr(function, "__name__", "")
    node = FUNCTIONS.get(name) or function_node(function)
    found = {"query": set(), "body": set()}
    if node is not None:
        read_ids(node, method, found, depth=0)
    return {place: sorted(names) for place, names in found.items() if names}


def function_node(function):
    try:
        tree = ast.parse(inspect.cleandoc(inspect.getsource(inspect.unwrap(function))))
    except (OSError, TypeError, SyntaxError):
        return None
    return next((node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))), None)


def read_ids(node, method, found, depth):
    text = ast.unparse(node)
    by_query = "request.args" in text and (method == "GET" or "request.json" not in text)
    place = found["query" if by_query or method == "GET" else "body"]
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in ("get", "getlist"):
            place.update(name for name in constants(part.args[:1]) if name in ID_NAMES)
        elif isinstance(part, ast.Subscript):
            place.update(name for name in constants([part.slice]) if name in ID_NAMES)
        elif isinstance(part, ast.keyword) and part.arg == "schema" and isinstance(part.value, ast.Dict):
            place.update(name for name in constants(part.value.keys) if name in ID_NAMES)
        if isinstance(part, ast.Call) and depth < 1 and getattr(part.func, "id", "") in FUNCTIONS:
            called = FUNCTIONS[part.func.id]
            if "request" in ast.unparse(called):
                read_ids(called, method, found, depth + 1)


def constants(nodes):
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


# --- what is served


def rpc_names():
    """Full name of a request message -> name of its rpc."""
    return {
        method.input_type.full_name: method.name[0].lower() + method.name[1:]
        for service in (vars(handlers)[name] for name in SERVICES if name in vars(handlers))
        for method in service.DESCRIPTOR.methods
    }


def flask_rows(messages):
    parsed = {
        (method, path): cls.DESCRIPTOR
        for path, cls, methods in handlers.get_endpoints(lambda cls: cls)
        for method in methods
        if hasattr(cls, "DESCRIPTOR")
    }
    names = rpc_names()
    for rule in flask_app.url_map.iter_rules():
        view = flask_app.view_functions[rule.endpoint]
        for method in sorted(rule.methods & METHODS):
            row = {"method": method, "path": braces(rule.rule)}
            descriptor = parsed.get((method, rule.rule))
            row["name"] = names.get(getattr(descriptor, "full_name", None)) or rule.endpoint.lstrip("_")
            if descriptor is not None:
                row["message"] = messages.add(descriptor)
                in_path = set(re.findall(r"[<{](?:\w+:)?([\w.]+)", rule.rule))
                ids = [one for one in ids_of_message(descriptor) if one not in in_path]
                row["ids"] = {"query" if method == "GET" else "body": sorted(set(ids))} if ids else {}
            else:
                row["ids"] = ids_of_handler(view, method)
            if getattr(view, "__name__", "") == "_not_implemented":
                row["unimplemented"] = True
            yield row


def fastapi_rows():
    for order, route in enumerate(fastapi_routes()):
        for method in sorted(route.methods & METHODS):
            yield {
                "method": method,
                "path": route.path,
                "name": route.endpoint.__name__,
                "fastapi": order,
                "ids": ids_of_signature(route.endpoint, route.path, method),
            }


def ids_of_signature(endpoint, path, method):
    found = {"query": set(), "body": set(), "header": set()}
    hints = typing.get_type_hints(endpoint)
    for name, parameter in inspect.signature(endpoint).parameters.items():
        if "{" + name in path:
            continue
        alias = (getattr(parameter.default, "alias", None) or name).lower()
        kind = type(parameter.default).__name__
        fields = getattr(hints.get(name), "model_fields", None)
        if kind == "Header":
            found["header"].update({alias} & ID_NAMES)
        elif fields is not None:
            found["body"].update(set(fields) & ID_NAMES)
        else:
            found["query"].update({alias} & ID_NAMES)
    if method != "GET":
        for place, names in ids_of_handler(endpoint, method).items():
            found[place].update(names)
    return {place: sorted(names) for place, names in found.items() if names}


# --- the file


def one_row_for_both_trees(rows):
    """`/api` and `/ajax-api` mostly serve the same: one row, with `both` set."""
    by_key = {}
    for row in rows:
        by_key.setdefault((row["method"], row["path"]), row)
    merged = []
    for (method, path), row in by_key.items():
        twin = by_key.get((method, "/ajax-api" + path.removeprefix("/api")))
        other = by_key.get((method, "/api" + path.removeprefix("/ajax-api")))
        if path.startswith("/api/") and twin is not None and comparable(twin) == comparable(row):
            merged.append({**row, "both": True})
        elif not (path.startswith("/ajax-api/") and other is not None and comparable(other) == comparable(row)):
            merged.append(row)
    return merged


def comparable(row):
    return {key: value for key, value in row.items() if key not in ("path", "fastapi")}


def table():
    messages = Messages()
    # FastAPI answers first; where Flask knows the same route, its row says more only of what FastAPI leaves to it.
    rows = [*fastapi_rows(), *flask_rows(messages)]
    auth = basic_auth()
    if auth is not None:
        rows.extend(basic_auth_rows(auth))
        known = opinions(auth)
        for row in rows:
            opinion = known.get((row["method"], unnamed(row["path"])))
            if opinion:
                row["opinion"] = opinion
    rows = [{key: value for key, value in row.items() if value != {}} for row in rows]
    rows = one_row_for_both_trees(rows)
    rows.sort(key=lambda row: (row["path"], row["method"]))
    return {"mlflow": mlflow.__version__, "routes": rows, "messages": dict(sorted(messages.shapes.items()))}


def write(folder):
    content = table()
    lines = ['{\n  "mlflow": ' + json.dumps(content["mlflow"]) + ',\n  "routes": [']
    lines.append(",\n".join("    " + compact(row) for row in content["routes"]))
    lines.append('  ],\n  "messages": {')
    lines.append(",\n".join(f"    {json.dumps(name)}: {compact(shape)}" for name, shape in content["messages"].items()))
    lines.append("  }\n}\n")
    major_minor = ".".join(content["mlflow"].split(".")[:2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"routes.{major_minor}.json").write_text("\n".join(lines))


def compact(value):
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src/gateway/mlflow-routes/tables").resolve())
