-- The most that an invitation takes; NULL: no limit but the disk's.
ALTER TABLE invitations ADD COLUMN max_files BIGINT;
ALTER TABLE invitations ADD COLUMN max_bytes BIGINT;
