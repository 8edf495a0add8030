/** A piece of a page. Only functions of this folder make one, and they escape every text they are given. */
export interface Markup {
  readonly html: string
}

/** Characters that mean something in HTML, and control characters, which mean nothing and may steer a terminal. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const SPECIAL = /[&<>"'\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/gu

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Returns text as it is written into HTML, inside and outside of attributes. */
export function escapeText(text: string): string {
  return text.replaceAll(SPECIAL, (character) => ENTITIES[character] ?? '\uFFFD')
}

/** Returns at most so many UTF-16 units of a text, the last an ellipsis where something is missing. */
export function clipText(text: string, most: number): string {
  if (text.length <= most) return text
  // Half of a character is none.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`
}
