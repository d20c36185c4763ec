-- What the server has yet to look at: few at any time, and counted for each guest who opens the page.
CREATE INDEX images_unchecked ON images (invitation_id) WHERE state = 'uploaded';
