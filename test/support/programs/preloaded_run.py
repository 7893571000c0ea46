"""Asks `preloaded_python.py` for a program and stands for it: takes its signals and ends as it does.

    preloaded_run.py ARGUMENTS...

Takes any arguments that `python` does, but for options of the interpreter. The socket lies in its own folder.
"""

import json
import os
import signal
import socket
import struct
import sys


def open_fds():
    """What it was started with: the standard streams, and pipes of its starter beside them."""
    return [fd for fd in map(int, os.listdir("/proc/self/fd")) if is_open(fd)]


def is_open(fd):
    try:
        os.fstat(fd)
        return True
    except OSError:
        # That of the list itself.
        return False


fds = open_fds()
connection = socket.socket(socket.AF_UNIX)
connection.connect(os.path.join(os.path.dirname(os.path.realpath(__file__)), "socket"))
job = json.dumps({
    "arguments": sys.argv[1:],
    "cwd": os.getcwd(),
    "env": dict(os.environ),
    "fds": fds,
    "leads": os.getpgrp() == os.getpid(),
}).encode()
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(number, lambda number, _: connection.send(bytes([number])))
socket.send_fds(connection, [struct.pack("<I", len(job))], fds)
connection.sendall(job)
# The ends of pipes are the program's alone.
for fd in fds:
    os.close(fd)
answer = connection.recv(4)
code = struct.unpack("<i", answer)[0] if len(answer) == 4 else 1
if code < 0:
    if -code != signal.SIGKILL:
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
