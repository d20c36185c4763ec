/** A picker that closes with nothing chosen says `cancel`, and the next event tells the rest; only then it is a wait. */
const UNTOLD_MS = 150;
/** Then nothing will come: browsers of before 2023 do not say `cancel`. */
const LONGEST_MS = 60_000;

type Target = Pick<EventTarget, "addEventListener">;

export interface HandoverPlaces {
  window: Target;
  document: Target & { readonly visibilityState: DocumentVisibilityState };
}

/**
 * Tells when a device hands over what was chosen: a phone may need half a minute for fifty photos, and says nothing
 * meanwhile. The picker is known to be closed once the page has the focus, is seen or is touched again; what was chosen
 * has come with `change`, and `cancel` says that nothing will.
 */
export function watchHandover(
  inputs: Target[],
  { window, document }: HandoverPlaces,
  tell: (isOn: boolean) => void,
): void {
  let pickerIsOpen = false;
  let isOn = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const set = (on: boolean) => {
    clearTimeout(timer);
    if (on) timer = setTimeout(() => set(false), LONGEST_MS);
    if (on === isOn) return;
    isOn = on;
    tell(on);
  };
  const opened = () => {
    set(false);
    pickerIsOpen = true;
  };
  const answered = () => {
    pickerIsOpen = false;
    set(false);
  };
  const back = () => {
    if (!pickerIsOpen) return;
    pickerIsOpen = false;
    timer = setTimeout(() => set(true), UNTOLD_MS);
  };
  for (const input of inputs) {
    input.addEventListener("click", opened);
    input.addEventListener("change", answered);
    input.addEventListener("cancel", answered);
  }
  window.addEventListener("focus", back);
  // The touch that opens the picker comes before its click.
  window.addEventListener("pointerdown", back);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && back());
}
