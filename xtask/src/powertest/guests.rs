//! An owner who invites, and the guests who upload: what the API acknowledges lies in two places, the database and the
//! store, and both must still agree.

use anyhow::{Context, Result, ensure};
use rand::{Rng, rngs::StdRng, seq::IteratorRandom};
use serde_json::{Value, json};

use super::{
    facts::{Content, Fact, Verdict},
    images::Image,
    payload,
    site::Site,
};

const MOST_FILES: usize = 4;

pub(super) struct Guests {
    /// Of all e-mail addresses that are invited here.
    name: String,
    rng: StdRng,
    invitations: Vec<Invitation>,
    invited: usize,
}

struct Invitation {
    id: String,
    token: String,
    title: Fact<String>,
    is_revoked: Fact<bool>,
    images: Vec<Image>,
    /// Since the last check.
    is_touched: bool,
}

impl Guests {
    pub(super) fn new(name: &str, rng: StdRng) -> Self {
        Self { name: name.to_owned(), rng, invitations: Vec::new(), invited: 0 }
    }

    /// Does one thing, chosen at random. After an error nobody knows whether it was done.
    pub(super) fn step(&mut self, site: &Site) -> Result<()> {
        let is_open = |invitation: &&mut Invitation| invitation.is_touched && !invitation.is_revoked.settled();
        let Some(invitation) = self.invitations.iter_mut().rfind(is_open) else { return self.invite(site) };
        match self.rng.random_range(0..100) {
            0..75 => invitation.upload(site, &mut self.rng),
            75..88 => invitation.rename(site, format!("Title {}", self.rng.random::<u32>())),
            88..95 => self.revoke(site),
            _ => self.invite(site),
        }
    }

    fn invite(&mut self, site: &Site) -> Result<()> {
        self.invited += 1;
        let email = format!("{}-{}@example.com", self.name, self.invited);
        let title = format!("Title {}", self.invited);
        let body = json!({ "email": email, "title": title });
        let answer = site.write(site.api("POST", "/api/invitation/", &site.owner_key, &body)?)?;
        let place = answer.header("location").context("an invitation without a place")?;
        let id = place.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        let token = answer.json()?["token"].as_str().context("an invitation without a token")?.to_owned();
        let (title, is_revoked) = (Fact::new(title), Fact::new(false));
        self.invitations.push(Invitation { id, token, title, is_revoked, images: Vec::new(), is_touched: true });
        Ok(())
    }

    /// Ends an invitation, whose photos stay.
    fn revoke(&mut self, site: &Site) -> Result<()> {
        let open = self.invitations.iter_mut().filter(|invitation| !invitation.is_revoked.settled());
        let Some(invitation) = open.choose(&mut self.rng) else { return Ok(()) };
        let call = site.api("DELETE", &invitation.path(), &site.owner_key, &Value::Null)?;
        invitation.is_touched = true;
        invitation.is_revoked.send(true);
        site.write(call)?;
        invitation.is_revoked.acknowledge();
        Ok(())
    }

    /// Holds what the server shows against what it acknowledged: all of what was touched since the last check, and this
    /// share of the rest.
    pub(super) fn check(&mut self, site: &Site, share: f64) -> Result<Verdict> {
        let mut verdict = Verdict::default();
        for invitation in &mut self.invitations {
            if invitation.is_touched || self.rng.random_bool(share) {
                invitation.check(site, &mut verdict)?;
            }
        }
        Ok(verdict)
    }
}

impl Invitation {
    fn path(&self) -> String {
        format!("/api/invitation/{}/", self.id)
    }

    fn rename(&mut self, site: &Site, title: String) -> Result<()> {
        let call = site.api("PATCH", &self.path(), &site.owner_key, &json!({ "title": title }))?;
        self.is_touched = true;
        self.title.send(title);
        site.write(call)?;
        self.title.acknowledge();
        Ok(())
    }

