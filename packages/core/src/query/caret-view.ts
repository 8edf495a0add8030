/** Characters shown on either side of the caret. */
const MARGIN = 40

/**
 * Returns which character of `text` is at `offset` (UTF-16 units), counted from 1, and two lines that
 * show it: the text, cut where it is long, and a caret below the character.
 */
export function caretView(
  text: string,
  offset: number,
): { readonly character: number; readonly view: string } {
  const before = Array.from(text.slice(0, offset))
  const after = Array.from(text.slice(offset, offset + 2 * MARGIN))
  const shownBefore = before.length > MARGIN ? ['…', ...before.slice(1 - MARGIN)] : before
  const isCut = after.length > MARGIN
  const shownAfter = isCut ? [...after.slice(0, MARGIN - 1), '…'] : after
  const line = [...shownBefore, ...shownAfter].join('').replaceAll(/[\p{C}\p{Z}]/gu, ' ')
  return {
    character: before.length + 1,
    view: `${line}\n${' '.repeat(shownBefore.length)}^`,
  }
}
