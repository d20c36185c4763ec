import {
  type Batch,
  type Completed,
  type CompleteRequest,
  type Duplicate,
  type ErrorBody,
  type PickRequest,
  type Policy,
  type PolicyRequest,
  type RefusedItem,
  type Remembered,
} from "../../shared/api.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { type Failure, serverFailure, UploadError } from "./failure.ts";
import type { Reason } from "./messages.ts";
import { remove } from "./removal.ts";
import { watch } from "./watch.ts";

/** The calls of our own server; those for a batch are answered in order. */
export interface Server {
  sign(files: PolicyRequest[]): Promise<(Policy | Duplicate | RefusedItem)[]>;
  complete(files: CompleteRequest[]): Promise<(Completed | RefusedItem)[]>;
  remember(files: PickRequest[]): Promise<(Remembered | RefusedItem)[]>;
  forget(picks: number[]): Promise<void>;
  /** False where the photo is still there. */
  takeBack(imageId: number): Promise<boolean>;
}

export interface ServerParts {
  fetch: typeof fetch;
  token: string;
  clock: Clock;
  connection: Connection;
  signal: AbortSignal;
  /** When the last byte of any photo moved: while photos flow, a call may be waiting for its turn behind them. */
  lastSentAt: () => number;
}

/** An error of the server itself, in its own words: trouble that passes, or one that a file of the batch brings about. */
interface Fault {
  kind: "fault";
  message: string;
}

const QUIET_MS = 30_000;
/** A fault met this often in a row is taken for the batch's. */
const MOST_FAULTS = 5;

/** Calls that repeat for as long as the network or the server is at fault, and throw `UploadError` for all else. */
export function serverAt(parts: ServerParts): Server {
  return {
    sign: (files) => persist<PolicyRequest, Policy | Duplicate>("/api/files/policy/", files, parts),
    complete: (files) => persist<CompleteRequest, Completed>("/api/files/complete/", files, parts),
    remember: (files) => persist<PickRequest, Remembered>("/api/picks/", files, parts),
    forget: async (picks) => void (await remove(`/api/picks/?ids=${picks.join(",")}`, parts)),
    takeBack: (imageId) => remove(`/api/images/${imageId}/`, parts),
  };
}

async function persist<In, Out>(
  path: string,
  files: In[],
  parts: ServerParts,
): Promise<(Out | RefusedItem)[]> {
  let faults = 0;
  for (let failures = 1; ; failures += 1) {
    await parts.connection.ready();
    const result = await callOnce<In, Out>(path, files, parts);
    if (Array.isArray(result)) return result;
    faults = result.kind === "fault" ? faults + 1 : 0;
    if (result.kind === "fault") {
      const reason: Reason = { code: "refused", message: result.message };
      if (faults === MOST_FAULTS) return refuse(path, files, { kind: "failed", reason }, parts);
      await parts.connection.pause(failures);
      continue;
    }
    if (result.kind !== "transient") return refuse(path, files, result, parts);
    parts.connection.failed();
    await parts.connection.pause(failures, result.retryAfterMs);
  }
}

/** A batch that is refused as a whole goes again in halves, so that one bad file harms no other. */
async function refuse<In, Out>(
  path: string,
  files: In[],
  failure: Failure,
  parts: ServerParts,
): Promise<(Out | RefusedItem)[]> {
  if (failure.kind === "link_ended" || files.length === 1) throw new UploadError(failure);
  const half = Math.ceil(files.length / 2);
  const answers: (Out | RefusedItem)[] = [];
  for (const some of [files.slice(0, half), files.slice(half)]) {
    answers.push(...(await persist<In, Out>(path, some, parts).catch(asRefusedItem)));
  }
  return answers;
}

function asRefusedItem(cause: unknown): RefusedItem[] {
  const failure = cause instanceof UploadError ? cause.failure : undefined;
  if (failure === undefined || !("reason" in failure) || failure.reason.code !== "refused") throw cause;
  return [{ status: 400, code: "refused", message: failure.reason.message }];
}

/** The answers, or why there are none. */
async function callOnce<In, Out>(
  path: string,
  files: In[],
  parts: ServerParts,
): Promise<(Out | RefusedItem)[] | Failure | Fault> {
  if (parts.signal.aborted) return { kind: "link_ended" };
  const cut = new AbortController();
  const abort = () => cut.abort();
  parts.signal.addEventListener("abort", abort);
  const startedAt = parts.clock.now();
  const lastHeard = () => Math.max(startedAt, parts.lastSentAt());
  const unwatch = watch(parts.clock, () => QUIET_MS, lastHeard, abort);
  try {
    const response = await parts.fetch(path, {
      method: "POST",
      headers: { authorization: `Bearer ${parts.token}`, "content-type": "application/json" },
      body: JSON.stringify({ files }),
      signal: cut.signal,
    });
    const body: unknown = await response.json().catch(() => undefined);
    const error = errorBody(body);
    if (response.status === 500 && error) return { kind: "fault", message: error.message };
    if (!response.ok) return serverFailure(response.status, error, retryAfterMs(response));
    // A login page of the café's Wi-Fi also answers 200.
    if (!isBatch<Out>(body, files.length)) return { kind: "transient" };
    parts.connection.succeeded();
    return body.files;
  } catch {
    return parts.signal.aborted ? { kind: "link_ended" } : { kind: "transient" };
  } finally {
    unwatch();
    parts.signal.removeEventListener("abort", abort);
  }
}

/** The error that a body of our own server tells. */
export function errorBody(body: unknown): ErrorBody | undefined {
  if (typeof body !== "object" || body === null || !("code" in body)) return undefined;
  const message = "message" in body ? body.message : undefined;
  return { code: String(body.code), message: String(message ?? body.code) };
}

function isBatch<Out>(body: unknown, length: number): body is Batch<Out & object> {
  return (
    typeof body === "object" &&
    body !== null &&
    "files" in body &&
    Array.isArray(body.files) &&
    body.files.length === length
  );
}

/** `Retry-After` in seconds; its date form is rare and the back-off serves as well (RFC 9110, section 10.2.3). */
function retryAfterMs(response: Response): number | undefined {
  const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
