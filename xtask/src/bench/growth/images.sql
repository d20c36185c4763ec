-- {count} ready images, each of its own bytes, for SQLite and PostgreSQL: all in the first invitation, over the 400 days
-- before it was made, the newest with the highest id.
BEGIN;

-- Hashes in no order, as real ones are: the digits of two multiplications that hit every remainder once. Every tenth
-- photo looks like an older one, anywhere.
WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < {count}),
hashed (i, a, b) AS (
    SELECT i, substr(CAST(1000000000000 + (i * 768614336403) % 1000000000000 AS TEXT), 2),
           substr(CAST(1000000000000 + (i * 618033988751) % 1000000000000 AS TEXT), 2)
    FROM numbers
)
INSERT INTO contents (sha256, photo_key, refs, previews, thumb_hash, near_id)
SELECT a || b || a || b || a || 'cafe', 'photos/' || b || a || b || a || b || 'cafe.jpg', 1, 'image/jpeg',
       'HBkSHYSIeHiPiHh8eJd4eTN0EEQG', CASE WHEN i % 10 = 0 THEN 1 + (i * 48271) % 1000003 % (i - 1) END
FROM hashed ORDER BY i;

WITH placed (i, sha256, photo_key, moment) AS (
    SELECT c.id, c.sha256, c.photo_key, v.created_at - ({count} - c.id) * (34560000000000 / {count})
    FROM contents c CROSS JOIN invitations v WHERE v.id = 1
)
INSERT INTO images (invitation_id, name, extension, state, size_bytes, file_type, sha256, incoming_key, photo_key, metadata,
                    created_at, updated_at, arrived_at, content_id, camera_model)
SELECT 1, 'DSC_' || i || '.jpg', '.jpg', 'ready', 2000000 + (i * 7919) % 6000000,
       CASE i % 10 WHEN 0 THEN 'image/png' WHEN 1 THEN 'image/heic' ELSE 'image/jpeg' END, sha256,
       'incoming/' || substr(sha256, 1, 24) || '/' || i || '.jpg', photo_key,
       '{"make":"Canon","model":"Canon EOS ' || (i % 60) || '","xDimension":6000,"yDimension":4000,"orientation":1,'
       || '"software":"Digital Photo Professional","flash":"Flash did not fire, compulsory flash mode",'
       || '"metering_mode":"Pattern","saturation":"Normal","sharpness":"Normal","contrast":"Normal",'
       || '"x_resolution":"72","y_resolution":"72","aperture_value":"2.9","focal_length":"35","exif_version":"0230",'
       || '"taken_at":"2026-05-17T14:03:59.120000+02:00","latitude":48.858370,"longitude":2.294481,"altitude":35.2,'
       || '"lens":"EF-S 17-55mm f/2.8 IS USM","iso":200,"exposure_time":"1/250","width":6000,"height":4000}',
       moment - 5000000, moment, moment, i, 'Canon EOS ' || (i % 60)
FROM placed ORDER BY i;

COMMIT;
