import { Announcer } from "./announcer.ts";
import { setText } from "./set-text.ts";
import type { Phase, Summary } from "./summary.ts";
import type { Tally } from "./tally.ts";

export interface SummaryParts {
  section: HTMLElement;
  headline: HTMLElement;
  detail: HTMLElement;
  total: HTMLProgressElement;
  /** Read out by screen readers, and seen by nobody. */
  spoken: HTMLElement;
}

/** Figures that change all the time cannot be read; the bar may move as it likes. */
const WORDS_EVERY_MS = 1000;

/** Shows the summary, at once where the phase changes and else every second, and has it read out now and then. */
export class SummaryView {
  private shown: Phase | undefined;
  private shownAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  private readonly announcer = new Announcer(
    () => performance.now(),
    (words) => {
      this.parts.spoken.textContent = words;
    },
  );

  /** `summary` is put into words only when they are shown. */
  constructor(
    private readonly parts: SummaryParts,
    private readonly summary: () => Summary,
  ) {}

  show(phase: Phase, { totalBytes, sentBytes }: Tally): void {
    const { total } = this.parts;
    total.hidden = phase !== "sending";
    total.max = Math.max(1, totalBytes);
    total.value = sentBytes;
    if (phase !== this.shown) this.write();
    else this.timer ??= setTimeout(() => this.write(), this.shownAt + WORDS_EVERY_MS - performance.now());
  }

  private write(): void {
    const { section, headline, detail, total } = this.parts;
    const summary = this.summary();
    clearTimeout(this.timer);
    this.timer = undefined;
    this.shown = summary.phase;
    this.shownAt = performance.now();
    section.dataset["phase"] = summary.phase;
    headline.hidden = summary.headline === "";
    setText(headline, summary.headline);
    setText(detail, summary.detail.join(" "));
    if (document.title !== summary.title) document.title = summary.title;
    this.announcer.hear(summary, total.value / total.max);
  }
}
