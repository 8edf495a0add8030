import { printable } from './printable.ts'

const MOST_LENGTH = 80

/**
 * Returns text as code in Markdown, on one line: whoever wrote it, nothing in it is a link, a mention, HTML, the end
 * of a table cell or a command of GitLab. Characters that would be are shown as JSON writes them.
 *
 * @param most - Longer text is cut
 */
export function markdownCode(text: string, most: number = MOST_LENGTH): string {
  // No character has more than two units.
  const characters = Array.from(text.slice(0, 2 * most + 1))
  const cut = characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text
  const safe = printable(cut, false).replaceAll(
    /[\n\t|\p{Zl}\p{Zp}]/gu,
    (found) => String.raw`\u` + found.charCodeAt(0).toString(16).padStart(4, '0'),
  )
  const longest = Math.max(0, ...[...safe.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  // Without blanks a backtick at an end would belong to the fence; of those on both sides one is taken away.
  const isPadded = longest > 0 || /^\s|\s$|^$/u.test(safe)
  return isPadded ? `${fence} ${safe === '' ? '(empty)' : safe} ${fence}` : fence + safe + fence
}
