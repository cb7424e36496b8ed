/**
 * What CLIENT SETNAME and SETINFO accept: printable ASCII without spaces, so that CLIENT LIST stays
 * one line of words.
 */

export function isClientAttribute(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 33 || code > 126) return false;
  }
  return true;
}
