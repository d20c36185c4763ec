"""What boto3 does in daily life, against the store at STORE_URL. Leaves it empty; any surprise is an exception."""

import concurrent.futures
import hashlib
import io
import os
import pathlib

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError
from commands import LARGE, SMALL, TREE, send

# Signed for the region that boto3 falls back to: the store takes any.
s3 = boto3.client(
    "s3",
    endpoint_url=os.environ["STORE_URL"],
    region_name="us-east-1",
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
)
bucket = "boto3-bucket"
MB = 1024 * 1024


def fails(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"expected {code}")


def buckets():
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    assert bucket in [found["Name"] for found in s3.list_buckets()["Buckets"]]
    s3.head_bucket(Bucket=bucket)
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "eu-central-1"
    fails("404", s3.head_bucket, Bucket="no-such-bucket")
    rules = [{"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"], "MaxAgeSeconds": 60}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    s3.delete_bucket_cors(Bucket=bucket)
    fails("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=bucket)


def objects():
    body = b"0123456789" * 1000
    put = s3.put_object(
        Bucket=bucket,
        Key="dir/ä b+c.txt",
        Body=body,
        ContentType="text/plain",
        CacheControl="no-cache",
        Metadata={"owner": "guest"},
    )
    assert put["ETag"] == '"%s"' % hashlib.md5(body).hexdigest()
    got = s3.get_object(Bucket=bucket, Key="dir/ä b+c.txt", ChecksumMode="ENABLED")
    assert got["Body"].read() == body
    assert got["ContentType"] == "text/plain" and got["CacheControl"] == "no-cache"
    assert got["Metadata"] == {"owner": "guest"}, got["Metadata"]
    assert got["ChecksumSHA256"], got
    ranged = s3.get_object(Bucket=bucket, Key="dir/ä b+c.txt", Range="bytes=5-14")
    assert ranged["Body"].read() == b"5678901234" and ranged["ContentRange"] == "bytes 5-14/10000"
    assert s3.head_object(Bucket=bucket, Key="dir/ä b+c.txt")["ContentLength"] == 10000
    fails("NoSuchKey", s3.get_object, Bucket=bucket, Key="none")
    fails("404", s3.head_object, Bucket=bucket, Key="none")
    fails("PreconditionFailed", s3.put_object, Bucket=bucket, Key="dir/ä b+c.txt", Body=b"", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="../up/./x", Body=b"a key is not a path")
    assert s3.get_object(Bucket=bucket, Key="../up/./x")["Body"].read() == b"a key is not a path"
    for algorithm in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]:
        put = s3.put_object(Bucket=bucket, Key="sum", Body=io.BytesIO(body), ChecksumAlgorithm=algorithm)
        head = s3.head_object(Bucket=bucket, Key="sum", ChecksumMode="ENABLED")
        assert put[f"Checksum{algorithm}"] == head[f"Checksum{algorithm}"], head


def copies():
    source = {"Bucket": bucket, "Key": "dir/ä b+c.txt"}
    etag = s3.head_object(**source)["ETag"]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, CopySourceIfMatch=etag)
    assert s3.head_object(Bucket=bucket, Key="copy")["Metadata"]["owner"] == "guest"
    fails("PreconditionFailed", s3.copy_object, Bucket=bucket, Key="c2", CopySource=source, CopySourceIfMatch='"x"')
    s3.copy_object(
        Bucket=bucket, Key="copy", CopySource=source, MetadataDirective="REPLACE", ContentType="image/png"
    )
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert head["ContentType"] == "image/png" and head["Metadata"] == {}


def listings():
    for number in range(25):
        s3.put_object(Bucket=bucket, Key=f"list/{number % 5}/{number:02}", Body=b"x")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix="list/", PaginationConfig={"PageSize": 7}
    )
    keys = [entry["Key"] for page in pages for entry in page["Contents"]]
    assert len(keys) == 25 and keys == sorted(keys)
    rolled = s3.list_objects_v2(Bucket=bucket, Prefix="list/", Delimiter="/")
    assert [entry["Prefix"] for entry in rolled["CommonPrefixes"]] == [f"list/{n}/" for n in range(5)]
    assert "Contents" not in rolled
    first = s3.list_objects(Bucket=bucket, MaxKeys=3)
    assert len(first["Contents"]) == 3 and first["IsTruncated"]
    assert "dir/ä b+c.txt" in [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]


