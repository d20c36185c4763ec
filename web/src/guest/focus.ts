/** The same button of the next row that has it, or else of the one before: where who works through a list goes on. */
export function neighbourOf(button: HTMLElement): HTMLElement | undefined {
  const kind = button.matches(".retry") ? ".retry" : ".cancel";
  const buttons = [...(button.closest(".rows")?.querySelectorAll<HTMLElement>(kind) ?? [])];
  const there = buttons.filter((one) => one === button || !one.hidden);
  const place = there.indexOf(button);
  return there[place + 1] ?? there[place - 1];
}

export interface RowChange {
  change: () => void;
  /** Brings what is around the rows in line: only what is shown can have the focus. */
  settle: () => void;
  /** Gets the focus where no button is left. */
  last: () => void;
}

/** Where one of a row's buttons has the focus and loses it by a change, another one gets it, or else the neighbour's. */
export function keepingFocus(buttons: HTMLElement[], { change, settle, last }: RowChange): void {
  const focused = buttons.find((button) => button === document.activeElement);
  if (focused === undefined) return change();
  const neighbour = neighbourOf(focused);
  change();
  settle();
  if (document.activeElement !== document.body) return;
  const own = [focused, ...buttons].find((button) => button.isConnected && !button.hidden);
  const next = own ?? neighbour;
  if (next) next.focus();
  else last();
}
