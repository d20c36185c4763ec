/** Leaves alone what would not change, such as a selection of the words. */
export function setText(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}

/** The same for an attribute. */
export function setAttribute(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
