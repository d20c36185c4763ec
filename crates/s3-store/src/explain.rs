//! S3's words for an error that came with its code alone: clients show them to people, or else "Unknown".
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use http::Response;
use s3s::Body;

/// Adds the message that an error lacks.
pub(crate) fn explain(response: &mut Response<Body>) {
    if response.status().is_success() {
        return;
    }
    let Some(xml) = response.body().bytes() else { return };
    let Some(head) = str::from_utf8(&xml).ok().and_then(|xml| xml.strip_suffix("</Error>")) else { return };
    let code = head.strip_suffix("</Code>").and_then(|head| head.rsplit_once("<Code>"));
    if let Some(message) = code.and_then(|(_, code)| message(code)) {
        *response.body_mut() = Body::from(format!("{head}<Message>{message}</Message></Error>"));
    }
}

/// The message of an error code.
pub(crate) fn message(code: &str) -> Option<&'static str> {
    Some(match code {
        "AuthorizationHeaderMalformed" => "The authorization header that you provided is not valid.",
        "BucketAlreadyOwnedByYou" => {
            "Your previous request to create the named bucket succeeded and you already own it."
        }
        "BucketNotEmpty" => "The bucket you tried to delete is not empty.",
        "EntityTooLarge" => "Your proposed upload exceeds the maximum allowed object size.",
        "EntityTooSmall" => "Your proposed upload is smaller than the minimum allowed object size.",
        "IncompleteBody" => "You did not provide the number of bytes specified by the Content-Length HTTP header.",
        "InvalidAccessKeyId" => "The AWS access key ID that you provided does not exist in our records.",
        "InvalidBucketName" => "The specified bucket is not valid.",
        "InvalidDigest" => "The Content-MD5 you specified is not valid.",
        "InvalidPart" => {
            "One or more of the specified parts could not be found. The part might not have been uploaded, or the \
             specified entity tag might not have matched the part's entity tag."
        }
        "InvalidPartOrder" => "The list of parts was not in ascending order.",
        "InvalidURI" => "The specified URI couldn't be parsed.",
        "KeyTooLongError" => "Your key is too long.",
        "MalformedXML" => "The XML you provided was not well-formed or did not validate against our published schema.",
        "MaxMessageLengthExceeded" => "Your request was too large.",
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "NoSuchBucket" => "The specified bucket does not exist.",
        "NoSuchCORSConfiguration" => "The CORS configuration does not exist.",
        "NoSuchKey" => "The specified key does not exist.",
        "NoSuchUpload" => {
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
             completed."
        }
        "NoSuchVersion" => "The version ID specified in the request does not match an existing version.",
        "NotImplemented" => "A header or operation you provided implies functionality that is not there.",
        "PreconditionFailed" => "At least one of the preconditions that you specified did not hold.",
        "RequestTimeTooSkewed" => "The difference between the request time and the server's time is too large.",
        "SignatureDoesNotMatch" => {
            "The request signature that the server calculated does not match the signature that you provided. Check \
             your secret access key and signing method."
        }
        _ => return None,
    })
}
