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

/** Without an answer for so long, a call of our own server is cut, unless photos flow: then it may be waiting behind them. */
const QUIET_MS = 30_000;
/** It does not wait behind them for longer than this: something on the way has lost it. */
const LONGEST_MS = 120_000;

export interface CallWatchParts {
  clock: Clock;
  signal: AbortSignal;
  /** When the last byte of any photo moved. */
  lastSentAt: () => number;
}

/** Ends one call of our own server when it is not worth waiting for, and with `signal`; answers what ends the watch. */
export function watchCall({ clock, signal, lastSentAt }: CallWatchParts, cut: AbortController): () => void {
  const abort = () => cut.abort();
  const startedAt = clock.now();
  const unwatch = watch(
    clock,
    () => QUIET_MS,
    () => Math.max(startedAt, lastSentAt()),
    abort,
  );
  const cancel = clock.after(LONGEST_MS, abort);
  signal.addEventListener("abort", abort);
  return () => {
    unwatch();
    cancel();
    signal.removeEventListener("abort", abort);
  };
}