    /// The whole way of a batch: policies, the bytes of each file, completions.
    fn upload(&mut self, site: &Site, rng: &mut StdRng) -> Result<()> {
        let files: Vec<_> = (0..rng.random_range(1..=MOST_FILES)).map(|_| payload::random(rng)).collect();
        let policies = files.iter().map(|bytes| policy(bytes, rng.random())).collect::<Vec<_>>();
        let answer =
            site.write(site.api("POST", "/api/files/policy/", &self.token, &json!({ "files": policies }))?)?;
        let answer = answer.json()?;
        let signed = answer["files"].as_array().context("no files")?;
        ensure!(signed.len() == files.len(), "{} files asked for, {answer}", files.len());
        let first = self.images.len();
        for (policy, bytes) in signed.iter().zip(&files) {
            let id = policy["file_id"].as_i64().with_context(|| format!("no id: {policy}"))?;
            self.images.push(Image::signed(id, Content::of(bytes)));
        }
        let images = &mut self.images[first..];
        for ((image, policy), bytes) in images.iter_mut().zip(signed).zip(files) {
            image.put(site, policy, bytes)?;
        }
        Image::complete(site, &self.token, images)
    }

    fn check(&mut self, site: &Site, verdict: &mut Verdict) -> Result<()> {
        self.is_touched = false;
        let name = format!("invitation {}", self.id);
        let answer = site.ask(site.api("GET", &self.path(), &site.owner_key, &Value::Null)?)?;
        if answer.status != 200 {
            verdict.lost(format!("{name} answers {}", answer.status));
            return Ok(());
        }
        let shown = answer.json()?;
        if shown["token"] != self.token.as_str() {
            verdict.corrupt(format!("{name}: another token"));
        }
        let title = shown["title"].as_str().unwrap_or_default().to_owned();
        let what = format!("{name}: the title {title:?} instead of {:?}", self.title.settled());
        verdict.judge(self.title.see(title), what);
        let is_revoked = !shown["revoked_at"].is_null();
        let what = format!("{name}: revoked is {is_revoked}");
        verdict.judge(self.is_revoked.see(is_revoked), what);
        self.check_images(site, &shown, verdict)
    }

    fn check_images(&mut self, site: &Site, shown: &Value, verdict: &mut Verdict) -> Result<()> {
        let path = format!("/api/images/?invitation={}", self.id);
        let list = site.ask(site.api("GET", &path, &site.owner_key, &Value::Null)?)?;
        ensure!(list.status == 200, "the list of images answers {}", list.status);
        let list = list.json()?;
        let listed = list.as_array().context("a list that is no array")?;
        let uploaded = listed.iter().filter(|image| image["uploaded"] == true);
        let counted = (uploaded.clone().count(), uploaded.filter_map(|image| image["size"].as_u64()).sum::<u64>());
        if (json!(counted.0), json!(counted.1)) != (shown["image_count"].clone(), shown["total_bytes"].clone()) {
            let [count, total] = ["image_count", "total_bytes"].map(|name| &shown[name]);
            verdict.corrupt(format!("invitation {}: {count} images of {total} bytes, {counted:?} are listed", self.id));
        }
        for image in listed {
            let is_known = self.images.iter().any(|known| image["id"] == known.id());
            if !is_known && image["state"] != "pending" {
                verdict.half_visible(format!("image {} is {}, and nobody uploaded it", image["id"], image["state"]));
            }
        }
        let token = Some(self.token.as_str()).filter(|_| !self.is_revoked.settled());
        for image in &mut self.images {
            let listed = listed.iter().find(|listed| listed["id"] == image.id());
            image.check(site, token, listed, verdict)?;
        }
        Ok(())
    }
}

/// Asks for a link that only these bytes fit, by all that can be signed or without their SHA-256.
fn policy(bytes: &[u8], with_sha256: bool) -> Value {
    let mut policy = json!({ "filename": "a.jpg", "size": bytes.len(), "type": "image/jpeg" });
    if with_sha256 {
        policy["sha256"] = hex::encode(Content::of(bytes).sha256).into();
    }
    policy
}
