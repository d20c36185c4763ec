//! `hasty export --parquet`: what other tools read of the photos.

use std::collections::HashMap;
use std::fs::File;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use tempfile::TempDir;

use crate::support::{Database, TestApp, photo, sha256};

on_both_databases![
    every_photo_is_a_row_with_what_is_known_of_it,
    what_is_not_wanted_is_not_exported,
    all_of_many_photos_are_exported,
    heavy_rows_are_held_in_smaller_groups,
];

async fn exported(app: &TestApp) -> Vec<HashMap<String, Field>> {
    let rows: Vec<_> = export(app).await.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    rows.into_iter()
        .map(|row| row.get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect())
        .collect()
}

async fn export(app: &TestApp) -> SerializedFileReader<File> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("photos.parquet");
    let (status, words) = app.run(&["export", "--parquet", file.to_str().unwrap()]).await;
    assert_eq!(status, Some(0), "{words}");
    let reader = SerializedFileReader::new(File::open(&file).unwrap()).unwrap();
    assert_eq!(words, format!("{} photos in {}\n", reader.metadata().file_metadata().num_rows(), file.display()));
    reader
}

async fn every_photo_is_a_row_with_what_is_known_of_it(on: Database) {
    let app = TestApp::start(on).await;
    assert_eq!(exported(&app).await.len(), 0);
    let guest = app.owner().invite("guest@example.com").await;
    let described = metadata::samples::Photo::new(96, 64, 1).with_orientation(1).bytes(metadata::FileType::Jpeg);
    let id = guest.upload_jpeg("described.jpg", &described).await;
    let plain = metadata::samples::Photo::new(96, 64, 2).without_exif().bytes(metadata::FileType::Jpeg);
    let plain = guest.upload_jpeg("plain.jpg", &plain).await;
    let deleted = guest.upload_jpeg("deleted.jpg", &photo(2)).await;
    for id in [id, plain, deleted] {
        guest.settled(id).await;
    }
    let said = serde_json::json!({"keywords": ["sea", "a \"dog\""], "rating": 4, "creator": "A Guest"});
    guest.complete_with(&serde_json::json!({"file": id, "metadata": said})).await.json(200);
    assert_eq!(guest.delete(deleted).await.status, 204);
    guest.sign("pending.jpg").await;

    let rows = exported(&app).await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    let text = |value: &str| Field::Str(value.to_owned());
    for (name, value) in [
        ("id", Field::Long(id)),
        ("name", text("described.jpg")),
        ("file_type", text("image/jpeg")),
        ("size_bytes", Field::Long(described.len() as i64)),
        ("sha256", text(&sha256(&described))),
        ("width", Field::Long(96)),
        ("model", text("Example Camera 1")),
        ("iso", Field::Long(200)),
        ("taken_at", text("2026-05-17T10:20:30.250000+02:00")),
        ("latitude", Field::Double(-33.5)),
        ("warnings", text("[]")),
        ("keywords", text(r#"["sea","a \"dog\""]"#)),
        ("rating", Field::Double(4.0)),
        ("creator", text("A Guest")),
    ] {
        assert_eq!(rows[0][name], value, "{name}");
    }
    let Field::Str(key) = &rows[0]["key"] else { panic!("{:?}", rows[0]) };
    assert_eq!(app.store().get(key).await.body, described, "the key leads to the photo");
    assert!(matches!(rows[0]["arrived_at"], Field::TimestampMicros(_)), "{:?}", rows[0]["arrived_at"]);
    assert_eq!((&rows[1]["id"], &rows[1]["latitude"]), (&Field::Long(plain), &Field::Null));
}

async fn what_is_not_wanted_is_not_exported(on: Database) {
    let app = TestApp::start(on).await;
    let body = serde_json::json!({"email": "guest@example.com", "location": "strip"});
    let owner = app.owner();
    let guest = owner.guest_of(&owner.invite_with(&body).await.json(201));
    let described = metadata::samples::Photo::new(96, 64, 1).with_orientation(1).bytes(metadata::FileType::Jpeg);
    guest.settled(guest.upload_jpeg("a.jpg", &described).await).await;
    let rows = exported(&app).await;
    assert_eq!((&rows[0]["latitude"], &rows[0]["altitude"]), (&Field::Null, &Field::Null));
}

async fn all_of_many_photos_are_exported(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    guest.upload_jpeg("a.jpg", &photo(1)).await;
    // More than are in memory at a time.
    app.damage_rows(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10300)
         INSERT INTO images (invitation_id, name, extension, state, incoming_key, created_at, updated_at, metadata)
         SELECT m.invitation_id, 'many.jpg', '.jpg', 'ready', 'incoming/' || n.n, 0, 0,
                '{\"title\": \"photo ' || n.n || '\", \"keywords\": [\"no column\"]}' FROM images m CROSS JOIN n",
    )
    .await;
    let rows = exported(&app).await;
    assert_eq!(rows.len(), 10_300);
    for (row, number) in rows.iter().zip(1..) {
        assert_eq!(row["title"], Field::Str(format!("photo {number}")));
    }
}

async fn heavy_rows_are_held_in_smaller_groups(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let files: Vec<_> = (0..500).map(|number| serde_json::json!({"filename": format!("{number}.jpg")})).collect();
    guest.policy(&serde_json::json!({"files": files})).await.json(200);
    // About what a guest who fills every field can make of a photo.
    let metadata = serde_json::json!({"caption": "x".repeat(60_000)});
    app.damage_rows(format!("UPDATE images SET state = 'ready', metadata = '{metadata}'").leak()).await;
    let table = export(&app).await.metadata().clone();
    assert_eq!(table.file_metadata().num_rows(), 500);
    assert!(table.row_groups().iter().all(|group| group.num_rows() < 500), "all are held at once");
}
