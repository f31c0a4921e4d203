"""The hub's half in the operator's own Python: loads the configuration, makes the authenticator, lets it decide.

Started by oauthctl with this text as `-c`, and a socket as its standard input. Everything said over that socket is a
line of JSON; standard input, as the configuration sees it, is empty. The process leads a group of its own, which ends
with it.
"""

import asyncio
import grp
import inspect
import json
import linecache
import logging
import os
import pwd
import queue
import socket
import sys
import sysconfig
import threading
import time
import traceback
from urllib.parse import urlencode

PROCESS = os.getpid()


class Channel:
    """Lines of JSON to and from oauthctl."""

    def __init__(self):
        self.socket = socket.socket(fileno=os.dup(0))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        keep_orphans()
        self.lock = threading.Lock()
        self.lines = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        """Takes in lines at any time, so that the end of oauthctl is noticed while a configuration loops."""
        try:
            for line in self.socket.makefile("rb"):
                self.lines.put(line)
        except OSError:
            pass
        end_group()

    def say(self, **message):
        if os.getpid() != PROCESS:
            os._exit(0)  # a fork of the configuration's that came back here
        data = json.dumps(message).encode() + b"\n"
        with self.lock:
            self.socket.sendall(data)

    def hear(self):
        return json.loads(self.lines.get().decode())

    def ask(self, **message):
        self.say(**message)
        return self.hear()


def keep_orphans():
    """Whatever leaves us by forking twice still falls to us, so that oauthctl finds it: Linux only."""
    if sys.platform == "linux":
        try:
            import ctypes

            ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        except (ImportError, OSError, AttributeError):
            pass


def end_group():
    if os.getpgrp() == PROCESS:
        os.killpg(PROCESS, 9)
    os._exit(1)
