import type { CallParts } from "./call.ts";
import { watchCall } from "./watch.ts";

const MOST_ATTEMPTS = 5;

/** Sends a DELETE, a few times if need be; false where what it names is still there. */
export async function remove(path: string, parts: CallParts): Promise<boolean> {
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
async function removeOnce(path: string, parts: CallParts): Promise<number> {
  if (parts.signal.aborted) return 403;
  const cut = new AbortController();
  const unwatch = watchCall(parts, cut);
  try {
    const headers = { authorization: `Bearer ${parts.token}` };
    const response = await parts.fetch(path, { method: "DELETE", headers, signal: cut.signal });
    return response.status;
  } catch {
    return 0;
  } finally {
    unwatch();
  }
}
