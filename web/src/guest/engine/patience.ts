/** What sockets and routers on the way may hold of a body that has left; less than the least takes no less time. */
const LEAST_HELD_BYTES = 256 * 1024;
const MOST_HELD_BYTES = 4 * 1024 * 1024;
/** For storage, to write the file durably, and for whatever else has nothing to do with bytes. */
const ANSWER_MS = 30_000;
/** So many times as long as it took for others. */
const MARGIN = 4;
/** Of a line that nothing is known of yet, one of 20 kB/s is waited for. */
const FIRST_BYTES_PER_MS = 20 * MARGIN;
/** The slowest line that is worth waiting for, whatever is known. */
const SLOWEST_BYTES_PER_MS = 4;
const LONGEST_ANSWER_MS = 60_000;
/** Of what is known, with each answer: networks change. */
const FADING = 0.8;

/**
 * How long to wait for storage's answer once every byte of a PUT has left. The bytes may lie in a buffer on the way, so
 * a line is judged by how long it took for others; a wait in vain makes the next one longer, so that a line which is slow
 * and lives does not carry the same bytes for ever.
 */
export class Patience {
  private waitedMs = LEAST_HELD_BYTES / FIRST_BYTES_PER_MS;
  private heldBytes = LEAST_HELD_BYTES;

  limitMs(sizeBytes: number): number {
    const expectedMs = (held(sizeBytes) * this.waitedMs) / this.heldBytes;
    return Math.min(ANSWER_MS + MARGIN * expectedMs, LONGEST_ANSWER_MS + sizeBytes / SLOWEST_BYTES_PER_MS);
  }

  answered(sizeBytes: number, waitedMs: number): void {
    this.waitedMs = FADING * this.waitedMs + waitedMs;
    this.heldBytes = FADING * this.heldBytes + held(sizeBytes);
  }

  /** The network is not what it was, so all that was known of it is forgotten. */
  inVain(sizeBytes: number, waitedMs: number): void {
    this.waitedMs = waitedMs;
    this.heldBytes = held(sizeBytes);
  }
}

function held(sizeBytes: number): number {
  return Math.min(MOST_HELD_BYTES, Math.max(LEAST_HELD_BYTES, sizeBytes));
}
