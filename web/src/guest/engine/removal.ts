import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";

export interface RemovalParts {
  fetch: typeof fetch;
  token: string;
  clock: Clock;
  connection: Connection;
  signal: AbortSignal;
}

const QUIET_MS = 30_000;
const MOST_ATTEMPTS = 5;

/** Sends a DELETE, a few times if need be; false where what it names is still there. */
export async function remove(path: string, parts: RemovalParts): Promise<boolean> {
  for (let failures = 1; failures <= MOST_ATTEMPTS; failures += 1) {
    await parts.connection.ready();
    const status = await removeOnce(path, parts);
    // Gone is gone, whoever did it.
    if (status === 204 || status === 404) return true;
    if (status >= 400 && status < 500) return false;
    await parts.connection.pause(failures);
  }
  return false;
}

/** 0 stands for no answer. */
async function removeOnce(path: string, { fetch, token, clock, signal }: RemovalParts): Promise<number> {
  const cut = new AbortController();
  const abort = () => cut.abort();
  const cancel = clock.after(QUIET_MS, abort);
  signal.addEventListener("abort", abort);
  try {
    if (signal.aborted) return 403;
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(path, { method: "DELETE", headers, signal: cut.signal });
    return response.status;
  } catch {
    return 0;
  } finally {
    cancel();
    signal.removeEventListener("abort", abort);
  }
}
