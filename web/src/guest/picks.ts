import { filesOfDrop, type Found, isClutter, type Walked } from "./entries.ts";

export interface PickPlaces {
  photos: HTMLInputElement;
  /** Opens the camera where there is one. */
  camera: HTMLInputElement;
  folder: HTMLInputElement;
  /** Covers the page while something is dragged over it. */
  dropTarget: HTMLElement;
}

/** Hears of every choice, whichever way it is made. `reading` is told while a dropped folder is being walked. */
export interface PickListener {
  picked(walked: Walked): void;
  reading(walk: Promise<unknown>): void;
}

export function listenForPicks(
  { photos, camera, folder, dropTarget }: PickPlaces,
  listener: PickListener,
): void {
  for (const input of [photos, camera, folder]) {
    const take = () => {
      const found = filesOf(input);
      // Else choosing the same files again would be no change, and tell nobody.
      input.value = "";
      if (found.length > 0) listener.picked({ found, unread: [] });
    };
    input.addEventListener("change", take);
    // The picker works before this script does.
    take();
  }
  listenForDrops(dropTarget, listener);
  addEventListener("paste", (event) => {
    const found = [...(event.clipboardData?.files ?? [])].map((file) => ({ file, path: file.name }));
    if (found.length === 0) return;
    event.preventDefault();
    listener.picked({ found, unread: [] });
  });
}

function filesOf(input: HTMLInputElement): Found[] {
  const found = [...(input.files ?? [])].map((file) => ({
    file,
    path: file.webkitRelativePath || file.name,
  }));
  return input.webkitdirectory ? found.filter(({ file }) => !isClutter(file.name)) : found;
}

function listenForDrops(dropTarget: HTMLElement, listener: PickListener): void {
  // dragenter and dragleave come for every element under the pointer: only their balance tells when it left the page.
  let depth = 0;
  const show = (change: number) => {
    depth = change === 0 ? 0 : depth + change;
    dropTarget.hidden = depth <= 0;
  };
  addEventListener("dragenter", (event) => carriesFiles(event) && show(1));
  addEventListener("dragleave", (event) => carriesFiles(event) && show(-1));
  addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carriesFiles(event) || event.dataTransfer === null) return;
    event.preventDefault();
    show(0);
    const walk = filesOfDrop(event.dataTransfer).then((walked) => {
      if (walked.found.length + walked.unread.length > 0) listener.picked(walked);
    });
    listener.reading(walk);
  });
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
