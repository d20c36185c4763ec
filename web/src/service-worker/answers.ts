import type { Kept } from "./kept.ts";

/** On bad Wi-Fi a page that has not come by now is not waited for, where one is kept. */
const PATIENCE_MS = 4_000;

export interface AnswerParts {
  kept: Kept;
  fetch: (request: Request) => Promise<Response>;
  /** Goes on after the answer: nobody waits for what is kept. */
  later: (work: Promise<unknown>) => void;
}

/**
 * The names of assets hold a hash of their content: what is kept is right for good. One that neither is kept nor comes
 * from the network may be kept for another query, under which the server gives it other headers.
 */
export async function asset(request: Request, { kept, fetch, later }: AnswerParts): Promise<Response> {
  const found = await kept.find(request);
  if (found) return found;
  const response = await fetch(request).catch((cause: unknown) => cause);
  if (response instanceof Response && response.ok) later(kept.keep(request, response.clone()));
  else if (!(response instanceof Response) || response.status === 404) {
    const other = await kept.find(request, { ignoreSearch: true });
    if (other) return other;
  }
  if (response instanceof Response) return response;
  throw response;
}

/** The newest page where the network gives one; a link that has ended is no longer kept. */
export async function newestPage(request: Request, { kept, fetch, later }: AnswerParts): Promise<Response> {
  const found = await kept.find(request);
  const loading = fetch(request).then((response) => {
    if (response.ok) later(kept.keep(request, response.clone()));
    else if (response.status < 500) later(kept.forget(request));
    return response;
  });
  later(loading.catch(() => undefined));
  if (!found) return loading;
  const late = new Promise<Response>((resolve) => setTimeout(resolve, PATIENCE_MS, found));
  const newest = loading.then((response) => (response.status < 500 ? response : found));
  return Promise.race([newest.catch(() => found), late]);
}
