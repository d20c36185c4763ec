-- Files that go to storage in parts, from the moment that they are signed until what is left under incoming/ goes.
CREATE TABLE uploads (
    image_id      BIGINT PRIMARY KEY REFERENCES images (id),
    invitation_id BIGINT NOT NULL,
    sha256        TEXT,             -- hex; what the client says of the whole file
    size_bytes    BIGINT NOT NULL,
    part_size     BIGINT NOT NULL,  -- bytes, of every part but the last
    upload_id     TEXT,             -- storage's; NULL: not begun, or aborted
    checksum      TEXT,             -- SHA256: each part is signed with its own; NULL: none is
    created_at    BIGINT NOT NULL
);

-- A guest picks a file again, after the page was closed.
CREATE INDEX uploads_by_sha256 ON uploads (invitation_id, sha256, size_bytes) WHERE sha256 IS NOT NULL;
