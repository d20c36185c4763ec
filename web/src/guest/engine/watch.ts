import type { Clock } from "./clock.ts";

/** Calls `bark` once nothing has been heard for `limitMs`. Looks seldom, so that hearing may happen often. */
export function watch(
  clock: Clock,
  limitMs: () => number,
  lastHeard: () => number,
  bark: () => void,
): () => void {
  let cancel = clock.after(limitMs(), look);
  function look(): void {
    const remainingMs = lastHeard() + limitMs() - clock.now();
    if (remainingMs <= 0) bark();
    else cancel = clock.after(remainingMs, look);
  }
  return () => cancel();
}
