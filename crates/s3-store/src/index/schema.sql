-- Times are microseconds since 1970; sizes are bytes; keys are UTF-8, compared byte by byte as S3 lists them.
-- A row_sum is the CRC64NVME of the other columns: a row that does not fit it shows nothing to anybody.

CREATE TABLE buckets (
    name        TEXT NOT NULL PRIMARY KEY,
    created_at  INTEGER NOT NULL,
    cors        TEXT                      -- JSON: S3's CORSRules
) STRICT, WITHOUT ROWID;

-- A sequence of blobs. An upload fills one, an object shows one, copies share one; it ends with its last reference.
-- An id is never used again: where a row was lost, another content must not take over its pieces.
CREATE TABLE contents (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    refs        INTEGER NOT NULL,
    upload_id   TEXT                      -- the multipart upload that filled it, once that is complete
) STRICT;

-- One blob file of a content: the whole of a PUT, or one part of an upload.
CREATE TABLE pieces (
    content_id  INTEGER NOT NULL,
    number      INTEGER NOT NULL,         -- the part number, 1 for a PUT
    blob_id     BLOB NOT NULL,            -- a UUID: the name of the file
    size_bytes  INTEGER NOT NULL,
    md5         BLOB NOT NULL,
    checksums   TEXT NOT NULL,            -- JSON: algorithm -> base64; SHA256 and CRC64NVME always
    stored_at   INTEGER NOT NULL,
    block_sums  BLOB NOT NULL,            -- the CRC64NVME of each 256 KiB, 8 bytes big-endian
    row_sum     INTEGER NOT NULL,
    PRIMARY KEY (content_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE objects (
    bucket      TEXT NOT NULL,
    key         BLOB NOT NULL,
    content_id  INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    etag        TEXT NOT NULL,            -- without quotes
    modified_at INTEGER NOT NULL,
    headers     TEXT NOT NULL,            -- JSON: what the client wants to see again
    checksums   TEXT NOT NULL,            -- JSON: type and values of the whole object
    row_sum     INTEGER NOT NULL,
    PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    bucket      TEXT NOT NULL,
    key         BLOB NOT NULL,
    id          TEXT NOT NULL,
    content_id  INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    headers     TEXT NOT NULL,
    checksum    TEXT,                     -- JSON: the algorithm and type that the client asked for
    PRIMARY KEY (bucket, key, id)
) STRICT, WITHOUT ROWID;

-- Blob files that nothing shows any more; a row goes once its file is gone.
CREATE TABLE trash (
    blob_id     BLOB NOT NULL PRIMARY KEY,
    content_id  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
