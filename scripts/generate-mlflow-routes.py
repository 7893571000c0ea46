"""Writes src/sdk/mlflow/generated/*.ts from the installed MLflow's own protobuf descriptors.

    python scripts/generate-mlflow-routes.py [output folder]

Routes are those of the tracking and registry families that MLflow's open-source server serves. Which request
fields are required is read from the server's handlers. Run it with the Python that has MLflow; then prettier.
"""

import pathlib
import re
import sys
from collections import defaultdict

import mlflow
from google.protobuf.descriptor import FieldDescriptor as F
from mlflow.protos import databricks_pb2, model_registry_pb2, service_pb2, webhooks_pb2
from mlflow.server import handlers
from mlflow_reading import is_map, is_repeated, required_fields

SERVICES = (service_pb2, model_registry_pb2, webhooks_pb2)

# First path segment after /mlflow/ -> file of its routes and types. Families that are not named are left out.
FAMILIES = {
    "experiments": "experiment",
    "runs": "run",
    "metrics": "run",
    "artifacts": "run",
    "registered-models": "registry",
    "model-versions": "registry",
    "webhooks": "webhook",
    "logged-models": "logged-model",
    "traces": "trace",
    "datasets": "dataset",
    "scorers": "scorer",
}

# A read by POST, which does no harm when it is repeated.
READ = re.compile(r"^(get|list|search|batchGet|query|calculate)")
# Writes whose second time changes nothing: MLflow's database store keys a metric point by all its members.
REPEATABLE = {
    *("setExperimentTag", "setTag", "setTraceTag", "setTraceTagV3", "setDatasetTags", "setLoggedModelTags"),
    *("setRegisteredModelTag", "setModelVersionTag", "setRegisteredModelAlias"),
    *("updateExperiment", "updateRun", "updateRegisteredModel", "updateModelVersion"),
    *("logMetric", "logParam", "logBatch"),
}

SCALARS = {
    **dict.fromkeys((F.TYPE_STRING, F.TYPE_BYTES), "string"),
    F.TYPE_BOOL: "boolean",
    **dict.fromkeys((F.TYPE_DOUBLE, F.TYPE_FLOAT, F.TYPE_INT32, F.TYPE_INT64, F.TYPE_UINT32, F.TYPE_UINT64, F.TYPE_FIXED32, F.TYPE_FIXED64), "number"),
}
WELL_KNOWN = {
    "google.protobuf.Timestamp": "string",
    "google.protobuf.Duration": "string",
    "google.protobuf.FieldMask": "string",
    "google.protobuf.Struct": "Record<string, unknown>",
    "google.protobuf.Value": "unknown",
    "google.protobuf.ListValue": "unknown[]",
    "google.protobuf.BoolValue": "boolean",
    "google.protobuf.StringValue": "string",
}


def served_paths():
    return {(method, path) for path, _, methods in handlers.get_endpoints() for method in methods}


def routes():
    """(name, family, method, path, repeatable, request descriptor, response descriptor) of every served route."""
    served = served_paths()
    for module in SERVICES:
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                rpc = method.GetOptions().Extensions[databricks_pb2.rpc]
                endpoint = rpc.endpoints[0]
                family = FAMILIES.get(endpoint.path.strip("/").split("/")[1])
                path = f"/api/{endpoint.since.major}.0{endpoint.path}"
                if family is None or (endpoint.method, flask_path(path)) not in served:
                    continue
                name = method.name[0].lower() + method.name[1:]
                repeatable = bool(READ.match(name)) or name in REPEATABLE
                if not endpoint.path.startswith("/"):
                    # MLflow registers it without the slash, where it answers 404; this is where its UI finds it.
                    path = f"/ajax-api/{endpoint.since.major}.0/{endpoint.path}"
                yield name, family, endpoint.method, path, repeatable, method.input_type, method.output_type


def flask_path(path):
    return re.sub(r"{([^}]+)}", lambda match: f"<{match[1]}>", path)


class Types:
    """Interfaces, each in the file of the family that first needs it."""

    def __init__(self, required):
        self.required = required
        self.names = {}
        self.text = defaultdict(dict)
        self.home = {}
        self.imports = defaultdict(set)

    def message(self, family, descriptor, name, path_fields=()):
        if descriptor.full_name in self.names:
            return self.reference(family, self.names[descriptor.full_name])
        self.claim(descriptor, name)
        self.home[name] = family
        lines = []
        for field in descriptor.fields:
            # `databricks`-only members and deprecated twins carry no information for this server.
            must = field.name in path_fields or field.name in self.required.get(descriptor.name, ())
            mark = "" if must and name.endswith("Request") else "?"
            lines.append(f"  {field.name}{mark}: {self.field(family, field)};")
        self.text[family][name] = (
            f"export interface {name} {{\n" + "\n".join(lines) + "\n}\n"
            if lines
            else f"export type {name} = Record<string, never>;\n"
        )
        return name

    def claim(self, descriptor, name):
        taken = {v: k for k, v in self.names.items()}.get(name)
        if taken:
            raise SystemExit(f"two messages want the name {name}: {taken}, {descriptor.full_name}")
        self.names[descriptor.full_name] = name

    def reference(self, family, name):
        if self.home[name] != family:
            self.imports[family].add(name)
        return name

    def field(self, family, field):
        if is_map(field):
            return f"Record<string, {self.single(family, field.message_type.fields_by_name['value'])}>"
        single = self.single(family, field)
        if not is_repeated(field):
            return single
        return f"({single})[]" if "|" in single else f"{single}[]"

    def single(self, family, field):
        if field.enum_type is not None:
            return self.enum(family, field.enum_type)
        if field.message_type is None:
            return SCALARS[field.type]
        if field.message_type.full_name in WELL_KNOWN:
            return WELL_KNOWN[field.message_type.full_name]
        return self.message(family, field.message_type, entity_name(field.message_type) + "Message")

    def enum(self, family, enum):
        name = entity_name(enum) + "Value"
        if enum.full_name not in self.names:
            self.claim(enum, name)
            self.home[name] = family
            values = " | ".join(f"'{value.name}'" for value in enum.values)
            self.text[family][name] = f"export type {name} = {values};\n"
            return name
        return self.reference(family, self.names[enum.full_name])


