"""Starts Python programs that find MLflow imported: forks of this process, in place of interpreters of their own.

    python preloaded_python.py SOCKET EXECUTABLE

Importing MLflow takes up to two seconds of a processor, and a test run starts dozens of its clients and servers. Each
program that `preloaded_run.py` asks for is a process with the arguments, environment, working folder and standard streams of
that one, and in a session of its own; only `sys.modules` tells it from a fresh one. Modules that read their environment
while they are imported, as `mlflow.server` does, are left to the programs. EXECUTABLE is what asks: programs with
PRELOADED_SUBPROCESSES in their environment get it as `sys.executable`.

Says "ready", and ends with all programs when its standard input ends. Linux alone: it needs file descriptors of processes.
"""

import atexit
import ctypes
import fcntl
import gc
import importlib
import json
import multiprocessing.spawn
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
import threading
import time
import types

PRELOADED = [
    *("mlflow", "mlflow.pyfunc", "mlflow.store.tracking.sqlalchemy_store"),
    *("mlflow.store.model_registry.sqlalchemy_store", "alembic.command", "flask", "fastapi", "graphene", "requests"),
    # What the server imports beside them.
    *("mlflow.gateway.config", "mlflow.metrics.genai", "aiohttp", "pydantic.v1", "starlette.middleware.wsgi"),
]
PR_SET_PDEATHSIG = 1
# As many as one message holds.
MAX_FDS = 253
# Its functions stay usable once a program has taken the name.
THIS = sys.modules["__main__"]


def preload():
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            # Old versions lack some, and the server alone is installed of some.
            continue
    if "mlflow.server" in sys.modules:
        raise SystemExit("mlflow.server would be imported before a program says how it is configured")


class Programs:
    """Forks a program for each connection, tells it the program's end, and ends the program with the connection."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ, self.start)
        self.selector.register(0, selectors.EVENT_READ, lambda: sys.exit(0))
        # Connection -> process id, its descriptor, and whether signals are for its whole group.
        self.running = {}

    def serve(self):
        """Returns in each fork, with what it is to run."""
        while True:
            for key, _ in self.selector.select():
                job = key.data()
                if job is not None:
                    return job

    def start(self):
        connection, _ = self.listener.accept()
        asked = read_job(connection)
        if asked is None:
            connection.close()
            return None
        job, fds = asked
        pid = os.fork()
        if pid == 0:
            connection.close()
            self.close()
            return job, fds
        for fd in fds:
            os.close(fd)
        ended = os.pidfd_open(pid)
        self.running[connection] = (pid, ended, job["leads"])
        self.selector.register(ended, selectors.EVENT_READ, lambda: self.tell_end(connection))
        self.selector.register(connection, selectors.EVENT_READ, lambda: self.pass_signal(connection))
        return None

    def pass_signal(self, connection):
        # Of one look at all that is ready, the end of the program may have come first.
        if connection not in self.running:
            return
        pid, _, leads = self.running[connection]
        try:
            asked = connection.recv(1)
        except OSError:
            asked = b""
        # Nobody waits for a program whose starter is gone.
        send(pid, asked[0] if asked else signal.SIGKILL, leads or not asked)
        if not asked:
            self.tell_end(connection)

    def tell_end(self, connection):
        if connection not in self.running:
            return
        pid, ended, leads = self.running.pop(connection)
        _, status = os.waitpid(pid, 0)
        if leads:
            send(pid, signal.SIGKILL, True)
        self.selector.unregister(ended)
        self.selector.unregister(connection)
        os.close(ended)
        try:
            connection.sendall(struct.pack("<i", os.waitstatus_to_exitcode(status)))
        except OSError:
            pass
        connection.close()

    def close(self):
        self.selector.close()
        self.listener.close()
        for connection, (_, ended, _) in self.running.items():
            connection.close()
            os.close(ended)


def read_job(connection):
    """What is to run, and its descriptors; None where the starter was killed before it had said all."""
    fds = []
    try:
        first, fds, _, _ = socket.recv_fds(connection, 4, MAX_FDS)
        return json.loads(exactly(connection, struct.unpack("<I", first)[0])), fds
    except (OSError, EOFError, struct.error):
        for fd in fds:
            os.close(fd)
        return None


def exactly(connection, length):
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def send(pid, number, to_group):
    try:
        os.killpg(pid, number) if to_group else os.kill(pid, number)
    except ProcessLookupError:
        # Its group may not be there yet, or nobody is left in it.
        if number == signal.SIGKILL:
            try_kill(pid)


def try_kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def open_as(numbers, fds):
    """Gives descriptors the numbers that they had, in whatever order these are taken."""
    above = [fcntl.fcntl(fd, fcntl.F_DUPFD, max(numbers) + 1) for fd in fds]
    for fd in fds:
        os.close(fd)
    for number, fd in zip(numbers, above):
        os.dup2(fd, number)
        os.close(fd)


def become(job, fds):
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    open_as(job["fds"], fds)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    time.tzset()
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    if "numpy" in sys.modules:
        # Python's own generator seeds itself after a fork, this one does not.
        sys.modules["numpy"].random.seed()
    if "PRELOADED_SUBPROCESSES" in os.environ:
        sys.executable = sys.argv[2]
        multiprocessing.spawn.set_executable(sys.executable)
    # Options of this interpreter, which a child of `multiprocessing` would be given.
    sys.warnoptions.clear()
    gc.enable()


def run(arguments):
    """What `python arguments...` does."""
    what, rest = arguments[0], arguments[1:]
    sys.path[1:1] = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]
    if what == "-m":
        sys.path[0] = os.getcwd()
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        return
    main = types.ModuleType("__main__")
    if what == "-":
        source, name = sys.stdin.buffer.read(), "<stdin>"
        main.__file__ = name
        sys.argv, sys.path[0] = arguments, ""
    elif what == "-c":
        source, name = rest[0], "<string>"
        sys.argv, sys.path[0] = ["-c", *rest[1:]], ""
    else:
        name = main.__file__ = os.path.abspath(what)
        with open(what, "rb") as file:
            source = file.read()
        sys.argv, sys.path[0] = arguments, os.path.dirname(os.path.realpath(what))
    sys.modules["__main__"] = main
    exec(compile(source, name, "exec"), main.__dict__)


def run_to_end(arguments):
    """Ends as an interpreter does, without taking apart what it shares with this process: that is most of a short program."""
    try:
        run(arguments)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if code == 1 and end.code != 1:
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
    finally:
        os._exit(code & 0xFF)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    preload()
    gc.freeze()
    programs = Programs(sys.argv[1])
    print("ready", flush=True)
    job, fds = programs.serve()
    become(job, fds)
    run_to_end(job["arguments"])
