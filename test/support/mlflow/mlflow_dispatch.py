"""Which route MLflow's own routers dispatch requests to.

Reads one JSON array of [method, raw path] from standard input and writes one of [template, redirected]; the template is
null where no route takes the request. Run it with the Python that has MLflow.
"""

import json
import pathlib
import sys
import warnings
from urllib.parse import unquote, urlsplit

warnings.filterwarnings("ignore")
sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "scripts"))

from mlflow.server import app as flask_app
from mlflow_reading import braces, fastapi_routes
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

FASTAPI = list(fastapi_routes())
FLASK = flask_app.url_map.bind("localhost")


def by_fastapi(method, path):
    from starlette.routing import Match

    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return next((route.path for route in FASTAPI if route.matches(scope)[0] == Match.FULL), None)


def dispatch(method, path, redirected=False):
    found = by_fastapi(method, path) if FASTAPI else None
    if found is not None:
        return [found, redirected]
    try:
        rule, _ = FLASK.match(path, method=method, return_rule=True)
        return [braces(rule.rule), redirected]
    except RequestRedirect as redirect:
        return dispatch(method, unquote(urlsplit(redirect.new_url).path), True)
    except HTTPException:
        return [None, redirected]


json.dump([dispatch(method, unquote(path)) for method, path in json.load(sys.stdin)], sys.stdout)