def entity_name(descriptor):
    """Name within its package; packages below `mlflow` that are not its own keep their last word where it tells."""
    name, above = descriptor.name, descriptor.containing_type
    while above is not None:
        name, above = above.name + name, above.containing_type
    package = descriptor.file.package
    return ("Tracked" + name) if package == "mlflow.datasets" else name


def request_name(descriptor):
    return descriptor.name if descriptor.name.endswith("Request") else descriptor.name + "Request"


def response_name(descriptor):
    return descriptor.containing_type.name.removesuffix("Request") + "Response" if descriptor.containing_type else descriptor.name


HEADER = f"// Generated by scripts/generate-mlflow-routes.py from MLflow {mlflow.__version__}. Do not edit.\n"


def main(folder):
    types = Types(required_fields())
    by_family = defaultdict(list)
    for name, family, method, path, repeatable, request, response in routes():
        path_fields = [field for field in re.findall(r"{([^}]+)}", path) if "." not in field]
        asked = types.message(family, request, request_name(request), path_fields)
        answered = types.message(family, response, response_name(response))
        by_family[family].append((name, method, path, repeatable, asked, answered))
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.ts"):
        old.unlink()
    for family in dict.fromkeys(FAMILIES.values()):
        write_types(folder, family, types)
        write_routes(folder, family, by_family[family])
    write_table(folder, by_family)


def write_types(folder, family, types):
    sources = defaultdict(list)
    for name in sorted(types.imports[family]):
        sources[types.home[name]].append(name)
    lines = [HEADER]
    for home, names in sorted(sources.items()):
        lines.append(f"import type {{ {', '.join(names)} }} from './{home}.types.js';")
    lines.extend(types.text[family].values())
    if "\n".join(lines).count("\n") > 300:
        lines.insert(1, "/* eslint-disable max-lines -- generated: MLflow decides how many there are */\n")
    (folder / f"{family}.types.ts").write_text("\n".join(lines))


def write_routes(folder, family, entries):
    constant = family.upper().replace("-", "_") + "_ROUTES"
    kind = "".join(word.capitalize() for word in family.split("-")) + "Routes"
    used = sorted({name for entry in entries for name in entry[4:6]})
    lines = [HEADER, f"import type {{ {', '.join(used)} }} from './{family}.types.js';", ""]
    lines.append(f"export const {constant} = {{")
    for name, method, path, repeatable, _, _ in entries:
        lines.append(f"  {name}: {{ method: '{method}', path: '{path}', repeatable: {str(repeatable).lower()} }},")
    lines.append("} as const;\n")
    lines.append(f"export interface {kind} {{")
    for name, _, _, _, asked, answered in entries:
        lines.append(f"  {name}: {{ request: {asked}; response: {answered} }};")
    lines.append("}\n")
    (folder / f"{family}.routes.ts").write_text("\n".join(lines))


def write_table(folder, by_family):
    lines = [HEADER]
    families = list(dict.fromkeys(FAMILIES.values()))
    kinds = []
    for family in families:
        constant = family.upper().replace("-", "_") + "_ROUTES"
        kind = "".join(word.capitalize() for word in family.split("-")) + "Routes"
        kinds.append((constant, kind))
        lines.append(f"import {{ {constant}, type {kind} }} from './{family}.routes.js';")
    lines.append("\n/** MLflow version that routes and types were read from. */")
    lines.append(f"export const GENERATED_FROM_MLFLOW = '{mlflow.__version__}';\n")
    lines.append("/** Every served route of the tracking and registry families. */")
    lines.append("export const MLFLOW_ROUTES = {")
    lines.extend(f"  ...{constant}," for constant, _ in kinds)
    lines.append("} as const;\n")
    lines.append("/** Request and response of every route. */")
    lines.append(f"export interface MlflowRoutes extends {', '.join(kind for _, kind in kinds)} {{}}\n")
    (folder / "routes.ts").write_text("\n".join(lines))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src/sdk/mlflow/generated").resolve())
