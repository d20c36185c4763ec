-- Bytes that the bucket keeps under their content's key, once, whatever number of images show them.
CREATE TABLE contents (
    id              {id},
    sha256          TEXT   NOT NULL UNIQUE, -- hex
    photo_key       TEXT   NOT NULL,
    refs            BIGINT NOT NULL,        -- images that show it
    kept_until      BIGINT,                 -- nobody shows it: when the last link to it has ended
    doomed          BIGINT NOT NULL DEFAULT 0, -- its objects are being removed: nobody may show it any more
    previews        TEXT,                   -- their MIME type; without it there are none
    thumb_hash      TEXT,                   -- base64
    perceptual_hash BIGINT,
    near_id         BIGINT                  -- an older content that looks the same
);

CREATE INDEX contents_to_remove ON contents (kept_until, id) WHERE kept_until IS NOT NULL;

-- The four quarters of each perceptual hash: two hashes that differ in three bits share at least one.
CREATE TABLE perceptual_quarters (
    quarter    BIGINT NOT NULL,             -- 0 to 3, and the 16 bits of it
    bits       BIGINT NOT NULL,
    content_id BIGINT NOT NULL,
    PRIMARY KEY (quarter, bits, content_id)
);

-- Objects that are to go. A row is written before the object is, and leaves once the object belongs to an image.
CREATE TABLE discards (
    key    TEXT   PRIMARY KEY,
    due_at BIGINT NOT NULL,
    doomed BIGINT NOT NULL DEFAULT 0        -- it is being removed: too late to keep it
);

CREATE INDEX discards_by_due ON discards (due_at, key);

-- Background work. `due_at`: when somebody may take it, be it waiting or its worker's lease over; NULL: given up.
CREATE TABLE jobs (
    id         {id},
    kind       TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    due_at     BIGINT,
    worker     TEXT,
    attempts   BIGINT NOT NULL DEFAULT 0,
    error      TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (kind, key)
);

CREATE INDEX jobs_by_due ON jobs (due_at, id) WHERE due_at IS NOT NULL;

-- Counts of the images that have arrived and stay, kept by the transactions that change them. Invitation 0 is all of
-- them. kind: total (value ''), format (MIME type), model (of the camera), day (of arrival, counted from 1970 in UTC).
CREATE TABLE stats (
    invitation_id BIGINT NOT NULL,
    kind          TEXT   NOT NULL,
    value         TEXT   NOT NULL,
    images        BIGINT NOT NULL,
    bytes         BIGINT NOT NULL,
    PRIMARY KEY (invitation_id, kind, value)
);

CREATE INDEX stats_by_count ON stats (invitation_id, kind, images DESC, value);

ALTER TABLE images ADD COLUMN arrived_at BIGINT;
ALTER TABLE images ADD COLUMN claimed_sha256 TEXT;
ALTER TABLE images ADD COLUMN content_id BIGINT REFERENCES contents (id);
ALTER TABLE images ADD COLUMN camera_model TEXT;
ALTER TABLE images ADD COLUMN rejection TEXT;
ALTER TABLE images ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';

-- keep, coarse or strip: what is stored of where a photo was taken.
ALTER TABLE invitations ADD COLUMN location TEXT NOT NULL DEFAULT 'keep';

UPDATE images SET arrived_at = updated_at WHERE state = 'uploaded';

CREATE INDEX images_by_sha256 ON images (invitation_id, sha256) WHERE sha256 IS NOT NULL AND state IN ('uploaded', 'ready');
CREATE INDEX images_by_content ON images (content_id) WHERE content_id IS NOT NULL;
CREATE INDEX images_pending ON images (incoming_until, id) WHERE state = 'pending';

INSERT INTO jobs (kind, key, due_at, created_at)
SELECT 'ingest', CAST(id AS TEXT), updated_at, updated_at FROM images WHERE state = 'uploaded';

INSERT INTO stats (invitation_id, kind, value, images, bytes)
SELECT 0, 'total', '', COUNT(*), COALESCE(SUM(size_bytes), 0) FROM images WHERE state = 'uploaded';
INSERT INTO stats (invitation_id, kind, value, images, bytes)
SELECT invitation_id, 'total', '', COUNT(*), SUM(size_bytes) FROM images WHERE state = 'uploaded' GROUP BY invitation_id;
INSERT INTO stats (invitation_id, kind, value, images, bytes)
SELECT 0, 'format', file_type, COUNT(*), SUM(size_bytes) FROM images WHERE state = 'uploaded' GROUP BY file_type;
INSERT INTO stats (invitation_id, kind, value, images, bytes)
SELECT invitation_id, 'format', file_type, COUNT(*), SUM(size_bytes) FROM images WHERE state = 'uploaded'
GROUP BY invitation_id, file_type;
INSERT INTO stats (invitation_id, kind, value, images, bytes)
SELECT 0, 'day', CAST(arrived_at / 86400000000 AS TEXT), COUNT(*), SUM(size_bytes) FROM images
WHERE state = 'uploaded' GROUP BY arrived_at / 86400000000;
INSERT INTO stats (invitation_id, kind, value, images, bytes)
SELECT invitation_id, 'day', CAST(arrived_at / 86400000000 AS TEXT), COUNT(*), SUM(size_bytes) FROM images
WHERE state = 'uploaded' GROUP BY invitation_id, arrived_at / 86400000000;

ALTER TABLE invitations DROP COLUMN image_count;
ALTER TABLE invitations DROP COLUMN total_bytes;
