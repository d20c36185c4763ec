import type { Previews } from "./previews.ts";
import type { Row } from "./row.ts";

const BLOCK_ROWS = 50;

/** A list whose rows stand in blocks: what is out of view costs a browser some blocks, and not thousands of rows. */
export class RowBlocks {
  /** Blocks that have gained or lost rows in this task. */
  private readonly changed = new Set<HTMLElement>();

  constructor(
    private readonly list: HTMLElement,
    private readonly previews: Previews,
  ) {}

  /** Puts a row behind all others. */
  append({ item, tile }: Row): void {
    const last = this.list.lastElementChild;
    const block = last instanceof HTMLElement && last.childElementCount < BLOCK_ROWS ? last : this.addBlock();
    block.append(item);
    this.countLater(block);
    this.previews.placed(tile, block);
  }

  remove({ item }: Row): void {
    const block = item.parentElement;
    item.remove();
    if (block?.hasChildNodes()) return this.countLater(block);
    if (block) this.previews.unwatchBlock(block);
    block?.remove();
  }

  private addBlock(): HTMLElement {
    const block = document.createElement("div");
    block.className = "block";
    this.list.append(block);
    this.previews.watchBlock(block);
    return block;
  }

  /** A block that nobody has seen yet is as high as it will be, or the list would jump. */
  private countLater(block: HTMLElement): void {
    if (this.changed.size === 0) queueMicrotask(() => this.count());
    this.changed.add(block);
  }

  private count(): void {
    for (const block of this.changed) block.style.setProperty("--rows", `${block.childElementCount}`);
    this.changed.clear();
  }
}
