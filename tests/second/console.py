"""wharf's console in tmux: what a person sees there, waited for and never slept for."""

import os
import subprocess
import time

DEADLINE = 60


class Console:
    """A console of 120 columns and 40 rows in a tmux server of its own; use it with `with`."""

    def __init__(self, wharf):
        self.wharf = wharf
        self.server = f"wharf-{os.getpid()}"

    def __enter__(self):
        self.tmux("new-session", "-d", "-s", "console", "-x", "120", "-y", "40", self.wharf)
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-L", self.server, "kill-server"], check=False, capture_output=True)

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-L", self.server, *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "console")

    def press(self, *keys):
        self.tmux("send-keys", "-t", "console", *keys)

    def shows(self, what, fits):
        """Waits until the screen `fits`, and gives it."""
        end = time.monotonic() + DEADLINE
        while not fits(screen := self.screen()):
            if time.monotonic() > end:
                raise SystemExit(f"waited {DEADLINE} s for {what}; the screen says\n{screen}")
            time.sleep(0.05)
        return screen
