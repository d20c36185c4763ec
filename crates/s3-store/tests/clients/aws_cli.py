"""What users of the AWS command line do, against the store at STORE_URL, and in the end leave it empty."""

import base64
import hashlib
import json
import os
import pathlib
import sys

from awscrt.checksums import crc32, crc32c, crc64nvme
from commands import LARGE, SMALL, TREE, Program, environment, read_tree, send, write_tree

environment(AWS_ENDPOINT_URL=os.environ["STORE_URL"], AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="")
aws = Program(pathlib.Path(sys.executable).with_name("aws"))
bucket = "aws-bucket"
url = f"s3://{bucket}"


def s3(*arguments, stdin=b""):
    return aws("s3", *arguments, stdin=stdin)


def s3api(operation, *arguments):
    """The JSON that an operation answers, if any."""
    text = aws("s3api", operation, "--bucket", bucket, *arguments)
    return json.loads(text) if text else {}


def listed(prefix=""):
    """The keys below a prefix with their sizes, as `ls --recursive` prints them after date and time."""
    lines = [line.split(None, 3) for line in s3("ls", "--recursive", f"{url}/{prefix}").splitlines()]
    return {key: int(size) for _, _, size, key in lines}


def copies():
    s3("mb", url)
    assert bucket in s3("ls")
    write_tree(".", {"small.jpg": SMALL, "large.raw": LARGE})
    s3("cp", "small.jpg", f"{url}/in/", "--metadata", "owner=guest", "--cache-control", "no-cache")
    s3("cp", "large.raw", f"{url}/large.raw", "--no-progress")
    s3("cp", "-", f"{url}/piped.raw", stdin=LARGE)
    assert listed() == {"in/small.jpg": len(SMALL), "large.raw": len(LARGE), "piped.raw": len(LARGE)}
    assert aws.read("s3", "cp", f"{url}/piped.raw", "-") == LARGE
    s3("cp", f"{url}/large.raw", "back.raw", "--no-progress")
    assert pathlib.Path("back.raw").read_bytes() == LARGE
    head = s3api("head-object", "--key", "in/small.jpg")
    assert head["Metadata"] == {"owner": "guest"} and head["CacheControl"] == "no-cache", head
    assert head["ContentType"] == "image/jpeg", head
    aws.fails("404", "s3", "cp", f"{url}/none", "none")
    assert not pathlib.Path("none").exists()


def moves():
    # Above 8 MB the program copies part by part.
    s3("mv", f"{url}/large.raw", f"{url}/moved/large.raw", "--no-progress")
    s3("mv", f"{url}/in/small.jpg", f"{url}/moved/small.jpg")
    assert listed() == {"moved/large.raw": len(LARGE), "moved/small.jpg": len(SMALL), "piped.raw": len(LARGE)}
    assert aws.read("s3", "cp", f"{url}/moved/large.raw", "-") == LARGE
    s3("mv", f"{url}/moved/small.jpg", "came-back.jpg")
    assert pathlib.Path("came-back.jpg").read_bytes() == SMALL
    s3("rm", f"{url}/moved", "--recursive")


def syncs():
    write_tree("photos", TREE)
    s3("sync", "photos", f"{url}/photos", "--no-progress")
    assert listed("photos/") == {f"photos/{path}": len(body) for path, body in TREE.items()}
    assert s3("sync", "photos", f"{url}/photos") == "", "nothing is left to send"
    s3("sync", f"{url}/photos", "synced", "--no-progress")
    assert read_tree("synced") == TREE
    pathlib.Path("photos/one.jpg").unlink()
    pathlib.Path("photos/empty").write_bytes(b"no longer")
    s3("sync", "photos", f"{url}/photos", "--delete")
    s3("sync", f"{url}/photos", "synced", "--delete")
    assert read_tree("synced") == read_tree("photos") and "one.jpg" not in read_tree("synced")


def signed_links():
    # For some regions this program still signs links as it did before 2014, which covers no header.
    assert send("GET", s3("presign", f"{url}/piped.raw").strip())[0] == 400
    aws("configure", "set", "default.s3.signature_version", "s3v4")
    link = s3("presign", f"{url}/piped.raw", "--expires-in", "60").strip()
    assert send("GET", link) == (200, LARGE)
    assert send("GET", link.replace("piped", "other"))[0] == 403
    assert send("PUT", link, b"x")[0] == 403


def checksums():
    expected = {
        "CRC32": crc32(SMALL).to_bytes(4, "big"),
        "CRC32C": crc32c(SMALL).to_bytes(4, "big"),
        "CRC64NVME": crc64nvme(SMALL).to_bytes(8, "big"),
        "SHA1": hashlib.sha1(SMALL).digest(),
        "SHA256": hashlib.sha256(SMALL).digest(),
    }
    for algorithm, digest in expected.items():
        put = s3api("put-object", "--key", "sum", "--body", "small.jpg", "--checksum-algorithm", algorithm)
        assert put[f"Checksum{algorithm}"] == base64.b64encode(digest).decode(), put
    sha256 = s3api("head-object", "--key", "sum", "--checksum-mode", "ENABLED")["ChecksumSHA256"]
    assert sha256 == put["ChecksumSHA256"]
    wrong = ("put-object", "--bucket", bucket, "--key", "sum", "--body", "large.raw", "--checksum-sha256", sha256)
    aws.fails("BadDigest", "s3api", *wrong)
    assert s3api("get-object", "--key", "sum", "--range", "bytes=2-6", "part.jpg")["ContentLength"] == 5
    assert pathlib.Path("part.jpg").read_bytes() == SMALL[2:7]


def operations():
    copy = ("copy-object", "--key", "copy", "--copy-source", f"{bucket}/sum")
    etag = s3api(*copy)["CopyObjectResult"]["ETag"]
    aws.fails("PreconditionFailed", "s3api", *copy, "--bucket", bucket, "--copy-source-if-match", '"other"')
    new = ("put-object", "--bucket", bucket, "--key", "copy", "--body", "large.raw", "--if-none-match", "*")
    aws.fails("PreconditionFailed", "s3api", *new)
    versions = s3api("list-object-versions", "--prefix", "copy")["Versions"]
    assert [(v["Key"], v["VersionId"], v["IsLatest"], v["ETag"]) for v in versions] == [("copy", "null", True, etag)]
    doomed = {"Objects": [{"Key": "copy"}, {"Key": "sum"}, {"Key": "never there"}]}
    deleted = s3api("delete-objects", "--delete", json.dumps(doomed))["Deleted"]
    assert sorted(entry["Key"] for entry in deleted) == ["copy", "never there", "sum"]


def ends():
    aws.fails("BucketNotEmpty", "s3", "rb", url)
    s3("rb", url, "--force")
    assert bucket not in s3("ls")


for step in [copies, moves, syncs, signed_links, checksums, operations, ends]:
    step()
