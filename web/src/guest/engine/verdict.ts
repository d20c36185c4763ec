import type { Image } from "../../shared/api.ts";
import { errorBody } from "./call.ts";
import type { Clock } from "./clock.ts";
import type { Reason } from "./messages.ts";

/** What the server has found a photo that has arrived to be. */
export type Verdict =
  /** Kept, with what is wrong with it: codes. */
  | { is: "passed"; warnings: string[] }
  | { is: "rejected"; reason: Reason }
  /** Kept, though the server could not look at it, and does not go on trying. */
  | { is: "unexamined" }
  /** Nobody will ever tell: the photo was deleted, or the link has ended. */
  | { is: "unknowable" };

export interface VerdictParts {
  fetch: typeof fetch;
  token: string;
  clock: Clock;
  signal: AbortSignal;
}

const QUIET_MS = 30_000;

/** Undefined where the server has not looked yet, or does not answer. Nobody waits for this: what fails fails quietly. */
export async function verdictOn(imageId: number, parts: VerdictParts): Promise<Verdict | undefined> {
  const { fetch, token, clock, signal } = parts;
  const cut = new AbortController();
  const abort = () => cut.abort();
  const cancel = clock.after(QUIET_MS, abort);
  signal.addEventListener("abort", abort);
  try {
    if (signal.aborted) return { is: "unknowable" };
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`/api/images/${imageId}/`, { headers, signal: cut.signal });
    const body: unknown = await response.json();
    if (response.ok) return verdictOf(body as Partial<Image>);
    const isFinal = response.status === 403 || response.status === 404;
    return isFinal && errorBody(body) ? { is: "unknowable" } : undefined;
  } catch {
    return undefined;
  } finally {
    cancel();
    signal.removeEventListener("abort", abort);
  }
}

/** Undefined where it has yet to be looked at. */
export function verdictOf({ state, warnings, rejection }: Partial<Image>): Verdict | undefined {
  if (state === "ready") return { is: "passed", warnings: warnings ?? [] };
  if (state === "uploaded" && warnings?.includes("not_examined")) return { is: "unexamined" };
  if (state !== "rejected") return undefined;
  if (!rejection) return { is: "rejected", reason: { code: "rejected", message: "it was not accepted" } };
  // On its way it became another file: only this can end well at the next try.
  const code = rejection.code === "wrong_hash" ? "refused" : "rejected";
  return { is: "rejected", reason: { code, message: rejection.message, rejection: rejection.code } };
}
