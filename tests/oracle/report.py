"""What was checked, and how it went."""

import sys


class Report:
    """Counts checks; a failed one is printed at once, and what passed is summed up by section."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.section = None
        self.in_section = 0

    def begin(self, section):
        self.end()
        self.section = section
        self.in_section = 0

    def end(self):
        if self.section is not None:
            print(f"  {self.section}: {self.in_section} passed")
        self.section = None

    def check(self, fine, problem):
        """Counts one check; `problem` says what is wrong where it is not fine."""
        if fine:
            self.passed += 1
            self.in_section += 1
        else:
            self.failed += 1
            print(f"FAILED  {self.section}: {problem}", file=sys.stderr)

    def equal(self, got, wanted, what):
        self.check(got == wanted, f"{what}: {got!r}, not {wanted!r}")

    def code(self):
        """The exit code: 0 only if something was checked, and nothing failed."""
        return 0 if self.passed and not self.failed else 1

    def close(self):
        """Prints the closing line; gives the exit code."""
        self.end()
        print(f"{self.passed} passed, {self.failed} failed")
        return self.code()
