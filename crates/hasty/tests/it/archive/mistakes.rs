//! What an operator can get wrong with a backup or a move, and is told before anything is lost.

use std::fs;
use std::path::Path;

use super::Settings;
use super::faults::backed_up;

async fn backs_up(source: &Settings, folder: &Path) -> (Option<i32>, String) {
    source.run(&["backup", folder.to_str().unwrap()]).await
}

#[tokio::test]
async fn a_wrong_secret_takes_no_right_ones_place() {
    let (mut source, folder) = backed_up().await;
    let (own, kept) = (source.data().join("secret"), folder.path().join("secret"));
    let secret = fs::read_to_string(&own).unwrap();
    let label = fs::read_to_string(folder.path().join("backup.json")).unwrap();
    let new = source.folder.path().join("new");
    let is_refused = async |source: &Settings| {
        for folder in [folder.path(), &new] {
            let (status, words) = backs_up(source, folder).await;
            assert!(status == Some(1) && words.contains("was filled with another HASTY_SECRET"), "{words}");
        }
        assert_eq!(fs::read_to_string(&kept).unwrap(), secret);
        assert_eq!(fs::read_to_string(folder.path().join("backup.json")).unwrap(), label);
        assert!(!new.exists(), "nothing is made");
    };
    fs::write(&own, "a secret that was made anew, with a start").unwrap();
    is_refused(&source).await;
    fs::remove_file(&own).unwrap();
    is_refused(&source).await;
    assert!(!own.exists(), "none is made");
    fs::write(&own, &secret).unwrap();
    source.more.push(("HASTY_SECRET", "another secret of thirty-two letters".to_owned()));
    is_refused(&source).await;
    source.more.pop();
    assert_eq!(backs_up(&source, folder.path()).await.0, Some(0));
}
