/**
 * The colours that `paintOf` uses, then what steers a terminal: control characters, and those that turn the
 * direction of writing around.
 */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const STEERING = /\u001B\[(?:[012]|22|3[1236]|39)m|[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu

/**
 * Returns text that cannot steer a terminal, whoever wrote it: what could is shown as `\u001b`, which in
 * JSON means the same. Ends of lines, tabs and, with `useColor`, our own colours stay.
 */
export function printable(text: string, useColor: boolean): string {
  return text.replaceAll(STEERING, (found) => {
    if (found === '\n' || found === '\t' || (found.length > 1 && useColor)) return found
    // Of a colour only the first character steers.
    const code = found.charCodeAt(0).toString(16).padStart(4, '0')
    return String.raw`\u${code}` + found.slice(1)
  })
}
