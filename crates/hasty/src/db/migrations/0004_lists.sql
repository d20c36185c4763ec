-- Lists show no deleted images, of which there may be any number.

DROP INDEX images_by_update;
DROP INDEX images_by_invitation;
CREATE INDEX images_by_update ON images (updated_at DESC, id DESC) WHERE state <> 'deleted';
CREATE INDEX images_by_invitation ON images (invitation_id, updated_at DESC, id DESC) WHERE state <> 'deleted';
