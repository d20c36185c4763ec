const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long to wait after `failures` failures in a row: exponential with full jitter, at most 30 s.
 * `random` answers from [0, 1). Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function backoffMs(failures: number, random: () => number): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
}
