import { describe, expect, test } from "vitest";
import { failureOf, serverFailure, storageFailure, UploadError } from "./failure.ts";

const xml = (code: string) => `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;

describe("an answer of our server", () => {
  test.each([502, 503, 504, 408, 425, 429])("%i is worth another try", (status) => {
    expect(serverFailure(status, { code: "busy", message: "Busy." })).toEqual({ kind: "transient" });
  });

  test.each([
    [500, "internal", "unexpected"],
    [507, "storage_full", "storage_full"],
  ])("%i is worth another try, and the guest is told why", (status, code, told) => {
    const failure = serverFailure(status, { code, message: "No." });
    expect(failure).toEqual({ kind: "transient", reason: { code: told } });
  });

  test("is waited for as long as it asks", () => {
    const failure = serverFailure(503, { code: "busy", message: "Busy." }, 2000);
    expect(failure).toEqual({ kind: "transient", retryAfterMs: 2000 });
  });

  test.each(["token_missing", "token_unknown", "token_expired"])("%s ends the link", (code) => {
    expect(serverFailure(403, { code, message: "No." })).toEqual({ kind: "link_ended" });
  });

  test("of a stranger, such as the login page of a network, is worth another try", () => {
    expect(serverFailure(403, undefined)).toEqual({ kind: "transient" });
    expect(serverFailure(404, undefined)).toEqual({ kind: "transient" });
  });

  test("in any other 4xx is final, in the server's words", () => {
    const reason = { code: "refused", message: "Too large." };
    expect(serverFailure(413, { code: "file_too_large", message: "Too large." })).toEqual({
      kind: "failed",
      reason,
    });
  });

  test("that an invitation is full says how much it takes", () => {
    const reasonOf = (code: string, limit?: number) =>
      serverFailure(409, { code, message: "No.", ...(limit === undefined ? {} : { limit }) });
    const full = (more: object) => ({ kind: "failed", reason: { code: "quota_full", ...more } });
    expect(reasonOf("quota_files", 3)).toEqual(full({ maxFiles: 3 }));
    expect(reasonOf("quota_bytes", 5_000_000)).toEqual(full({ maxBytes: 5_000_000 }));
    expect(reasonOf("quota_files")).toEqual(full({}));
  });

  test("about the image itself says what to do", () => {
    expect(serverFailure(409, { code: "not_uploaded", message: "No." }).kind).toBe("not_uploaded");
    expect(serverFailure(404, { code: "not_found", message: "No." }).kind).toBe("image_gone");
  });
});

describe("an answer of storage", () => {
  test.each([
    [500, "InternalError"],
    [503, "SlowDown"],
    [429, "TooManyRequests"],
    [400, "RequestTimeout"],
    [409, "OperationAborted"],
  ])("%i %s is worth another try", (status, code) => {
    expect(storageFailure(status, xml(code), 1000)).toEqual({ kind: "transient" });
  });

  test.each([
    [403, "AccessDenied"],
    [403, "SignatureDoesNotMatch"],
    [403, "RequestTimeTooSkewed"],
    [400, "ExpiredToken"],
    [404, "NoSuchBucket"],
  ])("%i %s asks for another URL", (status, code) => {
    expect(storageFailure(status, xml(code), 1000)).toEqual({
      kind: "url_refused",
      reason: { code: "storage_refused", error: code },
    });
  });

  test.each([
    [507, xml("InsufficientStorage")],
    [507, ""],
    [503, xml("InsufficientStorage")],
  ])("%i for a full disk is worth another try: somebody may make room", (status, body) => {
    expect(storageFailure(status, body, 1000)).toEqual({
      kind: "transient",
      reason: { code: "storage_full" },
    });
  });

  test("without S3's words is named by its status", () => {
    expect(storageFailure(403, "<html>", 1000)).toMatchObject({ reason: { error: "HTTP 403" } });
  });

  test("an upload in parts that storage does not know has to ask what is left", () => {
    const reason = { code: "storage_refused", error: "NoSuchUpload" };
    expect(storageFailure(404, xml("NoSuchUpload"), 1000)).toEqual({ kind: "not_uploaded", reason });
  });

  test.each(["BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody"])(
    "%s means that the bytes have changed",
    (code) => {
      expect(storageFailure(400, xml(code), 1000)).toEqual({ kind: "changed" });
    },
  );

  test.each([
    [400, xml("EntityTooLarge")],
    [413, ""],
  ])("%i for too many bytes is final", (status, body) => {
    expect(storageFailure(status, body, 1000)).toEqual({
      kind: "failed",
      reason: { code: "too_large", maxBytes: 1000 },
    });
  });
});

test("what nobody foresaw ends the file instead of being tried for ever", () => {
  expect(failureOf(new RangeError("bug"))).toEqual({ kind: "failed", reason: { code: "unexpected" } });
  expect(failureOf(new UploadError({ kind: "changed" }))).toEqual({ kind: "changed" });
});
