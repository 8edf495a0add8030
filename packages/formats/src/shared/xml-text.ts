/** Returns whether XML can hold these characters at all. */
export function isXmlText(text: string): boolean {
  return !FORBIDDEN.test(text)
}

/** Returns text with what XML gives a meaning escaped, for between tags and in double quotes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/gu, (character) => ESCAPES.get(character) ?? character)
}

/** Characters that no XML document can hold, escaped or not: controls, lone surrogates. */
const FORBIDDEN = /(?![\t\n\r\u007f-\u009f])[\p{Cc}\p{Cs}\ufffe\uffff]/u

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\r', '&#13;'],
])
