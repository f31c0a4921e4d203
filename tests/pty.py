"""Runs a program in a terminal of its own, types into it, and tells what came of it: JSON in, JSON out.

The request: `argv`, `env`, `cwd`, `columns`, `rows`, and `steps`, each `[text, keys]`: once the text has been printed
since the last step, the keys are typed; keys of `null` hang up. The answer: the exit code, all that was printed with
and without escape sequences, the lines as a terminal would show them, and in what state the terminal was left.
"""

import fcntl
import json
import os
import re
import select
import struct
import sys
import termios
import time

PATIENCE = 60
UNSEEN = "not shown"  # what is typed at this text is so once the terminal shows it no more
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def echoes(terminal):
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


class Screen:
    """As much of a terminal as is needed: lines, a cursor, and the sequences that our dialogues use."""

    def __init__(self, columns):
        self.columns, self.lines, self.row, self.column, self.visible = columns, [[]], 0, 0, True

    def put(self, char):
        if self.column == self.columns:
            self.row, self.column = self.row + 1, 0
        self.reach()
        line = self.lines[self.row]
        line.extend(" " * (self.column + 1 - len(line)))
        line[self.column] = char
        self.column += 1

    def reach(self):
        while len(self.lines) <= self.row:
            self.lines.append([])

    def sequence(self, numbers, letter):
        count = int(numbers) if numbers.isdigit() else 1
        if letter == "A":
            self.row = max(0, self.row - count)
        elif letter == "B":
            self.row += count
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + count)
        elif letter == "D":
            self.column = max(0, min(self.column, self.columns - 1) - count)
        elif letter == "K":
            self.reach()
            self.lines[self.row] = [] if numbers == "2" else self.lines[self.row][: self.column]
        elif letter in "hl" and numbers == "?25":
            self.visible = letter == "h"
        elif letter != "m":
            raise ValueError(f"an escape sequence that is not understood: {numbers}{letter}")

    def feed(self, text):
        for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|.", text, re.S):
            if part == "\r":
                self.column = 0
            elif part == "\n":
                self.row += 1
                self.reach()
            elif part.startswith("\x1b["):
                self.sequence(part[2:-1], part[-1])
            elif part >= " ":
                self.put(part)


def run(request):
    master, slave = os.openpty()
    size = struct.pack("HHHH", request["rows"], request["columns"], 0, 0)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for handle in (0, 1, 2):
            os.dup2(slave, handle)
        os.closerange(3, 100)
        os.chdir(request["cwd"])
        os.execve(request["argv"][0], request["argv"], request["env"])

    printed, since, hung = "", 0, None
    steps, waiting, status = list(request["steps"]), time.monotonic() + PATIENCE, None
    pending = b""
    while status is None:
        ready, _, _ = select.select([master], [], [], 0.02)
        if ready:
            try:
                pending += os.read(master, 65536)
            except OSError:
                pass
            text = pending.decode("utf8", "ignore")
            pending = b"" if text.encode() == pending else pending[len(text.encode()) :]
            printed += text
        plain = " ".join(ESCAPE.sub("", printed[since:]).split())
        if steps and " ".join(steps[0][0].split()) in plain and not (steps[0][0] == UNSEEN and echoes(master)):
            _, keys = steps.pop(0)
            since, waiting = len(printed), time.monotonic() + PATIENCE
            if keys is None:
                os.close(master)
                os.close(slave)
                _, status = os.waitpid(child, 0)
                return {"code": os.waitstatus_to_exitcode(status), "printed": printed}
            os.write(master, keys.encode())
        elif not ready:
            done, ended = os.waitpid(child, os.WNOHANG)
            if done:
                status = ended
            elif time.monotonic() > waiting:
                hung = steps[0][0] if steps else "the end"
                os.kill(child, 9)
    # What it said between our last look and its end.
    while select.select([master], [], [], 0)[0]:
        pending += os.read(master, 65536)
    printed += pending.decode("utf8", "ignore")
    flags = termios.tcgetattr(slave)[3]
    screen = Screen(request["columns"])
    screen.feed(printed)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "hung": hung,
        "left": [step[0] for step in steps],
        "printed": printed,
        "plain": ESCAPE.sub("", printed),
        "lines": ["".join(line).rstrip() for line in screen.lines],
        "cursor": screen.visible,
        "sane": bool(flags & termios.ECHO and flags & termios.ICANON and flags & termios.ISIG),
    }


print(json.dumps(run(json.load(sys.stdin))))
