-- What a guest has picked, arrived or not: so that any device can say what is missing. Files of one pick with the same
-- name and size are told apart by nth, from 0 on.
CREATE TABLE picks (
    id            {id},
    invitation_id BIGINT NOT NULL REFERENCES invitations (id),
    name          TEXT   NOT NULL,
    size_bytes    BIGINT NOT NULL,
    nth           BIGINT NOT NULL,
    image_id      BIGINT,                        -- what it has arrived as
    UNIQUE (invitation_id, name, size_bytes, nth)
);

CREATE INDEX picks_missing ON picks (invitation_id, id) WHERE image_id IS NULL;
CREATE INDEX picks_by_image ON picks (image_id) WHERE image_id IS NOT NULL;

-- An image's state has changed. What is told of it is read from the image, and nothing where that is gone.
CREATE TABLE events (
    id            {id},
    invitation_id BIGINT NOT NULL,
    image_id      BIGINT NOT NULL,
    at            BIGINT NOT NULL
);

CREATE INDEX events_by_invitation ON events (invitation_id, id);
CREATE INDEX events_by_time ON events (at);
