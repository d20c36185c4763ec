"""What the scripts of the command lines share: running a program, and files that are hard to keep apart or intact."""

import os
import pathlib
import random
import subprocess
import urllib.error
import urllib.request

SMALL = b"a small photo"
# More than each of these clients sends in one piece; nothing in it repeats at a part's length.
LARGE = random.Random(1).randbytes(12 * 1024 * 1024 + 17)

# What a folder of photos may hold: names with a meaning in URLs, XML, shells and paths.
TREE = {
    "one.jpg": b"one",
    "empty": b"",
    "a b/ä+ö=&?.jpg": "Grüße".encode(),
    "a b/100%25 <b>'\"#.jpg": b"percent",
    "deep/er/..still/here~.jpg": b"dots",
    "deep/large.raw": LARGE,
}


class Program:
    """A command line client. Called with arguments, it answers what it wrote to standard output, as text."""

    def __init__(self, path, *options):
        self.command = [path, *options]

    def __call__(self, *arguments, stdin=b""):
        return self.read(*arguments, stdin=stdin).decode()

    def read(self, *arguments, stdin=b""):
        """The same, as bytes."""
        ended = self.run(arguments, stdin)
        assert ended.returncode == 0, f"{self.told(arguments, ended)}"
        return ended.stdout

    def fails(self, reason, *arguments, stdin=b""):
        """It ends with an error that names the reason."""
        ended = self.run(arguments, stdin)
        said = self.told(arguments, ended)
        assert ended.returncode != 0 and reason in said, f"expected a failure with {reason}: {said}"

    def run(self, arguments, stdin):
        return subprocess.run([*self.command, *map(str, arguments)], input=stdin, capture_output=True, check=False)

    def told(self, arguments, ended):
        said = (ended.stdout + ended.stderr).decode(errors="replace")
        return f"{' '.join(map(str, [*self.command, *arguments]))} ended with {ended.returncode}: {said}"


def write_tree(folder, files):
    """Writes a folder of files, given by their paths."""
    for path, body in files.items():
        file = pathlib.Path(folder, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)


def read_tree(folder):
    """Every file below the folder, by its path."""
    folder = pathlib.Path(folder)
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def send(method, url, body=None, headers=None):
    """The status and the body that a plain HTTP client gets, one that knows nothing about S3."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def environment(**variables):
    """Sets what the programs read from their environment."""
    os.environ.update(variables)
