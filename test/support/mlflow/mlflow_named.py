"""What MLflow's own parsers find in bodies of OTLP and of GraphQL.

Run as `mlflow_named.py otlp` with one JSON array of [base64 body, content type] on standard input: writes one of lists of
trace ids, null where MLflow takes nothing. Run as `mlflow_named.py graphql` with one of request bodies: writes one of
lists of [kind, id] that its handlers are called for. Run it with the Python that has MLflow.
"""

import base64
import json
import sys
import warnings

warnings.filterwarnings("ignore")


def traces_of(body, content_type):
    from mlflow.entities.span import Span
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    try:
        if content_type == "application/json":
            from google.protobuf.json_format import Parse
            from mlflow.server.otel_api import _convert_otlp_json_ids_to_base64

            Parse(_convert_otlp_json_ids_to_base64(body), request, ignore_unknown_fields=True)
        else:
            request.ParseFromString(body)
        return sorted({
            Span.from_otel_proto(span).trace_id
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        })
    except Exception:
        return None


def named_in(requests):
    from mlflow.protos import service_pb2
    from mlflow.server import handlers
    from mlflow.server.graphql.graphql_schema_extensions import schema

    called = []

    def record(name, response, ids):
        def impl(message):
            called.extend(ids(message))
            return response.Response()

        setattr(handlers, name, impl)

    def run(message):
        return [["run", message.run_id or message.run_uuid]]

    def experiments(message):
        return [["experiment", one] for one in message.experiment_ids]

    record("get_run_impl", service_pb2.GetRun, run)
    record("list_artifacts_impl", service_pb2.ListArtifacts, run)
    record("search_runs_impl", service_pb2.SearchRuns, experiments)
    record("search_datasets_impl", service_pb2.SearchDatasets, experiments)
    record(
        "get_experiment_impl",
        service_pb2.GetExperiment,
        lambda message: [["experiment", message.experiment_id]],
    )
    record(
        "get_metric_history_bulk_interval_impl",
        service_pb2.GetMetricHistoryBulkInterval,
        lambda message: [["run", one] for one in message.run_ids],
    )
    for body in requests:
        called.clear()
        schema.execute(
            body.get("query"), variables=body.get("variables"), operation_name=body.get("operationName")
        )
        yield sorted(called)


asked = json.load(sys.stdin)
if sys.argv[1] == "otlp":
    answers = [traces_of(base64.b64decode(body), content_type) for body, content_type in asked]
else:
    answers = list(named_in(asked))
json.dump(answers, sys.stdout)
