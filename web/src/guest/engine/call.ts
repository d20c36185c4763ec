import type { ErrorBody } from "../../shared/api.ts";
import type { Connection } from "./connection.ts";
import { type Failure, isFault, serverFailure, UploadError } from "./failure.ts";
import { type CallWatchParts, watchCall } from "./watch.ts";

export interface CallParts extends CallWatchParts {
  fetch: typeof fetch;
  token: string;
  connection: Connection;
}

export interface Call<Answer> {
  path: string;
  /** Sent by POST; without one it is a GET. */
  body?: object;
  isAnswer: (body: unknown) => body is Answer;
}

/** A fault of the server itself that is met this often in a row is taken for the call's. */
const MOST_FAULTS = 5;

/** Repeats a call of our own server for as long as the network or the server is at fault; throws `UploadError` for all else. */
export async function insist<Answer>(call: Call<Answer>, parts: CallParts): Promise<Answer> {
  let faults = 0;
  for (let failures = 1; ; failures += 1) {
    await parts.connection.ready();
    const result = await callOnce(call, parts);
    if ("answer" in result) return result.answer;
    if (result.kind !== "transient") throw new UploadError(result);
    faults = isFault(result) ? faults + 1 : 0;
    if (faults === MOST_FAULTS) throw new UploadError(result);
    if (faults === 0) parts.connection.failed(result.reason);
    await parts.connection.pause(failures, result.retryAfterMs);
  }
}

/** The answer, or why there is none. */
async function callOnce<Answer>(
  { path, body, isAnswer }: Call<Answer>,
  parts: CallParts,
): Promise<{ answer: Answer } | Failure> {
  if (parts.signal.aborted) return { kind: "link_ended" };
  const cut = new AbortController();
  const unwatch = watchCall(parts, cut);
  try {
    const response = await parts.fetch(path, { ...requestOf(body, parts.token), signal: cut.signal });
    const answer: unknown = await response.json().catch(() => undefined);
    const error = errorBody(answer);
    if (!response.ok) return serverFailure(response.status, error, retryAfterMs(response));
    // A login page of the café's Wi-Fi also answers 200.
    if (!isAnswer(answer)) return { kind: "transient" };
    parts.connection.succeeded();
    return { answer };
  } catch {
    return parts.signal.aborted ? { kind: "link_ended" } : { kind: "transient" };
  } finally {
    unwatch();
  }
}

function requestOf(body: object | undefined, token: string): RequestInit {
  const authorization = `Bearer ${token}`;
  if (body === undefined) return { headers: { authorization } };
  const headers = { authorization, "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

/** The error that a body of our own server tells. */
export function errorBody(body: unknown): ErrorBody | undefined {
  if (typeof body !== "object" || body === null || !("code" in body)) return undefined;
  const message = "message" in body ? body.message : undefined;
  const error = { code: String(body.code), message: String(message ?? body.code) };
  return "limit" in body && typeof body.limit === "number" ? { ...error, limit: body.limit } : error;
}

/** `Retry-After` in seconds; its date form is rare and the back-off serves as well (RFC 9110, section 10.2.3). */
function retryAfterMs(response: Response): number | undefined {
  const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
