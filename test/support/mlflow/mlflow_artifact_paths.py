"""Where MLflow looks for artifacts.

Reads a JSON array of paths, decoded once, from standard input and writes for each the path below the root of the artifact
store that MLflow ends at, or null where it refuses. Run it with the Python that has MLflow.
"""

import json
import posixpath
import sys
import warnings

warnings.filterwarnings("ignore")

from mlflow.utils.uri import validate_path_is_safe


def place(path):
    try:
        # Handlers check a path, and so does the store that they hand it to.
        safe = validate_path_is_safe(validate_path_is_safe(path))
    except Exception:
        return None
    return posixpath.normpath(safe)


print(json.dumps([place(path) for path in json.load(sys.stdin)]))
