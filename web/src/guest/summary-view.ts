import { Announcer } from "./announcer.ts";
import type { Summary } from "./summary.ts";
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
  private shown: Summary | undefined;
  private shownAt = 0;
  private next: Summary | undefined;

  private readonly announcer = new Announcer(
    () => performance.now(),
    (words) => {
      this.parts.spoken.textContent = words;
    },
  );

  constructor(private readonly parts: SummaryParts) {}

  show(summary: Summary, tally: Tally): void {
    const { total } = this.parts;
    total.hidden = summary.phase !== "sending";
    total.max = Math.max(1, tally.totalBytes);
    total.value = tally.sentBytes;
    this.announcer.hear(summary, total.value / total.max);
    if (document.title !== summary.title) document.title = summary.title;
    if (summary.phase !== this.shown?.phase) this.write(summary);
    else this.writeLater(summary);
  }

  private writeLater(summary: Summary): void {
    const waiting = this.next !== undefined;
    this.next = summary;
    if (waiting) return;
    const delayMs = Math.max(0, this.shownAt + WORDS_EVERY_MS - performance.now());
    setTimeout(() => this.next && this.write(this.next), delayMs);
  }

  private write(summary: Summary): void {
    const { section, headline, detail } = this.parts;
    this.next = undefined;
    this.shown = summary;
    this.shownAt = performance.now();
    section.dataset["phase"] = summary.phase;
    headline.hidden = summary.headline === "";
    setText(headline, summary.headline);
    setText(detail, summary.detail.join(" "));
  }
}

/** Leaves alone what would not change, such as a selection of the words. */
function setText(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}
