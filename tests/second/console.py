"""wharf as a person uses it: its console in tmux, waited for and never slept for, and its verbs without a screen."""

import itertools
import json
import os
import subprocess
import time

# Seconds. Generous: a wait ends as soon as what it waits for is there, and only a broken wharf waits so long.
DEADLINE = 60
NUMBERS = itertools.count()


def until(what, fits, look, deadline=DEADLINE):
    """What `look` gives, as soon as it `fits`; with `what` and the last look if that never happens."""
    end = time.monotonic() + deadline
    while not fits(seen := look()):
        if time.monotonic() > end:
            raise SystemExit(f"waited {deadline} s for {what}; what there is:\n{seen}")
        time.sleep(0.05)
    return seen


class Wharf:
    """The binary."""

    def __init__(self, path):
        self.path = path

    def said(self, *arguments):
        """What it says and how it ends, with `arguments` and no screen."""
        return subprocess.run([self.path, *arguments], check=False, capture_output=True, text=True, timeout=DEADLINE)

    def document(self, *arguments, ends=(0,)):
        """What it says with `--json`, if it ends with one of these codes."""
        done = self.said(*arguments, "--json")
        assert done.returncode in ends, f"wharf {' '.join(arguments)} ended with {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)

    def console(self, *arguments):
        return Console(self.path, *arguments)


class Console:
    """A console of 120 columns and 40 rows in a tmux server of its own; use it with `with`."""

    def __init__(self, *command):
        self.command = command
        self.server = f"wharf-{os.getpid()}-{next(NUMBERS)}"

    def __enter__(self):
        size = ("-x", "120", "-y", "40")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "console", *size, *self.command)
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-L", self.server, "kill-server"], check=False, capture_output=True)

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-L", self.server, *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "console")

    def press(self, *keys):
        """Presses keys by tmux's names: `a`, `Enter`, `Escape`, `C-c`."""
        self.tmux("send-keys", "-t", "console", *keys)

    def type(self, text):
        """Types text as it stands."""
        self.tmux("send-keys", "-t", "console", "-l", text)

    def shows(self, what, fits):
        """Waits until the screen `fits`, and gives it."""
        return until(f"{what} on the screen", fits, self.screen)

    def has(self, *texts):
        """Waits until all these texts stand on the screen, and gives it."""
        return self.shows(" and ".join(map(repr, texts)), lambda screen: all(text in screen for text in texts))

    def at(self, place):
        """Waits until the header says that this is the place, and gives the screen."""
        return self.shows(f"the header of {place}", lambda screen: place in screen.split("\n", 1)[0].split())

    def filter(self, words):
        """Shows only the rows that have these words, and selects the first of them."""
        self.press("/")
        self.has("enter keep")
        self.type(words)
        self.has(f"/ {words}")
        self.press("Enter")
        # A row may be read only now.
        self.has(f"/ {words}", "esc all rows", "enter open")

    def leave(self):
        """Ends the console, and waits for it to have gone."""
        self.press("C-c")
        until("the console to end", lambda there: not there, self.lives)

    def lives(self):
        asked = ["tmux", "-L", self.server, "has-session", "-t", "console"]
        return subprocess.run(asked, check=False, capture_output=True).returncode == 0


def row_with(screen, *texts):
    """Whether one line of the screen has all these texts."""
    return any(all(text in line for text in texts) for line in screen.splitlines())
