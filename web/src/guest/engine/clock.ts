/** Time as the engine sees it, so that tests need not wait. */
export interface Clock {
  /** Milliseconds that never jump, from an arbitrary start. */
  now(): number;
  /** Calls back after `ms`, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
