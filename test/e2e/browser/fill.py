"""Fills an MLflow through the gateway with what the browser tests look at; prints the ids as its last line."""

import json
import os
import sys
import tempfile

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
import pandas as pd
from mlflow import MlflowClient

name = os.environ["FILL_NAME"]
client = MlflowClient()
folder = tempfile.mkdtemp()


def write(file, content):
    path = os.path.join(folder, file)
    with open(path, "wb" if isinstance(content, bytes) else "w") as out:
        out.write(content)
    return path


experiment_id = mlflow.create_experiment(name)
mlflow.set_experiment(name)
runs = []
for number in range(3):
    with mlflow.start_run(run_name=f"{name}-run-{number}") as run:
        runs.append(run.info.run_id)
        mlflow.log_params({"learning_rate": 0.1 / (number + 1), "depth": number})
        for step in range(20):
            mlflow.log_metrics({"loss": 1 / (step + 1) + number / 10, "accuracy": 1 - 1 / (step + 2)}, step=step)
        if number > 0:
            continue
        figure, axes = plt.subplots(figsize=(3, 2))
        axes.plot([0, 1, 2], [2, 1, 3])
        figure.savefig(os.path.join(folder, "plot.png"))
        figure.savefig(os.path.join(folder, "plot.pdf"))
        figure.savefig(os.path.join(folder, "plot.svg"))
        for file in ("plot.png", "plot.pdf", "plot.svg"):
            mlflow.log_artifact(os.path.join(folder, file))
        page = (
            "<!doctype html><h1 id=report>Report</h1><p id=said>no script ran</p><script>"
            "document.getElementById('said').textContent='a script ran in '+self.origin;"
            "fetch('/mlflow/ajax-api/2.0/mlflow/experiments/search?max_results=1')"
            ".then(r=>{document.body.dataset.read=r.status},()=>{document.body.dataset.read='blocked'})"
            "</script>"
        )
        mlflow.log_artifact(write("report.html", page))
        mlflow.log_artifact(write("table.csv", "city,count\nZurich,17\nBern,4\n"))
        mlflow.log_artifact(write("train.log", "epoch 1 began\nepoch 1 ended well\n"))
        mlflow.log_artifact(write("weights.bin", bytes(range(256)) * 4096))
        # What the evaluation pages of MLflow up to 3.1 show.
        judged = {"question": ["judged 1", "judged 2"], "is_short": [True, False]}
        mlflow.log_table(judged, "eval_results_table.json")

model_name = f"{name}-model"
client.create_registered_model(model_name)
version = client.create_model_version(model_name, f"runs:/{runs[0]}/model", runs[0])
client.set_registered_model_alias(model_name, "champion", version.version)

prompt_name = f"{name}-prompt"
mlflow.genai.register_prompt(prompt_name, "Summarise in {{ words }} words: {{ text }}")


@mlflow.trace(name="answer")
def answer(question):
    with mlflow.start_span(name="look up") as span:
        span.set_inputs({"question": question})
    return f"an answer to {question}"


for number in range(3):
    answer(f"question {number}")


@mlflow.genai.scorer
def is_short(outputs):
    return len(str(outputs)) < 100


evaluation = mlflow.genai.evaluate(
    data=pd.DataFrame({"inputs": [{"question": "evaluated 1"}, {"question": "evaluated 2"}]}),
    predict_fn=answer,
    scorers=[is_short],
)
mlflow.flush_trace_async_logging()
traces = client.search_traces(experiment_ids=[experiment_id])
print(
    json.dumps(
        {
            "experimentId": experiment_id,
            "runs": runs,
            "modelName": model_name,
            "promptName": prompt_name,
            "traceId": traces[0].info.trace_id,
            "evaluationRun": evaluation.run_id,
        }
    ),
    file=sys.stdout,
)
