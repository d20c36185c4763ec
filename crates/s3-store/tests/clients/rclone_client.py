"""What users of rclone do, against the store at STORE_URL. Leaves it empty; any surprise is an exception."""

import hashlib
import json
import os
import pathlib

from commands import LARGE, SMALL, TREE, Program, environment, read_tree, send, write_tree

environment(
    RCLONE_CONFIG=os.devnull,
    RCLONE_CONFIG_STORE_TYPE="s3",
    RCLONE_CONFIG_STORE_PROVIDER="Other",
    RCLONE_CONFIG_STORE_ENV_AUTH="true",
    RCLONE_CONFIG_STORE_ENDPOINT=os.environ["STORE_URL"],
)
# A first failure is one: nothing that a second attempt covers up goes unseen.
rclone = Program(os.environ["RCLONE"], "--retries=1", "--low-level-retries=1")
bucket = "store:rclone-bucket"
IN_PARTS = ("--s3-upload-cutoff=5M", "--s3-chunk-size=5M", "--streaming-upload-cutoff=5M", "--s3-copy-cutoff=5M")


def size_of(path):
    return json.loads(rclone("size", "--json", path))


def copies():
    rclone("mkdir", bucket)
    assert "rclone-bucket" in rclone("lsd", "store:")
    write_tree("photos", TREE)
    rclone("copy", "photos", f"{bucket}/photos", *IN_PARTS)
    # By the MD5 of each file, which those in parts carry in their metadata; then by every byte.
    rclone("check", "photos", f"{bucket}/photos")
    rclone("check", "--download", "photos", f"{bucket}/photos")
    lines = rclone("lsf", "--recursive", "--files-only", "--format=hsp", "--hash=MD5", f"{bucket}/photos").splitlines()
    expected = [f"{hashlib.md5(body).hexdigest()};{len(body)};{path}" for path, body in TREE.items()]
    assert sorted(lines) == sorted(expected), lines
    times = [sorted(rclone("lsl", path).splitlines()) for path in [f"{bucket}/photos", "photos"]]
    assert times[0] == times[1], times
    assert size_of(bucket) == {"count": len(TREE), "bytes": sum(map(len, TREE.values())), "sizeless": 0}


def syncs():
    pathlib.Path("photos/one.jpg").unlink()
    pathlib.Path("photos/empty").write_bytes(b"no longer")
    rclone("sync", "photos", f"{bucket}/photos", *IN_PARTS)
    rclone("check", "photos", f"{bucket}/photos")
    rclone("sync", f"{bucket}/photos", "synced")
    assert read_tree("synced") == read_tree("photos") and "one.jpg" not in read_tree("synced")
    again = rclone.run(["sync", "photos", f"{bucket}/photos", "--verbose", "--stats-one-line"], b"")
    assert b"Copied" not in again.stderr and b"Deleted" not in again.stderr, again.stderr
    pathlib.Path("synced/empty").write_bytes(b"otherwise")
    rclone.fails("md5 differ", "check", "synced", f"{bucket}/photos")


def single_files():
    rclone("moveto", f"{bucket}/photos/empty", f"{bucket}/photos/full")
    assert rclone("cat", f"{bucket}/photos/full") == "no longer"
    rclone("touch", "--timestamp=2001-02-03T04:05:06", f"{bucket}/photos/full")
    assert "2001-02-03 04:05:06" in rclone("lsl", f"{bucket}/photos/full")
    rclone("touch", f"{bucket}/new")
    assert size_of(f"{bucket}/new")["bytes"] == 0
    rclone("rcat", f"{bucket}/piped.jpg", stdin=SMALL)
    rclone("rcat", f"{bucket}/piped.raw", *IN_PARTS, stdin=LARGE)
    assert rclone.read("cat", f"{bucket}/piped.jpg") == SMALL
    assert rclone.read("cat", f"{bucket}/piped.raw") == LARGE
    assert rclone.read("cat", "--offset=5242870", "--count=20", f"{bucket}/piped.raw") == LARGE[5242870:5242890]
    link = rclone("link", "--expire=60s", f"{bucket}/piped.raw").strip()
    assert send("GET", link) == (200, LARGE)


def server_side_copies():
    rclone("copyto", f"{bucket}/piped.raw", f"{bucket}/in parts.raw", *IN_PARTS)
    assert rclone.read("cat", f"{bucket}/in parts.raw") == LARGE
    rclone("copyto", f"{bucket}/piped.raw", f"{bucket}/whole.raw")
    rclone("check", "--download", f"{bucket}/photos", f"{bucket}/photos")
    names = rclone("lsf", "--files-only", "--s3-versions", bucket).splitlines()
    assert sorted(names) == ["in parts.raw", "new", "piped.jpg", "piped.raw", "whole.raw"], names


def ends():
    assert json.loads(rclone("backend", "list-multipart-uploads", bucket)) == {"rclone-bucket": []}
    rclone.fails("BucketNotEmpty", "rmdir", bucket)
    rclone("delete", bucket, "--include=/photos/**")
    assert size_of(bucket)["count"] == 5
    rclone("delete", bucket)
    rclone("rmdir", bucket)
    assert rclone("lsd", "store:").count("rclone-bucket") == 0
    rclone("copy", "synced", f"{bucket}/again")
    purge = rclone.run(["purge", bucket], b"")
    assert purge.returncode == 0 and b"ERROR" not in purge.stderr, purge.stderr
    assert rclone("lsd", "store:").count("rclone-bucket") == 0


for step in [copies, syncs, single_files, server_side_copies, ends]:
    step()
