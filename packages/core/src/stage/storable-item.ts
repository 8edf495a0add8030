import { isDsvError } from '@dsv/store'
import { formatSyntax } from '../errors.ts'
import type { ReadContext } from '../format/format-adapter.ts'
import type { SourceItem } from '../model/item.ts'

/** What is wrong with one item alone: a number, text or name that no record can hold, or its content. */
const OF_ONE_ITEM: ReadonlySet<string> = new Set([
  'DSV_RECORD_INVALID',
  'DSV_ITEM_KEY_INVALID',
  'DSV_FORMAT_SYNTAX',
])

/**
 * Returns what `encode` makes of an item. An item that cannot be stored (infinite numbers, half a
 * character, a key `__proto__`, content that cannot be unpacked) is reported and gives undefined when
 * such are skipped.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the media file, the item and the place in it
 */
export async function storableItem<Encoded>(
  source: SourceItem,
  { onError, onProblem }: Pick<ReadContext, 'onError' | 'onProblem'>,
  encode: () => Promise<Encoded>,
): Promise<Encoded | undefined> {
  try {
    return await encode()
  } catch (error) {
    if (!isDsvError(error) || !OF_ONE_ITEM.has(error.code)) throw error
    const problem = isDsvError(error, 'DSV_FORMAT_SYNTAX') ? error : notStorable(source, error)
    if (onError === 'fail') throw problem
    onProblem({ file: String(problem.details['file']), message: problem.message })
    return undefined
  }
}

function notStorable(
  { subset, id, media }: SourceItem,
  error: Error,
): ReturnType<typeof formatSyntax> {
  const name = JSON.stringify(`${subset}/${id}`)
  const problem = `item ${name} cannot be stored: ${error.message.replace(/\.$/u, '')}`
  return formatSyntax(media[0]?.path ?? `${subset}/${id}`, problem, error)
}
