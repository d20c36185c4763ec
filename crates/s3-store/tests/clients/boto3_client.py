"""What boto3 does in daily life, against the store at STORE_URL. Leaves it empty; any surprise is an exception."""

import hashlib
import io
import os
import tempfile
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError

# Signed for the region that boto3 falls back to: the store takes any.
s3 = boto3.client(
    "s3",
    endpoint_url=os.environ["STORE_URL"],
    region_name="us-east-1",
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
)
bucket = "boto3-bucket"


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
    for algorithm in ["CRC32", "SHA1", "SHA256"]:
        s3.put_object(Bucket=bucket, Key="sum", Body=io.BytesIO(body), ChecksumAlgorithm=algorithm)


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
    body = os.urandom(20 * 1024 * 1024 + 17)
    config = TransferConfig(multipart_threshold=5 * 1024 * 1024, multipart_chunksize=6 * 1024 * 1024, max_concurrency=4)
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        s3.upload_file(file.name, bucket, "large", ExtraArgs={"ContentType": "video/mp4"}, Config=config)
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ContentLength"] == len(body) and head["ETag"].endswith('-4"') and head["ContentType"] == "video/mp4"
    downloaded = io.BytesIO()
    s3.download_fileobj(bucket, "large", downloaded, Config=config)
    assert downloaded.getvalue() == body
    middle = s3.get_object(Bucket=bucket, Key="large", Range="bytes=6291450-6291465")["Body"].read()
    assert middle == body[6291450:6291466]

    upload = s3.create_multipart_upload(Bucket=bucket, Key="given up")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="given up", UploadId=upload, PartNumber=1, Body=b"part")
    assert s3.list_parts(Bucket=bucket, Key="given up", UploadId=upload)["Parts"][0]["ETag"] == part["ETag"]
    assert [found["UploadId"] for found in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    s3.abort_multipart_upload(Bucket=bucket, Key="given up", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def presigned_urls():
    def send(method, url, body=None, headers=None):
        request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    url = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "by url", "ContentType": "image/png"}, ExpiresIn=60
    )
    assert send("PUT", url, b"x", {"Content-Type": "text/html"})[0] == 403
    assert send("PUT", url, b"picture", {"Content-Type": "image/png"})[0] == 200
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "by url"}, ExpiresIn=60)
    assert send("GET", url) == (200, b"picture")
    assert send("GET", url.replace("by%20url", "large"))[0] == 403


def deletes():
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    fails("BucketNotEmpty", s3.delete_bucket, Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key=keys[0])
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == sorted(keys)
    s3.delete_bucket(Bucket=bucket)


for step in [buckets, objects, copies, listings, transfers, presigned_urls, deletes]:
    step()
print("all good")
