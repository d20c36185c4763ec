//! Garage, an S3 server of somebody else's: three nodes that the test command has started.

use url::Url;
use uuid::Uuid;

use super::TestApp;

/// A bucket of a test's own on it, made by the server that is told these flags.
pub struct Garage {
    pub seen_by_server: Url,
    pub seen_by_browsers: Url,
    pub nodes: [Url; 3],
    key_id: String,
    secret: String,
    bucket: String,
}

impl Garage {
    /// As `HASTY_TEST_GARAGE` has it: `host:port` of each node, then the key's id and its secret, separated by commas.
    pub fn given() -> Garage {
        let given = std::env::var_os("HASTY_TEST_GARAGE")
            .expect("HASTY_TEST_GARAGE is not set: cargo xtask test starts Garage and sets it");
        let given = given.into_string().expect("HASTY_TEST_GARAGE is text");
        let [first, second, third, key_id, secret] = given.split(',').collect::<Vec<_>>()[..] else {
            panic!("HASTY_TEST_GARAGE names no three nodes and a key pair: {given}");
        };
        let url = |address: &str| Url::parse(&format!("http://{address}")).unwrap();
        Garage {
            seen_by_server: url(first),
            seen_by_browsers: url(second),
            nodes: [first, second, third].map(url),
            key_id: key_id.to_owned(),
            secret: secret.to_owned(),
            bucket: format!("test-{}", Uuid::new_v4().simple()),
        }
    }

    pub fn flags(&self) -> Vec<&str> {
        vec![
            "--s3-endpoint",
            self.seen_by_server.as_str(),
            "--s3-public-endpoint",
            self.seen_by_browsers.as_str(),
            "--s3-region",
            "garage",
            "--s3-access-key-id",
            &self.key_id,
            "--s3-secret-access-key",
            &self.secret,
            "--s3-bucket",
            &self.bucket,
        ]
    }

    /// What `hasty doctor` says of it.
    pub async fn examine(&self, app: &TestApp) -> String {
        let listen = app.address.to_string();
        let mut arguments = vec!["doctor", "--fix", "--listen", &listen];
        arguments.extend(self.flags());
        app.run(&arguments).await.1
    }
}
