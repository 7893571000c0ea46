"""What MLflow's basic-auth application adds to the server and what it thinks of its routes."""

import importlib
import os
import re
import sys
import types
from unittest import mock

from mlflow_reading import METHODS, braces

# Some tables hold view functions and None beside the validators.
OPINION = re.compile(r"_?(validate|allow|sender)_")


def basic_auth():
    """MLflow's basic-auth application, or None. Its form protection is the one package that it needs besides MLflow's."""
    for name in ("flask_wtf", "flask_wtf.csrf"):
        try:
            importlib.import_module(name)
        except ImportError:
            sys.modules[name] = types.ModuleType(name)
            sys.modules[name].CSRFProtect = object
    try:
        return importlib.import_module("mlflow.server.auth")
    except Exception as error:
        print(f"MLflow's basic-auth application does not import: {error}", file=sys.stderr)
        return None


def basic_auth_rows(auth):
    """Routes that create_app adds, told to a stand-in of the application; no database is opened."""
    app = mock.MagicMock()
    silent = {name: mock.MagicMock() for name in ("CSRFProtect", "store", "_init_store_for_app")}
    quiet = mock.patch.dict(os.environ, {"MLFLOW_FLASK_SERVER_SECRET_KEY": "unused"})
    with quiet, mock.patch.multiple(auth, create=True, **silent):
        auth.create_app(app)
    for call in app.add_url_rule.call_args_list:
        view = call.kwargs["view_func"]
        for method in call.kwargs["methods"]:
            name = view.__name__ if view.__name__ != "<lambda>" else call.kwargs["rule"].split("/")[-1].replace("-", "_")
            yield {"method": method, "path": braces(call.kwargs["rule"]), "name": name, "ids": {}, "basicAuth": True}


def opinions(auth):
    """(method, path) -> what MLflow's own authorization asks before a route, as the name of its validator."""
    known = {}
    for table_name, table in vars(auth).items():
        if not (table_name.endswith("BEFORE_REQUEST_VALIDATORS") and isinstance(table, dict)):
            continue
        for (path, method), validator in table.items():
            if isinstance(path, re.Pattern):
                path = re.sub(r"\(?\[\^/\]\+\)?", "{}", path.pattern.strip("^$")).replace("\\", "")
            name = getattr(validator, "__name__", "")
            if OPINION.match(name):
                known[(method, unnamed(path))] = name
    return known


def unnamed(path):
    """A rule with the names of its parameters left out: the tables do not agree on them."""
    return re.sub(r"<[^>]+>|{[^}]+}", "{}", path)