def transfers():
    config = TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB, max_concurrency=4)
    pathlib.Path("large").write_bytes(LARGE)
    s3.upload_file("large", bucket, "large", ExtraArgs={"ContentType": "video/mp4"}, Config=config)
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ContentLength"] == len(LARGE) and head["ETag"].endswith('-3"') and head["ContentType"] == "video/mp4"
    downloaded = io.BytesIO()
    s3.download_fileobj(bucket, "large", downloaded, Config=config)
    assert downloaded.getvalue() == LARGE
    middle = s3.get_object(Bucket=bucket, Key="large", Range="bytes=5242870-5242889")["Body"].read()
    assert middle == LARGE[5242870:5242890]
    # A part copy for each 5 MB of the source, and the source's headers.
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "large copy", Config=config)
    copy = s3.get_object(Bucket=bucket, Key="large copy")
    assert copy["Body"].read() == LARGE and copy["ContentType"] == "video/mp4" and copy["ETag"] == head["ETag"], copy


def simultaneous_transfers():
    class Pipe(io.RawIOBase):
        """What cannot be read twice, of a length that nobody knows."""

        def __init__(self, body):
            self.body = io.BytesIO(body)

        def readable(self):
            return True

        def readinto(self, buffer):
            return self.body.readinto(buffer)

    def there_and_back(number):
        key, body = f"at once/{number}", (LARGE[number:] if number < 2 else SMALL * number)
        s3.upload_fileobj(Pipe(body), bucket, key, Config=TransferConfig(multipart_chunksize=5 * MB))
        downloaded = io.BytesIO()
        s3.download_fileobj(bucket, key, downloaded)
        return downloaded.getvalue() == body

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert all(threads.map(there_and_back, range(24)))


def multipart_uploads():
    upload = s3.create_multipart_upload(Bucket=bucket, Key="given up")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="given up", UploadId=upload, PartNumber=1, Body=b"part")
    assert s3.list_parts(Bucket=bucket, Key="given up", UploadId=upload)["Parts"][0]["ETag"] == part["ETag"]
    assert [found["UploadId"] for found in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    s3.abort_multipart_upload(Bucket=bucket, Key="given up", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def part_copies():
    source = {"Bucket": bucket, "Key": "large"}
    target = {"Bucket": bucket, "Key": "collage"}
    upload = {**target, "UploadId": s3.create_multipart_upload(**target)["UploadId"]}
    part = {**upload, "PartNumber": 1, "CopySource": source}
    fails("InvalidArgument", s3.upload_part_copy, **part, CopySourceRange="bytes=0-99999999")
    fails("PreconditionFailed", s3.upload_part_copy, **part, CopySourceIfMatch='"other"')
    first = s3.upload_part_copy(**part, CopySourceRange=f"bytes=100-{5 * MB + 199}")
    second = s3.upload_part(**upload, PartNumber=2, Body=SMALL)
    etags = [first["CopyPartResult"]["ETag"], second["ETag"]]
    assert etags[0] == '"%s"' % hashlib.md5(LARGE[100 : 5 * MB + 200]).hexdigest()
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(**target)["Body"].read() == LARGE[100 : 5 * MB + 200] + SMALL


def conditional_writes():
    def complete(**condition):
        upload = s3.create_multipart_upload(Bucket=bucket, Key="taken")["UploadId"]
        etag = s3.upload_part(Bucket=bucket, Key="taken", UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
        parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
        s3.complete_multipart_upload(Bucket=bucket, Key="taken", UploadId=upload, MultipartUpload=parts, **condition)

    fails("NoSuchKey", s3.put_object, Bucket=bucket, Key="taken", Body=b"", IfMatch='"x"')
    etag = s3.put_object(Bucket=bucket, Key="taken", Body=SMALL, IfNoneMatch="*")["ETag"]
    fails("PreconditionFailed", s3.put_object, Bucket=bucket, Key="taken", Body=b"late", IfNoneMatch="*")
    fails("PreconditionFailed", complete, IfNoneMatch="*")
    fails("PreconditionFailed", s3.put_object, Bucket=bucket, Key="taken", Body=b"late", IfMatch='"other"')
    assert s3.get_object(Bucket=bucket, Key="taken", IfMatch=etag)["Body"].read() == SMALL
    fails("304", s3.get_object, Bucket=bucket, Key="taken", IfNoneMatch=etag)
    s3.put_object(Bucket=bucket, Key="taken", Body=b"newer", IfMatch=etag)
    complete(IfMatch='"%s"' % hashlib.md5(b"newer").hexdigest())
    assert s3.get_object(Bucket=bucket, Key="taken")["Body"].read() == b"part"
    for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=bucket, Key="taken", UploadId=upload["UploadId"])


def versions():
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 7})
    found = [version for page in pages for version in page["Versions"]]
    keys = [page["Key"] for page in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert [version["Key"] for version in found] == keys and len(keys) > 14
    assert {(version["VersionId"], version["IsLatest"]) for version in found} == {("null", True)}
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") is None


def odd_keys():
    for key, body in TREE.items():
        s3.put_object(Bucket=bucket, Key=f"odd/{key}", Body=body)
    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix="odd/")["Contents"]]
    assert sorted(listed) == sorted(f"odd/{key}" for key in TREE)
    for key, body in TREE.items():
        assert s3.get_object(Bucket=bucket, Key=f"odd/{key}")["Body"].read() == body


