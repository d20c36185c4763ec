/** The same button of the next row that has it, or else of the one before: where who works through a list goes on. */
export function neighbourOf(button: HTMLElement): HTMLElement | undefined {
  const kind = button.matches(".retry") ? ".retry" : ".cancel";
  const buttons = [...(button.closest(".rows")?.querySelectorAll<HTMLElement>(kind) ?? [])];
  const there = buttons.filter((one) => one === button || !one.hidden);
  const place = there.indexOf(button);
  return there[place + 1] ?? there[place - 1];
}

/**
 * Makes a change to a row; where one of its buttons had the focus, the focus stays in the row as long as it has a button,
 * and else goes to the neighbour's. `last` gets it where there is none.
 */
export function keepingFocus(buttons: HTMLElement[], change: () => void, last: () => void): void {
  const focused = buttons.find((button) => button === document.activeElement);
  if (focused === undefined) return change();
  const neighbour = neighbourOf(focused);
  change();
  const own = [focused, ...buttons].find((button) => button.isConnected && !button.hidden);
  const next = own ?? neighbour;
  if (next === undefined) last();
  else if (next !== document.activeElement) next.focus();
}
