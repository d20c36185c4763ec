/** Left behind by operating systems in folders of photos; nobody chose to send these. */
const CLUTTER = new Set(["thumbs.db", "desktop.ini", "ehthumbs.db"]);

/** Whether a file in a folder is the system's own: hidden files, and the caches of previews. */
export function isClutter(name: string): boolean {
  return name.startsWith(".") || CLUTTER.has(name.toLowerCase());
}

/** A file and where in the chosen folder it lies; `path` is its name where no folder was chosen. */
export interface Found {
  file: File;
  path: string;
}

/**
 * The files of a drop, folders included, however deep. Must be called before the drop event returns: the browser forgets
 * the items afterwards. What cannot be read (a folder without permission) is left out.
 */
export function filesOfDrop(transfer: DataTransfer): Promise<Found[]> {
  const entries = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map((item) => item.webkitGetAsEntry());
  const known = entries.filter((entry) => entry !== null);
  if (known.length > 0) return walk(known);
  return Promise.resolve([...transfer.files].map((file) => ({ file, path: file.name })));
}

/** All files below these entries, in the order of the folders. */
export async function walk(entries: FileSystemEntry[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const entry of entries) await visit(entry, found, "dropped");
  return found;
}

async function visit(entry: FileSystemEntry, found: Found[], from: "dropped" | "folder"): Promise<void> {
  if (entry.isFile) {
    if (from === "folder" && isClutter(entry.name)) return;
    const file = await fileOf(entry as FileSystemFileEntry);
    if (file) found.push({ file, path: entry.fullPath });
  } else if (entry.isDirectory) {
    for (const child of await childrenOf(entry as FileSystemDirectoryEntry))
      await visit(child, found, "folder");
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File | undefined> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(undefined)));
}

/** `readEntries` answers in portions (a hundred in Chromium), and says that it has finished with an empty one. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (portion.length === 0) return children;
    children.push(...portion);
  }
}