def presigned_urls():
    url = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "by url", "ContentType": "image/png"}, ExpiresIn=60
    )
    assert send("PUT", url, b"x", {"Content-Type": "text/html"})[0] == 403
    assert send("PUT", url, b"picture", {"Content-Type": "image/png"})[0] == 200
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "by url"}, ExpiresIn=60)
    assert send("GET", url) == (200, b"picture")
    assert send("GET", url.replace("by%20url", "large"))[0] == 403


def presigned_forms():
    def post(form, body, **changed):
        boundary, text = "a-boundary", ""
        for name, value in ({**form["fields"], **changed}).items():
            text += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        text += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return send("POST", form["url"], text.encode() + body + f"\r\n--{boundary}--\r\n".encode(), headers)[0]

    form = s3.generate_presigned_post(
        bucket,
        "form/${filename}",
        Fields={"Content-Type": "image/png", "success_action_status": "201"},
        Conditions=[{"Content-Type": "image/png"}, {"success_action_status": "201"}, ["content-length-range", 1, 20]],
        ExpiresIn=60,
    )
    assert post(form, b"") == 400 and post(form, b"x" * 21) == 400
    assert post(form, SMALL, **{"Content-Type": "text/html"}) == 403 and post(form, SMALL, key="other") == 403
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="form/")
    assert post(form, SMALL) == 201
    got = s3.get_object(Bucket=bucket, Key="form/a.png")
    assert got["Body"].read() == SMALL and got["ContentType"] == "image/png"


def deletes():
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    fails("BucketNotEmpty", s3.delete_bucket, Bucket=bucket)
    wrong = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": keys[0], "ETag": '"other"'}]})
    assert wrong["Errors"][0]["Code"] == "PreconditionFailed" and wrong["Errors"][0]["Message"], wrong
    s3.delete_object(Bucket=bucket, Key=keys[0], VersionId="null")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == sorted(keys)
    s3.delete_bucket(Bucket=bucket)


for step in [
    buckets,
    objects,
    copies,
    listings,
    transfers,
    simultaneous_transfers,
    multipart_uploads,
    part_copies,
    conditional_writes,
    versions,
    odd_keys,
    presigned_urls,
    presigned_forms,
    deletes,
]:
    step()
