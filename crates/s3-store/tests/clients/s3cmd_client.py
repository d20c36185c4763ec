"""What users of s3cmd do, against the store at STORE_URL. Leaves it empty; any surprise is an exception."""

import hashlib
import os
import pathlib
import sys
import urllib.parse

from commands import LARGE, SMALL, TREE, Program, read_tree, write_tree

host = urllib.parse.urlsplit(os.environ["STORE_URL"]).netloc
# As `s3cmd --configure` asks for them; without a bucket in its name the host takes path-style requests.
pathlib.Path("s3cfg").write_text(
    f"""[default]
access_key = {os.environ["AWS_ACCESS_KEY_ID"]}
secret_key = {os.environ["AWS_SECRET_ACCESS_KEY"]}
host_base = {host}
host_bucket = {host}
use_https = False
use_mime_magic = False
progress_meter = False
"""
)
s3cmd = Program(pathlib.Path(sys.executable).with_name("s3cmd"), "--config=s3cfg")
bucket = "s3cmd-bucket"
url = f"s3://{bucket}"


def listed():
    """The keys with their sizes, as `ls --recursive` prints them after date and time."""
    lines = [line.split(None, 3) for line in s3cmd("ls", "--recursive", url).splitlines()]
    return {uri.removeprefix(f"{url}/"): int(size) for _, _, size, uri in lines}


def got(key):
    s3cmd("get", "--force", f"{url}/{key}", "got")
    return pathlib.Path("got").read_bytes()


def objects():
    s3cmd("mb", url)
    assert url in s3cmd("ls")
    write_tree(".", {"small.jpg": SMALL, "large.raw": LARGE})
    s3cmd("put", "small.jpg", f"{url}/in/", "--add-header=x-amz-meta-owner:guest")
    s3cmd("put", "large.raw", f"{url}/large.raw", "--multipart-chunk-size-mb=5")
    assert listed() == {"in/small.jpg": len(SMALL), "large.raw": len(LARGE)}
    assert got("in/small.jpg") == SMALL and got("large.raw") == LARGE
    info = s3cmd("info", f"{url}/in/small.jpg")
    for fact in [f"File size: {len(SMALL)}\n", "image/jpeg", hashlib.md5(SMALL).hexdigest(), "x-amz-meta-owner: guest"]:
        assert fact in info, info
    assert "Location:  eu-central-1" in s3cmd("info", url)
    s3cmd.fails("does not exist", "get", f"{url}/none", "none")


def copies():
    s3cmd("cp", f"{url}/in/small.jpg", f"{url}/copy.jpg")
    s3cmd("cp", f"{url}/large.raw", f"{url}/copy.raw")
    s3cmd("mv", f"{url}/copy.jpg", f"{url}/moved.jpg")
    assert sorted(listed()) == ["copy.raw", "in/small.jpg", "large.raw", "moved.jpg"]
    assert got("moved.jpg") == SMALL and got("copy.raw") == LARGE
    s3cmd("modify", "--add-header=cache-control:no-cache", f"{url}/moved.jpg")
    assert got("moved.jpg") == SMALL
    size, count = s3cmd("du", url).split()[:2]
    assert int(size) == 2 * len(SMALL) + 2 * len(LARGE) and int(count) == 4


def syncs():
    write_tree("photos", TREE)
    s3cmd("sync", "photos/", f"{url}/photos/", "--multipart-chunk-size-mb=5")
    assert s3cmd("sync", "photos/", f"{url}/photos/") == "", "nothing is left to send"
    pathlib.Path("synced").mkdir()
    s3cmd("sync", f"{url}/photos/", "synced/")
    assert read_tree("synced") == TREE
    pathlib.Path("photos/one.jpg").unlink()
    pathlib.Path("photos/empty").write_bytes(b"no longer")
    s3cmd("sync", "--delete-removed", "photos/", f"{url}/photos/")
    s3cmd("sync", "--delete-removed", f"{url}/photos/", "synced/")
    assert read_tree("synced") == read_tree("photos") and "one.jpg" not in read_tree("synced")


def ends():
    assert s3cmd("multipart", url).splitlines()[2:] == []
    s3cmd.fails("BucketNotEmpty", "rb", url)
    s3cmd("del", f"{url}/moved.jpg")
    assert "moved.jpg" not in listed()
    s3cmd("del", "--recursive", "--force", url)
    assert listed() == {}
    s3cmd("rb", url)
    assert url not in s3cmd("ls")


for step in [objects, copies, syncs, ends]:
    step()
