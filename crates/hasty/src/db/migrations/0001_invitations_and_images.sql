-- What every instance on this database must agree on.
CREATE TABLE agreements (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE invitations (
    id          {id},
    public_id   TEXT   NOT NULL UNIQUE,
    token_hash  TEXT   NOT NULL UNIQUE,
    email       TEXT   NOT NULL,
    email_key   TEXT   NOT NULL,
    title       TEXT,
    message     TEXT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    revoked_at  BIGINT,
    image_count BIGINT NOT NULL DEFAULT 0,
    total_bytes BIGINT NOT NULL DEFAULT 0
);

-- One living invitation for an e-mail address; a revoked one makes room.
CREATE UNIQUE INDEX invitations_by_email ON invitations (email_key) WHERE revoked_at IS NULL;

CREATE TABLE images (
    id             {id},
    invitation_id  BIGINT NOT NULL REFERENCES invitations (id),
    name           TEXT   NOT NULL,
    extension      TEXT   NOT NULL,
    state          TEXT   NOT NULL CHECK (state IN ('pending', 'uploaded', 'ready', 'rejected', 'deleted')),
    active         BIGINT NOT NULL DEFAULT 1,
    size_bytes     BIGINT NOT NULL DEFAULT 0,
    file_type      TEXT   NOT NULL DEFAULT '',
    sha256         TEXT,
    incoming_key   TEXT   NOT NULL UNIQUE,
    incoming_until BIGINT,
    photo_key      TEXT,
    metadata       TEXT   NOT NULL DEFAULT '{}',
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);

CREATE INDEX images_by_update ON images (updated_at DESC, id DESC);
CREATE INDEX images_by_invitation ON images (invitation_id, updated_at DESC, id DESC);

-- What is left under incoming/ once a photo has moved, until the last link to it has ended.
CREATE INDEX images_to_sweep ON images (incoming_until, id) WHERE incoming_until IS NOT NULL AND state <> 'pending';
