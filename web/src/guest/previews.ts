/** Begins to load a little before a row comes into view. */
const MARGIN = "200px 0px";

/** Shows pictures of the rows in view only, and lets go of their memory once they are out of it. */
export class Previews {
  private readonly files = new WeakMap<Element, File>();
  private readonly observer = new IntersectionObserver((entries) => this.look(entries), {
    rootMargin: MARGIN,
  });

  /** `tile` holds the `<img>`; where the browser cannot show the file it stays hidden, and the tile names the type. */
  watch(tile: HTMLElement, file: File): void {
    tile.dataset["type"] = /\.([a-z0-9]{2,4})$/i.exec(file.name)?.[1]?.toUpperCase() ?? "";
    if (file.size === 0) return;
    this.files.set(tile, file);
    this.observer.observe(tile);
  }

  unwatch(tile: Element): void {
    this.observer.unobserve(tile);
    hide(tile);
  }

  private look(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const file = this.files.get(target);
      if (!isIntersecting) hide(target);
      else if (file) this.show(target, file);
    }
  }

  private show(tile: Element, file: File): void {
    const image = tile.querySelector("img");
    if (!image || image.hasAttribute("src")) return;
    image.onload = () => {
      image.hidden = false;
    };
    image.onerror = () => this.unwatch(tile);
    image.src = URL.createObjectURL(file);
  }
}

function hide(tile: Element): void {
  const image = tile.querySelector("img");
  if (!image?.hasAttribute("src")) return;
  URL.revokeObjectURL(image.src);
  image.removeAttribute("src");
  image.hidden = true;
}
