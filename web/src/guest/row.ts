import type { Report } from "./engine/messages.ts";
import { setAttribute, setText } from "./set-text.ts";
import { mayRetry } from "./tally.ts";
import type { Text } from "./text/text.ts";
import { notesInWords, reasonInWords } from "./text/words.ts";

/** One file's line in the list. */
export interface Row {
  readonly item: HTMLElement;
  readonly tile: HTMLElement;
  readonly retry: HTMLButtonElement;
  readonly cancel: HTMLButtonElement;
  update(report: Report): void;
  /** Says the same in another language. */
  speak(text: Text): void;
}

/** What is on its way, and what can be taken back: what was here before did not come from here. */
const MAY_CANCEL = new Set<Report["state"]>(["queued", "preparing", "uploading", "saving", "saved"]);

/** `sizeBytes` is above 0 where the row will ever show progress. */
export function newRow(template: HTMLTemplateElement, name: string, sizeBytes: number, text: Text): Row {
  let last: Report = { id: 0, state: "queued" };
  const item = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
  const tile = part<HTMLElement>(item, ".tile");
  const words = part<HTMLElement>(item, ".words");
  const progress = part<HTMLProgressElement>(item, "progress");
  const retry = part<HTMLButtonElement>(item, ".retry");
  const cancel = part<HTMLButtonElement>(item, ".cancel");
  const label = part<HTMLElement>(item, ".name");
  label.textContent = name;
  label.title = name;
  progress.max = Math.max(1, sizeBytes);
  progress.setAttribute("aria-label", name);
  // Put into another language with its row, and not with the page.
  delete retry.dataset["text"];
  function update(report: Report): void {
    last = report;
    const { state, sentBytes = 0, reason } = report;
    setAttribute(item, "data-state", state);
    item.toggleAttribute("data-retrying", report.retrying ?? false);
    item.toggleAttribute("data-noted", notesInWords(report, text).length > 0);
    setText(words, wordsFor(report, sentBytes / progress.max, text));
    progress.hidden = state !== "uploading";
    progress.value = sentBytes;
    retry.hidden = state !== "failed" || !mayRetry(reason);
    cancel.hidden = !MAY_CANCEL.has(state) || (report.alreadyHere ?? false);
    setAttribute(cancel, "aria-label", state === "saved" ? text.takeBackOne(name) : text.cancelOne(name));
  }
  function speak(language: Text): void {
    text = language;
    setText(retry, text.retry);
    retry.setAttribute("aria-label", text.retryOne(name));
    update(last);
  }
  speak(text);
  return { item, tile, retry, cancel, update, speak };
}

function wordsFor(report: Report, share: number, text: Text): string {
  const { state, reason, retrying } = report;
  if (reason && state === "skipped") return text.skipped(reasonInWords(reason, text));
  if (reason?.code === "rejected") return text.rejected(reasonInWords(reason, text));
  if (reason && state === "failed") return text.failed(reasonInWords(reason, text));
  if (state === "failed" || state === "skipped") return "";
  if (state === "saved") return [savedWords(report, text), ...notesInWords(report, text)].join(text.stop);
  if (retrying) return reason ? text.notSavedYet(reasonInWords(reason, text)) : text.retrying;
  // Rounded down: what is not sent whole is not at 100 %.
  return state === "uploading"
    ? text.uploading(Math.min(100, Math.floor(100 * share)) / 100)
    : text.states[state];
}

function savedWords({ alreadyHere, check }: Report, text: Text): string {
  if (alreadyHere) return text.alreadyHereOne;
  return check === "passed" ? text.checked : text.states.saved;
}

function part<T extends Element>(item: Element, selector: string): T {
  const found = item.querySelector<T>(selector);
  if (!found) throw new Error(`the row's template has no ${selector}`);
  return found;
}
