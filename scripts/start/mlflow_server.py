"""Runs `mlflow server` and ends it, with all its processes, when whoever started it is gone.

Standard input is a pipe that only the starter holds: the kernel closes it however the starter ends.
The starter makes this process the leader of a group of its own.
"""

import gc
import os
import signal
import threading
import time

KILL_AFTER_SECONDS = 5


def end_with_starter() -> None:
    # Not by sys.stdin, whose lock would abort the interpreter's own end.
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGTERM)
    time.sleep(KILL_AFTER_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=end_with_starter, daemon=True).start()
    # Looks for garbage would find next to nothing in what an import makes.
    gc.disable()
    from mlflow.cli import cli

    gc.enable()
    cli(prog_name="mlflow")
