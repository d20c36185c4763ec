//! One image of a guest, on its way from a signed link to a photo that can be looked at.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::http::Request;

use super::{
    facts::{Content, Verdict},
    site::Site,
};

pub(super) struct Image {
    id: i64,
    content: Content,
    stage: Stage,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// The server has signed a link.
    Signed,
    /// The bytes are under way.
    Sent,
    /// The store has acknowledged them.
    Stored,
    /// The server was asked to complete it.
    Completing,
    Completed,
}

impl Image {
    pub(super) fn signed(id: i64, content: Content) -> Self {
        Self { id, content, stage: Stage::Signed }
    }

    pub(super) fn id(&self) -> i64 {
        self.id
    }

    /// Something that the browser says of it.
    fn model(&self) -> String {
        format!("Camera {}", self.id)
    }

    /// Sends the bytes as the policy asks for it.
    pub(super) fn put(&mut self, site: &Site, policy: &Value, bytes: Vec<u8>) -> Result<()> {
        let url = policy["url"].as_str().with_context(|| format!("no URL: {policy}"))?;
        let headers = policy["headers"].as_object().with_context(|| format!("no headers: {policy}"))?;
        let mut call = Request::put(url);
        for (name, value) in headers {
            call = call.header(name, value.as_str().context("a header that is no text")?);
        }
        self.stage = Stage::Sent;
        site.write(call.body(bytes)?)?;
        self.stage = Stage::Stored;
        Ok(())
    }

    /// Asks the server to complete these images in one request.
    pub(super) fn complete(site: &Site, token: &str, images: &mut [Self]) -> Result<()> {
        let file = |image: &Self| json!({ "file": image.id, "metadata": { "model": image.model() } });
        let files: Vec<_> = images.iter().map(file).collect();
        images.iter_mut().for_each(|image| image.stage = Stage::Completing);
        let call = site.api("POST", "/api/files/complete/", token, &json!({ "files": files }))?;
        let answer = site.write(call)?.json()?;
        let answers = answer["files"].as_array().with_context(|| format!("no files: {answer}"))?;
        let mut refused = None;
        for image in images {
            match answers.iter().find(|answer| answer["id"] == image.id) {
                Some(answer) if answer["saved"] == true => image.stage = Stage::Completed,
                _ => refused = Some(image.id),
            }
        }
        refused.map_or(Ok(()), |id| bail!("image {id} is not completed: {answer}"))
    }

    /// `token` completes what has not been completed; `listed` is what the owner sees of it.
    pub(super) fn check(
        &mut self,
        site: &Site,
        token: Option<&str>,
        listed: Option<&Value>,
        verdict: &mut Verdict,
    ) -> Result<()> {
        let Some(listed) = listed else {
            verdict.lost(format!("image {} is not listed", self.id));
            return Ok(());
        };
        if listed["uploaded"] == true {
            if self.stage < Stage::Completing {
                verdict.corrupt(format!("image {} is uploaded, and was {:?}", self.id, self.stage));
            }
            self.stage = Stage::Completed;
            return self.check_photo(site, listed, verdict);
        }
        match (self.stage, token) {
            (Stage::Completed, _) => verdict.lost(format!("image {}: that it was completed", self.id)),
            (Stage::Signed, _) | (_, None) => {}
            (_, Some(token)) => return self.complete_now(site, token, verdict),
        }
        // What it is now is how it must stay.
        self.stage = Stage::Signed;
        Ok(())
    }

    /// Bytes that the store has acknowledged are there for a completion after the power cut.
    fn complete_now(&mut self, site: &Site, token: &str, verdict: &mut Verdict) -> Result<()> {
        let was_stored = self.stage >= Stage::Stored;
        self.stage = Stage::Signed;
        let body = json!({ "file": self.id, "metadata": { "model": self.model() } });
        let answer = site.ask(site.api("POST", "/api/files/complete/", token, &body)?)?;
        match answer.status {
            200 => {}
            409 if !was_stored => return Ok(()),
            status => {
                verdict.lost(format!("image {}: its bytes, complete answers {status}", self.id));
                return Ok(());
            }
        }
        self.stage = Stage::Completed;
        let call = site.api("GET", &format!("/api/images/{}/", self.id), &site.owner_key, &Value::Null)?;
        let shown = site.ask(call)?.json()?;
        self.check_photo(site, &shown, verdict)
    }

    fn check_photo(&self, site: &Site, shown: &Value, verdict: &mut Verdict) -> Result<()> {
        let name = format!("image {}", self.id);
        let Content { sha256, size_bytes } = self.content;
        if shown["model"] != self.model() {
            verdict.lost(format!("{name}: its model, {} is shown", shown["model"]));
        }
        if shown["size"] != size_bytes || !(shown["sha256"].is_null() || shown["sha256"] == hex::encode(sha256)) {
            verdict.corrupt(format!("{name}: {} bytes {} instead of {size_bytes}", shown["size"], shown["sha256"]));
        }
        let Some(link) = shown["image_link"].as_str() else {
            verdict.half_visible(format!("{name} is {}, without a link", shown["state"]));
            return Ok(());
        };
        match site.ask(Request::get(link).body(Vec::new())?) {
            Ok(answer) if answer.status == 404 => {
                verdict.half_visible(format!("{name} is {}, and its link finds nothing", shown["state"]));
            }
            Ok(answer) if answer.status != 200 => {
                verdict.corrupt(format!("{name}: its link answers {}", answer.status))
            }
            Ok(answer) if answer.body.len() != size_bytes => {
                verdict.half_visible(format!("{name}: {} of {size_bytes} bytes", answer.body.len()));
            }
            Ok(answer) if Content::of(&answer.body) != self.content => verdict.corrupt(format!("{name}: other bytes")),
            Ok(_) => {}
            Err(error) => verdict.corrupt(format!("{name}: its link fails: {error:#}")),
        }
        if shown["state"] == "ready" {
            self.check_previews(site, shown, verdict)?;
        }
        Ok(())
    }

    fn check_previews(&self, site: &Site, shown: &Value, verdict: &mut Verdict) -> Result<()> {
        for name in ["thumbnail_link", "preview_link"] {
            let Some(link) = shown[name].as_str() else {
                verdict.half_visible(format!("image {} is ready, without {name}: {}", self.id, shown["warnings"]));
                continue;
            };
            match site.ask(Request::get(link).body(Vec::new())?) {
                Ok(answer) if answer.status == 200 => {}
                Ok(answer) => {
                    verdict.half_visible(format!("image {} is ready, its {name} answers {}", self.id, answer.status));
                }
                Err(error) => verdict.corrupt(format!("image {}: its {name} fails: {error:#}", self.id)),
            }
        }
        Ok(())
    }
}
