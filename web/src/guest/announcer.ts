import type { Summary } from "./summary.ts";

const LEAST_MS = 30_000;
const LEAST_SHARE = 0.1;

/**
 * Chooses what of the summary is read out: every change of phase and of the connection at once, the progress when it is
 * a tenth further, and never twice in half a minute.
 */
export class Announcer {
  private kind = "idle";
  private spokenAt = 0;
  private spokenShare = 0;

  constructor(
    private readonly now: () => number,
    private readonly speak: (words: string) => void,
  ) {}

  /** `share` of all bytes, from 0 to 1, is sent. */
  hear({ phase, headline, warning }: Summary, share: number): void {
    // In trouble the figures change seldom, and never for the better by themselves.
    const told = phase === "trouble" ? headline : warning;
    const kind = told === undefined ? phase : `${phase} ${told}`;
    const further =
      phase === "sending" &&
      this.now() - this.spokenAt >= LEAST_MS &&
      Math.abs(share - this.spokenShare) >= LEAST_SHARE;
    if (kind === this.kind && !further) return;
    this.kind = kind;
    this.spokenAt = this.now();
    this.spokenShare = share;
    this.speak([warning, headline].filter(Boolean).join(" "));
  }
}
