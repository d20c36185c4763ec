//! Who signed the policy: Signature Version 4, where the text to sign is the policy as the form carries it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>

use hmac::{Hmac, KeyInit, Mac};
use s3s::dto::{Timestamp, TimestampFormat};
use s3s::{S3Result, s3_error};
use sha2::Sha256;

use super::fields::Fields;
use crate::clock::{Micros, timestamp};
use crate::settings::Settings;

/// A signature lives seven days at most, whatever its policy says; and clocks differ by a quarter of an hour at most.
const MAX_AGE: Micros = 7 * 86_400 * 1_000_000;
const MAX_SKEW: Micros = 15 * 60 * 1_000_000;

/// The policy, which the owner of the store's key has signed, lately.
pub(super) fn verify<'a>(fields: &'a Fields, settings: &Settings, now: Micros) -> S3Result<&'a str> {
    let (Some(policy), Some(signature)) = (fields.get("policy"), fields.get("x-amz-signature")) else {
        return Err(s3_error!(AccessDenied, "The form has no policy that is signed with a signature of version 4."));
    };
    if field(fields, "x-amz-algorithm")? != "AWS4-HMAC-SHA256" {
        return Err(s3_error!(InvalidArgument, "X-Amz-Algorithm must be AWS4-HMAC-SHA256."));
    }
    let date = field(fields, "x-amz-date")?;
    check_age(date, now)?;
    let credential: Vec<&str> = field(fields, "x-amz-credential")?.split('/').collect();
    let [access_key_id, day, region, "s3", "aws4_request"] = credential[..] else {
        return Err(s3_error!(InvalidArgument, "X-Amz-Credential must be <key>/<date>/<region>/s3/aws4_request."));
    };
    if !date.starts_with(day) || day.len() != 8 {
        return Err(s3_error!(InvalidArgument, "The day in X-Amz-Credential is not that of X-Amz-Date."));
    }
    if access_key_id != settings.access_key_id {
        return Err(s3_error!(InvalidAccessKeyId));
    }
    let key = format!("AWS4{}", settings.secret_access_key);
    let signing_key = [day, region, "s3", "aws4_request"]
        .iter()
        .fold(key.into_bytes(), |key, part| mac(&key, part.as_bytes()).finalize().into_bytes().to_vec());
    let signature = hex::decode(signature).unwrap_or_default();
    // Compares in constant time.
    let is_right = mac(&signing_key, policy.as_bytes()).verify_slice(&signature).is_ok();
    if is_right { Ok(policy) } else { Err(s3_error!(SignatureDoesNotMatch)) }
}

fn field<'a>(fields: &'a Fields, name: &str) -> S3Result<&'a str> {
    let value = fields.get(name).map(String::as_str);
    value.ok_or_else(|| s3_error!(InvalidArgument, "Bucket POST must contain a field named '{name}'."))
}

/// `date` has the form 20260131T235959Z.
fn check_age(date: &str, now: Micros) -> S3Result<()> {
    let digits = date.is_ascii() && date.len() == 16;
    let rfc3339 = digits.then(|| {
        let part = |from: usize, to: usize| &date[from..to];
        let (day, hour) = ([part(0, 4), part(4, 6), part(6, 8)], [part(8, 11), part(11, 13), part(13, 16)]);
        format!("{}{}", day.join("-"), hour.join(":"))
    });
    let time = rfc3339.and_then(|text| Timestamp::parse(TimestampFormat::DateTime, &text).ok());
    let time = time.ok_or_else(|| s3_error!(InvalidArgument, "X-Amz-Date must be of the form YYYYMMDDTHHMMSSZ."))?;
    if time > timestamp(now.saturating_add(MAX_SKEW)) {
        return Err(s3_error!(RequestTimeTooSkewed));
    }
    if time < timestamp(now.saturating_sub(MAX_AGE)) {
        return Err(s3_error!(AccessDenied, "Invalid according to Policy: Policy expired."));
    }
    Ok(())
}

fn mac(key: &[u8], data: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length").chain_update(data)
}
