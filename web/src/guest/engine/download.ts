import type { Clock } from "./clock.ts";
import { UploadError } from "./failure.ts";
import { watch } from "./watch.ts";

/** Without a single byte coming for this long, a download is cut. */
const QUIET_MS = 30_000;

/** The server does not know the file (any more): the page may be older than its deployment. */
export class Missing extends UploadError {
  constructor() {
    super({ kind: "transient" });
  }
}

/** One whole file of ours, of this MIME type. Whatever else comes, such as the login page of a network, is transient. */
export async function download(
  url: string,
  type: string,
  { fetch, clock }: { fetch: typeof globalThis.fetch; clock: Clock },
): Promise<ArrayBuffer> {
  const cut = new AbortController();
  let heardAt = clock.now();
  const unwatch = watch(
    clock,
    () => QUIET_MS,
    () => heardAt,
    () => cut.abort(),
  );
  try {
    const response = await fetch(url, { signal: cut.signal });
    if (response.status === 404) throw new Missing();
    if (!response.ok || !isOfType(response, type) || !response.body) throw new Error(`${response.status}`);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return await new Blob(pieces).arrayBuffer();
      pieces.push(value);
      heardAt = clock.now();
    }
  } catch (cause) {
    throw cause instanceof Missing ? cause : new UploadError({ kind: "transient" });
  } finally {
    unwatch();
  }
}

function isOfType(response: Response, type: string): boolean {
  return response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() === type;
}
