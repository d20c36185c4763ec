/** The server's limit, in characters (Unicode code points). */
const LONGEST = 255;
const LONGEST_EXTENSION = 20;

/**
 * A file's name as the server takes it: any script, at most 255 characters, never empty. Half a surrogate pair, which a
 * file system may hold but JSON may not, becomes U+FFFD; a name that is too long loses the end of its stem.
 */
export function fileNameForServer(name: string): string {
  const characters = [...name.replace(/\p{Surrogate}/gu, "\uFFFD").replaceAll("\0", "\uFFFD")];
  if (characters.length === 0) return "photo";
  if (characters.length <= LONGEST) return characters.join("");
  const dot = characters.lastIndexOf(".");
  const extension = dot > 0 && characters.length - dot <= LONGEST_EXTENSION ? characters.slice(dot) : [];
  return [...characters.slice(0, LONGEST - extension.length), ...extension].join("");
}
