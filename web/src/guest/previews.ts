/** Begins to load a little before a row comes into view. */
const MARGIN = { rootMargin: "200px 0px" };

/**
 * Shows pictures of the rows in view only, and lets go of their memory once they are out of it. Browsers look at all that
 * is observed in every frame: thousands of rows are too many, so it is their blocks, and the rows of the blocks in view.
 */
export class Previews {
  private readonly files = new WeakMap<Element, File>();
  private readonly blocksInView = new WeakSet<Element>();
  private readonly blocks = new IntersectionObserver((entries) => this.lookAtBlocks(entries), MARGIN);
  private readonly tiles = new IntersectionObserver((entries) => this.lookAtTiles(entries), MARGIN);

  watchBlock(block: Element): void {
    this.blocks.observe(block);
  }

  unwatchBlock(block: Element): void {
    this.blocks.unobserve(block);
  }

  /** `tile` holds the `<img>`; where the browser cannot show the file it stays hidden, and the tile names the type. */
  watch(tile: HTMLElement, file: File): void {
    tile.dataset["type"] = /\.([a-z0-9]{2,4})$/i.exec(file.name)?.[1]?.toUpperCase() ?? "";
    if (file.size > 0) this.files.set(tile, file);
  }

  /** Whenever its row has come to a block. */
  placed(tile: Element, block: Element): void {
    if (this.blocksInView.has(block)) this.tiles.observe(tile);
    else this.rest(tile);
  }

  unwatch(tile: Element): void {
    this.files.delete(tile);
    this.rest(tile);
  }

  private rest(tile: Element): void {
    this.tiles.unobserve(tile);
    hide(tile);
  }

  private lookAtBlocks(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.blocksInView.add(target);
      else this.blocksInView.delete(target);
      for (const tile of target.querySelectorAll(".tile")) this.placed(tile, target);
    }
  }

  private lookAtTiles(entries: IntersectionObserverEntry[]): void {
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
