import type { Report } from "./engine/messages.ts";
import { mayRetry } from "./tally.ts";
import type { Text } from "./text.ts";

/** One file's line in the list. */
export interface Row {
  readonly item: HTMLLIElement;
  readonly tile: HTMLElement;
  readonly retry: HTMLButtonElement;
  update(report: Report): void;
}

/** `sizeBytes` is above 0 where the row will ever show progress. */
export function newRow(template: HTMLTemplateElement, name: string, sizeBytes: number, text: Text): Row {
  const item = template.content.firstElementChild?.cloneNode(true) as HTMLLIElement;
  const tile = part<HTMLElement>(item, ".tile");
  const words = part<HTMLElement>(item, ".words");
  const progress = part<HTMLProgressElement>(item, "progress");
  const retry = part<HTMLButtonElement>(item, "button");
  const label = part<HTMLElement>(item, ".name");
  label.textContent = name;
  label.title = name;
  progress.max = Math.max(1, sizeBytes);
  progress.setAttribute("aria-label", name);
  retry.setAttribute("aria-label", text.retryOne(name));
  function update(report: Report): void {
    const { state, sentBytes = 0, reason } = report;
    item.dataset["state"] = state;
    item.toggleAttribute("data-retrying", report.retrying ?? false);
    item.toggleAttribute("data-noted", notesOn(report, text).length > 0);
    words.textContent = wordsFor(report, Math.floor((100 * sentBytes) / progress.max), text);
    progress.hidden = state !== "uploading";
    progress.value = sentBytes;
    retry.hidden = state !== "failed" || !mayRetry(reason);
  }
  update({ id: 0, state: "queued" });
  return { item, tile, retry, update };
}

function wordsFor(report: Report, percent: number, text: Text): string {
  const { state, reason, retrying } = report;
  if (reason && state === "skipped") return text.skipped(text.reason(reason));
  if (reason?.code === "rejected") return text.rejected(text.reason(reason));
  if (reason && state === "failed") return text.failed(text.reason(reason));
  if (state === "saved") return [savedWords(report, text), ...notesOn(report, text)].join(". ");
  return retrying ? text.retrying : text.state(state, Math.min(100, percent));
}

function savedWords({ alreadyHere, check }: Report, text: Text): string {
  if (alreadyHere) return text.alreadyHereOne;
  return check === "passed" ? text.checked : text.state("saved", 100);
}

/** Several warnings may have the same thing to say. */
function notesOn({ warnings = [] }: Report, text: Text): string[] {
  return [...new Set(warnings.map(text.note))].filter((note) => note !== "");
}

function part<T extends Element>(item: Element, selector: string): T {
  const found = item.querySelector<T>(selector);
  if (!found) throw new Error(`the row's template has no ${selector}`);
  return found;
}
