/** Returns text in double quotes, as ICDAR writes it: a backslash before quotes and backslashes. */
export function quoteText(text: string): string {
  return `"${text.replaceAll(/["\\]/gu, '\\$&')}"`
}

/** Returns the text between quotes; text without quotes as it is. */
export function unquoteText(text: string): string {
  const isQuoted = text.length > 1 && text.startsWith('"') && text.endsWith('"')
  return isQuoted ? text.slice(1, -1).replaceAll(/\\(["\\])/gu, '$1') : text
}

/** Returns text without line breaks, which a line cannot hold. */
export function onOneLine(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+/gu, ' ')
}
