-- By the name of an object, whose row is looked for. The first 71 letters of a content's key, photos/ and its hash, stand
-- for its previews, too. Images that are ready have the key of their content.
CREATE INDEX contents_by_key ON contents (SUBSTR(photo_key, 1, 71));
CREATE INDEX images_by_photo_key ON images (photo_key) WHERE state = 'uploaded';
