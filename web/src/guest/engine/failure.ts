import type { ErrorBody } from "../../shared/api.ts";
import type { Reason, Report } from "./messages.ts";

/** What went wrong with one file, sorted by what helps. */
export type Failure =
  /** Network, overload, a stall, or what its reason says: the same request may well succeed later. */
  | { kind: "transient"; retryAfterMs?: number; reason?: Reason }
  /** The PUT broke without an answer: the network, or a refusal whose words were lost when storage closed early. */
  | { kind: "unanswered" }
  /** Storage does not accept this URL (any more). */
  | { kind: "url_refused"; reason: Reason }
  /** Storage has not got the file, whatever the PUT answered. */
  | { kind: "not_uploaded"; reason: Reason }
  /** The bytes that were sent are not the ones that were hashed. */
  | { kind: "changed" }
  /** The image to which the URL belonged is gone. */
  | { kind: "image_gone"; reason: Reason }
  | { kind: "failed"; reason: Reason }
  | { kind: "skipped"; reason: Reason }
  | { kind: "link_ended" };

export class UploadError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
  }
}

/** The failure behind anything thrown. What nobody foresaw is named as such instead of being tried for ever. */
export function failureOf(cause: unknown): Failure {
  if (cause instanceof UploadError) return cause.failure;
  return { kind: "failed", reason: { code: "unexpected" } };
}

/** What is told of a file while it waits for its next attempt. */
export type Waiting = Pick<Report, "retrying" | "reason">;

export function waitingAfter(failure: Failure): Waiting {
  const reason = failure.kind === "transient" ? failure.reason : undefined;
  return { retrying: true, ...(reason === undefined ? {} : { reason }) };
}

/** Whether our own server failed at it, which may be because of what it was asked. */
export function isFault(failure: Failure): boolean {
  return failure.kind === "transient" && failure.reason?.code === "unexpected";
}

/** An answer other than 2xx of our own server. `body` is undefined where it was not JSON with a code: not our server's words. */
export function serverFailure(status: number, body: ErrorBody | undefined, retryAfterMs?: number): Failure {
  if (body === undefined || isOverload(status)) {
    const reason = body && passing(status, body.code);
    return {
      kind: "transient",
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(reason === undefined ? {} : { reason }),
    };
  }
  if (status === 403 && body.code.startsWith("token_")) return { kind: "link_ended" };
  const reason: Reason = { code: "refused", message: body.message };
  if (body.code === "not_uploaded") return { kind: "not_uploaded", reason };
  // Another page of the same guest was faster: a new policy says so, too.
  if (body.code === "already_uploaded") return { kind: "url_refused", reason };
  if (body.code === "not_found") return { kind: "image_gone", reason };
  if (body.code === "quota_files")
    return { kind: "failed", reason: { code: "quota_full", maxFiles: body.limit } };
  if (body.code === "quota_bytes")
    return { kind: "failed", reason: { code: "quota_full", maxBytes: body.limit } };
  return { kind: "failed", reason };
}

/** S3's words for "the bytes do not match what was declared or signed". */
const WRONG_BYTES = new Set([
  "BadDigest",
  "XAmzContentSHA256Mismatch",
  "XAmzContentChecksumMismatch",
  "IncompleteBody",
]);
const TOO_LARGE = new Set(["EntityTooLarge", "MaxMessageLengthExceeded"]);
/** 4xx by status, yet worth the same request again (Amazon S3 API Reference, "Error responses"). */
const WORTH_REPEATING = new Set(["RequestTimeout", "OperationAborted", "SlowDown"]);

/** An answer other than 2xx of storage; `body` is S3's XML or anything else. */
export function storageFailure(status: number, body: string, maxFileBytes: number): Failure {
  const code = /<Code>\s*([A-Za-z0-9]+)\s*<\/Code>/.exec(body)?.[1] ?? "";
  // It heals with the first free byte.
  if (status === 507 || code === "InsufficientStorage") {
    return { kind: "transient", reason: { code: "storage_full" } };
  }
  if (isOverload(status) || WORTH_REPEATING.has(code)) return { kind: "transient" };
  if (WRONG_BYTES.has(code)) return { kind: "changed" };
  if (status === 413 || TOO_LARGE.has(code)) {
    return { kind: "failed", reason: { code: "too_large", maxBytes: maxFileBytes } };
  }
  const error = code === "" ? `HTTP ${status}` : code;
  // What was stored of it is gone, and a new link for the same upload would not help.
  if (code === "NoSuchUpload") return { kind: "not_uploaded", reason: { code: "storage_refused", error } };
  return { kind: "url_refused", reason: { code: "storage_refused", error } };
}

/** What a guest is told of trouble that may pass. */
function passing(status: number, code: string): Reason | undefined {
  if (code === "storage_full") return { code: "storage_full" };
  return status === 500 ? { code: "unexpected" } : undefined;
}

function isOverload(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}
